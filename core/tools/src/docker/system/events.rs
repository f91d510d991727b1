//! `docker events`: what happens at the daemon, as it happens.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Messages, Next};
use crate::docker::formatter::{self, Kind, Row};
use crate::docker::{filters, moment, usage};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};
use drydock_machinery::time::nano_string;
use drydock_machinery::{Value, json};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "events",
    usage: "[OPTIONS]",
    short: "Show what happens, as it happens",
    long: "docker system events, docker events",
    flags: &[&[
        filters::FLAG,
        Flag::string("format", '\0', "", "How to print: 'json', or a Go template"),
        Flag::string("since", '\0', "", "From this moment on"),
        Flag::string("until", '\0', "", "Up to this moment"),
    ]],
    run,
    ..Command::BASE
};

const KIND: Kind = Kind { context: "*events.Message", columns: &[] };

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let engine = Engine::connect(invocation)?;
    let mut request = Request::get("/events");
    for flag in ["since", "until"] {
        if !invocation.str(flag).is_empty() {
            let at = moment::parse(invocation.sys, invocation.str(flag)).map_err(|t| Error::raw(t + "\n"))?;
            request = request.query(flag, at);
        }
    }
    request = filters::add(request, &filters::parse(&invocation.list("filter")));
    let format = invocation.str("format").to_string();
    if !format.is_empty() && format != "json" {
        formatter::render(&KIND, &format, "", &[])?;
    }
    let messages = engine.messages(invocation.sys, request)?;
    Ok(Flow::Continue(Box::new(Watching { messages, format })))
}

#[derive(Clone, Hash)]
struct Watching {
    messages: Messages,
    format: String,
}

/// `2026-11-20T09:46:53.685942380Z container start 1c34… (image=nginx, name=web)`.
fn line(event: &Value) -> String {
    let nanos = event["timeNano"].int();
    let seconds = if nanos == 0 { event["time"].int() } else { nanos.div_euclid(1_000_000_000) };
    let mut time = nano_string(seconds, 0);
    time.truncate(time.len().saturating_sub(1));
    let part = nanos.rem_euclid(1_000_000_000);
    let attributes: Vec<String> = event["Actor"]["Attributes"]
        .entries()
        .iter()
        .map(|(k, v)| format!("{}={}", k.text(), v.text()))
        .collect();
    let tail = if attributes.is_empty() { String::new() } else { format!(" ({})", attributes.join(", ")) };
    format!(
        "{time}.{part:09}Z {} {} {}{tail}\n",
        event["Type"].text(),
        event["Action"].text(),
        event["Actor"]["ID"].text()
    )
}

impl Behave for Watching {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        loop {
            let event = match self.messages.next(sys) {
                Next::Message(event) => event,
                Next::Wait(wait) => return Step::wait(wait),
                Next::End => return Step::Exit(0),
            };
            let text = match self.format.as_str() {
                "" => Ok(line(&event)),
                "json" => Ok(json::to_string(&event) + "\n"),
                format => formatter::render(&KIND, format, "", &[Row::new(event)]),
            };
            match text {
                Ok(text) => sys.print(&text),
                Err(error) => {
                    sys.eprint(&error.text);
                    return Step::Exit(error.code);
                }
            }
        }
    }
}
