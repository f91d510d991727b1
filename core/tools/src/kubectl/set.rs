//! `kubectl set`: changes one aspect of objects with pod templates, selectors or subjects by a strategic
//! patch of the difference.

mod env;
mod env_source;
mod image;
mod resources;
mod selector;
mod serviceaccount;
mod subject;

use super::client::content;
use super::common::{DryRun, field_manager};
use super::failure::aggregate;
use super::local::Targets;
use super::output::Output;
use super::record::recorded;
use super::writing::{patch_request, two_way};
use super::{Failure, Info, typed};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_machinery::{Value, quote};

pub const COMMAND: Command = Command {
    name: "set",
    usage: "set SUBCOMMAND",
    short: "Set specific features on objects",
    long: "Configure application resources.\n\n These commands help you make changes to existing application resources.",
    subcommands: &[
        &env::COMMAND,
        &image::COMMAND,
        &resources::COMMAND,
        &selector::COMMAND,
        &serviceaccount::COMMAND,
        &subject::COMMAND,
    ],
    run: super::group,
    ..Command::BASE
};

const MANAGER: &[Flag] = &[field_manager("kubectl-set")];

/// The flags of one of them.
macro_rules! set_flags {
    ($($own:expr),*) => {
        &[
            $crate::kubectl::common::FILES,
            $crate::kubectl::common::ALL,
            $crate::kubectl::common::LOCAL,
            $crate::kubectl::common::DRY_RUN,
            $crate::printers::FLAGS,
            $crate::kubectl::set::MANAGER,
            $($own),*
        ]
    };
}
pub(crate) use set_flags;

/// `deployments/shop`; of a file alone `deployment/shop`.
fn object_name(info: &Info) -> String {
    let plural = info.resource.plural.as_str();
    let kind = if plural.is_empty() { info.object["kind"].text().to_lowercase() } else { plural.into() };
    format!("{kind}/{}", info.name)
}

/// How an operation words its failures: before what is wrong with an object, and before a refusal.
#[derive(Clone, Copy)]
enum Words {
    /// The object's name; and this text.
    Named(&'static str),
    /// The failure alone; and this text.
    Plain(&'static str),
}

/// Changes every target and sends what differs. `change` gives the new object.
fn update(
    invocation: &mut Invocation<'_, '_>,
    targets: Targets,
    mut output: Output,
    operation: &str,
    words: Words,
    change: &mut dyn FnMut(&mut Invocation<'_, '_>, &Info) -> Result<Value, Failure>,
) -> Outcome {
    let Targets { client, infos, mut failures, local } = targets;
    for info in infos {
        let changed = change(invocation, &info).map_err(|failure| match words {
            Words::Named(_) if matches!(failure, Failure::Message(_)) => {
                Failure::Message(format!("{} {}", object_name(&info), failure.text()))
            }
            _ => failure,
        });
        let changed = changed.map(|new| recorded(invocation, new));
        let result = changed.and_then(|new| {
            let (patch, kind) = two_way(&info.object, &new)?;
            if patch.is_empty() {
                return Ok(None);
            }
            if local || output.dry_run == DryRun::Client {
                return Ok(Some(new));
            }
            let kind = if typed::is_known(&new) { content::STRATEGIC } else { kind };
            let manager = invocation.str("field-manager");
            let request = patch_request(&info.path(), kind, patch, output.dry_run, manager);
            let (Words::Named(text) | Words::Plain(text)) = words;
            let refused = |failure: Failure| match text {
                "" => failure,
                text => Failure::Message(format!("{text}{}", failure.text())),
            };
            client.call(invocation.sys, request).map(Some).map_err(refused)
        });
        match result {
            Ok(Some(object)) => output.print_typed(invocation.sys, &object, operation)?,
            Ok(None) => {}
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

/// Where an object keeps its pod spec.
fn pod_spec_path(object: &Value) -> Result<&'static [&'static str], Failure> {
    match object["kind"].text() {
        "Pod" => Ok(&["spec"]),
        "CronJob" => Ok(&["spec", "jobTemplate", "spec", "template", "spec"]),
        "Deployment" | "DaemonSet" | "StatefulSet" | "ReplicaSet" | "ReplicationController" | "Job" => {
            Ok(&["spec", "template", "spec"])
        }
        kind => {
            let version = object["apiVersion"].text().rsplit('/').next().unwrap_or("");
            Err(format!("the object is not a pod or does not have a pod template: *{version}.{kind}").into())
        }
    }
}

/// Go's wildcards in container names: `*` alone stands for all, `web-*` for a beginning.
fn name_matches(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((head, tail)) => {
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        }
    }
}

/// The object with every container of `fields` whose name fits changed; and how many fitted.
fn map_containers(
    object: &Value,
    fields: &[&str],
    pattern: &str,
    change: &mut dyn FnMut(&Value) -> Value,
) -> Result<(Value, usize), Failure> {
    let path = pod_spec_path(object)?;
    let mut spec = object.at(path).clone();
    let mut found = 0;
    for field in fields {
        let list = &spec[*field];
        if list.is_null() {
            continue;
        }
        let changed: Value = list
            .items()
            .iter()
            .map(|container| {
                if !name_matches(container["name"].text(), pattern) {
                    return container.clone();
                }
                found += 1;
                change(container)
            })
            .collect();
        spec = spec.with(*field, changed);
    }
    Ok((object.with_at(path, spec), found))
}

/// Refuses an empty list of resources.
fn require_resources(invocation: &Invocation<'_, '_>, resources: &[String]) -> Result<(), Error> {
    let files = !invocation.list("filename").is_empty() || !invocation.str("kustomize").is_empty();
    if resources.is_empty() && !files {
        return Err(Error::new(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    Ok(())
}

/// Arguments before the first `key=value` (or `key-`), and the rest.
fn split(args: &[String], what: &str) -> Result<(Vec<String>, Vec<String>), Error> {
    let (mut resources, mut pairs) = (Vec::new(), Vec::new());
    for arg in args {
        let from_stdin = what == "environment variable" && arg == "-";
        let is_pair = arg.contains('=') && !arg.starts_with('=') || arg.ends_with('-') && arg != "-";
        let is_pair = is_pair || from_stdin;
        if is_pair {
            pairs.push(arg.clone());
        } else if pairs.is_empty() {
            resources.push(arg.clone());
        } else {
            return Err(Error::new(format_args!(
                "all resources must be specified before {what} changes: {arg}"
            )));
        }
    }
    Ok((resources, pairs))
}

/// `unable to find container named "x"`.
fn no_container(name: &str) -> Failure {
    Failure::Error(Error::new(format_args!("unable to find container named {}", quote::go(name))))
}
