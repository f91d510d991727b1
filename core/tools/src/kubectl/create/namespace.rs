//! `kubectl create namespace`.

use super::{Generator, Place, generator_flags, name_and_rest, policy};
use crate::cli::{Command, Flag, Invocation, Outcome};

pub const COMMAND: Command = Command {
    name: "namespace",
    aliases: &["ns"],
    usage: "namespace NAME [--dry-run=server|client|none]",
    short: "Create a namespace with the specified name",
    long: "Create a namespace with the specified name.",
    examples: "# Create a new namespace named my-namespace\nkubectl create namespace my-namespace",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let place = Place { prefix: "/api/v1", plural: "namespaces", namespaced: false, failure: "" };
    generator.finish(invocation, policy::namespace(&name), place)
}
