//! Commands on containers, each also below `docker container`.

pub mod attach;
pub mod commit;
pub mod cp;
pub mod create;
pub mod diff;
pub mod exec;
pub mod export;
pub mod inspect;
pub mod kill;
pub mod logs;
pub mod pause;
pub mod port;
pub mod prune;
pub mod ps;
pub mod rename;
pub mod restart;
pub mod rm;
pub mod run;
pub mod start;
pub mod stats;
pub mod stop;
pub mod top;
pub mod update;
pub mod wait;

use super::usage;
use crate::cli::Command;

/// `docker container`.
pub const COMMAND: Command = Command {
    name: "container",
    usage: "COMMAND",
    short: "Manage containers",
    subcommands: &[
        &attach::COMMAND,
        &commit::COMMAND,
        &cp::COMMAND,
        &create::COMMAND,
        &diff::COMMAND,
        &exec::COMMAND,
        &export::COMMAND,
        &inspect::COMMAND,
        &kill::COMMAND,
        &logs::COMMAND,
        &ps::LIST,
        &pause::COMMAND,
        &port::COMMAND,
        &prune::COMMAND,
        &rename::COMMAND,
        &restart::COMMAND,
        &rm::REMOVE,
        &run::COMMAND,
        &start::COMMAND,
        &stats::COMMAND,
        &stop::COMMAND,
        &top::COMMAND,
        &pause::UNPAUSE,
        &update::COMMAND,
        &wait::COMMAND,
    ],
    run: usage::group,
    ..Command::BASE
};
