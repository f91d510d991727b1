//! Putting files in place: install, link; and looking at folders: tree.

use super::chmod::parse_mode;
use super::support::{Opts, Spec, base_of, done, is_dir, join, usage};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use std::sync::Arc;

pub fn link(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    match args.get(1..).unwrap_or(&[]) {
        [] => usage(sys, 1, "missing operand"),
        [one] => usage(sys, 1, &format!("missing operand after '{one}'")),
        [from, to] => match sys.link(from, to) {
            Ok(()) => 0,
            Err(errno) => done(sys, 1, &format!("cannot create link '{to}' to '{from}': {errno}")),
        },
        [_, _, extra, ..] => usage(sys, 1, &format!("extra operand '{extra}'")),
    }
}

pub fn install(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "bcCdDg:m:o:pst:Tv",
        long: &[
            ("directory", 'd'),
            ("group=", 'g'),
            ("mode=", 'm'),
            ("owner=", 'o'),
            ("preserve-timestamps", 'p'),
            ("target-directory=", 't'),
            ("verbose", 'v'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let text = opts.value('m').unwrap_or("755");
    let Some(mode) = parse_mode(text, 0, 0, false) else {
        return done(sys, 1, &format!("invalid mode '{text}'"));
    };
    let uid = opts.value('o').map(str::to_string).and_then(|o| super::accounts::user_id(sys, &o));
    let gid = opts.value('g').map(str::to_string).and_then(|g| super::accounts::group_id(sys, &g));
    if opts.has('d') {
        if opts.args.is_empty() {
            return usage(sys, 1, "missing file operand");
        }
        let mut code = 0;
        for dir in &opts.args {
            if let Err(errno) = sys.make_folders(&crate::filesystem::normalise(&sys.cwd(), dir)) {
                code = done(sys, 1, &format!("cannot create directory '{dir}': {errno}"));
            }
            let _ = sys.chmod(dir, mode);
            let _ = sys.chown(dir, uid, gid);
        }
        return code;
    }
    let (files, target): (Vec<Arc<str>>, Arc<str>) = match (opts.value('t'), opts.args.as_slice()) {
        (_, []) => return usage(sys, 1, "missing file operand"),
        (Some(dir), files) => (files.to_vec(), dir.into()),
        (None, [one]) => return usage(sys, 1, &format!("missing destination file operand after '{one}'")),
        (None, [files @ .., last]) => (files.to_vec(), last.clone()),
    };
    let folder = is_dir(sys, &target);
    if files.len() > 1 && !folder {
        return done(sys, 1, &format!("target '{target}': Not a directory"));
    }
    let mut code = 0;
    for file in files {
        let to = if folder { join(&target, base_of(&file)) } else { target.to_string() };
        if opts.has('D') {
            let _ =
                sys.make_folders(crate::filesystem::parent(&crate::filesystem::normalise(&sys.cwd(), &to)));
        }
        let old = sys.stat(&file);
        let copied = match old {
            Err(errno) => Err((true, errno)),
            Ok(stat) if stat.kind == FileKind::Directory => {
                code = done(sys, 1, &format!("omitting directory '{file}'"));
                continue;
            }
            Ok(_) => {
                let _ = sys.unlink(&to);
                super::copy::copy_program(sys, &file, &to)
            }
        };
        match copied {
            Ok(()) => {
                let _ = sys.chmod(&to, mode);
                let _ = sys.chown(&to, uid, gid);
                if opts.has('v') {
                    sys.print(&format!("'{file}' -> '{to}'\n"));
                }
            }
            Err((true, errno)) => code = done(sys, 1, &format!("cannot stat '{file}': {errno}")),
            Err((false, errno)) => {
                code = done(sys, 1, &format!("cannot create regular file '{to}': {errno}"))
            }
        }
    }
    code
}

pub fn tree(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec =
        Spec { short: "adL:fipsI:P:Cn", long: &[("noreport", 'R'), ("dirsfirst", 'D')], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let roots = if opts.args.is_empty() { vec![Arc::from(".")] } else { opts.args.clone() };
    let (mut out, mut folders, mut files, mut code) = (String::new(), 0, 0, 0);
    for root in roots {
        if sys.list(&root).is_err() {
            out.push_str(&format!("{root}  [error opening dir]\n"));
            code = 2;
            continue;
        }
        out.push_str(&format!("{root}\n"));
        branch(sys, &opts, &root, "", 1, &mut out, (&mut folders, &mut files));
    }
    if !opts.has('R') {
        let plural = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        out.push_str(&format!("\n{}", plural(folders, "directory", "directories")));
        out.push_str(&if opts.has('d') {
            "\n".into()
        } else {
            format!(", {}\n", plural(files, "file", "files"))
        });
    }
    sys.print(&out);
    code
}

fn branch(
    sys: &mut Sys<'_>,
    opts: &Opts,
    dir: &str,
    lead: &str,
    depth: usize,
    out: &mut String,
    (folders, files): (&mut usize, &mut usize),
) {
    let most = opts.value('L').and_then(|l| l.parse().ok()).unwrap_or(drydock_machinery::limits::DEPTH);
    if depth > most || out.len() > drydock_machinery::limits::FILE_BYTES {
        return;
    }
    let mut names = sys.list(dir).unwrap_or_default();
    names.retain(|n| opts.has('a') || !n.starts_with('.'));
    if let Some(pattern) = opts.value('I') {
        names.retain(|n| !pattern.split('|').any(|p| super::support::fits(p, n)));
    }
    if opts.has('d') {
        names.retain(|n| is_dir(sys, &join(dir, n)));
    }
    let last = names.len().saturating_sub(1);
    for (at, name) in names.iter().enumerate() {
        let path = join(dir, name);
        let kind = sys.lstat(&path).map(|s| s.kind);
        let (mark, next) =
            if at == last { ("└── ", "    ") } else { ("├── ", "│\u{a0}\u{a0} ") };
        let shown = if opts.has('f') { path.clone() } else { name.clone() };
        let to = if kind == Ok(FileKind::Symlink) {
            sys.readlink(&path).map_or(String::new(), |t| format!(" -> {t}"))
        } else {
            String::new()
        };
        out.push_str(&format!("{lead}{mark}{shown}{to}\n"));
        if kind == Ok(FileKind::Directory) {
            *folders += 1;
            branch(sys, opts, &path, &format!("{lead}{next}"), depth + 1, out, (&mut *folders, &mut *files));
        } else {
            *files += 1;
        }
    }
}
