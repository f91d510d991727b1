//! `kubectl rollout`: history, pause, restart, resume, status, undo of Deployments, DaemonSets and
//! StatefulSets.

mod change;
mod history;
mod revisions;
mod status;
mod undo;

use super::Failure;
use super::builder::{Builder, Info};
use super::client::Client;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};

pub const COMMAND: Command = Command {
    name: "rollout",
    usage: "rollout SUBCOMMAND",
    short: "Manage the rollout of a resource",
    long: "Manage the rollout of one or many resources.\n        \n Valid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets",
    examples: "# Rollback to the previous deployment\nkubectl rollout undo deployment/abc\n\n# Check the rollout status of a daemonset\nkubectl rollout status daemonset/foo\n\n# Restart a deployment\nkubectl rollout restart deployment/abc\n\n# Restart deployments with the 'app=nginx' label\nkubectl rollout restart deployment --selector=app=nginx",
    subcommands: &[
        &history::COMMAND,
        &change::PAUSE,
        &change::RESTART,
        &change::RESUME,
        &status::COMMAND,
        &undo::COMMAND,
    ],
    run: |invocation| {
        if let Some(word) = invocation.arg(0) {
            return Err(super::unknown_subcommand(invocation, word));
        }
        // Unlike other groups it prints its help on stdout, and fails all the same.
        let help = invocation.help();
        invocation.print(&help);
        Ok(Flow::Done(1))
    },
    ..Command::BASE
};

/// `-f`, `-l` and friends of all subcommands.
const COMMON: &[Flag] = super::common::FILES;

/// The objects the arguments select, read from the server.
///
/// # Errors
/// Nothing was named, or the plan cannot be made.
fn targets(
    invocation: &mut Invocation<'_, '_>,
    client: &mut Client,
) -> Result<(Vec<Info>, Vec<Failure>), Error> {
    let mut builder = Builder::new(invocation);
    builder.limit = 0;
    if invocation.args.is_empty() && builder.files.is_empty() {
        return Err(Error::new("required resource not specified"));
    }
    let plan = builder.clone().plan_or_all(invocation, client)?;
    Ok(builder.fetch_plan(invocation, client, plan))
}

/// Ends a command with what failed, if anything did.
fn finish(failures: &[Failure]) -> Outcome {
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(super::failure::aggregate(failures)) }
}
