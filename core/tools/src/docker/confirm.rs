//! `Are you sure you want to continue? [y/N]`: a question on stdout and one line of stdin. Anything but
//! `y` is a no, and no is not an error.

use crate::cli::{Command, Error, Flags, Flow, Invocation, Outcome, Style};
use drydock_container::fd::{Read, STDIN};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Machine, Signal, Step, Sys, Wait};
use std::hash::{Hash, Hasher};

/// A call of a command, kept to go on with later.
#[derive(Clone)]
pub struct Call {
    pub style: &'static Style,
    pub command: &'static Command,
    pub path: String,
    pub args: Vec<String>,
    pub flags: Flags,
}

impl Call {
    #[must_use]
    pub fn of(invocation: &Invocation<'_, '_>) -> Call {
        Call {
            style: invocation.style,
            command: invocation.command,
            path: invocation.path.clone(),
            args: invocation.args.clone(),
            flags: invocation.flags.clone(),
        }
    }
    /// The same call again, with the present system calls.
    pub fn invocation<'a, 'b>(&self, sys: &'a mut Sys<'b>) -> Invocation<'a, 'b> {
        Invocation {
            sys,
            style: self.style,
            command: self.command,
            path: self.path.clone(),
            args: self.args.clone(),
            dash: None,
            flags: self.flags.clone(),
            stdin: None,
        }
    }
}

impl Hash for Call {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.path, &self.args, &self.flags).hash(state);
    }
}

/// Asks, unless `--force`, then runs `then`.
///
/// # Errors
/// Those of `then`.
pub fn unless_forced(
    invocation: &mut Invocation<'_, '_>,
    question: &str,
    then: fn(&mut Invocation<'_, '_>) -> Outcome,
) -> Outcome {
    if invocation.bool("force") {
        return then(invocation);
    }
    invocation.sys.print(&format!("{question} [y/N] "));
    let call = Call::of(invocation);
    Ok(Flow::Continue(Box::new(Asking { call, then, rest: None })))
}

#[derive(Clone)]
struct Asking {
    call: Call,
    then: fn(&mut Invocation<'_, '_>) -> Outcome,
    rest: Option<Box<dyn Machine>>,
}

impl Hash for Asking {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.call.hash(state);
        self.rest.as_ref().map(|m| m.digest()).hash(state);
    }
}

impl Behave for Asking {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(rest) = &mut self.rest {
            return rest.step(sys);
        }
        let answer = match sys.read_line(STDIN) {
            Read::Data(line) => String::from_utf8_lossy(&line).trim().to_lowercase(),
            Read::Block => return Step::wait(Wait::Readable(STDIN)),
            Read::End | Read::Failed(_) => String::new(),
        };
        if answer != "y" {
            return Step::Exit(0);
        }
        match (self.then)(&mut self.call.invocation(sys)) {
            Ok(Flow::Done(code)) => Step::Exit(code),
            Ok(Flow::Continue(machine)) => {
                self.rest = Some(machine);
                Step::Again
            }
            Err(Error { text, code }) => {
                sys.eprint(&text);
                Step::Exit(code)
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        self.rest.as_mut().map_or(Handled::Default, |m| m.signal(signal))
    }
}
