//! `docker tag`.

use crate::cli::{Command, Error, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::reference::Reference;
use crate::docker::usage;
use drydock_machinery::quote;
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "tag",
    usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
    short: "Give an image another name",
    long: "docker image tag, docker tag",
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 2)?;
    let (source, target) =
        (invocation.arg(0).unwrap_or("").to_string(), invocation.arg(1).unwrap_or("").to_string());
    let parse = |text: &str| {
        Reference::parse(text).map_err(|why| {
            Error::raw(format!(
                "Error parsing reference: {} is not a valid repository/tag: {why}\n",
                quote::go(text)
            ))
        })
    };
    let is_id = source.len() == 64 && source.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_id && !source.starts_with("sha256:") {
        parse(&source)?;
    }
    let target = parse(&target)?;
    if !target.digest.is_empty() {
        return Err(Error::raw("refusing to create a tag with a digest reference\n"));
    }
    let tag = if target.tag.is_empty() { "latest" } else { &target.tag };
    let engine = Engine::connect(invocation)?;
    let request = Request::new(Method::Post, format!("/images/{source}/tag"))
        .query("repo", target.name())
        .query("tag", tag);
    engine.call(invocation.sys, request)?;
    Ok(Flow::Done(0))
}
