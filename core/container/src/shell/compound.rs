//! Compound commands at work: groups, if, loops, for and case, one turn at a time.

use super::ast::{ArmEnd, Command, Kind};
use super::expand::Halt;
use super::frame::Frame;
use super::glob;
use super::state::Shell;
use crate::machine::Step;
use crate::sys::Sys;
use std::sync::Arc;

impl Shell {
    /// Begins a compound command; its redirections are in place.
    pub(super) fn body(&mut self, sys: &mut Sys<'_>, command: Arc<Command>) {
        match &command.kind {
            Kind::Simple { .. } => {}
            Kind::Group(script) => self.frames.push(Frame::Items { script: script.clone(), at: 0 }),
            Kind::Subshell(script) => {
                let frames = vec![Frame::Items { script: script.clone(), at: 0 }];
                self.start_subshell(sys, frames, "()");
            }
            Kind::If { arms, .. } => {
                if let Some((condition, _)) = arms.first() {
                    let script = condition.clone();
                    self.frames.push(Frame::If { command, arm: 0 });
                    self.frames.push(Frame::Items { script, at: 0 });
                }
            }
            Kind::Loop { condition, .. } => {
                let script = condition.clone();
                self.frames.push(Frame::Loop { command, testing: true, status: 0 });
                self.frames.push(Frame::Items { script, at: 0 });
            }
            Kind::For { words, .. } => {
                let values = match words {
                    None => Ok(Some(self.positional.iter().cloned().collect())),
                    Some(words) => self.expanding(sys, |shell, sys| shell.expand_words(sys, words)),
                };
                match values {
                    Ok(Some(values)) => {
                        if values.is_empty() {
                            self.status = 0;
                        }
                        self.frames.push(Frame::For {
                            command: command.clone(),
                            values: values.into(),
                            at: 0,
                        });
                    }
                    Ok(None) => self.again_below(Frame::Body(command)),
                    Err(halt) => self.halted(sys, halt),
                }
            }
            Kind::ForArith { .. } => self.frames.push(Frame::ForArith { command, stage: 0 }),
            Kind::Case { .. } => {
                self.frames.push(Frame::Case { command, subject: None, arm: 0, fall: false })
            }
            Kind::Function { name, body, text } => {
                self.function_texts.insert(name.clone(), text.clone());
                self.functions.insert(name.clone(), body.clone());
                self.status = 0;
            }
            Kind::Test(test) => match self.expanding(sys, |shell, sys| shell.conditional(sys, test)) {
                Ok(Some(truth)) => self.status = i32::from(!truth),
                Ok(None) => self.again_below(Frame::Body(command)),
                Err(Halt::Failed { status, exits: false }) => self.status = status,
                Err(halt) => self.halted(sys, halt),
            },
            Kind::Arith(word) => match self.expanding(sys, |shell, sys| shell.counted(sys, word)) {
                Ok(Some(value)) => self.status = i32::from(value == 0),
                Ok(None) => self.again_below(Frame::Body(command)),
                Err(Halt::Failed { exits: false, .. }) => self.status = 1,
                Err(halt) => self.halted(sys, halt),
            },
        }
    }
    pub(super) fn if_turn(&mut self, command: &Arc<Command>, arm: usize) {
        let Kind::If { arms, otherwise } = &command.kind else { return };
        if self.status == 0 {
            if let Some((_, then)) = arms.get(arm) {
                self.frames.push(Frame::Items { script: then.clone(), at: 0 });
            }
        } else if let Some((condition, _)) = arms.get(arm + 1) {
            self.frames.push(Frame::If { command: command.clone(), arm: arm + 1 });
            self.frames.push(Frame::Items { script: condition.clone(), at: 0 });
        } else {
            self.status = 0;
            if let Some(script) = otherwise {
                self.frames.push(Frame::Items { script: script.clone(), at: 0 });
            }
        }
    }
    pub(super) fn loop_turn(&mut self, command: Arc<Command>, testing: bool, status: i32) {
        let Kind::Loop { until, condition, body } = &command.kind else { return };
        let (script, next) = if testing {
            if (self.status == 0) == *until {
                self.status = status;
                return;
            }
            (body.clone(), Frame::Loop { command: command.clone(), testing: false, status })
        } else {
            (condition.clone(), Frame::Loop { command: command.clone(), testing: true, status: self.status })
        };
        self.frames.push(next);
        self.frames.push(Frame::Items { script, at: 0 });
    }
    pub(super) fn for_turn(
        &mut self,
        sys: &mut Sys<'_>,
        command: Arc<Command>,
        values: Arc<[Arc<str>]>,
        at: usize,
    ) {
        let Kind::For { name, body, .. } = &command.kind else { return };
        let Some(value) = values.get(at) else { return };
        if self.options.xtrace && self.dialect.is_bash() {
            self.line = command.line;
            self.trace_line(sys, &format!("for {name} in {}", values.join(" ")));
        }
        if self.assign_checked(sys, name, value).is_err() {
            self.status = 1;
            return;
        }
        let script = body.clone();
        self.frames.push(Frame::For { command, values, at: at + 1 });
        self.frames.push(Frame::Items { script, at: 0 });
    }
    pub(super) fn for_arith_turn(&mut self, sys: &mut Sys<'_>, command: Arc<Command>, stage: u8) {
        let Kind::ForArith { parts: [init, condition, step], body } = &command.kind else { return };
        let outcome = self.expanding(sys, |shell, sys| {
            match stage {
                0 if init.plain() != Some("") => _ = shell.counted(sys, init)?,
                2 if step.plain() != Some("") => _ = shell.counted(sys, step)?,
                _ => {}
            }
            if condition.0.is_empty() || condition.plain() == Some("") {
                return Ok(1);
            }
            shell.counted(sys, condition)
        });
        match outcome {
            Ok(Some(0)) => self.status = 0,
            Ok(Some(_)) => {
                let script = body.clone();
                self.frames.push(Frame::ForArith { command, stage: 2 });
                self.frames.push(Frame::Items { script, at: 0 });
            }
            Ok(None) => self.again_below(Frame::ForArith { command, stage }),
            Err(halt) => self.halted(sys, halt),
        }
    }
    pub(super) fn case_turn(
        &mut self,
        sys: &mut Sys<'_>,
        command: Arc<Command>,
        subject: Option<Arc<str>>,
        arm: usize,
        fall: bool,
    ) -> Step {
        let Kind::Case { word, arms } = &command.kind else { return Step::Again };
        let Some(subject) = subject else {
            match self.expanding(sys, |shell, sys| shell.expand_text(sys, word)) {
                Ok(Some(text)) => {
                    if self.dialect.is_bash() {
                        self.trace_line(sys, &format!("case {text} in"));
                    }
                    let subject = Some(text.into());
                    self.frames.push(Frame::Case { command: command.clone(), subject, arm, fall });
                }
                Ok(None) => {
                    self.again_below(Frame::Case { command: command.clone(), subject: None, arm, fall })
                }
                Err(halt) => self.halted(sys, halt),
            }
            return Step::Again;
        };
        let Some(this) = arms.get(arm) else {
            // Nothing fitted.
            if arm.checked_sub(1).and_then(|last| arms.get(last)).is_none_or(|last| last.end != ArmEnd::Test)
            {
                self.status = 0;
            }
            return Step::Again;
        };
        let status = self.status;
        let chars: Vec<char> = subject.chars().collect();
        let found = self.expanding(sys, |shell, sys| {
            for pattern in &this.patterns {
                if glob::matches(&shell.expand_pattern(sys, pattern)?, &chars) {
                    return Ok(true);
                }
            }
            Ok(false)
        });
        let case =
            |arm, fall| Frame::Case { command: command.clone(), subject: Some(subject.clone()), arm, fall };
        match found {
            Ok(Some(found)) => {
                self.status = if (found || fall) && this.body.is_empty() { 0 } else { status };
                if !found && !fall {
                    self.frames.push(case(arm + 1, false));
                    return Step::Again;
                }
                match this.end {
                    ArmEnd::Break => {}
                    ArmEnd::Fall => self.frames.push(case(arm + 1, true)),
                    ArmEnd::Test => self.frames.push(case(arm + 1, false)),
                }
                self.frames.push(Frame::Items { script: this.body.clone(), at: 0 });
            }
            Ok(None) => self.again_below(case(arm, fall)),
            Err(halt) => self.halted(sys, halt),
        }
        Step::Again
    }
}
