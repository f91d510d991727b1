//! `docker network connect`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::options::checks;
use crate::docker::options::networks::{Attachment, endpoint};
use crate::docker::usage;
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "connect",
    usage: "[OPTIONS] NETWORK CONTAINER",
    short: "Attach a container to a network",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::slice("alias", '\0', "Another name of the container in the network"),
    Flag::slice("driver-opt", '\0', "Option of the network's driver"),
    Flag::int("gw-priority", '\0', "0", "The highest gives the default gateway"),
    Flag::string("ip", '\0', "", "IPv4 address to have"),
    Flag::string("ip6", '\0', "", "IPv6 address to have"),
    Flag::array("link", '\0', "Link to another container").checked("list", checks::link),
    Flag::slice("link-local-ip", '\0', "Link-local address"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 2)?;
    let (network, container) =
        (invocation.arg(0).unwrap_or("").to_string(), invocation.arg(1).unwrap_or("").to_string());
    let options = invocation.list("driver-opt");
    if options.iter().any(|o| !o.contains('=')) {
        return Err(Error::raw("invalid key/value pair format in driver options\n"));
    }
    let attachment = Attachment {
        target: network.clone(),
        aliases: invocation.list("alias"),
        ip: invocation.str("ip").into(),
        ip6: invocation.str("ip6").into(),
        mac: String::new(),
        driver_options: options,
        links: invocation.list("link"),
    };
    let mut settings = endpoint(&attachment);
    // Unlike `run`, this sends empty documents instead of none.
    for (key, empty) in [
        ("DriverOpts", Value::empty_map()),
        ("IPAMConfig", Value::empty_map()),
        ("Aliases", Value::from_items(Vec::new())),
    ] {
        if settings[key].is_null() {
            settings = settings.with(key, empty);
        }
    }
    let local: Value = invocation.list("link-local-ip").iter().map(Value::from).collect();
    if !local.is_empty() {
        settings = settings.with("IPAMConfig", settings["IPAMConfig"].with("LinkLocalIPs", local));
    }
    let body = value!({"Container": (container), "EndpointConfig": (settings)});
    let engine = Engine::connect(invocation)?;
    engine.post(invocation.sys, format!("/networks/{network}/connect"), body)?;
    Ok(Flow::Done(0))
}
