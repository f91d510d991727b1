//! `docker network rm`. Asks before it removes Swarm's ingress network; that there is none here.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::usage;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "rm",
    aliases: &["remove"],
    usage: "NETWORK [NETWORK...]",
    short: "Remove networks",
    long: "docker network rm, docker network remove",
    flags: &[&[Flag::bool("force", 'f', false, "No failure if a network is not there")]],
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let force = invocation.bool("force");
    let mut failed = false;
    for name in invocation.args.clone() {
        // The real client looks first whether it is the ingress network.
        let _ = engine.get(invocation.sys, format!("/networks/{name}"));
        let request = Request::new(Method::Delete, format!("/networks/{name}"));
        match engine.call(invocation.sys, request) {
            Ok(_) => invocation.print(&format!("{name}\n")),
            Err(failure) if force && failure.status == 404 => {}
            Err(failure) => {
                invocation.eprint(&format!("{}\n", failure.text));
                failed = true;
            }
        }
    }
    if failed { Err(Error::silent(1)) } else { Ok(Flow::Done(0)) }
}
