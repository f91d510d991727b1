//! A running program as an explicit, resumable state machine: plain data that can be cloned with the
//! world, hashed and compared. It is stepped until it waits or exits; it may be woken for nothing and
//! then simply looks again.

use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::Digest;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a step came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// More to do right away; counts against the step limits.
    Again,
    /// Nothing to do until one of these.
    Wait(Vec<Wait>),
    /// The process ends with this exit code.
    Exit(i32),
}

impl Step {
    /// Wait for one thing.
    #[must_use]
    pub fn wait(on: Wait) -> Step {
        Step::Wait(vec![on])
    }
}

/// What a program's own handler makes of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// The default action is taken (PID 1 of a container ignores what it does not handle).
    Default,
    Ignored,
    /// The handler took note; the machine is stepped next.
    Caught,
}

/// The behaviour of a program. Derive `Clone` and `Hash` on its state and implement this; everything
/// the kernel needs ([`Machine`]) follows.
pub trait Behave: Clone + Hash + Send + Sync + 'static {
    /// Runs until there is nothing to do now. Output goes through [`Sys::write`], which never fails
    /// and never blocks: the kernel holds the process back while its readers are behind.
    fn step(&mut self, sys: &mut Sys<'_>) -> Step;
    /// Called when a signal arrives, before the next step.
    fn signal(&mut self, _signal: Signal) -> Handled {
        Handled::Default
    }
}

/// A [`Behave`] state behind a pointer.
pub trait Machine: Send + Sync {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step;
    fn signal(&mut self, signal: Signal) -> Handled;
    fn boxed_clone(&self) -> Box<dyn Machine>;
    fn digest(&self) -> u64;
}

impl<T: Behave> Machine for T {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        Behave::step(self, sys)
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        Behave::signal(self, signal)
    }
    fn boxed_clone(&self) -> Box<dyn Machine> {
        Box::new(self.clone())
    }
    fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        self.hash(&mut digest);
        digest.finish()
    }
}

impl Clone for Box<dyn Machine> {
    fn clone(&self) -> Self {
        (**self).boxed_clone()
    }
}
impl std::fmt::Debug for Box<dyn Machine> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "machine {:016x}", self.digest())
    }
}
impl PartialEq for Box<dyn Machine> {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

/// A program that does all its work in one step: most utilities without blocking input.
#[derive(Clone, Hash)]
pub struct Once(pub fn(&mut Sys<'_>) -> i32);

impl Behave for Once {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        Step::Exit((self.0)(sys))
    }
}

/// Becomes another program, as `exec "$@"` at the end of a start script does.
#[derive(Clone, Hash)]
pub struct ExecAll {
    argv: Arc<[Arc<str>]>,
    /// What a failure's message begins with.
    prefix: Arc<str>,
}

impl ExecAll {
    #[must_use]
    pub fn new(argv: Arc<[Arc<str>]>, prefix: &str) -> ExecAll {
        ExecAll { argv, prefix: prefix.into() }
    }
}

impl Behave for ExecAll {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match sys.exec(self.argv.to_vec()) {
            Ok(step) => step,
            Err(error) => {
                let name = self.argv.first().map_or("", |a| a);
                let (text, code) = match error {
                    crate::Errno::Enoent if !name.contains('/') => ("not found", 127),
                    crate::Errno::Enoent => (error.text(), 127),
                    _ => (error.text(), 126),
                };
                sys.eprint(&format!("{}: {name}: {text}\n", self.prefix));
                Step::Exit(code)
            }
        }
    }
}
