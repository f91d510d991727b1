//! df, du, mount, stat.

use super::accounts::{group_name, user_name};
use super::list::{human, mode_text};
use super::support::{Opts, Spec, done, join};
use crate::sys::Sys;
use crate::sys_fs::{FileKind, Stat};
use drydock_machinery::limits;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

/// Kilobytes a host's disk claims to have; the simulated limit is far smaller.
const DISK_KB: u64 = 61_255_492;

fn used_kb(sys: &Sys<'_>) -> u64 {
    let space = sys.process().and_then(|p| sys.machines.space(p.space));
    9_600_000 + space.map_or(0, |s| s.root.used / 1024)
}

pub fn df(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "hkmTaiPx:t:",
        long: &[("human-readable", 'h'), ("print-type", 'T'), ("all", 'a')],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let space = sys.process().and_then(|p| sys.machines.space(p.space));
    let is_host = space.is_some_and(crate::Space::is_host);
    let mounts: Vec<Arc<str>> =
        space.map(|s| s.mounts.iter().map(|m| m.0.clone()).collect()).unwrap_or_default();
    let used = used_kb(sys);
    let root = if is_host { "/dev/vda1" } else { "overlay" };
    let mut rows: Vec<(String, &str, u64, u64, String)> = vec![
        (root.into(), if is_host { "ext4" } else { "overlay" }, DISK_KB, used, "/".into()),
        ("tmpfs".into(), "tmpfs", 65_536, 0, "/dev".into()),
        ("shm".into(), "tmpfs", 65_536, 0, "/dev/shm".into()),
    ];
    rows.extend(mounts.iter().map(|at| ("/dev/vda1".to_string(), "ext4", DISK_KB, used, at.to_string())));
    if !opts.args.is_empty() {
        let mut kept = Vec::new();
        for path in &opts.args {
            let Ok(real) = sys.real_path(path).and_then(|p| sys.stat(&p).map(|_| p)) else {
                return done(sys, 1, &format!("{path}: No such file or directory"));
            };
            let best = rows
                .iter()
                .filter(|r| r.4 == "/" || real == r.4 || real.starts_with(&format!("{}/", r.4)))
                .max_by_key(|r| r.4.len());
            kept.extend(best.cloned());
        }
        rows = kept;
    }
    let h = opts.has('h');
    let size = |kb: u64| if h { human(kb * 1024) } else { kb.to_string() };
    let width = rows.iter().map(|r| r.0.len()).max().unwrap_or(0).max(10);
    let (a, b, c, d) = if h { ("Size", "Used", "Avail", 5) } else { ("1K-blocks", "Used", "Available", 9) };
    let kind = |text: &str| if opts.has('T') { format!(" {text:<8}") } else { String::new() };
    sys.print(&format!("{:<width$}{} {a:>d$} {b:>d$} {c:>d$} Use% Mounted on\n", "Filesystem", kind("Type")));
    for (name, type_, total, used, at) in rows {
        let percent = (used * 100).div_ceil(total.max(1));
        sys.print(&format!(
            "{name:<width$}{} {:>d$} {:>d$} {:>d$} {percent:3}% {at}\n",
            kind(type_),
            size(total),
            size(used),
            size(total.saturating_sub(used))
        ));
    }
    0
}

fn tree(
    sys: &mut Sys<'_>,
    path: &str,
    depth: usize,
    most: usize,
    opts: &Opts,
    out: &mut Vec<(u64, String)>,
) -> u64 {
    let Ok(stat) = sys.lstat(path) else { return 0 };
    let mut total = if opts.has('b') { stat.size } else { blocks(&stat) };
    if stat.kind == FileKind::Directory && depth < limits::DEPTH {
        let mut names = sys.list(path).unwrap_or_default();
        names.arrange();
        for name in names {
            total += tree(sys, &join(path, &name), depth + 1, most, opts, out);
        }
    }
    if (stat.kind == FileKind::Directory || opts.has('a') || depth == 0) && depth <= most {
        out.push((total, path.to_string()));
    }
    total
}

pub fn du(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "shkmacbd:x",
        long: &[
            ("summarize", 's'),
            ("human-readable", 'h'),
            ("all", 'a'),
            ("total", 'c'),
            ("bytes", 'b'),
            ("max-depth=", 'd'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let most =
        if opts.has('s') { 0 } else { opts.value('d').and_then(|d| d.parse().ok()).unwrap_or(usize::MAX) };
    let starts: Vec<Arc<str>> = if opts.args.is_empty() { vec![".".into()] } else { opts.args.clone() };
    let show = |n: u64| match opts.last_of("hmb") {
        Some('h') => human(n * 1024),
        Some('m') => n.div_ceil(1024).to_string(),
        _ => n.to_string(),
    };
    let (mut code, mut sum) = (0, 0);
    for start in &starts {
        if let Err(errno) = sys.lstat(start) {
            code = done(sys, 1, &format!("cannot access '{start}': {errno}"));
            continue;
        }
        let mut out = Vec::new();
        sum += tree(sys, start, 0, most, &opts, &mut out);
        for (size, path) in out {
            sys.print(&format!("{}\t{path}\n", show(size)));
        }
    }
    if opts.has('c') {
        sys.print(&format!("{}\ttotal\n", show(sum)));
    }
    code
}

pub fn mount(sys: &mut Sys<'_>) -> i32 {
    if sys.args().len() > 1 && !sys.args().iter().any(|a| &**a == "-l") {
        return done(sys, 32, "permission denied.");
    }
    match sys.read_file("/proc/mounts") {
        Ok(bytes) => {
            for line in String::from_utf8_lossy(&bytes).lines() {
                let mut fields = line.split(' ');
                if let (Some(device), Some(at), Some(kind), Some(options)) =
                    (fields.next(), fields.next(), fields.next(), fields.next())
                {
                    sys.print(&format!("{device} on {at} type {kind} ({options})\n"));
                }
            }
            0
        }
        Err(errno) => done(sys, 1, &format!("/proc/mounts: {errno}")),
    }
}

pub fn stat(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "c:Lft",
        long: &[("format=", 'c'), ("printf=", 'p'), ("dereference", 'L'), ("terse", 't')],
        code: 1,
    };
    let opts = match Opts::with_operands(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let mut code = 0;
    for path in &opts.args {
        let found = if opts.has('L') { sys.stat(path) } else { sys.lstat(path) };
        let stat = match found {
            Ok(stat) => stat,
            Err(errno) => {
                code = done(sys, 1, &format!("cannot statx '{path}': {errno}"));
                continue;
            }
        };
        let kind = match stat.kind {
            FileKind::Directory => "directory",
            FileKind::Symlink => "symbolic link",
            FileKind::Device => "character special file",
            FileKind::File if stat.size == 0 => "regular empty file",
            FileKind::File => "regular file",
        };
        let (owner, group) = (user_name(sys, stat.uid), group_name(sys, stat.gid));
        let time = super::date::format(stat.mtime, "%Y-%m-%d %H:%M:%S.000000000 %z");
        if let Some(format) = opts.last_of("cp").and_then(|l| opts.value(l)) {
            let mut out = String::new();
            let mut chars = format.chars();
            while let Some(c) = chars.next() {
                if c != '%' {
                    out.push(c);
                    continue;
                }
                match chars.next() {
                    Some('n') => out.push_str(path),
                    Some('N') => out.push_str(&format!("'{path}'")),
                    Some('s') => out.push_str(&stat.size.to_string()),
                    Some('a') => out.push_str(&format!("{:o}", stat.mode & 0o7777)),
                    Some('A') => out.push_str(&mode_text(&stat)),
                    Some('u') => out.push_str(&stat.uid.to_string()),
                    Some('U') => out.push_str(&owner),
                    Some('g') => out.push_str(&stat.gid.to_string()),
                    Some('G') => out.push_str(&group),
                    Some('F') => out.push_str(kind),
                    Some('h') => out.push_str(&stat.links.to_string()),
                    Some('i') => out.push_str(&stat.ino.to_string()),
                    Some('y' | 'x' | 'z') => out.push_str(&time),
                    Some('Y' | 'X' | 'Z') => out.push_str(&stat.mtime.to_string()),
                    Some('b') => out.push_str(&(blocks(&stat) * 2).to_string()),
                    Some(other) => out.push(other),
                    None => out.push('%'),
                }
            }
            if opts.has('p') {
                let (bytes, _) = crate::shell::escape::unescape(&out, crate::shell::escape::Style::Format);
                sys.write(1, &bytes);
            } else {
                sys.print(&format!("{out}\n"));
            }
            continue;
        }
        let shown = stat.target.as_ref().map_or(path.to_string(), |t| format!("{path} -> {t}"));
        sys.print(&format!(
            "  File: {shown}\n  Size: {:<10}\tBlocks: {:<10} IO Block: 4096   {kind}\nDevice: 254,{}\tInode: {:<11} Links: {}\nAccess: ({:04o}/{})  Uid: ({:5}/{owner:>8})   Gid: ({:5}/{group:>8})\nAccess: {time}\nModify: {time}\nChange: {time}\n Birth: {time}\n",
            stat.size, blocks(&stat) * 2, stat.device + 1, stat.ino, stat.links, stat.mode & 0o7777, mode_text(&stat), stat.uid, stat.gid
        ));
    }
    code
}

/// Kilobytes a file takes on disk, as ls and du count them.
#[must_use]
pub fn blocks(stat: &Stat) -> u64 {
    match stat.kind {
        FileKind::Symlink | FileKind::Device => 0,
        FileKind::Directory => 4,
        FileKind::File => stat.size.div_ceil(4096) * 4,
    }
}
