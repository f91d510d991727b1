//! break, continue, return, exit, eval, source, exec, trap.

use super::Outcome;
use crate::machine::Step;
use crate::shell::Dialect;
use crate::shell::flow::Flow;
use crate::shell::frame::{Frame, Reader, Source};
use crate::shell::state::Shell;
use crate::signal::Signal;
use crate::sys::Sys;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

pub(super) fn leave_loop(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let name = args.first().cloned().unwrap_or_default();
    let levels = match args.get(1) {
        None => 1,
        Some(text) => match text.parse::<u32>() {
            Ok(levels) if levels > 0 => levels,
            _ => {
                if !shell.dialect.is_bash() {
                    shell.complain_as(sys, &name, &format!("Illegal number: {text}"));
                    return Outcome::Status(2);
                }
                if text.parse::<i64>().is_err() {
                    shell.complain_as(sys, &name, &format!("{text}: numeric argument required"));
                    return Outcome::Flow(Flow::Exit(128 | shell.status));
                }
                shell.complain_as(sys, &name, &format!("{text}: loop count out of range"));
                if shell.in_loop() {
                    shell.flow(sys, Flow::Break(u32::MAX));
                }
                shell.status = 1;
                return Outcome::Pushed;
            }
        },
    };
    if !shell.in_loop() {
        if shell.dialect.is_bash() {
            shell.complain_as(sys, &name, "only meaningful in a `for', `while', or `until' loop");
        }
        return Outcome::Status(0);
    }
    Outcome::Flow(if &*name == "break" { Flow::Break(levels) } else { Flow::Continue(levels) })
}

/// The status argument of exit and return.
fn status(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Result<i32, i32> {
    let Some(text) = args.get(1) else { return Ok(shell.status) };
    match text.trim().parse::<i64>() {
        // dash returns what it is told.
        Ok(number) if shell.dialect.is_dash() && args.first().is_some_and(|a| &**a == "return") => {
            Ok(number as i32)
        }
        Ok(number) => Ok((number & 255) as i32),
        Err(_) => {
            let name = args.first().cloned().unwrap_or_default();
            let text = match shell.dialect {
                Dialect::Bash => format!("{text}: numeric argument required"),
                _ => format!("Illegal number: {text}"),
            };
            shell.complain_as(sys, &name, &text);
            Err(2)
        }
    }
}

pub(super) fn return_(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    if !shell.may_return() {
        if shell.dialect.is_bash() {
            shell.complain_as(sys, "return", "can only `return' from a function or sourced script");
            return Outcome::Status(2);
        }
        let status = status(shell, sys, args).unwrap_or(2);
        return Outcome::Flow(Flow::Exit(status));
    }
    Outcome::Flow(Flow::Return(status(shell, sys, args).unwrap_or_else(|s| s)))
}

pub(super) fn exit(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    if let Some(code) = shell.exiting {
        // `exit` within the EXIT trap may change the status.
        let status = if args.len() > 1 { status(shell, sys, args).unwrap_or(2) } else { code };
        return Outcome::Flow(Flow::Exit(status));
    }
    if shell.options.interactive && shell.dialect.is_bash() {
        sys.eprint("exit\n");
    }
    let status = match shell
        .frames
        .iter()
        .rev()
        .find_map(|f| if let Frame::Trap { status } = f { Some(*status) } else { None })
    {
        Some(before) if args.len() == 1 => before,
        _ => status(shell, sys, args).unwrap_or_else(|s| s),
    };
    Outcome::Flow(Flow::Exit(status))
}

pub(super) fn eval(shell: &mut Shell, _: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let text = args.get(1..).unwrap_or(&[]).join(" ");
    shell.status = 0;
    let line = if shell.dialect.is_bash() { shell.line } else { 1 };
    shell.frames.push(Frame::Reader(Reader { line, ..Reader::text(&text, Source::Eval) }));
    Outcome::Pushed
}

pub(super) fn source(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let name = args.first().cloned().unwrap_or_default();
    let Some(file) = args.get(1) else {
        if shell.dialect.is_bash() {
            shell.complain_as(sys, &name, "filename argument required");
            sys.eprint(&format!("{name}: usage: {name} filename [arguments]\n"));
            return Outcome::Status(2);
        }
        return Outcome::Status(0);
    };
    let along_path = (!file.contains('/'))
        .then(|| shell.vars.text("PATH"))
        .flatten()
        .and_then(|path| path.split(':').map(|d| format!("{d}/{file}")).find(|p| sys.stat(p).is_ok()));
    let path = along_path.unwrap_or_else(|| file.to_string());
    match sys.read_file(&path) {
        Ok(bytes) => {
            let positional = (args.len() > 2).then(|| {
                let old = std::mem::take(&mut shell.positional);
                shell.positional = args.iter().skip(2).cloned().collect();
                old
            });
            shell.status = 0;
            shell.frames.push(Frame::Sourced { positional, file: path.as_str().into() });
            shell.frames.push(Frame::Reader(Reader::text(&String::from_utf8_lossy(&bytes), Source::Eval)));
            Outcome::Pushed
        }
        Err(errno) => {
            match shell.dialect {
                Dialect::Bash => {
                    shell.complain(sys, &format!("{file}: {errno}"));
                    return Outcome::Status(1);
                }
                Dialect::Dash => shell.complain_as(sys, ".", &format!("cannot open {file}: No such file")),
                Dialect::Ash => shell.complain_as(sys, ".", &format!("can't open '{file}': {errno}")),
            }
            Outcome::Status(2)
        }
    }
}

pub(super) fn exec(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (_, words, bad) = super::flags(args, "cl");
    if let Some(letter) = bad {
        return shell.bad_option(
            sys,
            "exec",
            letter,
            "exec [-cl] [-a name] [command [argument ...]] [redirection ...]",
        );
    }
    let Some(name) = words.first() else { return Outcome::Status(0) };
    if shell.find_program(sys, name).is_none() && !name.contains('/') {
        let _ = shell.status;
        shell.complain_as(sys, "exec", &format!("{name}: not found"));
        return if shell.options.interactive { Outcome::Status(127) } else { Outcome::Flow(Flow::Exit(127)) };
    }
    let env = shell.vars.environment();
    // Redirections of exec stay with the new program.
    while matches!(shell.frames.last(), Some(Frame::Restore(_) | Frame::Environment(_))) {
        shell.frames.pop();
    }
    match shell.replace(sys, words, env) {
        Step::Again if sys.process().is_some_and(|p| p.machine.is_none()) => {
            if shell.options.interactive {
                Outcome::Status(shell.status)
            } else {
                Outcome::Flow(Flow::Exit(shell.status))
            }
        }
        step => Outcome::Step(step),
    }
}

/// The name a trap is kept under.
fn condition(word: &str, dialect: Dialect) -> Option<&'static str> {
    let upper = word.to_ascii_uppercase();
    match upper.as_str() {
        "EXIT" | "0" => return Some("EXIT"),
        "ERR" if dialect.is_bash() => return Some("ERR"),
        "DEBUG" if dialect.is_bash() => return Some("DEBUG"),
        "RETURN" if dialect.is_bash() => return Some("RETURN"),
        _ => {}
    }
    Signal::parse(word).map(Signal::name)
}

pub(super) fn trap(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, bad) = super::flags(args, "lp");
    if let Some(letter) = bad.filter(|_| args.get(1).is_some_and(|a| &**a != "-")) {
        return shell.bad_option(sys, "trap", letter, "trap [-lp] [[arg] signal_spec ...]");
    }
    if letters.contains('l') {
        sys.print(&super::jobs::signal_table());
        return Outcome::Status(0);
    }
    if words.is_empty() || letters.contains('p') {
        let bash = shell.dialect.is_bash();
        let order =
            |name: &str| if name == "EXIT" { 0 } else { Signal::parse(name).map_or(255, Signal::number) };
        let shown = shell.shown_traps.as_ref().unwrap_or(&shell.traps).clone();
        let mut traps: Vec<_> = shown.iter().collect();
        traps.arrange_by_key(|(name, _)| order(name));
        for (name, action) in traps {
            if !words.is_empty() && !words.iter().any(|w| condition(w, shell.dialect) == Some(&**name)) {
                continue;
            }
            let sig = if bash && Signal::parse(name).is_some() { "SIG" } else { "" };
            sys.print(&format!("trap -- '{}' {sig}{name}\n", action.replace('\'', "'\\''")));
        }
        return Outcome::Status(0);
    }
    let (action, conditions) = match words {
        [one] => (None, std::slice::from_ref(one)),
        [action, rest @ ..] if &**action == "-" => (None, rest),
        [action, rest @ ..] if action.parse::<u8>().is_ok() => {
            let _ = rest;
            (None, words)
        }
        [action, rest @ ..] => (Some(action.clone()), rest),
        [] => (None, words),
    };
    let mut status = 0;
    shell.shown_traps = None;
    for word in conditions {
        let Some(name) = condition(word, shell.dialect) else {
            match shell.dialect {
                Dialect::Bash => {
                    shell.complain_as(sys, "trap", &format!("{word}: invalid signal specification"))
                }
                Dialect::Dash => sys.eprint(&format!("trap: {word}: bad trap\n")),
                Dialect::Ash => {
                    shell.complain_as(sys, "trap", &format!("{word}: invalid signal specification"))
                }
            }
            status = 1;
            continue;
        };
        match &action {
            Some(action) => _ = shell.traps.insert(name.into(), action.clone()),
            None => _ = shell.traps.remove(name),
        }
    }
    Outcome::Status(status)
}
