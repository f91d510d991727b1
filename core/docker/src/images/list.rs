//! `GET /images/json`: images with their names, newest first. Filters as `daemon/images` 26.1.

use crate::Docker;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::images::Record;
use crate::json;
use crate::json::{Json, ToJson};
use drydock_container::images::reference::Reference;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Timestamp, Value};
use drydock_network::http::{Body, Request, Response};
use std::sync::Arc;

const FILTERS: &[&str] = &["dangling", "label", "label!", "before", "since", "reference", "until"];

/// Answers the request.
///
/// # Errors
/// Unknown filters; `before` and `since` that name no image.
pub fn list(docker: &Docker, request: &Request) -> Result<Response, Fault> {
    let filters = Filters::of(request, FILTERS)?;
    let all = matches!(request.param("all"), Some("1" | "true"));
    let dangling = filters.flag("dangling")?;
    let before = bound(docker, &filters, "before")?;
    let since = bound(docker, &filters, "since")?;
    let until = filters.values("until").next().and_then(until_seconds);
    let mut found: Vec<(Arc<Record>, Vec<String>, Vec<String>)> = Vec::new();
    for record in docker.images.records.values() {
        let image = &record.image;
        let order = (image.created, record.number);
        if before.is_some_and(|b| order >= b) || since.is_some_and(|s| order <= s) {
            continue;
        }
        if until.is_some_and(|u| image.created >= u) || !filters.labels(&labels(record)) {
            continue;
        }
        let mut tags = docker.images.tags_of(&image.id);
        let mut digests = docker.images.digests_of(&image.id);
        if filters.get("reference").is_some() {
            let wanted = |name: &String| filters.any("reference", |pattern| reference_matches(pattern, name));
            tags.retain(wanted);
            digests.retain(wanted);
            if tags.is_empty() && digests.is_empty() {
                continue;
            }
        }
        let unnamed = tags.is_empty() && digests.is_empty();
        let has_children = docker.images.children_of(&image.id).next().is_some();
        // Images between a build's steps are shown to those who ask for all.
        if unnamed && has_children && !all || dangling == Some(true) && (!unnamed || has_children) {
            continue;
        }
        if dangling == Some(false) && unnamed {
            continue;
        }
        found.push((record.clone(), tags, digests));
    }
    found.arrange_by_key(|(r, ..)| std::cmp::Reverse((r.image.created, r.number)));
    let shared = matches!(request.param("shared-size"), Some("1" | "true"));
    let rows = found.iter().map(|(record, tags, digests)| {
        let shared = if shared { shared_size(docker, record) as i64 } else { -1 };
        summary(record, tags, digests, shared, -1)
    });
    Ok(Response::new(200, Body::text(&(Json::list(rows).0 + "\n")))
        .header("Content-Type", "application/json"))
}

/// One row of the list.
#[must_use]
pub fn summary(record: &Record, tags: &[String], digests: &[String], shared: i64, containers: i64) -> Json {
    let image = &record.image;
    let parent = if record.parent.is_empty() { String::new() } else { format!("sha256:{}", record.parent) };
    let labels = labels(record);
    json!({
        "Containers": containers,
        "Created": image.created,
        "Id": format!("sha256:{}", image.id),
        "Labels": if labels.is_empty() { Json::null() } else { labels.to_json() },
        "ParentId": parent,
        "RepoDigests": Json::strings(digests),
        "RepoTags": Json::strings(tags),
        "SharedSize": shared,
        "Size": image.size,
    })
}

/// An image's labels as a map.
#[must_use]
pub fn labels(record: &Record) -> Value {
    record.image.labels.iter().map(|(k, v)| (&**k, Value::from(v))).collect()
}

/// Bytes of an image's layers that other images here have too.
#[must_use]
pub fn shared_size(docker: &Docker, record: &Record) -> u64 {
    let others = || docker.images.records.values().filter(|r| r.image.id != record.image.id);
    let layers = record.image.layers.iter();
    layers
        .filter(|layer| others().any(|o| o.image.layers.iter().any(|l| l.diff_id == layer.diff_id)))
        .map(|layer| layer.size)
        .sum()
}

fn bound(docker: &Docker, filters: &Filters, name: &str) -> Result<Option<(i64, u64)>, Fault> {
    let Some(typed) = filters.values(name).next() else { return Ok(None) };
    let record = docker.images.find(typed)?;
    Ok(Some((record.image.created, record.number)))
}

/// A moment as unix seconds: a number or RFC 3339. Durations are counted back by the client.
#[must_use]
pub fn until_seconds(text: &str) -> Option<i64> {
    let whole = text.split('.').next().unwrap_or(text);
    whole.parse().ok().or_else(|| Timestamp::parse(text).map(|t| t.0))
}

/// Whether a name fits a pattern of `docker images`: the name without tag, or name and tag, with
/// `*` and `?` that do not cross a slash.
#[must_use]
pub fn reference_matches(pattern: &str, familiar: &str) -> bool {
    let name = Reference::parse(familiar).map_or_else(|_| familiar.to_string(), |r| r.familiar_name());
    path_match(pattern, familiar) || path_match(pattern, &name)
}

/// Go's `path.Match` without classes.
#[must_use]
pub fn path_match(pattern: &str, text: &str) -> bool {
    let mut chars = pattern.chars();
    match chars.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = chars.as_str();
            let end = text.find('/').unwrap_or(text.len());
            (0..=end).any(|at| text.get(at..).is_some_and(|t| path_match(rest, t)))
        }
        Some(c) => {
            let mut given = text.chars();
            given.next().is_some_and(|g| if c == '?' { g != '/' } else { g == c })
                && path_match(chars.as_str(), given.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names_and_tags() {
        for (pattern, name, fits) in [
            ("nginx", "nginx:latest", true),
            ("my*", "myweb:v2", true),
            ("*", "learner/app:v1", false),
            ("learner/*", "learner/app:v1", true),
            ("nginx:1.*", "nginx:1.27", true),
            ("nginx:1.*", "nginx:latest", false),
        ] {
            assert_eq!(reference_matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
