//! The shell: bash 5.2, dash 0.5 and busybox' ash 1.36 from one machine over the syntax tree.
//!
//! A script is read into shared syntax ([`ast`]); a running shell is a stack of [`frame::Frame`]s that
//! point into it, stepped one small act at a time ([`machine`]). Word expansion is an ordinary
//! recursive function: where it needs the output of a command it stops, the command runs, and the
//! expansion is done again from the variables as they were, with the output at hand ([`expand`]).

pub mod alias;
pub mod arith;
pub mod assign;
pub mod ast;
pub mod brace;
pub mod builtins;
pub mod clauses;
pub mod compound;
pub mod condition;
pub mod coverage;
pub mod descriptors;
pub mod errors;
pub mod escape;
pub mod expand;
pub mod extglob;
pub mod fields;
pub mod flow;
pub mod fork;
pub mod frame;
pub mod glob;
pub mod interactive;
pub mod jobs;
pub mod lexer;
pub mod machine;
pub mod param;
pub mod params;
pub mod parser;
pub mod parts;
pub mod predicates;
pub mod prompt;
pub mod reader;
pub mod redirect;
pub mod run;
pub mod show;
pub mod state;
pub mod trace;
pub mod transform;
pub mod vars;

use crate::machine::Machine;
use crate::program::Program;
use crate::sys::Sys;
pub use state::Shell;

/// Whose manners the shell has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    Bash,
    Dash,
    /// busybox
    Ash,
}

impl Dialect {
    #[must_use]
    pub fn is_bash(self) -> bool {
        self == Dialect::Bash
    }
    #[must_use]
    pub fn is_dash(self) -> bool {
        self == Dialect::Dash
    }
    #[must_use]
    pub fn is_ash(self) -> bool {
        self == Dialect::Ash
    }
    /// `$'…'`
    #[must_use]
    pub fn has_dollar_quote(self) -> bool {
        self != Dialect::Dash
    }
}

/// The shells as programs. `sh` is what the image's `/bin/sh` would be: ash where busybox is, dash
/// elsewhere.
pub const PROGRAMS: &[Program] = &[
    Program { name: "bash", about: "GNU Bourne-Again SHell", start: |sys| start(sys, Dialect::Bash) },
    Program { name: "dash", about: "command interpreter (shell)", start: |sys| start(sys, Dialect::Dash) },
    Program { name: "ash", about: "busybox' command interpreter", start: |sys| start(sys, Dialect::Ash) },
    Program {
        name: "sh",
        about: "command interpreter (shell)",
        start: |sys| {
            let busybox = sys.lstat("/bin/busybox").is_ok();
            start(sys, if busybox { Dialect::Ash } else { Dialect::Dash })
        },
    },
];

/// A shell's first state, from its arguments.
pub fn start(sys: &mut Sys<'_>, dialect: Dialect) -> Box<dyn Machine> {
    Box::new(Shell::new(sys, dialect))
}
