//! tr: sets with ranges, classes and repeats.

use super::filter::{Filter, Flow, Start, ended, filtering};
use super::support::{Opts, Spec, own_name, usage};
use crate::shell::escape::{Style, unescape};
use crate::sys::Sys;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Tr {
    from: Vec<char>,
    to: Vec<char>,
    complement: bool,
    delete: bool,
    squeeze: bool,
    last: Option<char>,
    partial: Vec<u8>,
}

/// A set of characters as tr writes it.
fn set(text: &str) -> Vec<char> {
    let (bytes, _) = unescape(text, Style::Format);
    let chars: Vec<char> = String::from_utf8_lossy(&bytes).chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        if c == '[' && chars.get(at + 1) == Some(&':') {
            let name: String = chars.iter().skip(at + 2).take_while(|c| c.is_ascii_alphabetic()).collect();
            let end = at + 2 + name.len();
            if chars.get(end) == Some(&':') && chars.get(end + 1) == Some(&']') {
                out.extend((0u8..128).map(char::from).filter(|c| crate::shell::glob::in_class(&name, *c)));
                at = end + 2;
                continue;
            }
        }
        if chars.get(at + 1) == Some(&'-')
            && let Some(to) = chars.get(at + 2).copied()
            && to >= c
        {
            out.extend(c..=to);
            at += 3;
            continue;
        }
        out.push(c);
        at += 1;
    }
    out
}

impl Tr {
    fn is_in(&self, c: char) -> bool {
        self.from.contains(&c) != self.complement
    }
    fn map(&self, c: char) -> char {
        let last = self.to.last().copied().unwrap_or(c);
        if self.complement {
            return last;
        }
        match self.from.iter().position(|f| *f == c) {
            Some(at) => self.to.get(at).copied().unwrap_or(last),
            None => c,
        }
    }
}

impl Filter for Tr {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, sys: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        self.partial.extend_from_slice(bytes);
        // A character may be cut in two between reads.
        let whole = match std::str::from_utf8(&self.partial) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => self.partial.len(),
        };
        let rest = self.partial.split_off(whole);
        let text = String::from_utf8_lossy(&self.partial).into_owned();
        self.partial = rest;
        let mut out = String::new();
        let translates = !self.to.is_empty() && !self.delete;
        for c in text.chars() {
            let inside = self.is_in(c);
            if self.delete && inside {
                continue;
            }
            let c = if translates && inside { self.map(c) } else { c };
            let squeezes = self.squeeze
                && if translates || (self.delete && !self.to.is_empty()) {
                    self.to.contains(&c)
                } else {
                    inside
                };
            if squeezes && self.last == Some(c) {
                continue;
            }
            self.last = Some(c);
            out.push(c);
        }
        sys.print(&out);
        Flow::More
    }
}

pub fn tr(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "cCdst",
        long: &[("complement", 'c'), ("delete", 'd'), ("squeeze-repeats", 's'), ("truncate-set1", 't')],
        code: 1,
    };
    let given: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    let opts = match Opts::parse_leading(sys, &SPEC, &given) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let (delete, squeeze) = (opts.has('d'), opts.has('s'));
    let Some(first) = opts.args.first() else { return ended(usage(sys, 1, "missing operand")) };
    if opts.args.len() < 2 && !delete && !squeeze {
        let name = own_name(sys);
        sys.eprint(&format!("{name}: missing operand after '{first}'\nTwo strings must be given when translating.\nTry '{name} --help' for more information.\n"));
        return ended(1);
    }
    let tr = Tr {
        from: set(first),
        to: opts.args.get(1).map(|t| set(t)).unwrap_or_default(),
        complement: opts.has('c') || opts.has('C'),
        delete,
        squeeze,
        last: None,
        partial: Vec::new(),
    };
    filtering(tr, &[])
}
