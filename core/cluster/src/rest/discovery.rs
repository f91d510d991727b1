//! Discovery: which groups, versions and resources there are. Aggregated documents (v2 and v2beta1)
//! as negotiated by the Accept header, and the lists of old, which `drain` and `auth can-i` still read.

use crate::aggregation::{self, Behind};
use crate::cluster::Cluster;
use crate::kinds::{self, Kind, Subresource};
use crate::status::Status;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Sym, Value, value};
use drydock_network::http::{Request, Response};

type Answer = Result<Response, Status>;

/// The aggregated form asked for: `v2`, `v2beta1` or none.
fn aggregated(request: &Request) -> Option<&'static str> {
    let accept = request.headers.get("accept").unwrap_or("");
    for media in accept.split(',') {
        let parts: Vec<&str> = media.split(';').map(str::trim).collect();
        if !parts.contains(&"as=APIGroupDiscoveryList") {
            if parts.first() == Some(&"application/json") {
                return None;
            }
            continue;
        }
        if parts.contains(&"v=v2") {
            return Some("v2");
        }
        if parts.contains(&"v=v2beta1") {
            return Some("v2beta1");
        }
    }
    None
}

/// `/api`
pub(super) fn core(cluster: &Cluster, request: &Request) -> Answer {
    if let Some(version) = aggregated(request) {
        return Ok(list(version, vec![group_document(cluster, "")]));
    }
    Ok(Response::json(
        200,
        value!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "control-plane:6443"}],
        }),
    ))
}

/// `/apis`
pub(super) fn groups(cluster: &Cluster, request: &Request) -> Answer {
    let names = group_names(cluster);
    if let Some(version) = aggregated(request) {
        let documents = names.iter().map(|name| group_document(cluster, name));
        return Ok(list(version, documents.collect()));
    }
    let groups: Value = names.iter().map(|name| legacy_group(cluster, name)).collect();
    Ok(Response::json(200, value!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})))
}

/// `/apis/GROUP`
pub(super) fn group(cluster: &Cluster, name: &str) -> Answer {
    if !group_names(cluster).contains(&name) {
        return Ok(super::no_page());
    }
    let group = legacy_group(cluster, name).with("kind", "APIGroup").with("apiVersion", "v1");
    Ok(Response::json(200, group))
}

/// `/api/v1`, `/apis/GROUP/VERSION`
pub(super) fn resources(cluster: &Cluster, group: &str, version: &str) -> Answer {
    let kinds: Vec<Kind> = served(cluster, group, version);
    if kinds.is_empty() {
        return Ok(super::no_page());
    }
    let mut list = Vec::new();
    for kind in &kinds {
        let mut entry = value!({
            "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced,
            "kind": kind.kind, "verbs": words(kind.verbs),
        });
        for (key, texts) in [("shortNames", kind.short), ("categories", kind.categories)] {
            if !texts.is_empty() {
                entry = entry.with(key, words(texts));
            }
        }
        list.push(entry);
        for sub in kind.subresources {
            let shown = if sub.kind.is_empty() { kind.kind } else { sub.kind };
            let mut entry = value!({
                "name": format!("{}/{}", kind.plural, sub.name), "singularName": "",
                "namespaced": kind.namespaced, "kind": shown, "verbs": words(sub.verbs),
            });
            if !sub.group.is_empty() {
                entry = entry.with("group", sub.group).with("version", sub.version);
            }
            list.push(entry);
        }
    }
    list.arrange_by(|a, b| a["name"].text().cmp(b["name"].text()));
    Ok(Response::json(
        200,
        value!({
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": kinds::api_version(group, version), "resources": list,
        }),
    ))
}

fn words(texts: &[&'static str]) -> Value {
    texts.iter().map(|text| Value::from(*text)).collect()
}

/// Every group but the core one, in the order of a real server: its own first, then definitions'.
pub(super) fn group_names(cluster: &Cluster) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    let mut custom: Vec<&'static str> = Vec::new();
    for (id, kind) in cluster.kinds() {
        let list = if kinds::builtin(id).is_some() { &mut names } else { &mut custom };
        for group in std::iter::once(kind.group).chain(kind.served.iter().map(|s| s.group)) {
            if !group.is_empty() && !list.contains(&group) {
                list.push(group);
            }
        }
    }
    names.arrange();
    for (group, _) in aggregation::versions(cluster) {
        custom.push(Sym::new(group.text()).text());
    }
    custom.retain(|group| !names.contains(group));
    custom.arrange();
    custom.dedup();
    names.extend(custom);
    names
}

/// Versions of a group, the preferred one first.
pub(super) fn versions(cluster: &Cluster, group: &str) -> Vec<&'static str> {
    let mut versions: Vec<&'static str> = Vec::new();
    for (_, kind) in cluster.kinds() {
        let own = (kind.group == group).then_some(kind.version);
        let others = kind.served.iter().filter(|s| s.group == group).map(|s| s.version);
        for version in own.into_iter().chain(others) {
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
    }
    for (_, version) in aggregation::versions(cluster).filter(|(of, _)| of.text() == group) {
        let version = Sym::new(version.text()).text();
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions.arrange_by_key(|version| std::cmp::Reverse(rank(version)));
    versions
}

/// Kubernetes' order of versions: stable before beta before alpha, then the higher number.
fn rank(version: &str) -> (u8, u32, u32) {
    let Some(rest) = version.strip_prefix('v') else { return (0, 0, 0) };
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    if let Some((major, minor)) = rest.split_once("beta") {
        return (2, number(major), number(minor));
    }
    if let Some((major, minor)) = rest.split_once("alpha") {
        return (1, number(major), number(minor));
    }
    (3, number(rest), 0)
}

/// Kinds served under a group and version, with the group's own names.
pub(super) fn served(cluster: &Cluster, group: &str, version: &str) -> Vec<Kind> {
    if let Some(kinds) = aggregation::served(cluster, group, version) {
        return kinds;
    }
    cluster.kinds().map(|(_, kind)| *kind).filter(|kind| kind.serves(group, version)).collect()
}

fn legacy_group(cluster: &Cluster, name: &str) -> Value {
    let versions: Vec<Value> = versions(cluster, name)
        .iter()
        .map(|version| value!({"groupVersion": kinds::api_version(name, version), "version": *version}))
        .collect();
    let preferred = versions.first().cloned().unwrap_or_default();
    value!({"name": name, "versions": versions, "preferredVersion": preferred})
}

fn list(version: &str, items: Vec<Value>) -> Response {
    let document = value!({
        "kind": "APIGroupDiscoveryList", "apiVersion": format!("apidiscovery.k8s.io/{version}"),
        "metadata": {}, "items": items,
    });
    let media = format!("application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
    Response::json(200, document).header("Content-Type", &media)
}

fn group_document(cluster: &Cluster, group: &str) -> Value {
    let versions: Value = versions(cluster, group)
        .iter()
        .map(|version| {
            let mut kinds = served(cluster, group, version);
            // A replayed server listed its own kinds in its own order.
            if !cluster.replay {
                kinds.arrange_by_key(|kind| kind.plural);
            }
            let resources: Value = kinds.iter().map(|kind| resource(kind, group, version)).collect();
            if matches!(aggregation::behind(cluster, group, version), Behind::Down) {
                return value!({"version": *version, "freshness": "Stale"});
            }
            value!({"version": *version, "resources": resources, "freshness": "Current"})
        })
        .collect();
    let metadata = if group.is_empty() { value!({}) } else { value!({"name": group}) };
    value!({"metadata": metadata, "versions": versions})
}

fn response_kind(group: &str, version: &str, kind: &str) -> Value {
    value!({"group": group, "version": version, "kind": kind})
}

fn resource(kind: &Kind, group: &str, version: &str) -> Value {
    let scope = if kind.namespaced { "Namespaced" } else { "Cluster" };
    let mut entry = value!({
        "resource": kind.plural, "responseKind": response_kind(group, version, kind.kind), "scope": scope,
        "singularResource": kind.singular, "verbs": words(kind.verbs),
    });
    for (key, texts) in [("shortNames", kind.short), ("categories", kind.categories)] {
        if !texts.is_empty() {
            entry = entry.with(key, words(texts));
        }
    }
    if !kind.subresources.is_empty() {
        let sub = |sub: &Subresource| {
            let shown = if sub.kind.is_empty() { kind.kind } else { sub.kind };
            let (g, v) = if sub.group.is_empty() { (group, version) } else { (sub.group, sub.version) };
            value!({
                "subresource": sub.name, "responseKind": response_kind(g, v, shown), "verbs": words(sub.verbs),
            })
        };
        entry = entry.with("subresources", kind.subresources.iter().map(sub).collect::<Value>());
    }
    entry
}
