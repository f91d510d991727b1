//! `docker exec`: another program in a running container, and its exit code.

use super::run::check_tty;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, post};
use crate::docker::options::{checks, variables};
use crate::docker::session::{Progress, Session, detach_keys};
use crate::docker::usage;
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys};
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "exec",
    usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
    short: "Run another command in a running container",
    long: "docker container exec, docker exec",
    flags: &[FLAGS],
    interspersed: false,
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("detach", 'd', false, "Leave the command in the background"),
    Flag::string("detach-keys", '\0', "", "Keys that leave the command running"),
    Flag::array("env", 'e', "Environment variable").checked("list", checks::variable),
    Flag::array("env-file", '\0', "File of environment variables").called("list"),
    Flag::bool("interactive", 'i', false, "Keep STDIN open"),
    Flag::bool("privileged", '\0', false, "Give all privileges"),
    Flag::bool("tty", 't', false, "Give it a terminal"),
    Flag::string("user", 'u', "", "User to run as (name or uid, with :group)"),
    Flag::string("workdir", 'w', "", "Folder to start in"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 2)?;
    let container = invocation.arg(0).unwrap_or("").to_string();
    let files = invocation.list("env-file");
    let given = invocation.list("env");
    let environment =
        variables::environment(invocation.sys, &files, &given).map_err(|text| Error::raw(text + "\n"))?;
    let engine = Engine::connect(invocation)?;
    // Only asked so that a container that is not there is reported before anything else.
    engine.get(invocation.sys, format!("/containers/{container}/json"))?;
    let detach = invocation.bool("detach");
    let (stdin, tty) = (invocation.bool("interactive"), invocation.bool("tty"));
    if !detach {
        check_tty(invocation.sys, stdin, tty)?;
    }
    let text = invocation.str("detach-keys").to_string();
    let text = if text.is_empty() { engine.settings.format("detachKeys").to_string() } else { text };
    let keys = detach_keys(&text).map_err(|text| Error::raw(text + "\n"))?;
    let environment: Value =
        if environment.is_empty() { Value::Null } else { environment.iter().map(Value::from).collect() };
    let command: Value = invocation.args.iter().skip(1).map(Value::from).collect();
    let body = value!({
        "User": (invocation.str("user")), "Privileged": (invocation.bool("privileged")), "Tty": tty,
        "AttachStdin": (stdin && !detach), "AttachStderr": (!detach), "AttachStdout": (!detach),
        "Detach": detach, "DetachKeys": (text), "Env": (environment),
        "WorkingDir": (invocation.str("workdir")), "Cmd": (command)
    });
    let created = engine.post(invocation.sys, format!("/containers/{container}/exec"), body)?;
    let id = created["Id"].text().to_string();
    if id.is_empty() {
        return Err(Error::raw("exec ID empty\n"));
    }
    let start = post(format!("/exec/{id}/start"), value!({"Detach": detach, "Tty": tty}));
    if detach {
        engine.call(invocation.sys, start)?;
        return Ok(Flow::Done(0));
    }
    let start = start.header("Connection", "Upgrade").header("Upgrade", "tcp");
    match engine.stream(invocation.sys, start)? {
        Ok(stream) => {
            let session = Session::new(stream, stdin, tty, keys, None);
            Ok(Flow::Continue(Box::new(Executing { engine, id, session })))
        }
        Err(reply) => {
            let text = reply.text();
            invocation.print(&text);
            Ok(Flow::Done(exit_code(&engine, invocation.sys, &id)))
        }
    }
}

fn exit_code(engine: &Engine, sys: &mut Sys<'_>, id: &str) -> i32 {
    match engine.get(sys, format!("/exec/{id}/json")) {
        Ok(state) => state["ExitCode"].int() as i32,
        Err(failure) => {
            sys.eprint(&format!("{}\n", failure.text));
            1
        }
    }
}

#[derive(Clone, Hash)]
struct Executing {
    engine: Engine,
    id: String,
    session: Session,
}

impl Behave for Executing {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.session.poll(sys, &self.engine) {
            Progress::Wait(waits) => Step::Wait(waits),
            Progress::Detached => {
                sys.eprint("read escape sequence\n");
                Step::Exit(0)
            }
            Progress::Over => Step::Exit(exit_code(&self.engine, sys, &self.id)),
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        self.session.signal(signal)
    }
}
