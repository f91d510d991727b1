//! `docker commit`: an image from a container's changes.

use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::each::{Report, each};
use crate::docker::reference::Reference;
use crate::docker::usage;
use drydock_machinery::Value;
use drydock_network::http::{Body, Method, Request};

pub const COMMAND: Command = Command {
    name: "commit",
    usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
    short: "Make an image from what a container changed",
    long: "docker container commit, docker commit",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("author", 'a', "", "Who made it"),
    Flag::array("change", 'c', "Dockerfile instruction to apply to the image").called("list"),
    Flag::string("message", 'm', "", "What was changed"),
    Flag::bool("pause", 'p', true, "Pause the container meanwhile"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::between(invocation, 1, 2)?;
    let container = invocation.arg(0).unwrap_or("").to_string();
    let mut request = Request::new(Method::Post, "/commit").query("container", container.as_str());
    let (mut repository, mut tagged) = (String::new(), String::new());
    if let Some(name) = invocation.arg(1).filter(|n| !n.is_empty()) {
        let image = Reference::parse(name).map_err(|text| Error::raw(text + "\n"))?;
        if !image.digest.is_empty() {
            return Err(Error::raw("refusing to create a tag with a digest reference\n"));
        }
        let tag = if image.tag.is_empty() { "latest" } else { &image.tag };
        (repository, tagged) = (image.name(), tag.to_string());
    }
    request = request
        .query("repo", repository)
        .query("tag", tagged)
        .query("author", invocation.str("author"))
        .query("comment", invocation.str("message"));
    for change in invocation.list("change") {
        request = request.query("changes", change);
    }
    if !invocation.bool("pause") {
        request = request.query("pause", "0");
    }
    let request = request.header("Content-Type", "application/json").body(Body::Json(Value::Null));
    let engine = Engine::connect(invocation)?;
    let report = Report { done: |_, reply| format!("{}\n", reply.json()["Id"].text()), ..Report::NAME };
    each(invocation.sys, &engine, &[container], |_| request.clone(), report)
}
