//! What utilities that work through their input share: files or stdin, line by line or as bytes come,
//! without blocking the world.

use super::support::{Flavor, flavor, is_dir, own_name};
use crate::errno::Errno;
use crate::fd::{FdNum, OpenOptions, Read, STDIN};
use crate::machine::Step;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::limits;
use std::sync::Arc;

/// A program's first state.
pub(super) type Start = Box<dyn crate::Machine>;

/// Reads options or ends the program.
macro_rules! options {
    ($sys:expr, $spec:expr) => {
        match $crate::utilities::support::Opts::read($sys, &$spec) {
            Ok(opts) => opts,
            Err(code) => return $crate::utilities::filter::ended(code),
        }
    };
}
pub(super) use options;

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
    fn end(&mut self, _sys: &mut Sys<'_>, failed: bool) -> i32 {
        i32::from(failed)
    }
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

/// A utility that reads all of its input before it does its work.
#[derive(Clone)]
pub struct Gather {
    data: Vec<u8>,
    opts: super::support::Opts,
    then: fn(&mut Sys<'_>, &super::support::Opts, &[u8]) -> i32,
}

// What comes then is the program's own: hashing its address would differ from machine to machine.
impl std::hash::Hash for Gather {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.data, &self.opts).hash(state);
    }
}

impl Filter for Gather {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, _: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        self.data.extend_from_slice(bytes);
        if self.data.len() > limits::FILE_BYTES { Flow::NextFile } else { Flow::More }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        let data = std::mem::take(&mut self.data);
        (self.then)(sys, &self.opts, &data).max(i32::from(failed))
    }
}

/// Reads these files (or stdin) to their end, one after the other, and then does its work.
pub fn gathering(
    opts: super::support::Opts,
    files: &[Arc<str>],
    then: fn(&mut Sys<'_>, &super::support::Opts, &[u8]) -> i32,
) -> Box<dyn crate::Machine> {
    filtering(Gather { data: Vec::new(), opts, then }, files)
}
