//! Links: ln, readlink, realpath.

use super::copy::targets;
use super::support::{Flavor, Opts, Spec, base_of, done, flavor, is_dir, join};
use crate::errno::Errno;
use crate::sys::Sys;
use crate::sys_fs::FileKind;

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
    let opts = match Opts::with_operands(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
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
    let opts = match Opts::with_operands(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
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
