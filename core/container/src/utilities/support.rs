//! What utilities share: options as getopt_long reads them, complaints, reading files or stdin line by
//! line without blocking the world.

use crate::errno::Errno;
use crate::fd::{FdNum, OpenOptions, Read, STDIN};
use crate::machine::Step;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::wait::Wait;
use drydock_machinery::limits;
use std::sync::Arc;

/// Whose texts and manners a utility has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavor {
    Gnu,
    Busybox,
}

/// The flavor of the space the process runs in.
pub fn flavor(sys: &mut Sys<'_>) -> Flavor {
    if sys.lstat("/bin/busybox").is_ok() { Flavor::Busybox } else { Flavor::Gnu }
}

/// The command's name, without folders.
#[must_use]
pub fn own_name(sys: &Sys<'_>) -> String {
    let args = sys.args();
    let first = args.first().map_or("", |a| &**a);
    first.rsplit('/').next().unwrap_or("").to_string()
}

/// Complains as `name: text` and gives `code`.
pub fn done(sys: &mut Sys<'_>, code: i32, text: &str) -> i32 {
    let name = own_name(sys);
    sys.eprint(&format!("{name}: {text}\n"));
    code
}

/// Complains and suggests `--help`, as coreutils do about wrong usage.
pub fn usage(sys: &mut Sys<'_>, code: i32, text: &str) -> i32 {
    let name = own_name(sys);
    if flavor(sys) == Flavor::Busybox {
        sys.eprint(&format!(
            "{name}: {text}\nBusyBox v1.36.1 () multi-call binary.\n\nUsage: {name} [OPTION]... [ARG]...\n"
        ));
    } else {
        sys.eprint(&format!("{name}: {text}\nTry '{name} --help' for more information.\n"));
    }
    code
}

#[must_use]
pub fn hostname(sys: &Sys<'_>) -> Arc<str> {
    sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.hostname.clone()).unwrap_or_default()
}

/// Which options there are. `short` as getopt's string (`n:` takes a value, `i::` an optional one).
/// `long` names end in `=` where they take a value, in `?` where it is optional; each stands for a
/// letter, which may be one that `short` does not have.
pub struct Spec {
    pub short: &'static str,
    pub long: &'static [(&'static str, char)],
    /// The exit status for wrong usage.
    pub code: i32,
}

/// Options as given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Opts {
    pub given: Vec<(char, Option<Arc<str>>)>,
    pub args: Vec<Arc<str>>,
}

impl Opts {
    /// Reads the process' arguments.
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn read(sys: &mut Sys<'_>, spec: &Spec) -> Result<Opts, i32> {
        let args: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
        Opts::parse(sys, spec, &args, true)
    }
    /// As [`Opts::read`]; the first argument that is no option ends them (`xargs`, `env`, `timeout`).
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn read_leading(sys: &mut Sys<'_>, spec: &Spec) -> Result<Opts, i32> {
        let args: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
        Opts::parse(sys, spec, &args, false)
    }
    /// As [`Opts::read`], of words given.
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn parse_words(sys: &mut Sys<'_>, spec: &Spec, words: &[Arc<str>]) -> Result<Opts, i32> {
        Opts::parse(sys, spec, words, true)
    }
    /// As [`Opts::read_leading`], of words given.
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn parse_leading(sys: &mut Sys<'_>, spec: &Spec, words: &[Arc<str>]) -> Result<Opts, i32> {
        Opts::parse(sys, spec, words, false)
    }
    fn parse(sys: &mut Sys<'_>, spec: &Spec, args: &[Arc<str>], permute: bool) -> Result<Opts, i32> {
        let mut out = Opts::default();
        let mut words = args.iter();
        while let Some(word) = words.next() {
            if &**word == "--" {
                out.args.extend(words.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(Arc::from(value))),
                    None => (long, None),
                };
                let bare = |n: &str| n.trim_end_matches(['=', '?']).to_string();
                let exact = spec.long.iter().find(|l| bare(l.0) == name);
                let mut near = spec.long.iter().filter(|l| l.0.starts_with(name));
                let Some((full, letter)) = exact.or_else(|| near.next()) else {
                    if name == "help" {
                        let own = own_name(sys);
                        sys.print(&format!("Usage: {own} [OPTION]... [ARG]...\n"));
                        return Err(0);
                    }
                    if name == "version" {
                        let own = own_name(sys);
                        sys.print(&format!("{own} (GNU coreutils) 9.1\n"));
                        return Err(0);
                    }
                    return Err(usage(sys, spec.code, &format!("unrecognized option '--{name}'")));
                };
                let value = match (full.ends_with('='), value) {
                    (true, Some(value)) => Some(value),
                    (true, None) => match words.next() {
                        Some(value) => Some(value.clone()),
                        None => {
                            let text = format!("option '--{}' requires an argument", bare(full));
                            return Err(usage(sys, spec.code, &text));
                        }
                    },
                    (false, value) => value,
                };
                out.given.push((*letter, value));
                continue;
            }
            let Some(cluster) = word.strip_prefix('-').filter(|c| !c.is_empty()) else {
                out.args.push(word.clone());
                if !permute {
                    out.args.extend(words.cloned());
                    break;
                }
                continue;
            };
            for (at, letter) in cluster.char_indices() {
                let found = spec.short.find(letter).filter(|_| letter != ':');
                let Some(found) = found else {
                    return Err(usage(sys, spec.code, &format!("invalid option -- '{letter}'")));
                };
                let after = spec.short.get(found + letter.len_utf8()..).unwrap_or("");
                if !after.starts_with(':') {
                    out.given.push((letter, None));
                    continue;
                }
                let rest = cluster.get(at + letter.len_utf8()..).unwrap_or("");
                let value = if !rest.is_empty() {
                    Some(Arc::from(rest))
                } else if after.starts_with("::") {
                    None
                } else {
                    match words.next() {
                        Some(value) => Some(value.clone()),
                        None => {
                            return Err(usage(
                                sys,
                                spec.code,
                                &format!("option requires an argument -- '{letter}'"),
                            ));
                        }
                    }
                };
                out.given.push((letter, value));
                break;
            }
        }
        Ok(out)
    }
    #[must_use]
    pub fn has(&self, letter: char) -> bool {
        self.given.iter().any(|g| g.0 == letter)
    }
    /// The last value of an option.
    #[must_use]
    pub fn value(&self, letter: char) -> Option<&str> {
        self.given.iter().rev().find(|g| g.0 == letter)?.1.as_deref()
    }
    /// Every value of an option, in order.
    #[must_use]
    pub fn values(&self, letter: char) -> Vec<Arc<str>> {
        self.given.iter().filter(|g| g.0 == letter).filter_map(|g| g.1.clone()).collect()
    }
    /// The last of these options that was given.
    #[must_use]
    pub fn last_of(&self, letters: &str) -> Option<char> {
        self.given.iter().rev().map(|g| g.0).find(|g| letters.contains(*g))
    }
}

/// `quote(1)` as coreutils show a file name in a message: in curly or plain quotes by locale; here C's.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("'{name}'")
}

#[must_use]
pub fn is_dir(sys: &mut Sys<'_>, path: &str) -> bool {
    sys.stat(path).is_ok_and(|s| s.kind == FileKind::Directory)
}

/// `directory/name` without a doubled slash.
#[must_use]
pub fn join(directory: &str, name: &str) -> String {
    if directory.ends_with('/') { format!("{directory}{name}") } else { format!("{directory}/{name}") }
}

/// The last part of a path as basename(1) gives it.
#[must_use]
pub fn base_of(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && path.starts_with('/') { "/" } else { trimmed.rsplit('/').next().unwrap_or("") }
}

/// What came next from an [`Input`].
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// A line without its newline; `false` if the newline was missing.
    Line(Vec<u8>, bool),
    /// The next file begins; its name as given (`-` for stdin).
    File(Arc<str>),
    /// A file that could not be opened or read.
    Bad(Arc<str>, Errno),
    End,
    Wait(Step),
}

/// Files (or stdin) one after the other, in lines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Input {
    files: Vec<Arc<str>>,
    at: usize,
    fd: Option<FdNum>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` already given out.
    used: usize,
    ended: bool,
}

impl Input {
    /// Of these files; of stdin if there are none.
    #[must_use]
    pub fn new(files: &[Arc<str>]) -> Input {
        let files = if files.is_empty() { vec![Arc::from("-")] } else { files.to_vec() };
        Input { files, at: 0, fd: None, buffer: Vec::new(), used: 0, ended: false }
    }
    #[must_use]
    pub fn has_many(&self) -> bool {
        self.files.len() > 1
    }
    /// Goes to the next file, leaving the rest of this one.
    pub fn skip_file(&mut self, sys: &mut Sys<'_>) {
        self.close(sys);
        self.buffer.clear();
        self.used = 0;
    }
    fn close(&mut self, sys: &mut Sys<'_>) {
        if let Some(fd) = self.fd.take()
            && fd != STDIN
        {
            let _ = sys.close(fd);
        }
    }
    /// Opens the next file if none is open. `None`: one is open.
    fn open(&mut self, sys: &mut Sys<'_>) -> Option<Next> {
        if self.fd.is_some() {
            return None;
        }
        let Some(file) = self.files.get(self.at).cloned() else { return Some(Next::End) };
        self.at += 1;
        self.ended = false;
        self.buffer.clear();
        self.used = 0;
        if &*file == "-" {
            self.fd = Some(STDIN);
            return Some(Next::File(file));
        }
        match sys.open(&file, OpenOptions { read: true, ..OpenOptions::default() }) {
            Ok(fd) => {
                if is_dir(sys, &file) {
                    let _ = sys.close(fd);
                    return Some(Next::Bad(file, Errno::Eisdir));
                }
                self.fd = Some(fd);
                Some(Next::File(file))
            }
            Err(errno) => Some(Next::Bad(file, errno)),
        }
    }
    fn fill(&mut self, sys: &mut Sys<'_>) -> Option<Next> {
        let fd = self.fd.unwrap_or(STDIN);
        match sys.read(fd, limits::PIPE_BYTES) {
            Read::Data(bytes) => {
                self.buffer.drain(..self.used);
                self.used = 0;
                self.buffer.extend_from_slice(&bytes);
                None
            }
            Read::Block => Some(Next::Wait(Step::wait(Wait::Readable(fd)))),
            Read::End => {
                self.ended = true;
                None
            }
            Read::Failed(errno) => {
                let file = self.files.get(self.at - 1).cloned().unwrap_or_default();
                self.close(sys);
                Some(Next::Bad(file, errno))
            }
        }
    }
    /// The next line, file or end.
    pub fn line(&mut self, sys: &mut Sys<'_>) -> Next {
        self.line_until(sys, b'\n')
    }
    /// As [`Input::line`], with another end of line.
    pub fn line_until(&mut self, sys: &mut Sys<'_>, end: u8) -> Next {
        if let Some(next) = self.open(sys) {
            return next;
        }
        let mut looked = self.used;
        loop {
            let rest = self.buffer.get(looked..).unwrap_or(&[]);
            if let Some(at) = rest.iter().position(|b| *b == end) {
                let line = self.buffer.get(self.used..looked + at).unwrap_or(&[]).to_vec();
                self.used = looked + at + 1;
                return Next::Line(line, true);
            }
            if self.ended {
                let line = self.buffer.split_off(self.used.min(self.buffer.len()));
                self.buffer.clear();
                self.used = 0;
                self.close(sys);
                if line.is_empty() {
                    return self.line_until(sys, end);
                }
                return Next::Line(line, false);
            }
            if self.buffer.len() - self.used > limits::FILE_BYTES {
                self.ended = true;
                continue;
            }
            let before = self.buffer.len() - self.used;
            if let Some(next) = self.fill(sys) {
                return next;
            }
            looked = self.used + before;
        }
    }
    /// The next bytes as they come, in place of lines: `Line(bytes, true)`.
    pub fn chunk(&mut self, sys: &mut Sys<'_>) -> Next {
        if let Some(next) = self.open(sys) {
            return next;
        }
        if self.used < self.buffer.len() {
            let bytes = self.buffer.split_off(self.used);
            self.buffer.clear();
            self.used = 0;
            return Next::Line(bytes, true);
        }
        if let Some(next) = self.fill(sys) {
            return next;
        }
        if self.ended {
            self.close(sys);
            return self.chunk(sys);
        }
        let bytes = std::mem::take(&mut self.buffer);
        Next::Line(bytes, true)
    }
}

/// What a filter does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    More,
    /// Leave the rest of this file.
    NextFile,
    /// Leave the rest of everything; `end` is called.
    Stop,
}

/// A utility that works through lines. Wrap it in [`Filtering`].
pub trait Filter: Clone + std::hash::Hash + Send + Sync + 'static {
    /// Whether it wants bytes as they come rather than lines.
    fn raw(&self) -> bool {
        false
    }
    /// What ends a line.
    fn separator(&self) -> u8 {
        b'\n'
    }
    fn file(&mut self, _sys: &mut Sys<'_>, _name: &Arc<str>) {}
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow;
    /// A file could not be read. The default complains as coreutils do.
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: Errno) {
        let own = own_name(sys);
        let busybox = flavor(sys) == Flavor::Busybox;
        match (busybox, errno) {
            (true, Errno::Eisdir) => sys.eprint(&format!("{own}: read error: {errno}\n")),
            (true, _) => sys.eprint(&format!("{own}: can't open '{name}': {errno}\n")),
            (false, _) => sys.eprint(&format!("{own}: {name}: {errno}\n")),
        }
    }
    /// The exit status; `failed` if some file was bad.
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32;
}

/// A [`Filter`] at work.
#[derive(Clone, Hash)]
pub struct Filtering<F> {
    pub filter: F,
    pub input: Input,
    pub failed: bool,
}

/// Lines one step works through at most, so that a step stays short.
const LINES: usize = 256;

impl<F: Filter> crate::machine::Behave for Filtering<F> {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        for _ in 0..LINES {
            let next = if self.filter.raw() {
                self.input.chunk(sys)
            } else {
                let end = self.filter.separator();
                self.input.line_until(sys, end)
            };
            match next {
                Next::Line(line, newline) => match self.filter.line(sys, &line, newline) {
                    Flow::More => {}
                    Flow::NextFile => self.input.skip_file(sys),
                    Flow::Stop => return Step::Exit(self.filter.end(sys, self.failed)),
                },
                Next::File(name) => self.filter.file(sys, &name),
                Next::Bad(name, errno) => {
                    self.failed = true;
                    self.filter.bad(sys, &name, errno);
                }
                Next::End => return Step::Exit(self.filter.end(sys, self.failed)),
                Next::Wait(step) => return step,
            }
            if sys.unwritten() > limits::PIPE_BYTES {
                break;
            }
        }
        Step::Again
    }
}

/// A filter over files as a program's first state.
pub fn filtering<F: Filter>(filter: F, files: &[Arc<str>]) -> Box<dyn crate::Machine> {
    Box::new(Filtering { filter, input: Input::new(files), failed: false })
}

/// A program that has nothing left to do but to exit.
#[derive(Clone, Hash)]
pub struct Ended(pub i32);

impl crate::machine::Behave for Ended {
    fn step(&mut self, _: &mut Sys<'_>) -> Step {
        Step::Exit(self.0)
    }
}

pub fn ended(code: i32) -> Box<dyn crate::Machine> {
    Box::new(Ended(code))
}
