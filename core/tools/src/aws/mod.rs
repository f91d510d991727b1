//! The AWS command line, version 2, as far as a course on containers needs it: profiles, who one is, and
//! repositories of the container registry.
//!
//! Left out: all other services, which are refused in the words of an unknown choice; pagers, waiters, most of
//! JMESPath.

mod arguments;
mod configure;
mod ecr;
mod output;
mod profile;

use arguments::Arguments;
use drydock_container::machine::Once;
use drydock_container::{Program, Sys};

/// The executable.
pub const PROGRAM: Program = Program {
    name: "aws",
    about: "Amazon's command line: profiles, identity, container registry",
    start: |sys| {
        let words: Vec<String> = sys.args().iter().skip(1).map(|a| a.to_string()).collect();
        if configure::is_interactive(&words) {
            return Box::new(configure::Asking::new(sys, &words));
        }
        Box::new(Once(run))
    },
};

/// What stops a command: text for stderr and the exit code.
pub(crate) struct Stop {
    pub text: String,
    pub code: i32,
}

impl Stop {
    pub(crate) fn new(code: i32, text: impl Into<String>) -> Stop {
        Stop { text: text.into(), code }
    }
    /// A wrong command line, as `argparse` tells of it.
    pub(crate) fn usage(error: &str) -> Stop {
        Stop::new(
            252,
            format!(
                "\nusage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\nTo see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n\naws: error: {error}\n"
            ),
        )
    }
}

const HELP: &str = "usage: aws [options] <command> <subcommand> [parameters]

Commands here:
  configure [list | list-profiles | get NAME | set NAME VALUE]
  sts get-caller-identity
  ecr get-login-password | create-repository | describe-repositories
      delete-repository | list-images | describe-images

Options: --profile NAME  --region NAME  --output json|text  --query PATH
";

fn run(sys: &mut Sys<'_>) -> i32 {
    let words: Vec<String> = sys.args().iter().skip(1).map(|a| a.to_string()).collect();
    match command(sys, &words) {
        Ok(text) => {
            sys.print(&text);
            0
        }
        Err(stop) => {
            sys.eprint(&stop.text);
            stop.code
        }
    }
}

fn command(sys: &mut Sys<'_>, words: &[String]) -> Result<String, Stop> {
    if words.iter().any(|w| w == "--version") {
        return Ok("aws-cli/2.17.32 Python/3.11.9 Linux/6.1.0 exe/x86_64.debian.12\n".into());
    }
    let arguments = Arguments::parse(words)?;
    let names: Vec<&str> = arguments.names.iter().map(String::as_str).collect();
    match names.as_slice() {
        [] => Err(Stop::usage("the following arguments are required: command")),
        ["help", ..] | [_, "help"] | [_, _, "help"] => Ok(HELP.into()),
        ["configure", rest @ ..] => configure::run(sys, &arguments, rest),
        ["sts", "get-caller-identity"] => ecr::identity(sys, &arguments),
        ["ecr", operation] => ecr::run(sys, &arguments, operation),
        ["sts" | "ecr"] => Err(Stop::usage("the following arguments are required: operation")),
        ["sts" | "ecr", other, ..] => {
            Err(Stop::usage(&format!("argument operation: Found invalid choice '{other}'")))
        }
        [other, ..] => Err(Stop::usage(&format!("argument command: Found invalid choice '{other}'"))),
    }
}
