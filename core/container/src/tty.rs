//! Terminals: what was typed and not yet read, what was printed and by which descriptor, who is in the
//! foreground, and a file that an editor wants the learner to edit.

use crate::pipe::Pipe;
use crate::process::Pid;
use crate::space::SpaceId;
use drydock_machinery::digest::mix;
use drydock_machinery::{Digest, limits};
use imbl::Vector;
use std::sync::Arc;

/// What a chunk of terminal output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Stdout,
    Stderr,
    /// A shell's prompt; not part of any command's output.
    Prompt,
    /// What the learner typed, as the terminal shows it.
    Echo,
}

/// A piece of the transcript.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chunk {
    pub time: u64,
    pub kind: Kind,
    pub text: Arc<str>,
}

/// A command line that came to its end at the terminal's shell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Done {
    pub command: Arc<str>,
    pub status: i32,
    pub started: u64,
    pub ended: u64,
    /// Number of the first and one past the last chunk it may have printed.
    pub chunks: (u64, u64),
}

/// A file that a program (nano, vi, `kubectl edit`) holds open for the learner.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    pub pid: Pid,
    pub path: Arc<str>,
    /// The editor's name as typed.
    pub program: Arc<str>,
    pub text: Arc<str>,
    /// Set by the learner: the text to save, or none to leave without saving.
    pub result: Option<Option<Arc<str>>>,
}

/// A terminal and its transcript.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tty {
    pub input: Pipe,
    pub output: Vector<Chunk>,
    /// Chunks dropped from the front of `output` for length.
    pub dropped: u64,
    /// The process group that gets Ctrl-C and may read.
    pub foreground: Pid,
    /// The session's shell.
    pub shell: Pid,
    /// True while the shell waits for a new command line.
    pub at_prompt: bool,
    /// True while the shell waits for the rest of a command (PS2).
    pub continued: bool,
    /// Ctrl-D was typed on an empty line; the next read sees the end once.
    pub eof: bool,
    pub done: Vector<Done>,
    pub edit: Option<Edit>,
    pub columns: u16,
    pub rows: u16,
    /// Where output also goes: the pipe of an outside stream (exec with a terminal).
    pub mirror: Option<u32>,
    /// Output also goes to this container's log: the terminal of its first process.
    pub log: Option<SpaceId>,
    /// Bytes in `output`.
    pub bytes: usize,
    /// The process that reads single keys; 0 for none.
    pub raw: Pid,
}

impl Tty {
    /// Adds to the transcript and drops from its front what exceeds `limits::TTY_BYTES`.
    pub fn push(&mut self, chunk: Chunk) {
        self.bytes += chunk.text.len();
        self.output.push_back(chunk);
        while self.bytes > limits::TTY_BYTES || self.output.len() > limits::TTY_CHUNKS {
            let Some(old) = self.output.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(old.text.len());
            self.dropped += 1;
        }
    }
    #[must_use]
    pub fn digest(&self) -> u64 {
        let output = self.output.iter().fold(self.dropped, |h, c| mix(h, Digest::of(c)));
        let state =
            (self.foreground, self.shell, self.at_prompt, self.continued, self.eof, &self.edit, self.raw);
        let done = self.done.iter().fold(0, |h, d| mix(h, Digest::of(d)));
        [self.input.digest(), Digest::of(&state), done].into_iter().fold(output, mix)
    }
    /// Chunks printed so far, dropped ones included.
    #[must_use]
    pub fn printed(&self) -> u64 {
        self.dropped + self.output.len() as u64
    }
}
