//! The learner's terminals: typing, waiting for the prompt, transcripts, and the editor pane's files.

use crate::history::Sandbox;
use crate::input::Input;
use crate::world::World;
use drydock_container::tty::{Chunk, Edit, Kind};
use drydock_machinery::limits;

/// A command line that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandResult {
    pub command: String,
    /// Exit status; 124 when it was stopped for taking too long, as timeout(1) gives it.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    pub started_ms: u64,
    pub ended_ms: u64,
}

impl World {
    /// Puts a line into a terminal, echoed behind the prompt.
    pub(crate) fn type_line(&mut self, tty: u32, text: &str) {
        let mut end = text.len().min(limits::LINE_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or("");
        self.machines.type_line(tty, text);
    }
    /// Whether a command is in the terminal's foreground.
    #[must_use]
    pub fn is_busy(&self, tty: u32) -> bool {
        self.machines.tty(tty).is_some_and(|t| !t.at_prompt && t.edit.is_none())
    }
    /// A number that moves whenever the cluster, the engine or a terminal does.
    pub(crate) fn activity(&self) -> (u64, u64) {
        let printed = self.machines.ttys.values().map(|t| t.printed()).sum();
        (self.version(), printed)
    }
}

impl Sandbox {
    #[must_use]
    pub fn is_busy(&self, tty: u32) -> bool {
        self.world().is_busy(tty)
    }
    /// Types a line at the first terminal and lets time pass until its prompt is back, or until a program
    /// waits for something to be typed. The result comes with the line that ends a command: the last one
    /// of a here-document, the `exit` of a shell in a container.
    pub fn run_line(&mut self, line: &str) -> Option<CommandResult> {
        self.input_until_prompt(Input::Line { tty: 0, text: line.to_string() })
    }
    /// Ctrl-D for a program that waits for input; `None` when none does.
    pub fn finish_input(&mut self) -> Option<CommandResult> {
        if !self.is_busy(0) && !self.is_continued() {
            return None;
        }
        self.input_until_prompt(Input::Eof { tty: 0 })
    }
    fn input_until_prompt(&mut self, input: Input) -> Option<CommandResult> {
        let tty = 0;
        let from = self.world().machines.tty(tty).map_or(0, |t| t.done.len());
        let first = self.transcript_len(tty);
        let started = self.now();
        self.apply(input);
        while self.is_busy(tty) && !self.wants_input(tty) && self.now() - started < limits::COMMAND_MS {
            let next = self.world().machines.clock.queue.next_time().unwrap_or(u64::MAX);
            let wait = next.saturating_sub(self.now()).clamp(1, 1_000);
            self.advance(wait, usize::MAX);
        }
        let mut stopped = false;
        if self.is_busy(tty) && !self.wants_input(tty) {
            self.apply(Input::Interrupt { tty });
            self.advance(100, usize::MAX);
            stopped = true;
        }
        let terminal = self.world().machines.tty(tty)?;
        let done = terminal.done.iter().skip(from).last()?.clone();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let begin = done.chunks.0.min(first).max(terminal.dropped);
        for chunk in terminal.output.iter().skip((begin - terminal.dropped) as usize) {
            match chunk.kind {
                Kind::Stdout => stdout.push_str(&chunk.text),
                Kind::Stderr => stderr.push_str(&chunk.text),
                Kind::Prompt | Kind::Echo => {}
            }
        }
        Some(CommandResult {
            command: done.command.to_string(),
            status: if stopped { 124 } else { done.status },
            stdout,
            stderr,
            started_ms: done.started,
            ended_ms: done.ended,
        })
    }
    /// Chunks of a terminal's transcript ever printed.
    #[must_use]
    pub fn transcript_len(&self, tty: u32) -> u64 {
        self.world().machines.tty(tty).map_or(0, |t| t.printed())
    }
    /// The transcript from chunk `from` on; older chunks than are kept are left out.
    #[must_use]
    pub fn transcript(&self, tty: u32, from: u64) -> Vec<Chunk> {
        let Some(tty) = self.world().machines.tty(tty) else { return Vec::new() };
        let skip = from.saturating_sub(tty.dropped) as usize;
        tty.output.iter().skip(skip).cloned().collect()
    }
    /// The unfinished last line of the transcript: the prompt, whoever printed it.
    #[must_use]
    pub fn prompt(&self, tty: u32) -> String {
        let Some(tty) = self.world().machines.tty(tty) else { return String::new() };
        let mut line = String::new();
        for chunk in tty.output.iter().rev() {
            match chunk.text.rfind('\n') {
                Some(at) => {
                    line.insert_str(0, chunk.text.get(at + 1..).unwrap_or(""));
                    break;
                }
                None => line.insert_str(0, &chunk.text),
            }
            if line.len() > 4096 {
                break;
            }
        }
        line
    }
    /// Whether the shell waits for the rest of a command.
    #[must_use]
    pub fn is_continued(&self) -> bool {
        self.world().machines.tty(0).is_some_and(|t| t.continued)
    }
    /// Whether the foreground command waits for something to be typed.
    #[must_use]
    pub fn wants_input(&self, tty: u32) -> bool {
        let key = drydock_container::wait::Key::Tty(tty);
        self.is_busy(tty) && self.world().machines.waiters.range((key, 0)..=(key, u32::MAX)).next().is_some()
    }
    /// Whether what runs at a terminal reads single keys.
    #[must_use]
    pub fn wants_keys(&self, tty: u32) -> bool {
        self.is_busy(tty) && self.world().machines.is_raw(tty)
    }
    /// Whether the terminals are known to send single keys.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.world().machines.keys
    }
    /// The file a program (nano, vi, kubectl edit) wants edited.
    #[must_use]
    pub fn editing(&self, tty: u32) -> Option<Edit> {
        self.world().machines.tty(tty)?.edit.clone().filter(|e| e.result.is_none())
    }
}
