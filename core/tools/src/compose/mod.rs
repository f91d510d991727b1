//! docker compose 2.26, also as `docker-compose`: projects of several containers from one file. It speaks
//! to the Engine API only. `model` reads files; `converge` decides; `work` does; `commands` are the verbs,
//! one file for each family.

pub mod body;
pub mod builds;
pub mod commands;
pub mod converge;
pub mod logs;
pub mod model;
pub mod progress;
pub mod root;
pub mod state;
pub mod work;

use crate::cli::{Command, Invocation, Outcome, dispatch};
use drydock_container::Program;

/// `docker compose`.
pub const COMMAND: Command = Command {
    name: "compose",
    usage: "[OPTIONS] COMMAND",
    short: "Docker Compose",
    raw: true,
    run,
    ..Command::BASE
};

/// The program by its old name.
pub const PROGRAM: Program = Program {
    name: "docker-compose",
    about: "runs projects of several containers",
    start: |sys| crate::cli::launch(&root::STYLE, sys),
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let words = invocation.args.clone();
    let stdin = invocation.stdin.take();
    dispatch(&root::STYLE, invocation.sys, &words, stdin)
}
