//! `docker run`: create, attach, wait, start, and the container's exit code. Follows
//! `docker/cli` 28's `runContainer`.

use super::create::{Creation, with_help};
use crate::cli::{Command, Error, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Failure, Messages, Next, Pending};
use crate::docker::options::{CREATE, RUN_ONLY, RUNNING};
use crate::docker::session::{Progress, Session, detach_keys};
use crate::docker::usage;
use drydock_container::fd::STDIN;
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys, Wait};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "run",
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Make a container from an image and start it",
    long: "docker container run, docker run",
    flags: &[CREATE, RUNNING, RUN_ONLY],
    interspersed: false,
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let path = invocation.path.clone();
    let creation = Creation::new(invocation.sys, &path, &invocation.flags, &invocation.args)?;
    let engine = Engine::connect(invocation).map_err(|e| with_help(&path, e.text.trim_end(), 125))?;
    let detached = invocation.bool("detach");
    if detached && !invocation.list("attach").is_empty() {
        return Err(Error::raw("conflicting options: cannot specify both --attach and --detach\n"));
    }
    let body = creation.body();
    let (tty, stdin) = (body["Tty"].bool(), body["AttachStdin"].bool());
    if !detached {
        check_tty(invocation.sys, stdin, tty)?;
    }
    let given = if invocation.str("detach-keys").is_empty() {
        engine.settings.format("detachKeys").to_string()
    } else {
        invocation.str("detach-keys").to_string()
    };
    let keys = detach_keys(&given).map_err(|text| with_help(&path, &text, 125))?;
    let sig_proxy = invocation.bool("sig-proxy") && !tty;
    let run = Running {
        remove: invocation.bool("rm"),
        path,
        engine,
        detached,
        tty,
        stdin,
        streams: (body["AttachStdout"].bool(), body["AttachStderr"].bool()),
        keys,
        sig_proxy,
        id: String::new(),
        session: None,
        ended: None,
        stage: Stage::Creating(Box::new(creation)),
    };
    Ok(Flow::Continue(Box::new(run)))
}

/// `-it` needs a terminal.
///
/// # Errors
/// `the input device is not a TTY`.
pub fn check_tty(sys: &Sys<'_>, stdin: bool, tty: bool) -> Result<(), Error> {
    if stdin && tty && !sys.is_tty(STDIN) {
        return Err(Error::raw("the input device is not a TTY\n"));
    }
    Ok(())
}

#[derive(Clone, Debug, PartialEq, Hash)]
enum Stage {
    Creating(Box<Creation>),
    Starting(Pending),
    Attached,
    Ending,
    /// A start that failed, and `--rm`: the container's removal is waited for.
    Failed(i32, String),
}

#[derive(Clone, Hash)]
struct Running {
    path: String,
    engine: Engine,
    detached: bool,
    remove: bool,
    tty: bool,
    stdin: bool,
    streams: (bool, bool),
    keys: Vec<u8>,
    sig_proxy: bool,
    id: String,
    session: Option<Session>,
    /// The answer to the wait for the container's end.
    ended: Option<Messages>,
    stage: Stage,
}

impl Running {
    /// Attaches and asks to be told the end, then starts.
    fn start(&mut self, sys: &mut Sys<'_>) -> Result<(), Failure> {
        let id = self.id.clone();
        let (stdout, stderr) = self.streams;
        if !self.detached && (self.stdin || stdout || stderr) {
            let mut request =
                Request::new(Method::Post, format!("/containers/{id}/attach")).query("stream", "1");
            for (name, wanted) in [("stdin", self.stdin), ("stdout", stdout), ("stderr", stderr)] {
                if wanted {
                    request = request.query(name, "1");
                }
            }
            let request = request.header("Connection", "Upgrade").header("Upgrade", "tcp");
            if let Ok(stream) = self.engine.stream(sys, request)? {
                let proxy = self.sig_proxy.then(|| id.clone());
                self.session = Some(Session::new(stream, self.stdin, self.tty, self.keys.clone(), proxy));
            }
        }
        let condition = if self.remove { "removed" } else { "next-exit" };
        let request =
            Request::new(Method::Post, format!("/containers/{id}/wait")).query("condition", condition);
        self.ended = Some(self.engine.messages(sys, request)?);
        let request = Request::new(Method::Post, format!("/containers/{id}/start"));
        self.stage = Stage::Starting(self.engine.begin(sys, request));
        Ok(())
    }
    fn fail(&mut self, sys: &mut Sys<'_>, failure: &Failure) -> Step {
        if self.detached && !self.id.is_empty() {
            sys.print(&format!("{}\n", self.id));
        }
        let code = exit_code(&failure.text);
        let error = with_help(&self.path, &failure.text, code);
        self.stage = Stage::Failed(code, error.text);
        Step::Again
    }
    fn started(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.detached {
            sys.print(&format!("{}\n", self.id));
            if let Some(ended) = &self.ended {
                ended.close(sys);
            }
            return Step::Exit(0);
        }
        self.stage = if self.session.is_some() { Stage::Attached } else { Stage::Ending };
        Step::Again
    }
    fn ending(&mut self, sys: &mut Sys<'_>) -> Step {
        let Some(ended) = &mut self.ended else { return Step::Exit(0) };
        match ended.next(sys) {
            Next::Wait(wait) => Step::wait(wait),
            Next::End => Step::Exit(0),
            Next::Message(message) => {
                let error = message["Error"]["Message"].text().to_string();
                ended.close(sys);
                if error.is_empty() {
                    return Step::Exit(message["StatusCode"].int() as i32);
                }
                sys.eprint(&format!("Error waiting for container: {error}\n"));
                Step::Exit(125)
            }
        }
    }
}

/// 127 when the program is missing, 126 when it cannot be run, else 125.
fn exit_code(text: &str) -> i32 {
    if ["executable file not found", "no such file or directory", "system cannot find the file specified"]
        .iter()
        .any(|t| text.contains(t))
    {
        return 127;
    }
    if text.contains("permission denied") || text.contains("is a directory") { 126 } else { 125 }
}

impl Behave for Running {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match &mut self.stage {
            Stage::Creating(creation) => match creation.poll(sys, &self.engine) {
                Ok(Err(wait)) => Step::wait(wait),
                Ok(Ok(created)) => {
                    self.id = created["Id"].text().to_string();
                    match self.start(sys) {
                        Ok(()) => Step::Again,
                        Err(failure) => self.fail(sys, &failure),
                    }
                }
                Err(failure) => {
                    self.id.clear();
                    self.fail(sys, &failure)
                }
            },
            Stage::Starting(pending) => match pending.poll(sys) {
                Err(wait) => Step::wait(wait),
                Ok(Ok(_)) => self.started(sys),
                Ok(Err(failure)) => self.fail(sys, &failure),
            },
            Stage::Attached => {
                let Some(session) = &mut self.session else { return Step::Exit(0) };
                match session.poll(sys, &self.engine) {
                    Progress::Wait(waits) => Step::Wait(waits),
                    Progress::Detached => {
                        if let Some(ended) = &self.ended {
                            ended.close(sys);
                        }
                        Step::Exit(0)
                    }
                    Progress::Over => {
                        self.stage = Stage::Ending;
                        Step::Again
                    }
                }
            }
            Stage::Ending => self.ending(sys),
            Stage::Failed(code, text) => {
                let (code, text) = (*code, text.clone());
                if let Some(ended) = &mut self.ended
                    && self.remove
                    && let Next::Wait(Wait::Stream(_)) = ended.next(sys)
                {
                    ended.close(sys);
                }
                sys.eprint(&text);
                Step::Exit(code)
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        match (&self.stage, &mut self.session) {
            (Stage::Attached | Stage::Ending, Some(session)) => session.signal(signal),
            _ => Handled::Default,
        }
    }
}
