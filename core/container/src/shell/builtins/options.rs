//! set, shopt, ulimit.

use super::Outcome;
use crate::shell::Dialect;
use crate::shell::state::Shell;
use crate::shell::transform::quote;
use crate::shell::vars::Value;
use crate::sys::Sys;
use std::sync::Arc;

const NAMES: [&str; 10] = [
    "allexport",
    "errexit",
    "monitor",
    "noclobber",
    "noexec",
    "noglob",
    "nounset",
    "pipefail",
    "verbose",
    "xtrace",
];

pub(super) fn set(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    if args.len() == 1 {
        show_variables(shell, sys);
        return Outcome::Status(0);
    }
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        if &**word == "--" {
            shell.positional = words.cloned().collect();
            return Outcome::Status(0);
        }
        if &**word == "-" {
            shell.options.xtrace = false;
            shell.options.verbose = false;
            let rest: imbl::Vector<Arc<str>> = words.cloned().collect();
            if !rest.is_empty() {
                shell.positional = rest;
            }
            return Outcome::Status(0);
        }
        let on = word.starts_with('-');
        let Some(letters) = word.strip_prefix(['-', '+']).filter(|l| !l.is_empty()) else {
            shell.positional = std::iter::once(word).chain(words).cloned().collect();
            return Outcome::Status(0);
        };
        for letter in letters.chars() {
            if letter == 'o' {
                let Some(name) = words.next() else {
                    show_options(shell, sys, on);
                    return Outcome::Status(0);
                };
                match shell.option_mut(name) {
                    Some(option) => *option = on,
                    None if matches!(
                        &**name,
                        "posix"
                            | "vi"
                            | "emacs"
                            | "history"
                            | "hashall"
                            | "braceexpand"
                            | "physical"
                            | "ignoreeof"
                            | "notify"
                    ) => {}
                    None => {
                        let text = match shell.dialect {
                            Dialect::Bash => format!("{name}: invalid option name"),
                            Dialect::Dash => format!("Illegal option -o {name}"),
                            Dialect::Ash => format!("illegal option -o {name}"),
                        };
                        shell.complain_as(sys, "set", &text);
                        return Outcome::Status(2);
                    }
                }
                continue;
            }
            if "hBHPbkpt".contains(letter) && shell.dialect.is_bash() {
                continue;
            }
            match shell.option_of_letter(letter) {
                Some(option) => *option = on,
                None => {
                    let usage = "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]";
                    return shell.bad_option(sys, "set", letter, usage);
                }
            }
        }
    }
    Outcome::Status(0)
}

fn show_options(shell: &mut Shell, sys: &mut Sys<'_>, table: bool) {
    if table && !shell.dialect.is_bash() {
        sys.print("Current option settings\n");
    }
    for name in NAMES {
        let Some(on) = shell.option_mut(name).map(|o| *o) else { continue };
        let word = if on { "on" } else { "off" };
        match (table, shell.dialect) {
            (true, Dialect::Bash) => sys.print(&format!("{name:<15}\t{word}\n")),
            (true, _) => sys.print(&format!("{name:<16}{word}\n")),
            (false, _) => sys.print(&format!("set {}o {name}\n", if on { '-' } else { '+' })),
        }
    }
}

fn show_variables(shell: &Shell, sys: &mut Sys<'_>) {
    let bash = shell.dialect.is_bash();
    for (name, var) in &shell.vars.0 {
        let line = match &var.value {
            Value::Unset => continue,
            Value::Text(text) => {
                let plain = text.chars().all(|c| c.is_alphanumeric() || "_-./:@%+=,".contains(c));
                if bash && plain { format!("{name}={text}\n") } else { format!("{name}={}\n", quote(text)) }
            }
            _ => {
                let shown = super::declare::declaration(name, var);
                format!("{}\n", shown.splitn(3, ' ').nth(2).unwrap_or(""))
            }
        };
        sys.print(&line);
    }
}

pub(super) fn shopt(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let (letters, words, bad) = super::flags(args, "supqo");
    if let Some(letter) = bad {
        return shell.bad_option(sys, "shopt", letter, "shopt [-pqsu] [-o] [optname ...]");
    }
    let mut status = 0;
    for name in words {
        let option = match &**name {
            "dotglob" => Some(&mut shell.options.dotglob),
            "nullglob" => Some(&mut shell.options.nullglob),
            "expand_aliases" => Some(&mut shell.options.expand_aliases),
            "nocasematch" => Some(&mut shell.options.nocasematch),
            "nocaseglob" => Some(&mut shell.options.nocaseglob),
            "failglob" => Some(&mut shell.options.failglob),
            "extglob" => Some(&mut shell.options.extglob),
            "globstar" => Some(&mut shell.options.globstar),
            "lastpipe" => Some(&mut shell.options.lastpipe),
            "inherit_errexit" => Some(&mut shell.options.inherit_errexit),
            "checkwinsize"
            | "histappend"
            | "cmdhist"
            | "autocd"
            | "cdspell"
            | "sourcepath"
            | "interactive_comments"
            | "progcomp"
            | "promptvars"
            | "login_shell"
            | "huponexit"
            | "execfail" => None,
            _ => {
                shell.complain_as(sys, "shopt", &format!("{name}: invalid shell option name"));
                status = 1;
                continue;
            }
        };
        match option {
            Some(option) if letters.contains('s') => *option = true,
            Some(option) if letters.contains('u') => *option = false,
            option => {
                let on = option.is_some_and(|o| *o);
                if !letters.contains('q') && !letters.contains('s') && !letters.contains('u') {
                    sys.print(&format!("{name:<15}\t{}\n", if on { "on" } else { "off" }));
                }
                if !letters.contains('s') && !letters.contains('u') {
                    status = i32::from(!on);
                }
            }
        }
    }
    Outcome::Status(status)
}

pub(super) fn ulimit(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    const LIMITS: [(char, &str, &str); 8] = [
        ('c', "core file size              (blocks, -c) ", "0"),
        ('d', "data seg size               (kbytes, -d) ", "unlimited"),
        ('f', "file size                   (blocks, -f) ", "unlimited"),
        ('n', "open files                          (-n) ", "1048576"),
        ('s', "stack size                  (kbytes, -s) ", "8192"),
        ('t', "cpu time                   (seconds, -t) ", "unlimited"),
        ('u', "max user processes                  (-u) ", "4096"),
        ('v', "virtual memory              (kbytes, -v) ", "unlimited"),
    ];
    let (letters, words, bad) = super::flags(args, "aSHcdfnstuv");
    if let Some(letter) = bad {
        return shell.bad_option(sys, "ulimit", letter, "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]");
    }
    if !words.is_empty() {
        return Outcome::Status(0);
    }
    if letters.contains('a') {
        for (_, label, value) in LIMITS {
            sys.print(&format!("{label}{value}\n"));
        }
        return Outcome::Status(0);
    }
    let wanted = letters.chars().find(|l| !"SH".contains(*l)).unwrap_or('f');
    if let Some((_, _, value)) = LIMITS.iter().find(|l| l.0 == wanted) {
        sys.print(&format!("{value}\n"));
    }
    Outcome::Status(0)
}
