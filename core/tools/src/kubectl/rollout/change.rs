//! `kubectl rollout pause|resume|restart`: small strategic patches.

use super::{COMMON, finish, targets};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::kubectl::client::{Client, content};
use crate::kubectl::common::{self, DryRun, field_manager};
use crate::kubectl::output::Output;
use crate::kubectl::writing::patch_request;
use crate::kubectl::{Failure, Info};
use crate::printers;
use drydock_machinery::{Timestamp, Value, value};

const FLAGS: &[&[Flag]] = &[COMMON, common::SELECTOR, printers::FLAGS, &[field_manager("kubectl-rollout")]];

pub const PAUSE: Command = Command {
    name: "pause",
    usage: "pause RESOURCE",
    short: "Mark the provided resource as paused",
    long: "Mark the provided resource as paused.\n\n Paused resources will not be reconciled by a controller. Use \"kubectl rollout resume\" to resume a paused resource. Currently only deployments support being paused.",
    examples: "# Mark the nginx deployment as paused\nkubectl rollout pause deployment/nginx",
    flags: FLAGS,
    run: |invocation| change(invocation, "paused", pause),
    ..Command::BASE
};
pub const RESUME: Command = Command {
    name: "resume",
    usage: "resume RESOURCE",
    short: "Resume a paused resource",
    long: "Resume a paused resource.\n\n Paused resources will not be reconciled by a controller. By resuming a resource, we allow it to be reconciled again. Currently only deployments support being resumed.",
    examples: "# Resume an already paused deployment\nkubectl rollout resume deployment/nginx",
    flags: FLAGS,
    run: |invocation| change(invocation, "resumed", resume),
    ..Command::BASE
};
pub const RESTART: Command = Command {
    name: "restart",
    usage: "restart RESOURCE",
    short: "Restart a resource",
    long: "Restart a resource.\n\n Resource rollout will be restarted.",
    examples: "# Restart all deployments in the test-namespace namespace\nkubectl rollout restart deployment -n test-namespace\n\n# Restart a deployment\nkubectl rollout restart deployment/nginx",
    flags: FLAGS,
    run: |invocation| change(invocation, "restarted", restart),
    ..Command::BASE
};

/// The patch of an object at a moment (unix seconds), or why there is none.
type Patch = fn(&Info, i64) -> Result<Value, Failure>;

fn change(invocation: &mut Invocation<'_, '_>, operation: &str, patch: Patch) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let mut client = Client::new(invocation)?;
    let (infos, mut failures) = targets(invocation, &mut client)?;
    if infos.is_empty() && failures.is_empty() {
        return Err(Error::new("no resources found"));
    }
    for info in infos {
        match apply(invocation, &client, &info, patch) {
            Ok(object) => output.print_typed(invocation.sys, &object, operation)?,
            Err(failure) => failures.push(failure),
        }
    }
    finish(&failures)
}

fn apply(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    info: &Info,
    patch: Patch,
) -> Result<Value, Failure> {
    let body = patch(info, invocation.sys.unix())?;
    let manager = invocation.str("field-manager");
    let request = patch_request(&info.path(), content::STRATEGIC, body, DryRun::None, manager);
    client
        .call(invocation.sys, request)
        .map_err(|failure| Failure::Message(format!("failed to patch: {}", failure.text())))
}

fn refuse(info: &Info, why: &str) -> Failure {
    Failure::Message(format!("{} {why}", quoted_plural(info)))
}

/// `deployments.apps "web"`.
fn quoted_plural(info: &Info) -> String {
    format!("{} {}", info.resource.qualified(), drydock_machinery::quote::go(&info.name))
}

fn pause(info: &Info, _now: i64) -> Result<Value, Failure> {
    match info.resource.kind.as_str() {
        "Deployment" if info.object["spec"]["paused"].bool() => Err(refuse(info, "is already paused")),
        "Deployment" => Ok(value!({"spec": {"paused": true}})),
        _ => Err(refuse(info, "pausing is not supported")),
    }
}

fn resume(info: &Info, _now: i64) -> Result<Value, Failure> {
    match info.resource.kind.as_str() {
        "Deployment" if info.object["spec"]["paused"].bool() => Ok(value!({"spec": {"paused": null}})),
        "Deployment" => Err(refuse(info, "is not paused")),
        _ => Err(refuse(info, "resuming is not supported")),
    }
}

fn restart(info: &Info, now: i64) -> Result<Value, Failure> {
    match info.resource.kind.as_str() {
        "Deployment" if info.object["spec"]["paused"].bool() => {
            Err(refuse(info, "can't restart paused deployment (run rollout resume first)"))
        }
        "Deployment" | "DaemonSet" | "StatefulSet" => {
            let moment = Timestamp(now).to_rfc3339();
            let path = ["spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"];
            if info.object.at(&path) == moment.as_str() {
                let why = "if restart has already been triggered within the past second, please wait before \
                           attempting to trigger another";
                return Err(Failure::Message(format!("failed to create patch for {}: {why}", info.name)));
            }
            Ok(value!({"spec": {"template": {"metadata": {"annotations": {
                "kubectl.kubernetes.io/restartedAt": moment
            }}}}}))
        }
        _ => Err(refuse(info, "restarting is not supported")),
    }
}
