//! `docker system`, `docker version`, `docker info`, `docker events`.

pub mod df;
pub mod df_verbose;
pub mod events;
pub mod info;
pub mod prune;
pub mod version;

use super::usage;
use crate::cli::Command;

pub const COMMAND: Command = Command {
    name: "system",
    usage: "COMMAND",
    short: "Manage Docker itself",
    subcommands: &[&df::COMMAND, &events::COMMAND, &info::COMMAND, &prune::COMMAND],
    run: usage::group,
    ..Command::BASE
};
