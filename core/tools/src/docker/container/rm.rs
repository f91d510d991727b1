//! `docker rm`. With `--force` a container that is not there is told but no failure.

use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::each::{Report, each};
use crate::docker::usage;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "rm",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Remove containers",
    long: "docker container rm, docker container remove, docker rm",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

/// As `docker container` has it.
pub const REMOVE: Command = Command { aliases: &["remove"], ..COMMAND };

const FLAGS: &[Flag] = &[
    Flag::bool("force", 'f', false, "Kill a running container first"),
    Flag::bool("link", 'l', false, "Remove only the link of this name"),
    Flag::bool("volumes", 'v', false, "Remove its anonymous volumes too"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let names = invocation.args.clone();
    if names.iter().any(|n| n.trim_matches('/').is_empty()) {
        return Err(Error::raw("Container name cannot be empty\n"));
    }
    let force = invocation.bool("force");
    let (link, volumes) = (invocation.bool("link"), invocation.bool("volumes"));
    let request = |name: &str| {
        let mut request = Request::new(Method::Delete, format!("/containers/{}", name.trim_matches('/')));
        for (key, given) in [("force", force), ("link", link), ("v", volumes)] {
            if given {
                request = request.query(key, "1");
            }
        }
        request
    };
    let forced = Report {
        failed: |_, failure| (format!("{}\n", failure.text), failure.status != 404),
        ..Report::NAME
    };
    each(invocation.sys, &engine, &names, request, if force { forced } else { Report::NAME })
}
