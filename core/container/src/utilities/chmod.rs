//! chmod, chown, chgrp.

use super::accounts::{group_id, user_id};
use super::support::{Opts, Spec, done, is_dir, join, usage};
use crate::sys::Sys;

/// The mode a symbolic or octal word makes of `old`; none if it cannot be read.
#[must_use]
pub fn parse_mode(word: &str, old: u16, umask: u16, directory: bool) -> Option<u16> {
    if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
        return u16::from_str_radix(word, 8).ok().filter(|m| *m <= 0o7777);
    }
    let mut mode = old;
    for clause in word.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, mut rest) = clause.split_at(at);
        let mut mask = 0u16;
        for c in who.chars() {
            mask |= match c {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                'a' => 0o7777,
                _ => return None,
            };
        }
        let effective = if who.is_empty() { 0o7777 & !umask } else { mask };
        while let Some(operator) = rest.chars().next() {
            if !matches!(operator, '+' | '-' | '=') {
                return None;
            }
            rest = rest.get(1..)?;
            let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
            let (permissions, after) = rest.split_at(end);
            rest = after;
            let mut bits = 0u16;
            for c in permissions.chars() {
                bits |= match c {
                    'r' => 0o444,
                    'w' => 0o222,
                    'x' => 0o111,
                    'X' if directory || old & 0o111 != 0 => 0o111,
                    'X' => 0,
                    's' => 0o6000,
                    't' => 0o1000,
                    'u' => ((mode >> 6) & 7) * 0o111,
                    'g' => ((mode >> 3) & 7) * 0o111,
                    'o' => (mode & 7) * 0o111,
                    _ => return None,
                };
            }
            bits &= effective;
            mode = match operator {
                '+' => mode | bits,
                '-' => mode & !bits,
                _ => (mode & !(if who.is_empty() { 0o777 } else { mask & 0o777 })) | bits,
            };
        }
    }
    Some(mode)
}

/// Applies `change` to a path and, if asked, to all below it.
fn walk(
    sys: &mut Sys<'_>,
    path: &str,
    recursive: bool,
    depth: usize,
    change: &mut dyn FnMut(&mut Sys<'_>, &str) -> bool,
) -> bool {
    let mut good = change(sys, path);
    let real_directory = sys.lstat(path).is_ok_and(|s| s.kind == crate::sys_fs::FileKind::Directory);
    if recursive && real_directory && depth < drydock_machinery::limits::DEPTH {
        for name in sys.list(path).unwrap_or_default() {
            good &= walk(sys, &join(path, &name), true, depth + 1, change);
        }
    }
    good
}

pub fn chmod(sys: &mut Sys<'_>) -> i32 {
    // `chmod -x file` is a mode, not an option.
    let args: Vec<_> = sys.args().iter().skip(1).cloned().collect();
    let (mut recursive, mut tell) = (false, ' ');
    let mut words: Vec<std::sync::Arc<str>> = Vec::new();
    for arg in args {
        match &*arg {
            "-R" | "--recursive" => recursive = true,
            "-v" | "--verbose" => tell = 'v',
            "-c" | "--changes" => tell = 'c',
            "-f" | "--silent" | "--quiet" | "--" => {}
            _ => match arg.strip_prefix("--reference=") {
                Some(file) => match sys.stat(file) {
                    Ok(stat) => words.insert(0, format!("{:o}", stat.mode & 0o7777).into()),
                    Err(errno) => {
                        return done(sys, 1, &format!("failed to get attributes of '{file}': {errno}"));
                    }
                },
                None => words.push(arg),
            },
        }
    }
    let Some((mode, files)) = words.split_first() else { return usage(sys, 1, "missing operand") };
    if files.is_empty() {
        return usage(sys, 1, &format!("missing operand after '{mode}'"));
    }
    let umask = sys.process().map_or(0o022, |p| p.umask);
    if parse_mode(mode, 0, umask, false).is_none() {
        return usage(sys, 1, &format!("invalid mode: '{mode}'"));
    }
    let mut good = true;
    for file in files {
        good &= walk(sys, file, recursive, 0, &mut |sys, path| {
            let directory = is_dir(sys, path);
            let old = match sys.stat(path) {
                Ok(stat) => stat.mode,
                Err(errno) => {
                    done(sys, 1, &format!("cannot access '{path}': {errno}"));
                    return false;
                }
            };
            let mut new = parse_mode(mode, old & 0o7777, umask, directory).unwrap_or(old);
            // Fewer than five digits leave a folder's set-id bits as they are.
            if directory && mode.len() < 5 && mode.chars().all(|c| c.is_digit(8)) {
                new |= old & 0o6000;
            }
            let (before, after) = (super::list::permissions(old), super::list::permissions(new));
            match sys.chmod(path, new) {
                Ok(()) if tell == 'v' && old == new => {
                    sys.print(&format!("mode of '{path}' retained as {:04o} ({after})\n", new & 0o7777));
                    true
                }
                Ok(()) if matches!(tell, 'v' | 'c') && old != new => {
                    let (old, new) = (old & 0o7777, new & 0o7777);
                    sys.print(&format!(
                        "mode of '{path}' changed from {old:04o} ({before}) to {new:04o} ({after})\n"
                    ));
                    true
                }
                Ok(()) => true,
                Err(errno) => {
                    done(sys, 1, &format!("changing permissions of '{path}': {errno}"));
                    false
                }
            }
        });
    }
    i32::from(!good)
}

pub fn chown(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "RvcfhHLP",
        long: &[("recursive", 'R'), ("verbose", 'v'), ("no-dereference", 'h')],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let group_only = super::support::own_name(sys) == "chgrp";
    let Some((owner, files)) = opts.args.split_first() else { return usage(sys, 1, "missing operand") };
    if files.is_empty() {
        return usage(sys, 1, &format!("missing operand after '{owner}'"));
    }
    let (user, group) = match (group_only, owner.split_once([':', '.'])) {
        (true, _) => ("", &**owner),
        (false, Some((user, group))) => (user, group),
        (false, None) => (&**owner, ""),
    };
    let uid = if user.is_empty() { None } else { user_id(sys, user) };
    let gid = if group.is_empty() { None } else { group_id(sys, group) };
    if !user.is_empty() && uid.is_none() {
        return done(sys, 1, &format!("invalid user: '{owner}'"));
    }
    if !group.is_empty() && gid.is_none() {
        return done(sys, 1, &format!("invalid group: '{owner}'"));
    }
    let mut good = true;
    for file in files {
        good &= walk(sys, file, opts.has('R'), 0, &mut |sys, path| match sys.chown(path, uid, gid) {
            Ok(()) => true,
            Err(crate::Errno::Enoent) => {
                done(sys, 1, &format!("cannot access '{path}': No such file or directory"));
                false
            }
            Err(errno) => {
                let what = if group_only { "group" } else { "ownership" };
                done(sys, 1, &format!("changing {what} of '{path}': {errno}"));
                false
            }
        });
    }
    i32::from(!good)
}
