//! `kubectl set selector`: the selector of a Service, whole.

use super::{Words, require_resources, set_flags, update};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::kubectl::create::names::parse_labels;
use crate::kubectl::output::Output;
use crate::kubectl::{Failure, local};

pub const COMMAND: Command = Command {
    name: "selector",
    usage: "selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    short: "Set the selector on a resource",
    long: "Set the selector on a resource. Note that the new selector will overwrite the old selector if the resource had one prior to the invocation of 'set selector'.\n\n Note: currently selectors can only be set on Service objects.",
    examples: "# Set the selector of the service my-svc\nkubectl set selector service my-svc 'environment=qa'",
    flags: set_flags!(FLAGS, crate::kubectl::record::RECORD),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[Flag::string(
    "resource-version",
    '\0',
    "",
    "If non-empty, the selectors update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.",
)];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = Output::from_flags(invocation)?;
    let (mut resources, mut expression) = (invocation.args.clone(), None);
    if resources.last().is_some_and(|last| last.contains('=')) {
        expression = resources.pop();
    }
    require_resources(invocation, &resources)?;
    let Some(expression) = expression else {
        return Err(Error::new("one selector is required"));
    };
    let selector = parse_labels(&expression).map_err(Error::new)?;
    let targets = local::targets(invocation, &resources)?;
    update(invocation, targets, output, "selector updated", Words::Plain(""), &mut |_, info| {
        if info.object["kind"] != "Service" {
            return Err(Failure::message("setting a selector is only supported for Services"));
        }
        Ok(info.object.with_at(&["spec", "selector"], &selector))
    })
}
