//! echo, printf, test.

use super::Outcome;
use crate::fd::STDOUT;
use crate::shell::Dialect;
use crate::shell::escape::{Style, unescape};
use crate::shell::predicates;
use crate::shell::state::Shell;
use crate::sys::Sys;
use crate::utilities::printf::format;
use std::sync::Arc;

/// The bytes `echo` prints. dash decodes escapes and knows only `-n`.
#[must_use]
pub fn echo_bytes(args: &[Arc<str>], dash: bool) -> Vec<u8> {
    let (mut newline, mut escapes) = (true, dash);
    let mut words = args.get(1..).unwrap_or(&[]);
    while let [first, rest @ ..] = words {
        let letters = first.strip_prefix('-').filter(|l| !l.is_empty());
        let known = if dash { "n" } else { "neE" };
        let Some(letters) = letters.filter(|l| l.chars().all(|c| known.contains(c))) else { break };
        if dash && letters != "n" {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        words = rest;
    }
    let text = words.join(" ");
    let (mut bytes, stopped) =
        if escapes { unescape(&text, Style::Echo) } else { (text.into_bytes(), false) };
    if newline && !stopped {
        bytes.push(b'\n');
    }
    bytes
}

pub(super) fn echo(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let bytes = echo_bytes(args, shell.dialect.is_dash());
    sys.write(STDOUT, &bytes);
    Outcome::Status(0)
}

pub(super) fn printf(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let mut words = args.get(1..).unwrap_or(&[]);
    let mut variable = None;
    if shell.dialect.is_bash()
        && let [flag, name, rest @ ..] = words
        && &**flag == "-v"
    {
        variable = Some(name.clone());
        words = rest;
    }
    if let [dashes, rest @ ..] = words
        && &**dashes == "--"
    {
        words = rest;
    }
    let Some((template, values)) = words.split_first() else {
        match shell.dialect {
            Dialect::Bash => sys.eprint("printf: usage: printf [-v var] format [arguments]\n"),
            Dialect::Dash => shell.complain_as(sys, "printf", "usage: printf format [arg ...]"),
            Dialect::Ash => sys.eprint(&std::format!("{}: usage: printf FORMAT [ARGUMENT...]\n", shell.name)),
        }
        return Outcome::Status(2);
    };
    let done = format(template, values, shell.dialect.into());
    match variable {
        Some(name) => {
            if shell.assign_checked(sys, &name, &String::from_utf8_lossy(&done.bytes)).is_err() {
                return Outcome::Status(1);
            }
        }
        None => sys.write(STDOUT, &done.bytes),
    }
    for error in &done.errors {
        match shell.dialect {
            Dialect::Ash => shell.complain(sys, error),
            _ => shell.complain_as(sys, "printf", error),
        }
    }
    let unknown = done.errors.iter().any(|e| e.ends_with("invalid directive"));
    Outcome::Status(if unknown && shell.dialect.is_dash() { 2 } else { i32::from(!done.errors.is_empty()) })
}

pub(super) fn test(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let name = args.first().cloned().unwrap_or_default();
    let mut words = args.get(1..).unwrap_or(&[]);
    let complain = |shell: &Shell, sys: &mut Sys<'_>, text: &str| match shell.dialect {
        Dialect::Ash => shell.complain(sys, text),
        _ => shell.complain_as(sys, &name, text),
    };
    if &*name == "[" {
        match words.split_last() {
            Some((last, rest)) if &**last == "]" => words = rest,
            _ => {
                complain(shell, sys, if shell.dialect.is_bash() { "missing `]'" } else { "missing ]" });
                return Outcome::Status(2);
            }
        }
    }
    match predicates::test(sys, words, shell.dialect.into()) {
        Ok(truth) => Outcome::Status(i32::from(!truth)),
        Err(text) => {
            complain(shell, sys, &text);
            Outcome::Status(2)
        }
    }
}
