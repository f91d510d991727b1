//! `kubectl create serviceaccount`.

use super::{Generator, Place, generator_flags, name_and_rest, policy};
use crate::cli::{Command, Flag, Invocation, Outcome};

pub const COMMAND: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    usage: "serviceaccount NAME [--dry-run=server|client|none]",
    short: "Create a service account with the specified name",
    long: "Create a service account with the specified name.",
    examples: "# Create a new service account named my-service-account\nkubectl create serviceaccount my-service-account",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let object = policy::service_account(&name, generator.namespace());
    let place = Place {
        prefix: "/api/v1",
        plural: "serviceaccounts",
        namespaced: true,
        failure: "failed to create serviceaccount: ",
    };
    generator.finish(invocation, object, place)
}
