//! PATCH: JSON patch, merge patch, strategic merge patch, and server-side apply in its basic form.

use super::body::{self, Read};
use super::write::{check_identity, draft, stored, with_warnings};
use super::{Call, one};
use crate::cluster::Cluster;
use crate::door::Scope;
use crate::field::{Errors, Path};
use crate::kinds;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Value, json, patch, schema, yaml};
use drydock_network::http::{Body, Response};

const JSON: &str = "application/json-patch+json";
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";
const APPLY: &str = "application/apply-patch+yaml";

pub(super) fn patch(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    let media = body::media(call.request);
    let builtin = kinds::builtin(call.id).is_some();
    if media == APPLY {
        return apply(cluster, machines, call);
    }
    if !(media == JSON || media == MERGE || media == STRATEGIC && builtin) {
        return Err(unsupported(builtin));
    }
    let sent = read(call)?;
    let scope = if call.subresource == "status" { Scope::Status } else { Scope::Main };
    let old = stored(cluster, machines, call)?;
    let current = call.shown(old.value());
    let patched = patched(call, media, &current, &sent)?;
    let decoded = body::decode(call, Read { value: patched, complaints: Vec::new() })?;
    let uid = decoded.value["metadata"]["uid"].text();
    if uid != old.uid.to_string() {
        let mut errors = Errors::default();
        errors.invalid(&Path::new("metadata").child("uid"), uid, "field is immutable");
        return Err(Status::invalid(&call.kind, call.name, errors));
    }
    let expected = check_identity(call, &decoded.value, &old)?;
    let draft = draft(call, &decoded.value);
    let dry_run = call.is_dry_run()?;
    let new = cluster.update_draft(machines, &call.actor, &old, expected, draft, scope, dry_run)?;
    Ok(with_warnings(one(cluster, machines, call, 200, &new), &decoded.warnings))
}

fn unsupported(builtin: bool) -> Status {
    // Routes of built-in kinds say which types they take; those of custom ones look only inside.
    if builtin {
        let message = "415: Unsupported Media Type";
        return Status::new(415, "UnsupportedMediaType", message).with_details(Value::empty_map());
    }
    Status::unsupported_media_type(&[JSON, MERGE, APPLY])
}

fn read(call: &Call<'_>) -> Result<Value, Status> {
    match &call.request.body {
        Body::Json(value) => Ok(value.clone()),
        other => json::parse(&other.bytes()).map_err(|e| Status::bad_request(e.message)),
    }
}

/// The outcome of a patch on a tree, in the version that was asked for.
pub(super) fn patched(call: &Call<'_>, media: &str, current: &Value, sent: &Value) -> Result<Value, Status> {
    let wrong = |into: &str| {
        let given = sent.json_type();
        Status::bad_request(format!("json: cannot unmarshal {given} into Go value of type {into}"))
    };
    match media {
        JSON => {
            if !sent.is_list() {
                return Err(wrong("jsonpatch.Patch"));
            }
            patch::json_patch(current, sent).map_err(|_| {
                // The server keeps the library's words to itself.
                Status::new(422, "Invalid", "the server rejected our request due to an error in our request")
                    .with_details(Value::empty_map())
            })
        }
        _ if !sent.is_map() => Err(wrong("map[string]interface {}")),
        MERGE => Ok(patch::merge(current, sent)),
        _ => {
            let version = kinds::api_version(call.group, call.version);
            let schema = schema::builtin();
            match schema.kind(&version, call.kind.kind) {
                Some(ty) => patch::strategic(current, sent, schema, ty).map_err(Status::bad_request),
                None => Ok(patch::merge(current, sent)),
            }
        }
    }
}

/// Server-side apply. The fields a manager applied before and no longer sends are removed; ownership
/// between managers is not tracked, so that conflicts do not arise.
fn apply(cluster: &mut Cluster, machines: &mut Machines, call: &Call<'_>) -> Result<Response, Status> {
    if call.request.param("fieldManager").is_none_or(str::is_empty) {
        let mut errors = Errors::default();
        errors.required(&Path::new("fieldManager"), "is required for apply patch");
        return Err(super::options_invalid(call.request.method, errors));
    }
    let sent = match &call.request.body {
        Body::Json(value) => value.clone(),
        other => {
            let bytes = other.bytes();
            let mut documents = yaml::load(&String::from_utf8_lossy(&bytes))
                .map_err(|e| Status::bad_request(format!("error decoding YAML: {e}")))?;
            documents.drain(..).next().map(|d| d.value).unwrap_or_default()
        }
    };
    let decoded = body::decode(call, Read { value: sent.clone(), complaints: Vec::new() })?;
    let meta = &sent["metadata"];
    if !meta["managedFields"].is_empty() {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let dry_run = call.is_dry_run()?;
    let manager = call.actor.manager.to_string();
    let Some(old) = cluster.find(call.id, call.namespace, call.name).cloned() else {
        if !meta["uid"].is_empty() {
            let why = format!(
                "uid mismatch: the provided object specified uid {}, and no existing object was found",
                meta["uid"].text()
            );
            return Err(Status::conflict(&call.kind, call.name, &why));
        }
        let object = decoded.value.with_at(&["metadata", "name"], call.name);
        let new = cluster.create_with(machines, &call.actor, call.id, call.namespace, object, dry_run)?;
        if !dry_run {
            cluster.applied.insert((new.id, manager.into()), sent);
        }
        return Ok(with_warnings(one(cluster, machines, call, 201, &new), &decoded.warnings));
    };
    let expected = check_identity(call, &decoded.value, &old)?;
    let before = cluster.applied.get(&(old.id, manager.as_str().into())).cloned();
    let original = before.unwrap_or_else(Value::empty_map);
    let current = call.shown(old.value());
    let version = kinds::api_version(call.group, call.version);
    let schema = schema::builtin();
    let merged = match schema.kind(&version, call.kind.kind) {
        Some(ty) => {
            let difference = patch::strategic_diff(&original, &sent, &current, schema, ty);
            difference
                .and_then(|d| patch::strategic(&current, &d, schema, ty))
                .map_err(Status::bad_request)?
        }
        None => patch::merge(&current, &patch::three_way_json_merge(&original, &sent, &current)),
    };
    let merged = body::decode(call, Read { value: merged, complaints: Vec::new() })?;
    let scope = if call.subresource == "status" { Scope::Status } else { Scope::Main };
    let draft = draft(call, &merged.value);
    let new = cluster.update_draft(machines, &call.actor, &old, expected, draft, scope, dry_run)?;
    if !dry_run {
        cluster.applied.insert((new.id, manager.into()), sent);
    }
    Ok(with_warnings(one(cluster, machines, call, 200, &new), &decoded.warnings))
}
