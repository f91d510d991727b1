//! `docker volume ls`.

use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::formatter::{self, Kind, Row, labels};
use crate::docker::{filters, units, usage};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "ls",
    aliases: &["list"],
    usage: "[OPTIONS]",
    short: "Show the volumes",
    long: "docker volume ls, docker volume list",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("cluster", '\0', false, "Only cluster volumes"),
    filters::FLAG,
    Flag::string("format", '\0', "", filters::FORMAT_ABOUT),
    Flag::bool("quiet", 'q', false, "Only names"),
];

/// What a volume list can show.
pub const KIND: Kind = Kind {
    context: "*formatter.volumeContext",
    columns: &[
        ("Name", "VOLUME NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("Mountpoint", "MOUNTPOINT"),
        ("Labels", "LABELS"),
        ("Links", "LINKS"),
        ("Size", "SIZE"),
        ("Group", "GROUP"),
        ("Availability", "AVAILABILITY"),
        ("Status", "STATUS"),
    ],
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let engine = Engine::connect(invocation)?;
    let request = filters::add(Request::get("/volumes"), &filters::parse(&invocation.list("filter")));
    let list = engine.call(invocation.sys, request)?.json();
    let mut volumes: Vec<&Value> = list["Volumes"].items().iter().collect();
    volumes.arrange_by(|a, b| formatter::natural(a["Name"].text(), b["Name"].text()));
    let rows: Vec<Row> = volumes.iter().map(|v| row(v)).collect();
    let mut format = invocation.str("format").to_string();
    let quiet = invocation.bool("quiet");
    if format.is_empty() && !quiet {
        format = engine.settings.format("volumesFormat").into();
    }
    if quiet && matches!(format.as_str(), "" | "table") {
        format = "{{.Name}}".into();
    }
    let text = formatter::render(&KIND, &format, "table {{.Driver}}\t{{.Name}}", &rows)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// One volume.
#[must_use]
pub fn row(volume: &Value) -> Row {
    let usage = &volume["UsageData"];
    let known = |text: String| if usage.is_null() { "N/A".to_string() } else { text };
    Row::new(value!({
        "Name": (volume["Name"].text()), "Driver": (volume["Driver"].text()), "Scope": (volume["Scope"].text()),
        "Mountpoint": (volume["Mountpoint"].text()), "Labels": (labels(&volume["Labels"])),
        "Links": (known(usage["RefCount"].int().to_string())), "Size": (known(units::size(usage["Size"].int()))),
        "Group": "N/A", "Availability": "N/A", "Status": "N/A"
    }))
    .labelled(&volume["Labels"])
}
