//! `docker restart`.

use super::stop;
use crate::cli::Command;

pub const COMMAND: Command = Command {
    name: "restart",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Stop containers and start them again",
    long: "docker container restart, docker restart",
    flags: &[stop::FLAGS],
    run: |invocation| stop::ended_by(invocation, "restart"),
    ..Command::BASE
};
