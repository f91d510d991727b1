//! `docker network ls`.

use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::formatter::{self, Kind, Row, labels, short_id};
use crate::docker::{filters, usage};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Timestamp, Value, value};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "ls",
    aliases: &["list"],
    usage: "[OPTIONS]",
    short: "Show the networks",
    long: "docker network ls, docker network list",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    filters::FLAG,
    Flag::string("format", '\0', "", filters::FORMAT_ABOUT),
    Flag::bool("no-trunc", '\0', false, "Do not shorten anything"),
    Flag::bool("quiet", 'q', false, "Only IDs"),
];

const KIND: Kind = Kind {
    context: "*network.networkContext",
    columns: &[
        ("ID", "NETWORK ID"),
        ("Name", "NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("IPv4", "IPV4"),
        ("IPv6", "IPV6"),
        ("Internal", "INTERNAL"),
        ("Labels", "LABELS"),
        ("CreatedAt", "CREATED AT"),
    ],
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let engine = Engine::connect(invocation)?;
    let request = filters::add(Request::get("/networks"), &filters::parse(&invocation.list("filter")));
    let list = engine.call(invocation.sys, request)?.json();
    let mut networks: Vec<&Value> = list.items().iter().collect();
    networks.arrange_by(|a, b| formatter::natural(a["Name"].text(), b["Name"].text()));
    let truncate = !invocation.bool("no-trunc");
    let rows: Vec<Row> = networks
        .iter()
        .map(|n| {
            let id = n["Id"].text();
            Row::new(value!({
                "ID": (if truncate { short_id(id) } else { id.to_string() }), "Name": (n["Name"].text()),
                "Driver": (n["Driver"].text()), "Scope": (n["Scope"].text()),
                "IPv4": ((n.find("EnableIPv4").is_none_or(Value::bool)).to_string()),
                "IPv6": (n["EnableIPv6"].bool().to_string()), "Internal": (n["Internal"].bool().to_string()),
                "Labels": (labels(&n["Labels"])), "CreatedAt": (created(n["Created"].text()))
            }))
            .labelled(&n["Labels"])
        })
        .collect();
    let mut format = invocation.str("format").to_string();
    let quiet = invocation.bool("quiet");
    if format.is_empty() && !quiet {
        format = engine.settings.format("networksFormat").into();
    }
    if quiet && matches!(format.as_str(), "" | "table") {
        format = "{{.ID}}".into();
    }
    let text = formatter::render(&KIND, &format, "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}", &rows)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// A moment as Go prints it, with the part of the second.
fn created(text: &str) -> String {
    let shown = Timestamp::parse(text).unwrap_or(Timestamp(0)).go_string();
    match text.split_once('.').map(|(_, part)| part.trim_end_matches('Z')) {
        Some(part) if !part.is_empty() => shown.replacen(" +0000", &format!(".{part} +0000"), 1),
        _ => shown,
    }
}
