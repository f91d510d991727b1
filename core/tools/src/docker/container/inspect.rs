//! `docker container inspect`.

use crate::cli::{Command, Flag};
use crate::docker::api::Engine;
use crate::docker::{inspect, usage};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Show all there is to know of containers",
    flags: &[&[inspect::FORMAT, Flag::bool("size", 's', false, "Sizes of its files too")]],
    run: |invocation| {
        usage::at_least(invocation, 1)?;
        let engine = Engine::connect(invocation)?;
        let size = invocation.bool("size");
        inspect::each(invocation, |sys, name| {
            let request = Request::get(format!("/containers/{name}/json"));
            engine.call(sys, if size { request.query("size", "1") } else { request })
        })
    },
    ..Command::BASE
};
