//! Making files and folders: mkdir, touch, truncate.

use super::chmod::parse_mode;
use super::support::{Flavor, Opts, Spec, done, flavor, is_dir, usage};
use crate::errno::Errno;
use crate::sys::Sys;

pub fn mkdir(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec =
        Spec { short: "pvm:", long: &[("parents", 'p'), ("verbose", 'v'), ("mode=", 'm')], code: 1 };
    let opts = match Opts::with_operands(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let busybox = flavor(sys) == Flavor::Busybox;
    let mut code = 0;
    for path in &opts.args {
        let mut parts: Vec<String> = Vec::new();
        if opts.has('p') {
            let trimmed = path.trim_end_matches('/');
            parts.extend(
                trimmed
                    .match_indices('/')
                    .filter(|(at, _)| *at > 0)
                    .filter_map(|(at, _)| trimmed.get(..at))
                    .map(String::from),
            );
        }
        parts.push(path.to_string());
        for part in parts {
            match sys.mkdir(&part, 0o777) {
                Ok(()) => {
                    if opts.has('v') {
                        sys.print(&format!("mkdir: created directory '{part}'\n"));
                    }
                    if part == **path
                        && let Some(mode) = opts.value('m').and_then(|m| parse_mode(m, 0o777, 0, true))
                    {
                        let _ = sys.chmod(&part, mode);
                    }
                }
                Err(Errno::Eexist) if opts.has('p') && is_dir(sys, &part) => {}
                Err(errno) => {
                    let text = if busybox {
                        format!("can't create directory '{part}': {errno}")
                    } else {
                        format!("cannot create directory '{part}': {errno}")
                    };
                    code = done(sys, 1, &text);
                    break;
                }
            }
        }
    }
    code
}

pub fn touch(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "acmd:t:r:h",
        long: &[("no-create", 'c'), ("date=", 'd'), ("reference=", 'r')],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.args.is_empty() {
        return usage(sys, 1, "missing file operand");
    }
    let mut time = sys.unix();
    if let Some(text) = opts.value('d') {
        match super::date::parse(text, time) {
            Some(parsed) => time = parsed,
            None => return done(sys, 1, &format!("invalid date format '{text}'")),
        }
    }
    if let Some(file) = opts.value('r') {
        match sys.stat(file) {
            Ok(stat) => time = stat.mtime,
            Err(errno) => return done(sys, 1, &format!("failed to get attributes of '{file}': {errno}")),
        }
    }
    if let Some(text) = opts.value('t') {
        let (digits, seconds) = text.split_once('.').unwrap_or((text, "00"));
        let part = |from: usize| digits.get(from..from + 2).and_then(|p| p.parse::<i64>().ok());
        let base = digits.len().saturating_sub(8);
        let year = match base {
            4 => digits.get(..4).and_then(|y| y.parse().ok()),
            2 => digits.get(..2).and_then(|y| y.parse::<i64>().ok()).map(|y| 2000 + y),
            _ => Some(drydock_machinery::time::Timestamp(time).civil().year),
        };
        match (year, part(base), part(base + 2), part(base + 4), part(base + 6)) {
            (Some(year), Some(month), Some(day), Some(hour), Some(minute)) => {
                let days = drydock_machinery::time::days_from_civil(year, month as u32, day as u32);
                time = days * 86_400 + hour * 3600 + minute * 60 + seconds.parse::<i64>().unwrap_or(0);
            }
            _ => return done(sys, 1, &format!("invalid date format '{text}'")),
        }
    }
    let mut code = 0;
    for path in &opts.args {
        if opts.has('c') && sys.stat(path).is_err() {
            continue;
        }
        if let Err(errno) = sys.touch(path, time) {
            let text = if flavor(sys) == Flavor::Busybox {
                format!("{path}: {errno}")
            } else {
                format!("cannot touch '{path}': {errno}")
            };
            code = done(sys, 1, &text);
        }
    }
    code
}

pub fn truncate(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec { short: "s:c", long: &[("size=", 's'), ("no-create", 'c')], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let Some(text) = opts.value('s') else {
        return usage(sys, 1, "you must specify either '--size' or '--reference'");
    };
    let Some(size) = super::head::count(text.trim_start_matches('+')) else {
        return done(sys, 1, &format!("Invalid number: '{text}'"));
    };
    let mut code = 0;
    for path in &opts.args {
        if sys.stat(path).is_err() && !opts.has('c') {
            let _ = sys.write_file(path, b"", false);
        }
        let old = sys.stat(path).map_or(0, |s| s.size as i64);
        let wanted = if text.starts_with(['+', '-']) { old + size } else { size };
        if let Err(errno) = sys.truncate(path, wanted.max(0) as u64) {
            code = done(sys, 1, &format!("cannot open '{path}' for writing: {errno}"));
        }
    }
    code
}
