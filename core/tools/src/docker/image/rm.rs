//! `docker rmi`.

use crate::cli::Flow;
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::docker::api::{Engine, Reply};
use crate::docker::usage;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "rmi",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Remove images",
    long: "docker image rm, docker image remove, docker rmi",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

/// `docker image rm`.
pub const REMOVE: Command = Command { name: "rm", aliases: &["rmi", "remove"], ..COMMAND };

const FLAGS: &[Flag] = &[
    Flag::bool("force", 'f', false, "Even if containers use it"),
    Flag::bool("no-prune", '\0', false, "Keep untagged parents"),
    Flag::slice("platform", '\0', "Only these platforms"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let (force, keep) = (invocation.bool("force"), invocation.bool("no-prune"));
    let (mut failures, mut fatal) = (Vec::new(), false);
    // One after the other, as the real client does.
    for name in invocation.args.clone() {
        let mut request = Request::new(Method::Delete, format!("/images/{name}"));
        for (key, given) in [("force", force), ("noprune", keep)] {
            if given {
                request = request.query(key, "1");
            }
        }
        match engine.call(invocation.sys, request) {
            Ok(reply) => invocation.print(&lines(&reply)),
            Err(failure) => {
                fatal |= failure.status != 404;
                failures.push(failure.text);
            }
        }
    }
    if failures.is_empty() {
        return Ok(Flow::Done(0));
    }
    let text = failures.join("\n") + "\n";
    if !force || fatal {
        return Err(Error::raw(text));
    }
    invocation.eprint(&text);
    Ok(Flow::Done(0))
}

fn lines(reply: &Reply) -> String {
    let line = |item: &drydock_machinery::Value| match item["Deleted"].text() {
        "" => format!("Untagged: {}\n", item["Untagged"].text()),
        id => format!("Deleted: {id}\n"),
    };
    reply.json().items().iter().map(line).collect()
}
