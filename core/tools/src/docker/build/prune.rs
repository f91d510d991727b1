//! `docker builder prune`, `docker buildx prune`, `docker buildx du`: the records of the build cache.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, post};
use crate::docker::{confirm, units};
use drydock_machinery::{Timestamp, Value, json};

pub const COMMAND: Command = Command {
    name: "prune",
    usage: "",
    short: "Remove build cache",
    flags: &[FLAGS],
    run: |invocation| {
        let what = if invocation.bool("all") { "all" } else { "all dangling" };
        let question =
            format!("WARNING! This will remove {what} build cache. Are you sure you want to continue?");
        confirm::unless_forced(invocation, &question, prune)
    },
    ..Command::BASE
};

pub const DU: Command = Command {
    name: "du",
    usage: "",
    short: "Disk usage",
    flags: &[&[
        Flag::array("filter", '\0', "Which records to show").called("filter"),
        Flag::bool("verbose", '\0', false, "Show all that is known of each"),
    ]],
    run: usage,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("all", 'a', false, "Remove what images still share, too"),
    Flag::array("filter", '\0', "Which records to remove (\"until=24h\")").called("filter"),
    Flag::bool("force", 'f', false, "Do not ask"),
    Flag::string("keep-storage", '\0', "", "How much may stay"),
    Flag::bool("verbose", '\0', false, "Show all that is known of each"),
];

/// Records of the cache, newest first.
fn records(invocation: &mut Invocation<'_, '_>, engine: &Engine) -> Result<Vec<Value>, Error> {
    let usage = engine.get(invocation.sys, "/system/df")?;
    Ok(usage["BuildCache"].items().to_vec())
}

fn prune(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let engine = Engine::connect(invocation)?;
    let before = records(invocation, &engine)?;
    let mut request = post("/build/prune", Value::Null);
    if invocation.bool("all") {
        request = request.query("all", "1");
    }
    let filters = invocation.list("filter");
    if !filters.is_empty() {
        let pairs = filters.iter().filter_map(|f| f.split_once('='));
        let entries =
            pairs.map(|(k, v)| (drydock_machinery::Sym::from(k), drydock_machinery::value!({ v: true })));
        request = request.query("filters", json::to_string(&Value::from_entries(entries.collect())));
    }
    let gone = engine.call(invocation.sys, request)?.json();
    let ids: Vec<&str> = gone["CachesDeleted"].items().iter().map(Value::text).collect();
    let rows: Vec<&Value> = before.iter().filter(|r| ids.contains(&r["ID"].text())).collect();
    let mut out = String::new();
    for (at, row) in rows.iter().enumerate() {
        let line = record(invocation, row);
        // Each row is flushed by itself; the header goes with the first.
        out.push_str(&if at == 0 { columns(&format!("{HEADER}{line}")) } else { columns(&line) });
    }
    out.push_str(&format!("Total:\t{}\n", units::size(gone["SpaceReclaimed"].int())));
    invocation.print(&out);
    Ok(Flow::Done(0))
}

const HEADER: &str = "ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n";

fn record(invocation: &Invocation<'_, '_>, row: &Value) -> String {
    let now = invocation.sys.machines.clock.unix_ms();
    let used = Timestamp::parse(row["LastUsedAt"].text()).map_or(0, |t| t.0.saturating_mul(1000));
    let size = format!("{}{}", units::size(row["Size"].int()), if row["Shared"].bool() { "*" } else { "" });
    let ago = units::duration(now.saturating_sub(used));
    let id = format!("{}*", row["ID"].text());
    format!("{id:<40}\t{:<5}\t{size:<10}\t{ago} ago\n", !row["InUse"].bool())
}

/// As Go's tabwriter with tabs for padding.
fn columns(text: &str) -> String {
    let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split('\t').collect()).collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |n: usize| {
        let cells = rows.iter().filter(|r| r.len() > n + 1).filter_map(|r| r.get(n));
        cells.map(|c| c.chars().count() + 1).max().unwrap_or(0).div_ceil(8) * 8
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        for (n, cell) in row.iter().enumerate() {
            out.push_str(cell);
            if n + 1 < row.len() {
                let missing = widths.get(n).copied().unwrap_or(0).saturating_sub(cell.chars().count());
                out.push_str(&"\t".repeat(missing.div_ceil(8)));
            }
        }
        out.push('\n');
    }
    out
}

fn usage(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let engine = Engine::connect(invocation)?;
    let rows = records(invocation, &engine)?;
    let mut out = String::new();
    if invocation.bool("verbose") {
        for row in &rows {
            for (title, value) in [
                ("ID:", row["ID"].text().to_string()),
                ("Created at:", row["CreatedAt"].text().to_string()),
                ("Mutable:", "false".into()),
                ("Reclaimable:", (!row["InUse"].bool()).to_string()),
                ("Shared:", row["Shared"].bool().to_string()),
                ("Size:", units::size(row["Size"].int())),
                ("Description:", row["Description"].text().to_string()),
                ("Usage count:", row["UsageCount"].int().to_string()),
                ("Last used:", row["LastUsedAt"].text().to_string()),
                ("Type:", row["Type"].text().to_string()),
            ] {
                out.push_str(&format!("{title}\t{value}\n"));
            }
            out.push('\n');
        }
    } else if !rows.is_empty() {
        let lines: String = rows.iter().map(|r| record(invocation, r)).collect();
        out.push_str(&columns(&format!("{HEADER}{lines}")));
    }
    let sum = |shared: Option<bool>| -> i64 {
        rows.iter().filter(|r| shared.is_none_or(|s| r["Shared"].bool() == s)).map(|r| r["Size"].int()).sum()
    };
    if sum(Some(true)) > 0 {
        out.push_str(&format!(
            "Shared:\t\t{}\nPrivate:\t{}\n",
            units::size(sum(Some(true))),
            units::size(sum(Some(false)))
        ));
    }
    out.push_str(&format!(
        "Reclaimable:\t{}\nTotal:\t\t{}\n",
        units::size(sum(None)),
        units::size(sum(None))
    ));
    invocation.print(&out);
    Ok(Flow::Done(0))
}

#[cfg(test)]
mod tests {
    #[test]
    fn tabs_as_recorded() {
        let row = format!("{:<40}\ttrue \t0B        \t20 seconds ago\n", "fphke36eushl1wlo7km3lto1f*");
        assert_eq!(
            super::columns(&format!("{}{row}", super::HEADER)),
            format!(
                "ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n{:<40}\ttrue \t\t0B        \t20 seconds ago\n",
                "fphke36eushl1wlo7km3lto1f*"
            )
        );
    }
}
