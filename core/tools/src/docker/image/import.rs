//! `docker import`: an image of one layer from a filesystem's tar archive.

use super::load::Showing;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::progress::Display;
use crate::docker::reference::Reference;
use crate::docker::usage;
use drydock_container::fd::STDOUT;
use drydock_network::http::{Body, Method, Request};

pub const COMMAND: Command = Command {
    name: "import",
    usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
    short: "Make an image from a tar archive of files",
    long: "docker image import, docker import",
    flags: &[FLAGS],
    takes_stdin: |parsed| parsed.args.first().is_some_and(|a| a == "-"),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::array("change", 'c', "Dockerfile instruction to apply to the image").called("list"),
    Flag::string("message", 'm', "", "What it is"),
    Flag::string("platform", '\0', "", "Platform of the image"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let source = invocation.arg(0).unwrap_or("").to_string();
    let target = invocation.arg(1).unwrap_or("").to_string();
    let mut body = Body::Empty;
    let from = if source.starts_with("http://") || source.starts_with("https://") {
        source
    } else {
        let bytes = if source == "-" {
            invocation.stdin.take().unwrap_or_default().into()
        } else {
            invocation
                .sys
                .read_file(&source)
                .map_err(|e| Error::raw(format!("open {source}: {}\n", e.text().to_lowercase())))?
        };
        body = Body::Bytes(bytes);
        "-".into()
    };
    if !target.is_empty() {
        Reference::parse(&target).map_err(|text| Error::raw(text + "\n"))?;
    }
    let mut request = Request::new(Method::Post, "/images/create").query("fromSrc", from);
    for (key, text) in [
        ("repo", target.as_str()),
        ("message", invocation.str("message")),
        ("platform", invocation.str("platform")),
    ] {
        if !text.is_empty() {
            request = request.query(key, text);
        }
    }
    for change in invocation.list("change") {
        request = request.query("changes", change);
    }
    let engine = Engine::connect(invocation)?;
    let messages = engine.messages(invocation.sys, request.body(body))?;
    Ok(Flow::Continue(Box::new(Showing { display: Display::new(messages, Some(STDOUT)) })))
}
