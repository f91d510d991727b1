//! `docker stop`.

use crate::cli::{Command, Flag, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::each::{Report, each};
use crate::docker::usage;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "stop",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Stop running containers",
    long: "docker container stop, docker stop",
    flags: &[FLAGS],
    run: |invocation| ended_by(invocation, "stop"),
    ..Command::BASE
};

/// The flags of `stop` and `restart`.
pub const FLAGS: &[Flag] = &[
    Flag::string("signal", 's', "", "Signal to send first"),
    Flag::int("time", '\0', "0", "Seconds to wait before killing").hidden(),
    Flag::int("timeout", 't', "0", "Seconds to wait before killing"),
];

/// `stop` and `restart`: the same but for the path.
///
/// # Errors
/// Arity, or nobody answering.
pub fn ended_by(invocation: &mut Invocation<'_, '_>, verb: &'static str) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    if invocation.changed("time") {
        invocation.print("Flag --time has been deprecated, use --timeout instead\n");
    }
    let signal = invocation.str("signal").to_string();
    let timeout = ["timeout", "time"]
        .into_iter()
        .find(|flag| invocation.changed(flag))
        .map(|flag| invocation.int(flag).to_string());
    let names = invocation.args.clone();
    let request = |name: &str| {
        let mut request = Request::new(Method::Post, format!("/containers/{name}/{verb}"));
        if !signal.is_empty() {
            request = request.query("signal", signal.as_str());
        }
        match &timeout {
            Some(seconds) => request.query("t", seconds.as_str()),
            None => request,
        }
    };
    each(invocation.sys, &engine, &names, request, Report::NAME)
}
