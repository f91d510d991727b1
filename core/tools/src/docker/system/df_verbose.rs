//! `docker system df -v`: four lists, one a kind of thing.

use crate::cli::Error;
use crate::docker::container::ps;
use crate::docker::formatter::{self, Kind, Row, short_id};
use crate::docker::image::list as images;
use crate::docker::units;
use crate::docker::volume::list as volumes;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json, value};

const CONTAINERS: Kind = Kind {
    context: "*formatter.ContainerContext",
    columns: &[
        ("ID", "CONTAINER ID"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("LocalVolumes", "LOCAL VOLUMES"),
        ("Size", "SIZE"),
        ("RunningFor", "CREATED"),
        ("Status", "STATUS"),
        ("Names", "NAMES"),
    ],
};
const BUILDS: Kind = Kind {
    context: "*formatter.buildCacheContext",
    columns: &[
        ("ID", "CACHE ID"),
        ("CacheType", "CACHE TYPE"),
        ("Size", "SIZE"),
        ("CreatedSince", "CREATED"),
        ("LastUsedSince", "LAST USED"),
        ("UsageCount", "USAGE"),
        ("Shared", "SHARED"),
    ],
};

/// The four lists.
///
/// # Errors
/// A template that does not fit.
pub fn render(usage: &Value, format: &str, now: i64) -> Result<String, Error> {
    if format == "json" {
        return Ok(json::to_string(usage) + "\n");
    }
    let mut image_rows = Vec::new();
    for image in usage["Images"].items() {
        // Only one line an image: its first name.
        let (repository, tag) = match images::names(image, false).into_iter().next() {
            Some((repository, tag, _)) => (repository, tag),
            None => ("<none>".into(), "<none>".into()),
        };
        image_rows.push(images::row(image, &repository, &tag, "<none>", now, true));
    }
    let container_rows: Vec<Row> =
        usage["Containers"].items().iter().map(|c| ps::row(&c.without("SizeRootFs"), now, true)).collect();
    let volume_rows: Vec<Row> = usage["Volumes"].items().iter().map(volumes::row).collect();
    let mut builds: Vec<Value> = usage["BuildCache"].items().to_vec();
    builds.arrange_by(|a, b| a["LastUsedAt"].text().cmp(b["LastUsedAt"].text()));
    let build_rows: Vec<Row> = builds.iter().map(|b| build(b, now)).collect();
    let total: i64 = builds.iter().filter(|b| !b["Shared"].bool()).map(|b| b["Size"].int()).sum();
    let parts = [
        (
            "Images space usage:\n\n".to_string(),
            formatter::render(
                &images::KIND,
                "",
                "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}",
                &image_rows,
            )?,
        ),
        (
            "\nContainers space usage:\n\n".into(),
            formatter::render(
                &CONTAINERS,
                "",
                "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}",
                &container_rows,
            )?,
        ),
        (
            "\nLocal Volumes space usage:\n\n".into(),
            formatter::render(&volumes::KIND, "", "table {{.Name}}\t{{.Links}}\t{{.Size}}", &volume_rows)?,
        ),
        (
            format!("\nBuild cache usage: {}\n\n", units::size(total)),
            formatter::render(
                &BUILDS,
                "",
                "table {{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}",
                &build_rows,
            )?,
        ),
    ];
    Ok(parts.into_iter().map(|(head, text)| head + &text).collect())
}

fn build(record: &Value, now: i64) -> Row {
    let ago = |key: &str| {
        let at = drydock_machinery::Timestamp::parse(record[key].text());
        at.map_or_else(String::new, |at| format!("{} ago", units::duration((now - at.0) * 1000)))
    };
    let mut id = short_id(record["ID"].text());
    if record["InUse"].bool() {
        id.push('*');
    }
    Row::new(value!({
        "ID": (id), "CacheType": (record["Type"].text()), "Size": (units::size3(record["Size"].int())),
        "CreatedSince": (ago("CreatedAt")), "LastUsedSince": (ago("LastUsedAt")),
        "UsageCount": (record["UsageCount"].int().to_string()), "Shared": (record["Shared"].bool().to_string())
    }))
}
