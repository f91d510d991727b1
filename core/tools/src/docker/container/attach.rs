//! `docker attach`: joins a running container's streams.

use super::run::check_tty;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Messages, Next};
use crate::docker::session::{Progress, Session, detach_keys};
use crate::docker::usage;
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "attach",
    usage: "[OPTIONS] CONTAINER",
    short: "Join the input and output of a running container",
    long: "docker container attach, docker attach",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("detach-keys", '\0', "", "Keys that leave the container running"),
    Flag::bool("no-stdin", '\0', false, "Do not pass STDIN on"),
    Flag::bool("sig-proxy", '\0', true, "Pass signals on to the container's process"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    // Asked first, so that an end in between is not missed.
    let wait = Request::new(Method::Post, format!("/containers/{name}/wait"));
    let ended = engine.messages(invocation.sys, wait);
    let container = engine.get(invocation.sys, format!("/containers/{name}/json"))?;
    let ended = ended?;
    let state = &container["State"];
    for (field, text) in [
        (!state["Running"].bool(), "You cannot attach to a stopped container, start it first"),
        (state["Paused"].bool(), "You cannot attach to a paused container, unpause it first"),
        (state["Restarting"].bool(), "You cannot attach to a restarting container, wait until it is running"),
    ] {
        if field {
            ended.close(invocation.sys);
            return Err(Error::raw(format!("{text}\n")));
        }
    }
    let stdin = !invocation.bool("no-stdin") && container["Config"]["OpenStdin"].bool();
    let tty = container["Config"]["Tty"].bool();
    check_tty(invocation.sys, stdin, tty)?;
    let keys = detach_keys(invocation.str("detach-keys")).map_err(|t| Error::raw(t + "\n"))?;
    let mut request = Request::new(Method::Post, format!("/containers/{name}/attach"))
        .query("stream", "1")
        .query("stdout", "1")
        .query("stderr", "1")
        .header("Connection", "Upgrade")
        .header("Upgrade", "tcp");
    if stdin {
        request = request.query("stdin", "1");
    }
    let proxy = (invocation.bool("sig-proxy") && !tty).then(|| name.clone());
    let Ok(stream) = engine.stream(invocation.sys, request)? else { return Ok(Flow::Done(0)) };
    let session = Session::new(stream, stdin, tty, keys, proxy);
    Ok(Flow::Continue(Box::new(Attached { engine, session, ended, over: false })))
}

#[derive(Clone, Hash)]
struct Attached {
    engine: Engine,
    session: Session,
    ended: Messages,
    over: bool,
}

impl Behave for Attached {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if !self.over {
            match self.session.poll(sys, &self.engine) {
                Progress::Wait(waits) => return Step::Wait(waits),
                Progress::Detached => {
                    sys.eprint("read escape sequence\n");
                    return Step::Exit(0);
                }
                Progress::Over => self.over = true,
            }
        }
        match self.ended.next(sys) {
            Next::Wait(wait) => Step::wait(wait),
            Next::End => Step::Exit(0),
            Next::Message(message) => {
                self.ended.close(sys);
                Step::Exit(message["StatusCode"].int() as i32)
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        self.session.signal(signal)
    }
}
