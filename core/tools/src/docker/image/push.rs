//! `docker push`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::progress::Display;
use crate::docker::reference::Reference;
use crate::docker::usage;
use drydock_container::fd::STDOUT;
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "push",
    usage: "[OPTIONS] NAME[:TAG]",
    short: "Bring an image to a registry",
    long: "docker image push, docker push",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("all-tags", 'a', false, "All tags of the repository"),
    Flag::bool("disable-content-trust", '\0', true, "Do not sign the image"),
    Flag::string("platform", '\0', "", "Platform of the image, where there are several"),
    Flag::bool("quiet", 'q', false, "Do not show how it goes"),
];

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
    let mut request = Request::new(Method::Post, format!("/images/{}/push", image.name()));
    if !all {
        request = request.query("tag", if image.tag.is_empty() { "latest" } else { &image.tag });
    }
    let auth = engine.settings.auth_header(&image.domain);
    let messages = engine.messages(invocation.sys, request.header("X-Registry-Auth", &auth))?;
    let display = Display::new(messages, (!quiet).then_some(STDOUT));
    let name = quiet.then(|| if all { image.name() } else { image.full() });
    Ok(Flow::Continue(Box::new(Pushing { display, name })))
}

#[derive(Clone, Hash)]
struct Pushing {
    display: Display,
    /// Printed at the end when quiet.
    name: Option<String>,
}

impl Behave for Pushing {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.display.poll(sys) {
            Ok(Some(wait)) => Step::wait(wait),
            Ok(None) => {
                if let Some(name) = &self.name {
                    sys.print(&format!("{name}\n"));
                }
                Step::Exit(0)
            }
            Err(failure) => {
                sys.eprint(&format!("{}\n", failure.text));
                Step::Exit(1)
            }
        }
    }
}
