//! `docker volume rm`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::usage;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "rm",
    aliases: &["remove"],
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    short: "Remove volumes",
    long: "docker volume rm, docker volume remove",
    flags: &[&[Flag::bool("force", 'f', false, "No failure if a volume is not there")]],
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let force = invocation.bool("force");
    let mut failures = Vec::new();
    for name in invocation.args.clone() {
        let mut request = Request::new(Method::Delete, format!("/volumes/{name}"));
        if force {
            request = request.query("force", "1");
        }
        match engine.call(invocation.sys, request) {
            Ok(_) => invocation.print(&format!("{name}\n")),
            Err(failure) => failures.push(failure.text),
        }
    }
    if failures.is_empty() {
        return Ok(Flow::Done(0));
    }
    Err(Error::raw(failures.join("\n") + "\n"))
}
