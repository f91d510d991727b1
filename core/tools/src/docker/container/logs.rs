//! `docker logs`: what a container printed, and prints from now on with `-f`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::{moment, usage};
use drydock_container::fd::{STDERR, STDOUT};
use drydock_container::machine::Behave;
use drydock_container::machines::Frame;
use drydock_container::{Step, Sys, Wait};
use drydock_network::http::{Request, Stream};

pub const COMMAND: Command = Command {
    name: "logs",
    usage: "[OPTIONS] CONTAINER",
    short: "Show what a container printed",
    long: "docker container logs, docker logs",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("details", '\0', false, "Attributes given to the log too"),
    Flag::bool("follow", 'f', false, "Go on with what is printed from now on"),
    Flag::string("since", '\0', "", "From this moment on (2013-01-02T13:23:37Z, or 42m ago)"),
    Flag::string("tail", 'n', "all", "Only so many of the last lines"),
    Flag::bool("timestamps", 't', false, "When each line was printed"),
    Flag::string("until", '\0', "", "Up to this moment (2013-01-02T13:23:37Z, or 42m ago)"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    let container = engine.get(invocation.sys, format!("/containers/{name}/json"))?;
    let id = container["Id"].text().to_string();
    let mut request =
        Request::get(format!("/containers/{id}/logs")).query("stdout", "1").query("stderr", "1");
    for flag in ["since", "until"] {
        if !invocation.str(flag).is_empty() {
            let at = moment::parse(invocation.sys, invocation.str(flag))
                .map_err(|text| Error::raw(format!("invalid value for \"{flag}\": {text}\n")))?;
            request = request.query(flag, at);
        }
    }
    for (flag, key) in [("details", "details"), ("follow", "follow"), ("timestamps", "timestamps")] {
        if invocation.bool(flag) {
            request = request.query(key, "1");
        }
    }
    request = request.query("tail", invocation.str("tail"));
    match engine.stream(invocation.sys, request)? {
        Ok(stream) => Ok(Flow::Continue(Box::new(Following { stream }))),
        Err(reply) => {
            let raw = container["Config"]["Tty"].bool();
            print(invocation.sys, &reply.body.bytes(), raw);
            Ok(Flow::Done(0))
        }
    }
}

/// Bytes as they are, or apart by the eight-byte headers that tell stdout from stderr.
fn print(sys: &mut Sys<'_>, bytes: &[u8], raw: bool) {
    if raw {
        sys.write(STDOUT, bytes);
        return;
    }
    let mut rest = bytes;
    while let Some((header, after)) = rest.split_at_checked(8) {
        let size = header.get(4..8).unwrap_or(&[]).iter().fold(0_usize, |n, b| n << 8 | usize::from(*b));
        let (part, next) = after.split_at(size.min(after.len()));
        sys.write(if header.first() == Some(&2) { STDERR } else { STDOUT }, part);
        rest = next;
    }
}

#[derive(Clone, Hash)]
struct Following {
    stream: Stream,
}

impl Behave for Following {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        loop {
            match sys.read_stream(self.stream) {
                Frame::Bytes { channel, bytes } => {
                    sys.write(if channel == 2 { STDERR } else { STDOUT }, &bytes);
                }
                Frame::Json(_) => {}
                Frame::Pending => return Step::wait(Wait::Stream(self.stream)),
                Frame::End => return Step::Exit(0),
            }
        }
    }
}
