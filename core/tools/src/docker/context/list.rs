//! `docker context ls`.

use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::formatter::{self, Kind, Row};
use crate::docker::settings::Settings;
use crate::docker::{filters, usage};
use drydock_machinery::value;

pub const COMMAND: Command = Command {
    name: "ls",
    aliases: &["list"],
    usage: "[OPTIONS]",
    short: "Show the contexts",
    long: "docker context ls, docker context list",
    flags: &[&[
        Flag::string("format", '\0', "", filters::FORMAT_ABOUT),
        Flag::bool("quiet", 'q', false, "Only names"),
    ]],
    run,
    ..Command::BASE
};

const KIND: Kind = Kind {
    context: "*formatter.clientContextContext",
    columns: &[
        ("Name", "NAME"),
        ("Description", "DESCRIPTION"),
        ("DockerEndpoint", "DOCKER ENDPOINT"),
        ("Current", "CURRENT"),
        ("Error", "ERROR"),
    ],
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let settings = Settings::load(invocation.sys);
    let current = settings.context(invocation.sys);
    let rows: Vec<Row> = super::all(invocation.sys, &settings)
        .into_iter()
        .map(|c| {
            Row::new(value!({
                "Name": (c.name.as_str()), "Description": (c.description), "DockerEndpoint": (c.host),
                "Current": (c.name == current), "Error": ""
            }))
        })
        .collect();
    let format = match invocation.str("format") {
        "" if invocation.bool("quiet") => "{{.Name}}".to_string(),
        format => format.to_string(),
    };
    let table = "table {{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}";
    let text = formatter::render(&KIND, &format, table, &rows)?;
    // The header's own `Current` is a text, which counts as true.
    let text = text.replacen("NAME *", "NAME", 1);
    invocation.print(&text);
    if invocation.sys.env("DOCKER_HOST").is_some_and(|h| !h.is_empty()) {
        invocation.eprint("Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable.\n");
    }
    Ok(Flow::Done(0))
}
