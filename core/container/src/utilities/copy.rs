//! Copying and moving: cp, mv.

use super::remove::remove;
use super::support::{Flavor, Opts, Spec, base_of, done, flavor, is_dir, join, usage};
use crate::errno::Errno;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use drydock_machinery::limits;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

/// Copies a file or tree. False after a complaint.
pub(super) fn copy(sys: &mut Sys<'_>, from: &str, to: &str, opts: &Opts, depth: usize) -> bool {
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
            names.arrange();
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
pub(super) fn copy_program(sys: &mut Sys<'_>, from: &str, to: &str) -> Result<(), (bool, Errno)> {
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
pub(super) type Targets = (Vec<Arc<str>>, Arc<str>, bool);

pub(super) fn targets(sys: &mut Sys<'_>, opts: &Opts) -> Result<Targets, i32> {
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
            Ok(_) if flavor(sys) == Flavor::Gnu => format!("target '{target}': Not a directory"),
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
        if let (Ok(a), Ok(b)) = (sys.lstat(source), sys.lstat(&to))
            && (a.device, a.ino) == (b.device, b.ino)
        {
            good = done(sys, 1, &format!("'{source}' and '{to}' are the same file")) == 0;
            continue;
        }
        // A slash at the end asks for a folder.
        let folder = sys.lstat(source).is_ok_and(|s| s.kind == FileKind::Directory);
        let mut moved = if to.ends_with('/') && !into && !folder && sys.lstat(source).is_ok() {
            Err(Errno::Enotdir)
        } else {
            sys.rename(source, &to)
        };
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
