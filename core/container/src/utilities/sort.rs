//! sort: keys, numeric, human, version, reverse, unique, stable, check. By bytes, as in the C locale.

use super::filter::options;
use super::filter::{Filter, Flow, ended, filtering};
use super::support::{Spec, done};
use crate::sys::Sys;
use drydock_machinery::sort::Arrange;
use std::cmp::Ordering;
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Order {
    numeric: bool,
    human: bool,
    version: bool,
    reverse: bool,
    fold: bool,
    blanks: bool,
    month: bool,
}

impl Order {
    fn add(&mut self, letter: char) -> bool {
        match letter {
            'n' | 'g' => self.numeric = true,
            'h' => self.human = true,
            'V' => self.version = true,
            'r' => self.reverse = true,
            'f' => self.fold = true,
            'b' => self.blanks = true,
            'M' => self.month = true,
            'd' | 'i' => {}
            _ => return false,
        }
        true
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    order: Order,
}

#[derive(Clone, Hash)]
pub struct Sort {
    lines: Vec<Arc<str>>,
    keys: Vec<Key>,
    order: Order,
    separator: Option<char>,
    unique: bool,
    stable: bool,
    check: bool,
    /// The file being read, for `-c`.
    name: Arc<str>,
    output: Option<Arc<str>>,
    /// `-z`: lines end in NUL.
    zero: bool,
}

/// The number a text begins with, in thousandths of nothing: compared digit by digit would be exact,
/// here 128-bit fixed point serves.
fn number(text: &str) -> i128 {
    let text = text.trim_start();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |d| (true, d));
    let mut value: i128 = 0;
    let mut fraction = None;
    for c in digits.chars() {
        match (c.to_digit(10), fraction) {
            (Some(digit), None) => value = value.saturating_mul(10).saturating_add(i128::from(digit)),
            (Some(digit), Some(places)) if places < 9 => {
                value = value.saturating_mul(10).saturating_add(i128::from(digit));
                fraction = Some(places + 1);
            }
            (Some(_), Some(_)) => {}
            (None, None) if c == '.' => fraction = Some(0),
            _ => break,
        }
    }
    let scaled = value.saturating_mul(10i128.pow(9 - fraction.unwrap_or(0)));
    if negative { -scaled } else { scaled }
}

fn human(text: &str) -> i128 {
    let trimmed = text.trim_start();
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(trimmed.len());
    let power =
        trimmed.get(end..).and_then(|t| t.chars().next()).and_then(|c| "KMGTPE".find(c.to_ascii_uppercase()));
    number(trimmed).saturating_mul(1024i128.pow(power.map_or(0, |p| p as u32 + 1)))
}

/// Runs of digits compare as numbers.
#[must_use]
pub fn version_order(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left, right);
    loop {
        let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
        let others = |t: &str| t.bytes().take_while(|b| !b.is_ascii_digit()).count();
        let (na, nb) = (others(a), others(b));
        let words = a.get(..na).cmp(&b.get(..nb));
        if words != Ordering::Equal {
            return words;
        }
        a = a.get(na..).unwrap_or("");
        b = b.get(nb..).unwrap_or("");
        let (da, db) = (digits(a), digits(b));
        if da == 0 && db == 0 {
            return a.cmp(b);
        }
        let value = |t: &str, n: usize| t.get(..n).unwrap_or("").parse::<u64>().unwrap_or(0);
        let numbers = value(a, da).cmp(&value(b, db));
        if numbers != Ordering::Equal {
            return numbers;
        }
        a = a.get(da..).unwrap_or("");
        b = b.get(db..).unwrap_or("");
    }
}

fn compare(left: &str, right: &str, order: &Order) -> Ordering {
    let (left, right) = if order.blanks { (left.trim_start(), right.trim_start()) } else { (left, right) };
    let found = if order.numeric {
        number(left).cmp(&number(right))
    } else if order.human {
        human(left).cmp(&human(right))
    } else if order.version {
        version_order(left, right)
    } else if order.month {
        month(left).cmp(&month(right))
    } else if order.fold {
        left.to_uppercase().cmp(&right.to_uppercase())
    } else {
        left.cmp(right)
    };
    if order.reverse { found.reverse() } else { found }
}

fn month(text: &str) -> usize {
    const NAMES: [&str; 12] =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let upper = text.trim_start().to_uppercase();
    NAMES.iter().position(|n| upper.starts_with(n)).map_or(0, |at| at + 1)
}

impl Sort {
    fn field<'a>(&self, line: &'a str, key: &Key) -> &'a str {
        // Places of fields: with a separator between them, else blanks lead each field.
        let mut starts = vec![0];
        match self.separator {
            Some(separator) => starts.extend(
                line.char_indices().filter(|(_, c)| *c == separator).map(|(at, c)| at + c.len_utf8()),
            ),
            None => {
                let mut was_blank = true;
                for (at, c) in line.char_indices() {
                    let blank = c == ' ' || c == '\t';
                    if blank && !was_blank {
                        starts.push(at);
                    }
                    was_blank = blank;
                }
            }
        }
        let place = |field: usize, chars: usize, at_end: bool| -> usize {
            let Some(start) = starts.get(field.saturating_sub(1)).copied() else { return line.len() };
            let end =
                starts.get(field).map_or(line.len(), |next| next - usize::from(self.separator.is_some()));
            if at_end && chars == 0 {
                return end;
            }
            let mut from = start;
            if key.order.blanks {
                let rest = line.get(start..end).unwrap_or("");
                from += rest.len() - rest.trim_start().len();
            }
            let skip = if at_end { chars } else { chars.saturating_sub(1) };
            (from + skip).min(if at_end { line.len() } else { end })
        };
        let from = place(key.from.0, key.from.1, false);
        let to = key.to.map_or(line.len(), |(field, chars)| place(field, chars, true));
        line.get(from..to.max(from)).unwrap_or("")
    }
    fn compare(&self, left: &str, right: &str) -> Ordering {
        if self.keys.is_empty() {
            return compare(left, right, &self.order);
        }
        for key in &self.keys {
            let order = if key.order == Order::default() { &self.order } else { &key.order };
            let found = compare(self.field(left, key), self.field(right, key), order);
            if found != Ordering::Equal {
                return found;
            }
        }
        Ordering::Equal
    }
    fn full(&self, left: &str, right: &str) -> Ordering {
        let found = self.compare(left, right);
        if found != Ordering::Equal || self.stable || self.unique {
            return found;
        }
        let last = left.cmp(right);
        if self.order.reverse { last.reverse() } else { last }
    }
}

impl Filter for Sort {
    fn separator(&self) -> u8 {
        if self.zero { 0 } else { b'\n' }
    }
    fn file(&mut self, _: &mut Sys<'_>, name: &Arc<str>) {
        if self.check {
            self.name = name.clone();
        }
    }
    fn line(&mut self, _: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        self.lines.push(String::from_utf8_lossy(line).as_ref().into());
        Flow::More
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: crate::Errno) {
        if errno == crate::Errno::Eisdir {
            done(sys, 2, &format!("read failed: {name}: {errno}"));
        } else {
            done(sys, 2, &format!("cannot read: {name}: {errno}"));
        }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        if failed {
            return 2;
        }
        if self.check {
            for (at, pair) in self.lines.windows(2).enumerate() {
                if let [left, right] = pair {
                    let found = self.full(left, right);
                    if found == Ordering::Greater || (self.unique && found == Ordering::Equal) {
                        return done(sys, 1, &format!("{}:{}: disorder: {right}", self.name, at + 2));
                    }
                }
            }
            return 0;
        }
        let mut lines = std::mem::take(&mut self.lines);
        lines.arrange_by(|a, b| self.full(a, b));
        if self.unique {
            lines.dedup_by(|b, a| self.compare(a, b) == Ordering::Equal);
        }
        let mut out = String::new();
        for line in lines {
            out.push_str(&line);
            out.push(if self.zero { '\0' } else { '\n' });
        }
        match self.output.clone() {
            Some(file) => match sys.write_file(&file, out.as_bytes(), false) {
                Ok(()) => 0,
                Err(errno) => done(sys, 2, &format!("open failed: {file}: {errno}")),
            },
            None => {
                sys.print(&out);
                0
            }
        }
    }
}

fn key(text: &str) -> Option<Key> {
    let mut order = Order::default();
    let mut position = |text: &str| -> Option<(usize, usize)> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (place, letters) = text.split_at(end);
        if !letters.chars().all(|c| order.add(c)) {
            return None;
        }
        let (field, chars) = place.split_once('.').unwrap_or((place, "0"));
        Some((field.parse().ok().filter(|f| *f > 0)?, chars.parse().ok()?))
    };
    let (from, to) = match text.split_once(',') {
        Some((from, to)) => (position(from)?, Some(position(to)?)),
        None => (position(text)?, None),
    };
    Some(Key { from, to, order })
}

pub fn sort(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "nghVrfbMdiuscmCk:t:o:z",
        long: &[
            ("numeric-sort", 'n'),
            ("general-numeric-sort", 'g'),
            ("human-numeric-sort", 'h'),
            ("version-sort", 'V'),
            ("reverse", 'r'),
            ("ignore-case", 'f'),
            ("ignore-leading-blanks", 'b'),
            ("unique", 'u'),
            ("stable", 's'),
            ("check?", 'c'),
            ("merge", 'm'),
            ("zero-terminated", 'z'),
            ("key=", 'k'),
            ("field-separator=", 't'),
            ("output=", 'o'),
        ],
        code: 2,
    };
    let opts = options!(sys, SPEC);
    let mut order = Order::default();
    for (letter, _) in &opts.given {
        order.add(*letter);
    }
    let mut keys = Vec::new();
    for text in opts.values('k') {
        match key(&text) {
            Some(key) => keys.push(key),
            None => {
                return ended(done(
                    sys,
                    2,
                    &format!("invalid number at field start: invalid count at start of '{text}'"),
                ));
            }
        }
    }
    let sort = Sort {
        lines: Vec::new(),
        keys,
        order,
        separator: opts.value('t').and_then(|t| if t == "\\0" { Some('\0') } else { t.chars().next() }),
        unique: opts.has('u'),
        stable: opts.has('s'),
        check: opts.has('c') || opts.has('C'),
        name: "-".into(),
        output: opts.value('o').map(Arc::from),
        zero: opts.has('z'),
    };
    filtering(sort, &opts.args)
}
