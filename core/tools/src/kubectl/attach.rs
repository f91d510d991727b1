//! `kubectl attach`: connects to what a container's main process reads and prints.

use super::client::Client;
use super::common;
use super::podpick::{container, pick};
use super::session::{self, Progress, Session, Wanted};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys};

pub const COMMAND: Command = Command {
    name: "attach",
    usage: "attach (POD | TYPE/NAME) -c CONTAINER",
    short: "Attach to a running container",
    long: "Attach to a process that is already running inside an existing container.",
    examples: "# Get output from running pod mypod; use the 'kubectl.kubernetes.io/default-container' annotation\n# for selecting the container to be attached or the first container in the pod\nkubectl attach mypod\n\n# Switch to raw terminal mode; sends stdin to 'bash' in ruby-container from pod mypod\nkubectl attach mypod -c ruby-container -i -t",
    flags: &[common::FILES, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string(
        "container",
        'c',
        "",
        "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen",
    ),
    Flag::duration(
        "pod-running-timeout",
        "1m0s",
        "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running",
    ),
    Flag::bool("quiet", 'q', false, "Only print output from the remote session"),
    Flag::bool("stdin", 'i', false, "Pass stdin to the container"),
    Flag::bool("tty", 't', false, "Stdin is a TTY"),
];

/// What invites the learner to type.
pub const HINT: &str = "If you don't see a command prompt, try pressing enter.\n";

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let target = match invocation.args.as_slice() {
        [] if invocation.list("filename").is_empty() => {
            return Err(Error::new("at least 1 argument is required for attach"));
        }
        [target] => target.clone(),
        [kind, name] => format!("{kind}/{name}"),
        _ => return Err(Error::new("expected POD, TYPE/NAME, or TYPE NAME")),
    };
    let mut client = Client::new(invocation)?;
    let pod = pick(invocation, &mut client, &target)?.pod;
    let phase = pod["status"]["phase"].text();
    if ["Succeeded", "Failed"].contains(&phase) {
        return Err(Error::new(format_args!(
            "cannot attach a container in a completed pod; current phase is {phase}"
        )));
    }
    let (quiet, wanted) = (invocation.bool("quiet"), invocation.str("container").to_string());
    let chosen = container(invocation, &pod, &wanted, quiet)?;
    let stdin = invocation.bool("stdin");
    let mut tty = session::terminal(invocation.sys, stdin, invocation.bool("tty"), quiet);
    let name = chosen["name"].text().to_string();
    if tty && !chosen["tty"].bool() {
        tty = false;
        if !quiet {
            invocation
                .eprint(&format!("error: Unable to use a TTY - container {name} did not allocate one\n"));
        }
    } else if !tty && chosen["tty"].bool() {
        // The server multiplexes nothing for a container with a terminal.
        tty = true;
    }
    let wanted = Wanted { subresource: "attach", command: Vec::new(), container: name, stdin, tty };
    if !quiet {
        invocation.eprint(HINT);
    }
    let session = Session::open(invocation.sys, &client, &pod, &wanted)?;
    Ok(Flow::Continue(Box::new(Attach { session })))
}

/// The process while attached.
#[derive(Clone, Hash)]
struct Attach {
    session: Session,
}

impl Behave for Attach {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.session.poll(sys) {
            Ok(Progress::Wait(on)) => Step::Wait(on),
            Ok(Progress::Done(code)) => Step::Exit(code),
            Err(failure) => {
                sys.eprint(&format!("{}\n", failure.describe()));
                Step::Exit(1)
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        self.session.signal(signal)
    }
}
