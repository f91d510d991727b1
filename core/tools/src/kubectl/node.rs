//! `kubectl cordon` and `uncordon`: marks nodes unschedulable, or schedulable again.

use super::Failure;
use super::builder::{Builder, Info, Item};
use super::client::{ANY, Client, content};
use super::common::{self, DryRun};
use super::failure::aggregate;
use super::output::Output;
use super::writing::patch_request;
use crate::cli::{Command, Error, Flow, Invocation, Outcome};
use drydock_machinery::{Value, value};

pub const CORDON: Command = Command {
    name: "cordon",
    usage: "cordon NODE",
    short: "Mark node as unschedulable",
    long: "Mark node as unschedulable.",
    examples: "# Mark node \"foo\" as unschedulable\nkubectl cordon foo",
    flags: &[common::SELECTOR, common::DRY_RUN],
    run: |invocation| run(invocation, true),
    ..Command::BASE
};
pub const UNCORDON: Command = Command {
    name: "uncordon",
    usage: "uncordon NODE",
    short: "Mark node as schedulable",
    long: "Mark node as schedulable.",
    examples: "# Mark node \"foo\" as schedulable\nkubectl uncordon foo",
    flags: &[common::SELECTOR, common::DRY_RUN],
    run: |invocation| run(invocation, false),
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>, unschedulable: bool) -> Outcome {
    let dry_run = common::dry_run(invocation)?;
    let mut client = Client::new(invocation)?;
    let (nodes, mut failures) = nodes(invocation, &mut client)?;
    for node in nodes {
        if let Err(failure) = cordon(invocation, &client, &node, unschedulable, dry_run) {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

/// The nodes the arguments or the selector name.
///
/// # Errors
/// Neither names nor a selector, or both.
pub fn nodes(
    invocation: &mut Invocation<'_, '_>,
    client: &mut Client,
) -> Result<(Vec<Info>, Vec<Failure>), Error> {
    let selector = invocation.str("selector").to_string();
    match (invocation.args.is_empty(), selector.is_empty()) {
        (true, true) => {
            return Err(invocation.usage_error(format_args!("USAGE: {} [flags]", invocation.command.usage)));
        }
        (false, false) => {
            return Err(Error::new("error: cannot specify both a node name and a --selector option"));
        }
        _ => {}
    }
    let words: Vec<String> = if selector.is_empty() {
        let named = |a: &String| if a.contains('/') { a.clone() } else { format!("nodes/{a}") };
        invocation.args.iter().map(named).collect()
    } else {
        vec!["nodes".into()]
    };
    let mut builder = Builder::new(invocation).args(&words);
    builder.limit = 0;
    let plan = builder.plan(invocation, client)?;
    let lists = plan.items.iter().any(|i| matches!(i, Item::List { .. }));
    let (infos, failures) = builder.fetch_plan(invocation, client, plan);
    if lists && infos.is_empty() && failures.is_empty() {
        return Err(Error::new(format_args!(
            "no nodes found with selector {}",
            drydock_machinery::quote::go(&selector)
        )));
    }
    Ok((infos, failures))
}

/// Sets `spec.unschedulable` and tells.
///
/// # Errors
/// The server's.
pub fn cordon(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    node: &Info,
    unschedulable: bool,
    dry_run: DryRun,
) -> Result<(), Failure> {
    let verb = if unschedulable { "cordoned" } else { "uncordoned" };
    let mut output = Output { printer: None, dry_run };
    if node.object["spec"]["unschedulable"].bool() == unschedulable {
        output.dry_run = DryRun::None;
        output.print(invocation.sys, &node.object, &format!("already {verb}"))?;
        return Ok(());
    }
    if dry_run != DryRun::Client {
        let wanted = if unschedulable { Value::Bool(true) } else { Value::Null };
        let patch = value!({"spec": {"unschedulable": wanted}});
        let request =
            patch_request(&node.path(), content::STRATEGIC, patch, dry_run, "").header("Accept", ANY);
        client.call(invocation.sys, request).map_err(|failure| {
            let what = if unschedulable { "cordon" } else { "uncordon" };
            Failure::Message(format!(
                "unable to {what} node {}: {}",
                drydock_machinery::quote::go(&node.name),
                failure.text()
            ))
        })?;
    }
    output.print(invocation.sys, &node.object, verb)?;
    Ok(())
}
