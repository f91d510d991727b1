//! vi, vim and nano on a terminal's screen, as one edits inside a container. vi's keys are those of
//! [`drydock_machinery::vi`]; nano has its shortcuts. Left out: several files, shell escapes, swap files.

use super::filter::ended;
use super::screen::{self, Key};
use super::support::{done, own_name};
use crate::errno::Errno;
use crate::fd::{Read, STDIN};
use crate::machine::{Behave, Handled, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::limits;
use drydock_machinery::vi::{Effect, Vi};
use std::sync::Arc;

#[derive(Clone, Hash)]
struct Visual {
    path: Arc<str>,
    text: String,
    saved: String,
    /// Bytes from the beginning.
    at: usize,
    /// First line on the screen.
    top: usize,
    /// None for nano.
    vi: Option<Vi>,
    /// nano: what it asks, and the answer so far.
    asking: Option<(Ask, String)>,
    cut: String,
    message: String,
    drawn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ask {
    Save,
    Name { leave: bool },
    Find,
}

/// The editor on a file, at a terminal of its own.
pub fn visual(sys: &mut Sys<'_>, path: &str) -> Box<dyn crate::Machine> {
    let (text, message) = match sys.read_file(path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let (lines, size) = (text.lines().count(), bytes.len());
            (text, format!("\"{path}\" {lines}L, {size}B"))
        }
        Err(Errno::Enoent) => (String::new(), format!("\"{path}\" [New]")),
        Err(errno) => return ended(done(sys, 1, &format!("{path}: {errno}"))),
    };
    let nano = own_name(sys) == "nano";
    let message = match (nano, text.is_empty()) {
        (true, true) => "[ New File ]".into(),
        (true, false) => format!("[ Read {} lines ]", text.lines().count()),
        _ => message,
    };
    Box::new(Visual {
        path: path.into(),
        saved: text.clone(),
        text,
        at: 0,
        top: 0,
        vi: (!nano).then(Vi::default),
        asking: None,
        cut: String::new(),
        message,
        drawn: false,
    })
}

impl Visual {
    fn line_of(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or("").matches('\n').count()
    }
    fn line_start(&self) -> usize {
        self.text.get(..self.at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1)
    }
    fn line_end(&self) -> usize {
        self.text.get(self.at..).and_then(|t| t.find('\n')).map_or(self.text.len(), |n| self.at + n)
    }
    fn draw(&mut self, sys: &mut Sys<'_>) {
        let (columns, height) = sys.window();
        let nano = self.vi.is_none();
        // nano keeps a title above and its shortcuts below.
        let room = height.saturating_sub(if nano { 4 } else { 1 }).max(1);
        let here = self.line_of(self.at);
        self.top = self.top.min(here).max((here + 1).saturating_sub(room));
        let numbers = self.vi.as_ref().is_some_and(Vi::numbers);
        let margin = if numbers { 4 } else { 0 };
        let mut lines: Vec<String> = Vec::new();
        if nano {
            let state = if self.text == self.saved { "" } else { "Modified" };
            lines.push(format!("  GNU nano 7.2{:>24}{:>30}", self.path, state));
        }
        for (n, line) in self.text.split('\n').enumerate().skip(self.top).take(room) {
            // What follows the last newline is no line.
            if n > 0 && line.is_empty() && n == self.text.matches('\n').count() && !nano {
                break;
            }
            let shown = screen::rows(line, columns - margin).swap_remove(0);
            lines.push(if numbers { format!("{:>3} {shown}", n + 1) } else { shown });
        }
        let blank = if nano { "" } else { "~" };
        lines.resize(room + usize::from(nano), blank.into());
        let row = here - self.top + usize::from(nano);
        let before = self.text.get(self.line_start()..self.at).unwrap_or("");
        let column = screen::rows(before, usize::MAX).swap_remove(0).chars().count() + margin;
        match (&self.vi, &self.asking) {
            (Some(vi), _) => {
                let status = vi.status();
                lines.push(if status.is_empty() { self.message.clone() } else { status });
            }
            (None, Some((ask, answer))) => {
                let (question, help) = match ask {
                    Ask::Save => ("Save modified buffer? ", " Y Yes\n N No           ^C Cancel"),
                    Ask::Name { .. } => ("File Name to Write: ", "^C Cancel\n"),
                    Ask::Find => ("Search: ", "^C Cancel\n"),
                };
                lines.push(format!("{question}{answer}"));
                lines.push(help.into());
            }
            (None, None) => {
                lines.push(format!("{:^80}", self.message).trim_end().to_string());
                lines.push("^G Help      ^O Write Out ^W Where Is  ^K Cut       ^X Exit".into());
                lines.push("^C Location  ^U Paste     ^Y Prev Page ^V Next Page ^E End".into());
            }
        }
        screen::draw(sys, &lines, (row, column.min(columns - 1)));
    }
    fn write(&mut self, sys: &mut Sys<'_>) -> bool {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        let (path, nano) = (self.path.clone(), self.vi.is_none());
        match sys.write_file(&path, self.text.as_bytes(), false) {
            Ok(()) => {
                self.saved.clone_from(&self.text);
                let lines = self.text.lines().count();
                self.message = match nano {
                    true => format!("[ Wrote {lines} lines ]"),
                    false => format!("\"{path}\" {lines}L, {}B written", self.text.len()),
                };
                true
            }
            Err(errno) => {
                self.message = match nano {
                    true => format!("[ Error writing {path}: {errno} ]"),
                    false => format!("\"{path}\" E212: Can't open file for writing: {errno}"),
                };
                false
            }
        }
    }
    /// Changes the text at the cursor: takes away from `from` to `to` and puts text there.
    fn splice(&mut self, from: usize, to: usize, with: &str) {
        if self.text.len() + with.len() > limits::FILE_BYTES {
            return;
        }
        if self.text.is_char_boundary(from) && self.text.is_char_boundary(to) && from <= to {
            self.text.replace_range(from..to, with);
            self.at = from + with.len();
        }
    }
    /// Typing and moving as every editor has it; false for any other key.
    fn type_key(&mut self, key: &str) -> bool {
        let before = self.text.get(..self.at).and_then(|t| t.chars().next_back());
        let after = self.text.get(self.at..).and_then(|t| t.chars().next());
        match key {
            "Enter" => self.splice(self.at, self.at, "\n"),
            "Tab" => self.splice(self.at, self.at, "\t"),
            "Backspace" => {
                if let Some(c) = before {
                    self.splice(self.at - c.len_utf8(), self.at, "");
                }
            }
            "Delete" => {
                if let Some(c) = after {
                    self.splice(self.at, self.at + c.len_utf8(), "");
                }
            }
            "ArrowLeft" => self.at -= before.map_or(0, char::len_utf8),
            "ArrowRight" => self.at += after.map_or(0, char::len_utf8),
            "ArrowUp" => self.move_lines(-1),
            "ArrowDown" => self.move_lines(1),
            "PageUp" => self.move_lines(-20),
            "PageDown" => self.move_lines(20),
            "Home" => self.at = self.line_start(),
            "End" => self.at = self.line_end(),
            key if key.chars().count() == 1 => self.splice(self.at, self.at, key),
            _ => return false,
        }
        true
    }
    fn move_lines(&mut self, by: i64) {
        let column = self.text.get(self.line_start()..self.at).map_or(0, |t| t.chars().count());
        let wanted = (self.line_of(self.at) as i64 + by).max(0) as usize;
        let last = self.text.matches('\n').count();
        let mut start = 0;
        for _ in 0..wanted.min(last) {
            start += self.text.get(start..).and_then(|t| t.find('\n')).map_or(0, |n| n + 1);
        }
        let line = self.text.get(start..).unwrap_or("").split('\n').next().unwrap_or("");
        self.at = start + line.chars().take(column).map(char::len_utf8).sum::<usize>();
    }
    /// Does what a key asks; true to leave.
    fn key(&mut self, sys: &mut Sys<'_>, (key, ctrl): &Key) -> bool {
        let Some(vi) = &mut self.vi else { return self.nano_key(sys, key, *ctrl) };
        let (key, ctrl) = if *ctrl && key == "c" { ("Escape", false) } else { (key.as_str(), *ctrl) };
        match vi.key(key, ctrl, &self.text, self.at) {
            Effect::Native => _ = !ctrl && self.type_key(key),
            Effect::Text { text, cursor } => (self.text, self.at) = (text, cursor),
            Effect::Write => _ = self.write(sys),
            Effect::WriteQuit => return self.write(sys),
            Effect::Quit { force } if force || self.text == self.saved => return true,
            Effect::Quit { .. } => vi.complain("E37: No write since last change (add ! to override)"),
        }
        false
    }
    fn nano_key(&mut self, sys: &mut Sys<'_>, key: &str, ctrl: bool) -> bool {
        if let Some((ask, mut answer)) = self.asking.take() {
            match (ask, key) {
                (_, "c") if ctrl => self.message = "[ Cancelled ]".into(),
                (Ask::Save, "y" | "Y") => {
                    self.asking = Some((Ask::Name { leave: true }, self.path.to_string()));
                }
                (Ask::Save, "n" | "N") => return true,
                (Ask::Save, _) => self.asking = Some((ask, answer)),
                (Ask::Name { leave }, "Enter") => {
                    self.path = answer.as_str().into();
                    return self.write(sys) && leave;
                }
                (Ask::Find, "Enter") => {
                    let from = self.at
                        + self.text.get(self.at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
                    let after = self.text.get(from..).and_then(|t| t.find(&answer)).map(|n| n + from);
                    match after.or_else(|| self.text.find(&answer)) {
                        Some(at) => self.at = at,
                        None => self.message = format!("[ \"{answer}\" not found ]"),
                    }
                }
                (_, "Backspace") => {
                    answer.pop();
                    self.asking = Some((ask, answer));
                }
                (_, key) if !ctrl && key.chars().count() == 1 => {
                    self.asking = Some((ask, answer + key));
                }
                _ => self.asking = Some((ask, answer)),
            }
            return false;
        }
        self.message.clear();
        if !ctrl {
            self.type_key(key);
            return false;
        }
        match key {
            "x" if self.text == self.saved => return true,
            "x" => self.asking = Some((Ask::Save, String::new())),
            "o" | "s" => self.asking = Some((Ask::Name { leave: false }, self.path.to_string())),
            "w" => self.asking = Some((Ask::Find, String::new())),
            "k" => {
                let (from, to) = (self.line_start(), (self.line_end() + 1).min(self.text.len()));
                self.cut = self.text.get(from..to).unwrap_or("").to_string();
                self.splice(from, to, "");
            }
            "u" => {
                let cut = self.cut.clone();
                self.splice(self.at, self.at, &cut);
            }
            "a" => self.at = self.line_start(),
            "e" => self.at = self.line_end(),
            "v" => self.move_lines(20),
            "y" => self.move_lines(-20),
            "c" => {
                let (line, all) = (self.line_of(self.at) + 1, self.text.matches('\n').count() + 1);
                self.message = format!("[ line {line}/{all} ]");
            }
            _ => {}
        }
        false
    }
}

impl Behave for Visual {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if !self.drawn {
            self.drawn = true;
            sys.raw();
            screen::enter(sys);
            self.draw(sys);
        }
        loop {
            match sys.read(STDIN, limits::PIPE_BYTES) {
                Read::Data(bytes) => {
                    for key in screen::keys(&bytes) {
                        if self.key(sys, &key) {
                            screen::leave(sys);
                            sys.cooked();
                            return Step::Exit(0);
                        }
                    }
                    self.draw(sys);
                }
                Read::Block => return Step::wait(Wait::Readable(STDIN)),
                Read::End | Read::Failed(_) => {
                    screen::leave(sys);
                    sys.cooked();
                    return Step::Exit(1);
                }
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if signal == Signal::Int { Handled::Ignored } else { Handled::Default }
    }
}
