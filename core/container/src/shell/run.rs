//! Carrying out commands: redirections, builtins, functions, programs, pipelines, subshells.

use super::ast::{Item, Kind, Link, RedirectKind, Script};
use super::builtins::{self, Outcome};
use super::expand::{Expanded, Halt};
use super::flow::Flow;
use super::frame::{Frame, Reader, Ready, Redirected, Source};
use super::jobs::{Job, JobState};
use super::state::Shell;
use crate::errno::Errno;
use crate::fd::{Fd, FdNum, OpenOptions};
use crate::machine::Step;
use crate::process::Pid;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::sys_proc::SpawnOptions;
use imbl::OrdMap;
use std::sync::Arc;

/// A redirection failed; the complaint has been printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// Descriptors from here on are the shell's own and not passed on.
const OWN: FdNum = 10;

impl Shell {
    /// Carries out an expanded simple command.
    pub(super) fn execute(&mut self, sys: &mut Sys<'_>, ready: Ready) -> Step {
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
            self.status = 0;
            return Step::Again;
        }
        if let Some(builtin) = builtins::find(&name, self.dialect) {
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
                let text = ready.words.join(" ");
                self.wait_in_foreground(sys, vec![pid], text.into());
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
    /// What children inherit.
    pub fn child_fds(&self, sys: &Sys<'_>) -> OrdMap<FdNum, Fd> {
        let fds = sys.process().map(|p| p.fds.clone()).unwrap_or_default();
        if fds.keys().all(|n| *n < OWN) {
            return fds;
        }
        // 63 and above serve `<(…)`.
        fds.into_iter().filter(|(n, _)| *n < OWN || *n >= 50).collect()
    }
    fn new_group(&self) -> Option<Pid> {
        self.options.monitor.then_some(0)
    }
    /// A copy of this shell that runs `frames` as a process of its own.
    pub fn child(&mut self, frames: Vec<Frame>) -> Shell {
        let lenient = self.lenient || self.is_tested();
        let own = std::mem::take(&mut self.frames);
        let jobs = std::mem::take(&mut self.jobs);
        let replay = std::mem::take(&mut self.replay);
        let mut child = self.clone();
        self.frames = own;
        self.jobs = jobs;
        self.replay = replay;
        child.frames = frames;
        child.lenient = lenient;
        child.is_subshell = true;
        child.exiting = None;
        child.caught.clear();
        child.ended = OrdMap::new();
        child.options.monitor = false;
        child.options.interactive = false;
        child.traps =
            self.traps.iter().filter(|(_, a)| a.is_empty()).map(|(n, a)| (n.clone(), a.clone())).collect();
        child
    }
    pub(super) fn fork(
        &mut self,
        sys: &mut Sys<'_>,
        frames: Vec<Frame>,
        fds: OrdMap<FdNum, Fd>,
        group: Option<Pid>,
    ) -> Result<Pid, Errno> {
        let mut child = self.child(frames);
        child.awake = sys.now() + 1;
        let argv = sys.args().to_vec();
        sys.spawn_machine(Box::new(child), argv, SpawnOptions { env: None, fds: Some(fds), group, cwd: None })
    }
    fn fork_failed(&mut self, sys: &mut Sys<'_>) {
        let text = if self.dialect.is_bash() {
            "fork: retry: Resource temporarily unavailable"
        } else {
            "Cannot fork"
        };
        self.complain(sys, text);
        self.status = if self.dialect.is_bash() { 254 } else { 2 };
    }
    pub(super) fn start_subshell(&mut self, sys: &mut Sys<'_>, frames: Vec<Frame>, text: &str) {
        let fds = self.child_fds(sys);
        match self.fork(sys, frames, fds, self.new_group()) {
            Ok(pid) => self.wait_in_foreground(sys, vec![pid], text.into()),
            Err(_) => self.fork_failed(sys),
        }
    }
    /// Starts the stages of a pipeline, or the one command it is.
    pub(super) fn start_pipeline(&mut self, sys: &mut Sys<'_>, link: &Link) {
        if link.timed {
            self.frames.push(Frame::Timed { started: sys.now() });
        }
        if link.negated {
            self.frames.push(Frame::Negate);
        }
        if let [only] = &*link.stages {
            self.frames.push(Frame::Run(only.clone()));
            return;
        }
        if let Ok(pids) = self.start_stages(sys, link, self.new_group(), false) {
            self.wait_in_foreground(sys, pids, link.text.clone());
        }
    }
    fn start_stages(
        &mut self,
        sys: &mut Sys<'_>,
        link: &Link,
        mut group: Option<Pid>,
        background: bool,
    ) -> Result<Vec<Pid>, ()> {
        let mut pids = Vec::new();
        let mut input: Option<FdNum> = None;
        for (at, stage) in link.stages.iter().enumerate() {
            let mut fds = self.child_fds(sys);
            if at == 0 && background && !self.options.monitor {
                fds.insert(0, Fd::Null);
            }
            if let Some(from) = input.and_then(|fd| sys.fd(fd)) {
                fds.insert(0, from);
            }
            let mut next = None;
            if at + 1 < link.stages.len() {
                let Ok((read, write)) = sys.pipe() else { return Err(()) };
                if let Some(to) = sys.fd(write) {
                    fds.insert(1, to);
                }
                next = Some((read, write));
            }
            // The plumbing is not inherited beside 0 and 1.
            for fd in input.iter().chain(next.iter().flat_map(|(r, w)| [r, w])) {
                fds.remove(fd);
            }
            let started = self.fork(sys, vec![Frame::Run(stage.clone())], fds, group);
            if let Some(fd) = input.take() {
                let _ = sys.close(fd);
            }
            if let Some((read, write)) = next {
                let _ = sys.close(write);
                input = Some(read);
            }
            match started {
                Ok(pid) => {
                    if group == Some(0) {
                        group = Some(pid);
                    }
                    pids.push(pid);
                }
                Err(_) => {
                    if let Some(fd) = input {
                        let _ = sys.close(fd);
                    }
                    self.fork_failed(sys);
                    return Err(());
                }
            }
        }
        Ok(pids)
    }
    /// `command &`
    pub(super) fn start_background(&mut self, sys: &mut Sys<'_>, item: &Item) {
        let group = if self.options.monitor { Some(0) } else { None };
        let started = match &*item.chain {
            [link] if link.stages.len() > 1 && !link.negated => self.start_stages(sys, link, group, true),
            chain => {
                let mut fds = self.child_fds(sys);
                if !self.options.monitor {
                    fds.insert(0, Fd::Null);
                }
                let frames = match chain {
                    [link] if !link.negated && !link.timed => match link.stages.first() {
                        Some(only) => vec![Frame::Run(only.clone())],
                        None => Vec::new(),
                    },
                    _ => vec![Frame::Chain { chain: item.chain.clone(), at: 0 }],
                };
                match self.fork(sys, frames, fds, group) {
                    Ok(pid) => Ok(vec![pid]),
                    Err(_) => {
                        self.fork_failed(sys);
                        Err(())
                    }
                }
            }
        };
        let Ok(pids) = started else { return };
        let Some(last) = pids.last().copied() else { return };
        self.last_background = sys.machines.process(last).map_or(0, |p| p.ns_pid);
        self.numbers.insert(last, self.last_background);
        let id = self.jobs.iter().map(|j| j.id).max().unwrap_or(0) + 1;
        let group = pids.first().copied().unwrap_or(0);
        self.jobs.push(Job { id, group, pids, text: item.text.clone(), state: JobState::Running, status: 0 });
        if self.options.interactive {
            sys.eprint(&format!("[{id}] {}\n", self.last_background));
        }
        self.status = 0;
    }
    fn wait_in_foreground(&mut self, sys: &mut Sys<'_>, pids: Vec<Pid>, text: Arc<str>) {
        if self.options.monitor
            && let Some(first) = pids.first()
        {
            sys.set_foreground(*first);
        }
        let statuses = vec![None; pids.len()];
        self.frames.push(Frame::Foreground { job: None, pids, statuses, text });
    }
    /// Starts a command substitution; its frame gathers the output.
    pub(super) fn start_capture(&mut self, sys: &mut Sys<'_>, script: Script) -> Expanded<()> {
        let failed = Halt::Failed { status: 1, exits: false };
        let Ok((read, write)) = sys.pipe() else { return Err(failed) };
        let mut fds = self.child_fds(sys);
        if let Some(to) = sys.fd(write) {
            fds.insert(1, to);
        }
        fds.remove(&read);
        if write != 1 {
            fds.remove(&write);
        }
        let started = self.fork(sys, vec![Frame::Items { script, at: 0 }], fds, None);
        let _ = sys.close(write);
        match started {
            Ok(pid) => {
                let fd = self.keep_away(sys, read);
                self.frames.push(Frame::Capture { pid, fd, text: Vec::new() });
                Ok(())
            }
            Err(_) => {
                let _ = sys.close(read);
                self.replay = super::expand::Replay::default();
                self.fork_failed(sys);
                Err(failed)
            }
        }
    }
    /// Starts the process of `<(…)` or `>(…)`; the word becomes a path to its pipe.
    pub(super) fn start_process(&mut self, sys: &mut Sys<'_>, reads: bool, script: Script) -> Expanded<()> {
        let failed = Halt::Failed { status: 1, exits: false };
        let Ok((read, write)) = sys.pipe() else { return Err(failed) };
        let (mine, theirs, number) = if reads { (read, write, 1) } else { (write, read, 0) };
        let mut fds = self.child_fds(sys);
        if let Some(end) = sys.fd(theirs) {
            fds.insert(number, end);
        }
        fds.remove(&mine);
        fds.remove(&theirs);
        let started = self.fork(sys, vec![Frame::Items { script, at: 0 }], fds, None);
        let _ = sys.close(theirs);
        if started.is_err() {
            self.fork_failed(sys);
            return Err(failed);
        }
        let mut fd = 63;
        while sys.fd(fd).is_some() && fd > 50 {
            fd -= 1;
        }
        let _ = sys.dup2(mine, fd);
        let _ = sys.close(mine);
        self.replay.outputs.push(format!("/dev/fd/{fd}").into());
        Ok(())
    }
    /// Moves a descriptor out of the way of the script's own.
    fn keep_away(&mut self, sys: &mut Sys<'_>, fd: FdNum) -> FdNum {
        let mut to = OWN;
        while sys.fd(to).is_some() {
            to += 1;
        }
        if sys.dup2(fd, to).is_err() {
            return fd;
        }
        let _ = sys.close(fd);
        to
    }
    /// Puts redirections in place; gives what to restore.
    pub fn redirect(
        &mut self,
        sys: &mut Sys<'_>,
        redirects: &[Redirected],
    ) -> Result<Vec<(FdNum, Option<FdNum>)>, Refused> {
        let mut saved = Vec::new();
        for redirect in redirects {
            let outcome = self.redirect_one(sys, redirect, &mut saved);
            if let Err(message) = outcome {
                self.restore_fds(sys, saved);
                self.complain(sys, &message);
                return Err(Refused);
            }
        }
        Ok(saved)
    }
    fn redirect_one(
        &mut self,
        sys: &mut Sys<'_>,
        redirect: &Redirected,
        saved: &mut Vec<(FdNum, Option<FdNum>)>,
    ) -> Result<(), String> {
        let target = &*redirect.target;
        let reads = matches!(
            redirect.kind,
            RedirectKind::Read | RedirectKind::ReadWrite | RedirectKind::Here | RedirectKind::HereString
        );
        let fd = redirect.fd.unwrap_or(u32::from(!reads));
        let mut options = OpenOptions::default();
        let opened = match redirect.kind {
            RedirectKind::Duplicate => {
                if target == "-" {
                    self.save_fd(sys, fd, saved);
                    let _ = sys.close(fd);
                    return Ok(());
                }
                let Ok(from) = target.parse::<FdNum>() else {
                    return Err(match self.dialect.is_bash() {
                        true => format!("{target}: ambiguous redirect"),
                        false => "Syntax error: Bad fd number".into(),
                    });
                };
                if sys.fd(from).is_none() {
                    return Err(format!("{target}: Bad file descriptor"));
                }
                if from != fd {
                    self.save_fd(sys, fd, saved);
                    sys.dup2(from, fd).map_err(|e| format!("{target}: {e}"))?;
                }
                return Ok(());
            }
            RedirectKind::Here | RedirectKind::HereString => {
                let (read, write) = sys.pipe().map_err(|e| e.to_string())?;
                // A here-document may be larger than a pipe: it is put in as a whole.
                if let Some(Fd::PipeWrite(id)) = sys.fd(write)
                    && let Some(pipe) = sys.machines.pipes.get_mut(&id)
                {
                    Arc::make_mut(pipe).push(target.as_bytes());
                }
                let _ = sys.close(write);
                Ok(read)
            }
            RedirectKind::Read => {
                options.read = true;
                sys.open(target, options)
            }
            RedirectKind::ReadWrite => {
                options.read = true;
                options.write = true;
                options.create = true;
                sys.open(target, options)
            }
            RedirectKind::Append | RedirectKind::Both { append: true } => {
                options.append = true;
                options.write = true;
                options.create = true;
                sys.open(target, options)
            }
            RedirectKind::Write | RedirectKind::Clobber | RedirectKind::Both { .. } => {
                let guarded = self.options.noclobber && redirect.kind != RedirectKind::Clobber;
                if guarded && sys.stat(target).is_ok_and(|s| s.kind == FileKind::File) {
                    return Err(match self.dialect.is_bash() {
                        true => format!("{target}: cannot overwrite existing file"),
                        false => format!("cannot create {target}: File exists"),
                    });
                }
                options.write = true;
                options.create = true;
                options.truncate = true;
                sys.open(target, options)
            }
        };
        let reading = redirect.kind == RedirectKind::Read;
        let new = opened
            .map_err(|e| if reading { self.cannot_open(target, e) } else { self.cannot_create(target, e) })?;
        if new != fd {
            self.save_fd(sys, fd, saved);
            let moved = sys.dup2(new, fd);
            let _ = sys.close(new);
            moved.map_err(|e| format!("{target}: {e}"))?;
        } else {
            saved.push((fd, None));
        }
        if matches!(redirect.kind, RedirectKind::Both { .. }) {
            self.save_fd(sys, 2, saved);
            sys.dup2(fd, 2).map_err(|e| format!("{target}: {e}"))?;
        }
        Ok(())
    }
    fn save_fd(&mut self, sys: &mut Sys<'_>, fd: FdNum, saved: &mut Vec<(FdNum, Option<FdNum>)>) {
        if sys.fd(fd).is_none() {
            saved.push((fd, None));
            return;
        }
        let mut to = OWN;
        while sys.fd(to).is_some() {
            to += 1;
        }
        saved.push((fd, sys.dup2(fd, to).is_ok().then_some(to)));
    }
    /// Puts descriptors back, last one first.
    pub fn restore_fds(&mut self, sys: &mut Sys<'_>, saved: Vec<(FdNum, Option<FdNum>)>) {
        for (fd, kept) in saved.into_iter().rev() {
            match kept {
                Some(kept) => {
                    let _ = sys.dup2(kept, fd);
                    let _ = sys.close(kept);
                }
                None => _ = sys.close(fd),
            }
        }
    }
    /// `set -x`
    pub(super) fn trace(&mut self, sys: &mut Sys<'_>, ready: &Ready) {
        if !self.options.xtrace {
            return;
        }
        let bash = self.dialect.is_bash();
        let prefix = self.vars.text("PS4").unwrap_or_else(|| "+ ".into());
        let show = |text: &str| if bash { quote_for_trace(text) } else { quote_like_dash(text) };
        let mut line: Vec<String> = Vec::new();
        for (name, value) in &ready.assigns {
            if let super::frame::Assigned::Scalar(text) = value {
                line.push(format!("{name}={}", if text.is_empty() { String::new() } else { show(text) }));
            }
        }
        if bash && !ready.words.is_empty() {
            for assign in line.drain(..) {
                sys.eprint(&format!("{prefix}{assign}\n"));
            }
        }
        line.extend(ready.words.iter().map(|w| show(w)));
        if !line.is_empty() {
            sys.eprint(&format!("{prefix}{}\n", line.join(" ")));
        }
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

fn quote_for_trace(text: &str) -> String {
    let special = |c: char| !(c.is_alphanumeric() || "_-./:@%+=,^".contains(c));
    if text.is_empty() || text.chars().any(special) {
        super::transform::quote(text)
    } else {
        text.to_string()
    }
}

fn quote_like_dash(text: &str) -> String {
    text.to_string()
}

/// The name of the program or builtin a script begins with, for job texts.
#[must_use]
pub fn first_word(script: &Script) -> Option<&str> {
    let command = script.first()?.chain.first()?.stages.first()?;
    let Kind::Simple { words, .. } = &command.kind else { return None };
    words.first()?.plain()
}
