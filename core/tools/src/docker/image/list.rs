//! `docker images`.

use super::tree;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::formatter::{self, Kind, Row, short_id};
use crate::docker::{filters, units, usage};
use drydock_machinery::{Timestamp, Value, value};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "images",
    usage: "[OPTIONS] [REPOSITORY[:TAG]]",
    short: "Show the images that are here",
    long: "docker image ls, docker image list, docker images",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

/// `docker image ls`.
pub const LIST: Command = Command { name: "ls", aliases: &["list"], ..COMMAND };

const FLAGS: &[Flag] = &[
    Flag::bool("all", 'a', false, "Intermediate images too"),
    Flag::bool("digests", '\0', false, "Digests too"),
    filters::FLAG,
    Flag::string("format", '\0', "", filters::FORMAT_ABOUT),
    Flag::bool("no-trunc", '\0', false, "Do not shorten anything"),
    Flag::bool("quiet", 'q', false, "Only IDs"),
    Flag::bool("tree", '\0', false, "As a tree, with platforms (experimental)"),
];

/// What an image list can show.
pub const KIND: Kind = Kind {
    context: "*formatter.imageContext",
    columns: &[
        ("ID", "IMAGE ID"),
        ("Repository", "REPOSITORY"),
        ("Tag", "TAG"),
        ("Digest", "DIGEST"),
        ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("Size", "SIZE"),
        ("Containers", "CONTAINERS"),
        ("VirtualSize", "SIZE"),
        ("SharedSize", "SHARED SIZE"),
        ("UniqueSize", "UNIQUE SIZE"),
    ],
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_most(invocation, 1)?;
    let engine = Engine::connect(invocation)?;
    let mut given = invocation.list("filter");
    if let Some(name) = invocation.arg(0) {
        given.push(format!("reference={name}"));
    }
    let mut request = Request::get("/images/json");
    if invocation.bool("all") {
        request = request.query("all", "1");
    }
    request = filters::add(request, &filters::parse(&given));
    let tree = invocation.bool("tree");
    if tree {
        for (flag, given) in [
            ("--quiet", invocation.bool("quiet")),
            ("--no-trunc", invocation.bool("no-trunc")),
            ("--show-digest", invocation.bool("digests")),
            ("--format", !invocation.str("format").is_empty()),
        ] {
            if given {
                return Err(Error::raw(format!("{flag} is not yet supported with --tree\n")));
            }
        }
    }
    let list = engine.call(invocation.sys, request)?.json();
    if tree {
        tree::print(invocation, &list);
        return Ok(Flow::Done(0));
    }
    let quiet = invocation.bool("quiet");
    let digests = invocation.bool("digests");
    let mut format = invocation.str("format").to_string();
    if format.is_empty() && !quiet {
        format = engine.settings.format("imagesFormat").into();
    }
    let with_digests = digests || format.contains(".Digest");
    let (now, truncate) = (invocation.sys.unix(), !invocation.bool("no-trunc"));
    let mut rows = Vec::new();
    for image in list.items() {
        for (repository, tag, digest) in names(image, with_digests) {
            rows.push(row(image, &repository, &tag, &digest, now, truncate));
        }
    }
    let digest = if digests { "{{.Digest}}\t" } else { "" };
    let table = format!(
        "table {{{{.Repository}}}}\t{{{{.Tag}}}}\t{digest}{{{{.ID}}}}\t{{{{.CreatedSince}}}}\t{{{{.Size}}}}"
    );
    if quiet && matches!(format.as_str(), "" | "table") {
        format = "{{.ID}}".into();
    }
    let text = formatter::render(&KIND, &format, &table, &rows)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// Repository, tag and digest of each line an image has.
#[must_use]
pub fn names(image: &Value, digests: bool) -> Vec<(String, String, String)> {
    const NONE: &str = "<none>";
    let tags: Vec<(String, String)> = image["RepoTags"]
        .items()
        .iter()
        .filter(|t| *t != "<none>:<none>")
        .filter_map(|t| t.text().rsplit_once(':').map(|(r, t)| (r.to_string(), t.to_string())))
        .collect();
    let known: Vec<(String, String)> = image["RepoDigests"]
        .items()
        .iter()
        .filter(|d| *d != "<none>@<none>")
        .filter_map(|d| d.text().split_once('@').map(|(r, d)| (r.to_string(), d.to_string())))
        .collect();
    let none = NONE.to_string();
    if tags.is_empty() && known.is_empty() {
        return vec![(none.clone(), none.clone(), none)];
    }
    let mut out = Vec::new();
    for (repository, tag) in &tags {
        let digest = known.iter().find(|d| d.0 == *repository).map_or(NONE, |d| &d.1);
        out.push((repository.clone(), tag.clone(), if digests { digest.into() } else { none.clone() }));
    }
    let untagged = known.iter().filter(|d| !tags.iter().any(|t| t.0 == d.0));
    out.extend(
        untagged.map(|(r, d)| (r.clone(), none.clone(), if digests { d.clone() } else { String::new() })),
    );
    out
}

/// One line.
#[must_use]
pub fn row(image: &Value, repository: &str, tag: &str, digest: &str, now: i64, truncate: bool) -> Row {
    let id = image["Id"].text();
    let created = image["Created"].int();
    let size = image["Size"].int();
    let shared = image["SharedSize"].int();
    let known = |n: i64, text: String| if n < 0 { "N/A".to_string() } else { text };
    let has_shared = image.find("SharedSize").is_some() && shared >= 0;
    let containers = if image.find("Containers").is_some() { image["Containers"].int() } else { -1 };
    Row::new(value!({
        "ID": (if truncate { short_id(id) } else { id.to_string() }), "Repository": repository, "Tag": tag,
        "Digest": digest, "CreatedSince": (format!("{} ago", units::duration((now - created) * 1000))), "CreatedAt": (Timestamp(created).go_string()),
        "Size": (units::size3(size)), "Containers": (known(containers, containers.to_string())),
        "VirtualSize": (units::size(size)),
        "SharedSize": (if has_shared { units::size(shared) } else { "N/A".into() }),
        "UniqueSize": (if has_shared { units::size(size - shared) } else { "N/A".into() })
    }))
}

/// `6 minutes ago`; nothing certain of a time before 1970.
#[must_use]
pub fn since(created: i64, now: i64) -> String {
    if created <= 0 {
        return "N/A".into();
    }
    format!("{} ago", units::duration((now - created) * 1000))
}
