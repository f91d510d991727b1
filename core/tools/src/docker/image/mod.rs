//! Commands on images, each also below `docker image`.

pub mod history;
pub mod import;
pub mod inspect;
pub mod list;
pub mod load;
pub mod prune;
pub mod pull;
pub mod push;
pub mod rm;
pub mod save;
pub mod search;
pub mod tag;
pub mod tree;

use super::usage;
use crate::cli::Command;

/// `docker image`.
pub const COMMAND: Command = Command {
    name: "image",
    usage: "COMMAND",
    short: "Manage images",
    subcommands: &[
        &crate::docker::build::COMMAND,
        &history::COMMAND,
        &import::COMMAND,
        &inspect::COMMAND,
        &load::COMMAND,
        &list::LIST,
        &prune::COMMAND,
        &pull::COMMAND,
        &push::COMMAND,
        &rm::REMOVE,
        &save::COMMAND,
        &tag::COMMAND,
    ],
    run: usage::group,
    ..Command::BASE
};
