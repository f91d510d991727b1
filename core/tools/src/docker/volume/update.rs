//! `docker volume update`: for Swarm's cluster volumes only, so here always refused.

use crate::cli::{Command, Error, Flag};
use crate::docker::usage;

pub const COMMAND: Command = Command {
    name: "update",
    usage: "[OPTIONS] [VOLUME]",
    short: "Change a cluster volume",
    flags: &[&[Flag::string(
        "availability",
        '\0',
        "active",
        "Cluster volume availability (\"active\", \"pause\", \"drain\")",
    )]],
    run: |invocation| {
        usage::exactly(invocation, 1)?;
        Err(Error::raw(
            "Error response from daemon: This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.\n",
        ))
    },
    ..Command::BASE
};
