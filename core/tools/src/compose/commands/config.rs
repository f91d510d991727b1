//! `docker compose config` and `version`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::compose::model::canonical::text_of;
use crate::compose::model::emit::emit;
use crate::compose::root;
use drydock_machinery::json;

pub const COMMAND: Command = Command {
    name: "config",
    aliases: &["convert"],
    usage: "[OPTIONS] [SERVICE...]",
    short: "Parse, resolve and render compose file in canonical format",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("environment", '\0', false, "Print the variables used"),
    Flag::string("format", '\0', "yaml", "Format (yaml, json)"),
    Flag::string("hash", '\0', "", "Print services with their hashes (\"*\" for all)"),
    Flag::bool("images", '\0', false, "Print image names"),
    Flag::bool("no-consistency", '\0', false, "Do not check whether the parts fit"),
    Flag::bool("no-interpolate", '\0', false, "Leave variables as they are"),
    Flag::bool("no-normalize", '\0', false, "Leave the model as it is"),
    Flag::bool("no-path-resolution", '\0', false, "Leave paths as they are"),
    Flag::string("output", 'o', "", "Write to a file"),
    Flag::bool("profiles", '\0', false, "Print profile names"),
    Flag::bool("quiet", 'q', false, "Only check"),
    Flag::bool("resolve-image-digests", '\0', false, "Pin images to digests"),
    Flag::bool("services", '\0', false, "Print service names"),
    Flag::bool("volumes", '\0', false, "Print volume names"),
];

pub const VERSION: Command = Command {
    name: "version",
    usage: "[OPTIONS]",
    short: "Show the Docker Compose version information",
    flags: &[&[
        Flag::string("format", 'f', "pretty", "Format (pretty, json)"),
        Flag::bool("short", '\0', false, "Only the number"),
    ]],
    run: |invocation| {
        let text = match (invocation.bool("short"), invocation.str("format")) {
            (true, _) => "2.26.1\n",
            (false, "json") => "{\"version\":\"2.26.1\"}\n",
            _ => "Docker Compose version 2.26.1\n",
        };
        invocation.print(text);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let targets = invocation.args.clone();
    let mut project = root::project(invocation, &targets)?;
    if !targets.is_empty() {
        let selected = project.selected(&targets, true)?;
        project.services.retain(|name, _| selected.contains(name));
    }
    let lines = |items: Vec<String>| items.into_iter().map(|i| i + "\n").collect::<String>();
    let text = if invocation.bool("quiet") {
        String::new()
    } else if invocation.bool("services") {
        lines(project.services.keys().cloned().collect())
    } else if invocation.bool("volumes") {
        lines(project.volumes.keys().cloned().collect())
    } else if invocation.bool("images") {
        lines(project.services.keys().map(|s| project.image(s)).collect())
    } else if invocation.bool("profiles") {
        let all = project.services.values().chain(project.disabled.values());
        let names: std::collections::BTreeSet<String> =
            all.flat_map(|s| s["profiles"].items().iter().map(text_of).collect::<Vec<_>>()).collect();
        lines(names.into_iter().collect())
    } else if invocation.bool("environment") {
        lines(project.environment.iter().map(|(k, v)| format!("{k}={v}")).collect())
    } else if !invocation.str("hash").is_empty() {
        let wanted = invocation.str("hash").to_string();
        let chosen = project.services.keys().filter(|s| wanted == "*" || wanted.split(',').any(|w| w == *s));
        lines(chosen.map(|s| format!("{s} {}", project.config_hash(s))).collect())
    } else {
        match invocation.str("format") {
            "json" => json::to_pretty(&project.document()) + "\n",
            "yaml" | "" => emit(&project.document()),
            other => {
                return Err(Error::raw(format!(
                    "unsupported format {}\n",
                    drydock_machinery::quote::go(other)
                )));
            }
        }
    };
    let output = invocation.str("output").to_string();
    if output.is_empty() {
        invocation.print(&text);
    } else if let Err(error) = invocation.sys.write_file(&output, text.as_bytes(), false) {
        return Err(Error::raw(format!("open {output}: {}\n", error.text().to_lowercase())));
    }
    Ok(Flow::Done(0))
}
