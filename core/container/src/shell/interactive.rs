//! A shell at a terminal: prompts, history, and the record of each line for whoever watches.

use super::Dialect;
use super::frame::{Frame, Reader, Source};
use super::state::Shell;
use crate::sys::Sys;
use crate::tty::Done;
use drydock_machinery::limits;

/// Lines of history kept, as bash's HISTSIZE in Debian's and Ubuntu's skeleton.
const HISTORY: usize = 1000;

impl Shell {
    /// Sets up an interactive shell: options, startup files, prompts.
    pub(super) fn start_interactive_if(&mut self, sys: &mut Sys<'_>, interactive: bool, login: bool) {
        if !interactive {
            if login {
                self.startup_file(sys, "/etc/profile");
            }
            return;
        }
        self.options.interactive = true;
        self.options.monitor = sys.is_tty(crate::fd::STDIN);
        self.options.expand_aliases = true;
        let uid = sys.process().map_or(0, |p| p.uid);
        let prompt = match self.dialect {
            Dialect::Bash => "\\s-\\v\\$ ",
            Dialect::Dash if uid == 0 => "# ",
            Dialect::Dash => "$ ",
            Dialect::Ash if uid == 0 => "\\w # ",
            Dialect::Ash => "\\w $ ",
        };
        if self.vars.get("PS1").is_none() {
            self.vars.set("PS1", prompt);
        }
        self.vars.set("PS2", "> ");
        self.vars.set("PS4", "+ ");
        if self.options.monitor {
            let group = sys.process().map_or(0, |p| p.pid);
            sys.set_group(sys.pid, 0);
            sys.set_foreground(group);
            let pid = sys.pid;
            if let Some(tty) = sys.tty().and_then(|id| sys.machines.tty_mut(id))
                && tty.shell == 0
            {
                tty.shell = pid;
            }
        }
        // Frames run last in, first out: the file to be read first is pushed last.
        match (self.dialect, login) {
            (Dialect::Bash, true) => {
                for file in ["~/.profile", "~/.bash_login", "~/.bash_profile"] {
                    self.startup_file(sys, file);
                }
                self.startup_file(sys, "/etc/profile");
            }
            (Dialect::Bash, false) => {
                self.startup_file(sys, "~/.bashrc");
                self.startup_file(sys, "/etc/bash.bashrc");
            }
            (_, true) => {
                self.startup_file(sys, "~/.profile");
                self.startup_file(sys, "/etc/profile");
            }
            _ => {}
        }
    }
    fn startup_file(&mut self, sys: &mut Sys<'_>, file: &str) {
        let home = self.vars.text("HOME").unwrap_or_else(|| "/".into());
        let path = file.replacen('~', &home, 1);
        if let Ok(bytes) = sys.read_file(&path) {
            let text = String::from_utf8_lossy(&bytes);
            self.frames.push(Frame::Sourced { positional: None, file: path.as_str().into() });
            self.frames.push(Frame::Reader(Reader::text(&text, Source::Eval)));
        }
    }
    /// Prints PS1 or PS2.
    pub(super) fn show_prompt(&mut self, sys: &mut Sys<'_>, reader: &Reader) {
        let continued = !reader.rest().is_empty();
        if !continued {
            self.report_jobs(sys);
            if self.options.monitor {
                self.take_terminal(sys);
            }
        }
        let template = self.vars.text(if continued { "PS2" } else { "PS1" }).unwrap_or_default();
        let text = self.prompt_text(sys, &template);
        sys.prompt(&text);
        if let Some(tty) = sys.tty().and_then(|id| sys.machines.tty_mut(id)) {
            tty.continued = continued;
        }
    }
    /// A line was typed.
    pub(super) fn line_came(&mut self, sys: &mut Sys<'_>, reader: &mut Reader, line: &str) {
        let now = sys.now();
        let mut printed = 0;
        if let Some(tty) = sys.tty().and_then(|id| sys.machines.tty_mut(id)) {
            tty.at_prompt = false;
            tty.continued = false;
            printed = tty.printed();
        }
        let typed = line.trim_end_matches('\n');
        match &mut reader.running {
            Some((text, _, _)) => *text = format!("{text}\n{typed}").into(),
            None => reader.running = Some((typed.into(), now, printed)),
        }
        if let Some(text) = reader.running.as_ref().map(|r| r.0.clone())
            && self.dialect.is_bash()
            && !text.trim().is_empty()
        {
            if !reader.rest().is_empty() {
                self.history.pop_back();
            }
            if self.history.last() != Some(&text) {
                self.history.push_back(text);
            }
            if self.history.len() > HISTORY {
                self.history.pop_front();
            }
        }
    }
    /// The commands of a line have ended: leaves the record.
    pub(super) fn finish_line(&mut self, sys: &mut Sys<'_>, reader: &mut Reader) {
        let Some((command, started, first)) = reader.running.take() else { return };
        let (now, status) = (sys.now(), self.status);
        let Some(tty) = sys.tty().and_then(|id| sys.machines.tty_mut(id)) else { return };
        let chunks = (first, tty.printed());
        tty.done.push_back(Done { command, status, started, ended: now, chunks });
        while tty.done.len() > limits::TRACE_NOTES {
            tty.done.pop_front();
        }
    }
    /// Ctrl-C: a fresh line and prompt.
    pub(super) fn reset_terminal(&mut self, sys: &mut Sys<'_>, reader: &mut Reader) {
        reader.text = "".into();
        reader.at = 0;
        reader.prompted = false;
        self.status = 130;
        sys.eprint("\n");
        if let Some(tty) = sys.tty().and_then(|id| sys.machines.tty_mut(id)) {
            tty.at_prompt = false;
        }
    }
    /// Ctrl-D on an empty line.
    pub(super) fn end_of_terminal(&mut self, sys: &mut Sys<'_>, reader: &mut Reader) {
        if self.dialect.is_bash() && reader.rest().is_empty() {
            sys.eprint("exit\n");
        }
        if let Some(tty) = sys.tty().and_then(|id| sys.machines.tty_mut(id)) {
            tty.at_prompt = false;
        }
        self.finish_line(sys, reader);
    }
}
