//! uniq: neighbouring lines that are the same.

use super::filter::{Filter, Flow, Start, filtering, options};
use super::support::Spec;
use crate::sys::Sys;

#[derive(Clone, Hash)]
pub struct Uniq {
    count: bool,
    repeated: bool,
    unique: bool,
    ignore_case: bool,
    skip_fields: usize,
    skip_chars: usize,
    /// Characters compared at most.
    most: usize,
    last: Option<(Vec<u8>, u64)>,
}

impl Uniq {
    fn key(&self, line: &[u8]) -> String {
        let text = String::from_utf8_lossy(line);
        let mut rest: &str = &text;
        for _ in 0..self.skip_fields {
            rest = rest.trim_start();
            rest = rest.get(rest.find(char::is_whitespace).unwrap_or(rest.len())..).unwrap_or("");
        }
        let key: String = rest.chars().skip(self.skip_chars).take(self.most).collect();
        if self.ignore_case { key.to_lowercase() } else { key }
    }
    fn put(&mut self, sys: &mut Sys<'_>) {
        let Some((line, times)) = self.last.take() else { return };
        if (self.repeated && times < 2) || (self.unique && times > 1) {
            return;
        }
        let mut out = if self.count { format!("{times:7} ").into_bytes() } else { Vec::new() };
        out.extend(line);
        out.push(b'\n');
        sys.write(1, &out);
    }
}

impl Filter for Uniq {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        if let Some((last, _)) = &self.last
            && self.key(last) == self.key(line)
        {
            if let Some((_, times)) = &mut self.last {
                *times += 1;
            }
            return Flow::More;
        }
        self.put(sys);
        self.last = Some((line.to_vec(), 1));
        Flow::More
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        self.put(sys);
        i32::from(failed)
    }
}

pub fn uniq(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "cduif:s:w:",
        long: &[
            ("count", 'c'),
            ("repeated", 'd'),
            ("unique", 'u'),
            ("ignore-case", 'i'),
            ("skip-fields=", 'f'),
            ("skip-chars=", 's'),
            ("check-chars=", 'w'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let number = |letter| opts.value(letter).and_then(|v| v.parse().ok()).unwrap_or(0);
    let uniq = Uniq {
        count: opts.has('c'),
        repeated: opts.has('d'),
        unique: opts.has('u'),
        ignore_case: opts.has('i'),
        skip_fields: number('f'),
        skip_chars: number('s'),
        most: if opts.has('w') { number('w') } else { usize::MAX },
        last: None,
    };
    filtering(uniq, opts.args.get(..1).unwrap_or(&[]))
}
