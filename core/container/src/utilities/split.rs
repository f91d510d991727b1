//! split: a file into pieces by lines, bytes or number. Left out: filters, round robin.

use super::filter::{Start, ended, gathering, options};
use super::support::{Opts, Spec, done, usage};
use crate::sys::Sys;

pub fn split(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "l:b:C:n:dxa:et:",
        long: &[
            ("lines=", 'l'),
            ("bytes=", 'b'),
            ("line-bytes=", 'C'),
            ("number=", 'n'),
            ("numeric-suffixes?", 'd'),
            ("hex-suffixes?", 'x'),
            ("suffix-length=", 'a'),
            ("additional-suffix=", 'S'),
            ("elide-empty-files", 'e'),
            ("verbose", 'v'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    if let Some(extra) = opts.args.get(2) {
        return ended(usage(sys, 1, &format!("extra operand '{extra}'")));
    }
    for (letter, what) in [('l', "lines"), ('b', "bytes"), ('C', "bytes"), ('n', "chunks")] {
        if let Some(text) = opts.value(letter)
            && super::head::count(text.trim_start_matches("l/")).is_none_or(|n| n <= 0)
        {
            let zero = text.trim_matches('0').is_empty() && !text.is_empty();
            let why = if zero { ": Numerical result out of range" } else { "" };
            return ended(done(sys, 1, &format!("invalid number of {what}: '{text}'{why}")));
        }
    }
    if let Some(first) = opts.args.first()
        && &**first != "-"
        && let Err(errno) = sys.stat(first)
    {
        return ended(done(sys, 1, &format!("cannot open '{first}' for reading: {errno}")));
    }
    let files = opts.args.get(..opts.args.len().min(1)).unwrap_or(&[]).to_vec();
    gathering(opts, &files, pieces)
}

/// `aa`, `ab`, …: the name of piece `n`.
fn suffix(mut n: usize, width: usize, digits: &[u8]) -> Option<String> {
    let mut out = vec![0u8; width];
    for place in out.iter_mut().rev() {
        *place = *digits.get(n % digits.len())?;
        n /= digits.len();
    }
    (n == 0).then(|| String::from_utf8_lossy(&out).into_owned())
}

fn pieces(sys: &mut Sys<'_>, opts: &Opts, data: &[u8]) -> i32 {
    let number = |letter| {
        let text = opts.value(letter)?;
        usize::try_from(super::head::count(text.trim_start_matches("l/"))?).ok()
    };
    let lines: Vec<&[u8]> = data.split_inclusive(|b| *b == b'\n').collect();
    let parts: Vec<Vec<u8>> = if let Some(size) = number('b') {
        data.chunks(size.max(1)).map(<[u8]>::to_vec).collect()
    } else if let Some(size) = number('C') {
        let mut out: Vec<Vec<u8>> = Vec::new();
        for line in lines {
            match out.last_mut().filter(|l| l.len() + line.len() <= size) {
                Some(last) => last.extend_from_slice(line),
                None => out.extend(line.chunks(size.max(1)).map(<[u8]>::to_vec)),
            }
        }
        out
    } else if let Some(many) = number('n') {
        let many = many.clamp(1, 10_000);
        let by_line = opts.value('n').is_some_and(|t| t.starts_with("l/"));
        let size = data.len() / many;
        let mut out: Vec<Vec<u8>> = vec![Vec::new(); many];
        if by_line {
            let mut at = 0;
            for line in lines {
                let piece = (at / size.max(1)).min(many - 1);
                at += line.len();
                if let Some(piece) = out.get_mut(piece) {
                    piece.extend_from_slice(line);
                }
            }
        } else {
            for (n, piece) in out.iter_mut().enumerate() {
                let end = if n + 1 == many { data.len() } else { (n + 1) * size };
                *piece = data.get(n * size..end).unwrap_or(&[]).to_vec();
            }
        }
        out
    } else {
        lines.chunks(number('l').unwrap_or(1000).max(1)).map(|c| c.concat()).collect()
    };
    let digits: &[u8] = match opts.last_of("dx") {
        Some('d') => b"0123456789",
        Some(_) => b"0123456789abcdef",
        None => b"abcdefghijklmnopqrstuvwxyz",
    };
    let from = opts.value('d').and_then(|d| d.parse().ok()).unwrap_or(0);
    let width = opts.value('a').and_then(|a| a.parse().ok()).unwrap_or(2);
    let prefix = opts.args.get(1).map_or("x", |p| p).to_string();
    let tail = opts.value('S').unwrap_or("").to_string();
    for (n, part) in parts.iter().enumerate() {
        if part.is_empty() && opts.has('e') {
            continue;
        }
        let Some(name) = suffix(n + from, width, digits) else {
            return done(sys, 1, "output file suffixes exhausted");
        };
        let name = format!("{prefix}{name}{tail}");
        if opts.has('v') {
            sys.print(&format!("creating file '{name}'\n"));
        }
        if let Err(errno) = sys.write_file(&name, part, false) {
            return done(sys, 1, &format!("{name}: {errno}"));
        }
    }
    0
}
