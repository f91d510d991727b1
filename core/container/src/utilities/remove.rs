//! Removing files and folders: rm, rmdir, unlink.

use super::support::{Flavor, Opts, Spec, base_of, done, flavor, join, usage};
use crate::errno::Errno;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use drydock_machinery::limits;

pub fn rmdir(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "pv",
        long: &[("parents", 'p'), ("verbose", 'v'), ("ignore-fail-on-non-empty", 'i')],
        code: 1,
    };
    let opts = match Opts::with_operands(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
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
pub(super) fn remove(sys: &mut Sys<'_>, path: &str, opts: &Opts, depth: usize) -> bool {
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

pub fn unlink(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let Some(path) = args.get(1).cloned() else { return usage(sys, 1, "missing operand") };
    match sys.unlink(&path) {
        Ok(()) => 0,
        Err(errno) => done(sys, 1, &format!("cannot unlink '{path}': {errno}")),
    }
}
