//! The words in which the shells complain.

use super::Dialect;
use super::frame::{Frame, Source};
use super::state::Shell;
use crate::errno::Errno;
use crate::sys::Sys;

impl Shell {
    fn prefix(&self) -> String {
        let name = &self.name;
        match self.dialect {
            Dialect::Bash if self.options.interactive => format!("{name}: "),
            Dialect::Bash => format!("{name}: line {}: ", self.line),
            Dialect::Dash => format!("{name}: {}: ", self.line),
            Dialect::Ash => format!("{name}: "),
        }
    }
    /// `name: line 1: text`
    pub fn complain(&self, sys: &mut Sys<'_>, text: &str) {
        sys.eprint(&format!("{}{text}\n", self.prefix()));
    }
    /// A builtin's complaint.
    pub fn complain_as(&self, sys: &mut Sys<'_>, builtin: &str, text: &str) {
        let text = match self.dialect {
            Dialect::Ash if self.options.interactive => format!("{}: {builtin}: {text}\n", self.name),
            Dialect::Ash => format!("{}: {builtin}: line {}: {text}\n", self.name, self.ash_line()),
            _ => format!("{}{builtin}: {text}\n", self.prefix()),
        };
        sys.eprint(&text);
    }
    /// ash counts no lines in the text of `-c`.
    fn ash_line(&self) -> u32 {
        match self.frames.first() {
            Some(Frame::Reader(reader)) if reader.source == Source::Script => self.line,
            _ => 0,
        }
    }
    /// The status with which a fatal expansion error ends the shell.
    #[must_use]
    pub fn fatal_status(&self) -> i32 {
        match self.frames.first() {
            Some(Frame::Reader(reader)) if reader.source == Source::Command && !self.options.errexit => 127,
            _ => 1,
        }
    }
    #[must_use]
    pub fn cannot_open(&self, path: &str, errno: Errno) -> String {
        match self.dialect {
            Dialect::Bash => format!("{path}: {errno}"),
            Dialect::Dash => format!("cannot open {path}: {}", dash_text(errno, "No such file")),
            Dialect::Ash => format!("can't open {path}: {}", ash_text(errno, "no such file")),
        }
    }
    #[must_use]
    pub fn cannot_create(&self, path: &str, errno: Errno) -> String {
        match self.dialect {
            Dialect::Bash => format!("{path}: {errno}"),
            Dialect::Dash => format!("cannot create {path}: {}", dash_text(errno, "Directory nonexistent")),
            Dialect::Ash => format!("can't create {path}: {}", ash_text(errno, "nonexistent directory")),
        }
    }
    /// A command that could not be started, and its exit status.
    pub fn cannot_run(&self, sys: &mut Sys<'_>, name: &str, errno: Errno) -> i32 {
        let path = name.contains('/');
        let is_directory = path && sys.stat(name).is_ok_and(|s| s.kind == crate::sys_fs::FileKind::Directory);
        match self.dialect {
            Dialect::Bash => {
                let text = match errno {
                    Errno::Enoent if !path => "command not found".to_string(),
                    Errno::Enoent if sys.stat(name).is_ok() => {
                        let interpreter = self.interpreter(sys, name);
                        format!("{interpreter}: bad interpreter: {errno}")
                    }
                    _ if is_directory => Errno::Eisdir.to_string(),
                    Errno::Enoexec => format!("cannot execute: {}", "required file not found"),
                    errno => errno.to_string(),
                };
                if errno == Errno::Eagain {
                    self.complain(sys, "fork: retry: Resource temporarily unavailable");
                    return 254;
                }
                self.complain(sys, &format!("{name}: {text}"));
            }
            _ if errno == Errno::Eagain => {
                self.complain(sys, "Cannot fork");
                return 2;
            }
            _ => {
                let text = if errno == Errno::Enoent { "not found".to_string() } else { errno.to_string() };
                self.complain(sys, &format!("{name}: {text}"));
            }
        }
        if errno == Errno::Enoent { 127 } else { 126 }
    }
    fn interpreter(&self, sys: &mut Sys<'_>, name: &str) -> String {
        let bytes = sys.read_file(name).unwrap_or_else(|_| std::sync::Arc::from([]));
        let text = String::from_utf8_lossy(&bytes);
        let first = text.lines().next().unwrap_or("");
        first.strip_prefix("#!").and_then(|l| l.split_whitespace().next()).unwrap_or("").to_string()
    }
}

fn dash_text(errno: Errno, enoent: &str) -> String {
    if errno == Errno::Enoent { enoent.to_string() } else { errno.to_string() }
}
fn ash_text(errno: Errno, enoent: &str) -> String {
    match errno {
        Errno::Enoent => enoent.to_string(),
        errno => errno.to_string(),
    }
}
