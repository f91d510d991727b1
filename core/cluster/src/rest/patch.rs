//! PATCH: JSON patch, merge patch, strategic merge patch (`k8s.io/apiserver/pkg/endpoints/handlers`,
//! v1.33). Server-side apply is in `apply.rs`.

use super::body::{self, Read, Validation};
use super::put::{part, scope};
use super::write::{check_identity, draft, stored, with_warnings};
use super::{Call, apply, one};
use crate::cluster::Cluster;
use crate::field::{Errors, Path};
use crate::kinds::{self, Kind};
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::schema::{self, decode, unstructured};
use drydock_machinery::{Value, json, patch, text};
use drydock_network::http::{Body, Response};

const JSON: &str = "application/json-patch+json";
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";
const APPLY: &str = "application/apply-patch+yaml";

/// Operations a JSON patch may have.
const MOST_OPERATIONS: usize = 10_000;

pub(super) fn patch(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    let media = body::media(call.request);
    let builtin = kinds::builtin(call.id).is_some();
    if !(media == JSON || media == MERGE || media == APPLY || media == STRATEGIC && builtin) {
        return Err(unsupported(builtin));
    }
    if media == APPLY {
        return apply::apply(cluster, machines, call);
    }
    if call.request.param("force").is_some_and(|force| !force.is_empty()) {
        let mut errors = Errors::default();
        errors.forbidden(&Path::new("force"), "may not be specified for non-apply patch");
        return Err(super::options_invalid(call.request.method, errors));
    }
    let sent = read(call)?;
    let scope = scope(call);
    let old = stored(cluster, machines, call)?;
    let current = call.shown(cluster.with_managed_fields(&old, old.value()));
    let patched = patched(call, media, &current, &sent)?;
    let warnings = fits(call, media, &patched, &sent)?;
    let decoded = body::decode(call, Read { value: patched, complaints: Vec::new() })?;
    let uid = decoded.value["metadata"]["uid"].text();
    if uid != old.uid.to_string() {
        let mut errors = Errors::default();
        errors.invalid(&Path::new("metadata").child("uid"), uid, "field is immutable");
        return Err(Status::invalid(&call.kind, call.name, errors));
    }
    let expected = check_identity(call, &decoded.value, &old)?;
    let mut draft = part(call, &old, draft(call, &decoded.value));
    if draft.writing.given == current["metadata"]["managedFields"] {
        draft.writing.given = Value::Null;
    }
    let dry_run = call.is_dry_run()?;
    let new = cluster.update_draft(machines, &call.actor, &old, expected, draft, scope, dry_run)?;
    Ok(with_warnings(one(cluster, machines, call, 200, &new), &warnings))
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
        other => json::parse(&other.bytes())
            .map_err(|e| Status::bad_request(format!("{}{}", decoding(call), e.message))),
    }
}

/// How the complaint about a patch begins that cannot be read; strategic ones are read elsewhere.
fn decoding(call: &Call<'_>) -> &'static str {
    let lenient = matches!(Validation::of(call.request), Ok(Validation::Ignore));
    if lenient || call.replay || body::media(call.request) == STRATEGIC {
        ""
    } else {
        "error decoding patch: "
    }
}

/// A patch that leads to no object of the kind.
fn misfit(shown: &str, why: &str) -> Status {
    let mut errors = Errors::default();
    errors.invalid(&Path::new("patch"), shown, why);
    let mut status = Status::invalid(&Kind { kind: "", ..Kind::BASE }, "", errors);
    status.message = status.message.trim_start().to_string();
    status
}

/// What Go says of a JSON document that is no object.
const NO_OBJECT: &str = "Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; \
                         Kind string \"json:\\\"kind,omitempty\\\"\" }";

/// Whether the outcome of a patch can be read as the kind of the call; warnings about unknown fields.
fn fits(call: &Call<'_>, media: &str, patched: &Value, sent: &Value) -> Result<Vec<String>, Status> {
    let shown = || json::to_string(patched);
    if !patched.is_map() {
        let given = patched.json_type();
        let why =
            format!("couldn't get version/kind; json parse error: json: cannot unmarshal {given} into ");
        return Err(misfit(&shown(), &(why + NO_OBJECT)));
    }
    let version = kinds::api_version(call.group, call.version);
    let (given, kind) = (patched["apiVersion"].text(), patched["kind"].text());
    if given != version || kind != call.kind.kind {
        let why = match (given, kind) {
            (_, "") => format!("Object 'Kind' is missing in '{}'", shown()),
            ("", _) => format!("Object 'apiVersion' is missing in '{}'", shown()),
            _ => format!(
                "no kind \"{kind}\" is registered for version \"{given}\" in scheme \
                 \"pkg/api/legacyscheme/scheme.go:30\""
            ),
        };
        return Err(misfit(&shown(), &why));
    }
    let Some(ty) = schema::builtin().kind(&version, call.kind.kind).filter(|_| !call.replay) else {
        return Ok(Vec::new());
    };
    let schema = schema::builtin();
    let strategic = media == STRATEGIC;
    let subject = || if strategic { text::go_print(sent) } else { shown() };
    let types =
        if strategic { unstructured::check(schema, ty, patched) } else { decode::types(schema, ty, patched) };
    types.map_err(|why| misfit(&subject(), &why))?;
    let validation = Validation::of(call.request)?;
    if validation == Validation::Ignore {
        return Ok(Vec::new());
    }
    let unknown = decode::unknown(schema, ty, patched);
    if validation == Validation::Strict && !unknown.is_empty() {
        let why = format!("strict decoding error: {}", unknown.join(", "));
        return Err(misfit(&subject(), &why));
    }
    Ok(unknown)
}

/// The outcome of a patch on a tree, in the version that was asked for.
pub(super) fn patched(call: &Call<'_>, media: &str, current: &Value, sent: &Value) -> Result<Value, Status> {
    let wrong = |into: &str| {
        let given = sent.json_type();
        let start = decoding(call);
        Status::bad_request(format!("{start}json: cannot unmarshal {given} into Go value of type {into}"))
    };
    let plain = decoding(call).is_empty();
    match media {
        JSON => {
            if !sent.is_list() {
                return Err(wrong(if plain { "jsonpatch.Patch" } else { "[]handlers.jsonPatchOp" }));
            }
            let count = sent.items().len();
            if count > MOST_OPERATIONS {
                let why = format!(
                    "The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {count}"
                );
                return Err(Status::new(413, "RequestEntityTooLarge", why));
            }
            patch::json_patch(current, sent).map_err(|_| {
                // The server keeps the library's words to itself.
                Status::new(422, "Invalid", "the server rejected our request due to an error in our request")
                    .with_details(Value::empty_map())
            })
        }
        MERGE if !plain && !sent.is_map() => Err(wrong("map[string]interface {}")),
        MERGE => Ok(patch::merge(current, sent)),
        _ if !sent.is_map() => Err(wrong("map[string]interface {}")),
        _ => {
            let version = kinds::api_version(call.group, call.version);
            let schema = schema::builtin();
            match schema.kind(&version, call.kind.kind) {
                Some(ty) => patch::strategic(current, sent, schema, ty).map_err(strategic_fault),
                None => Ok(patch::merge(current, sent)),
            }
        }
    }
}

/// Malformed directives are the client's fault; of the rest the server says only what went wrong.
fn strategic_fault(why: String) -> Status {
    let malformed = ["invalid patch format", "strategic merge patch format"];
    if malformed.iter().any(|m| why.contains(m)) {
        return Status::bad_request(why);
    }
    Status::new(500, "", why)
}
