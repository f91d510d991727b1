//! The stack machine: one small act per step, so that an endless loop costs simulated time and can be
//! interrupted, and a shell can be cloned with its world at any moment.

use super::ast::{Command, Join, Kind, Script};
use super::expand::{Expanded, Halt, Replay};
use super::flow::Flow;
use super::frame::{Frame, Source};
use super::state::Shell;
use crate::machine::{Behave, Handled, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use std::sync::Arc;

/// Frames a shell may stack up: recursion of functions ends there, as bash's does by a crash.
const FRAMES: usize = 20_000;

impl Behave for Shell {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if sys.now() < self.awake {
            return Step::wait(Wait::Until(self.awake));
        }
        if let Some(step) = self.run_traps(sys) {
            return step;
        }
        if self.frames.len() > FRAMES {
            self.complain(sys, "maximum function nesting level exceeded");
            self.frames.truncate(1);
            return self.finish(sys, 1);
        }
        let Some(frame) = self.frames.pop() else {
            let status = self.exiting.unwrap_or(self.status);
            return self.finish(sys, status);
        };
        self.turn(sys, frame)
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if let Some(action) = self.traps.get(signal.name()) {
            if action.is_empty() {
                return Handled::Ignored;
            }
            self.caught.push(signal);
            return Handled::Caught;
        }
        match signal {
            Signal::Int if self.options.interactive => {
                self.interrupted = true;
                Handled::Caught
            }
            Signal::Term | Signal::Quit | Signal::Tstp if self.options.interactive => Handled::Ignored,
            _ => Handled::Default,
        }
    }
}

impl Shell {
    /// Carries out the frame that was on top.
    pub(super) fn turn(&mut self, sys: &mut Sys<'_>, frame: Frame) -> Step {
        match frame {
            Frame::Items { script, at } => self.items(sys, script, at),
            Frame::Chain { chain, at } => {
                let skipped = self.chain(sys, &chain, at);
                if let Some(at) = skipped {
                    self.frames.push(Frame::Chain { chain, at });
                }
                Step::Again
            }
            Frame::Negate => {
                self.status = i32::from(self.status == 0);
                Step::Again
            }
            Frame::Timed { started, posix: true } => {
                let ms = sys.now().saturating_sub(started);
                sys.eprint(&format!("real {}.{:02}\nuser 0.00\nsys 0.00\n", ms / 1000, ms % 1000 / 10));
                Step::Again
            }
            Frame::Timed { started, posix: false } => {
                let ms = sys.now().saturating_sub(started);
                let (minutes, seconds) = (ms / 60_000, ms % 60_000);
                sys.eprint(&format!(
                    "\nreal\t{minutes}m{}.{:03}s\nuser\t0m0.000s\nsys\t0m0.000s\n",
                    seconds / 1000,
                    seconds % 1000
                ));
                Step::Again
            }
            Frame::Run(command) => self.run_command(sys, command),
            Frame::Body(command) => {
                self.body(sys, command);
                Step::Again
            }
            Frame::Execute(ready) => self.execute(sys, *ready),
            Frame::Restore(saved) => {
                self.restore_fds(sys, saved);
                Step::Again
            }
            Frame::If { command, arm } => {
                self.if_turn(&command, arm);
                Step::Again
            }
            Frame::Loop { command, testing, status } => {
                self.loop_turn(command, testing, status);
                Step::Again
            }
            Frame::For { command, values, at } => {
                self.for_turn(sys, command, values, at);
                Step::Again
            }
            Frame::ForArith { command, stage } => {
                self.for_arith_turn(sys, command, stage);
                Step::Again
            }
            Frame::Case { command, subject, arm, fall } => self.case_turn(sys, command, subject, arm, fall),
            frame @ (Frame::Call { .. }
            | Frame::Sourced { .. }
            | Frame::Environment(_)
            | Frame::Restored { .. }
            | Frame::Trap { .. }) => {
                self.undo(sys, frame);
                Step::Again
            }
            Frame::Debugged => {
                self.debugged = true;
                Step::Again
            }
            Frame::Reader(reader) => self.read_turn(sys, reader),
            Frame::Capture { pid, fd, text } => self.capture_turn(sys, pid, fd, text),
            Frame::Foreground { job, pids, statuses, text } => {
                self.foreground_turn(sys, job, pids, statuses, text)
            }
            Frame::Wait { pids, status } => self.wait_turn(sys, pids, status),
            Frame::Read(reading) => super::builtins::read::turn(self, sys, *reading),
            Frame::Lines(lines) => super::builtins::read::lines_turn(self, sys, *lines),
            Frame::OwnLast { mut pids, text } => {
                let mut statuses: Vec<Option<i32>> = vec![None; pids.len()];
                pids.push(0);
                statuses.push(Some(self.status));
                self.frames.push(Frame::Foreground { job: None, pids, statuses, text });
                Step::Again
            }
        }
    }
    fn items(&mut self, sys: &mut Sys<'_>, script: Script, at: usize) -> Step {
        let Some(item) = script.get(at).cloned() else { return Step::Again };
        self.frames.push(Frame::Items { script, at: at + 1 });
        if self.options.noexec && !self.options.interactive {
            return Step::Again;
        }
        if item.background {
            self.start_background(sys, &item);
        } else {
            self.frames.push(Frame::Chain { chain: item.chain, at: 0 });
        }
        Step::Again
    }
    /// Runs the next due link; gives the place after it, or none at the end.
    pub(super) fn chain(
        &mut self,
        sys: &mut Sys<'_>,
        chain: &Arc<[super::ast::Link]>,
        at: usize,
    ) -> Option<usize> {
        if at > 0 && at == chain.len() {
            let last = chain.get(at - 1)?;
            if last.stages.len() == 1 {
                self.pipe_status = vec![self.status];
            }
            let skipped = match last.join {
                Join::Always => false,
                Join::And | Join::Or => std::mem::take(&mut self.skipped),
            };
            let compound = last.stages.len() == 1
                && last.stages.first().is_some_and(|c| {
                    !matches!(
                        c.kind,
                        Kind::Simple { .. } | Kind::Subshell(_) | Kind::Test(_) | Kind::Arith(_)
                    )
                });
            if self.status != 0 && !skipped && !last.negated && !compound {
                self.failed(sys);
            }
            return None;
        }
        if let Some(before) = at.checked_sub(1).and_then(|at| chain.get(at))
            && before.stages.len() == 1
        {
            self.pipe_status = vec![self.status];
        }
        let link = chain.get(at)?;
        let runs = match link.join {
            Join::Always => true,
            Join::And => self.status == 0,
            Join::Or => self.status != 0,
        };
        if !runs {
            self.skipped = true;
            return Some(at + 1);
        }
        self.skipped = false;
        self.frames.push(Frame::Chain { chain: chain.clone(), at: at + 1 });
        self.start_pipeline(sys, link);
        None
    }
    /// A command failed where that is not being tested: `-e` and the ERR trap.
    pub(super) fn failed(&mut self, sys: &mut Sys<'_>) {
        if self.lenient || self.is_tested() {
            return;
        }
        if let Some(action) = self.traps.get("ERR").cloned()
            && !self.in_trap()
            && (self.options.errtrace || !self.in_function())
        {
            self.push_trap(&action);
            if self.options.errexit {
                let status = self.status;
                self.frames
                    .insert(self.frames.len().saturating_sub(2), Frame::Execute(Box::new(exit_with(status))));
            }
            return;
        }
        if self.options.errexit {
            self.flow(sys, Flow::Exit(self.status));
        }
    }
    /// Whether what runs is part of a condition.
    #[must_use]
    pub fn is_tested(&self) -> bool {
        self.frames.iter().any(|frame| match frame {
            Frame::If { .. } | Frame::Loop { testing: true, .. } | Frame::Negate => true,
            Frame::Chain { chain, at } => *at < chain.len(),
            _ => false,
        })
    }
    /// Begins a command: expansion for a simple one, redirections for a compound one.
    fn run_command(&mut self, sys: &mut Sys<'_>, command: Arc<Command>) -> Step {
        self.line = command.line;
        if self.debug_trap(&command) {
            return Step::Again;
        }
        if let Kind::Simple { assigns, words } = &command.kind {
            match self.expanding(sys, |shell, sys| shell.prepare(sys, assigns, words, &command.redirects)) {
                Ok(Some(ready)) => {
                    self.trace(sys, &ready);
                    self.release_later();
                    self.frames.push(Frame::Execute(Box::new(ready)));
                }
                Ok(None) => {
                    let top = self.frames.pop();
                    self.frames.push(Frame::Run(command));
                    self.frames.extend(top);
                }
                Err(halt) => self.halted(sys, halt),
            }
            return Step::Again;
        }
        if command.redirects.is_empty() {
            self.frames.push(Frame::Body(command));
            return Step::Again;
        }
        match self.expanding(sys, |shell, sys| shell.expand_redirects(sys, &command.redirects)) {
            Ok(Some(redirects)) => match self.redirect(sys, &redirects) {
                Ok(saved) => {
                    self.release_later();
                    self.frames.push(Frame::Restore(saved));
                    self.frames.push(Frame::Body(command));
                }
                Err(super::descriptors::Refused) => self.status = if self.dialect.is_bash() { 1 } else { 2 },
            },
            Ok(None) => {
                let top = self.frames.pop();
                self.frames.push(Frame::Run(command));
                self.frames.extend(top);
            }
            Err(halt) => self.halted(sys, halt),
        }
        Step::Again
    }
    /// Expands something with replay. `Ok(None)`: a command has to run first, its frame is on top.
    pub fn expanding<T>(
        &mut self,
        sys: &mut Sys<'_>,
        expand: impl FnOnce(&mut Shell, &mut Sys<'_>) -> Expanded<T>,
    ) -> Expanded<Option<T>> {
        match self.replay.saved.clone() {
            Some((vars, random)) => {
                self.vars = vars;
                self.random = random;
            }
            None => self.replay.saved = Some((self.vars.clone(), self.random)),
        }
        self.replay.at = 0;
        let outcome = expand(self, sys);
        match outcome {
            Ok(value) => {
                self.held.append(&mut self.replay.held);
                self.replay = Replay::default();
                Ok(Some(value))
            }
            Err(Halt::Run(script)) => {
                self.start_capture(sys, script)?;
                Ok(None)
            }
            Err(Halt::Process(reads, script)) => {
                self.start_process(sys, reads, script)?;
                // Nothing to wait for: expand again at once.
                self.frames.push(Frame::Items { script: Arc::from([]), at: 0 });
                Ok(None)
            }
            Err(halt) => {
                self.replay = Replay::default();
                Err(halt)
            }
        }
    }
    /// Closes the pipes of `<(…)` once the present command is done.
    fn release_later(&mut self) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            self.frames.push(Frame::Restore(held.into_iter().map(|fd| (fd, None)).collect()));
        }
    }
    /// Runs the DEBUG trap before a command; true if the command is to be begun again after it.
    fn debug_trap(&mut self, command: &Arc<Command>) -> bool {
        // Looking through the frames costs: most shells have no such trap.
        if std::mem::take(&mut self.debugged) || !self.traps.contains_key("DEBUG") || self.in_trap() {
            return false;
        }
        let here = self.options.functrace || !self.in_function();
        let simple = matches!(command.kind, Kind::Simple { .. } | Kind::Arith(_) | Kind::Test(_));
        let Some(action) = self.traps.get("DEBUG").cloned().filter(|_| here && simple) else { return false };
        self.frames.push(Frame::Debugged);
        self.again_below(Frame::Run(command.clone()));
        self.push_trap(&action);
        true
    }
    /// Whether a trap's action runs.
    #[must_use]
    pub fn in_trap(&self) -> bool {
        self.frames.iter().any(|f| matches!(f, Frame::Trap { .. }))
    }
    /// An expansion failed: the command does not run, and perhaps nothing after it.
    pub fn halted(&mut self, sys: &mut Sys<'_>, halt: Halt) {
        let Halt::Failed { status, exits } = halt else { return };
        self.status = status;
        if exits && !self.options.interactive || self.is_subshell {
            return self.flow(sys, Flow::Exit(status));
        }
        self.discard(sys);
    }
    /// Gives up the present line, as bash does after an expansion error.
    pub fn discard(&mut self, sys: &mut Sys<'_>) {
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Reader(reader) if !matches!(reader.source, Source::Eval | Source::Command) => {
                    self.frames.push(Frame::Reader(reader));
                    return;
                }
                frame => self.undo(sys, frame),
            }
        }
    }
    /// Puts a frame under the top one: it is tried again when the top is done.
    pub fn again_below(&mut self, frame: Frame) {
        let top = self.frames.pop();
        self.frames.push(frame);
        self.frames.extend(top);
    }
}

fn exit_with(status: i32) -> super::frame::Ready {
    super::frame::Ready {
        words: vec!["exit".into(), status.to_string().into()],
        assigns: Vec::new(),
        redirects: Vec::new(),
        substituted: None,
        shown: Vec::new(),
    }
}
