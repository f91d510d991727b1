//! `kubectl apply view-last-applied|set-last-applied|edit-last-applied`: the annotation itself.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::kubectl::builder::{Builder, Info};
use crate::kubectl::client::{Client, JSON, content};
use crate::kubectl::common::{self, DryRun};
use crate::kubectl::failure::aggregate;
use crate::kubectl::manifests::{self, Files};
use crate::kubectl::output::{LAST_APPLIED, Output};
use crate::kubectl::writing::{add_source, last_applied_text, patch_request};
use crate::kubectl::{Failure, edit};
use crate::printers;
use drydock_machinery::{Value, json, yaml};

pub const VIEW: Command = Command {
    name: "view-last-applied",
    usage: "view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    short: "View the latest last-applied-configuration annotations of a resource/object",
    long: "View the latest last-applied-configuration annotations by type/name or file.\n\n The default output will be printed to stdout in YAML format. You can use the -o option to change the output format.",
    examples: "# View the last-applied-configuration annotations by type/name in YAML\nkubectl apply view-last-applied deployment/nginx",
    flags: &[
        common::FILES,
        common::SELECTOR,
        common::ALL,
        &[Flag::string("output", 'o', "yaml", "Output format. Must be one of (yaml, json)")],
    ],
    run: view,
    ..Command::BASE
};
pub const SET: Command = Command {
    name: "set-last-applied",
    usage: "set-last-applied -f FILENAME",
    short: "Set the last-applied-configuration annotation on a live object to match the contents of a file",
    long: "Set the latest last-applied-configuration annotations by setting it to match the contents of a file. This results in the last-applied-configuration being updated as though 'kubectl apply -f <file>' was run, without updating any other parts of the object.",
    examples: "# Set the last-applied-configuration of a resource to match the contents of a file\nkubectl apply set-last-applied -f deploy.yaml",
    flags: &[
        common::FILES,
        common::DRY_RUN,
        printers::FLAGS,
        &[Flag::bool(
            "create-annotation",
            '\0',
            false,
            "Will create 'last-applied-configuration' annotations if current objects doesn't have one",
        )],
    ],
    run: set,
    ..Command::BASE
};
pub const EDIT: Command = Command {
    name: "edit-last-applied",
    usage: "edit-last-applied (RESOURCE/NAME | -f FILENAME)",
    short: "Edit latest last-applied-configuration annotations of a resource/object",
    long: "Edit the latest last-applied-configuration annotations of resources from the default editor.",
    examples: "# Edit the last-applied-configuration annotations by type/name in YAML\nkubectl apply edit-last-applied deployment/nginx",
    flags: edit::FLAGS,
    run: |invocation| edit::run(invocation, edit::Mode::LastApplied),
    ..Command::BASE
};

fn view(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let format = invocation.str("output").to_string();
    if !["yaml", "json"].contains(&format.as_str()) {
        let words =
            format!("Unexpected -o output mode: {format}, the flag 'output' must be one of yaml|json");
        return Err(invocation.usage_error(words));
    }
    let mut client = Client::new(invocation)?;
    let mut builder = Builder::new(invocation);
    builder.limit = 0;
    let plan = builder.clone().plan_or_all(invocation, &mut client)?;
    let (infos, mut failures) = builder.fetch_plan(invocation, &mut client, plan);
    let mut out = String::new();
    for info in infos {
        // An object asked for by name that lacks it is no failure.
        let lacks = info.object["metadata"]["annotations"][LAST_APPLIED].text().is_empty();
        if lacks && info.source.is_empty() {
            continue;
        }
        match annotation(&info) {
            Ok(value) if format == "yaml" => out += &yaml::emit(&value),
            Ok(value) => out += &(json::to_pretty(&value) + "\n"),
            Err(failure) => failures.push(failure),
        }
    }
    invocation.print(&out);
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

fn annotation(info: &Info) -> Result<Value, Failure> {
    let text = info.object["metadata"]["annotations"][LAST_APPLIED].text();
    if text.is_empty() {
        let doing = format!("no last-applied-configuration annotation found on resource: {}\n", info.name);
        return Err(add_source(Failure::message("<nil>"), &doing, &info.source));
    }
    json::parse(text.as_bytes()).map_err(|e| Failure::Message(e.message))
}

fn set(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let mut client = Client::new(invocation)?;
    let (documents, mut failures) = manifests::read(invocation, &Files::from_flags(invocation));
    let (infos, unmapped) = manifests::map(invocation, &mut client, documents);
    failures.extend(unmapped);
    let mut found = 0;
    for info in infos {
        let live = match client.get(invocation.sys, &info.path(), JSON) {
            Ok(live) => live,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let old = &live["metadata"]["annotations"][LAST_APPLIED];
        if old.is_null() && !invocation.bool("create-annotation") {
            failures.push(Failure::Message(format!(
                "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                info.name
            )));
            continue;
        }
        found += 1;
        let text = last_applied_text(&info.object);
        if *old == text.as_str() {
            output.print(invocation.sys, &live, "configured")?;
            continue;
        }
        let patch = Value::empty_map().with_at(&["metadata", "annotations", LAST_APPLIED], text);
        let shown = if output.dry_run == DryRun::Client {
            live.clone()
        } else {
            let request = patch_request(&info.path(), content::MERGE, patch, output.dry_run, "");
            client.call(invocation.sys, request).map_err(Error::from)?
        };
        output.print(invocation.sys, &shown, "configured")?;
    }
    if !failures.is_empty() {
        return Err(aggregate(&failures));
    }
    if found == 0 {
        return Err(Error::new("no objects passed to set-last-applied"));
    }
    Ok(Flow::Done(0))
}
