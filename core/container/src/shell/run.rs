//! Carrying out simple commands: assignments, builtins, functions, programs.

use super::builtins::{self, Outcome};
use super::descriptors::{OWN, Refused};
use super::flow::Flow;
use super::frame::{Frame, Reader, Ready, Source};
use super::state::Shell;
use crate::errno::Errno;
use crate::fd::FdNum;
use crate::machine::Step;
use crate::process::Pid;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::sys_proc::SpawnOptions;
use imbl::OrdMap;
use std::sync::Arc;

impl Shell {
    /// Carries out an expanded simple command.
    pub(super) fn execute(&mut self, sys: &mut Sys<'_>, ready: Ready) -> Step {
        if let Some(last) = ready.words.last() {
            self.last_word = last.clone();
        }
        let Some(name) = ready.words.first().cloned() else {
            self.status = match self.redirect(sys, &ready.redirects) {
                Ok(saved) => {
                    self.restore_fds(sys, saved);
                    ready.substituted.unwrap_or(0)
                }
                Err(Refused) => 1,
            };
            return Step::Again;
        };
        if let Some(body) = self.functions.get(&name).cloned() {
            let Ok(saved) = self.redirect(sys, &ready.redirects) else {
                self.status = 1;
                return Step::Again;
            };
            if !saved.is_empty() {
                self.frames.push(Frame::Restore(saved));
            }
            self.assign_for_one(sys, &ready);
            let positional = std::mem::take(&mut self.positional);
            self.positional = ready.words.iter().skip(1).cloned().collect();
            self.frames.push(Frame::Call { name, positional, locals: Vec::new() });
            self.frames.push(Frame::Run(body));
            return Step::Again;
        }
        if let Some(builtin) = builtins::find(&name, self.dialect).filter(|_| !self.disabled.contains(&name))
        {
            return self.execute_builtin(sys, builtin, &ready);
        }
        self.execute_program(sys, &ready)
    }
    /// Sets variables for one builtin or function, exported, and remembers the old ones.
    fn assign_for_one(&mut self, sys: &mut Sys<'_>, ready: &Ready) {
        if ready.assigns.is_empty() {
            return;
        }
        let mut saved = Vec::new();
        for (name, value) in &ready.assigns {
            saved.push((name.clone(), self.vars.get(name).cloned()));
            if self.carry_out(sys, name, value).is_ok() {
                self.vars.export(name, true);
            }
        }
        self.frames.push(Frame::Environment(saved));
    }
    fn execute_builtin(&mut self, sys: &mut Sys<'_>, builtin: &builtins::Builtin, ready: &Ready) -> Step {
        let Ok(saved) = self.redirect(sys, &ready.redirects) else {
            self.status = if self.dialect.is_dash() { 2 } else { 1 };
            if builtin.special && !self.dialect.is_bash() && !self.options.interactive {
                self.flow(sys, Flow::Exit(2));
            }
            return Step::Again;
        };
        if builtin.name == "exec" && ready.words.len() == 1 {
            // The redirections stay.
            for (_, kept) in saved {
                if let Some(kept) = kept {
                    let _ = sys.close(kept);
                }
            }
            self.status = 0;
            return Step::Again;
        }
        if !saved.is_empty() {
            self.frames.push(Frame::Restore(saved));
        }
        let declares = builtin.declares;
        if !declares {
            if builtin.special && !self.dialect.is_bash() {
                for (name, value) in &ready.assigns {
                    let _ = self.carry_out(sys, name, value);
                }
            } else {
                self.assign_for_one(sys, ready);
            }
        }
        let outcome = (builtin.run)(self, sys, &ready.words);
        if declares {
            for (name, value) in &ready.assigns {
                if let Err(halt) = self.carry_out(sys, name, value) {
                    self.halted(sys, halt);
                    return Step::Again;
                }
            }
        }
        if let Some(errno) = sys.write_error()
            && builtin.name != "exec"
        {
            self.complain_as(sys, builtin.name, &format!("write error: {errno}"));
            self.status = 1;
            return Step::Again;
        }
        match outcome {
            Outcome::Status(status) => {
                self.status = status;
                // POSIX: an error in a special builtin ends a non-interactive shell.
                if status == 2 && builtin.special && !self.dialect.is_bash() && !self.options.interactive {
                    self.flow(sys, Flow::Exit(2));
                }
            }
            Outcome::Pushed => {}
            Outcome::Flow(flow) => self.flow(sys, flow),
            Outcome::Step(step) => return step,
        }
        Step::Again
    }
    /// Whether nothing is left to do after the present command: it may replace the shell.
    fn is_last(&self) -> bool {
        let done = |frame: &Frame| match frame {
            Frame::Items { script, at } => *at >= script.len(),
            Frame::Chain { chain, at } => *at >= chain.len(),
            Frame::Reader(reader) => reader.source == Source::Command && reader.rest().trim().is_empty(),
            _ => false,
        };
        let of_command = matches!(self.frames.first(), Some(Frame::Reader(_)));
        (self.is_subshell || of_command)
            && !self.options.interactive
            && self.traps.is_empty()
            && self.jobs.is_empty()
            && self.frames.iter().all(done)
    }
    fn execute_program(&mut self, sys: &mut Sys<'_>, ready: &Ready) -> Step {
        let mut env = self.vars.environment();
        for (name, value) in &ready.assigns {
            if let super::frame::Assigned::Scalar(text) = value {
                env.insert(name.clone(), text.clone());
            }
        }
        let Ok(saved) = self.redirect(sys, &ready.redirects) else {
            self.status = if self.dialect.is_dash() { 2 } else { 1 };
            return Step::Again;
        };
        if self.is_last() {
            for (_, kept) in &saved {
                if let Some(kept) = kept {
                    let _ = sys.close(*kept);
                }
            }
            return self.replace(sys, &ready.words, env);
        }
        let options = SpawnOptions {
            env: Some(env),
            fds: Some(self.child_fds(sys)),
            group: self.new_group(),
            cwd: None,
        };
        let started = self.spawn_program(sys, &ready.words, options);
        match started {
            Ok(pid) => {
                self.restore_fds(sys, saved);
                let text = self.command_text.clone();
                self.wait_in_foreground(sys, vec![pid], text);
            }
            Err(status) => {
                self.restore_fds(sys, saved);
                self.status = status;
            }
        }
        Step::Again
    }
    fn spawn_program(
        &mut self,
        sys: &mut Sys<'_>,
        words: &[Arc<str>],
        options: SpawnOptions,
    ) -> Result<Pid, i32> {
        let name = words.first().cloned().unwrap_or_default();
        match sys.spawn(words.to_vec(), options.clone()) {
            Ok(pid) => Ok(pid),
            // A text without `#!` is run by the shell itself.
            Err(Errno::Enoexec) => {
                let path = self.find_program(sys, &name).unwrap_or_else(|| name.to_string());
                let Ok(text) = sys.read_file(&path) else {
                    return Err(self.cannot_run(sys, &name, Errno::Eacces));
                };
                let text = String::from_utf8_lossy(&text);
                let mut shell = self.child(vec![Frame::Reader(Reader::text(&text, Source::Script))]);
                shell.name = path.as_str().into();
                shell.positional = words.iter().skip(1).cloned().collect();
                let argv = sys.args().to_vec();
                sys.spawn_machine(Box::new(shell), argv, options).map_err(|e| self.cannot_run(sys, &name, e))
            }
            Err(errno) => Err(self.cannot_run(sys, &name, errno)),
        }
    }
    /// exec: the shell becomes the program.
    pub fn replace(
        &mut self,
        sys: &mut Sys<'_>,
        words: &[Arc<str>],
        env: OrdMap<Arc<str>, Arc<str>>,
    ) -> Step {
        let own: Vec<FdNum> =
            sys.process().map(|p| p.fds.keys().copied().filter(|n| *n >= OWN).collect()).unwrap_or_default();
        if let Some(process) = sys.machines.process_mut(sys.pid) {
            process.env = env;
            process.implicit_env = false;
        }
        match sys.exec(words.to_vec()) {
            Ok(step) => {
                for fd in own {
                    let _ = sys.close(fd);
                }
                step
            }
            Err(errno) => {
                let name = words.first().cloned().unwrap_or_default();
                let status = self.cannot_run(sys, &name, errno);
                self.status = status;
                Step::Again
            }
        }
    }
    /// Where `name` would be started from.
    pub fn find_program(&mut self, sys: &mut Sys<'_>, name: &str) -> Option<String> {
        if name.contains('/') {
            return sys
                .stat(name)
                .is_ok_and(|s| s.kind != FileKind::Directory && s.mode & 0o111 != 0)
                .then(|| name.into());
        }
        let path = self.vars.text("PATH")?;
        path.split(':').find_map(|dir| {
            let at = if dir.is_empty() { name.to_string() } else { format!("{dir}/{name}") };
            sys.stat(&at).is_ok_and(|s| s.kind != FileKind::Directory && s.mode & 0o111 != 0).then_some(at)
        })
    }
    /// Whether a name means a kind of command, for `type` and `command`.
    #[must_use]
    pub fn is_keyword(&self, name: &str) -> bool {
        let words = [
            "if", "then", "else", "elif", "fi", "case", "esac", "for", "while", "until", "do", "done", "{",
            "}", "!",
        ];
        let bash = ["[[", "]]", "function", "select", "time", "coproc", "in"];
        words.contains(&name) || (self.dialect.is_bash() && bash.contains(&name))
    }
}
