//! export, readonly, declare, typeset, local.

use super::{Outcome, flags};
use crate::shell::Dialect;
use crate::shell::frame::{Assigned, Frame};
use crate::shell::lexer::is_name;
use crate::shell::state::Shell;
use crate::shell::transform::quote;
use crate::shell::vars::{Value, Var};
use crate::sys::Sys;
use imbl::OrdMap;
use std::sync::Arc;

/// `name`, `name=value`, `name+=value`.
fn split(word: &str) -> (&str, Option<&str>, bool) {
    match word.split_once('=') {
        Some((name, value)) => match name.strip_suffix('+') {
            Some(name) => (name, Some(value), true),
            None => (name, Some(value), false),
        },
        None => (word, None, false),
    }
}

/// A value between double quotes, as `declare -p` and `export -p` show it.
fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// `declare -x name="value"`
#[must_use]
pub fn declaration(name: &str, var: &Var) -> String {
    let mut letters = String::new();
    match var.value {
        Value::List(_) => letters.push('a'),
        Value::Map(_) => letters.push('A'),
        _ => {}
    }
    letters.extend(var.integer.then_some('i'));
    letters.extend(var.case);
    letters.extend(var.readonly.then_some('r'));
    letters.extend(var.exported.then_some('x'));
    if letters.is_empty() {
        letters.push('-');
    }
    let value = match &var.value {
        Value::Unset => String::new(),
        Value::Text(text) => format!("={}", double_quoted(text)),
        Value::List(list) => {
            let items: Vec<String> =
                list.iter().map(|(k, v)| format!("[{k}]={}", double_quoted(v))).collect();
            format!("=({})", items.join(" "))
        }
        Value::Map(map) => {
            let items: String = map.iter().map(|(k, v)| format!("[{k}]={} ", double_quoted(v))).collect();
            format!("=({items})")
        }
    };
    format!("declare -{letters} {name}{value}")
}

fn bad_name(shell: &Shell, sys: &mut Sys<'_>, builtin: &str, word: &str) -> i32 {
    let text = match shell.dialect {
        Dialect::Bash => format!("`{word}': not a valid identifier"),
        _ => format!("{}: bad variable name", split(word).0),
    };
    shell.complain_as(sys, builtin, &text);
    if shell.dialect.is_bash() { 1 } else { 2 }
}

pub(super) fn export(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let builtin = args.first().cloned().unwrap_or_default();
    let exports = &*builtin == "export";
    let (letters, words, bad) = flags(args, if shell.dialect.is_bash() { "fnpaA" } else { "p" });
    if let Some(letter) = bad {
        let usage = if exports {
            "export [-fn] [name[=value] ...] or export -p"
        } else {
            "readonly [-aAf] [name[=value] ...] or readonly -p"
        };
        return shell.bad_option(sys, &builtin, letter, usage);
    }
    if words.is_empty() {
        let chosen = |v: &Var| if exports { v.exported } else { v.readonly };
        let lines: Vec<String> = shell
            .vars
            .0
            .iter()
            .filter(|(_, v)| chosen(v))
            .map(|(name, var)| match shell.dialect {
                Dialect::Bash => declaration(name, var),
                _ => match var.value.scalar() {
                    Some(text) => format!("{builtin} {name}={}", quote(&text)),
                    None => format!("{builtin} {name}"),
                },
            })
            .collect();
        for line in lines {
            sys.print(&format!("{line}\n"));
        }
        return Outcome::Status(0);
    }
    let mut status = 0;
    for word in words {
        let (name, value, append) = split(word);
        if letters.contains('f') {
            if !shell.functions.contains_key(name) {
                shell.complain_as(sys, &builtin, &format!("{name}: not a function"));
                status = 1;
            }
            continue;
        }
        if !is_name(name) {
            status = bad_name(shell, sys, &builtin, word);
            continue;
        }
        if let Some(value) = value {
            let value = match (append, shell.vars.text(name)) {
                (true, Some(old)) => format!("{old}{value}"),
                _ => value.to_string(),
            };
            if shell.assign_checked(sys, name, &value).is_err() {
                status = 1;
                continue;
            }
        }
        if exports {
            shell.vars.export(name, !letters.contains('n'));
        } else {
            shell.vars.attributes(name).readonly = true;
        }
    }
    Outcome::Status(status)
}

pub(super) fn declare(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let builtin = args.first().cloned().unwrap_or_default();
    let in_function = shell.in_function();
    if &*builtin == "local" && !in_function {
        let text =
            if shell.dialect.is_bash() { "can only be used in a function" } else { "not in a function" };
        shell.complain_as(sys, "local", text);
        return Outcome::Status(if shell.dialect.is_bash() { 1 } else { 2 });
    }
    let minus: Vec<Arc<str>> = args
        .iter()
        .map(|a| if a.starts_with('+') { a.replacen('+', "-", 1).into() } else { a.clone() })
        .collect();
    let (letters, words, bad) = flags(&minus, if shell.dialect.is_dash() { "" } else { "aAfFgiIlnrtuxp" });
    let removes = args.get(1).is_some_and(|a| a.starts_with('+'));
    if let Some(letter) = bad {
        let usage = "[-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]";
        return shell.bad_option(sys, &builtin, letter, &format!("{builtin} {usage}"));
    }
    let has = |letter: char| letters.contains(letter);
    if has('f') || has('F') {
        return functions(shell, sys, words, has('F'));
    }
    if has('p') || words.is_empty() {
        return show(shell, sys, &builtin, words, &letters);
    }
    let mut status = 0;
    for word in words {
        let (name, value, append) = split(word);
        if !is_name(name) {
            status = bad_name(shell, sys, &builtin, word);
            continue;
        }
        let old = shell.vars.get(name).cloned();
        if in_function && !has('g') {
            // The outermost local of this call remembers what was there before.
            let call = shell.frames.iter_mut().rev().find_map(|f| match f {
                Frame::Call { locals, .. } => Some(locals),
                _ => None,
            });
            if let Some(locals) = call
                && !locals.iter().any(|l| &*l.0 == name)
            {
                locals.push((name.into(), old.clone()));
                if old.as_ref().is_none_or(|v| !v.readonly) {
                    // dash's local keeps the outer value.
                    if !shell.dialect.is_dash() {
                        shell.vars.unset(name);
                        shell.vars.set_value(name, Value::Unset);
                    }
                }
            }
        }
        if has('A') && !matches!(shell.vars.get(name).map(|v| &v.value), Some(Value::Map(_))) {
            shell.vars.set_value(name, Value::Map(OrdMap::new()));
        } else if has('a') && !matches!(shell.vars.get(name).map(|v| &v.value), Some(Value::List(_))) {
            shell.vars.set_value(name, Value::List(OrdMap::new()));
        } else if shell.vars.get(name).is_none() {
            shell.vars.set_value(name, Value::Unset);
        }
        if has('i') {
            shell.vars.attributes(name).integer = !removes;
        }
        if has('u') || has('l') {
            shell.vars.attributes(name).case = (!removes).then_some(if has('u') { 'u' } else { 'l' });
        }
        if let Some(value) = value {
            let integer = shell.vars.get(name).is_some_and(|v| v.integer);
            let text = if integer {
                match shell.evaluate(sys, value) {
                    Ok(number) => number.to_string(),
                    Err(_) => return Outcome::Status(1),
                }
            } else {
                value.to_string()
            };
            let before = shell.vars.text(name).filter(|_| append).unwrap_or_default();
            if shell.carry_out(sys, name, &Assigned::Scalar(format!("{before}{text}").into())).is_err() {
                status = 1;
                continue;
            }
        }
        if has('x') {
            shell.vars.export(name, !removes);
        }
        if has('r') {
            shell.vars.attributes(name).readonly = true;
        }
    }
    Outcome::Status(status)
}

fn functions(shell: &mut Shell, sys: &mut Sys<'_>, words: &[Arc<str>], names_only: bool) -> Outcome {
    if words.is_empty() {
        let names: Vec<Arc<str>> = shell.functions.keys().cloned().collect();
        for name in names {
            let text = if names_only { format!("declare -f {name}\n") } else { shell.function_text(&name) };
            sys.print(&text);
        }
        return Outcome::Status(0);
    }
    let mut status = 0;
    for word in words {
        match (shell.functions.contains_key(word), names_only) {
            (true, true) => sys.print(&format!("{word}\n")),
            (true, false) => {
                let text = shell.function_text(word);
                sys.print(&text);
            }
            (false, _) => status = 1,
        }
    }
    Outcome::Status(status)
}

fn show(shell: &mut Shell, sys: &mut Sys<'_>, builtin: &str, words: &[Arc<str>], letters: &str) -> Outcome {
    if words.is_empty() {
        let wanted = |v: &Var| {
            letters.chars().all(|l| match l {
                'x' => v.exported,
                'r' => v.readonly,
                'i' => v.integer,
                'a' => matches!(v.value, Value::List(_)),
                'A' => matches!(v.value, Value::Map(_)),
                _ => true,
            })
        };
        for (name, var) in shell.vars.0.iter().filter(|(_, v)| wanted(v)) {
            sys.print(&format!("{}\n", declaration(name, var)));
        }
        return Outcome::Status(0);
    }
    let mut status = 0;
    for word in words {
        match shell.vars.get(word) {
            Some(var) => sys.print(&format!("{}\n", declaration(word, var))),
            None => {
                shell.complain_as(sys, builtin, &format!("{word}: not found"));
                status = 1;
            }
        }
    }
    Outcome::Status(status)
}
