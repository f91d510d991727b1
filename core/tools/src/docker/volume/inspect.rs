//! `docker volume inspect`.

use crate::cli::Command;
use crate::docker::api::Engine;
use crate::docker::{inspect, usage};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    short: "Show all there is to know of volumes",
    flags: &[&[inspect::FORMAT]],
    run: |invocation| {
        usage::at_least(invocation, 1)?;
        let engine = Engine::connect(invocation)?;
        inspect::each(invocation, |sys, name| engine.call(sys, Request::get(format!("/volumes/{name}"))))
    },
    ..Command::BASE
};
