//! `docker kill`.

use crate::cli::{Command, Flag};
use crate::docker::api::Engine;
use crate::docker::each::{Report, each};
use crate::docker::usage;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "kill",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Send a signal to running containers, SIGKILL by default",
    long: "docker container kill, docker kill",
    flags: &[&[Flag::string("signal", 's', "", "Signal to send")]],
    run: |invocation| {
        usage::at_least(invocation, 1)?;
        let engine = Engine::connect(invocation)?;
        let signal = invocation.str("signal").to_string();
        let names = invocation.args.clone();
        let request = |name: &str| {
            let request = Request::new(Method::Post, format!("/containers/{name}/kill"));
            if signal.is_empty() { request } else { request.query("signal", signal.as_str()) }
        };
        each(invocation.sys, &engine, &names, request, Report::NAME)
    },
    ..Command::BASE
};
