//! `kubectl rollout history`: the revisions of a workload, or the pod template of one of them.

use super::{COMMON, finish, revisions, targets};
use crate::cli::{Command, Error, Flag, Invocation, Kind, Outcome};
use crate::kubectl::client::Client;
use crate::kubectl::output::Output;
use crate::kubectl::{Failure, Info};
use crate::printers;
use drydock_container::Sys;
use drydock_machinery::tabwriter::TabWriter;

pub const COMMAND: Command = Command {
    name: "history",
    usage: "history (TYPE NAME | TYPE/NAME) [flags]",
    short: "View rollout history",
    long: "View previous rollout revisions and configurations.",
    examples: "# View the rollout history of a deployment\nkubectl rollout history deployment/abc\n\n# View the details of daemonset revision 3\nkubectl rollout history daemonset/abc --revision=3",
    flags: &[COMMON, crate::kubectl::common::SELECTOR, printers::FLAGS, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[Flag::new(
    Kind::Int64,
    "revision",
    '\0',
    "0",
    "See the details, including podTemplate of the revision specified",
)];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let revision = invocation.int("revision");
    if revision < 0 {
        return Err(Error::new(format_args!("revision must be a positive integer: {revision}")));
    }
    let mut output = Output::from_flags(invocation)?;
    let mut client = Client::new(invocation)?;
    let (infos, mut failures) = targets(invocation, &mut client)?;
    for info in infos {
        if let Err(failure) = one(invocation.sys, &client, &info, revision, &mut output) {
            failures.push(failure);
        }
    }
    finish(&failures)
}

fn one(
    sys: &mut Sys<'_>,
    client: &Client,
    info: &Info,
    revision: i64,
    output: &mut Output,
) -> Result<(), Failure> {
    let (owner, found) = revisions::read(sys, client, info, "history viewer")?;
    if !output.is_message() {
        // With a format the revisions' own objects are printed.
        if revision > 0 && !found.iter().any(|r| r.number == revision) {
            return Err(Failure::message("unable to find the specified revision"));
        }
        for one in found.iter().filter(|r| revision == 0 || r.number == revision) {
            output.print_typed(sys, &one.object, "")?;
        }
        return Ok(());
    }
    if revision > 0 {
        let one = found
            .iter()
            .find(|r| r.number == revision)
            .ok_or_else(|| Failure::message("unable to find the specified revision"))?;
        let mut template = one.template(&owner);
        if !one.cause().is_empty() {
            template =
                template.with_at(&["metadata", "annotations", "kubernetes.io/change-cause"], one.cause());
        }
        let text = crate::describe::pod_template(&template);
        output.print(sys, &info.object, &format!("with revision #{revision}\n{text}"))?;
        return Ok(());
    }
    let text = table(&found);
    output.print(sys, &info.object, &format!("\n{text}"))?;
    Ok(())
}

fn table(found: &[revisions::Revision]) -> String {
    if found.is_empty() {
        return "No rollout history found.".into();
    }
    let mut table = TabWriter::new(0, 8, 2, ' ', 0);
    table.write("REVISION\tCHANGE-CAUSE\n");
    for revision in found {
        let cause = if revision.cause().is_empty() { "<none>" } else { revision.cause() };
        table.write(&format!("{}\t{cause}\n", revision.number));
    }
    table.flush()
}
