//! `docker network`.

pub mod connect;
pub mod create;
pub mod disconnect;
pub mod inspect;
pub mod list;
pub mod prune;
pub mod rm;

use super::usage;
use crate::cli::Command;

pub const COMMAND: Command = Command {
    name: "network",
    usage: "COMMAND",
    short: "Manage networks",
    subcommands: &[
        &connect::COMMAND,
        &create::COMMAND,
        &disconnect::COMMAND,
        &inspect::COMMAND,
        &list::COMMAND,
        &prune::COMMAND,
        &rm::COMMAND,
    ],
    run: usage::group,
    ..Command::BASE
};
