//! Commands that show: ps, ls, images, top, port, events.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome, dispatch};
use crate::compose::root;
use crate::compose::state::{self, Found, found};
use crate::docker::formatter::{self, Kind, Row, ellipsis};
use crate::docker::{self, ports, units};
use drydock_machinery::sort::Arrange;
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::{Value, json, quote, value};
use drydock_network::http::Request;
use std::collections::BTreeMap;

pub const PS: Command = Command {
    name: "ps",
    usage: "[OPTIONS] [SERVICE...]",
    short: "List containers",
    flags: &[&[
        Flag::bool("all", 'a', false, "Those that do not run too"),
        Flag::string("filter", '\0', "", "Only some of them (\"status=running\")"),
        Flag::string("format", '\0', "table", "table, json or a template"),
        Flag::bool("no-trunc", '\0', false, "Do not shorten anything"),
        Flag::bool("orphans", '\0', true, "Containers of services the files do not have, too"),
        Flag::bool("quiet", 'q', false, "Only ids"),
        Flag::bool("services", '\0', false, "Only services"),
        Flag::array("status", '\0', "Only with this status").called("stringArray"),
    ]],
    run: ps,
    ..Command::BASE
};

pub const LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List running compose projects",
    flags: &[&[
        Flag::bool("all", 'a', false, "Those that do not run too"),
        Flag::string("filter", '\0', "", "Only some of them (\"name=app\")"),
        Flag::string("format", '\0', "table", "table or json"),
        Flag::bool("quiet", 'q', false, "Only names"),
    ]],
    run: ls,
    ..Command::BASE
};

pub const IMAGES: Command = Command {
    name: "images",
    usage: "[OPTIONS] [SERVICE...]",
    short: "List images used by the created containers",
    flags: &[&[
        Flag::string("format", '\0', "table", "table or json"),
        Flag::bool("quiet", 'q', false, "Only ids"),
    ]],
    run: images,
    ..Command::BASE
};

pub const TOP: Command = Command {
    name: "top",
    usage: "[SERVICES...]",
    short: "Display the running processes",
    run: top,
    ..Command::BASE
};

pub const PORT: Command = Command {
    name: "port",
    usage: "[OPTIONS] SERVICE PRIVATE_PORT",
    short: "Print the public port for a port binding",
    flags: &[&[
        Flag::int("index", '\0', "0", "Which container of the service"),
        Flag::string("protocol", '\0', "tcp", "tcp or udp"),
    ]],
    run: port,
    ..Command::BASE
};

pub const EVENTS: Command = Command {
    name: "events",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Receive real time events from containers",
    flags: &[&[Flag::bool("json", '\0', false, "One JSON document a line")]],
    run: |invocation| {
        let project = root::project_or_name(invocation)?;
        let filter = format!("label=com.docker.compose.project={}", project.name);
        let mut words: Vec<String> =
            ["events", "--filter", &filter, "--filter", "type=container"].map(String::from).to_vec();
        if invocation.bool("json") {
            words.extend(["--format", "json"].map(String::from));
        }
        dispatch(&docker::STYLE, invocation.sys, &words, None)
    },
    ..Command::BASE
};

const KIND: Kind = Kind {
    context: "*formatter.ContainerContext",
    columns: &[
        ("ID", "CONTAINER ID"),
        ("Name", "NAME"),
        ("Names", "NAMES"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("Project", "PROJECT"),
        ("Service", "SERVICE"),
        ("CreatedAt", "CREATED AT"),
        ("RunningFor", "CREATED"),
        ("Ports", "PORTS"),
        ("State", "STATE"),
        ("Status", "STATUS"),
        ("Health", "HEALTH"),
        ("ExitCode", "EXIT CODE"),
        ("Publishers", "PUBLISHERS"),
        ("Labels", "LABELS"),
        ("Mounts", "MOUNTS"),
        ("Networks", "NETWORKS"),
    ],
};

fn services_of(
    invocation: &mut Invocation<'_, '_>,
) -> Result<(crate::compose::model::Project, docker::Engine, Vec<Found>), Error> {
    let targets = invocation.args.clone();
    let project = root::project_or_name(invocation)?;
    if let Some(name) =
        targets.iter().find(|t| !project.services.is_empty() && !project.services.contains_key(*t))
    {
        return Err(Error::raw(format!("no such service: {name}\n")));
    }
    let engine = root::engine(invocation)?;
    let mut all = state::containers(invocation.sys, &engine, &project.name, false)?;
    all.retain(|f| targets.is_empty() || targets.contains(&f.service));
    Ok((project, engine, all))
}

fn ps(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut statuses = invocation.list("status");
    let filter = invocation.str("filter").to_string();
    match filter.split_once('=') {
        Some(("status", status)) => statuses.push(status.into()),
        Some(("source", _)) => return Err(Error::raw("filter source is not yet implemented\n")),
        None if filter.is_empty() => {}
        Some((key, _)) => return Err(Error::raw(format!("unknown filter {key}\n"))),
        None => return Err(Error::raw("arguments to --filter should be in form KEY=VAL\n")),
    }
    let (project, _, mut all) = services_of(invocation)?;
    let everything = invocation.bool("all") || !statuses.is_empty();
    all.retain(|f| (everything || f.is_running()) && (statuses.is_empty() || statuses.contains(&f.state)));
    if invocation.bool("quiet") {
        let text: String = all.iter().map(|f| format!("{}\n", f.id)).collect();
        invocation.print(&text);
        return Ok(Flow::Done(0));
    }
    if invocation.bool("services") {
        let names: std::collections::BTreeSet<&str> = all.iter().map(|f| f.service.as_str()).collect();
        let text: String = names.iter().map(|n| format!("{n}\n")).collect();
        invocation.print(&text);
        return Ok(Flow::Done(0));
    }
    all.arrange_by(|a, b| a.name.cmp(&b.name));
    let now = invocation.sys.machines.clock.unix_ms();
    let full = invocation.bool("no-trunc");
    let rows: Vec<Row> = all.iter().map(|f| row(f, &project.name, now, full)).collect();
    let format = invocation.str("format").to_string();
    let table =
        "table {{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}";
    let text = formatter::render(&KIND, &format, table, &rows)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}

fn row(found: &Found, project: &str, now: i64, full: bool) -> Row {
    let summary = &found.summary;
    let created = summary["Created"].int();
    let command = summary["Command"].text();
    let command = quote::go(&if full { command.to_string() } else { ellipsis(command, 20) });
    let age = units::duration(now.saturating_sub(created.saturating_mul(1000)));
    let id = if full { found.id.clone() } else { found.id.get(..12).unwrap_or(&found.id).to_string() };
    let status = summary["Status"].text();
    let health = ["healthy", "unhealthy", "starting"]
        .into_iter()
        .find(|h| status.ends_with(&format!("({h})")) || status.contains(&format!("health: {h}")));
    let exit =
        status.strip_prefix("Exited (").and_then(|s| s.split(')').next()?.parse::<i64>().ok()).unwrap_or(0);
    let publishers: Value = summary["Ports"]
        .items()
        .iter()
        .map(|p| value!({ "URL": p["IP"].text(), "TargetPort": p["PrivatePort"].int(), "PublishedPort": p["PublicPort"].int(), "Protocol": p["Type"].text() }))
        .collect();
    let labels: Vec<String> =
        summary["Labels"].entries().iter().map(|(k, v)| format!("{}={}", k.text(), v.text())).collect();
    let created_at = drydock_machinery::Timestamp(created);
    Row::new(value!({
        "Command": command, "CreatedAt": created_at.go_string(), "ExitCode": exit, "Health": health.unwrap_or(""),
        "ID": id, "Image": summary["Image"].text(), "Labels": labels.join(","), "LocalVolumes": "0", "Mounts": "",
        "Name": found.name.as_str(), "Names": found.name.as_str(), "Networks": "", "Ports": ports::display(&summary["Ports"]),
        "Project": project, "Publishers": publishers, "RunningFor": format!("{age} ago"), "Service": found.service.as_str(),
        "Size": "0B", "State": found.state.as_str(), "Status": status
    }))
    .labelled(&summary["Labels"])
}

/// compose's own tables: columns of 20 at least.
fn table(header: &str, lines: &[String]) -> String {
    let mut writer = TabWriter::new(20, 1, 3, ' ', 0);
    writer.write(&format!("{header}\n"));
    for line in lines {
        writer.write(&format!("{line}\n"));
    }
    writer.flush()
}

fn ls(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let engine = root::engine(invocation)?;
    let filters = json::to_string(&value!({ "label": { "com.docker.compose.project": true } }));
    let request = Request::get("/containers/json").query("all", "1").query("filters", filters);
    let answer = engine.call(invocation.sys, request)?.json();
    let mut projects: BTreeMap<String, (BTreeMap<String, usize>, String)> = BTreeMap::new();
    for summary in answer.items() {
        let container = found(summary);
        if container.oneoff {
            continue;
        }
        let label =
            |key: &str| summary["Labels"].get(&format!("com.docker.compose.{key}")).text().to_string();
        let entry = projects.entry(label("project")).or_default();
        *entry.0.entry(container.state).or_default() += 1;
        entry.1 = label("project.config_files");
    }
    let wanted = invocation.str("filter").strip_prefix("name=").unwrap_or("").to_string();
    let all = invocation.bool("all");
    projects.retain(|name, (states, _)| {
        (all || states.contains_key("running")) && (wanted.is_empty() || name.contains(&wanted))
    });
    if invocation.bool("quiet") {
        let text: String = projects.keys().map(|n| format!("{n}\n")).collect();
        invocation.print(&text);
        return Ok(Flow::Done(0));
    }
    let status = |states: &BTreeMap<String, usize>| {
        states.iter().map(|(s, n)| format!("{s}({n})")).collect::<Vec<_>>().join(", ")
    };
    if invocation.str("format") == "json" {
        let list: Value = projects
            .iter()
            .map(|(name, (states, files))| value!({ "Name": name.as_str(), "Status": status(states), "ConfigFiles": files.as_str() }))
            .collect();
        let text = json::to_string(&list) + "\n";
        invocation.print(&text);
        return Ok(Flow::Done(0));
    }
    let lines: Vec<String> = projects
        .iter()
        .map(|(name, (states, files))| format!("{name}\t{}\t{files}", status(states)))
        .collect();
    let text = table("NAME\tSTATUS\tCONFIG FILES", &lines);
    invocation.print(&text);
    Ok(Flow::Done(0))
}

fn images(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (_, engine, all) = services_of(invocation)?;
    let mut lines = Vec::new();
    let mut list = Vec::new();
    for container in &all {
        let id = container.summary["ImageID"].text().to_string();
        let image = engine.get(invocation.sys, format!("/images/{id}/json")).unwrap_or_default();
        let tags = image["RepoTags"].items().first().map(|t| t.text().to_string()).unwrap_or_default();
        let (repository, tag) = tags.rsplit_once(':').unwrap_or(("<none>", "<none>"));
        let short = id.trim_start_matches("sha256:").get(..12).unwrap_or("").to_string();
        let size = image["Size"].int();
        lines.push(format!("{}\t{repository}\t{tag}\t{short}\t{}", container.name, units::size3(size)));
        list.push((id, container.name.clone(), repository.to_string(), tag.to_string(), size));
    }
    let text = if invocation.bool("quiet") {
        let ids: std::collections::BTreeSet<&str> =
            list.iter().map(|l| l.0.trim_start_matches("sha256:")).collect();
        ids.iter().map(|i| format!("{i}\n")).collect()
    } else if invocation.str("format") == "json" {
        let items: Value = list
            .iter()
            .map(|(id, name, repository, tag, size)| value!({ "ID": id.as_str(), "ContainerName": name.as_str(), "Repository": repository.as_str(), "Tag": tag.as_str(), "Size": *size }))
            .collect();
        json::to_string(&items) + "\n"
    } else {
        table("CONTAINER\tREPOSITORY\tTAG\tIMAGE ID\tSIZE", &lines)
    };
    invocation.print(&text);
    Ok(Flow::Done(0))
}

fn top(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (_, engine, all) = services_of(invocation)?;
    let mut out = String::new();
    for container in all.iter().filter(|f| f.is_running()) {
        let shown = engine.get(invocation.sys, format!("/containers/{}/top", container.id))?;
        let cells =
            |row: &Value| row.items().iter().map(|c| c.text().to_string()).collect::<Vec<_>>().join("\t");
        let mut writer = TabWriter::new(4, 1, 2, ' ', 0);
        writer.write(&format!("{}\n", cells(&shown["Titles"])));
        for process in shown["Processes"].items() {
            writer.write(&format!("{}\n", cells(process)));
        }
        out.push_str(&format!("{}\n{}\n", container.name, writer.flush()));
    }
    invocation.print(&out);
    Ok(Flow::Done(0))
}

fn port(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let [service, private] = invocation.args.as_slice() else {
        return Err(Error::raw(format!(
            "requires at least 2 arg(s), only received {}\n",
            invocation.args.len()
        )));
    };
    let (service, text) = (service.clone(), private.clone());
    let Ok(private) = text.parse::<u16>() else {
        return Err(Error::raw(format!("strconv.ParseUint: parsing {}: invalid syntax\n", quote::go(&text))));
    };
    let project = root::project_or_name(invocation)?;
    let engine = root::engine(invocation)?;
    let (index, proto) = (invocation.int("index"), invocation.str("protocol").to_string());
    let all = state::containers(invocation.sys, &engine, &project.name, false)?;
    let container = all.iter().find(|f| f.service == service && (index == 0 || f.number == index));
    let Some(container) = container else {
        return Err(Error::raw(format!("service {} is not running\n", quote::go(&service))));
    };
    let published = container.summary["Ports"].items().iter().find(|p| {
        p["PrivatePort"].int() == i64::from(private)
            && p["Type"].text() == proto
            && p["PublicPort"].int() != 0
    });
    let Some(published) = published else {
        return Err(Error::raw(format!("no port {private}/{proto} for container {}\n", container.name)));
    };
    let text = format!("{}:{}\n", published["IP"].text(), published["PublicPort"].int());
    invocation.print(&text);
    Ok(Flow::Done(0))
}
