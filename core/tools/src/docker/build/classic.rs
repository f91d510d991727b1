//! The classic builder's client: everything in one archive, the daemon's words as they come.

use super::{Plan, context, plan, request};
use crate::cli::{Error, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Messages, Next};
use crate::docker::reference::Reference;
use crate::docker::{units, usage};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};

const DEPRECATED: &str = "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0\n            environment-variable.\n\n";

pub fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    invocation.eprint(DEPRECATED);
    invocation.path = "docker build".into();
    for tag in invocation.list("tag") {
        if let Err(why) = Reference::parse(&tag) {
            let tag = drydock_machinery::quote::go(&tag);
            return Err(Error::raw(format!(
                "invalid argument {tag} for \"-t, --tag\" flag: {why}\n\nUsage:  docker build [OPTIONS] PATH | URL | -\n\nRun 'docker build --help' for more information\n"
            ))
            .with_code(125));
        }
    }
    usage::exactly(invocation, 1)?;
    let plan: Plan = plan(invocation, false);
    let context = context::gather(invocation.sys, &plan).map_err(|text| Error::raw(text + "\n"))?;
    let engine = Engine::connect(invocation)?;
    let request = request(&plan, &context, &[], false);
    if !plan.quiet {
        let size = request.body.bytes().len() as i64;
        let text = format!("Sending build context to Docker daemon  {:>7}\r\r\n", units::size(size));
        invocation.print(&text);
    }
    let messages = engine.messages(invocation.sys, request)?;
    let iidfile = invocation.str("iidfile").to_string();
    Ok(Flow::Continue(Box::new(Building { messages, quiet: plan.quiet, iidfile, said: String::new() })))
}

#[derive(Clone, Hash)]
struct Building {
    messages: Messages,
    quiet: bool,
    iidfile: String,
    /// What a quiet build said; shown when it fails.
    said: String,
}

impl Behave for Building {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        loop {
            let message = match self.messages.next(sys) {
                Next::Message(message) => message,
                Next::Wait(wait) => return Step::wait(wait),
                Next::End => {
                    if self.quiet {
                        let said = std::mem::take(&mut self.said);
                        sys.print(&said);
                    }
                    return Step::Exit(0);
                }
            };
            if let Some(error) = message.find("error") {
                let code = message["errorDetail"]["code"].int();
                if self.quiet {
                    let said = std::mem::take(&mut self.said);
                    sys.eprint(&said);
                }
                sys.eprint(&format!("{}\n", error.text()));
                return Step::Exit(if code == 0 { 1 } else { code as i32 });
            }
            let id = message["aux"]["ID"].text();
            if !id.is_empty() && !self.iidfile.is_empty() {
                let path = self.iidfile.clone();
                _ = sys.write_file(&path, id.as_bytes(), false);
            }
            let text = match (message["status"].text(), message["id"].text()) {
                ("", _) => message["stream"].text().to_string(),
                (status, "") => format!("{status}\n"),
                (status, id) => format!("{id}: {status}\n"),
            };
            if self.quiet {
                self.said.push_str(&text);
            } else {
                sys.print(&text);
            }
        }
    }
}
