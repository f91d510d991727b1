//! Waiting for children: foreground pipelines, `wait`, background jobs and their notices.

use super::frame::Frame;
use super::state::Shell;
use crate::machine::Step;
use crate::process::Pid;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::sys_proc::WaitResult;
use crate::wait::Wait;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    Running,
    Stopped,
    Done,
}

/// A background or stopped pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    pub id: u32,
    pub group: Pid,
    /// The processes that have not ended yet.
    pub pids: Vec<Pid>,
    pub text: Arc<str>,
    pub state: JobState,
    /// Exit status of the last process.
    pub status: i32,
}

impl Job {
    /// As `jobs` shows it; `mark` is `+`, `-` or a blank.
    #[must_use]
    pub fn line(&self, mark: char, dash: bool) -> String {
        let state = match (self.state, self.status) {
            (JobState::Running, _) => "Running".to_string(),
            (JobState::Stopped, _) => "Stopped".to_string(),
            (JobState::Done, 0) => "Done".to_string(),
            (JobState::Done, 130) => "Interrupt".to_string(),
            (JobState::Done, 137) => "Killed".to_string(),
            (JobState::Done, 143) => "Terminated".to_string(),
            (JobState::Done, status) if dash => format!("Done({status})"),
            (JobState::Done, status) => format!("Exit {status}"),
        };
        let tail = if self.state == JobState::Running && !dash { " &" } else { "" };
        if dash {
            return format!("[{}] {mark} {state:<26} {}\n", self.id, self.text);
        }
        format!("[{}]{mark}  {state:<24}{}{tail}\n", self.id, self.text)
    }
}

impl Shell {
    /// Takes notice of children that ended.
    pub fn reap(&mut self, sys: &mut Sys<'_>) {
        loop {
            let children: Vec<Pid> = sys.machines.children_of(sys.pid).collect();
            let dead = children.into_iter().filter_map(|c| sys.machines.process(c));
            let killed: Vec<(Pid, Signal, u32)> =
                dead.filter_map(|p| Some((p.pid, p.killed?, p.ns_pid))).collect();
            let WaitResult::Exited(pid, status) = sys.wait(None) else { return };
            self.child_ended(pid, status);
            let text = self
                .jobs
                .iter()
                .find(|j| j.state == JobState::Done && j.group == pid)
                .map(|j| j.text.clone());
            if let Some((_, signal, number)) = killed.iter().find(|k| k.0 == pid)
                && let Some(text) = text
                && self.dialect.is_bash()
                && !self.options.interactive
                && *signal != Signal::Term
            {
                self.tell_killed(sys, *signal, *number, &text);
            }
        }
    }
    fn child_ended(&mut self, pid: Pid, status: i32) {
        for job in &mut self.jobs {
            if job.pids.contains(&pid) {
                if job.pids.last() == Some(&pid) {
                    job.status = status;
                }
                job.pids.retain(|p| *p != pid);
                if job.pids.is_empty() {
                    job.state = JobState::Done;
                }
            }
        }
        self.ended.insert(pid, status);
        if self.ended.len() > 1024 {
            self.ended = self.ended.iter().skip(512).map(|(p, s)| (*p, *s)).collect();
        }
    }
    /// The exit status of a child, once it has ended.
    fn status_of(&mut self, sys: &mut Sys<'_>, pid: Pid) -> Option<i32> {
        if let Some(status) = self.ended.get(&pid) {
            return Some(*status);
        }
        match sys.wait(Some(pid)) {
            WaitResult::Exited(_, status) => {
                self.child_ended(pid, status);
                Some(status)
            }
            WaitResult::None => None,
            WaitResult::NoChildren => Some(127),
        }
    }
    pub(super) fn foreground_turn(
        &mut self,
        sys: &mut Sys<'_>,
        job: Option<u32>,
        pids: Vec<Pid>,
        mut statuses: Vec<Option<i32>>,
        text: Arc<str>,
    ) -> Step {
        let last = pids.last().copied();
        for (pid, status) in pids.iter().zip(&mut statuses) {
            if status.is_none() {
                let killed = sys.machines.process(*pid).and_then(|p| Some((p.killed?, p.ns_pid)));
                *status = self.status_of(sys, *pid);
                if let Some((signal, number)) = killed.filter(|_| status.is_some() && last == Some(*pid)) {
                    self.tell_killed(sys, signal, number, &text);
                }
                if status.is_some() {
                    self.ended.remove(pid);
                }
            }
        }
        if statuses.iter().any(Option::is_none) {
            if self.options.monitor && sys.stopped_child().is_some_and(|stopped| pids.contains(&stopped)) {
                return self.stopped(sys, job, pids, text);
            }
            self.frames.push(Frame::Foreground { job, pids, statuses, text });
            return Step::wait(Wait::Child);
        }
        let all: Vec<i32> = statuses.into_iter().flatten().collect();
        self.status = all.last().copied().unwrap_or(0);
        if self.options.pipefail {
            self.status = all.iter().rev().find(|s| **s != 0).copied().unwrap_or(0);
        }
        self.pipe_status = all;
        if let Some(id) = job {
            self.jobs.retain(|j| j.id != id);
        }
        if self.options.monitor {
            self.take_terminal(sys);
            if self.status == 130 {
                // The whole line is given up, as if Ctrl-C had reached the shell too.
                self.interrupted = true;
            }
        }
        Step::Again
    }
    /// A foreground process was ended by a signal: the shell says so.
    fn tell_killed(&self, sys: &mut Sys<'_>, signal: Signal, number: u32, text: &str) {
        let what = signal.description();
        if matches!(signal, Signal::Int | Signal::Pipe) {
            return;
        }
        if !self.dialect.is_bash() || self.options.interactive || signal == Signal::Term {
            return sys.eprint(&format!("{what}\n"));
        }
        let text = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
            Some(inner) => format!("( {} )", inner.trim()),
            None => text.to_string(),
        };
        self.complain(sys, &format!("{number:>5} {what:<23} {text}"));
    }
    fn stopped(&mut self, sys: &mut Sys<'_>, job: Option<u32>, pids: Vec<Pid>, text: Arc<str>) -> Step {
        self.take_terminal(sys);
        let id = job.unwrap_or_else(|| self.jobs.iter().map(|j| j.id).max().unwrap_or(0) + 1);
        self.jobs.retain(|j| j.id != id);
        let group = pids.first().copied().unwrap_or(0);
        let job = Job { id, group, pids, text, state: JobState::Stopped, status: 148 };
        sys.eprint(&format!("\n{}", job.line('+', self.dialect.is_dash())));
        self.jobs.push(job);
        self.status = 148;
        Step::Again
    }
    /// The shell is in the foreground again.
    pub fn take_terminal(&mut self, sys: &mut Sys<'_>) {
        let group = sys.process().map_or(0, |p| p.group);
        sys.set_foreground(group);
    }
    pub(super) fn wait_turn(&mut self, sys: &mut Sys<'_>, pids: Option<Vec<Pid>>, status: i32) -> Step {
        match pids {
            None => {
                self.reap(sys);
                if sys.wait(None) == WaitResult::None {
                    self.frames.push(Frame::Wait { pids, status });
                    return Step::wait(Wait::Child);
                }
                self.jobs.retain(|j| j.state != JobState::Done);
                self.status = 0;
                Step::Again
            }
            Some(mut left) => {
                let mut status = status;
                while let Some(pid) = left.first().copied() {
                    match self.status_of(sys, pid) {
                        Some(found) => {
                            status = found;
                            if !self.dialect.is_bash() && matches!(found, 137 | 143) {
                                sys.eprint(if found == 137 { "Killed\n" } else { "Terminated\n" });
                            }
                            left.remove(0);
                        }
                        None => {
                            self.frames.push(Frame::Wait { pids: Some(left), status });
                            return Step::wait(Wait::Child);
                        }
                    }
                }
                self.jobs.retain(|j| j.state != JobState::Done);
                self.status = status;
                Step::Again
            }
        }
    }
    /// The mark of a job: `+` for the current one, `-` for the one before.
    #[must_use]
    pub fn job_mark(&self, id: u32) -> char {
        let mut ids = self.jobs.iter().rev().map(|j| j.id);
        match (ids.next(), ids.next()) {
            (Some(current), _) if current == id => '+',
            (_, Some(previous)) if previous == id => '-',
            _ => ' ',
        }
    }
    /// Reports jobs that ended, before a prompt.
    pub fn report_jobs(&mut self, sys: &mut Sys<'_>) {
        self.reap(sys);
        let dash = self.dialect.is_dash();
        let lines: Vec<String> = self
            .jobs
            .iter()
            .filter(|j| j.state == JobState::Done)
            .map(|j| j.line(self.job_mark(j.id), dash))
            .collect();
        for line in lines {
            sys.eprint(&line);
        }
        self.jobs.retain(|j| j.state != JobState::Done);
    }
    /// The job a `%` word means: `%1`, `%%`, `%+`, `%-`, `%name`.
    #[must_use]
    pub fn find_job(&self, word: &str) -> Option<&Job> {
        let word = word.strip_prefix('%').unwrap_or(word);
        match word {
            "" | "%" | "+" => self.jobs.last(),
            "-" => self.jobs.iter().rev().nth(1).or(self.jobs.last()),
            word => match word.parse::<u32>() {
                Ok(id) => self.jobs.iter().find(|j| j.id == id),
                Err(_) => self.jobs.iter().find(|j| j.text.starts_with(word)),
            },
        }
    }
}
