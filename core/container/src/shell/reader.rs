//! Reading scripts while they run: files, `-c`, standard input, `eval`, a terminal.

use super::ast::{Kind, RedirectKind, Script, Word};
use super::flow::Flow;
use super::frame::{Frame, Reader, Source};
use super::lexer::{Fault, Lexer};
use super::parser;
use super::state::Shell;
use crate::errno::Errno;
use crate::fd::{Read, STDIN};
use crate::machine::Step;
use crate::process::Pid;
use crate::sys::Sys;
use crate::sys_proc::WaitResult;
use crate::wait::Wait;
use drydock_machinery::limits;
use std::sync::Arc;

impl Shell {
    /// A script's text, or the exit status after the complaint.
    pub(super) fn read_script(&mut self, sys: &mut Sys<'_>, file: &str) -> Result<String, i32> {
        match sys.read_file(file) {
            Ok(bytes) if bytes.starts_with(b"\x7fELF") => {
                sys.eprint(&format!("{file}: {file}: cannot execute binary file\n"));
                Err(126)
            }
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(errno) => {
                let own = sys.args().first().cloned().unwrap_or_default();
                let text = match self.dialect {
                    super::Dialect::Bash => format!("{own}: {file}: {errno}\n"),
                    super::Dialect::Dash => format!("{own}: 0: cannot open {file}: No such file\n"),
                    super::Dialect::Ash => format!("{own}: can't open '{file}': {errno}\n"),
                };
                sys.eprint(&text);
                Err(match errno {
                    Errno::Enoent | Errno::Enotdir if self.dialect.is_bash() => 127,
                    _ if self.dialect.is_bash() => 126,
                    _ => 2,
                })
            }
        }
    }
    /// Reads and starts the next complete command.
    pub(super) fn read_turn(&mut self, sys: &mut Sys<'_>, mut reader: Reader) -> Step {
        if reader.source == Source::Terminal && reader.rest().is_empty() {
            self.finish_line(sys, &mut reader);
        }
        if !reader.ended && reader.rest().is_empty() {
            return self.more_input(sys, reader);
        }
        let mut lexer = Lexer::new(reader.rest(), self.dialect);
        lexer.line = reader.line;
        lexer.extglob = self.options.extglob;
        lexer.utf8 = self.is_utf8();
        lexer.ended = reader.ended;
        let aliases = self.options.expand_aliases || !self.dialect.is_bash();
        if aliases {
            lexer.aliases = self.aliases.clone();
        }
        match parser::next_line(&mut lexer) {
            Ok(script) => {
                let (at, line) = (lexer.at, lexer.line);
                let rest = reader.rest();
                let last = reader.line + rest.matches('\n').count() as u32 + u32::from(!rest.ends_with('\n'));
                self.tell_unclosed(sys, &lexer.unclosed, last);
                match lexer.src {
                    std::borrow::Cow::Owned(text) => {
                        reader.text = text.into();
                        reader.at = at;
                    }
                    std::borrow::Cow::Borrowed(_) => reader.at += at,
                }
                let of_command = reader.source == Source::Command && !self.dialect.is_bash();
                if self.options.verbose && reader.source != Source::Eval && !of_command {
                    let shown = reader.text.get(reader.at - at..reader.at).unwrap_or("").to_string();
                    let end = if shown.is_empty() || shown.ends_with('\n') { "" } else { "\n" };
                    sys.eprint(&format!("{shown}{end}"));
                }
                reader.line = line;
                self.line = line;
                let Some(script) = script else {
                    reader.at = reader.text.len();
                    if !reader.ended {
                        return self.more_input(sys, reader);
                    }
                    return Step::Again;
                };
                self.frames.push(Frame::Reader(reader));
                self.frames.push(Frame::Items { script, at: 0 });
                Step::Again
            }
            Err(Fault::Incomplete { .. }) if !reader.ended => self.more_input(sys, reader),
            Err(fault) => self.syntax_error(sys, reader, &fault),
        }
    }
    /// Whether the locale's characters are UTF-8.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        let set =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| self.vars.text(n).filter(|t| !t.is_empty()));
        set.is_some_and(|t| t.to_ascii_uppercase().replace('-', "").ends_with("UTF8"))
    }
    /// bash tells of here-documents that only the end of the text ended; `last` is the text's last line.
    fn tell_unclosed(&mut self, sys: &mut Sys<'_>, unclosed: &[(u32, Arc<str>)], last: u32) {
        if !self.dialect.is_bash() {
            return;
        }
        for (line, delimiter) in unclosed {
            self.line = last.saturating_sub(1);
            self.complain(
                sys,
                &format!(
                    "warning: here-document at line {line} delimited by end-of-file (wanted `{delimiter}')"
                ),
            );
        }
    }
    fn syntax_error(&mut self, sys: &mut Sys<'_>, mut reader: Reader, fault: &Fault) -> Step {
        let rest = reader.rest().to_string();
        // bash counts the lines there are, the others every newline.
        let lines = match self.dialect.is_bash() {
            true => rest.lines().count().max(1) as u32 - 1,
            false => rest.matches('\n').count() as u32,
        };
        let (line, text) = super::redirect::complaint(fault, self.dialect, reader.line + lines);
        let unexpected = matches!(fault, Fault::Unexpected { .. });
        let shown = rest.lines().nth(line.saturating_sub(reader.line) as usize).unwrap_or("");
        match self.dialect {
            super::Dialect::Bash => {
                let prefix = match (self.options.interactive, reader.source) {
                    (true, _) => format!("{}: ", self.name),
                    (false, Source::Command) => format!("{}: -c: line {line}: ", self.name),
                    (false, Source::Eval) => format!("{}: eval: line {line}: ", self.name),
                    (false, _) => format!("{}: line {line}: ", self.name),
                };
                sys.eprint(&format!("{prefix}{text}\n"));
                if unexpected && !self.options.interactive {
                    sys.eprint(&format!("{prefix}`{shown}'\n"));
                }
            }
            super::Dialect::Dash => {
                let eval = if reader.source == Source::Eval { "eval: " } else { "" };
                sys.eprint(&format!("{}: {line}: {eval}{text}\n", self.name));
            }
            super::Dialect::Ash => {
                let eval = if reader.source == Source::Eval { "eval: line 0: " } else { "" };
                let script = reader.source == Source::Script;
                let place = if script { format!("line {line}: ") } else { String::new() };
                sys.eprint(&format!("{}: {eval}{place}{text}\n", self.name));
            }
        }
        let open_array = matches!(fault, Fault::Incomplete { expecting: super::redirect::ARRAY, .. });
        let status = if open_array { 1 } else { 2 };
        self.status = status;
        if reader.source == Source::Terminal || (reader.source == Source::Eval && self.options.interactive) {
            if reader.source == Source::Terminal {
                reader.at = reader.text.len();
                self.frames.push(Frame::Reader(reader));
            }
            return Step::Again;
        }
        if reader.source == Source::Eval && self.dialect.is_bash() {
            return Step::Again;
        }
        self.flow(sys, Flow::Exit(status));
        Step::Again
    }
    /// Gets another line of standard input or the terminal.
    fn more_input(&mut self, sys: &mut Sys<'_>, mut reader: Reader) -> Step {
        if reader.source == Source::Terminal && !reader.prompted {
            self.show_prompt(sys, &reader);
            reader.prompted = true;
        }
        // bash reads no further than the line, so that its commands can read what follows it.
        let input = match self.dialect.is_bash() {
            true => sys.read_line(STDIN),
            false => sys.read(STDIN, limits::PIPE_BYTES),
        };
        match input {
            Read::Data(bytes) => {
                let line = String::from_utf8_lossy(&bytes);
                reader.prompted = false;
                if reader.source == Source::Terminal {
                    self.line_came(sys, &mut reader, &line);
                }
                let kept = reader.rest();
                if kept.len() + line.len() > limits::LINE_BYTES {
                    self.complain(sys, "line too long");
                    reader.text = "".into();
                } else {
                    reader.text = format!("{kept}{line}").into();
                }
                reader.at = 0;
                self.frames.push(Frame::Reader(reader));
                Step::Again
            }
            Read::Block => {
                self.frames.push(Frame::Reader(reader));
                if self.options.interactive {
                    Step::Wait(vec![Wait::Readable(STDIN), Wait::Child])
                } else {
                    Step::wait(Wait::Readable(STDIN))
                }
            }
            Read::End | Read::Failed(_) => {
                reader.ended = true;
                if reader.source == Source::Terminal {
                    self.end_of_terminal(sys, &mut reader);
                }
                self.frames.push(Frame::Reader(reader));
                Step::Again
            }
        }
    }
    pub(super) fn capture_turn(&mut self, sys: &mut Sys<'_>, pid: Pid, fd: u32, mut text: Vec<u8>) -> Step {
        loop {
            match sys.read(fd, limits::PIPE_BYTES) {
                Read::Data(bytes) => {
                    text.extend_from_slice(&bytes);
                    if text.len() > limits::FILE_BYTES {
                        let _ = sys.close(fd);
                        self.complain(sys, "command substitution: output is too large");
                        self.replay = super::expand::Replay::default();
                        self.halted(sys, super::expand::Halt::Failed { status: 1, exits: false });
                        return Step::Again;
                    }
                }
                Read::Block => {
                    self.frames.push(Frame::Capture { pid, fd, text });
                    return Step::wait(Wait::Readable(fd));
                }
                Read::End | Read::Failed(_) => break,
            }
        }
        match sys.wait(Some(pid)) {
            WaitResult::None => {
                self.frames.push(Frame::Capture { pid, fd, text });
                return Step::wait(Wait::Child);
            }
            WaitResult::Exited(_, status) => {
                self.replay.status = Some(status);
                // Only bash shows it within the same command.
                self.status = if self.dialect.is_bash() { status } else { self.status };
            }
            WaitResult::NoChildren => {
                if let Some(status) = self.ended.remove(&pid) {
                    self.replay.status = Some(status);
                    self.status = status;
                }
            }
        }
        let _ = sys.close(fd);
        text.retain(|b| *b != 0);
        let text = String::from_utf8_lossy(&text);
        self.replay.outputs.push(text.trim_end_matches('\n').into());
        Step::Again
    }
}

/// The file of a script that is nothing but `<file`.
#[must_use]
pub fn only_a_file(script: &Script) -> Option<&Word> {
    let [item] = &**script else { return None };
    let [link] = &*item.chain else { return None };
    let [stage] = &*link.stages else { return None };
    let Kind::Simple { assigns, words } = &stage.kind else { return None };
    match stage.redirects.as_slice() {
        [redirect] if assigns.is_empty() && words.is_empty() && redirect.kind == RedirectKind::Read => {
            Some(&redirect.target)
        }
        _ => None,
    }
}
