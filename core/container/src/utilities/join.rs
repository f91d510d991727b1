//! join: lines of two sorted files that share a field.

use super::filter::{Start, ended, gathering, options};
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
    // The file that is stdin is gathered; the other is read when the work begins.
    let streamed = if &**first == "-" { first.clone() } else { second.clone() };
    gathering(opts.clone(), &[streamed], joined)
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

fn joined(sys: &mut Sys<'_>, opts: &Opts, data: &[u8]) -> i32 {
    let [first, second] = opts.args.as_slice() else { return 1 };
    let other = if &**first == "-" { second } else { first };
    let other_text = match sys.read_file(other) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(errno) => return done(sys, 1, &format!("{other}: {errno}")),
    };
    let own = String::from_utf8_lossy(data).into_owned();
    let (one, two) = if &**first == "-" { (own, other_text) } else { (other_text, own) };
    let place = |letter: char| {
        let text = opts.value(letter).or(opts.value('j')).unwrap_or("1");
        text.parse::<usize>().ok().filter(|n| *n > 0).map(|n| n - 1)
    };
    let (Some(k1), Some(k2)) = (place('1'), place('2')) else {
        return done(sys, 1, "invalid field number: '0'");
    };
    let separator = opts.value('t').and_then(|t| t.chars().next());
    let (left, right) = (rows(&one, k1, separator, opts.has('i')), rows(&two, k2, separator, opts.has('i')));
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
        for (rows, file, text) in [(&left, first, &one), (&right, second, &two)] {
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
