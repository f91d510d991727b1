//! `docker network inspect`.

use crate::cli::{Command, Flag};
use crate::docker::api::Engine;
use crate::docker::{inspect, usage};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] NETWORK [NETWORK...]",
    short: "Show all there is to know of networks",
    flags: &[&[inspect::FORMAT, Flag::bool("verbose", 'v', false, "More, to look for faults")]],
    run: |invocation| {
        usage::at_least(invocation, 1)?;
        let engine = Engine::connect(invocation)?;
        let verbose = invocation.bool("verbose");
        inspect::each(invocation, |sys, name| {
            let request = Request::get(format!("/networks/{name}"));
            engine.call(sys, if verbose { request.query("verbose", "true") } else { request })
        })
    },
    ..Command::BASE
};
