//! ls.

use super::accounts::{group_name, user_name};
use super::support::{Flavor, Opts, Spec, flavor, join, own_name};
use super::{date, disk};
use crate::shell::transform;
use crate::sys::Sys;
use crate::sys_fs::{FileKind, Stat};
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

/// `drwxr-xr-x`
#[must_use]
pub fn mode_text(stat: &Stat) -> String {
    let kind = match stat.kind {
        FileKind::Directory => 'd',
        FileKind::Symlink => 'l',
        FileKind::Device => 'c',
        FileKind::File => '-',
    };
    format!("{kind}{}", permissions(stat.mode))
}

/// `rwxr-xr-x`
#[must_use]
pub fn permissions(mode: u16) -> String {
    let mut out = String::new();
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = (mode >> shift) & 7;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    out
}

/// A size as `-h` shows it.
#[must_use]
pub fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut unit = 0;
    let mut size = bytes;
    let mut rest = 0;
    while size >= 1024 && unit < 6 {
        rest = u64::from(rest != 0) + size % 1024;
        size /= 1024;
        unit += 1;
    }
    let letter = "KMGTPE".chars().nth(unit - 1).unwrap_or('K');
    let tenths = size * 10 + (rest * 10).div_ceil(1024);
    if tenths < 100 {
        return format!("{}.{}{letter}", tenths / 10, tenths % 10);
    }
    let whole = size + u64::from(rest > 0);
    if whole >= 1024 {
        return format!("1.0{}", "KMGTPE".chars().nth(unit).unwrap_or('E'));
    }
    format!("{whole}{letter}")
}

struct Entry {
    name: String,
    /// The path to look at.
    path: String,
    stat: Option<Stat>,
}

struct List {
    opts: Opts,
    busybox: bool,
    tty: bool,
    columns: usize,
}

impl List {
    fn show_name(&self, sys: &mut Sys<'_>, entry: &Entry) -> String {
        let mut name = entry.name.clone();
        let special = |c: char| c.is_whitespace() || "'\"$`\\*?[]&;|<>()!#~{}".contains(c);
        if self.tty && !self.busybox && name.contains(special) {
            name = transform::quote(&name);
        }
        if self.opts.has('F') || self.opts.has('p') {
            let stat = entry.stat.as_ref();
            let full = self.opts.has('F');
            match stat.map(|s| s.kind) {
                Some(FileKind::Directory) => name.push('/'),
                Some(FileKind::Symlink) if full && !self.long() => name.push('@'),
                Some(FileKind::File) if full && stat.is_some_and(|s| s.mode & 0o111 != 0) => name.push('*'),
                _ => {}
            }
        }
        if self.long()
            && let Some(target) = entry.stat.as_ref().and_then(|s| s.target.clone())
        {
            name.push_str(&format!(" -> {target}"));
        }
        let _ = sys;
        name
    }
    fn long(&self) -> bool {
        self.opts.has('l') || self.opts.has('n') || self.opts.has('g') || self.opts.has('o')
    }
    fn sort(&self, entries: &mut [Entry]) {
        match self.opts.last_of("tSUX") {
            Some('t') => entries.arrange_by(|a, b| {
                let time = |e: &Entry| e.stat.as_ref().map_or(0, |s| s.mtime);
                time(b).cmp(&time(a)).then_with(|| a.name.cmp(&b.name))
            }),
            Some('S') => entries.arrange_by(|a, b| {
                let size = |e: &Entry| e.stat.as_ref().map_or(0, |s| s.size);
                size(b).cmp(&size(a)).then_with(|| a.name.cmp(&b.name))
            }),
            Some('U') => {}
            Some('X') => entries.arrange_by(|a, b| {
                let extension = |e: &Entry| e.name.rsplit_once('.').map(|(_, x)| x.to_string());
                extension(a).cmp(&extension(b)).then_with(|| a.name.cmp(&b.name))
            }),
            _ => entries.arrange_by(|a, b| a.name.cmp(&b.name)),
        }
        if self.opts.has('r') {
            entries.reverse();
        }
    }
    fn print(&self, sys: &mut Sys<'_>, entries: &[Entry]) {
        if self.long() {
            return self.print_long(sys, entries);
        }
        let mut names: Vec<String> = entries.iter().map(|e| self.show_name(sys, e)).collect();
        if self.opts.has('i') {
            names = entries
                .iter()
                .zip(names)
                .map(|(e, n)| format!("{} {n}", e.stat.as_ref().map_or(0, |s| s.ino)))
                .collect();
        }
        if self.opts.has('m') {
            if !names.is_empty() {
                sys.print(&format!("{}\n", names.join(", ")));
            }
            return;
        }
        let in_columns = (self.tty || self.opts.has('C')) && !self.opts.has('1');
        if !in_columns {
            let mut out = String::new();
            for name in names {
                out.push_str(&name);
                out.push('\n');
            }
            sys.print(&out);
            return;
        }
        sys.print(&columns(&names, self.columns));
    }
    fn print_long(&self, sys: &mut Sys<'_>, entries: &[Entry]) {
        let numeric = self.opts.has('n');
        let mut rows: Vec<[String; 7]> = Vec::new();
        for entry in entries {
            let Some(stat) = &entry.stat else {
                rows.push([
                    "??????????".into(),
                    "?".into(),
                    "?".into(),
                    "?".into(),
                    "?".into(),
                    "?".into(),
                    entry.name.clone(),
                ]);
                continue;
            };
            let size = if self.opts.has('h') { human(stat.size) } else { stat.size.to_string() };
            let recent = (sys.unix() - stat.mtime).abs() < 15_778_476;
            let full_iso = self.opts.value('T') == Some("full-iso") || self.opts.has('I');
            let time = match (full_iso, recent) {
                (true, _) => date::format(stat.mtime, "%Y-%m-%d %H:%M:%S.000000000 %z"),
                (false, true) => date::format(stat.mtime, "%b %e %H:%M"),
                (false, false) => date::format(stat.mtime, "%b %e  %Y"),
            };
            let owner = if numeric { stat.uid.to_string() } else { user_name(sys, stat.uid) };
            let group = if numeric { stat.gid.to_string() } else { group_name(sys, stat.gid) };
            let name = self.show_name(sys, entry);
            rows.push([mode_text(stat), stat.links.to_string(), owner, group, size, time, name]);
        }
        let width =
            |at: usize| rows.iter().filter_map(|r| r.get(at)).map(|c| c.chars().count()).max().unwrap_or(0);
        let (links, owner, group, size) = (width(1), width(2), width(3), width(4));
        for [mode, l, o, g, s, time, name] in &rows {
            let owner = if self.opts.has('g') { String::new() } else { format!("{o:<owner$} ") };
            let group = if self.opts.has('o') || self.opts.has('G') {
                String::new()
            } else {
                format!("{g:<group$} ")
            };
            let inode = String::new();
            if self.busybox {
                sys.print(&format!("{mode} {l:>4} {o:<8} {g:<8} {s:>9} {time} {name}\n"));
            } else {
                sys.print(&format!("{inode}{mode} {l:>links$} {owner}{group}{s:>size$} {time} {name}\n"));
            }
        }
    }
    fn directory(&self, sys: &mut Sys<'_>, path: &str, depth: usize, first: &mut bool, titled: bool) -> bool {
        let names = match sys.list(path) {
            Ok(names) => names,
            Err(errno) => {
                let own = own_name(sys);
                let text = if self.busybox {
                    format!("{own}: can't open '{path}': {errno}\n")
                } else {
                    format!("{own}: cannot open directory '{path}': {errno}\n")
                };
                sys.eprint(&text);
                return false;
            }
        };
        let all = self.opts.has('a');
        let mut entries: Vec<Entry> = Vec::new();
        let mut names = names;
        if all {
            names.push(".".into());
            names.push("..".into());
        }
        for name in names {
            if name.starts_with('.') && !all && !self.opts.has('A') {
                continue;
            }
            let at = join(path, &name);
            let stat = if self.opts.has('L') { sys.stat(&at) } else { sys.lstat(&at) };
            entries.push(Entry { path: at, stat: stat.ok(), name });
        }
        self.sort(&mut entries);
        if titled {
            let gap = if *first { "" } else { "\n" };
            sys.print(&format!("{gap}{path}:\n"));
        }
        *first = false;
        if self.long() || self.opts.has('s') {
            let blocks: u64 = entries.iter().filter_map(|e| e.stat.as_ref()).map(disk::blocks).sum();
            let shown = if self.opts.has('h') { human(blocks * 1024) } else { blocks.to_string() };
            sys.print(&format!("total {shown}\n"));
        }
        self.print(sys, &entries);
        let mut good = true;
        if self.opts.has('R') && depth < drydock_machinery::limits::DEPTH {
            for entry in entries {
                let is_directory = entry.stat.is_some_and(|s| s.kind == FileKind::Directory);
                if is_directory && entry.name != "." && entry.name != ".." {
                    good &= self.directory(sys, &entry.path, depth + 1, first, true);
                }
            }
        }
        good
    }
}

/// Names in as many columns as fit, filled downwards, two blanks between.
fn columns(names: &[String], width: usize) -> String {
    if names.is_empty() {
        return String::new();
    }
    let lengths: Vec<usize> = names.iter().map(|n| n.chars().count()).collect();
    let mut rows = 1;
    loop {
        let widths: Vec<usize> =
            lengths.chunks(rows).map(|c| c.iter().max().copied().unwrap_or(0) + 2).collect();
        let total: usize = widths.iter().sum::<usize>().saturating_sub(2);
        if total < width || rows >= names.len() {
            let mut out = String::new();
            for row in 0..rows {
                let mut line = String::new();
                for (column, column_width) in widths.iter().enumerate() {
                    let Some(name) = names.get(column * rows + row) else { continue };
                    let is_last = names.get((column + 1) * rows + row).is_none();
                    if is_last {
                        line.push_str(name);
                    } else {
                        line.push_str(&format!("{name:<column_width$}"));
                    }
                }
                out.push_str(&line);
                out.push('\n');
            }
            return out;
        }
        rows += 1;
    }
}

pub fn ls(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "alhrtRdA1FSinopsgCLGUXmpT:",
        long: &[
            ("all", 'a'),
            ("almost-all", 'A'),
            ("human-readable", 'h'),
            ("reverse", 'r'),
            ("recursive", 'R'),
            ("directory", 'd'),
            ("classify", 'F'),
            ("inode", 'i'),
            ("numeric-uid-gid", 'n'),
            ("no-group", 'G'),
            ("size", 's'),
            ("dereference", 'L'),
            ("color?", 'k'),
            ("full-time", 'I'),
            ("time-style=", 'T'),
            ("group-directories-first", 'D'),
        ],
        code: 2,
    };
    let mut opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    if opts.has('I') {
        opts.given.push(('l', None));
    }
    let tty = sys.is_tty(1);
    let columns = sys.tty().and_then(|id| sys.machines.tty(id)).map_or(80, |t| usize::from(t.columns));
    let busybox = flavor(sys) == Flavor::Busybox;
    let list = List { busybox, tty, columns: if columns == 0 { 80 } else { columns }, opts };
    let args: Vec<Arc<str>> =
        if list.opts.args.is_empty() { vec![".".into()] } else { list.opts.args.clone() };
    let mut code = 0;
    let (mut plain, mut directories) = (Vec::new(), Vec::new());
    for arg in &args {
        let follows = !list.long() && !list.opts.has('F') && !list.opts.has('d')
            || list.opts.has('L')
            || arg.ends_with('/');
        let stat = match sys.lstat(arg) {
            Ok(stat) if stat.kind == FileKind::Symlink && follows => sys.stat(arg).or(Ok(stat)),
            other => other,
        };
        match stat {
            Ok(stat) => {
                let entry = Entry { name: arg.to_string(), path: arg.to_string(), stat: Some(stat) };
                let is_directory = entry.stat.as_ref().is_some_and(|s| s.kind == FileKind::Directory);
                if is_directory && !list.opts.has('d') { directories.push(entry) } else { plain.push(entry) }
            }
            Err(errno) => {
                let own = own_name(sys);
                let text = match busybox {
                    true => format!("{own}: {arg}: {errno}\n"),
                    false => format!("{own}: cannot access '{arg}': {errno}\n"),
                };
                sys.eprint(&text);
                code = if busybox { 1 } else { 2 };
            }
        }
    }
    list.sort(&mut plain);
    list.sort(&mut directories);
    list.print(sys, &plain);
    let titled = args.len() > 1 || list.opts.has('R');
    let mut first = plain.is_empty();
    for entry in directories {
        if !list.directory(sys, &entry.path, 0, &mut first, titled) {
            code = code.max(if busybox { 1 } else { 2 });
        }
    }
    code
}
