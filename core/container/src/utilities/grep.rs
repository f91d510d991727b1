//! grep, egrep, fgrep: basic, extended and fixed patterns, context, counts, file walks.

use super::filter::{Filter, Flow, ended, filtering};
use super::regex;
use super::support::{Flavor, Opts, Spec, done, flavor, is_dir, join, own_name};
use crate::errno::Errno;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use drydock_machinery::sort::Arrange;
use regex_lite::Regex;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A compiled pattern; its source is its identity.
#[derive(Clone)]
pub struct Pattern {
    source: Arc<str>,
    regex: Regex,
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
    }
}

#[derive(Clone, Hash)]
#[allow(clippy::struct_excessive_bools)]
pub struct Grep {
    patterns: Vec<Pattern>,
    invert: bool,
    count_only: bool,
    only: bool,
    quiet: bool,
    silent: bool,
    number: bool,
    names: bool,
    list: Option<bool>,
    whole_line: bool,
    word: bool,
    before: usize,
    after: usize,
    most: usize,
    color: bool,
    recursive: bool,
    file: Arc<str>,
    line: u64,
    matches: usize,
    found: bool,
    held: VecDeque<(u64, Vec<u8>)>,
    left_after: usize,
    last_shown: u64,
    binary: bool,
}

impl Grep {
    /// Where the line matches: ranges in order.
    fn places(&self, text: &str) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        for pattern in &self.patterns {
            for found in pattern.regex.find_iter(text) {
                let (start, end) = (found.start(), found.end());
                if self.whole_line && (start != 0 || end != text.len()) {
                    continue;
                }
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                if self.word {
                    let before = text.get(..start).and_then(|t| t.chars().next_back());
                    let after = text.get(end..).and_then(|t| t.chars().next());
                    if before.is_some_and(is_word) || after.is_some_and(is_word) || start == end {
                        continue;
                    }
                }
                out.push((start, end));
            }
        }
        out.arrange();
        out
    }
    fn head(&self, line: u64, mark: char) -> String {
        let mut out = String::new();
        if self.names {
            out.push_str(&self.shown_name());
            out.push(mark);
        }
        if self.number {
            out.push_str(&format!("{line}{mark}"));
        }
        out
    }
    fn shown_name(&self) -> String {
        if &*self.file == "-" { "(standard input)".into() } else { self.file.to_string() }
    }
    fn show(&mut self, sys: &mut Sys<'_>, number: u64, line: &[u8], mark: char) {
        if (self.before > 0 || self.after > 0) && self.last_shown > 0 && number > self.last_shown + 1 {
            sys.print("--\n");
        }
        self.last_shown = number;
        let head = self.head(number, mark);
        sys.write(1, &[head.as_bytes(), line, b"\n"].concat());
    }
    fn finish_file(&mut self, sys: &mut Sys<'_>) {
        if self.file.is_empty() {
            return;
        }
        if self.count_only && !self.quiet && self.list.is_none() {
            let head = if self.names { format!("{}:", self.shown_name()) } else { String::new() };
            sys.print(&format!("{head}{}\n", self.matches));
        }
        if let Some(wanted) = self.list
            && (self.matches > 0) == wanted
        {
            let name = self.shown_name();
            sys.print(&format!("{name}\n"));
        }
        if self.binary && self.matches > 0 && !self.count_only && self.list.is_none() && !self.quiet {
            let name = self.shown_name();
            sys.print(&format!("Binary file {name} matches\n"));
        }
        self.file = "".into();
    }
}

impl Filter for Grep {
    fn file(&mut self, sys: &mut Sys<'_>, name: &Arc<str>) {
        self.finish_file(sys);
        self.file = name.clone();
        self.line = 0;
        self.matches = 0;
        self.held.clear();
        self.left_after = 0;
        self.last_shown = 0;
        self.binary = false;
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        self.line += 1;
        self.binary |= line.contains(&0);
        let text = String::from_utf8_lossy(line);
        let places = self.places(&text);
        let matched = places.is_empty() == self.invert;
        if !matched {
            if self.left_after > 0 {
                self.left_after -= 1;
                self.show(sys, self.line, line, '-');
            } else if self.before > 0 {
                self.held.push_back((self.line, line.to_vec()));
                if self.held.len() > self.before {
                    self.held.pop_front();
                }
            }
            return Flow::More;
        }
        self.matches += 1;
        self.found = true;
        if self.quiet {
            return Flow::Stop;
        }
        if self.list.is_some() {
            return Flow::NextFile;
        }
        if !self.count_only && !self.binary {
            if self.only {
                if !self.invert {
                    for (start, end) in places.into_iter().filter(|(a, b)| b > a) {
                        let head = self.head(self.line, ':');
                        let part = text.get(start..end).unwrap_or("");
                        sys.print(&format!("{head}{part}\n"));
                    }
                }
            } else {
                for (number, held) in std::mem::take(&mut self.held) {
                    self.show(sys, number, &held, '-');
                }
                if self.color && !self.invert {
                    let mut shown = String::new();
                    let mut at = 0;
                    for (start, end) in places.into_iter().filter(|(a, b)| b > a) {
                        if start < at {
                            continue;
                        }
                        shown.push_str(text.get(at..start).unwrap_or(""));
                        shown.push_str(&format!(
                            "\u{1b}[01;31m\u{1b}[K{}\u{1b}[m\u{1b}[K",
                            text.get(start..end).unwrap_or("")
                        ));
                        at = end;
                    }
                    shown.push_str(text.get(at..).unwrap_or(""));
                    self.show(sys, self.line, shown.as_bytes(), ':');
                } else {
                    self.show(sys, self.line, line, ':');
                }
                self.left_after = self.after;
            }
        }
        if self.matches >= self.most && self.left_after == 0 { Flow::NextFile } else { Flow::More }
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: Errno) {
        self.finish_file(sys);
        if self.silent {
            return;
        }
        let own = own_name(sys);
        if errno == Errno::Eisdir {
            if !self.recursive {
                sys.eprint(&format!("{own}: {name}: Is a directory\n"));
            }
            return;
        }
        sys.eprint(&format!("{own}: {name}: {errno}\n"));
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        self.finish_file(sys);
        match (self.found, failed) {
            (true, _) if self.quiet => 0,
            (_, true) => 2,
            (true, _) => 0,
            (false, _) => 1,
        }
    }
}

/// Files below a folder, in order of names.
fn walk(
    sys: &mut Sys<'_>,
    path: &str,
    include: &[Arc<str>],
    exclude: &[Arc<str>],
    depth: usize,
    out: &mut Vec<Arc<str>>,
) {
    if depth > drydock_machinery::limits::DEPTH || out.len() > drydock_machinery::limits::FILES {
        return;
    }
    let mut names = sys.list(path).unwrap_or_default();
    names.arrange();
    for name in names {
        let at = join(path, &name);
        let fits = |globs: &[Arc<str>]| {
            let chars: Vec<char> = name.chars().collect();
            globs.iter().any(|g| crate::shell::glob::matches(&crate::shell::glob::marks(g), &chars))
        };
        match sys.lstat(&at).map(|s| s.kind) {
            Ok(FileKind::Directory) => walk(sys, &at, include, exclude, depth + 1, out),
            Ok(FileKind::File) if (include.is_empty() || fits(include)) && !fits(exclude) => {
                out.push(at.into())
            }
            _ => {}
        }
    }
}

pub fn grep(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "EFGPe:f:ivwxcoqslLnhHrRA:B:C:m:aIU0123456789z",
        long: &[
            ("extended-regexp", 'E'),
            ("fixed-strings", 'F'),
            ("basic-regexp", 'G'),
            ("perl-regexp", 'P'),
            ("regexp=", 'e'),
            ("file=", 'f'),
            ("ignore-case", 'i'),
            ("invert-match", 'v'),
            ("word-regexp", 'w'),
            ("line-regexp", 'x'),
            ("count", 'c'),
            ("only-matching", 'o'),
            ("quiet", 'q'),
            ("silent", 'q'),
            ("no-messages", 's'),
            ("files-with-matches", 'l'),
            ("files-without-match", 'L'),
            ("line-number", 'n'),
            ("no-filename", 'h'),
            ("with-filename", 'H'),
            ("recursive", 'r'),
            ("dereference-recursive", 'R'),
            ("after-context=", 'A'),
            ("before-context=", 'B'),
            ("context=", 'C'),
            ("max-count=", 'm'),
            ("text", 'a'),
            ("color?", 'k'),
            ("colour?", 'k'),
            ("line-buffered", 'b'),
            ("include=", '+'),
            ("exclude=", '%'),
            ("exclude-dir=", '/'),
        ],
        code: 2,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let name = own_name(sys);
    let mut args = opts.args.clone();
    let mut sources = opts.values('e');
    if let Some(file) = opts.value('f') {
        match sys.read_file(file) {
            Ok(bytes) => sources.extend(String::from_utf8_lossy(&bytes).lines().map(Arc::from)),
            Err(errno) => return ended(done(sys, 2, &format!("{file}: {errno}"))),
        }
    } else if sources.is_empty() {
        if args.is_empty() {
            if flavor(sys) == Flavor::Busybox {
                sys.eprint("BusyBox v1.36.1 () multi-call binary.\n\nUsage: grep [-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n");
                return ended(1);
            }
            sys.eprint(&format!(
                "Usage: {name} [OPTION]... PATTERNS [FILE]...\nTry '{name} --help' for more information.\n"
            ));
            return ended(2);
        }
        sources.push(args.remove(0));
    }
    let kind = opts.last_of("EFGP").unwrap_or(match name.as_str() {
        "egrep" => 'E',
        "fgrep" => 'F',
        _ => 'G',
    });
    let mut patterns = Vec::new();
    for source in sources.iter().flat_map(|s| s.split('\n')) {
        let mut translated = match kind {
            'E' => regex::extended(source),
            'F' => regex::fixed(source),
            'P' => source.to_string(),
            _ => regex::basic(source),
        };
        if opts.has('x') {
            translated = format!("^(?:{translated})$");
        }
        match regex::compile(&translated, opts.has('i')) {
            Ok(regex) => patterns.push(Pattern { source: source.into(), regex }),
            Err(text) => return ended(done(sys, 2, &text)),
        }
    }
    let recursive = opts.has('r') || opts.has('R');
    let mut files = args.clone();
    let mut names = args.len() > 1;
    if recursive {
        let starts: Vec<Arc<str>> = if args.is_empty() { vec![".".into()] } else { args };
        files = Vec::new();
        for start in &starts {
            if is_dir(sys, start) {
                names = true;
                let mut found = Vec::new();
                walk(sys, start, &opts.values('+'), &opts.values('%'), 0, &mut found);
                // Without a folder given, names come without the leading `./`.
                let bare = opts.args.len() < 2 && opts.value('e').is_none() && &**start == ".";
                let skipped = opts.values('/');
                found.retain(|f| !skipped.iter().any(|d| f.split('/').any(|part| part == &**d)));
                files.extend(found.into_iter().map(|f| match f.strip_prefix("./") {
                    Some(rest) if bare => Arc::from(rest),
                    _ => f,
                }));
            } else {
                files.push(start.clone());
            }
        }
        if files.is_empty() {
            return ended(1);
        }
    }
    match opts.last_of("hH") {
        Some('h') => names = false,
        Some(_) => names = true,
        None => {}
    }
    let number = |letter| opts.value(letter).and_then(|v| v.parse::<usize>().ok());
    for letter in ['A', 'B', 'C'] {
        if let Some(text) = opts.value(letter)
            && text.parse::<usize>().is_err()
        {
            return ended(done(sys, 2, &format!("{text}: invalid context length argument")));
        }
    }
    let digits: String = opts.given.iter().map(|g| g.0).filter(char::is_ascii_digit).collect();
    let around = number('C').or_else(|| digits.parse().ok());
    let color = match opts.value('k') {
        Some("always") => true,
        Some("never") => false,
        _ => opts.has('k') && sys.is_tty(1),
    };
    let grep = Grep {
        patterns,
        invert: opts.has('v'),
        count_only: opts.has('c'),
        only: opts.has('o'),
        quiet: opts.has('q'),
        silent: opts.has('s'),
        number: opts.has('n'),
        names,
        list: opts.last_of("lL").map(|l| l == 'l'),
        whole_line: opts.has('x'),
        word: opts.has('w'),
        before: number('B').or(around).unwrap_or(0),
        after: number('A').or(around).unwrap_or(0),
        most: number('m').unwrap_or(usize::MAX),
        color,
        recursive,
        file: "".into(),
        line: 0,
        matches: 0,
        found: false,
        held: VecDeque::new(),
        left_after: 0,
        last_shown: 0,
        binary: false,
    };
    filtering(grep, &files)
}
