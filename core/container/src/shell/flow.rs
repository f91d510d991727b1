//! Leaving frames early: break, continue, return, exit; traps; the end of the shell.

use super::frame::{Frame, Reader, Source};
use super::state::Shell;
use crate::machine::Step;
use crate::signal::Signal;
use crate::sys::Sys;
use std::sync::Arc;

/// A way out of the present command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Break(u32),
    Continue(u32),
    Return(i32),
    Exit(i32),
}

impl Shell {
    /// Undoes what a frame had in place for what ran above it.
    pub fn undo(&mut self, sys: &mut Sys<'_>, frame: Frame) {
        match frame {
            Frame::Restore(saved) => self.restore_fds(sys, saved),
            Frame::Call { positional, locals, .. } => {
                self.positional = positional;
                self.put_back(locals);
            }
            Frame::Sourced { positional: Some(positional), .. } => self.positional = positional,
            Frame::Environment(saved) => self.put_back(saved),
            Frame::Restored { name, body } => _ = self.functions.insert(name, body),
            Frame::Trap { status } => self.status = status,
            Frame::Capture { fd, .. } => {
                let _ = sys.close(fd);
                self.replay = super::expand::Replay::default();
            }
            _ => {}
        }
    }
    pub(super) fn put_back(&mut self, saved: Vec<(Arc<str>, Option<super::vars::Var>)>) {
        for (name, var) in saved.into_iter().rev() {
            match var {
                Some(var) => _ = self.vars.0.insert(name, var),
                None => _ = self.vars.0.remove(&name),
            }
        }
    }
    /// Whether a loop runs around the present command, within the present function.
    #[must_use]
    pub fn in_loop(&self) -> bool {
        let frames = self.frames.iter().rev();
        frames.take_while(|f| !matches!(f, Frame::Call { .. })).any(is_loop)
    }
    #[must_use]
    pub fn in_function(&self) -> bool {
        self.frames.iter().any(|f| matches!(f, Frame::Call { .. }))
    }
    #[must_use]
    pub fn may_return(&self) -> bool {
        self.frames.iter().any(|f| matches!(f, Frame::Call { .. } | Frame::Sourced { .. }))
    }
    /// Leaves frames as `flow` says.
    pub fn flow(&mut self, sys: &mut Sys<'_>, flow: Flow) {
        match flow {
            Flow::Break(levels) | Flow::Continue(levels) => {
                let mut left = levels.max(1);
                while let Some(frame) = self.frames.pop() {
                    if matches!(frame, Frame::Call { .. }) {
                        self.frames.push(frame);
                        return;
                    }
                    if !is_loop(&frame) {
                        self.undo(sys, frame);
                        continue;
                    }
                    left -= 1;
                    let outermost = !self.in_loop();
                    if left == 0 || outermost {
                        self.status = 0;
                        if matches!(flow, Flow::Continue(_)) {
                            self.frames.push(match frame {
                                Frame::Loop { command, status, .. } => {
                                    Frame::Loop { command, testing: false, status }
                                }
                                other => other,
                            });
                        }
                        return;
                    }
                }
            }
            Flow::Return(status) => {
                self.status = status;
                while let Some(frame) = self.frames.pop() {
                    let ends = matches!(frame, Frame::Call { .. } | Frame::Sourced { .. });
                    self.undo(sys, frame);
                    if ends {
                        self.status = status;
                        return;
                    }
                }
            }
            Flow::Exit(status) => {
                while let Some(frame) = self.frames.pop() {
                    self.undo(sys, frame);
                }
                self.status = status;
                self.exiting = Some(status);
            }
        }
    }
    /// No frames are left: the EXIT trap, then the end.
    pub fn finish(&mut self, sys: &mut Sys<'_>, status: i32) -> Step {
        if let Some(action) = self.traps.remove("EXIT").filter(|a| !a.is_empty()) {
            self.exiting = Some(status);
            self.status = status;
            self.push_trap(&action);
            return Step::Again;
        }
        let _ = sys;
        Step::Exit(status & 255)
    }
    pub fn push_trap(&mut self, action: &str) {
        self.frames.push(Frame::Trap { status: self.status });
        let line = self.line;
        self.frames.push(Frame::Reader(Reader { line, ..Reader::text(action, Source::Eval) }));
    }
    /// Runs traps of signals that came, between commands; abandons the line after Ctrl-C.
    pub fn run_traps(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        if self.interrupted {
            self.interrupted = false;
            self.status = 130;
            self.replay = super::expand::Replay::default();
            while let Some(frame) = self.frames.pop() {
                match frame {
                    Frame::Reader(mut reader) if reader.source == Source::Terminal => {
                        self.reset_terminal(sys, &mut reader);
                        self.frames.push(Frame::Reader(reader));
                        break;
                    }
                    frame => self.undo(sys, frame),
                }
            }
            self.status = 130;
            return Some(Step::Again);
        }
        if self.caught.is_empty() {
            return None;
        }
        // A trap waits for the foreground command, but interrupts `wait` and `read`.
        let waits = matches!(self.frames.last(), Some(Frame::Foreground { .. } | Frame::Capture { .. }));
        if waits || self.replay.saved.is_some() {
            return None;
        }
        let signal: Signal = self.caught.remove(0);
        let action = self.traps.get(signal.name()).cloned()?;
        if let Some(Frame::Wait { .. }) = self.frames.last() {
            self.frames.pop();
            self.status = 128 + i32::from(signal.number());
        }
        self.push_trap(&action);
        Some(Step::Again)
    }
}

fn is_loop(frame: &Frame) -> bool {
    matches!(frame, Frame::Loop { .. } | Frame::For { .. } | Frame::ForArith { .. })
}
