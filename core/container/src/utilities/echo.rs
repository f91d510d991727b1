//! What the shells also have built in: echo, printf, test and [.

use super::support::{Flavor, done, flavor, own_name, usage};
use crate::shell::builtins::output::echo_bytes;
use crate::shell::predicates::{self, Voice};
use crate::sys::Sys;
use std::sync::Arc;

/// How `test` and `printf` word their complaints here.
fn voice(sys: &mut Sys<'_>) -> Voice {
    if flavor(sys) == Flavor::Busybox { Voice::Ash } else { Voice::Bash }
}

pub fn echo(sys: &mut Sys<'_>) -> i32 {
    let bytes = echo_bytes(&sys.args(), false);
    sys.write(1, &bytes);
    0
}

pub fn printf(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let Some(template) = args.get(1).cloned() else { return usage(sys, 1, "missing operand") };
    let voice = voice(sys);
    let formatted = super::printf::format(&template, args.get(2..).unwrap_or(&[]), voice);
    sys.write(1, &formatted.bytes);
    for error in &formatted.errors {
        let text = match error.strip_suffix(": invalid number") {
            Some(value) => format!("'{value}': expected a numeric value"),
            None => error.clone(),
        };
        done(sys, 1, &text);
    }
    i32::from(!formatted.errors.is_empty())
}

pub fn test(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let mut words: &[Arc<str>] = args.get(1..).unwrap_or(&[]);
    if own_name(sys) == "[" {
        match words.split_last() {
            Some((last, rest)) if &**last == "]" => words = rest,
            _ => return done(sys, 2, "missing ']'"),
        }
    }
    let voice = voice(sys);
    match predicates::test(sys, words, voice) {
        Ok(truth) => i32::from(!truth),
        Err(text) => done(sys, 2, &text),
    }
}
