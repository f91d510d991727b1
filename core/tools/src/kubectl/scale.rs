//! `kubectl scale`: a merge patch of the scale subresource, with preconditions if asked for.

use super::builder::Builder;
use super::client::{Client, JSON, content};
use super::common::{self, DryRun};
use super::failure::aggregate;
use super::output::Output;
use super::record::recorded;
use super::writing::{merge_patch, patch_request};
use super::{Failure, Info};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use crate::printers;
use drydock_machinery::value;

pub const COMMAND: Command = Command {
    name: "scale",
    usage: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    short: "Set a new size for a deployment, replica set, or replication controller",
    long: "Set a new size for a deployment, replica set, replication controller, or stateful set.\n\n Scale also allows users to specify one or more preconditions for the scale action. If --current-replicas or --resource-version is specified, it is validated before the scale is attempted.",
    examples: "# Scale a replica set named 'foo' to 3\nkubectl scale --replicas=3 rs/foo\n\n# If the deployment named mysql's current size is 2, scale mysql to 3\nkubectl scale --current-replicas=2 --replicas=3 deployment/mysql",
    flags: &[
        common::FILES,
        common::SELECTOR,
        common::ALL,
        common::DRY_RUN,
        printers::FLAGS,
        FLAGS,
        super::record::RECORD,
    ],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::new(Kind::Int, "replicas", '\0', "0", "The new desired number of replicas. Required.").required(),
    Flag::new(
        Kind::Int,
        "current-replicas",
        '\0',
        "-1",
        "Precondition for current size. Requires that the current size of the resource match this value in order to scale. -1 (default) for no condition.",
    ),
    Flag::string(
        "resource-version",
        '\0',
        "",
        "Precondition for resource version. Requires that the current resource version match this value in order to scale.",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up on a scale operation, zero means don't wait. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h).",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let replicas = invocation.int("replicas");
    if replicas < 0 {
        return Err(Error::new(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        ));
    }
    if invocation.int("current-replicas") < -1 {
        return Err(Error::new("The --current-replicas must specify an integer of -1 or greater"));
    }
    let mut client = Client::new(invocation)?;
    let mut builder = Builder::new(invocation);
    builder.limit = 0;
    let plan = builder.plan(invocation, &mut client)?;
    let (infos, mut failures) = builder.fetch_plan(invocation, &mut client, plan);
    if infos.is_empty() {
        let why = failures.first().map_or_else(|| "<nil>".into(), Failure::text);
        return Err(Error::new(format_args!("no objects passed to scale {why}")));
    }
    if infos.len() > 1 && !invocation.str("resource-version").is_empty() {
        return Err(Error::new("cannot use --resource-version with multiple resources"));
    }
    for info in infos {
        match scale(invocation, &client, &info, replicas, output.dry_run) {
            Ok(()) => {
                note_cause(invocation, &client, &info, output.dry_run)?;
                output.print(invocation.sys, &info.object, "scaled")?;
            }
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

/// `--record`: the cause goes into the object in a patch of its own.
fn note_cause(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    info: &Info,
    dry_run: DryRun,
) -> Result<(), Failure> {
    let noted = recorded(invocation, info.object.clone());
    if dry_run != DryRun::None || noted == info.object {
        return Ok(());
    }
    let patch = merge_patch(&info.object, &noted);
    client.call(invocation.sys, patch_request(&info.path(), content::MERGE, patch, dry_run, ""))?;
    Ok(())
}

fn scale(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    info: &Info,
    replicas: i64,
    dry_run: DryRun,
) -> Result<(), Failure> {
    let path = format!("{}/scale", info.path());
    let (current, version) =
        (invocation.int("current-replicas"), invocation.str("resource-version").to_string());
    if dry_run == DryRun::Client {
        return Ok(());
    }
    let mut body = value!({"spec": {"replicas": replicas}});
    if current >= 0 || !version.is_empty() {
        let now = client.get(invocation.sys, &path, JSON)?;
        let found = now["spec"]["replicas"].int();
        if current >= 0 && found != current {
            return Err(format!("Expected replicas to be {current}, was {found}").into());
        }
        let found = now["metadata"]["resourceVersion"].text();
        if !version.is_empty() && found != version {
            return Err(format!("Expected resource version to be {version}, was {found}").into());
        }
        if !version.is_empty() {
            body = body.with_at(&["metadata", "resourceVersion"], version.as_str());
        }
    }
    client.call(invocation.sys, patch_request(&path, content::MERGE, body, dry_run, ""))?;
    Ok(())
}
