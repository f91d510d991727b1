//! `docker volume update`: for Swarm's cluster volumes only, so here always refused.

use crate::cli::{Command, Error, Flag};
use crate::docker::api::Engine;
use crate::docker::usage;

pub const COMMAND: Command = Command {
    name: "update",
    usage: "[OPTIONS] [VOLUME]",
    short: "Change a cluster volume",
    flags: &[&[Flag::string("availability", '\0', "active", "\"active\", \"pause\" or \"drain\"")]],
    run: |invocation| {
        usage::exactly(invocation, 1)?;
        let engine = Engine::connect(invocation)?;
        let name = invocation.arg(0).unwrap_or("").to_string();
        engine.get(invocation.sys, format!("/volumes/{name}"))?;
        Err(Error::raw("can only update cluster volumes\n"))
    },
    ..Command::BASE
};
