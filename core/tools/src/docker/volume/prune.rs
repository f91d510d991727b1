//! `docker volume prune`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::{confirm, filters, units, usage};
use drydock_machinery::Value;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove volumes no container uses",
    flags: &[FLAGS],
    run: |invocation| {
        usage::exactly(invocation, 0)?;
        let question = if invocation.bool("all") {
            "WARNING! This will remove all local volumes not used by at least one container.\nAre you sure you want to continue?"
        } else {
            "WARNING! This will remove anonymous local volumes not used by at least one container.\nAre you sure you want to continue?"
        };
        confirm::unless_forced(invocation, question, prune)
    },
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("all", 'a', false, "Those with a name too"),
    filters::LONG,
    Flag::bool("force", 'f', false, "Do not ask"),
];

fn prune(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut filters = filters::parse(&invocation.list("filter"));
    if invocation.bool("all") {
        if filters.find("all").is_some() {
            return Err(Error::raw("conflicting options: cannot specify both --all and --filter all=1\n"));
        }
        filters = filters.with("all", Value::empty_map().with("true", true));
    }
    let engine = Engine::connect(invocation)?;
    let (text, bytes) = volumes(invocation, &engine, &filters)?;
    let text = if text.is_empty() { text } else { text + "\n" };
    invocation.print(&format!("{text}Total reclaimed space: {}\n", units::size(bytes)));
    Ok(Flow::Done(0))
}

/// Asks the daemon; the report and the bytes that were freed.
///
/// # Errors
/// The daemon's refusal.
pub fn volumes(
    invocation: &mut Invocation<'_, '_>,
    engine: &Engine,
    filters: &Value,
) -> Result<(String, i64), Error> {
    let request = filters::add(Request::new(Method::Post, "/volumes/prune"), filters);
    let report = engine.call(invocation.sys, request)?.json();
    let names: String = report["VolumesDeleted"].items().iter().map(|n| format!("{}\n", n.text())).collect();
    let text = if names.is_empty() { names } else { format!("Deleted Volumes:\n{names}") };
    Ok((text, report["SpaceReclaimed"].int()))
}
