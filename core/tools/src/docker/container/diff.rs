//! `docker diff`: what a container changed in its filesystem.

use crate::cli::{Command, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::formatter::{self, Kind, Row};
use crate::docker::usage;
use drydock_machinery::value;

pub const COMMAND: Command = Command {
    name: "diff",
    usage: "CONTAINER",
    short: "Show what a container changed in its files",
    long: "docker container diff, docker diff",
    run,
    ..Command::BASE
};

const KIND: Kind =
    Kind { context: "*container.diffContext", columns: &[("Type", "CHANGE TYPE"), ("Path", "PATH")] };

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    let changes = engine.get(invocation.sys, format!("/containers/{name}/changes"))?;
    let rows: Vec<Row> = changes
        .items()
        .iter()
        .map(|change| {
            let kind = match change["Kind"].int() {
                0 => "C",
                1 => "A",
                _ => "D",
            };
            Row::new(value!({"Type": kind, "Path": (change["Path"].text())}))
        })
        .collect();
    let text = formatter::render(&KIND, "{{.Type}} {{.Path}}", "", &rows)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}
