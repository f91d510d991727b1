//! How many arguments a command takes, and what docker says when there are not that many.

use super::help::usage_line;
use crate::cli::{Error, Flow, Invocation, Outcome};

/// Exactly so many.
///
/// # Errors
/// `'docker pull' requires 1 argument`.
pub fn exactly(invocation: &Invocation<'_, '_>, count: usize) -> Result<(), Error> {
    if invocation.args.len() == count {
        return Ok(());
    }
    if count == 0 {
        return Err(none(invocation));
    }
    Err(arity(invocation, &format!("requires {count} {}", arguments(count))))
}

/// So many or more.
///
/// # Errors
/// `'docker rm' requires at least 1 argument`.
pub fn at_least(invocation: &Invocation<'_, '_>, count: usize) -> Result<(), Error> {
    if invocation.args.len() >= count {
        return Ok(());
    }
    Err(arity(invocation, &format!("requires at least {count} {}", arguments(count))))
}

/// So many or fewer.
///
/// # Errors
/// `'docker images' requires at most 1 argument`.
pub fn at_most(invocation: &Invocation<'_, '_>, count: usize) -> Result<(), Error> {
    if invocation.args.len() <= count {
        return Ok(());
    }
    if count == 0 {
        return Err(none(invocation));
    }
    Err(arity(invocation, &format!("requires at most {count} {}", arguments(count))))
}

/// Between two counts.
///
/// # Errors
/// `requires at least 1 and at most 2 arguments`.
pub fn between(invocation: &Invocation<'_, '_>, least: usize, most: usize) -> Result<(), Error> {
    if (least..=most).contains(&invocation.args.len()) {
        return Ok(());
    }
    Err(arity(invocation, &format!("requires at least {least} and at most {most} {}", arguments(most))))
}

/// A group of commands: its help on stderr, or that there is no such command.
///
/// # Errors
/// Always, with exit code 0 when nothing was asked for.
pub fn group(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let path = invocation.path.clone();
    match invocation.arg(0) {
        Some(word) => Err(Error::raw(format!(
            "docker: unknown command: {path} {word}\n\nUsage:  {path}{}\n\nRun '{path} --help' for more information\n",
            // Only this group names what is missing.
            if path == "docker volume" { " COMMAND" } else { "" }
        ))),
        None => {
            let help = invocation.help();
            invocation.eprint(&help);
            Ok(Flow::Done(0))
        }
    }
}

fn arguments(count: usize) -> &'static str {
    if count == 1 { "argument" } else { "arguments" }
}

fn none(invocation: &Invocation<'_, '_>) -> Error {
    let path = &invocation.path;
    Error::raw(format!(
        "docker: '{path}' accepts no arguments\n\n{}\n\nRun '{path} --help' for more information\n",
        usage_line(invocation.command, path)
    ))
}

fn arity(invocation: &Invocation<'_, '_>, what: &str) -> Error {
    let path = &invocation.path;
    Error::raw(format!(
        "docker: '{path}' {what}\n\n{}\n\nRun '{path} --help' for more information\n",
        usage_line(invocation.command, path)
    ))
}
