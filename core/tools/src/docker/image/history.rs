//! `docker history`: an image's layers and what made them.

use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::formatter::{self, Kind, Row, ellipsis, short_id};
use crate::docker::image::list::since;
use crate::docker::{filters, units, usage};
use drydock_machinery::{Timestamp, value};

pub const COMMAND: Command = Command {
    name: "history",
    usage: "[OPTIONS] IMAGE",
    short: "Show what an image was made of",
    long: "docker image history, docker history",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("format", '\0', "", filters::FORMAT_ABOUT),
    Flag::bool("human", 'H', true, "Sizes and dates as people say them"),
    Flag::bool("no-trunc", '\0', false, "Do not shorten anything"),
    Flag::string("platform", '\0', "", "Platform of the image, where there are several"),
    Flag::bool("quiet", 'q', false, "Only IDs"),
];

const KIND: Kind = Kind {
    context: "*image.historyContext",
    columns: &[
        ("ID", "IMAGE"),
        ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("CreatedBy", "CREATED BY"),
        ("Size", "SIZE"),
        ("Comment", "COMMENT"),
    ],
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    let list = engine.get(invocation.sys, format!("/images/{name}/history"))?;
    let human = invocation.bool("human");
    let (now, truncate) = (invocation.sys.unix(), !invocation.bool("no-trunc"));
    let rows: Vec<Row> = list
        .items()
        .iter()
        .map(|layer| {
            let id = layer["Id"].text();
            let created = layer["Created"].int();
            let by = layer["CreatedBy"].text().replace('\t', " ");
            let at = if created < 0 { String::new() } else { Timestamp(created).to_rfc3339() };
            let size = layer["Size"].int();
            Row::new(value!({
                "ID": (if truncate { short_id(id) } else { id.to_string() }),
                "CreatedAt": (at.clone()),
                "CreatedSince": (if human { since(created, now) } else { at }),
                "CreatedBy": (if truncate { ellipsis(&by, 45) } else { by }),
                "Size": (if human { units::size3(size) } else { size.to_string() }),
                "Comment": (layer["Comment"].text())
            }))
        })
        .collect();
    let table = if human {
        "table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
    } else {
        "table {{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
    };
    let mut format = invocation.str("format").to_string();
    if invocation.bool("quiet") && matches!(format.as_str(), "" | "table") {
        format = "{{.ID}}".into();
    }
    let text = formatter::render(&KIND, &format, table, &rows)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}
