//! Server-side apply: an object is created or changed to what a manager declares of it
//! (`applyPatcher` of `k8s.io/apiserver/pkg/endpoints/handlers/patch.go`, v1.33).

use super::body::{self, Read, Validation};
use super::put::{part, scope};
use super::write::{check_identity, draft, stored, with_warnings};
use super::{Call, one};
use crate::cluster::Cluster;
use crate::field::{Errors, Path};
use crate::kinds;
use crate::managed::{Refused, Writing};
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::fields::{Conflict, path_text};
use drydock_machinery::{Value, value, yaml};
use drydock_network::http::{Body, Response};

/// The declared tree, and complaints about repeated keys.
fn read(call: &Call<'_>) -> Result<Read, Status> {
    let bytes = match &call.request.body {
        Body::Json(value) => return Ok(Read { value: value.clone(), complaints: Vec::new() }),
        other => other.bytes(),
    };
    let mut documents = yaml::load(&String::from_utf8_lossy(&bytes))
        .map_err(|e| Status::bad_request(format!("error decoding YAML: {e}")))?;
    let Some(document) = documents.drain(..).next() else {
        return Ok(Read { value: Value::Null, complaints: Vec::new() });
    };
    let complaints = document.duplicates.iter();
    let complaints = complaints.map(|d| format!("line {}: key \"{}\" already set in map", d.line, d.key));
    Ok(Read { complaints: complaints.collect(), value: document.value })
}

pub(super) fn apply(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    if call.request.param("fieldManager").is_none_or(str::is_empty) {
        let mut errors = Errors::default();
        errors.required(&Path::new("fieldManager"), "is required for apply patch");
        return Err(super::options_invalid(call.request.method, errors));
    }
    let force = match call.request.param("force") {
        None | Some("") => false,
        Some(text) => !matches!(text, "false" | "0"),
    };
    let Read { value: declared, complaints } = read(call)?;
    if !declared.is_map() {
        let given = declared.json_type();
        return Err(Status::bad_request(format!(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {given} into \
             Go value of type map[string]interface {{}}"
        )));
    }
    let version = kinds::api_version(call.group, call.version);
    let given = declared["apiVersion"].text();
    if given != version {
        return Err(Status::bad_request(format!(
            "Incorrect version specified in apply patch. Specified patch version: {given}, expected: {version}"
        )));
    }
    if !declared["metadata"]["managedFields"].is_empty() {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let dry_run = call.is_dry_run()?;
    let live = match stored(cluster, machines, call) {
        Ok(live) => Some(live),
        Err(status) if status.is_not_found() && call.subresource.is_empty() => None,
        Err(status) => return Err(status),
    };
    let uid = declared["metadata"]["uid"].text();
    if live.is_none() && !uid.is_empty() {
        let why = format!(
            "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        );
        return Err(Status::conflict(&call.kind, call.name, &why));
    }
    let value = live.as_ref().map(|live| call.shown(live.value()));
    let (writing, scope, now) = (call.writing(), scope(call), machines.clock.unix());
    let pair = live.as_deref().zip(value.as_ref());
    let applied = cluster.applied(&call.actor, &call.kind, &writing, scope, pair, &declared, force, now);
    let (object, managed) = applied.map_err(|refused| said(call, &declared, refused))?;
    let validation = Validation::of(call.request)?;
    if validation == Validation::Strict && !complaints.is_empty() {
        let lines = complaints.join("\n  ");
        return Err(Status::bad_request(format!(
            "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  {lines}"
        )));
    }
    let decoded = body::decode(call, Read { value: object, complaints: Vec::new() })?;
    let warnings = if validation == Validation::Warn { complaints } else { Vec::new() };
    let decided = Some(managed);
    let Some(old) = live else {
        let object = decoded.value.with_at(&["metadata", "name"], call.name);
        let writing = Writing { decided, ..writing };
        let (actor, namespace) = (&call.actor, call.namespace);
        let new = cluster.create_written(machines, actor, call.id, namespace, object, writing, dry_run)?;
        return Ok(with_warnings(one(cluster, machines, call, 201, &new), &warnings));
    };
    let expected = check_identity(call, &declared, &old)?;
    let mut draft = part(call, &old, draft(call, &decoded.value));
    draft.writing.decided = decided;
    let new = cluster.update_draft(machines, &call.actor, &old, expected, draft, scope, dry_run)?;
    Ok(with_warnings(one(cluster, machines, call, 200, &new), &warnings))
}

/// The answer to an apply that was refused.
fn said(call: &Call<'_>, declared: &Value, refused: Refused) -> Status {
    match refused {
        Refused::Unfit(why) => {
            let (group, kind) = (kinds::api_version(call.group, call.version), declared["kind"].text());
            let version = if call.group.is_empty() { format!("/{group}") } else { group };
            let meta = &declared["metadata"];
            let about =
                format!("{}/{}; {version}, Kind={kind}", meta["namespace"].text(), meta["name"].text());
            Status::new(500, "", format!("failed to create typed patch object ({about}): {why}"))
        }
        Refused::Conflicts(conflicts) => {
            let causes: Value = conflicts
                .iter()
                .map(|conflict| {
                    value!({
                        "reason": "FieldManagerConflict",
                        "message": (format!("conflict with {}", conflict.manager())),
                        "field": (path_text(&conflict.path)),
                    })
                })
                .collect();
            Status::new(409, "Conflict", Conflict::message(&conflicts))
                .with_details(value!({"causes": causes}))
        }
    }
}
