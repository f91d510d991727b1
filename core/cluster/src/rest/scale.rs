//! The scale subresource: `autoscaling/v1 Scale` as a view of a workload.

use super::body::{self, Read};
use super::patch::patched;
use super::{Call, get};
use crate::cluster::Cluster;
use crate::door::Scope;
use crate::draft::Draft;
use crate::field::{Errors, Path};
use crate::kinds::{self, Kind};
use crate::managed::Writing;
use crate::object::Object;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::{Timestamp, Value, json, value};
use drydock_network::http::{Body, Method, Response};

/// A workload's Scale.
fn view(object: &Object) -> Value {
    let spec = object.spec();
    let selector = match object.kind {
        // A replication controller's selector is a plain map.
        kinds::REPLICATION_CONTROLLER => value!({"matchLabels": &spec["selector"]}),
        _ => spec["selector"].clone(),
    };
    let selector = LabelSelector::from_value(&selector).map(|s| s.to_string()).unwrap_or_default();
    let mut wanted = value!({});
    if spec["replicas"].int() != 0 {
        wanted = wanted.with("replicas", spec["replicas"].int());
    }
    let mut status = value!({"replicas": object.status()["replicas"].int()});
    if !selector.is_empty() {
        status = status.with("selector", selector);
    }
    let mut metadata = value!({
        "name": &object.name, "namespace": &object.namespace, "uid": object.uid.to_string(),
        "resourceVersion": object.revision.to_string(),
    });
    if object.created != 0 {
        metadata = metadata.with("creationTimestamp", Timestamp(object.created).to_rfc3339());
    }
    value!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": wanted,
        "status": status,
    })
}

pub(super) fn answer(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    let found = get::find(cluster, machines, call);
    let name = format!("{}/scale", call.kind.plural);
    let object = found.map_err(|_| {
        let named = Kind { plural: drydock_machinery::Sym::new(&name).text(), ..call.kind };
        Status::not_found(&named, call.name)
    })?;
    let current = view(&object);
    let sent = match call.request.method {
        Method::Get => return Ok(Response::json(200, current)),
        Method::Put => body::read(call.request, "Scale")?,
        Method::Patch => {
            let patch = match &call.request.body {
                Body::Json(value) => value.clone(),
                other => json::parse(&other.bytes()).map_err(|e| Status::bad_request(e.message))?,
            };
            Read {
                value: patched(call, body::media(call.request), &current, &patch)?,
                complaints: Vec::new(),
            }
        }
        _ => return Err(Status::method_not_allowed()),
    };
    let replicas = sent.value["spec"]["replicas"].int();
    if replicas < 0 {
        let mut errors = Errors::default();
        let spec = Path::new("spec");
        errors.invalid(&spec.child("replicas"), replicas, "must be greater than or equal to 0");
        let scale = Kind { group: "autoscaling", kind: "Scale", plural: "scales", ..Kind::BASE };
        return Err(Status::invalid(&scale, call.name, errors));
    }
    let expected = sent.value["metadata"]["resourceVersion"].text().parse().ok();
    let mut draft = Draft::of(&object);
    draft.spec = object.spec().with("replicas", replicas);
    draft.writing = Writing { subresource: Some("scale"), ..call.writing() };
    let dry_run = call.is_dry_run()?;
    let new = cluster.update_draft(machines, &call.actor, &object, expected, draft, Scope::Main, dry_run)?;
    Ok(Response::json(200, view(&new)))
}
