//! `docker images --tree`: the experimental view, colours and all. Follows `docker/cli` 28's
//! `cli/command/image/tree.go` for images of one platform.

use crate::cli::Invocation;
use crate::docker::formatter::short_id;
use crate::docker::units;
use drydock_machinery::Value;
use std::fmt::Write;

/// The terminal's width is taken as 80.
const WIDTH: usize = 80;

/// Prints the images by name.
pub fn print(invocation: &mut Invocation<'_, '_>, list: &Value) {
    let mut rows: Vec<(String, String, String, bool)> = Vec::new();
    for image in list.items() {
        let mut names: Vec<String> = image["RepoTags"].items().iter().map(|t| t.text().to_string()).collect();
        if names.is_empty() {
            names.push("<untagged>".into());
        }
        let used = image["Containers"].int() > 0;
        for name in names {
            let size = units::size3(image["Size"].int());
            rows.push((name, short_id(image["Id"].text()), size, used));
        }
    }
    let width = rows.iter().map(|r| r.0.chars().count()).max().unwrap_or(0).max(5);
    invocation.print(
        "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.\n",
    );
    let legend = "Info ->  U In Use ";
    let mut out = format!("{legend:>WIDTH$}\n\n");
    let bold = |title: &str, width: usize| {
        format!("\x1b[39m\x1b[1m{title}\x1b[0m{}", " ".repeat(width - title.len()))
    };
    let _ = writeln!(
        out,
        "{}   {}   {}   {}   {}",
        bold("IMAGE", width),
        bold("ID", 12),
        bold("DISK USAGE", 10),
        bold("CONTENT SIZE", 12),
        bold("EXTRA", 5)
    );
    for (name, id, size, used) in rows {
        let mark = if used { "U" } else { " " };
        let _ = writeln!(out, "{name:width$}   {id}   {size:>10}   {:>12}   {mark:^5}", "0B");
    }
    invocation.print(&out);
}
