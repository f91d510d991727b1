//! Terminals from the outside: opening one, typing into it, its control characters. The line discipline
//! is canonical (line by line); an outside stream that already echoed is not echoed again.

use crate::machines::Machines;
use crate::pipe::Pipe;
use crate::process::Pid;
use crate::signal::Signal;
use crate::tty::{Kind, Tty};
use crate::wait::Key;
use drydock_machinery::limits;
use std::sync::Arc;

/// The first terminal number of containers; numbers below are the learner's own terminals.
pub const FIRST: u32 = 16;

impl Machines {
    /// A new terminal; gives its number.
    pub fn open_tty(&mut self, columns: u16, rows: u16) -> u32 {
        // Never a number again: a process may still hold a terminal that was closed.
        let id = self.last_tty.max(FIRST - 1) + 1;
        self.last_tty = id;
        let mut input = Pipe::default();
        (input.readers, input.writers) = (1, 1);
        let tty = Tty { columns, rows, input, ..Tty::default() };
        self.ttys.insert(id, Arc::new(tty));
        id
    }
    /// Hangs up: its foreground and its shell get SIGHUP.
    pub fn close_tty(&mut self, id: u32) {
        let Some(tty) = self.ttys.remove(&id) else { return };
        self.kill_group(tty.foreground, Signal::Hup);
        if tty.shell != 0 {
            self.kill(tty.shell, Signal::Hup);
        }
        self.wake(Key::Tty(id));
    }
    /// The learner typed a line and pressed Enter: it is echoed and handed to who reads.
    pub fn type_line(&mut self, id: u32, line: &str) {
        let line = line.get(..floor(line, limits::LINE_BYTES)).unwrap_or("");
        let text = format!("{line}\n");
        if !self.is_raw(id) {
            self.tty_print(id, Kind::Echo, text.as_bytes());
        }
        self.feed(id, text.as_bytes());
    }
    /// The learner pressed keys of which no line is made: a program reads them one by one. That a terminal can do
    /// so is known from the first on, even if there is nothing in it.
    pub fn type_keys(&mut self, id: u32, keys: &str) {
        self.keys = true;
        if !keys.is_empty() && self.is_raw(id) {
            self.feed(id, keys.as_bytes());
        }
    }
    /// Whether what runs at a terminal reads single keys: itself, or for one of the learner's what runs at
    /// the other end of its client.
    #[must_use]
    pub fn is_raw(&self, id: u32) -> bool {
        let reads = |tty: &Tty| tty.raw != 0 && self.process(tty.raw).is_some_and(|p| p.is_alive());
        let Some(tty) = self.tty(id) else { return false };
        reads(tty) || (id < FIRST && !tty.at_prompt && self.ttys.iter().any(|(n, t)| *n >= FIRST && reads(t)))
    }
    /// Bytes that arrive at the terminal from an outside stream, which echoed them already. Control
    /// characters act: 3 interrupts, 4 ends the input, 26 suspends, 28 quits.
    pub fn feed(&mut self, id: u32, bytes: &[u8]) {
        if self.is_raw(id) {
            if let Some(tty) = self.tty_mut(id)
                && tty.input.len() + bytes.len() <= limits::LINE_BYTES * 4
            {
                tty.input.push(bytes);
            }
            return self.wake(Key::Tty(id));
        }
        for part in bytes.split_inclusive(|b| matches!(b, 3 | 4 | 26 | 28)) {
            let (text, control) = match part.split_last() {
                Some((last, text)) if matches!(last, 3 | 4 | 26 | 28) => (text, Some(*last)),
                _ => (part, None),
            };
            if let Some(tty) = self.tty_mut(id)
                && !text.is_empty()
                && tty.input.len() + text.len() <= limits::LINE_BYTES * 4
            {
                tty.input.push(text);
                tty.at_prompt = false;
                self.wake(Key::Tty(id));
            }
            match control {
                Some(3) => self.interrupt(id),
                Some(4) => self.end_of_input(id),
                Some(26) => self.signal_foreground(id, Signal::Tstp),
                Some(28) => self.signal_foreground(id, Signal::Quit),
                _ => {}
            }
        }
    }
    /// Ctrl-C: SIGINT to the foreground group; what was typed and not read is thrown away.
    pub fn interrupt(&mut self, id: u32) {
        if let Some(tty) = self.tty_mut(id) {
            let all = tty.input.len();
            tty.input.take(all);
        }
        self.tty_print(id, Kind::Echo, b"^C");
        self.signal_foreground(id, Signal::Int);
    }
    /// Ctrl-Z.
    pub fn suspend(&mut self, id: u32) {
        self.tty_print(id, Kind::Echo, b"^Z");
        self.signal_foreground(id, Signal::Tstp);
    }
    /// Ctrl-D: hands an unfinished line to the reader, or the end of input.
    pub fn end_of_input(&mut self, id: u32) {
        if let Some(tty) = self.tty_mut(id) {
            tty.eof = true;
        }
        self.wake(Key::Tty(id));
    }
    /// The window's size changed: SIGWINCH to the foreground.
    pub fn resize(&mut self, id: u32, columns: u16, rows: u16) {
        let Some(tty) = self.tty_mut(id) else { return };
        if (tty.columns, tty.rows) != (columns, rows) {
            (tty.columns, tty.rows) = (columns, rows);
            self.signal_foreground(id, Signal::Winch);
        }
    }
    /// The learner saved (`Some(text)`) or left the editor without saving.
    pub fn finish_edit(&mut self, id: u32, text: Option<Arc<str>>) {
        let Some(edit) = self.tty_mut(id).and_then(|t| t.edit.as_mut()) else { return };
        edit.result = Some(text);
        let pid: Pid = edit.pid;
        self.wake(Key::Editor(pid));
    }
    fn signal_foreground(&mut self, id: u32, signal: Signal) {
        let Some(tty) = self.tty(id) else { return };
        let (group, shell) = (tty.foreground, tty.shell);
        if group != 0 {
            self.kill_group(group, signal);
        } else if shell != 0 {
            self.kill(shell, signal);
        }
    }
    /// A new pipe without ends.
    pub(crate) fn fresh_pipe(&mut self) -> u32 {
        let id = self.pipes.get_max().map_or(0, |(id, _)| *id).max(self.last_pipe) + 1;
        self.last_pipe = id;
        self.pipes.insert(id, Arc::new(Pipe::default()));
        id
    }
}

/// The largest character boundary not above `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0)
}
