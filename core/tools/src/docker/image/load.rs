//! `docker load`: images from a tar archive.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::progress::Display;
use crate::docker::usage;
use drydock_container::fd::{STDIN, STDOUT};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};
use drydock_network::http::{Body, Method, Request};

pub const COMMAND: Command = Command {
    name: "load",
    usage: "[OPTIONS]",
    short: "Take images from a tar archive",
    long: "docker image load, docker load",
    flags: &[FLAGS],
    takes_stdin: |parsed| parsed.flags.str("input").is_empty(),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("input", 'i', "", "File to read, instead of STDIN"),
    Flag::string("platform", '\0', "", "Platform of the image, where there are several"),
    Flag::bool("quiet", 'q', false, "Do not show how it goes"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let input = invocation.str("input").to_string();
    if input.is_empty() && invocation.sys.is_tty(STDIN) {
        return Err(Error::raw("requested load from stdin, but stdin is empty\n"));
    }
    let bytes = if input.is_empty() {
        invocation.stdin.take().unwrap_or_default().into()
    } else {
        invocation
            .sys
            .read_file(&input)
            .map_err(|e| Error::raw(format!("open {input}: {}\n", e.text().to_lowercase())))?
    };
    let engine = Engine::connect(invocation)?;
    let quiet = invocation.bool("quiet") || !invocation.sys.is_tty(STDOUT);
    let request = Request::new(Method::Post, "/images/load")
        .query("quiet", if quiet { "1" } else { "0" })
        .header("Content-Type", "application/x-tar")
        .body(Body::Bytes(bytes));
    let messages = engine.messages(invocation.sys, request)?;
    Ok(Flow::Continue(Box::new(Showing { display: Display::new(messages, Some(STDOUT)) })))
}

/// Shows messages to their end.
#[derive(Clone, Hash)]
pub struct Showing {
    pub display: Display,
}

impl Behave for Showing {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.display.poll(sys) {
            Ok(Some(wait)) => Step::wait(wait),
            Ok(None) => Step::Exit(0),
            Err(failure) => {
                sys.eprint(&format!("{}\n", failure.text));
                Step::Exit(1)
            }
        }
    }
}
