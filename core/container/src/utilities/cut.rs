//! cut: bytes, characters or fields of each line.

use super::filter::{Filter, Flow, Start, ended, filtering, options};
use super::support::{Spec, usage};
use crate::sys::Sys;
use std::sync::Arc;

/// Ranges of `cut`: sorted is not needed, membership is asked.
#[derive(Clone, Hash)]
pub struct Cut {
    /// 'b', 'c' or 'f'.
    by: char,
    ranges: Vec<(usize, usize)>,
    delimiter: u8,
    output: Option<Arc<str>>,
    only: bool,
    complement: bool,
}

impl Cut {
    fn wants(&self, at: usize) -> bool {
        self.ranges.iter().any(|(a, b)| (*a..=*b).contains(&at)) != self.complement
    }
}

impl Filter for Cut {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        let mut out: Vec<u8> = Vec::new();
        if self.by == 'f' {
            if !line.contains(&self.delimiter) {
                if !self.only {
                    sys.write(1, &[line, b"\n"].concat());
                }
                return Flow::More;
            }
            let fields = line.split(|b| *b == self.delimiter).enumerate();
            let chosen: Vec<&[u8]> = fields.filter(|(at, _)| self.wants(at + 1)).map(|(_, f)| f).collect();
            let own = [self.delimiter];
            let separator = self.output.as_ref().map_or(own.as_slice(), |o| o.as_bytes());
            out = chosen.join(separator);
        } else if self.by == 'c' {
            let text = String::from_utf8_lossy(line);
            let chosen = text.chars().enumerate().filter(|(at, _)| self.wants(at + 1)).map(|(_, c)| c);
            out.extend(chosen.collect::<String>().into_bytes());
        } else {
            out.extend(line.iter().enumerate().filter(|(at, _)| self.wants(at + 1)).map(|(_, b)| *b));
        }
        out.push(b'\n');
        sys.write(1, &out);
        Flow::More
    }
}

fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    list.split(',')
        .map(|part| {
            let (from, to) = match part.split_once('-') {
                Some((from, to)) => (
                    if from.is_empty() { 1 } else { from.parse().ok()? },
                    if to.is_empty() { usize::MAX } else { to.parse().ok()? },
                ),
                None => {
                    let one = part.parse().ok()?;
                    (one, one)
                }
            };
            (from >= 1 && to >= from).then_some((from, to))
        })
        .collect()
}

pub fn cut(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "b:c:f:d:sn",
        long: &[
            ("bytes=", 'b'),
            ("characters=", 'c'),
            ("fields=", 'f'),
            ("delimiter=", 'd'),
            ("only-delimited", 's'),
            ("output-delimiter=", 'o'),
            ("complement", 'C'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let Some(by) = opts.last_of("bcf") else {
        return ended(usage(sys, 1, "you must specify a list of bytes, characters, or fields"));
    };
    let list = opts.value(by).unwrap_or("");
    let Some(ranges) = ranges(list) else {
        let what = if by == 'f' { "field" } else { "byte/character" };
        let text = match list.split(',').any(|p| p == "0" || p.starts_with("0-")) {
            true if by == 'f' => "fields are numbered from 1".to_string(),
            true => "byte/character positions are numbered from 1".to_string(),
            false => format!("invalid {what} value '{list}'"),
        };
        return ended(usage(sys, 1, &text));
    };
    let delimiter = opts.value('d').unwrap_or("\t");
    if delimiter.len() > 1 {
        return ended(usage(sys, 1, "the delimiter must be a single character"));
    }
    let cut = Cut {
        by,
        ranges,
        delimiter: delimiter.bytes().next().unwrap_or(0),
        output: opts.value('o').map(Arc::from),
        only: opts.has('s'),
        complement: opts.has('C'),
    };
    filtering(cut, &opts.args)
}
