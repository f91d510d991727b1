//! `kubectl set serviceaccount`: the service account of a pod template.

use super::{Words, pod_spec_path, set_flags, update};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::kubectl::local;
use crate::kubectl::output::Output;

pub const COMMAND: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    usage: "serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    short: "Update the service account of a resource",
    long: "Update the service account of pod template resources.",
    examples: "# Set deployment nginx-deployment's service account to serviceaccount1\nkubectl set serviceaccount deployment nginx-deployment serviceaccount1",
    flags: set_flags!(NONE, crate::kubectl::record::RECORD),
    run,
    ..Command::BASE
};
const NONE: &[Flag] = &[];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = Output::from_flags(invocation)?;
    let mut resources = invocation.args.clone();
    let Some(account) = resources.pop() else {
        return Err(Error::new("serviceaccount is required"));
    };
    let targets = local::targets(invocation, &resources)?;
    update(
        invocation,
        targets,
        output,
        "serviceaccount updated",
        Words::Plain("failed to patch ServiceAccount "),
        &mut |_, info| {
            let path: Vec<&str> =
                pod_spec_path(&info.object)?.iter().copied().chain(["serviceAccountName"]).collect();
            Ok(info.object.with_at(&path, account.as_str()))
        },
    )
}
