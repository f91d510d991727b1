//! `docker system df`: what takes how much room.

use super::df_verbose;
use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::formatter::{self, Kind, Row};
use crate::docker::{filters, units, usage};
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "df",
    usage: "[OPTIONS]",
    short: "Show what takes how much room",
    flags: &[&[
        Flag::string("format", '\0', "", filters::FORMAT_ABOUT),
        Flag::bool("verbose", 'v', false, "Each thing by itself"),
    ]],
    run,
    ..Command::BASE
};

const KIND: Kind = Kind {
    context: "*formatter.diskUsageContext",
    columns: &[
        ("Type", "TYPE"),
        ("TotalCount", "TOTAL"),
        ("Active", "ACTIVE"),
        ("Size", "SIZE"),
        ("Reclaimable", "RECLAIMABLE"),
    ],
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 0)?;
    let engine = Engine::connect(invocation)?;
    let usage = engine.get(invocation.sys, "/system/df")?;
    let format = invocation.str("format").to_string();
    let text = if invocation.bool("verbose") {
        df_verbose::render(&usage, &format, invocation.sys.unix())?
    } else {
        let rows = [images(&usage), containers(&usage), volumes(&usage), builds(&usage)];
        let table = "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
        formatter::render(&KIND, &format, table, &rows)?
    };
    invocation.print(&text);
    Ok(Flow::Done(0))
}

fn row(kind: &str, total: usize, active: usize, size: i64, reclaimable: String) -> Row {
    Row::new(value!({
        "Type": kind, "TotalCount": (total.to_string()), "Active": (active.to_string()),
        "Size": (units::size(size)), "Reclaimable": (reclaimable)
    }))
}

fn share(part: i64, whole: i64) -> String {
    let text = units::size(part);
    if whole > 0 { format!("{text} ({}%)", part * 100 / whole) } else { text }
}

fn images(usage: &Value) -> Row {
    let images = usage["Images"].items();
    let active = images.iter().filter(|i| i["Containers"].int() > 0);
    let used: i64 = active
        .clone()
        .filter(|i| i["Size"].int() != -1 && i["SharedSize"].int() != -1)
        .map(|i| i["Size"].int() - i["SharedSize"].int())
        .sum();
    let size = usage["LayersSize"].int();
    row("Images", images.len(), active.count(), size, share(size - used, size))
}

/// Running, paused and restarting containers are in use.
fn is_active(container: &Value) -> bool {
    ["running", "paused", "restarting"].iter().any(|s| container["State"].text().to_lowercase().contains(s))
}

fn containers(usage: &Value) -> Row {
    let all = usage["Containers"].items();
    let size: i64 = all.iter().map(|c| c["SizeRw"].int()).sum();
    let free: i64 = all.iter().filter(|c| !is_active(c)).map(|c| c["SizeRw"].int()).sum();
    row("Containers", all.len(), all.iter().filter(|c| is_active(c)).count(), size, share(free, size))
}

fn volumes(usage: &Value) -> Row {
    let all = usage["Volumes"].items();
    let of = |v: &&Value| v["UsageData"]["Size"].int();
    let used = |v: &&Value| v["UsageData"]["RefCount"].int() > 0;
    let size: i64 = all.iter().filter(|v| of(v) != -1).map(|v| of(&v)).sum();
    let taken: i64 = all.iter().filter(|v| of(v) != -1 && used(v)).map(|v| of(&v)).sum();
    row("Local Volumes", all.len(), all.iter().filter(used).count(), size, share(size - taken, size))
}

fn builds(usage: &Value) -> Row {
    let all = usage["BuildCache"].items();
    let size: i64 = all.iter().filter(|b| !b["Shared"].bool()).map(|b| b["Size"].int()).sum();
    let taken: i64 =
        all.iter().filter(|b| b["InUse"].bool() && !b["Shared"].bool()).map(|b| b["Size"].int()).sum();
    row(
        "Build Cache",
        all.len(),
        all.iter().filter(|b| b["InUse"].bool()).count(),
        size,
        units::size(size - taken),
    )
}
