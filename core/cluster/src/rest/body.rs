//! Request bodies: content types, JSON and YAML, strict decoding, what kind of object they are.

use super::Call;
use crate::kinds;
use crate::status::Status;
use drydock_machinery::schema::{self, decode};
use drydock_machinery::{Value, json, limits, quote, value, yaml};
use drydock_network::http::{Body, Request};

/// What the client wants done about unknown and repeated fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validation {
    Ignore,
    Warn,
    Strict,
}

impl Validation {
    pub(super) fn of(request: &Request) -> Result<Validation, Status> {
        match request.param("fieldValidation") {
            None | Some("" | "Warn") => Ok(Validation::Warn),
            Some("Ignore") => Ok(Validation::Ignore),
            Some("Strict") => Ok(Validation::Strict),
            Some(other) => {
                let mut errors = crate::field::Errors::default();
                let path = crate::field::Path::new("fieldValidation");
                errors.unsupported(&path, other, &["", "Ignore", "Strict", "Warn"]);
                Err(super::options_invalid(request.method, errors))
            }
        }
    }
}

const ACCEPTED: &[&str] = &["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/// The media type of a body, without parameters.
pub(super) fn media(request: &Request) -> &str {
    let given = request.headers.get("content-type").unwrap_or("application/json");
    given.split(';').next().unwrap_or(given).trim()
}

/// A tree and the complaints of strict reading about repeated fields.
pub(super) struct Read {
    pub value: Value,
    pub complaints: Vec<String>,
}

/// Reads a body as JSON or YAML.
pub(super) fn read(request: &Request, must_be: &str) -> Result<Read, Status> {
    let media = media(request);
    if !ACCEPTED.contains(&media) {
        return Err(Status::unsupported_media_type(ACCEPTED));
    }
    if let Body::Json(value) = &request.body {
        return Ok(Read { value: value.clone(), complaints: Vec::new() });
    }
    let bytes = request.body.bytes();
    if bytes.len() > limits::BODY_BYTES {
        let message = format!("Request entity too large: limit is {}", limits::BODY_BYTES);
        return Err(Status::new(413, "RequestEntityTooLarge", message));
    }
    let text = String::from_utf8_lossy(&bytes);
    let unrecognized = |why: String| {
        let shown = if text.is_empty() { "<empty>" } else { &text };
        Status::bad_request(format!(
            "the object provided is unrecognized (must be of type {must_be}): couldn't get version/kind; \
             {why} ({shown})"
        ))
    };
    if media == "application/yaml" {
        let mut documents = yaml::load(&text).map_err(|e| unrecognized(e.to_string()))?;
        let Some(document) = documents.drain(..).next() else {
            return Err(unrecognized("json parse error: unexpected end of JSON input".into()));
        };
        let complaints = document
            .duplicates
            .iter()
            .map(|d| format!("yaml: key \"{}\" already set in map", d.key))
            .collect();
        return Ok(Read { value: document.value, complaints });
    }
    let parsed = json::parse_strict(&bytes);
    let (value, duplicates) = parsed.map_err(|e| unrecognized(format!("json parse error: {}", e.message)))?;
    let complaints = duplicates.iter().map(|d| format!("duplicate field \"{}\"", d.path)).collect();
    Ok(Read { value, complaints })
}

/// An object decoded for a call, and warnings for the client.
pub(super) struct Decoded {
    /// In the storage version.
    pub value: Value,
    pub warnings: Vec<String>,
}

/// Decodes the body of a create or update.
pub(super) fn object(call: &Call<'_>) -> Result<Decoded, Status> {
    let read = read(call.request, call.kind.kind)?;
    decode(call, read)
}

/// Checks a tree against the kind of the call, and turns it into the storage version.
pub(super) fn decode(call: &Call<'_>, read: Read) -> Result<Decoded, Status> {
    let Read { value, complaints } = read;
    let version = kinds::api_version(call.group, call.version);
    let cannot = |given: &str, why: &str| {
        let (_, v) = version.split_once('/').unwrap_or(("", &version));
        Status::bad_request(format!(
            "{given} in version \"{v}\" cannot be handled as a {}: {why}",
            call.kind.kind
        ))
    };
    if !value.is_map() {
        let why = format!(
            "json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            value.json_type()
        );
        return Err(Status::bad_request(format!(
            "the object provided is unrecognized (must be of type {}): couldn't get version/kind; {why} ({})",
            call.kind.kind,
            json::to_string(&value)
        )));
    }
    let (given_version, given_kind) = (value["apiVersion"].text(), value["kind"].text());
    if !given_kind.is_empty() && given_kind != call.kind.kind {
        let go = |kind: &str| {
            let v = given_version.rsplit('/').next().unwrap_or("v1");
            format!("{v}.{kind}")
        };
        let group = if call.group.is_empty() { "core" } else { call.group.split('.').next().unwrap_or("") };
        let why =
            format!("converting ({}) to ({group}.{}): unknown conversion", go(given_kind), call.kind.kind);
        return Err(cannot(given_kind, &why));
    }
    if !given_version.is_empty() && given_version != version {
        let why = format!(
            "no kind \"{}\" is registered for version \"{given_version}\" in scheme \
             \"pkg/api/legacyscheme/scheme.go:30\"",
            call.kind.kind
        );
        return Err(cannot(call.kind.kind, &why));
    }
    let validation = Validation::of(call.request)?;
    let mut warnings = Vec::new();
    let mut cleaned = value.clone();
    if let Some(ty) = schema::builtin().kind(&version, call.kind.kind) {
        if !call.replay {
            decode::check(schema::builtin(), ty, &value, decode::Strictness::Lax)
                .map_err(|errors| cannot(call.kind.kind, errors.first().map_or("", String::as_str)))?;
        }
        let mut odd = complaints;
        if validation != Validation::Ignore {
            odd.extend(decode::unknown(schema::builtin(), ty, &value));
            if validation == Validation::Strict && !odd.is_empty() {
                let why = format!("strict decoding error: {}", odd.join(", "));
                return Err(cannot(call.kind.kind, &why));
            }
            warnings = odd;
        }
        // A replayed world keeps objects as they were sent.
        if !call.replay {
            cleaned = crate::clean::clean(schema::builtin(), ty, &value);
        }
    } else {
        let mut odd = complaints;
        if let Some(schema) = call.schema.as_ref().filter(|_| validation != Validation::Ignore) {
            let unknown = schema::openapi::unknown_paths(schema, &value);
            odd.extend(unknown.iter().map(|path| format!("unknown field {}", quote::go(path))));
        }
        if validation == Validation::Strict && !odd.is_empty() {
            let why = format!("strict decoding error: {}", odd.join(", "));
            return Err(cannot(call.kind.kind, &why));
        }
        warnings = if validation == Validation::Ignore { Vec::new() } else { odd };
    }
    if let Some(served) = call.kind.alternative(call.group, call.version) {
        cleaned = (served.read)(&cleaned);
    }
    let cleaned = cleaned.with("apiVersion", call.kind.api_version()).with("kind", call.kind.kind);
    Ok(Decoded { value: cleaned, warnings })
}

/// `metav1.DeleteOptions` from the body and the query.
pub(super) fn delete_options(request: &Request) -> Result<crate::DeleteOptions, Status> {
    let empty = request.body.bytes().is_empty();
    let body = if empty { value!({}) } else { read(request, "DeleteOptions")?.value };
    let query = |name: &str| request.param(name).filter(|text| !text.is_empty());
    let grace = match query("gracePeriodSeconds") {
        Some(text) => text.parse().ok(),
        None => body["gracePeriodSeconds"].as_int(),
    };
    let propagation = query("propagationPolicy").unwrap_or_else(|| body["propagationPolicy"].text());
    let preconditions = &body["preconditions"];
    if !matches!(propagation, "" | "Background" | "Foreground" | "Orphan") {
        let mut errors = crate::field::Errors::default();
        let path = crate::field::Path::new("propagationPolicy");
        errors.unsupported(&path, propagation, &["Foreground", "Background", "Orphan", "nil"]);
        return Err(super::options_invalid(request.method, errors));
    }
    if !body["orphanDependents"].is_null() && !propagation.is_empty() {
        let mut errors = crate::field::Errors::default();
        let detail = "orphanDependents and deletionPropagation cannot be both set";
        errors.invalid(&crate::field::Path::new("propagationPolicy"), propagation, detail);
        return Err(super::options_invalid(request.method, errors));
    }
    let propagation = match body["orphanDependents"].as_bool() {
        Some(true) => "Orphan",
        Some(false) => "Background",
        None => propagation,
    };
    let dry = query("dryRun") == Some("All") || body["dryRun"].items().iter().any(|d| *d == "All");
    Ok(crate::DeleteOptions {
        grace,
        propagation: propagation.into(),
        uid: preconditions["uid"].as_str().map(Into::into),
        revision: preconditions["resourceVersion"].text().parse().ok(),
        dry_run: dry,
    })
}
