//! cp, mv, rm, mkdir, rmdir, touch, ln, readlink, realpath, truncate, unlink, install.

use super::chmod::parse_mode;
use super::support::{Flavor, Opts, Spec, base_of, done, flavor, is_dir, join, usage};
use crate::errno::Errno;
use crate::sys::Sys;
use crate::sys_fs::{FileKind, Stat};
use drydock_machinery::limits;
use std::sync::Arc;

/// Kilobytes a file takes on disk, as ls and du count them.
#[must_use]
pub fn blocks(stat: &Stat) -> u64 {
    match stat.kind {
        FileKind::Symlink | FileKind::Device => 0,
        FileKind::Directory => 4,
        FileKind::File => stat.size.div_ceil(4096) * 4,
    }
}

pub fn mkdir(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec =
        Spec { short: "pvm:", long: &[("parents", 'p'), ("verbose", 'v'), ("mode=", 'm')], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.args.is_empty() {
        return usage(sys, 1, "missing operand");
    }
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

pub fn rmdir(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "pv",
        long: &[("parents", 'p'), ("verbose", 'v'), ("ignore-fail-on-non-empty", 'i')],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.args.is_empty() {
        return usage(sys, 1, "missing operand");
    }
    let mut code = 0;
    for path in &opts.args {
        let mut at = Some(path.trim_end_matches('/').to_string());
        while let Some(dir) = at.take() {
            match sys.rmdir(&dir) {
                Ok(()) => {
                    at = opts
                        .has('p')
                        .then(|| dir.rsplit_once('/').map(|(d, _)| d.to_string()))
                        .flatten()
                        .filter(|d| !d.is_empty())
                }
                Err(Errno::Enotempty) if opts.has('i') => {}
                Err(errno) => {
                    let text = if flavor(sys) == Flavor::Busybox {
                        format!("'{path}': {errno}")
                    } else {
                        format!("failed to remove '{path}': {errno}")
                    };
                    code = done(sys, 1, &text);
                }
            }
        }
    }
    code
}

/// Removes a path and, if asked, everything below it. False after a complaint.
fn remove(sys: &mut Sys<'_>, path: &str, opts: &Opts, depth: usize) -> bool {
    let busybox = flavor(sys) == Flavor::Busybox;
    let stat = match sys.lstat(path) {
        Ok(stat) => stat,
        Err(Errno::Enoent | Errno::Enotdir) if opts.has('f') => return true,
        Err(errno) => {
            let text = if busybox {
                format!("can't remove '{path}': {errno}")
            } else {
                format!("cannot remove '{path}': {errno}")
            };
            done(sys, 1, &text);
            return false;
        }
    };
    if stat.kind == FileKind::Directory {
        if !(opts.has('r') || opts.has('R')) {
            if opts.has('d') {
                return match sys.rmdir(path) {
                    Ok(()) => true,
                    Err(errno) => {
                        done(sys, 1, &format!("cannot remove '{path}': {errno}"));
                        false
                    }
                };
            }
            let text = if busybox {
                format!("'{path}' is a directory")
            } else {
                format!("cannot remove '{path}': Is a directory")
            };
            done(sys, 1, &text);
            return false;
        }
        if depth > limits::DEPTH {
            return false;
        }
        let mut good = true;
        for name in sys.list(path).unwrap_or_default() {
            good &= remove(sys, &join(path, &name), opts, depth + 1);
        }
        if !good {
            return false;
        }
        return match sys.rmdir(path) {
            Ok(()) => {
                if opts.has('v') {
                    sys.print(&format!("removed directory '{path}'\n"));
                }
                true
            }
            Err(errno) => {
                done(sys, 1, &format!("cannot remove '{path}': {errno}"));
                false
            }
        };
    }
    match sys.unlink(path) {
        Ok(()) => {
            if opts.has('v') {
                sys.print(&format!("removed '{path}'\n"));
            }
            true
        }
        Err(errno) => {
            let text = if busybox {
                format!("can't remove '{path}': {errno}")
            } else {
                format!("cannot remove '{path}': {errno}")
            };
            done(sys, 1, &text);
            false
        }
    }
}

pub fn rm(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "rRfivdI",
        long: &[
            ("recursive", 'r'),
            ("force", 'f'),
            ("verbose", 'v'),
            ("dir", 'd'),
            ("interactive?", 'i'),
            ("no-preserve-root", 'N'),
            ("preserve-root?", 'P'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.args.is_empty() {
        return if opts.has('f') { 0 } else { usage(sys, 1, "missing operand") };
    }
    let mut good = true;
    for path in &opts.args {
        let last = base_of(path);
        if last == "." || last == ".." {
            good = false;
            done(sys, 1, &format!("refusing to remove '.' or '..' directory: skipping '{path}'"));
            continue;
        }
        if path.trim_matches('/').is_empty()
            && path.starts_with('/')
            && (opts.has('r') || opts.has('R'))
            && !opts.has('N')
        {
            good = false;
            done(sys, 1, "it is dangerous to operate recursively on '/'");
            done(sys, 1, "use --no-preserve-root to override this failsafe");
            continue;
        }
        good &= remove(sys, path, &opts, 0);
    }
    i32::from(!good)
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
            _ => Some(super::date::civil(time).year),
        };
        match (year, part(base), part(base + 2), part(base + 4), part(base + 6)) {
            (Some(year), Some(month), Some(day), Some(hour), Some(minute)) => {
                let days = super::date::days_from_civil(year, month as u32, day as u32);
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

/// Copies a file or tree. False after a complaint.
fn copy(sys: &mut Sys<'_>, from: &str, to: &str, opts: &Opts, depth: usize) -> bool {
    let recursive = opts.has('r') || opts.has('R') || opts.has('a');
    let keep_links = opts.has('P') || opts.has('d') || (recursive && !opts.has('L'));
    let stat = if keep_links { sys.lstat(from) } else { sys.stat(from) };
    let stat = match stat {
        Ok(stat) => stat,
        Err(errno) => {
            let text = if flavor(sys) == Flavor::Busybox {
                format!("can't stat '{from}': {errno}")
            } else {
                format!("cannot stat '{from}': {errno}")
            };
            done(sys, 1, &text);
            return false;
        }
    };
    let preserve = opts.has('p') || opts.has('a');
    match stat.kind {
        FileKind::Directory => {
            if !recursive {
                let text = if flavor(sys) == Flavor::Busybox {
                    format!("omitting directory '{from}'")
                } else {
                    format!("-r not specified; omitting directory '{from}'")
                };
                done(sys, 1, &text);
                return false;
            }
            if depth > limits::DEPTH {
                return false;
            }
            let real = (sys.real_path(from), sys.real_path(to));
            if let (Ok(from_real), Ok(to_real)) = &real
                && (to_real.starts_with(&format!("{from_real}/")) || from_real == to_real)
            {
                done(sys, 1, &format!("cannot copy a directory, '{from}', into itself, '{to}'"));
                return false;
            }
            if !is_dir(sys, to)
                && let Err(errno) = sys.mkdir(to, stat.mode)
            {
                done(sys, 1, &format!("cannot create directory '{to}': {errno}"));
                return false;
            }
            let mut good = true;
            let mut names = sys.list(from).unwrap_or_default();
            names.sort();
            for name in names {
                good &= copy(sys, &join(from, &name), &join(to, &name), opts, depth + 1);
            }
            if preserve {
                let _ = sys.chown(to, Some(stat.uid), Some(stat.gid));
                let _ = sys.touch(to, stat.mtime);
            }
            good
        }
        FileKind::Symlink => {
            let target = stat.target.unwrap_or_default();
            let _ = sys.unlink(to);
            sys.symlink(&target, to).is_ok()
        }
        FileKind::File | FileKind::Device => {
            let same = |a: &Result<String, Errno>, b: &Result<String, Errno>| matches!((a, b), (Ok(a), Ok(b)) if a == b);
            if same(&sys.real_path(from), &sys.real_path(to)) {
                done(sys, 1, &format!("'{from}' and '{to}' are the same file"));
                return false;
            }
            if opts.has('n') && sys.lstat(to).is_ok() {
                return true;
            }
            let existed = sys.stat(to).is_ok();
            let outcome = match &stat.program {
                Some(_) => copy_program(sys, from, to),
                None => sys
                    .read_file(from)
                    .map_err(|e| (true, e))
                    .and_then(|bytes| sys.write_file(to, &bytes, false).map_err(|e| (false, e))),
            };
            match outcome {
                Ok(()) => {
                    if !existed {
                        let umask = if preserve { 0 } else { sys.process().map_or(0o022, |p| p.umask) };
                        let _ = sys.chmod(to, stat.mode & !umask);
                    }
                    if preserve {
                        let _ = sys.chown(to, Some(stat.uid), Some(stat.gid));
                        let _ = sys.touch(to, stat.mtime);
                    }
                    if opts.has('v') {
                        sys.print(&format!("'{from}' -> '{to}'\n"));
                    }
                    true
                }
                Err((reading, errno)) => {
                    let busybox = flavor(sys) == Flavor::Busybox;
                    let text = match (reading, busybox) {
                        (true, false) => format!("cannot open '{from}' for reading: {errno}"),
                        (true, true) => format!("can't open '{from}': {errno}"),
                        (false, true) => format!("can't create '{to}': {errno}"),
                        (false, false) if errno == Errno::Enotdir => {
                            format!("cannot create regular file '{to}': Not a directory")
                        }
                        (false, false) => format!("cannot create regular file '{to}': {errno}"),
                    };
                    done(sys, 1, &text);
                    false
                }
            }
        }
    }
}

/// A copy of an executable that stands for a built-in program.
fn copy_program(sys: &mut Sys<'_>, from: &str, to: &str) -> Result<(), (bool, Errno)> {
    sys.write_file(to, b"", false).map_err(|e| (false, e))?;
    let space = sys.process().map(|p| p.space).unwrap_or_default();
    let (from, to) =
        (sys.real_path(from).map_err(|e| (true, e))?, sys.real_path(to).map_err(|e| (false, e))?);
    let source = sys
        .machines
        .inode_at(space, &from)
        .map(|i| crate::filesystem::Inode::clone(&i))
        .ok_or((true, Errno::Enoent))?;
    let located = sys.machines.locate(space, &to);
    let target = sys.machines.filesystem_mut(space, located.volume).ok_or((false, Errno::Enoent))?;
    target.put(&located.path, source).map(|_| ()).map_err(|e| (false, e))
}

/// Sources and the target of cp, mv and ln, and whether the target is a folder to put them into.
type Targets = (Vec<Arc<str>>, Arc<str>, bool);

fn targets(sys: &mut Sys<'_>, opts: &Opts) -> Result<Targets, i32> {
    if let Some(target) = opts.value('t') {
        return Ok((opts.args.clone(), target.into(), true));
    }
    let Some((target, sources)) = opts.args.split_last() else {
        return Err(usage(sys, 1, "missing file operand"));
    };
    if sources.is_empty() {
        return Err(usage(sys, 1, &format!("missing destination file operand after '{target}'")));
    }
    let into = is_dir(sys, target) && !opts.has('T');
    if sources.len() > 1 && !into {
        let text = match sys.stat(target) {
            Err(_) if flavor(sys) == Flavor::Gnu => format!("target '{target}': No such file or directory"),
            _ => format!("target '{target}' is not a directory"),
        };
        return Err(done(sys, 1, &text));
    }
    Ok((sources.to_vec(), target.clone(), into))
}

pub fn cp(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "rRafinpvuPdLlst:THx",
        long: &[
            ("recursive", 'r'),
            ("archive", 'a'),
            ("force", 'f'),
            ("no-clobber", 'n'),
            ("verbose", 'v'),
            ("target-directory=", 't'),
            ("no-target-directory", 'T'),
            ("preserve?", 'p'),
            ("update", 'u'),
            ("dereference", 'L'),
            ("no-dereference", 'P'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let (sources, target, into) = match targets(sys, &opts) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let mut good = true;
    for source in &sources {
        let to = if into { join(&target, base_of(source)) } else { target.to_string() };
        good &= copy(sys, source, &to, &opts, 0);
    }
    i32::from(!good)
}

pub fn mv(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "finvut:T",
        long: &[
            ("force", 'f'),
            ("no-clobber", 'n'),
            ("verbose", 'v'),
            ("target-directory=", 't'),
            ("no-target-directory", 'T'),
            ("update", 'u'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let (sources, target, into) = match targets(sys, &opts) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let mut good = true;
    for source in &sources {
        let to = if into { join(&target, base_of(source)) } else { target.to_string() };
        if opts.has('n') && sys.lstat(&to).is_ok() {
            continue;
        }
        let mut moved = sys.rename(source, &to);
        if moved == Err(Errno::Exdev) {
            // Another filesystem: copy, then remove, as mv does.
            let all = Opts { given: vec![('a', None)], args: Vec::new() };
            moved = match copy(sys, source, &to, &all, 0) {
                true => {
                    remove(sys, source, &Opts { given: vec![('r', None), ('f', None)], args: Vec::new() }, 0);
                    Ok(())
                }
                false => {
                    good = false;
                    Ok(())
                }
            };
        }
        match moved {
            Ok(()) if opts.has('v') => sys.print(&format!("renamed '{source}' -> '{to}'\n")),
            Ok(()) => {}
            Err(errno) => {
                good = false;
                let busybox = flavor(sys) == Flavor::Busybox;
                let missing = sys.lstat(source).is_err();
                let text = match (busybox, missing, errno) {
                    (true, true, _) => format!("can't rename '{source}': {errno}"),
                    (true, ..) => format!("can't rename '{source}': {errno}"),
                    (false, true, _) => format!("cannot stat '{source}': {errno}"),
                    (_, _, Errno::Einval) => {
                        format!("cannot move '{source}' to a subdirectory of itself, '{to}'")
                    }
                    _ => format!("cannot move '{source}' to '{to}': {errno}"),
                };
                done(sys, 1, &text);
            }
        }
    }
    i32::from(!good)
}

pub fn ln(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "sfnvrt:T",
        long: &[
            ("symbolic", 's'),
            ("force", 'f'),
            ("no-dereference", 'n'),
            ("verbose", 'v'),
            ("relative", 'r'),
            ("target-directory=", 't'),
            ("no-target-directory", 'T'),
        ],
        code: 1,
    };
    let mut opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.args.len() == 1 {
        opts.args.push(".".into());
    }
    if opts.has('n')
        && let Some(last) = opts.args.last()
        && sys.lstat(last).is_ok_and(|s| s.kind == FileKind::Symlink)
    {
        opts.given.push(('T', None));
    }
    let (sources, target, into) = match targets(sys, &opts) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let mut code = 0;
    for source in &sources {
        let to = if into { join(&target, base_of(source)) } else { target.to_string() };
        if opts.has('f') {
            let _ = sys.unlink(&to);
        }
        let symbolic = opts.has('s');
        let made = if symbolic { sys.symlink(source, &to) } else { sys.link(source, &to) };
        match made {
            Ok(()) if opts.has('v') => sys.print(&format!("'{to}' -> '{source}'\n")),
            Ok(()) => {}
            Err(errno) => {
                let text = match symbolic {
                    _ if flavor(sys) == Flavor::Busybox => format!("{to}: {errno}"),
                    true => format!("failed to create symbolic link '{to}': {errno}"),
                    false if sys.stat(source).is_err() => format!("failed to access '{source}': {errno}"),
                    false if is_dir(sys, source) => format!("{source}: hard link not allowed for directory"),
                    false => format!("failed to create hard link '{to}': {errno}"),
                };
                code = done(sys, 1, &text);
            }
        }
    }
    code
}

pub fn readlink(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "femnqsvz",
        long: &[
            ("canonicalize", 'f'),
            ("canonicalize-existing", 'e'),
            ("canonicalize-missing", 'm'),
            ("no-newline", 'n'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.args.is_empty() {
        return usage(sys, 1, "missing operand");
    }
    let end = if opts.has('n') { "" } else { "\n" };
    let mut code = 0;
    for path in &opts.args {
        let found = match opts.last_of("fem") {
            None => sys.readlink(path).ok(),
            Some('m') => {
                Some(sys.real_path(path).unwrap_or_else(|_| crate::filesystem::normalise(&sys.cwd(), path)))
            }
            Some('e') => sys.real_path(path).ok().filter(|p| sys.stat(p).is_ok()),
            Some(_) => sys.real_path(path).ok(),
        };
        match found {
            Some(text) => sys.print(&format!("{text}{end}")),
            None => code = 1,
        }
    }
    code
}

pub fn realpath(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "emqsz",
        long: &[("canonicalize-existing", 'e'), ("canonicalize-missing", 'm'), ("no-symlinks", 's')],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.args.is_empty() {
        return usage(sys, 1, "missing operand");
    }
    let mut code = 0;
    for path in &opts.args {
        match sys.real_path(path) {
            Ok(real) if !opts.has('e') || sys.stat(&real).is_ok() => sys.print(&format!("{real}\n")),
            _ if opts.has('m') || opts.has('s') => {
                let text = crate::filesystem::normalise(&sys.cwd(), path);
                sys.print(&format!("{text}\n"));
            }
            outcome => {
                let errno = outcome.err().unwrap_or(Errno::Enoent);
                code = done(sys, 1, &format!("{path}: {errno}"));
            }
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
    let Some(size) = super::text::count(text.trim_start_matches('+')) else {
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

pub fn unlink(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let Some(path) = args.get(1).cloned() else { return usage(sys, 1, "missing operand") };
    match sys.unlink(&path) {
        Ok(()) => 0,
        Err(errno) => done(sys, 1, &format!("cannot unlink '{path}': {errno}")),
    }
}
