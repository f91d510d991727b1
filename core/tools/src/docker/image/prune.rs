//! `docker image prune`: removes images nobody uses.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::{confirm, filters, units, usage};
use drydock_machinery::{Value, json};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove images nobody uses",
    flags: &[FLAGS],
    run: |invocation| {
        usage::exactly(invocation, 0)?;
        let question = if invocation.bool("all") {
            "WARNING! This will remove all images without at least one container associated to them.\nAre you sure you want to continue?"
        } else {
            "WARNING! This will remove all dangling images.\nAre you sure you want to continue?"
        };
        confirm::unless_forced(invocation, question, prune)
    },
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("all", 'a', false, "All that no container uses, not only those without a name"),
    filters::LONG,
    Flag::bool("force", 'f', false, "Do not ask"),
];

fn prune(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let engine = Engine::connect(invocation)?;
    let filters = filters::parse(&invocation.list("filter"));
    let all = invocation.bool("all");
    let (text, bytes) = images(invocation, &engine, all, &filters)?;
    let text = if text.is_empty() { text } else { text + "\n" };
    invocation.print(&format!("{text}Total reclaimed space: {}\n", units::size(bytes)));
    Ok(Flow::Done(0))
}

/// Asks the daemon; the report and the bytes that were freed.
///
/// # Errors
/// The daemon's refusal.
pub fn images(
    invocation: &mut Invocation<'_, '_>,
    engine: &Engine,
    all: bool,
    filters: &Value,
) -> Result<(String, i64), Error> {
    let dangling = if all { "false" } else { "true" };
    let filters = filters.with("dangling", Value::empty_map().with(dangling, true));
    let request = Request::new(Method::Post, "/images/prune").query("filters", json::to_plain(&filters));
    let report = engine.call(invocation.sys, request)?.json();
    let lines: String = report["ImagesDeleted"]
        .items()
        .iter()
        .map(|item| match item["Untagged"].text() {
            "" => format!("deleted: {}\n", item["Deleted"].text()),
            name => format!("untagged: {name}\n"),
        })
        .collect();
    let text = if lines.is_empty() { String::new() } else { format!("Deleted Images:\n{lines}") };
    Ok((text, report["SpaceReclaimed"].int()))
}
