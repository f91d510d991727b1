//! Names of files: basename, dirname, pwd, mktemp.

use super::support::{Opts, Spec, base_of, done, usage};
use crate::sys::Sys;

pub fn basename(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec =
        Spec { short: "as:z", long: &[("multiple", 'a'), ("suffix=", 's'), ("zero", 'z')], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let many = opts.has('a') || opts.has('s');
    let suffix = opts
        .value('s')
        .map(String::from)
        .or_else(|| (!many).then(|| opts.args.get(1).map(|s| s.to_string())).flatten());
    if opts.args.is_empty() {
        return usage(sys, 1, "missing operand");
    }
    if !many && opts.args.len() > 2 {
        let extra = opts.args.get(2).cloned().unwrap_or_default();
        return usage(sys, 1, &format!("extra operand '{extra}'"));
    }
    for name in opts.args.iter().take(if many { usize::MAX } else { 1 }) {
        let base = base_of(name);
        let shown =
            suffix.as_deref().and_then(|s| base.strip_suffix(s)).filter(|b| !b.is_empty()).unwrap_or(base);
        sys.print(&format!("{shown}\n"));
    }
    0
}

pub fn dirname(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    if args.len() < 2 {
        return usage(sys, 1, "missing operand");
    }
    for name in args.iter().skip(1) {
        let trimmed = name.trim_end_matches('/');
        let shown = match trimmed.rsplit_once('/') {
            _ if trimmed.is_empty() && name.starts_with('/') => "/",
            None => ".",
            Some((dir, _)) => match dir.trim_end_matches('/') {
                "" => "/",
                dir => dir,
            },
        };
        sys.print(&format!("{shown}\n"));
    }
    0
}

pub fn pwd(sys: &mut Sys<'_>) -> i32 {
    let cwd = sys.cwd();
    let shown = sys.real_path(&cwd).unwrap_or_else(|_| cwd.to_string());
    sys.print(&format!("{shown}\n"));
    0
}

pub fn mktemp(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec =
        Spec { short: "duqtp:", long: &[("directory", 'd'), ("dry-run", 'u'), ("tmpdir?", 'p')], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let base = opts
        .value('p')
        .map(String::from)
        .or_else(|| sys.env("TMPDIR").map(|t| t.to_string()))
        .unwrap_or_else(|| "/tmp".into());
    let template = match opts.args.first() {
        Some(template) if opts.has('t') || opts.has('p') => format!("{base}/{template}"),
        Some(template) => template.to_string(),
        None => format!("{base}/tmp.XXXXXXXXXX"),
    };
    let trimmed = template.trim_end_matches('X');
    let size = template.len() - trimmed.len();
    if size < 3 {
        return done(sys, 1, &format!("too few X's in template '{template}'"));
    }
    let suffix = sys.machines.clock.random.suffix(size);
    let path = format!("{trimmed}{suffix}");
    if !opts.has('u') {
        let made = if opts.has('d') {
            sys.mkdir(&path, 0o700)
        } else {
            sys.write_file(&path, b"", false).and_then(|()| sys.chmod(&path, 0o600))
        };
        if let Err(errno) = made {
            let what = if opts.has('d') { "directory" } else { "file" };
            return done(sys, 1, &format!("failed to create {what} via template '{template}': {errno}"));
        }
    }
    sys.print(&format!("{path}\n"));
    0
}
