//! The frames of a running shell: where it is in its script, as plain data.

use super::ast::{Command, Link, Script};
use super::vars::{Value, Var};
use crate::fd::FdNum;
use crate::process::Pid;
use imbl::Vector;
use std::sync::Arc;

/// Where a reader's text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// `-c`
    Command,
    /// A script file.
    Script,
    /// Standard input that is no terminal, read line by line.
    Stdin,
    /// A terminal, with prompts.
    Terminal,
    /// `eval`, traps, startup files and `source`.
    Eval,
}

/// A script that is read while it runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reader {
    pub source: Source,
    pub text: Arc<str>,
    pub at: usize,
    pub line: u32,
    /// No more lines will come.
    pub ended: bool,
    /// The prompt for the present line has been shown.
    pub prompted: bool,
    /// The line under way at a terminal: its text, when it began, chunks printed by then.
    pub running: Option<(Arc<str>, u64, u64)>,
}

impl Reader {
    #[must_use]
    pub fn text(text: &str, source: Source) -> Reader {
        let ended = !matches!(source, Source::Stdin | Source::Terminal);
        Reader { source, text: text.into(), at: 0, line: 1, ended, prompted: false, running: None }
    }
    #[must_use]
    pub fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }
}

/// A simple command after expansion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ready {
    pub words: Vec<Arc<str>>,
    pub assigns: Vec<(Arc<str>, Assigned)>,
    pub redirects: Vec<Redirected>,
    /// Status of the last command substitution, for a command without words.
    pub substituted: Option<i32>,
    /// Its assignments as `set -x` shows them, when it is on.
    pub shown: Vec<String>,
}

/// The value an assignment gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Assigned {
    Scalar(Arc<str>),
    Item(super::vars::Index, Arc<str>),
    Whole(Value),
}

/// A redirection after expansion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redirected {
    pub fd: Option<u32>,
    /// `{name}>`: gets the descriptor's number.
    pub var: Option<Arc<str>>,
    pub kind: super::ast::RedirectKind,
    /// The file, or why there is none.
    pub target: Result<Arc<str>, Arc<str>>,
}

/// A `read` that waits for its line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    pub names: Vec<Arc<str>>,
    pub fd: FdNum,
    pub raw: bool,
    pub array: Option<Arc<str>>,
    /// Lines so far: a backslash at the end of one continues it.
    pub text: String,
    pub deadline: Option<u64>,
    /// `-n`
    pub most: Option<usize>,
    /// `-d`
    pub delimiter: char,
}

/// A `mapfile` under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lines {
    pub name: Arc<str>,
    pub trim: bool,
    pub fd: FdNum,
    /// Index of the next line.
    pub next: i64,
    /// Lines still to skip, and to take.
    pub skip: usize,
    pub most: usize,
    pub delimiter: u8,
    /// What was read of the present line.
    pub text: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Frame {
    /// The items of a list.
    Items {
        script: Script,
        at: usize,
    },
    /// An and-or list; `at` is the next link.
    Chain {
        chain: Arc<[Link]>,
        at: usize,
    },
    /// `!`
    Negate,
    /// `time`: when it began.
    Timed {
        started: u64,
        posix: bool,
    },
    /// A command to begin.
    Run(Arc<Command>),
    /// A compound command whose redirections are in place.
    Body(Arc<Command>),
    /// A simple command to carry out.
    Execute(Box<Ready>),
    /// Descriptors to put back: number and where the old one was kept.
    Restore(Vec<(FdNum, Option<FdNum>)>),
    If {
        command: Arc<Command>,
        arm: usize,
    },
    Loop {
        command: Arc<Command>,
        testing: bool,
        status: i32,
    },
    For {
        command: Arc<Command>,
        values: Arc<[Arc<str>]>,
        at: usize,
    },
    /// stage 0 init, 1 condition, 2 after the body.
    ForArith {
        command: Arc<Command>,
        stage: u8,
    },
    /// Arms from `arm` on are tried; `fall` runs the next body untested.
    Case {
        command: Arc<Command>,
        subject: Option<Arc<str>>,
        arm: usize,
        fall: bool,
    },
    /// A function: what to put back when it returns.
    Call {
        name: Arc<str>,
        positional: Vector<Arc<str>>,
        locals: Vec<(Arc<str>, Option<Var>)>,
    },
    /// `source`: return stops here; its arguments give way to these again.
    Sourced {
        positional: Option<Vector<Arc<str>>>,
        file: Arc<str>,
    },
    /// Variables set for one builtin or function only.
    Environment(Vec<(Arc<str>, Option<Var>)>),
    Reader(Reader),
    /// The output of a command substitution.
    Capture {
        pid: Pid,
        fd: FdNum,
        text: Vec<u8>,
    },
    /// A foreground pipeline: processes in order, statuses as they come.
    Foreground {
        job: Option<u32>,
        pids: Vec<Pid>,
        statuses: Vec<Option<i32>>,
        text: Arc<str>,
    },
    /// `wait`: for these, or for all.
    Wait {
        pids: Option<Vec<Pid>>,
        status: i32,
    },
    Read(Box<Reading>),
    /// `mapfile`: the array, whether newlines go, lines so far.
    Lines(Box<Lines>),
    /// The last stage of a pipeline has run in this shell; these ran before it.
    OwnLast {
        pids: Vec<Pid>,
        text: Arc<str>,
    },
    /// A function that `command` hides for one command.
    Restored {
        name: Arc<str>,
        body: Arc<Command>,
    },
    /// The DEBUG trap has run for the command below.
    Debugged,
    /// A trap's action runs; `$?` is this again afterwards.
    Trap {
        status: i32,
    },
}
