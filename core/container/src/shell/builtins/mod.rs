//! The builtins, by name. One line here and one function in a file of this folder add another.

pub mod control;
pub mod declare;
pub mod directories;
pub mod jobs;
pub mod names;
pub mod options;
pub mod output;
pub mod read;
pub mod variables;

use super::Dialect;
use super::flow::Flow;
use super::state::Shell;
use crate::machine::Step;
use crate::sys::Sys;
use std::sync::Arc;

/// What a builtin came to.
pub enum Outcome {
    Status(i32),
    /// A frame was pushed that gives the status.
    Pushed,
    Flow(Flow),
    /// The shell's own next step (exec).
    Step(Step),
}

/// A builtin command.
pub struct Builtin {
    pub name: &'static str,
    /// POSIX' special builtins: their errors end a non-interactive shell.
    pub special: bool,
    /// It assigns what its words say (`export a=b`).
    pub declares: bool,
    /// Letters of the shells that have it: b, d, a.
    pub shells: &'static str,
    pub run: fn(&mut Shell, &mut Sys<'_>, &[Arc<str>]) -> Outcome,
}

const fn plain(name: &'static str, run: fn(&mut Shell, &mut Sys<'_>, &[Arc<str>]) -> Outcome) -> Builtin {
    Builtin { name, special: false, declares: false, shells: "bda", run }
}
const fn special(name: &'static str, run: fn(&mut Shell, &mut Sys<'_>, &[Arc<str>]) -> Outcome) -> Builtin {
    Builtin { special: true, ..plain(name, run) }
}
const fn bash(name: &'static str, run: fn(&mut Shell, &mut Sys<'_>, &[Arc<str>]) -> Outcome) -> Builtin {
    Builtin { shells: "b", ..plain(name, run) }
}
const fn not_dash(name: &'static str, run: fn(&mut Shell, &mut Sys<'_>, &[Arc<str>]) -> Outcome) -> Builtin {
    Builtin { shells: "ba", ..plain(name, run) }
}
const fn declaring(builtin: Builtin) -> Builtin {
    Builtin { declares: true, ..builtin }
}

pub const BUILTINS: &[Builtin] = &[
    special(":", |_, _, _| Outcome::Status(0)),
    special(".", control::source),
    not_dash("source", control::source),
    plain("true", |_, _, _| Outcome::Status(0)),
    plain("false", |_, _, _| Outcome::Status(1)),
    special("break", control::leave_loop),
    special("continue", control::leave_loop),
    special("return", control::return_),
    special("exit", control::exit),
    bash("logout", control::exit),
    special("eval", control::eval),
    special("exec", control::exec),
    special("trap", control::trap),
    special("shift", variables::shift),
    special("set", options::set),
    bash("shopt", options::shopt),
    special("unset", variables::unset),
    declaring(special("export", declare::export)),
    declaring(special("readonly", declare::export)),
    declaring(bash("declare", declare::declare)),
    declaring(bash("typeset", declare::declare)),
    declaring(plain("local", declare::declare)),
    plain("getopts", variables::getopts),
    not_dash("let", variables::let_),
    plain("read", read::read),
    bash("mapfile", read::mapfile),
    bash("readarray", read::mapfile),
    plain("echo", output::echo),
    plain("printf", output::printf),
    plain("test", output::test),
    plain("[", output::test),
    plain("cd", directories::cd),
    plain("pwd", directories::pwd),
    bash("pushd", directories::pushd),
    bash("popd", directories::popd),
    bash("dirs", directories::dirs),
    plain("umask", directories::umask),
    plain("jobs", jobs::jobs),
    plain("fg", jobs::foreground),
    plain("bg", jobs::background),
    plain("wait", jobs::wait),
    plain("kill", jobs::kill),
    bash("disown", jobs::disown),
    plain("alias", names::alias),
    plain("unalias", names::unalias),
    plain("type", names::type_),
    plain("command", names::command),
    bash("builtin", names::builtin),
    bash("enable", names::enable),
    plain("hash", names::hash),
    not_dash("history", names::history),
    special("times", |_, sys, _| {
        sys.print("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
        Outcome::Status(0)
    }),
    plain("ulimit", options::ulimit),
    bash("help", names::help),
];

/// The builtin of that name in a shell.
#[must_use]
pub fn find(name: &str, dialect: Dialect) -> Option<&'static Builtin> {
    let letter = match dialect {
        Dialect::Bash => 'b',
        Dialect::Dash => 'd',
        Dialect::Ash => 'a',
    };
    BUILTINS.iter().find(|b| b.name == name && b.shells.contains(letter))
}

/// Splits off single-letter options, which may be clustered; stops at `--` or the first other word.
/// Gives the letters, the rest, and the first unknown letter.
#[must_use]
pub fn flags<'a>(args: &'a [Arc<str>], known: &str) -> (String, &'a [Arc<str>], Option<char>) {
    let mut letters = String::new();
    let mut rest = args.get(1..).unwrap_or(&[]);
    while let [first, more @ ..] = rest {
        if &**first == "--" {
            return (letters, more, None);
        }
        let Some(cluster) = first.strip_prefix('-').filter(|c| !c.is_empty()) else { break };
        if let Some(bad) = cluster.chars().find(|c| !known.contains(*c)) {
            return (letters, rest, Some(bad));
        }
        letters.push_str(cluster);
        rest = more;
    }
    (letters, rest, None)
}

impl Shell {
    /// The complaint about an unknown option; `usage` is bash's second line.
    pub fn bad_option(&self, sys: &mut Sys<'_>, builtin: &str, letter: char, usage: &str) -> Outcome {
        match self.dialect {
            Dialect::Bash => {
                self.complain_as(sys, builtin, &format!("-{letter}: invalid option"));
                sys.eprint(&format!("{builtin}: usage: {usage}\n"));
            }
            Dialect::Dash => self.complain_as(sys, builtin, &format!("Illegal option -{letter}")),
            Dialect::Ash => self.complain_as(sys, builtin, &format!("illegal option -{letter}")),
        }
        Outcome::Status(2)
    }
}
