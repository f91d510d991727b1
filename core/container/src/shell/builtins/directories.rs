//! cd, pwd, pushd, popd, dirs, umask.

use super::{Outcome, flags};
use crate::shell::Dialect;
use crate::shell::state::Shell;
use crate::sys::Sys;
use std::sync::Arc;

fn change(shell: &mut Shell, sys: &mut Sys<'_>, name: &str, to: &str, physical: bool) -> bool {
    let old = shell.vars.text("PWD").unwrap_or_else(|| sys.cwd());
    // The logical path keeps symbolic links: `..` goes back the way one came.
    let logical = crate::filesystem::normalise(&old, to);
    let target = if physical { to.to_string() } else { logical.clone() };
    let mut changed = sys.chdir(&target);
    if changed.is_err() && !physical {
        changed = sys.chdir(to);
    }
    match changed {
        Ok(()) => {
            shell.vars.set("OLDPWD", &old);
            let now = if physical { sys.cwd().to_string() } else { logical };
            shell.vars.set("PWD", &now);
            if shell.dialect.is_bash() {
                shell.vars.export("OLDPWD", true);
                shell.vars.export("PWD", true);
            }
            true
        }
        Err(errno) => {
            let text = match shell.dialect {
                Dialect::Bash => format!("{to}: {errno}"),
                Dialect::Dash => format!("can't cd to {to}"),
                Dialect::Ash => format!("can't cd to {to}: {errno}"),
            };
            shell.complain_as(sys, name, &text);
            false
        }
    }
}

pub(super) fn cd(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, bad) = flags(args, "LPe@");
    if let Some(letter) = bad {
        let minus = args.get(1).is_some_and(|a| &**a == "-");
        if !minus {
            return shell.bad_option(sys, "cd", letter, "cd [-L|[-P [-e]] [-@]] [dir]");
        }
    }
    if words.len() > 1 && shell.dialect.is_bash() {
        shell.complain_as(sys, "cd", "too many arguments");
        return Outcome::Status(1);
    }
    let failed = if shell.dialect.is_bash() { 1 } else { 2 };
    let mut shown = false;
    let to: Arc<str> = match words.first().map(|w| &**w) {
        None => match shell.vars.text("HOME") {
            Some(home) => home,
            None if shell.dialect.is_bash() => {
                shell.complain_as(sys, "cd", "HOME not set");
                return Outcome::Status(1);
            }
            None => return Outcome::Status(0),
        },
        Some("-") => match shell.vars.text("OLDPWD") {
            Some(old) => {
                shown = true;
                old
            }
            None => {
                let text = if shell.dialect.is_bash() { "OLDPWD not set" } else { "can't cd to -" };
                shell.complain_as(sys, "cd", text);
                return Outcome::Status(1);
            }
        },
        Some("") => return Outcome::Status(0),
        Some(to) => {
            let mut found = Arc::from(to);
            if !to.starts_with(['/', '.'])
                && let Some(path) = shell.vars.text("CDPATH").filter(|p| !p.is_empty())
                && let Some(at) = path.split(':').map(|d| format!("{d}/{to}")).find(|p| sys.list(p).is_ok())
            {
                shown = !at.starts_with("./");
                found = at.into();
            }
            found
        }
    };
    if !change(shell, sys, "cd", &to, letters.contains('P')) {
        return Outcome::Status(failed);
    }
    if shown {
        let now = shell.vars.text("PWD").unwrap_or_default();
        sys.print(&format!("{now}\n"));
    }
    Outcome::Status(0)
}

pub(super) fn pwd(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, _, bad) = flags(args, "LP");
    if let Some(letter) = bad {
        return shell.bad_option(sys, "pwd", letter, "pwd [-LP]");
    }
    let logical = shell.vars.text("PWD").filter(|p| p.starts_with('/') && !letters.ends_with('P'));
    let text = logical.unwrap_or_else(|| sys.cwd());
    sys.print(&format!("{text}\n"));
    Outcome::Status(0)
}

fn shorten(shell: &Shell, path: &str) -> String {
    match shell.vars.text("HOME").as_deref().filter(|h| h.len() > 1).and_then(|h| path.strip_prefix(h)) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_string(),
    }
}

fn show(shell: &Shell, sys: &mut Sys<'_>) {
    let cwd = shell.vars.text("PWD").unwrap_or_else(|| sys.cwd());
    let all: Vec<String> =
        std::iter::once(&cwd).chain(shell.directories.iter().rev()).map(|d| shorten(shell, d)).collect();
    sys.print(&format!("{}\n", all.join(" ")));
}

pub(super) fn dirs(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    if args.get(1).is_some_and(|a| &**a == "-c") {
        shell.directories.clear();
        return Outcome::Status(0);
    }
    show(shell, sys);
    Outcome::Status(0)
}

pub(super) fn pushd(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let cwd = shell.vars.text("PWD").unwrap_or_else(|| sys.cwd());
    let to = match args.get(1) {
        Some(to) => to.clone(),
        None => match shell.directories.pop() {
            Some(top) => top,
            None => {
                shell.complain_as(sys, "pushd", "no other directory");
                return Outcome::Status(1);
            }
        },
    };
    if !change(shell, sys, "pushd", &to, false) {
        return Outcome::Status(1);
    }
    shell.directories.push(cwd);
    show(shell, sys);
    Outcome::Status(0)
}

pub(super) fn popd(shell: &mut Shell, sys: &mut Sys<'_>, _: &[Arc<str>]) -> Outcome {
    let Some(to) = shell.directories.pop() else {
        shell.complain_as(sys, "popd", "directory stack empty");
        return Outcome::Status(1);
    };
    if !change(shell, sys, "popd", &to, false) {
        return Outcome::Status(1);
    }
    show(shell, sys);
    Outcome::Status(0)
}

pub(super) fn umask(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, _) = flags(args, "Sp");
    let now = sys.process().map_or(0o022, |p| p.umask);
    let Some(word) = words.first() else {
        if letters.contains('S') {
            let part = |shift: u16| {
                let bits = (!now >> shift) & 7;
                [(4, 'r'), (2, 'w'), (1, 'x')]
                    .into_iter()
                    .filter(|(b, _)| bits & b != 0)
                    .map(|(_, c)| c)
                    .collect::<String>()
            };
            sys.print(&format!("u={},g={},o={}\n", part(6), part(3), part(0)));
        } else {
            sys.print(&format!("{now:04o}\n"));
        }
        return Outcome::Status(0);
    };
    let mask = match u16::from_str_radix(word, 8) {
        Ok(mask) if mask <= 0o777 => mask,
        _ => match crate::utilities::chmod::parse_mode(word, 0o777 & !now, 0, false) {
            Some(mode) if word.contains(['=', '+', '-']) => 0o777 & !mode,
            _ => {
                let first = word.chars().next().unwrap_or(' ');
                let text = match shell.dialect {
                    Dialect::Bash if first.is_ascii_digit() => format!("{word}: octal number out of range"),
                    Dialect::Bash => format!("`{first}': invalid symbolic mode operator"),
                    Dialect::Dash => format!("Illegal mode: {word}"),
                    Dialect::Ash => format!("illegal mode: {word}"),
                };
                shell.complain_as(sys, "umask", &text);
                return Outcome::Status(if shell.dialect.is_bash() { 1 } else { 2 });
            }
        },
    };
    if let Some(process) = sys.machines.process_mut(sys.pid) {
        process.umask = mask;
    }
    Outcome::Status(0)
}
