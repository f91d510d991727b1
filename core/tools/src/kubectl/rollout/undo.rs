//! `kubectl rollout undo`: puts an older revision's pod template back.

use super::revisions::{self, REVISION, Revision};
use super::{COMMON, finish, targets};
use crate::cli::{Command, Error, Flag, Invocation, Kind, Outcome};
use crate::kubectl::client::{Client, content};
use crate::kubectl::common::{self, DryRun};
use crate::kubectl::output::Output;
use crate::kubectl::writing::with_dry_run;
use crate::kubectl::{Failure, Info};
use crate::printers;
use drydock_container::Sys;
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "undo",
    usage: "undo (TYPE NAME | TYPE/NAME) [flags]",
    short: "Undo a previous rollout",
    long: "Roll back to a previous rollout.",
    examples: "# Roll back to the previous deployment\nkubectl rollout undo deployment/abc\n\n# Roll back to daemonset revision 3\nkubectl rollout undo daemonset/abc --to-revision=3",
    flags: &[COMMON, common::SELECTOR, common::DRY_RUN, printers::FLAGS, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[Flag::new(
    Kind::Int64,
    "to-revision",
    '\0',
    "0",
    "The revision to rollback to. Default to 0 (last revision).",
)];

/// Annotations that stay the Deployment's own on the way back.
const KEPT: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let wanted = invocation.int("to-revision");
    if wanted < 0 {
        return Err(Error::new(format_args!("revision must be a positive integer: {wanted}")));
    }
    let mut output = Output::from_flags(invocation)?;
    let mut client = Client::new(invocation)?;
    let (infos, mut failures) = targets(invocation, &mut client)?;
    for info in infos {
        match one(invocation.sys, &client, &info, wanted, output.dry_run) {
            // The suffix of a dry run is part of the result itself.
            Ok(result) => {
                let dry_run = std::mem::replace(&mut output.dry_run, DryRun::None);
                output.print(invocation.sys, &info.object, &result)?;
                output.dry_run = dry_run;
            }
            Err(failure) => failures.push(failure),
        }
    }
    finish(&failures)
}

fn one(
    sys: &mut Sys<'_>,
    client: &Client,
    info: &Info,
    wanted: i64,
    dry_run: DryRun,
) -> Result<String, Failure> {
    let (owner, found) = revisions::read(sys, client, info, "rollbacker")?;
    let target = choose(&found, wanted, info)?;
    let template = target.template(&owner);
    if dry_run == DryRun::Client {
        return Ok(format!("{}{}", crate::describe::pod_template(&template), dry_run.suffix()));
    }
    let result = if info.resource.kind == "Deployment" {
        deployment(sys, client, info, &owner, target, dry_run)?
    } else {
        if equal(&template, &owner["spec"]["template"]) {
            return Ok(format!(
                "skipped rollback (current template already matches revision {})",
                target.number
            ));
        }
        let patch = target.object["data"].clone();
        let request = Client::write(Method::Patch, &info.path(), content::STRATEGIC, patch);
        client.call(sys, with_dry_run(request, dry_run)).map_err(restoring)?;
        "rolled back".into()
    };
    Ok(format!("{result}{}", dry_run.suffix()))
}

fn restoring(failure: Failure) -> Failure {
    Failure::Message(format!("failed restoring revision: {}", failure.text()))
}

/// The revision to go to: the one asked for, else the one before the last.
fn choose<'a>(found: &'a [Revision], wanted: i64, info: &Info) -> Result<&'a Revision, Failure> {
    if wanted > 0 {
        return found
            .iter()
            .find(|r| r.number == wanted)
            .ok_or_else(|| format!("unable to find specified revision {wanted} in history").into());
    }
    let before_last = found.len().checked_sub(2).and_then(|at| found.get(at));
    before_last.ok_or_else(|| match info.resource.kind.as_str() {
        "Deployment" => format!("no rollout history found for deployment \"{}\"", info.name).into(),
        _ => Failure::message("no last revision to roll back to"),
    })
}

fn deployment(
    sys: &mut Sys<'_>,
    client: &Client,
    info: &Info,
    owner: &Value,
    target: &Revision,
    dry_run: DryRun,
) -> Result<String, Failure> {
    if owner["spec"]["paused"].bool() {
        return Err(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
                .into(),
        );
    }
    let template = target.object["spec"]["template"].without_at(&["metadata", "labels", "pod-template-hash"]);
    if equal(&template, &owner["spec"]["template"]) {
        return Ok(format!("skipped rollback (current template already matches revision {})", target.number));
    }
    let own = &owner["metadata"]["annotations"];
    let theirs = target.object["metadata"]["annotations"].entries().iter();
    let mut annotations = Value::empty_map();
    for key in KEPT {
        if let Some(text) = own.find(key) {
            annotations = annotations.with(*key, text);
        }
    }
    for (key, text) in theirs.filter(|(key, _)| !KEPT.contains(&key.text())) {
        annotations = annotations.with(*key, text);
    }
    let template = template.with_at(&["metadata", "creationTimestamp"], Value::Null);
    let patch = value!([
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations}
    ]);
    let request = Client::write(Method::Patch, &info.path(), content::JSON_PATCH, patch);
    client.call(sys, with_dry_run(request, dry_run)).map_err(restoring)?;
    Ok("rolled back".into())
}

/// Templates compared as the Deployment controller does: without the hash label.
fn equal(a: &Value, b: &Value) -> bool {
    let bare = |template: &Value| {
        template
            .without_at(&["metadata", "labels", "pod-template-hash"])
            .without_at(&["metadata", "creationTimestamp"])
    };
    bare(a) == bare(b)
}
