//! `docker pull`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Failure, Messages};
use crate::docker::progress::Display;
use crate::docker::reference::Reference;
use crate::docker::usage;
use drydock_container::fd::STDOUT;
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "pull",
    usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
    short: "Get an image from a registry",
    long: "docker image pull, docker pull",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("all-tags", 'a', false, "All tags of the repository"),
    Flag::bool("disable-content-trust", '\0', true, "Do not verify the image's signature"),
    Flag::string("platform", '\0', "", "Platform of the image, where there are several"),
    Flag::bool("quiet", 'q', false, "Do not show how it goes"),
];

/// Asks the daemon to pull.
///
/// # Errors
/// The daemon's refusal.
pub fn request(
    sys: &mut Sys<'_>,
    engine: &Engine,
    image: &Reference,
    all: bool,
    platform: &str,
) -> Result<Messages, Failure> {
    let mut request = Request::new(Method::Post, "/images/create").query("fromImage", image.name());
    if !all {
        let tag = match (image.digest.as_str(), image.tag.as_str()) {
            ("", "") => "latest",
            ("", tag) => tag,
            (digest, _) => digest,
        };
        request = request.query("tag", tag);
    }
    if !platform.is_empty() {
        request = request.query("platform", platform);
    }
    let auth = engine.settings.auth_header(&image.domain);
    engine.messages(sys, request.header("X-Registry-Auth", &auth))
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let image = Reference::parse(invocation.arg(0).unwrap_or("")).map_err(|text| Error::raw(text + "\n"))?;
    let all = invocation.bool("all-tags");
    let quiet = invocation.bool("quiet");
    if all && !image.is_name_only() {
        return Err(Error::raw("tag can't be used with --all-tags/-a\n"));
    }
    if !all && image.is_name_only() && !quiet {
        invocation.print("Using default tag: latest\n");
    }
    let engine = Engine::connect(invocation)?;
    let platform = invocation.str("platform").to_string();
    let messages = request(invocation.sys, &engine, &image, all, &platform)?;
    let display = Display::new(messages, (!quiet).then_some(STDOUT));
    let name = if all { image.name() } else { image.full() };
    Ok(Flow::Continue(Box::new(Pulling { display, name })))
}

#[derive(Clone, Hash)]
struct Pulling {
    display: Display,
    name: String,
}

impl Behave for Pulling {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.display.poll(sys) {
            Ok(Some(wait)) => Step::wait(wait),
            Ok(None) => {
                sys.print(&format!("{}\n", self.name));
                Step::Exit(0)
            }
            Err(failure) => {
                sys.eprint(&format!("{}\n", failure.text));
                Step::Exit(1)
            }
        }
    }
}
