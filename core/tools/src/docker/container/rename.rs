//! `docker rename`.

use crate::cli::{Command, Error, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::usage;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "rename",
    usage: "CONTAINER NEW_NAME",
    short: "Give a container another name",
    long: "docker container rename, docker rename",
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 2)?;
    let (old, new) = (invocation.arg(0).unwrap_or("").trim(), invocation.arg(1).unwrap_or("").trim());
    let (old, new) = (old.to_string(), new.to_string());
    if old.is_empty() || new.is_empty() {
        return Err(Error::raw("Error: Neither old nor new names may be empty\n"));
    }
    let engine = Engine::connect(invocation)?;
    let request = Request::new(Method::Post, format!("/containers/{old}/rename")).query("name", new.as_str());
    if let Err(failure) = engine.call(invocation.sys, request) {
        return Err(Error::raw(format!("{}\nError: failed to rename container named {old}\n", failure.text)));
    }
    Ok(Flow::Done(0))
}
