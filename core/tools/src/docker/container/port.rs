//! `docker port`: where a container's ports can be reached.

use crate::cli::{Command, Error, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::{ports, usage};
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

pub const COMMAND: Command = Command {
    name: "port",
    usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
    short: "Show where ports of a container are published",
    long: "docker container port, docker port",
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::between(invocation, 1, 2)?;
    let engine = Engine::connect(invocation)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    let container = engine.get(invocation.sys, format!("/containers/{name}/json"))?;
    let published = &container["NetworkSettings"]["Ports"];
    let address = |binding: &Value| ports::join(binding["HostIp"].text(), binding["HostPort"].text());
    let mut lines: Vec<String> = Vec::new();
    if let Some(wanted) = invocation.arg(1).map(str::to_string) {
        let (port, protocol) = wanted.split_once('/').unwrap_or((&wanted, "tcp"));
        if port.parse::<u16>().is_err() {
            return Err(Error::raw(format!(
                "Error: invalid port ({port}): strconv.ParseUint: parsing \"{port}\": invalid syntax\n"
            )));
        }
        let key = format!("{port}/{protocol}");
        let found = published[key.as_str()].items();
        if found.is_empty() {
            return Err(Error::raw(format!("Error: No public port '{wanted}' published for {name}\n")));
        }
        lines.extend(found.iter().map(address));
    } else {
        for (port, bindings) in published.entries() {
            lines.extend(bindings.items().iter().map(|b| format!("{} -> {}", port.text(), address(b))));
        }
        // By number first, then as text.
        let number = |l: &str| l.split('/').next().and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        lines.arrange_by(|a, b| (number(a), a).cmp(&(number(b), b)));
    }
    let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
    invocation.print(&text);
    Ok(Flow::Done(0))
}
