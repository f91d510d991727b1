//! join: lines of two sorted files that share a field.

use super::filter::{Filter, Flow, Start, ended, filtering, options};
use super::support::{Opts, Spec, done, usage};
use crate::sys::Sys;
use std::cmp::Ordering;
use std::sync::Arc;

pub fn join(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "1:2:j:t:a:v:e:o:iz",
        long: &[("ignore-case", 'i'), ("header", 'H'), ("check-order", 'c'), ("nocheck-order", 'C')],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let [first, second] = opts.args.as_slice() else {
        let text = match opts.args.as_slice() {
            [] => "missing operand".into(),
            [one] => format!("missing operand after '{one}'"),
            [_, _, extra, ..] => format!("extra operand '{extra}'"),
            _ => String::new(),
        };
        return ended(usage(sys, 1, &text));
    };
    if first == second && &**first == "-" {
        return ended(done(sys, 1, "both files cannot be standard input"));
    }
    let files = [first.clone(), second.clone()];
    filtering(Joining { opts, texts: Vec::new() }, &files)
}

/// Reads both files, pipes among them, and joins them at the end.
#[derive(Clone, Hash)]
struct Joining {
    opts: Opts,
    texts: Vec<Vec<u8>>,
}

impl Filter for Joining {
    fn raw(&self) -> bool {
        true
    }
    fn file(&mut self, _: &mut Sys<'_>, _: &Arc<str>) {
        self.texts.push(Vec::new());
    }
    fn line(&mut self, _: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        let Some(text) = self.texts.last_mut() else { return Flow::Stop };
        text.extend_from_slice(bytes);
        if text.len() > drydock_machinery::limits::FILE_BYTES { Flow::NextFile } else { Flow::More }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        match self.texts.as_slice() {
            [one, two] if !failed => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                joined(sys, &self.opts, &text(one), &text(two))
            }
            _ => 1,
        }
    }
}

struct Row {
    key: String,
    fields: Vec<String>,
}

fn rows(text: &str, key: usize, separator: Option<char>, fold: bool) -> Vec<Row> {
    text.lines()
        .map(|line| {
            let fields: Vec<String> = match separator {
                Some(c) => line.split(c).map(String::from).collect(),
                None => line.split_whitespace().map(String::from).collect(),
            };
            let key = fields.get(key).cloned().unwrap_or_default();
            Row { key: if fold { key.to_lowercase() } else { key }, fields }
        })
        .collect()
}

fn joined(sys: &mut Sys<'_>, opts: &Opts, one: &str, two: &str) -> i32 {
    let [first, second] = opts.args.as_slice() else { return 1 };
    let place = |letter: char| {
        let text = opts.value(letter).or(opts.value('j')).unwrap_or("1");
        text.parse::<usize>().ok().filter(|n| *n > 0).map(|n| n - 1)
    };
    let (Some(k1), Some(k2)) = (place('1'), place('2')) else {
        return done(sys, 1, "invalid field number: '0'");
    };
    let separator = opts.value('t').and_then(|t| t.chars().next());
    let (left, right) = (rows(one, k1, separator, opts.has('i')), rows(two, k2, separator, opts.has('i')));
    let glue = separator.unwrap_or(' ').to_string();
    let empty = opts.value('e').unwrap_or("").to_string();
    let shape: Option<Vec<Arc<str>>> =
        opts.value('o').map(|o| o.split([',', ' ']).filter(|p| !p.is_empty()).map(Arc::from).collect());
    let show = |a: Option<&Row>, b: Option<&Row>| -> String {
        let or_empty =
            |f: Option<&String>| f.filter(|f| !f.is_empty()).cloned().unwrap_or_else(|| empty.clone());
        let key = || a.and_then(|r| r.fields.get(k1)).or(b.and_then(|r| r.fields.get(k2)));
        let mut out = Vec::new();
        match &shape {
            Some(shape) if shape.first().is_none_or(|s| &**s != "auto") => {
                for part in shape {
                    out.push(match part.split_once('.') {
                        Some((file, n)) => {
                            let row = if file == "1" { a } else { b };
                            let at = n.parse::<usize>().unwrap_or(1).wrapping_sub(1);
                            or_empty(row.and_then(|r| r.fields.get(at)))
                        }
                        None => or_empty(key()),
                    });
                }
            }
            _ => {
                out.push(or_empty(key()));
                for (row, skip) in [(a, k1), (b, k2)] {
                    let Some(row) = row else { continue };
                    out.extend(row.fields.iter().enumerate().filter(|f| f.0 != skip).map(|f| f.1.clone()));
                }
            }
        }
        out.join(&glue) + "\n"
    };
    let alone = |n: &str| opts.values('a').iter().chain(&opts.values('v')).any(|v| &**v == n);
    let pairs = !opts.has('v');
    let (mut i, mut j) = (0, 0);
    let mut out = String::new();
    if opts.has('H')
        && let (Some(a), Some(b)) = (left.first(), right.first())
    {
        out.push_str(&show(Some(a), Some(b)));
        (i, j) = (1, 1);
    }
    loop {
        let order = match (left.get(i), right.get(j)) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.key.cmp(&b.key),
        };
        match order {
            Ordering::Less => {
                if alone("1") {
                    out.push_str(&show(left.get(i), None));
                }
                i += 1;
            }
            Ordering::Greater => {
                if alone("2") {
                    out.push_str(&show(None, right.get(j)));
                }
                j += 1;
            }
            Ordering::Equal => {
                let key = left.get(i).map(|r| r.key.clone()).unwrap_or_default();
                let ends = |rows: &[Row], from: usize| {
                    from + rows.iter().skip(from).take_while(|r| r.key == key).count()
                };
                let (i2, j2) = (ends(&left, i), ends(&right, j));
                if pairs {
                    for a in left.get(i..i2).unwrap_or(&[]) {
                        for b in right.get(j..j2).unwrap_or(&[]) {
                            out.push_str(&show(Some(a), Some(b)));
                        }
                        if out.len() > drydock_machinery::limits::FILE_BYTES {
                            return done(sys, 1, "memory exhausted");
                        }
                    }
                }
                (i, j) = (i2, j2);
            }
        }
    }
    let mut code = 0;
    if !opts.has('C') {
        for (rows, file, text) in [(&left, first, one), (&right, second, two)] {
            let bad = rows.windows(2).position(|w| matches!(w, [a, b] if a.key > b.key));
            if let Some(at) = bad {
                let line = text.lines().nth(at + 1).unwrap_or("").to_string();
                code = done(sys, 1, &format!("{file}:{}: is not sorted: {line}", at + 2));
            }
        }
    }
    sys.print(&out);
    if code != 0 {
        code = done(sys, 1, "input is not in sorted order");
    }
    code
}
