//! `kubectl exec`: runs a command in a container.

use super::client::Client;
use super::common;
use super::podpick::{container, pick};
use super::session::{self, Progress, Session, Wanted};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys};

pub const COMMAND: Command = Command {
    name: "exec",
    usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    short: "Execute a command in a container",
    long: "Execute a command in a container.",
    examples: "# Get output from running the 'date' command from pod mypod, using the first container by default\nkubectl exec mypod -- date\n\n# Switch to raw terminal mode; sends stdin to 'bash' in ruby-container from pod mypod and sends stdout/stderr from 'bash' back to the client\nkubectl exec mypod -c ruby-container -i -t -- bash -il\n\n# Get output from running 'date' command from the first pod of the deployment mydeployment, using the first container by default\nkubectl exec deploy/mydeployment -- date",
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

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let files = !invocation.list("filename").is_empty();
    if invocation.args.is_empty() && !files {
        return Err(Error::new("pod, type/name or --filename must be specified"));
    }
    let (target, command) = match invocation.dash {
        // Without `--` a command was given the old way, or not at all.
        None if invocation.args.len() > 1 && !files => {
            return Err(invocation.usage_error(
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
            ));
        }
        _ if files && invocation.dash == Some(0) => (None, invocation.args.clone()),
        Some(0) => {
            return Err(Error::new("pod, type/name or --filename must be specified"));
        }
        _ => {
            let mut words = invocation.args.clone();
            if words.is_empty() {
                return Err(Error::new("you must specify at least one command for the container"));
            }
            let target = words.remove(0);
            (Some(target), words)
        }
    };
    if command.is_empty() {
        return Err(Error::new("you must specify at least one command for the container"));
    }
    let mut client = Client::new(invocation)?;
    let Some(target) = target else {
        return Err(Error::new("pod, type/name or --filename must be specified"));
    };
    let pod = pick(invocation, &mut client, &target)?.pod;
    let phase = pod["status"]["phase"].text();
    if ["Succeeded", "Failed"].contains(&phase) {
        return Err(Error::new(format_args!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let (quiet, wanted) = (invocation.bool("quiet"), invocation.str("container").to_string());
    // A name that was given is left to the server to judge.
    let container = match wanted.as_str() {
        "" => container(invocation, &pod, "", quiet)?["name"].text().to_string(),
        name => name.to_string(),
    };
    let stdin = invocation.bool("stdin");
    let tty = session::terminal(invocation.sys, stdin, invocation.bool("tty"), quiet);
    let wanted = Wanted { subresource: "exec", command, container, stdin, tty };
    let session = Session::open(invocation.sys, &client, &pod, &wanted)?;
    Ok(Flow::Continue(Box::new(Exec { session })))
}

/// The process while the command runs.
#[derive(Clone, Hash)]
struct Exec {
    session: Session,
}

impl Behave for Exec {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.session.poll(sys) {
            Ok(Progress::Wait(on)) => Step::Wait(on),
            Ok(Progress::Done(0)) => Step::Exit(0),
            Ok(Progress::Done(code)) => {
                sys.eprint(&format!("command terminated with exit code {code}\n"));
                Step::Exit(code)
            }
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
