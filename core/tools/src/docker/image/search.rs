//! `docker search`: images on Docker Hub.

use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::formatter::{self, Kind, Row, ellipsis};
use crate::docker::{filters, usage};
use drydock_machinery::value;
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "search",
    usage: "[OPTIONS] TERM",
    short: "Look for images on Docker Hub",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    filters::FLAG,
    Flag::string("format", '\0', "", "Go template to print with"),
    Flag::int("limit", '\0', "0", "Most results"),
    Flag::bool("no-trunc", '\0', false, "Do not shorten anything"),
];

const KIND: Kind = Kind {
    context: "*registry.searchContext",
    columns: &[
        ("Name", "NAME"),
        ("Description", "DESCRIPTION"),
        ("StarCount", "STARS"),
        ("IsOfficial", "OFFICIAL"),
    ],
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let mut request = Request::get("/images/search").query("term", invocation.arg(0).unwrap_or(""));
    if invocation.int("limit") > 0 {
        request = request.query("limit", invocation.int("limit").to_string());
    }
    request = filters::add(request, &filters::parse(&invocation.list("filter")));
    request = request.header("X-Registry-Auth", &engine.settings.auth_header("docker.io"));
    let list = engine.call(invocation.sys, request)?.json();
    let truncate = !invocation.bool("no-trunc");
    let json = invocation.str("format") == "json";
    let rows: Vec<Row> = list
        .items()
        .iter()
        .map(|f| {
            let about = f["description"].text().replace(['\n', '\r'], " ");
            Row::new(value!({
                "Name": (f["name"].text()),
                "Description": (if truncate { ellipsis(&about, 45) } else { about }),
                "StarCount": (f["star_count"].int().to_string()),
                "IsOfficial": (official(f["is_official"].bool(), json))
            }))
        })
        .collect();
    let table = "table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}";
    let format = invocation.str("format").to_string();
    let text = formatter::render(&KIND, &format, table, &rows)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// As JSON a truth, as a column a mark.
fn official(yes: bool, json: bool) -> String {
    match (yes, json) {
        (yes, true) => yes.to_string(),
        (true, false) => "[OK]".into(),
        (false, false) => String::new(),
    }
}
