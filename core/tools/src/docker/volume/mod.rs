//! `docker volume`.

pub mod create;
pub mod inspect;
pub mod list;
pub mod prune;
pub mod rm;
pub mod update;

use super::usage;
use crate::cli::Command;

pub const COMMAND: Command = Command {
    name: "volume",
    usage: "COMMAND",
    short: "Manage volumes",
    subcommands: &[
        &create::COMMAND,
        &inspect::COMMAND,
        &list::COMMAND,
        &prune::COMMAND,
        &rm::COMMAND,
        &update::COMMAND,
    ],
    run: usage::group,
    ..Command::BASE
};
