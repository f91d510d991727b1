//! `docker image inspect`.

use crate::cli::{Command, Flag};
use crate::docker::api::Engine;
use crate::docker::{inspect, usage};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Show all there is to know of images",
    flags: &[&[
        inspect::FORMAT,
        Flag::string("platform", '\0', "", "Platform of the image, where there are several"),
    ]],
    run: |invocation| {
        usage::at_least(invocation, 1)?;
        let engine = Engine::connect(invocation)?;
        inspect::each(invocation, |sys, name| engine.call(sys, Request::get(format!("/images/{name}/json"))))
    },
    ..Command::BASE
};
