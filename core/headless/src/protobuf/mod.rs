//! Request bodies as kubectl 1.32 and later sends them: `application/vnd.kubernetes.protobuf`, four
//! bytes of magic and a `runtime.Unknown` with the kind and the object. They become the JSON the same
//! kubectl would have sent before, so that the door knows of one format only. Answers are JSON, which
//! every client accepts.
//!
//! Follows `apimachinery/pkg/runtime/serializer/protobuf` of v1.33.

mod decode;
pub mod swagger;
mod table;
#[cfg(test)]
mod tests;
mod wire;

use drydock_cluster::{KindId, Status, kinds};
use drydock_machinery::Value;
use drydock_network::http::Method;
use wire::{Payload, Reader};

/// The content type of such bodies.
pub const MEDIA: &str = "application/vnd.kubernetes.protobuf";
const MAGIC: &[u8] = b"k8s\0";
/// How many bytes of a body an error shows.
const SHOWN: usize = 30;

/// What `runtime.Unknown` says of the object within.
#[derive(Default)]
struct Unknown<'a> {
    api_version: String,
    kind: String,
    raw: &'a [u8],
}

/// The object of a body, with apiVersion and kind, for this request.
///
/// # Errors
/// The API server's answer to a body it cannot read.
pub fn to_json(method: Method, path: &str, body: &[u8]) -> Result<Value, Status> {
    let Some((api_version, kind)) = expected(method, path) else {
        // Custom resources have no such form.
        return Err(Status::unsupported_media_type(&["application/json", "application/yaml"]));
    };
    let unrecognized = |why: String| {
        let shown = if body.is_empty() { "<empty>".to_string() } else { hex(body) };
        Status::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): {why} ({shown})"
        ))
    };
    if body.is_empty() {
        return Err(unrecognized("empty data".into()));
    }
    let Some(data) = body.strip_prefix(MAGIC) else {
        let why = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]";
        return Err(unrecognized(why.into()));
    };
    if data.is_empty() {
        return Err(unrecognized("empty body".into()));
    }
    let mut unknown = unwrap(data).map_err(unrecognized)?;
    // What the wrapper does not say, the path does.
    if unknown.kind.is_empty() {
        unknown.kind = kind.into();
    }
    if unknown.api_version.is_empty() {
        unknown.api_version = api_version;
    }
    let version = unknown.api_version.rsplit('/').next().unwrap_or("");
    let cannot = |why: String| {
        let given = &unknown.kind;
        Status::bad_request(format!("{given} in version \"{version}\" cannot be handled as a {kind}: {why}"))
    };
    let Some(message) = table::builtin().kind(&unknown.api_version, &unknown.kind) else {
        return Err(cannot(format!(
            "no kind \"{}\" is registered for version \"{}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
            unknown.kind, unknown.api_version
        )));
    };
    let object = decode::decode(table::builtin(), message, unknown.raw).map_err(cannot)?;
    Ok(object.with("apiVersion", unknown.api_version.as_str()).with("kind", unknown.kind.as_str()))
}

fn unwrap(data: &[u8]) -> Result<Unknown<'_>, wire::Error> {
    let (mut reader, mut unknown) = (Reader(data), Unknown::default());
    while let Some((number, payload)) = reader.field("Unknown")? {
        match (number, payload) {
            (1, Payload::Bytes(bytes)) => {
                let mut reader = Reader(bytes);
                while let Some(field) = reader.field("TypeMeta")? {
                    match field {
                        (1, Payload::Bytes(text)) => {
                            unknown.api_version = String::from_utf8_lossy(text).into_owned();
                        }
                        (2, Payload::Bytes(text)) => {
                            unknown.kind = String::from_utf8_lossy(text).into_owned()
                        }
                        _ => {}
                    }
                }
            }
            (2, Payload::Bytes(bytes)) => unknown.raw = bytes,
            (1, other) => {
                return Err(format!("proto: wrong wireType = {} for field TypeMeta", other.wire_type()));
            }
            (2, other) => return Err(format!("proto: wrong wireType = {} for field Raw", other.wire_type())),
            _ => {}
        }
    }
    Ok(unknown)
}

/// The beginning of a body, as the server's errors show it.
fn hex(body: &[u8]) -> String {
    let shown: String = body.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    if body.len() > SHOWN { shown + " ..." } else { shown }
}

/// The apiVersion and kind that a body for this path has by default; `None` for no built-in kind.
fn expected(method: Method, path: &str) -> Option<(String, &'static str)> {
    let mut steps = path.split('/').filter(|step| !step.is_empty());
    let group = match steps.next()? {
        "api" => "",
        _ => steps.next()?,
    };
    let version = steps.next()?;
    let mut rest: Vec<&str> = steps.collect();
    // Below a namespace, unless it is the namespace itself that is meant.
    if rest.len() > 2
        && rest.first() == Some(&"namespaces")
        && !matches!(rest.get(2), Some(&("status" | "finalize")))
    {
        rest.drain(..2);
    }
    let plural = *rest.first()?;
    let mut kinds = (0..).map_while(|at| kinds::builtin(KindId(at)));
    let kind = kinds.find(|k| k.plural == plural && k.serves(group, version))?;
    if method == Method::Delete {
        return Some(("v1".into(), "DeleteOptions"));
    }
    let own = Some((kinds::api_version(group, version), kind.kind));
    let Some(sub) = rest.get(2).and_then(|name| kind.subresource(name)) else { return own };
    let (group, version) = if sub.version.is_empty() { (group, version) } else { (sub.group, sub.version) };
    Some((kinds::api_version(group, version), sub.kind))
}
