//! `POST /build/prune`, and the records of the build cache as `docker system df` lists them.

use super::cache::{Record, RecordKind};
use crate::Docker;
use crate::door::Call;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::ids;
use drydock_container::Machines;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};
use drydock_network::http::Response;
use std::sync::Arc;

/// `POST /build/prune`.
///
/// # Errors
/// Filters that make no sense.
pub fn prune(call: &mut Call<'_>) -> Result<Response, Fault> {
    let all = call.flag("all");
    let filters = Filters::of(
        call.request,
        &["until", "unused-for", "id", "parent", "type", "description", "inuse", "shared", "private"],
    )?;
    let docker = &mut *call.docker;
    let held = held_keys(docker);
    let now = call.machines.clock.now;
    let age = filters.values("until").next().or_else(|| filters.values("unused-for").next());
    let age = age.and_then(|text| drydock_machinery::time::parse_go_duration(text).ok());
    let keep = |record: &Record| {
        let young = age.is_some_and(|ms| now.saturating_sub(record.used) < ms.max(0) as u64);
        let other = !filters.any("type", |t| t == record.kind.name())
            || !filters.any("id", |id| record.id.starts_with(id));
        let needed = !all && record.result.as_ref().is_some_and(|r| held.contains(&r.layer.diff_id));
        young || other || needed
    };
    let (ids, bytes) = docker.builds.cache.prune(&keep);
    if docker.builds.cache.records.is_empty() {
        docker.builds.cache.sent.clear();
    }
    if all {
        docker.builds.cache.bases.clear();
    }
    let gone: Vec<Value> = ids.iter().map(Value::from).collect();
    let gone = if gone.is_empty() { Value::Null } else { Value::from_items(gone) };
    Ok(Response::json(200, value!({ "CachesDeleted": gone, "SpaceReclaimed": bytes })))
}

/// Layers that images of the engine are made of: their records are shared, and stay unless all go.
fn held_keys(docker: &Docker) -> std::collections::BTreeSet<Arc<str>> {
    docker.images.records.values().flat_map(|r| r.image.layers.iter().map(|l| l.diff_id.clone())).collect()
}

/// The records, as `BuildCache` of `GET /system/df` has them, newest first.
#[must_use]
pub fn list(docker: &Docker, machines: &Machines) -> Value {
    let held = held_keys(docker);
    let mut records: Vec<&Arc<Record>> = docker.builds.cache.records.values().collect();
    records.arrange_by_key(|r| std::cmp::Reverse(r.number));
    let row = |r: &&Arc<Record>| {
        let shared = r.result.as_ref().is_some_and(|s| held.contains(&s.layer.diff_id));
        value!({
            "ID": &r.id,
            "Type": r.kind.name(),
            "Description": &r.description,
            "InUse": false,
            "Shared": shared,
            "Size": r.size,
            "CreatedAt": ids::moment(machines, r.created),
            "LastUsedAt": ids::moment(machines, r.used),
            "UsageCount": r.uses
        })
    };
    Value::from_items(records.iter().map(row).collect())
}

/// A kind of record from its name.
#[must_use]
pub fn kind(name: &str) -> Option<RecordKind> {
    [RecordKind::Regular, RecordKind::Source, RecordKind::CacheMount].into_iter().find(|k| k.name() == name)
}
