//! `docker container prune`: removes what does not run.

use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::{confirm, filters, units, usage};
use drydock_machinery::Value;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove all containers that do not run",
    flags: &[FLAGS],
    run: |invocation| {
        usage::exactly(invocation, 0)?;
        let question =
            "WARNING! This will remove all stopped containers.\nAre you sure you want to continue?";
        confirm::unless_forced(invocation, question, prune)
    },
    ..Command::BASE
};

const FLAGS: &[Flag] = &[filters::LONG, Flag::bool("force", 'f', false, "Do not ask")];

fn prune(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let engine = Engine::connect(invocation)?;
    let filters = filters::parse(&invocation.list("filter"));
    let (text, bytes) = containers(invocation, &engine, &filters)?;
    let text = if text.is_empty() { text } else { text + "\n" };
    invocation.print(&format!("{text}Total reclaimed space: {}\n", units::size(bytes)));
    Ok(Flow::Done(0))
}

/// Asks the daemon; the report and the bytes that were freed.
///
/// # Errors
/// The daemon's refusal.
pub fn containers(
    invocation: &mut Invocation<'_, '_>,
    engine: &Engine,
    filters: &Value,
) -> Result<(String, i64), crate::cli::Error> {
    let request = filters::add(Request::new(Method::Post, "/containers/prune"), filters);
    let report = engine.call(invocation.sys, request)?.json();
    let ids: String =
        report["ContainersDeleted"].items().iter().map(|id| format!("{}\n", id.text())).collect();
    let text = if ids.is_empty() { String::new() } else { format!("Deleted Containers:\n{ids}") };
    Ok((text, report["SpaceReclaimed"].int()))
}
