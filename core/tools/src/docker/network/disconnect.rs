//! `docker network disconnect`.

use crate::cli::{Command, Flag, Flow};
use crate::docker::api::Engine;
use crate::docker::usage;
use drydock_machinery::value;

pub const COMMAND: Command = Command {
    name: "disconnect",
    usage: "[OPTIONS] NETWORK CONTAINER",
    short: "Take a container off a network",
    flags: &[&[Flag::bool("force", 'f', false, "Even if the container is gone")]],
    run: |invocation| {
        usage::exactly(invocation, 2)?;
        let network = invocation.arg(0).unwrap_or("").to_string();
        let body =
            value!({"Container": (invocation.arg(1).unwrap_or("")), "Force": (invocation.bool("force"))});
        let engine = Engine::connect(invocation)?;
        engine.post(invocation.sys, format!("/networks/{network}/disconnect"), body)?;
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
