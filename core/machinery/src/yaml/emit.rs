//! The emitter: goyaml.v2's and libyaml's bytes for `kubectl -o yaml`. Keys in goyaml's natural
//! order, lists not indented below their key, long text folded after column 80 as kubectl does.

use super::resolve;
use super::style::{self, Style};
use crate::{Sym, Value};
use std::cmp::Ordering;
use std::fmt::Write;

/// Lines are folded at the first blank after this column.
const WIDTH: usize = 80;

/// The bytes of `kubectl -o yaml`, with a newline at the end.
#[must_use]
pub fn emit(value: &Value) -> String {
    let mut e = Emitter { out: String::new(), column: 0, indent: 0, blank: true, indention: true };
    e.node(value, false, true);
    e.out.push('\n');
    e.out
}

struct Emitter {
    out: String,
    column: usize,
    indent: usize,
    /// The last character was a blank or the line is new.
    blank: bool,
    /// Nothing but indentation and indicators stands on the line.
    indention: bool,
}

impl Emitter {
    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }
    fn new_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }
    fn write_indent(&mut self) {
        if !self.indention || self.column > self.indent || (self.column == self.indent && !self.blank) {
            self.new_line();
        }
        while self.column < self.indent {
            self.put(' ');
        }
        self.blank = true;
        self.indention = true;
    }
    fn indicator(&mut self, text: &str, needs_blank: bool, is_indention: bool) {
        if needs_blank && !self.blank {
            self.put(' ');
        }
        for c in text.chars() {
            self.put(c);
        }
        self.blank = false;
        self.indention &= is_indention;
    }
    fn node(&mut self, value: &Value, in_map: bool, root: bool) {
        match value {
            Value::Map(entries) if !entries.is_empty() => self.map(entries, root),
            Value::List(items) if !items.is_empty() => self.list(items, in_map && !self.indention, root),
            Value::Map(_) => self.indicator("{}", true, false),
            Value::List(_) => self.indicator("[]", true, false),
            _ => self.scalar(value, root),
        }
    }
    fn list(&mut self, items: &[Value], indentless: bool, root: bool) {
        let outer = self.indent;
        if !indentless && !root {
            self.indent += 2;
        }
        for item in items {
            self.write_indent();
            self.dash("-");
            self.node(item, false, false);
        }
        self.indent = outer;
    }
    /// An indicator that begins a nested block: `- ` and `? `.
    fn dash(&mut self, text: &str) {
        self.indicator(text, true, true);
        self.put(' ');
        self.blank = true;
    }
    fn map(&mut self, entries: &[(Sym, Value)], root: bool) {
        let outer = self.indent;
        if !root {
            self.indent += 2;
        }
        for (key, value) in sorted(entries.iter().collect()) {
            self.write_indent();
            if style::is_simple_key(key.text()) {
                self.string(key.text(), true, false);
                self.indicator(":", false, false);
            } else {
                self.indicator("?", true, true);
                self.string(key.text(), false, false);
                self.write_indent();
                self.indicator(":", true, true);
            }
            self.node(value, true, false);
        }
        self.indent = outer;
    }
    fn scalar(&mut self, value: &Value, root: bool) {
        let plain = match value {
            Value::Bool(b) => b.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Float(f) => match resolve::whole_or_float(*f) {
                Value::Int(n) => n.to_string(),
                _ => resolve::go_g(*f),
            },
            Value::Null => "null".into(),
            _ => return self.string(value.text(), false, root),
        };
        self.indicator(&plain, true, false);
    }
    fn string(&mut self, text: &str, key: bool, root: bool) {
        let outer = self.indent;
        if !root {
            self.indent += 2;
        } else {
            self.indent = 2;
        }
        match style::choose(text, key) {
            Style::Plain => self.plain(text, !key),
            Style::Single => self.single(text, !key),
            Style::Double => self.double(text, !key),
            Style::Literal => self.literal(text),
        }
        self.indent = outer;
    }
    fn write_break(&mut self, c: char) {
        if c == '\n' {
            self.new_line();
        } else {
            self.out.push(c);
            self.column = 0;
        }
    }
    fn plain(&mut self, text: &str, fold: bool) {
        if !self.blank {
            self.put(' ');
        }
        self.folded(text, fold, |_| true, false);
        self.blank = false;
        self.indention = false;
    }
    fn single(&mut self, text: &str, fold: bool) {
        self.indicator("'", true, false);
        let last = text.chars().count().saturating_sub(1);
        self.folded(text, fold, |at| at > 0 && at < last, true);
        self.indicator("'", false, false);
    }
    /// The body of a plain or single-quoted scalar; `may_fold` says at which characters.
    fn folded(&mut self, text: &str, fold: bool, may_fold: impl Fn(usize) -> bool, quoted: bool) {
        let (mut spaces, mut breaks) = (false, false);
        let mut chars = text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            if c == ' ' {
                let single_space = chars.peek().is_none_or(|(_, next)| *next != ' ');
                if fold && !spaces && self.column > WIDTH && may_fold(at) && single_space {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                spaces = true;
            } else if style::is_break(c) {
                if !breaks && c == '\n' {
                    self.new_line();
                }
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if quoted && c == '\'' {
                    self.put(c);
                }
                self.put(c);
                self.indention = false;
                (spaces, breaks) = (false, false);
            }
        }
    }
    fn double(&mut self, text: &str, fold: bool) {
        self.indicator("\"", true, false);
        // goyaml takes every character of a text that begins with a byte order mark for one.
        let marked = text.starts_with('\u{feff}');
        let last = text.chars().count().saturating_sub(1);
        let mut spaces = false;
        let mut chars = text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            if marked || !style::is_printable(c) || style::is_break(c) || c == '"' || c == '\\' {
                self.escape(c);
                spaces = false;
            } else if c == ' ' {
                if fold && !spaces && self.column > WIDTH && at > 0 && at < last {
                    self.write_indent();
                    if chars.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
        self.indicator("\"", false, false);
    }
    fn escape(&mut self, c: char) {
        let start = self.out.len();
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            '"' | '\\' => c,
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => ' ',
        };
        let code = c as u32;
        let _ = match (short, code) {
            (' ', ..=0xff) => write!(self.out, "\\x{code:02X}"),
            (' ', ..=0xffff) => write!(self.out, "\\u{code:04X}"),
            (' ', _) => write!(self.out, "\\U{code:08X}"),
            _ => write!(self.out, "\\{short}"),
        };
        self.column += self.out.len() - start;
    }
    fn literal(&mut self, text: &str) {
        self.indicator("|", true, false);
        if text.starts_with(|c| c == ' ' || style::is_break(c)) {
            self.indicator("2", false, false);
        }
        let mut from_end = text.chars().rev();
        match from_end.next() {
            Some(c) if style::is_break(c) => {
                if from_end.next().is_none_or(style::is_break) {
                    self.indicator("+", false, false);
                }
            }
            _ => self.indicator("-", false, false),
        }
        self.new_line();
        self.indention = true;
        self.blank = true;
        let mut at_start = true;
        for c in text.chars() {
            if style::is_break(c) {
                self.write_break(c);
                self.indention = true;
                at_start = true;
            } else {
                if at_start {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
                at_start = false;
            }
        }
        // The break that ends the last line is the emitter's own.
        if text.ends_with('\n') {
            self.out.pop();
            self.blank = false;
            self.indention = false;
            self.column = 1;
        }
    }
}

/// Merge sort by [`natural`], which is no total order (`2` < `10` < `1a` < `2`): the library's sort
/// may panic on such a thing.
fn sorted(mut entries: Vec<&(Sym, Value)>) -> Vec<&(Sym, Value)> {
    if entries.len() < 2 {
        return entries;
    }
    let right = sorted(entries.split_off(entries.len() / 2));
    let mut out = Vec::with_capacity(entries.len() + right.len());
    let mut right = right.into_iter().peekable();
    for left in sorted(entries) {
        while let Some(next) = right.next_if(|r| natural(r.0.text(), left.0.text()) == Ordering::Less) {
            out.push(next);
        }
        out.push(left);
    }
    out.extend(right);
    out
}

/// goyaml's order of keys: letters after everything else, digits by the number they make.
fn natural(a: &str, b: &str) -> Ordering {
    if a.bytes().chain(b.bytes()).all(|b| b.is_ascii_lowercase()) {
        return a.cmp(b);
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(ca, cb)| ca != cb) else { return a.len().cmp(&b.len()) };
    let (ca, cb) = (a.get(at).copied().unwrap_or(' '), b.get(at).copied().unwrap_or(' '));
    match (ca.is_alphabetic(), cb.is_alphabetic()) {
        (true, true) => ca.cmp(&cb),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => by_number(&a, &b, at).then(ca.cmp(&cb)),
    }
}

fn by_number(a: &[char], b: &[char], at: usize) -> Ordering {
    let is_digit = |c: &char| c.is_ascii_digit();
    let zero = a.get(at) == Some(&'0') || b.get(at) == Some(&'0');
    // A zero counts only behind other digits.
    let before = a.get(..at).unwrap_or(&[]).iter().rev().take_while(|c| is_digit(c));
    let lead = i64::from(zero && before.into_iter().any(|c| *c != '0'));
    let read = |text: &[char]| {
        let tail = text.get(at..).unwrap_or(&[]).iter().take_while(|c| is_digit(c));
        tail.fold((lead, 0), |(n, length), c| {
            let digit = i64::from(c.to_digit(10).unwrap_or(0));
            (n.wrapping_mul(10).wrapping_add(digit), length + 1)
        })
    };
    read(a).cmp(&read(b))
}
