//! `docker manifest inspect`: what a registry says of an image.
//!
//! Left out: making and pushing manifest lists, `--verbose`.

use super::api::Engine;
use super::reference::Reference;
use super::usage;
use super::{inspect, settings};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "manifest",
    usage: "COMMAND",
    short: "Manage manifests of images",
    subcommands: &[&INSPECT],
    run: usage::group,
    ..Command::BASE
};

const INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST",
    short: "Show an image's manifest",
    flags: &[&[
        Flag::bool("insecure", '\0', false, "Allow a registry without TLS"),
        Flag::bool("verbose", 'v', false, "Layers and platform too"),
    ]],
    run: show,
    ..Command::BASE
};

fn show(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::between(invocation, 1, 2)?;
    let name = invocation.args.last().cloned().unwrap_or_default();
    let image = Reference::parse(&name).map_err(|text| Error::raw(text + "\n"))?;
    let engine = Engine::connect(invocation)?;
    let auth: &settings::Settings = &engine.settings;
    let auth = auth.auth_header(&image.domain);
    // The daemon asks the registry for us: the client has no network of its own here.
    let request =
        Request::get(format!("/distribution/{}/json", image.full())).header("X-Registry-Auth", &auth);
    match engine.call(invocation.sys, request) {
        Ok(reply) => {
            let text = inspect::indent(&reply.text());
            invocation.print(&format!("{text}\n"));
            Ok(Flow::Done(0))
        }
        Err(_) => Err(Error::raw(format!("no such manifest: {}\n", image.full()))),
    }
}
