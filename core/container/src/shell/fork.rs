//! Child shells: subshells, pipelines, background jobs, substitutions.

use super::ast::{Item, Kind, Link, Script};
use super::descriptors::OWN;
use super::expand::{Expanded, Halt};
use super::frame::Frame;
use super::jobs::{Job, JobState};
use super::state::Shell;
use crate::errno::Errno;
use crate::fd::{Fd, FdNum};
use crate::process::Pid;
use crate::sys::Sys;
use crate::sys_proc::SpawnOptions;
use imbl::OrdMap;
use std::sync::Arc;

impl Shell {
    /// What children inherit.
    pub fn child_fds(&self, sys: &Sys<'_>) -> OrdMap<FdNum, Fd> {
        let fds = sys.process().map(|p| p.fds.clone()).unwrap_or_default();
        if fds.keys().all(|n| *n < OWN) {
            return fds;
        }
        // 63 and above serve `<(…)`.
        fds.into_iter().filter(|(n, _)| *n < OWN || *n >= 50).collect()
    }
    pub(super) fn new_group(&self) -> Option<Pid> {
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
        child.subshells += 1;
        child.trace_level = self.trace_depth();
        child.debugged = false;
        child.command_text = self.command_text.clone();
        if self.dialect.is_bash() {
            child.shown_traps = Some(self.shown_traps.clone().unwrap_or_else(|| self.traps.clone()));
            child.shown_jobs = if self.jobs.is_empty() { self.shown_jobs.clone() } else { self.jobs.clone() };
        }
        child.options.monitor = false;
        child.options.interactive = false;
        child.traps = self
            .traps
            .iter()
            .filter(|(n, a)| a.is_empty() || self.inherits(n))
            .map(|(n, a)| (n.clone(), a.clone()))
            .collect();
        child
    }
    /// Whether a trap is kept in functions and subshells.
    pub(super) fn inherits(&self, trap: &str) -> bool {
        match trap {
            "ERR" => self.options.errtrace,
            "DEBUG" | "RETURN" => self.options.functrace,
            _ => false,
        }
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
            self.frames.push(Frame::Timed { started: sys.now(), posix: link.posix_times });
        }
        if link.negated {
            self.frames.push(Frame::Negate);
        }
        if self.traps.is_empty() || !self.in_trap() {
            self.command_text = link.text.clone();
        }
        if let [only] = &*link.stages {
            self.frames.push(Frame::Run(only.clone()));
            return;
        }
        if self.options.lastpipe
            && !self.options.monitor
            && let Some((last, before)) = link.stages.split_last()
        {
            return self.start_with_own_last(sys, link, before, last.clone());
        }
        if let Ok(pids) = self.start_stages(sys, link, self.new_group(), false) {
            self.wait_in_foreground(sys, pids, link.text.clone());
        }
    }
    /// `lastpipe`: the last stage runs in this shell.
    fn start_with_own_last(
        &mut self,
        sys: &mut Sys<'_>,
        link: &Link,
        before: &[Arc<super::ast::Command>],
        last: Arc<super::ast::Command>,
    ) {
        let Ok((read, write)) = sys.pipe() else { return };
        let shorter = Link { stages: before.into(), ..link.clone() };
        let kept = sys.fd(1).and_then(|_| {
            let kept = self.keep_copy(sys, 1)?;
            sys.dup2(write, 1).ok().map(|()| kept)
        });
        let _ = sys.close(write);
        let reading = self.keep_away(sys, read);
        let started = self.start_stages(sys, &shorter, None, false);
        if let Some(kept) = kept {
            let _ = sys.dup2(kept, 1);
            let _ = sys.close(kept);
        }
        let Ok(pids) = started else { return };
        let stdin = self.keep_copy(sys, 0);
        let _ = sys.dup2(reading, 0);
        let _ = sys.close(reading);
        self.frames.push(Frame::OwnLast { pids, text: link.text.clone() });
        self.frames.push(Frame::Restore(vec![(0, stdin)]));
        self.frames.push(Frame::Run(last));
    }
    /// A copy of a descriptor out of the way of the script's own.
    fn keep_copy(&mut self, sys: &mut Sys<'_>, fd: FdNum) -> Option<FdNum> {
        let mut to = OWN;
        while sys.fd(to).is_some() {
            to += 1;
        }
        sys.dup2(fd, to).ok().map(|()| to)
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
    pub(super) fn wait_in_foreground(&mut self, sys: &mut Sys<'_>, pids: Vec<Pid>, text: Arc<str>) {
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
        // bash and ash forget `-e` in a command substitution.
        let (errexit, level) = (self.options.errexit, self.trace_level);
        self.options.errexit &= self.dialect.is_dash() || self.options.inherit_errexit;
        self.trace_level += usize::from(self.dialect.is_bash());
        let started = self.fork(sys, vec![Frame::Items { script, at: 0 }], fds, None);
        (self.options.errexit, self.trace_level) = (errexit, level);
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
        self.replay.held.push(fd);
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
}

/// The name of the program or builtin a script begins with, for job texts.
#[must_use]
pub fn first_word(script: &Script) -> Option<&str> {
    let command = script.first()?.chain.first()?.stages.first()?;
    let Kind::Simple { words, .. } = &command.kind else { return None };
    words.first()?.plain()
}
