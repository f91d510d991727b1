//! `docker save`: images as a tar archive.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::container::export::{check_output, write_to};
use crate::docker::usage;
use drydock_container::fd::STDOUT;
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "save",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Write images as a tar archive",
    long: "docker image save, docker save",
    flags: &[&[
        Flag::string("output", 'o', "", "File to write to, instead of STDOUT"),
        Flag::string("platform", '\0', "", "Platform of the image, where there are several"),
    ]],
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let output = invocation.str("output").to_string();
    if output.is_empty() && invocation.sys.is_tty(STDOUT) {
        return Err(Error::raw("cowardly refusing to save to a terminal. Use the -o flag or redirect\n"));
    }
    check_output(invocation, &output, "failed to save image")?;
    let engine = Engine::connect(invocation)?;
    let mut request = Request::get("/images/get");
    for name in &invocation.args {
        request = request.query("names", name.as_str());
    }
    let archive = engine.call(invocation.sys, request)?;
    write_to(invocation, &output, &archive.body.bytes())?;
    Ok(Flow::Done(0))
}
