//! alias, unalias, type, command, builtin, hash, history, help.

use super::{Outcome, find, flags};
use crate::shell::Dialect;
use crate::shell::frame::{Frame, Ready};
use crate::shell::state::Shell;
use crate::sys::Sys;
use std::sync::Arc;

fn alias_line(shell: &Shell, name: &str, value: &str) -> String {
    let quoted = format!("'{}'", value.replace('\'', "'\\''"));
    match shell.dialect {
        Dialect::Bash => format!("alias {name}={quoted}\n"),
        _ => format!("{name}={quoted}\n"),
    }
}

pub(super) fn alias(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let words: Vec<&Arc<str>> = args.iter().skip(1).filter(|w| &***w != "-p").collect();
    if words.is_empty() {
        for (name, value) in &shell.aliases {
            sys.print(&alias_line(shell, name, value));
        }
        return Outcome::Status(0);
    }
    let mut status = 0;
    for word in words {
        if let Some((name, value)) = word.split_once('=') {
            shell.aliases.insert(name.into(), value.into());
        } else if let Some(value) = shell.aliases.get(word) {
            sys.print(&alias_line(shell, word, value));
        } else {
            match shell.dialect {
                Dialect::Bash => shell.complain_as(sys, "alias", &format!("{word}: not found")),
                _ => sys.eprint(&format!("alias: {word} not found\n")),
            }
            status = 1;
        }
    }
    Outcome::Status(status)
}

pub(super) fn unalias(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let mut status = 0;
    for word in args.iter().skip(1) {
        if &**word == "-a" {
            shell.aliases.clear();
        } else if shell.aliases.remove(word).is_none() {
            match shell.dialect {
                Dialect::Bash => shell.complain_as(sys, "unalias", &format!("{word}: not found")),
                _ => sys.eprint(&format!("unalias: {word} not found\n")),
            }
            status = 1;
        }
    }
    Outcome::Status(status)
}

/// What a name means, as (`type -t`'s word, the sentence of `type`, what `command -v` prints).
fn meaning(shell: &mut Shell, sys: &mut Sys<'_>, name: &str) -> Option<(&'static str, String, String)> {
    let aliases = shell.options.expand_aliases || !shell.dialect.is_bash();
    if let Some(value) = shell.aliases.get(name).filter(|_| aliases) {
        let sentence = match shell.dialect {
            Dialect::Bash => format!("{name} is aliased to `{value}'"),
            _ => format!("{name} is an alias for {value}"),
        };
        let line = format!("alias {name}='{value}'");
        return Some(("alias", sentence, line));
    }
    if shell.is_keyword(name) {
        return Some(("keyword", format!("{name} is a shell keyword"), name.into()));
    }
    if shell.functions.contains_key(name) {
        let sentence = match shell.dialect {
            Dialect::Bash | Dialect::Ash => format!("{name} is a function"),
            Dialect::Dash => format!("{name} is a shell function"),
        };
        return Some(("function", sentence, name.into()));
    }
    if let Some(builtin) = find(name, shell.dialect).filter(|_| !shell.disabled.contains(name)) {
        let special = builtin.special && !shell.dialect.is_bash();
        let kind = if special { "special shell builtin" } else { "shell builtin" };
        return Some(("builtin", format!("{name} is a {kind}"), name.into()));
    }
    let path = shell.find_program(sys, name)?;
    Some(("file", format!("{name} is {path}"), path))
}

pub(super) fn type_(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, _) = match shell.dialect {
        Dialect::Bash => flags(args, "afptP"),
        _ => (String::new(), args.get(1..).unwrap_or(&[]), None),
    };
    let mut status = 0;
    for word in words {
        match meaning(shell, sys, word) {
            Some((kind, ..)) if letters.contains('t') => sys.print(&format!("{kind}\n")),
            Some((_, _, line)) if letters.contains('p') || letters.contains('P') => {
                if let Some(path) = shell.find_program(sys, word) {
                    sys.print(&format!("{path}\n"));
                }
                let _ = line;
            }
            Some((kind, sentence, _)) => {
                sys.print(&format!("{sentence}\n"));
                if kind == "function" && shell.dialect.is_bash() {
                    let text = shell.function_text(word);
                    sys.print(&text);
                }
                if letters.contains('a')
                    && kind != "file"
                    && let Some(path) = shell.find_program(sys, word)
                {
                    sys.print(&format!("{word} is {path}\n"));
                }
            }
            None => {
                if !letters.contains('t') && !letters.contains('p') && !letters.contains('P') {
                    match shell.dialect {
                        Dialect::Bash => shell.complain_as(sys, "type", &format!("{word}: not found")),
                        _ => sys.print(&format!("{word}: not found\n")),
                    }
                }
                status = if shell.dialect.is_bash() { 1 } else { 127 };
            }
        }
    }
    Outcome::Status(status)
}

pub(super) fn command(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, bad) = flags(args, "pvV");
    if let Some(letter) = bad {
        return shell.bad_option(sys, "command", letter, "command [-pVv] command [arg ...]");
    }
    if letters.contains('v') || letters.contains('V') {
        let mut status = 0;
        for word in words {
            match meaning(shell, sys, word) {
                Some((_, sentence, line)) => {
                    let text = if letters.contains('V') { sentence } else { line };
                    sys.print(&format!("{text}\n"));
                }
                None => {
                    if letters.contains('V') {
                        match shell.dialect {
                            Dialect::Bash => shell.complain_as(sys, "command", &format!("{word}: not found")),
                            _ => sys.print(&format!("{word}: not found\n")),
                        }
                    }
                    status = if shell.dialect.is_bash() { 1 } else { 127 };
                }
            }
        }
        return Outcome::Status(status);
    }
    without_functions(shell, words)
}

/// Runs a command whose name is not looked up among the functions.
fn without_functions(shell: &mut Shell, words: &[Arc<str>]) -> Outcome {
    let Some(name) = words.first() else { return Outcome::Status(0) };
    if let Some(body) = shell.functions.remove(name) {
        // The function is back once the command has run.
        shell.frames.push(Frame::Restored { name: name.clone(), body });
    }
    let ready = Ready {
        words: words.to_vec(),
        assigns: Vec::new(),
        redirects: Vec::new(),
        substituted: None,
        shown: Vec::new(),
    };
    shell.frames.push(Frame::Execute(Box::new(ready)));
    Outcome::Pushed
}

pub(super) fn builtin(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let words = args.get(1..).unwrap_or(&[]);
    let Some(name) = words.first() else { return Outcome::Status(0) };
    if find(name, shell.dialect).is_none() {
        shell.complain_as(sys, "builtin", &format!("{name}: not a shell builtin"));
        return Outcome::Status(1);
    }
    without_functions(shell, words)
}

pub(super) fn enable(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, bad) = flags(args, "anps");
    if let Some(letter) = bad {
        return shell.bad_option(sys, "enable", letter, "enable [-a] [-dnps] [-f filename] [name ...]");
    }
    let off = letters.contains('n');
    if words.is_empty() {
        for builtin in super::BUILTINS.iter().filter(|b| b.shells.contains('b')) {
            if shell.disabled.contains(builtin.name) == off {
                sys.print(&format!("enable {}{}\n", if off { "-n " } else { "" }, builtin.name));
            }
        }
        return Outcome::Status(0);
    }
    let mut status = 0;
    for word in words {
        if find(word, shell.dialect).is_none() {
            shell.complain_as(sys, "enable", &format!("{word}: not a shell builtin"));
            status = 1;
        } else if off {
            shell.disabled.insert(word.clone());
        } else {
            shell.disabled.remove(word);
        }
    }
    Outcome::Status(status)
}

pub(super) fn hash(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (_, words, _) = flags(args, "rldt");
    let mut status = 0;
    for word in words {
        if find(word, shell.dialect).is_none() && shell.find_program(sys, word).is_none() {
            shell.complain_as(sys, "hash", &format!("{word}: not found"));
            status = 1;
        }
    }
    if words.is_empty() && args.len() == 1 && shell.dialect.is_bash() {
        sys.print("hash: hash table empty\n");
    }
    Outcome::Status(status)
}

pub(super) fn history(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    if args.get(1).is_some_and(|a| &**a == "-c") {
        shell.history.clear();
        return Outcome::Status(0);
    }
    let count = match args.get(1).map(|a| a.parse::<usize>()) {
        None => usize::MAX,
        Some(Ok(count)) => count,
        Some(Err(_)) => {
            let word = args.get(1).cloned().unwrap_or_default();
            shell.complain_as(sys, "history", &format!("{word}: numeric argument required"));
            return Outcome::Status(1);
        }
    };
    let skip = shell.history.len().saturating_sub(count);
    for (at, line) in shell.history.iter().enumerate().skip(skip) {
        sys.print(&format!("{:5}  {line}\n", at + 1));
    }
    Outcome::Status(0)
}

pub(super) fn help(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    if let Some(name) = args.get(1) {
        if find(name, shell.dialect).is_none() {
            let text = format!(
                "no help topics match `{name}'.  Try `help help' or `man -k {name}' or `info {name}'."
            );
            shell.complain_as(sys, "help", &text);
            return Outcome::Status(1);
        }
        sys.print(&format!("{name}: a shell builtin\n"));
        return Outcome::Status(0);
    }
    sys.print("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nThese shell commands are defined internally:\n\n");
    for builtin in super::BUILTINS {
        sys.print(&format!(" {}\n", builtin.name));
    }
    Outcome::Status(0)
}
