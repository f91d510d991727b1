//! diff (normal and -u, -q, -r light, -i -w -B), cmp, comm.

use super::support::{Opts, Spec, base_of, done, is_dir, join, own_name, usage};
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::sort::Arrange;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines a comparison takes; beyond it only equality is told.
const MOST: usize = 4_000;

/// Runs of lines that differ: ranges in the old and the new text.
fn hunks(old: &[String], new: &[String]) -> Vec<(usize, usize, usize, usize)> {
    let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (old.get(front..).unwrap_or(&[]), new.get(front..).unwrap_or(&[]));
    let back = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (old_rest.len() - back, new_rest.len() - back);
    let (left, right) = (old_rest.get(..a).unwrap_or(&[]), new_rest.get(..b).unwrap_or(&[]));
    if a == 0 && b == 0 {
        return Vec::new();
    }
    if a.saturating_mul(b) > MOST * MOST {
        return vec![(front, front + a, front, front + b)];
    }
    // Longest common subsequence by lengths of the common rest.
    let width = b + 1;
    let mut lengths = vec![0u32; (a + 1) * width];
    let at = |lengths: &[u32], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or(0);
    for i in (0..a).rev() {
        for j in (0..b).rev() {
            let value = if left.get(i) == right.get(j) {
                at(&lengths, i + 1, j + 1) + 1
            } else {
                at(&lengths, i + 1, j).max(at(&lengths, i, j + 1))
            };
            if let Some(slot) = lengths.get_mut(i * width + j) {
                *slot = value;
            }
        }
    }
    let mut out: Vec<(usize, usize, usize, usize)> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a || j < b {
        if i < a && j < b && left.get(i) == right.get(j) {
            i += 1;
            j += 1;
            continue;
        }
        let start = (i, j);
        while (i < a || j < b) && !(i < a && j < b && left.get(i) == right.get(j)) {
            if j >= b || (i < a && at(&lengths, i + 1, j) >= at(&lengths, i, j + 1)) {
                i += 1;
            } else {
                j += 1;
            }
        }
        out.push((front + start.0, front + i, front + start.1, front + j));
    }
    out
}

fn normal(old: &[String], new: &[String]) -> String {
    let mut out = String::new();
    let span =
        |from: usize, to: usize| if to - from <= 1 { format!("{to}") } else { format!("{},{to}", from + 1) };
    for (a, b, c, d) in hunks(old, new) {
        let head = match (b > a, d > c) {
            (true, true) => format!("{}c{}", span(a, b), span(c, d)),
            (true, false) => format!("{}d{c}", span(a, b)),
            _ => format!("{a}a{}", span(c, d)),
        };
        out.push_str(&format!("{head}\n"));
        old.get(a..b).unwrap_or(&[]).iter().for_each(|l| out.push_str(&format!("< {l}\n")));
        if b > a && d > c {
            out.push_str("---\n");
        }
        new.get(c..d).unwrap_or(&[]).iter().for_each(|l| out.push_str(&format!("> {l}\n")));
    }
    out
}

fn unified(old: &[String], new: &[String], around: usize) -> String {
    let mut groups: Vec<Vec<(usize, usize, usize, usize)>> = Vec::new();
    for hunk in hunks(old, new) {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|l| hunk.0 - l.1 <= around * 2) => group.push(hunk),
            _ => groups.push(vec![hunk]),
        }
    }
    let mut out = String::new();
    for group in groups {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (from, to) = (first.0.saturating_sub(around), (last.1 + around).min(old.len()));
        let (from2, to2) = (first.2 - (first.0 - from), (last.3 + (to - last.1)).min(new.len()));
        let span = |a: usize, b: usize| match b - a {
            0 => format!("{a},0"),
            1 => format!("{}", a + 1),
            n => format!("{},{n}", a + 1),
        };
        out.push_str(&format!("@@ -{} +{} @@\n", span(from, to), span(from2, to2)));
        let mut at = from;
        for (a, b, c, d) in &group {
            old.get(at..*a).unwrap_or(&[]).iter().for_each(|l| out.push_str(&format!(" {l}\n")));
            old.get(*a..*b).unwrap_or(&[]).iter().for_each(|l| out.push_str(&format!("-{l}\n")));
            new.get(*c..*d).unwrap_or(&[]).iter().for_each(|l| out.push_str(&format!("+{l}\n")));
            at = *b;
        }
        old.get(at..to).unwrap_or(&[]).iter().for_each(|l| out.push_str(&format!(" {l}\n")));
    }
    out
}

/// What pipes among the arguments held, by their path.
type Pre = BTreeMap<Arc<str>, Vec<u8>>;

/// A file's bytes.
fn load(sys: &mut Sys<'_>, pre: &Pre, path: &str) -> Result<Vec<u8>, crate::Errno> {
    match pre.get(path) {
        Some(bytes) => Ok(bytes.clone()),
        None => sys.read_file(path).map(|b| b.to_vec()),
    }
}

/// Reads stdin (`-`) and the pipes of `<(…)` to their end, then compares.
#[derive(Clone, Hash)]
pub struct Compare {
    run: fn(&mut Sys<'_>, &Pre) -> i32,
    /// Pipes still to read, the present one last.
    todo: Vec<Arc<str>>,
    fd: Option<crate::FdNum>,
    pre: Pre,
}

impl Behave for Compare {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        while let Some(path) = self.todo.last().cloned() {
            let fd = match self.fd {
                Some(fd) => fd,
                None if &*path == "-" => 0,
                None => match sys.open(&path, crate::OpenOptions { read: true, ..Default::default() }) {
                    Ok(fd) => fd,
                    Err(_) => {
                        self.todo.pop();
                        continue;
                    }
                },
            };
            self.fd = Some(fd);
            match sys.read(fd, 65_536) {
                crate::Read::Data(bytes) => self.pre.entry(path).or_default().extend(bytes),
                crate::Read::Block => return Step::wait(Wait::Readable(fd)),
                crate::Read::End | crate::Read::Failed(_) => {
                    self.pre.entry(path).or_default();
                    self.todo.pop();
                    self.fd = None;
                    if fd != 0 {
                        let _ = sys.close(fd);
                    }
                }
            }
        }
        Step::Exit((self.run)(sys, &self.pre))
    }
}

fn compare(sys: &mut Sys<'_>, run: fn(&mut Sys<'_>, &Pre) -> i32) -> Box<dyn crate::Machine> {
    let pipes = |a: &&Arc<str>| &***a == "-" || a.starts_with("/dev/fd/") || &***a == "/dev/stdin";
    let todo = sys.args().iter().skip(1).filter(pipes).cloned().collect();
    Box::new(Compare { run, todo, fd: None, pre: Pre::new() })
}

pub fn diff(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    compare(sys, diff_files)
}
pub fn cmp(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    compare(sys, cmp_files)
}
pub fn comm(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    compare(sys, comm_files)
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(String::from).collect()
}

/// Compares two files; 0, 1 or 2.
fn files(sys: &mut Sys<'_>, pre: &Pre, left: &str, right: &str, opts: &Opts) -> i32 {
    let (old, new) = (load(sys, pre, left), load(sys, pre, right));
    let mut failed = false;
    for (path, outcome) in [(left, &old), (right, &new)] {
        if let Err(errno) = outcome {
            done(sys, 2, &format!("{path}: {errno}"));
            failed = true;
        }
    }
    let (Ok(old), Ok(new)) = (old, new) else { return 2 };
    if failed {
        return 2;
    }
    let fix = |line: &String| {
        let mut line = line.clone();
        if opts.has('w') {
            line.retain(|c| !c.is_whitespace());
        }
        if opts.has('b') {
            line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        if opts.has('i') {
            line = line.to_lowercase();
        }
        line
    };
    let (old_lines, new_lines) = (lines(&old), lines(&new));
    let loose = opts.has('w') || opts.has('b') || opts.has('i');
    let same = match loose {
        true => old_lines.iter().map(fix).eq(new_lines.iter().map(fix)),
        false => old == new,
    };
    if same {
        if opts.has('s') {
            sys.print(&format!("Files {left} and {right} are identical\n"));
        }
        return 0;
    }
    if opts.has('q') {
        sys.print(&format!("Files {left} and {right} differ\n"));
        return 1;
    }
    if opts.has('u') || opts.has('U') {
        let around = opts.value('U').and_then(|u| u.parse().ok()).unwrap_or(3);
        let stamp = |sys: &mut Sys<'_>, path: &str| {
            let time = sys.stat(path).map_or_else(|_| sys.unix(), |s| s.mtime);
            super::date::format(time, "%Y-%m-%d %H:%M:%S.000000000 %z")
        };
        let (a, b) = (stamp(sys, left), stamp(sys, right));
        sys.print(&format!("--- {left}\t{a}\n+++ {right}\t{b}\n"));
        sys.print(&unified(&old_lines, &new_lines, around));
    } else {
        sys.print(&normal(&old_lines, &new_lines));
    }
    1
}

fn folders(sys: &mut Sys<'_>, pre: &Pre, left: &str, right: &str, opts: &Opts, depth: usize) -> i32 {
    if depth > drydock_machinery::limits::DEPTH {
        return 2;
    }
    let mut names = sys.list(left).unwrap_or_default();
    names.extend(sys.list(right).unwrap_or_default());
    names.arrange();
    names.dedup();
    let mut code = 0;
    for name in names {
        let (a, b) = (join(left, &name), join(right, &name));
        let found = match (sys.stat(&a).is_ok(), sys.stat(&b).is_ok()) {
            (true, true) if is_dir(sys, &a) && is_dir(sys, &b) => {
                if opts.has('r') {
                    folders(sys, pre, &a, &b, opts, depth + 1)
                } else {
                    sys.print(&format!("Common subdirectories: {a} and {b}\n"));
                    0
                }
            }
            (true, true) => {
                if !opts.has('q') && load(sys, pre, &a) != load(sys, pre, &b) {
                    let flags: String = opts.given.iter().map(|g| g.0).collect();
                    sys.print(&format!("diff -{flags} {a} {b}\n"));
                }
                files(sys, pre, &a, &b, opts)
            }
            (true, false) => {
                sys.print(&format!("Only in {left}: {name}\n"));
                1
            }
            _ => {
                sys.print(&format!("Only in {right}: {name}\n"));
                1
            }
        };
        code = code.max(found);
    }
    code
}

fn diff_files(sys: &mut Sys<'_>, pre: &Pre) -> i32 {
    const SPEC: Spec = Spec {
        short: "uU:qrsiwbBNayc",
        long: &[
            ("unified?", 'u'),
            ("brief", 'q'),
            ("recursive", 'r'),
            ("report-identical-files", 's'),
            ("ignore-case", 'i'),
            ("ignore-all-space", 'w'),
            ("color?", 'k'),
        ],
        code: 2,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let (Some(left), Some(right)) = (opts.args.first().cloned(), opts.args.get(1).cloned()) else {
        let text = match opts.args.first() {
            Some(one) => format!("missing operand after '{one}'"),
            None => "missing operand after 'diff'".into(),
        };
        return usage(sys, 2, &text);
    };
    match (is_dir(sys, &left), is_dir(sys, &right)) {
        (true, true) => folders(sys, pre, &left, &right, &opts, 0),
        (true, false) => files(sys, pre, &join(&left, base_of(&right)), &right, &opts),
        (false, true) => files(sys, pre, &left, &join(&right, base_of(&left)), &opts),
        (false, false) => files(sys, pre, &left, &right, &opts),
    }
}

fn cmp_files(sys: &mut Sys<'_>, pre: &Pre) -> i32 {
    const SPEC: Spec = Spec { short: "sl", long: &[("silent", 's'), ("quiet", 's')], code: 2 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let (Some(left), Some(right)) = (opts.args.first().cloned(), opts.args.get(1).cloned()) else {
        let own = own_name(sys);
        return usage(sys, 2, &format!("missing operand after '{own}'"));
    };
    let mut both = Vec::new();
    for path in [&left, &right] {
        match load(sys, pre, path) {
            Ok(bytes) => both.push(bytes),
            Err(errno) => return done(sys, 2, &format!("{path}: {errno}")),
        }
    }
    let [a, b] = both.as_slice() else { return 2 };
    let place = a.iter().zip(b).position(|(x, y)| x != y);
    match place {
        Some(at) => {
            let line = a.iter().take(at).filter(|c| **c == b'\n').count() + 1;
            if !opts.has('s') {
                sys.print(&format!("{left} {right} differ: char {}, line {line}\n", at + 1));
            }
            1
        }
        None if a.len() == b.len() => 0,
        None => {
            let (short, bytes) = if a.len() < b.len() { (&left, a) } else { (&right, b) };
            if !opts.has('s') {
                let lines = bytes.iter().filter(|c| **c == b'\n').count();
                let own = own_name(sys);
                sys.eprint(&format!("{own}: EOF on {short} after byte {}, line {lines}\n", bytes.len()));
            }
            1
        }
    }
}

fn comm_files(sys: &mut Sys<'_>, pre: &Pre) -> i32 {
    const SPEC: Spec = Spec { short: "123", long: &[], code: 1 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let (Some(left), Some(right)) = (opts.args.first().cloned(), opts.args.get(1).cloned()) else {
        return usage(sys, 1, "missing operand");
    };
    let mut both: Vec<Vec<String>> = Vec::new();
    for path in [&left, &right] {
        match load(sys, pre, path) {
            Ok(bytes) => both.push(lines(&bytes)),
            Err(errno) => return done(sys, 1, &format!("{path}: {errno}")),
        }
    }
    let [a, b] = both.as_slice() else { return 1 };
    let (mut i, mut j) = (a.iter().peekable(), b.iter().peekable());
    let indent = |column: usize| -> Arc<str> {
        "\t".repeat(['1', '2'].iter().take(column).filter(|c| !opts.has(**c)).count()).into()
    };
    loop {
        let (column, line) = match (i.peek(), j.peek()) {
            (None, None) => return 0,
            (Some(_), None) => (0, i.next()),
            (None, Some(_)) => (1, j.next()),
            (Some(x), Some(y)) => match x.cmp(y) {
                std::cmp::Ordering::Less => (0, i.next()),
                std::cmp::Ordering::Greater => (1, j.next()),
                std::cmp::Ordering::Equal => {
                    j.next();
                    (2, i.next())
                }
            },
        };
        let hidden = ['1', '2', '3'].get(column).is_some_and(|c| opts.has(*c));
        if let Some(line) = line.filter(|_| !hidden) {
            sys.print(&format!("{}{line}\n", indent(column)));
        }
    }
}
