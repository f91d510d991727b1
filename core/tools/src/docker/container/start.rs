//! `docker start`, with `-a` and `-i` attached to the one container.

use super::run::check_tty;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Failure, Messages, Next, Pending};
use crate::docker::each::{Report, each};
use crate::docker::session::{Progress, Session, detach_keys};
use crate::docker::usage;
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "start",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Start containers that are not running",
    long: "docker container start, docker start",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("attach", 'a', false, "Show STDOUT and STDERR, and pass signals on"),
    Flag::string("checkpoint", '\0', "", "Checkpoint to begin from").hidden(),
    Flag::string("checkpoint-dir", '\0', "", "Where checkpoints are kept").hidden(),
    Flag::string("detach-keys", '\0', "", "Keys that leave the container running"),
    Flag::bool("interactive", 'i', false, "Pass STDIN on"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    if !invocation.bool("attach") && !invocation.bool("interactive") {
        let report = Report {
            summary: |names| format!("Error: failed to start containers: {}\n", names.join(", ")),
            ..Report::NAME
        };
        let names = invocation.args.clone();
        let request = |name: &str| Request::new(Method::Post, format!("/containers/{name}/start"));
        return each(invocation.sys, &engine, &names, request, report);
    }
    let [name] = invocation.args.as_slice() else {
        return Err(Error::raw("you cannot start and attach multiple containers at once\n"));
    };
    let name = name.clone();
    let container = engine.get(invocation.sys, format!("/containers/{name}/json"))?;
    let config = &container["Config"];
    let stdin = invocation.bool("interactive") && config["OpenStdin"].bool();
    let tty = config["Tty"].bool();
    check_tty(invocation.sys, stdin, tty)?;
    let keys = detach_keys(invocation.str("detach-keys")).map_err(|t| Error::raw(t + "\n"))?;
    let id = container["Id"].text().to_string();
    let mut request = Request::new(Method::Post, format!("/containers/{id}/attach"))
        .query("stream", "1")
        .query("stdout", "1")
        .query("stderr", "1")
        .header("Connection", "Upgrade")
        .header("Upgrade", "tcp");
    if stdin {
        request = request.query("stdin", "1");
    }
    let sys = &mut *invocation.sys;
    let Ok(stream) = engine.stream(sys, request)? else { return Ok(Flow::Done(0)) };
    let condition = if container["HostConfig"]["AutoRemove"].bool() { "removed" } else { "next-exit" };
    let wait = Request::new(Method::Post, format!("/containers/{id}/wait")).query("condition", condition);
    let ended = engine.messages(sys, wait)?;
    let starting = engine.begin(sys, Request::new(Method::Post, format!("/containers/{id}/start")));
    let proxy = (!tty).then(|| id.clone());
    let session = Session::new(stream, stdin, tty, keys, proxy);
    Ok(Flow::Continue(Box::new(Attached { engine, starting: Some(starting), session, ended, over: false })))
}

#[derive(Clone, Hash)]
struct Attached {
    engine: Engine,
    starting: Option<Pending>,
    session: Session,
    ended: Messages,
    over: bool,
}

impl Attached {
    fn fail(sys: &mut Sys<'_>, failure: &Failure) -> Step {
        sys.eprint(&format!("{}\n", failure.text));
        Step::Exit(1)
    }
}

impl Behave for Attached {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(pending) = &mut self.starting {
            match pending.poll(sys) {
                Err(wait) => return Step::wait(wait),
                Ok(Err(failure)) => return Attached::fail(sys, &failure),
                Ok(Ok(_)) => self.starting = None,
            }
        }
        if !self.over {
            match self.session.poll(sys, &self.engine) {
                Progress::Wait(waits) => return Step::Wait(waits),
                Progress::Detached => return Step::Exit(0),
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
