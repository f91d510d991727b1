//! `docker network prune`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::{confirm, filters, usage};
use drydock_machinery::Value;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove all networks no container is in",
    flags: &[FLAGS],
    run: |invocation| {
        usage::exactly(invocation, 0)?;
        let question = "WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?";
        confirm::unless_forced(invocation, question, prune)
    },
    ..Command::BASE
};

const FLAGS: &[Flag] = &[filters::LONG, Flag::bool("force", 'f', false, "Do not ask")];

fn prune(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let engine = Engine::connect(invocation)?;
    let filters = filters::parse(&invocation.list("filter"));
    let text = networks(invocation, &engine, &filters)?;
    if !text.is_empty() {
        invocation.print(&format!("{text}\n"));
    }
    Ok(Flow::Done(0))
}

/// Asks the daemon; the report.
///
/// # Errors
/// The daemon's refusal.
pub fn networks(
    invocation: &mut Invocation<'_, '_>,
    engine: &Engine,
    filters: &Value,
) -> Result<String, Error> {
    let request = filters::add(Request::new(Method::Post, "/networks/prune"), filters);
    let report = engine.call(invocation.sys, request)?.json();
    let names: String = report["NetworksDeleted"].items().iter().map(|n| format!("{}\n", n.text())).collect();
    Ok(if names.is_empty() { names } else { format!("Deleted Networks:\n{names}") })
}
