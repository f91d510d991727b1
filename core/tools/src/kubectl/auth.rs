//! `kubectl auth`: may I, what may I, who am I, make it so. Follows `k8s.io/kubectl/pkg/cmd/auth`.

mod can_i;
mod reconcile;
mod whoami;

use super::root;
use crate::cli::Command;

pub const COMMAND: Command = Command {
    name: "auth",
    usage: "auth [flags]",
    short: "Inspect authorization",
    long: "Inspect authorization.",
    subcommands: &[&can_i::COMMAND, &reconcile::COMMAND, &whoami::COMMAND],
    run: root::group,
    ..Command::BASE
};
