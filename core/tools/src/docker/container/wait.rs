//! `docker wait`: blocks until containers end, and prints their exit codes.

use crate::cli::{Command, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Failure, Messages, Next};
use crate::docker::usage;
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "wait",
    usage: "CONTAINER [CONTAINER...]",
    short: "Wait until containers end, and print their exit codes",
    long: "docker container wait, docker wait",
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let mut left: Vec<Result<Messages, Failure>> = Vec::new();
    for name in invocation.args.iter().rev() {
        let request = Request::new(Method::Post, format!("/containers/{name}/wait"));
        left.push(engine.messages(invocation.sys, request));
    }
    Ok(Flow::Continue(Box::new(Waiting { left, code: 0 })))
}

#[derive(Clone, Hash)]
struct Waiting {
    /// The next one stands last.
    left: Vec<Result<Messages, Failure>>,
    code: i32,
}

impl Behave for Waiting {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        while let Some(next) = self.left.last_mut() {
            match next {
                Err(failure) => {
                    sys.eprint(&format!("{}\n", failure.text));
                    self.code = 1;
                }
                Ok(messages) => match messages.next(sys) {
                    Next::Wait(wait) => return Step::wait(wait),
                    Next::End => {}
                    Next::Message(message) => {
                        messages.close(sys);
                        sys.print(&format!("{}\n", message["StatusCode"].int()));
                    }
                },
            }
            self.left.pop();
        }
        Step::Exit(self.code)
    }
}
