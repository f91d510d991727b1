//! Reading: one object, lists, tables, metadata only; and the beginning of watches.

use super::Call;
use super::moment;
use super::options::{self, Selection};
use crate::cluster::Cluster;
use crate::kinds::{self, KindId};
use crate::object::Object;
use crate::status::Status;
use crate::table;
use crate::watch::{self, Watch};
use drydock_container::Machines;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Request, Response};
use std::sync::Arc;

/// The form in which a client wants objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Full,
    /// A Table; with whole objects or only their metadata in the rows.
    Table {
        whole: bool,
        none: bool,
    },
    Metadata,
}

/// The first acceptable shape of the Accept header.
pub(crate) fn wanted(request: &Request) -> Result<Shape, Status> {
    let accept = request.headers.get("accept").unwrap_or("");
    let mut known = accept.trim().is_empty();
    for media in accept.split(',') {
        let mut parts = media.split(';').map(str::trim);
        let kind = parts.next().unwrap_or("");
        let json = matches!(kind, "application/json" | "*/*" | "application/*" | "application/yaml");
        known |=
            json || kind == "application/vnd.kubernetes.protobuf" || kind.starts_with("application/json;");
        let names: Vec<&str> = parts.collect();
        if json && names.contains(&"as=Table") {
            let include = request.param("includeObject");
            return Ok(Shape::Table { whole: include == Some("Object"), none: include == Some("None") });
        }
        let metadata = ["as=PartialObjectMetadata", "as=PartialObjectMetadataList"];
        if json && metadata.iter().any(|m| names.contains(m)) {
            return Ok(Shape::Metadata);
        }
        if json {
            return Ok(Shape::Full);
        }
    }
    if known {
        return Ok(Shape::Full);
    }
    Err(Status::new(406, "NotAcceptable", "406: Not Acceptable").with_details(value!({})))
}

/// Our own kubectl asks to be spared managed fields it would only hide: working them out for 10,000
/// pods takes longer than all the rest. A header no other client sends.
pub(crate) fn is_lean(request: &Request) -> bool {
    request.headers.get(LEAN).is_some()
}

/// See [`is_lean`].
pub const LEAN: &str = "x-drydock-lean";

/// One object in the shape the client accepts.
pub(super) fn shape(
    cluster: &Cluster,
    machines: &Machines,
    call: &Call<'_>,
    code: u16,
    object: &Arc<Object>,
) -> Response {
    let shape = wanted(call.request).unwrap_or(Shape::Full);
    let value = match shape {
        Shape::Full => call.shown(cluster.shown_to(machines, object, is_lean(call.request))),
        Shape::Metadata => partial(cluster, object, is_lean(call.request)),
        Shape::Table { .. } => {
            let revision = object.revision;
            table::render(cluster, machines, call, std::slice::from_ref(object), shape, revision, None)
        }
    };
    Response::json(code, value)
}

/// `PartialObjectMetadata`.
pub(crate) fn partial(cluster: &Cluster, object: &Object, lean: bool) -> Value {
    let metadata = object.full_metadata();
    let bare =
        value!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata});
    if lean { bare } else { cluster.with_managed_fields(object, bare) }
}

impl Cluster {
    /// An object as served, with what is only worked out on reading (node heartbeats).
    #[must_use]
    pub fn served(&self, machines: &Machines, object: &Object) -> Value {
        self.shown_to(machines, object, false)
    }
    /// As [`Cluster::served`]; without its managed fields for who would throw them away.
    pub(crate) fn shown_to(&self, machines: &Machines, object: &Object, lean: bool) -> Value {
        let value = if self.alive { crate::heartbeat::fresh(machines, object) } else { object.value() };
        if lean { value } else { self.with_managed_fields(object, value) }
    }
    /// Objects of a kind, events rendered, in list order. "" is every namespace.
    pub fn listed(&self, machines: &Machines, kind: KindId, namespace: &str) -> Vec<Arc<Object>> {
        let mut found: Vec<Arc<Object>> = match namespace {
            "" => self.store.list(kind).cloned().collect(),
            _ => self.store.list_in(kind, namespace).cloned().collect(),
        };
        if kind == kinds::EVENT {
            found.extend(self.events.rendered(machines, namespace));
            found.arrange_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        }
        found
    }
    /// One object by name; events are rendered.
    pub(crate) fn lookup(
        &self,
        machines: &Machines,
        kind: KindId,
        namespace: &str,
        name: &str,
    ) -> Option<Arc<Object>> {
        let stored = self.store.find(kind, namespace, name).cloned();
        match stored {
            None if kind == kinds::EVENT => {
                self.events.rendered(machines, namespace).into_iter().find(|event| &*event.name == name)
            }
            other => other,
        }
    }
}

pub(super) fn get(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    wanted(call.request)?;
    options::revision(cluster, call.request)?;
    let object = find(cluster, machines, call)?;
    Ok(shape(cluster, machines, call, 200, &object))
}

/// The object a call names, or its 404.
pub(super) fn find(cluster: &Cluster, machines: &Machines, call: &Call<'_>) -> Result<Arc<Object>, Status> {
    let found = cluster.lookup(machines, call.id, call.namespace, call.name);
    found.ok_or_else(|| Status::not_found(&call.kind, call.name))
}

pub(super) fn list(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    let request = call.request;
    let shape = wanted(request)?;
    let selection = Selection::parse(&call.kind, request)?;
    if call.is_watch() {
        return watch(cluster, machines, call, shape, selection);
    }
    let moment = moment::of_list(cluster, request)?;
    let revision = moment.revision;
    let Some(all) = cluster.listed_at(machines, call.id, call.namespace, revision) else {
        return Err(moment::too_old(&moment));
    };
    let after = |o: &&Arc<Object>| {
        let start = moment.start.as_ref();
        start.is_none_or(|(namespace, name)| (&*o.namespace, &*o.name) >= (namespace.as_str(), name.as_str()))
    };
    let mut chosen = all.iter().filter(after).filter(|o| selection.matches(&call.kind, o));
    let page: Vec<Arc<Object>> = match moment.limit {
        0 => chosen.by_ref().cloned().collect(),
        n => chosen.by_ref().take(n).cloned().collect(),
    };
    let left = chosen.count();
    let more = match page.last() {
        Some(last) if left > 0 => {
            let then = i64::try_from(revision).unwrap_or(i64::MAX);
            let token = moment::encode(then, &last.namespace, &last.name);
            Some((token, selection.is_all().then_some(left)))
        }
        _ => None,
    };
    let mut metadata = value!({"resourceVersion": revision.to_string()});
    if let Some((token, left)) = &more {
        metadata = metadata.with("continue", token);
        if let Some(left) = left {
            metadata = metadata.with("remainingItemCount", *left);
        }
    }
    let value = match shape {
        Shape::Table { .. } => {
            table::render(cluster, machines, call, &page, shape, revision, Some(&metadata))
        }
        Shape::Metadata => value!({
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "items": page.iter().map(|o| partial(cluster, o, is_lean(request))).collect::<Value>(),
        }),
        Shape::Full => {
            value!({
                "kind": format!("{}List", call.kind.kind),
                "apiVersion": kinds::api_version(call.group, call.version),
                "metadata": metadata,
                "items": page.iter().map(|o| item(cluster, machines, call, o)).collect::<Value>(),
            })
        }
    };
    Ok(Response::json(200, value))
}

/// An object as an item of a list: typed ones carry no apiVersion and kind, custom ones do.
pub(super) fn item(cluster: &Cluster, machines: &Machines, call: &Call<'_>, object: &Object) -> Value {
    let value = call.shown(cluster.shown_to(machines, object, is_lean(call.request)));
    if kinds::builtin(call.id).is_some() { value.without("apiVersion").without("kind") } else { value }
}

fn watch(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
    shape: Shape,
    selection: Selection,
) -> Result<Response, Status> {
    let request = call.request;
    let (begins, marked) = moment::of_watch(request)?;
    let asked = options::revision(cluster, request)?;
    // What is there is told first, or what happened since then; or what happens from now on.
    let seen = match (begins, asked) {
        (true, _) => None,
        (false, 0) => Some(cluster.store.revision),
        (false, revision) => Some(revision),
    };
    let seconds = options::number(request, "timeoutSeconds")?;
    let deadline = u64::try_from(seconds).ok().filter(|s| *s > 0).map(|s| machines.clock.now + s * 1000);
    let watch = Watch::new(watch::Subject {
        kind: call.id,
        group: call.group.into(),
        version: call.version.into(),
        namespace: call.namespace.into(),
        selection,
        shape,
        lean: is_lean(request),
        bookmarks: request.param("allowWatchBookmarks") == Some("true"),
        deadline,
    });
    let watch = match seen {
        Some(revision) if revision + 1 < cluster.store.oldest() => {
            // Too old: the stream begins with its end, as after a compaction.
            watch.expired(revision, cluster.store.oldest())
        }
        Some(revision) => watch.since(revision),
        None => watch.with_present(cluster, machines, marked),
    };
    let stream = cluster.open_stream(machines, crate::streams::StreamState::Watch(Arc::new(watch)));
    Ok(Response::new(200, Body::Stream(stream)).header("Content-Type", "application/json"))
}
