//! `docker system prune`: containers, networks, volumes if asked, images and the build cache.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::{confirm, container, filters, image, network, units, usage, volume};
use drydock_machinery::{Value, json};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove everything nobody uses",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("all", 'a', false, "All unused images, not only those without a name"),
    filters::LONG,
    Flag::bool("force", 'f', false, "Do not ask"),
    Flag::bool("volumes", '\0', false, "Anonymous volumes too"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let filters = filters::parse(&invocation.list("filter"));
    if invocation.bool("volumes") && filters.find("until").is_some() {
        return Err(Error::raw("ERROR: The \"until\" filter is not supported with \"--volumes\"\n"));
    }
    let all = invocation.bool("all");
    let mut lines = vec!["all stopped containers", "all networks not used by at least one container"];
    if invocation.bool("volumes") {
        lines.push("all anonymous volumes not used by at least one container");
    }
    lines.push(if all {
        "all images without at least one container associated to them"
    } else {
        "all dangling images"
    });
    lines.push(if all { "all build cache" } else { "unused build cache" });
    let mut question = String::from("WARNING! This will remove:\n");
    for line in lines {
        question += &format!("  - {line}\n");
    }
    let given = invocation.list("filter");
    if !given.is_empty() {
        question += "\n  Items to be pruned will be filtered with:\n";
        for filter in given {
            question += &format!("  - {filter}\n");
        }
    }
    question += "\nAre you sure you want to continue?";
    confirm::unless_forced(invocation, &question, prune)
}

fn prune(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let engine = Engine::connect(invocation)?;
    let filters = filters::parse(&invocation.list("filter"));
    let all = invocation.bool("all");
    let mut total = 0;
    let mut parts = Vec::new();
    let (text, bytes) = container::prune::containers(invocation, &engine, &filters)?;
    parts.push(text);
    total += bytes;
    parts.push(network::prune::networks(invocation, &engine, &filters)?);
    if invocation.bool("volumes") {
        let (text, bytes) = volume::prune::volumes(invocation, &engine, &filters)?;
        parts.push(text);
        total += bytes;
    }
    let (text, bytes) = image::prune::images(invocation, &engine, all, &filters)?;
    parts.push(text);
    total += bytes;
    let (text, bytes) = builds(invocation, &engine, all, &filters)?;
    parts.push(text);
    total += bytes;
    for part in parts.iter().filter(|p| !p.is_empty()) {
        invocation.print(&format!("{part}\n"));
    }
    invocation.print(&format!("Total reclaimed space: {}\n", units::size(total)));
    Ok(Flow::Done(0))
}

/// Empties the build cache; the report and the bytes that were freed.
///
/// # Errors
/// The daemon's refusal.
pub fn builds(
    invocation: &mut Invocation<'_, '_>,
    engine: &Engine,
    all: bool,
    filters: &Value,
) -> Result<(String, i64), Error> {
    let mut request = Request::new(Method::Post, "/build/prune");
    if all {
        request = request.query("all", "1");
    }
    let text = if filters.is_empty() { String::new() } else { json::to_plain(filters) };
    let report = engine.call(invocation.sys, request.query("filters", text))?.json();
    let ids: String = report["CachesDeleted"].items().iter().map(|id| format!("{}\n", id.text())).collect();
    let text = if ids.is_empty() { ids } else { format!("Deleted build cache objects:\n{ids}") };
    Ok((text, report["SpaceReclaimed"].int()))
}
