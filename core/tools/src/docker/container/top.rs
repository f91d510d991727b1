//! `docker top`: the processes of a container, seen from the host.

use crate::cli::{Command, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::usage;
use drydock_machinery::tabwriter::TabWriter;
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "top",
    usage: "CONTAINER [ps OPTIONS]",
    short: "Show the processes of a container",
    long: "docker container top, docker top",
    interspersed: false,
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    let options = invocation.args.get(1..).unwrap_or(&[]).join(" ");
    let mut request = Request::get(format!("/containers/{name}/top"));
    if !options.is_empty() {
        request = request.query("ps_args", options);
    }
    let list = engine.call(invocation.sys, request)?.json();
    let mut writer = TabWriter::new(20, 1, 3, ' ', 0);
    let line = |cells: &drydock_machinery::Value| {
        let cells: Vec<&str> = cells.items().iter().map(|c| c.text()).collect();
        cells.join("\t") + "\n"
    };
    writer.write(&line(&list["Titles"]));
    for process in list["Processes"].items() {
        writer.write(&line(process));
    }
    let text = writer.flush();
    invocation.print(&text);
    Ok(Flow::Done(0))
}
