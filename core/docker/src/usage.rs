//! `GET /system/df`: what takes room. Follows `daemon/disk_usage.go` of moby 26.1.

use crate::container::Container;
use crate::door::Call;
use crate::images::list::{shared_size, summary};
use crate::images::remove::layer_sizes;
use crate::json::{Json, Object};
use crate::system::answer;
use crate::{list, volumes};
use drydock_machinery::sort::Arrange;
use drydock_network::http::Response;
use std::sync::Arc;

/// Answers the request.
#[must_use]
pub fn usage(call: &Call<'_>) -> Response {
    let docker = &*call.docker;
    let kinds: Vec<&str> = call.request.query.iter().filter(|q| &*q.0 == "type").map(|q| &*q.1).collect();
    let wants = |kind: &str| kinds.is_empty() || kinds.contains(&kind);
    let mut o = Object::default();
    if wants("image") {
        o.put("LayersSize", layer_sizes(docker));
        let mut records: Vec<_> = docker.images.records.values().cloned().collect();
        records.arrange_by_key(|r| std::cmp::Reverse((r.image.created, r.number)));
        let shown = records.iter().filter(|r| {
            !docker.images.tags_of(&r.image.id).is_empty()
                || docker.images.children_of(&r.image.id).next().is_none()
        });
        let rows = shown.map(|r| {
            let users = docker.containers.values().filter(|c| c.image.id == r.image.id).count();
            let (tags, digests) = (docker.images.tags_of(&r.image.id), docker.images.digests_of(&r.image.id));
            summary(r, &tags, &digests, shared_size(docker, r) as i64, users as i64)
        });
        o.put("Images", Json::list(rows));
    }
    if wants("container") {
        let mut all: Vec<&Arc<Container>> = docker.containers.values().collect();
        all.arrange_by_key(|c| std::cmp::Reverse(c.number));
        o.put("Containers", Json::list(all.into_iter().map(|c| list::row(docker, call.machines, c, true))));
    }
    if wants("volume") {
        let rows = docker.volumes.values().map(|v| {
            let users = docker.users_of_volume(&v.name).len() as i64;
            volumes::shown(call.machines, v, Some((users, volumes::size(call.machines, v) as i64)))
        });
        o.put("Volumes", Json::list(rows));
    }
    if wants("build-cache") {
        o.put("BuildCache", crate::build::prune::list(docker, call.machines));
    }
    o.put("BuilderSize", 0);
    answer(200, &o.done())
}
