//! `kubectl create quota`.

use super::{Generator, Place, generator_flags, name_and_rest, policy};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};

pub const COMMAND: Command = Command {
    name: "quota",
    aliases: &["resourcequota"],
    usage: "quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
    short: "Create a quota with the specified name",
    long: "Create a quota with the specified name.",
    examples: "# Create a new resource quota named my-quota\nkubectl create quota my-quota --hard=cpu=1,memory=1G,pods=2,services=3",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string(
        "hard",
        '\0',
        "",
        "A comma-delimited set of resource=quantity pairs that define a hard limit.",
    ),
    Flag::string(
        "scopes",
        '\0',
        "",
        "A comma-delimited set of quota scopes that must all match each object tracked by the quota.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let object =
        policy::quota(&name, generator.namespace(), invocation.str("hard"), invocation.str("scopes"))
            .map_err(Error::new)?;
    let place = Place {
        prefix: "/api/v1",
        plural: "resourcequotas",
        namespaced: true,
        failure: "failed to create quota: ",
    };
    generator.finish(invocation, object, place)
}
