//! shuf: lines, words or a range of numbers in an order drawn from the world's own chance.

use super::filter::{Start, ended, gathering, options};
use super::support::{Opts, Spec, done, usage};
use crate::sys::Sys;

pub fn shuf(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "ei:n:o:rz",
        long: &[
            ("echo", 'e'),
            ("input-range=", 'i'),
            ("head-count=", 'n'),
            ("output=", 'o'),
            ("repeat", 'r'),
            ("zero-terminated", 'z'),
            ("random-source=", 'R'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    if let Some(count) = opts.value('n')
        && count.parse::<u64>().is_err()
    {
        return ended(done(sys, 1, &format!("invalid line count: '{count}'")));
    }
    if let Some(text) = opts.value('i') {
        let range =
            text.split_once('-').and_then(|(a, b)| Some((a.parse::<i64>().ok()?, b.parse::<i64>().ok()?)));
        return match range {
            Some((low, high)) if low <= high + 1 && high - low < 1_000_000 => {
                let lines = (low..=high).map(|n| n.to_string().into_bytes()).collect();
                ended(shuffled(sys, &opts, lines))
            }
            _ => ended(done(sys, 1, &format!("invalid input range: '{text}'"))),
        };
    }
    if opts.has('e') {
        let lines = opts.args.iter().map(|a| a.as_bytes().to_vec()).collect();
        return ended(shuffled(sys, &opts, lines));
    }
    if let Some(extra) = opts.args.get(1) {
        return ended(usage(sys, 1, &format!("extra operand '{extra}'")));
    }
    let files = opts.args.clone();
    gathering(opts, &files, |sys, opts, data| {
        let end = if opts.has('z') { 0 } else { b'\n' };
        let data = data.strip_suffix(&[end]).unwrap_or(data);
        let lines = if data.is_empty() {
            Vec::new()
        } else {
            data.split(|b| *b == end).map(<[u8]>::to_vec).collect()
        };
        shuffled(sys, opts, lines)
    })
}

fn shuffled(sys: &mut Sys<'_>, opts: &Opts, mut lines: Vec<Vec<u8>>) -> i32 {
    let most = opts.value('n').and_then(|n| n.parse::<usize>().ok());
    let random = &mut sys.machines.clock.random;
    let mut draw = |below: usize| random.below(below.max(1) as u64) as usize;
    let chosen: Vec<Vec<u8>> = if opts.has('r') {
        let many = most.unwrap_or(100_000).min(100_000);
        (0..many).filter_map(|_| lines.get(draw(lines.len())).cloned()).collect()
    } else {
        for at in (1..lines.len()).rev() {
            lines.swap(at, draw(at + 1));
        }
        lines.truncate(most.unwrap_or(usize::MAX));
        lines
    };
    let end = if opts.has('z') { 0 } else { b'\n' };
    let mut out = Vec::new();
    for line in chosen {
        out.extend(line);
        out.push(end);
    }
    match opts.value('o') {
        Some(file) => match sys.write_file(file, &out, false) {
            Ok(()) => 0,
            Err(errno) => done(sys, 1, &format!("{file}: {errno}")),
        },
        None => {
            sys.write(1, &out);
            0
        }
    }
}
