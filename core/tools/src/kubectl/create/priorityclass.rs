//! `kubectl create priorityclass`.

use super::{Generator, Place, generator_flags, name_and_rest, policy};
use crate::cli::{Command, Flag, Invocation, Kind, Outcome};

pub const COMMAND: Command = Command {
    name: "priorityclass",
    aliases: &["pc"],
    usage: "priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
    short: "Create a priority class with the specified name",
    long: "Create a priority class with the specified name.",
    examples: "# Create a priority class named high-priority\nkubectl create priorityclass high-priority --value=1000 --description=\"high priority\"",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::new(Kind::Int32, "value", '\0', "0", "the value of this priority class."),
    Flag::bool(
        "global-default",
        '\0',
        false,
        "global-default specifies whether this PriorityClass should be considered as the default priority.",
    ),
    Flag::string(
        "description",
        '\0',
        "",
        "description is an arbitrary string that usually provides guidelines on when this priority class should be used.",
    ),
    Flag::string(
        "preemption-policy",
        '\0',
        "PreemptLowerPriority",
        "preemption-policy is the policy for preempting pods with lower priority.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let policy_name = invocation.str("preemption-policy");
    let object = policy::priority_class(
        &name,
        invocation.int("value"),
        invocation.bool("global-default"),
        invocation.str("description"),
        policy_name,
    );
    let place = Place {
        prefix: "/apis/scheduling.k8s.io/v1",
        plural: "priorityclasses",
        namespaced: false,
        failure: "failed to create priorityclass: ",
    };
    generator.finish(invocation, object, place)
}
