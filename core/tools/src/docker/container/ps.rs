//! `docker ps`: the containers, newest first.

use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::filters;
use crate::docker::formatter::{self, Kind, Row, ellipsis, labels, short_id};
use crate::docker::reference::Reference;
use crate::docker::{ports, units, usage};
use drydock_machinery::{Timestamp, Value, quote, value};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "ps",
    usage: "[OPTIONS]",
    short: "Show the containers",
    long: "docker container ls, docker container list, docker container ps, docker ps",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

/// `docker container ls`.
pub const LIST: Command = Command { name: "ls", aliases: &["ps", "list"], ..COMMAND };

const FLAGS: &[Flag] = &[
    Flag::bool("all", 'a', false, "Those that do not run too"),
    filters::FLAG,
    Flag::string("format", '\0', "", filters::FORMAT_ABOUT),
    Flag::int("last", 'n', "-1", "Only so many of the newest, running or not"),
    Flag::bool("latest", 'l', false, "Only the newest, running or not"),
    Flag::bool("no-trunc", '\0', false, "Do not shorten anything"),
    Flag::bool("quiet", 'q', false, "Only IDs"),
    Flag::bool("size", 's', false, "Sizes of files too"),
];

const KIND: Kind = Kind {
    context: "*formatter.ContainerContext",
    columns: &[
        ("ID", "CONTAINER ID"),
        ("Names", "NAMES"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("CreatedAt", "CREATED AT"),
        ("RunningFor", "CREATED"),
        ("Ports", "PORTS"),
        ("State", "STATE"),
        ("Status", "STATUS"),
        ("Size", "SIZE"),
        ("Labels", "LABELS"),
        ("Mounts", "MOUNTS"),
        ("LocalVolumes", "LOCAL VOLUMES"),
        ("Networks", "NETWORKS"),
        ("Platform", "PLATFORM"),
    ],
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let engine = Engine::connect(invocation)?;
    let quiet = invocation.bool("quiet");
    let mut format = invocation.str("format").to_string();
    if format.is_empty() && !quiet {
        format = engine.settings.format("psFormat").into();
    }
    formatter::check(&KIND, &format)?;
    let whole = format.contains("json .}}") || format.contains("json . ");
    let size = invocation.bool("size") || format.contains(".Size") || whole;
    let last = if invocation.bool("latest") { 1 } else { invocation.int("last") };
    let mut request = Request::get("/containers/json");
    if invocation.bool("all") {
        request = request.query("all", "1");
    }
    if last > 0 {
        request = request.query("limit", last.to_string());
    }
    if size {
        request = request.query("size", "1");
    }
    request = filters::add(request, &filters::parse(&invocation.list("filter")));
    let list = engine.call(invocation.sys, request)?.json();
    let (now, truncate) = (invocation.sys.unix(), !invocation.bool("no-trunc"));
    let rows: Vec<Row> = list.items().iter().map(|c| row(c, now, truncate)).collect();
    let mut table =
        "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}"
            .to_string();
    if invocation.bool("size") {
        table += "\t{{.Size}}";
    }
    if quiet && matches!(format.as_str(), "" | "table") {
        format = "{{.ID}}".into();
    }
    let text = formatter::render(&KIND, &format, &table, &rows)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// The reference typed, without a digest; the short id where it is one.
fn image_column(container: &Value, truncate: bool) -> String {
    let image = container["Image"].text();
    if image.is_empty() {
        return "<no image>".into();
    }
    if !truncate {
        return image.into();
    }
    let id = short_id(container["ImageID"].text());
    if id == short_id(image) {
        return id;
    }
    match Reference::parse(image) {
        Ok(r) if r.tag.is_empty() => r.familiar(),
        Ok(r) => format!("{}:{}", r.familiar(), r.tag),
        Err(_) => image.into(),
    }
}

/// One container as the columns show it.
#[must_use]
pub fn row(container: &Value, now: i64, truncate: bool) -> Row {
    let id = container["Id"].text();
    let mut names: Vec<String> =
        container["Names"].items().iter().map(|n| n.text().trim_start_matches('/').to_string()).collect();
    if truncate {
        // Links give a container names below other containers.
        names.retain(|n| !n.contains('/'));
    }
    let command = container["Command"].text();
    let command = if truncate { ellipsis(command, 20) } else { command.to_string() };
    let image = image_column(container, truncate);
    let created = container["Created"].int();
    let mounts: Vec<String> = container["Mounts"]
        .items()
        .iter()
        .map(|m| {
            let name = if m["Name"].text().is_empty() { m["Source"].text() } else { m["Name"].text() };
            if truncate { ellipsis(name, 15) } else { name.to_string() }
        })
        .collect();
    let volumes = container["Mounts"].items().iter().filter(|m| m["Driver"] == "local").count();
    let networks: Vec<&str> =
        container["NetworkSettings"]["Networks"].entries().iter().map(|(name, _)| name.text()).collect();
    let size = units::size3(container["SizeRw"].int());
    let virtual_size = container["SizeRootFs"].int();
    let size =
        if virtual_size > 0 { format!("{size} (virtual {})", units::size3(virtual_size)) } else { size };
    let fields = value!({
        "ID": (if truncate { short_id(id) } else { id.to_string() }), "Names": (names.join(",")), "Image": (image),
        "Command": (quote::go(&command)), "CreatedAt": (Timestamp(created).go_string()),
        "RunningFor": (format!("{} ago", units::duration((now - created) * 1000))),
        "Ports": (ports::display(&container["Ports"])), "State": (container["State"].text()),
        "Status": (container["Status"].text()), "Size": (size), "Labels": (labels(&container["Labels"])),
        "Mounts": (mounts.join(",")), "LocalVolumes": (volumes.to_string()), "Networks": (networks.join(",")),
        "Platform": null
    });
    Row::new(fields).labelled(&container["Labels"])
}
