//! shift, unset, getopts, let.

use super::{Outcome, flags};
use crate::shell::Dialect;
use crate::shell::expand::Halt;
use crate::shell::lexer::is_name;
use crate::shell::state::Shell;
use crate::sys::Sys;
use std::sync::Arc;

pub(super) fn shift(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let count = match args.get(1).map(|a| a.parse::<usize>()) {
        None => 1,
        Some(Ok(count)) => count,
        Some(Err(_)) => {
            let text = args.get(1).cloned().unwrap_or_default();
            let text = match shell.dialect {
                Dialect::Bash => format!("{text}: numeric argument required"),
                _ => format!("Illegal number: {text}"),
            };
            shell.complain_as(sys, "shift", &text);
            return Outcome::Status(if shell.dialect.is_bash() { 1 } else { 2 });
        }
    };
    if count > shell.positional.len() {
        if shell.dialect.is_dash() {
            shell.complain_as(sys, "shift", "can't shift that many");
            return Outcome::Status(2);
        }
        return Outcome::Status(1);
    }
    shell.positional = shell.positional.skip(count);
    Outcome::Status(0)
}

pub(super) fn unset(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, bad) = flags(args, if shell.dialect.is_bash() { "fvn" } else { "fv" });
    if let Some(letter) = bad {
        return shell.bad_option(sys, "unset", letter, "unset [-f] [-v] [-n] [name ...]");
    }
    let mut status = 0;
    for word in words {
        if let Some((name, index)) = word.split_once('[').filter(|_| shell.dialect.is_bash()) {
            let index = index.trim_end_matches(']');
            if matches!(index, "@" | "*") {
                shell.vars.unset(name);
            } else if let Ok(index) = shell.index_from_text(sys, name, index) {
                shell.vars.unset_item(name, &index);
            }
            continue;
        }
        if letters.contains('f') || (shell.vars.get(word).is_none() && !letters.contains('v')) {
            if shell.functions.remove(word).is_none() && !is_name(word) && shell.dialect.is_bash() {
                shell.complain_as(sys, "unset", &format!("`{word}': not a valid identifier"));
                status = 1;
            }
            continue;
        }
        if shell.vars.is_readonly(word) {
            let text = match shell.dialect {
                Dialect::Bash => format!("{word}: cannot unset: readonly variable"),
                _ => format!("{word}: is read only"),
            };
            shell.complain_as(sys, "unset", &text);
            status = if shell.dialect.is_bash() { 1 } else { 2 };
            continue;
        }
        shell.vars.unset(word);
    }
    Outcome::Status(status)
}

pub(super) fn let_(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let mut value = 0;
    if args.len() < 2 {
        shell.complain_as(sys, "let", "expression expected");
        return Outcome::Status(1);
    }
    for text in args.iter().skip(1) {
        match shell.evaluate_in(sys, text, "let: ") {
            Ok(result) => value = result,
            Err(Halt::Failed { .. }) => return Outcome::Status(1),
            Err(_) => return Outcome::Status(1),
        }
    }
    Outcome::Status(i32::from(value == 0))
}

pub(super) fn getopts(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (Some(spec), Some(name)) = (args.get(1).cloned(), args.get(2).cloned()) else {
        match shell.dialect {
            Dialect::Bash => sys.eprint("getopts: usage: getopts optstring name [arg ...]\n"),
            Dialect::Dash => shell.complain_as(sys, "getopts", "Usage: getopts optstring var [arg...]"),
            Dialect::Ash => shell.complain_as(sys, "getopts", "usage: getopts optstring var [arg]"),
        }
        return Outcome::Status(2);
    };
    let given: Vec<Arc<str>> = if args.len() > 3 {
        args.iter().skip(3).cloned().collect()
    } else {
        shell.positional.iter().cloned().collect()
    };
    let mut index = shell.vars.text("OPTIND").and_then(|t| t.parse::<usize>().ok()).unwrap_or(1).max(1);
    let quiet = spec.starts_with(':');
    let at = shell.getopts_at.max(1);
    let word = given.get(index - 1).cloned();
    let letter =
        word.as_deref().filter(|w| w.starts_with('-') && w.len() > 1).and_then(|w| w.chars().nth(at));
    let (Some(word), Some(letter)) = (word.clone(), letter) else {
        shell.vars.set(&name, "?");
        shell.getopts_at = 0;
        return Outcome::Status(1);
    };
    if &*word == "--" {
        shell.vars.set("OPTIND", &(index + 1).to_string());
        shell.vars.set(&name, "?");
        shell.getopts_at = 0;
        return Outcome::Status(1);
    }
    let rest: String = word.chars().skip(at + 1).collect();
    let found = spec.trim_start_matches(':').find(letter).filter(|_| letter != ':');
    let takes = found.is_some_and(|i| {
        spec.trim_start_matches(':').get(i + letter.len_utf8()..).is_some_and(|s| s.starts_with(':'))
    });
    let mut value: Option<String> = None;
    let mut outcome = letter.to_string();
    let mut next_at = at + 1;
    if found.is_none() {
        outcome = "?".into();
        if quiet {
            value = Some(letter.to_string());
        } else {
            let script = shell.name.clone();
            let text = match shell.dialect {
                Dialect::Bash => format!("{script}: illegal option -- {letter}\n"),
                _ => format!("Illegal option -{letter}\n"),
            };
            sys.eprint(&text);
        }
    } else if takes {
        next_at = usize::MAX;
        if !rest.is_empty() {
            value = Some(rest.clone());
        } else if let Some(next) = given.get(index) {
            value = Some(next.to_string());
            index += 1;
        } else if quiet {
            outcome = ":".into();
            value = Some(letter.to_string());
        } else {
            outcome = "?".into();
            let script = shell.name.clone();
            let text = match shell.dialect {
                Dialect::Bash => format!("{script}: option requires an argument -- {letter}\n"),
                _ => format!("No arg for -{letter} option\n"),
            };
            sys.eprint(&text);
        }
    }
    if next_at == usize::MAX || rest.is_empty() {
        index += 1;
        next_at = 0;
    }
    shell.vars.set("OPTIND", &index.to_string());
    shell.getopts_at = next_at;
    match value {
        Some(value) => shell.vars.set("OPTARG", &value),
        None => shell.vars.unset("OPTARG"),
    }
    if shell.assign_checked(sys, &name, &outcome).is_err() {
        return Outcome::Status(1);
    }
    Outcome::Status(0)
}
