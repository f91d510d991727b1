//! `docker pause` and `docker unpause`.

use crate::cli::{Command, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::each::{Report, each};
use crate::docker::usage;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "pause",
    usage: "CONTAINER [CONTAINER...]",
    short: "Freeze all processes of containers",
    long: "docker container pause, docker pause",
    run: |invocation| all(invocation, "pause"),
    ..Command::BASE
};

pub const UNPAUSE: Command = Command {
    name: "unpause",
    usage: "CONTAINER [CONTAINER...]",
    short: "Let the processes of paused containers go on",
    long: "docker container unpause, docker unpause",
    run: |invocation| all(invocation, "unpause"),
    ..Command::BASE
};

fn all(invocation: &mut Invocation<'_, '_>, verb: &str) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let names = invocation.args.clone();
    let request = |name: &str| Request::new(Method::Post, format!("/containers/{name}/{verb}"));
    each(invocation.sys, &engine, &names, request, Report::NAME)
}
