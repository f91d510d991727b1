//! Steps that write verbs share: naming the file in an error, the last-applied annotation, dry-run and
//! field-manager parameters, patches.

use super::builder::Info;
use super::client::{ANY, Client, content};
use super::common::DryRun;
use super::output::LAST_APPLIED;
use super::{Failure, discovery::Resource};
use crate::cli::{Error, Flow, Invocation, Outcome};
use drydock_container::Sys;
use drydock_machinery::schema::{self, Type};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json, patch};
use drydock_network::http::{Body, Method, Request};

/// Says which file a failure came from: `error when creating "x.yaml": …`.
#[must_use]
pub fn add_source(failure: Failure, doing: &str, source: &str) -> Failure {
    if source.is_empty() {
        return failure;
    }
    let prefix = format!("error when {doing} {}: ", drydock_machinery::quote::go(source));
    match failure {
        Failure::Status(status) => {
            let message = format!("{prefix}{}", status["message"].text());
            Failure::Status(status.with("message", message))
        }
        Failure::Message(message) => Failure::Message(prefix + &message),
        other => other,
    }
}

/// `--raw`: sends one file as it is to a path of the server, and prints what comes back.
///
/// # Errors
/// A file that cannot be read, more than one of them, or the server's refusal.
pub fn raw(invocation: &mut Invocation<'_, '_>, method: Method) -> Outcome {
    let names = invocation.list("filename");
    let [name] = names.as_slice() else {
        return Err(Error::new("--raw can only use a single local file or stdin"));
    };
    let client = Client::new(invocation)?;
    let bytes = match name.as_str() {
        "-" => invocation.stdin.clone().unwrap_or_default(),
        path => match invocation.sys.read_file(path) {
            Ok(bytes) => bytes.to_vec(),
            Err(errno) => return Err(Error::new(format_args!("open {path}: {errno}"))),
        },
    };
    let uri = invocation.str("raw").to_string();
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let mut request = Request::new(method, path)
        .header("Accept", ANY)
        .header("Content-Type", content::JSON)
        .body(Body::Bytes(bytes.into()));
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        request = request.query(key, value);
    }
    let response = client.send(invocation.sys, request)?;
    if !response.is_success() {
        return Err(Failure::Status(super::client::status_of(&response, "")).into());
    }
    let bytes = response.body.bytes();
    invocation.sys.write(drydock_container::fd::STDOUT, &bytes);
    if matches!(response.body, Body::Json(_)) {
        invocation.print("\n");
    }
    Ok(Flow::Done(0))
}

/// The manifest as the annotation keeps it: without itself, annotations present even if empty.
#[must_use]
pub fn last_applied_text(object: &Value) -> String {
    let annotations = object["metadata"]["annotations"].without(LAST_APPLIED);
    let annotations = if annotations.is_map() { annotations } else { Value::empty_map() };
    json::to_string(&object.with_at(&["metadata", "annotations"], annotations)) + "\n"
}

/// The object with its manifest in the annotation.
#[must_use]
pub fn with_last_applied(object: &Value) -> Value {
    object.with_at(&["metadata", "annotations", LAST_APPLIED], last_applied_text(object))
}

/// The schema of an object's kind, for the built-in ones.
#[must_use]
pub fn type_of(object: &Value) -> Option<&'static Type> {
    schema::builtin().kind(object["apiVersion"].text(), object["kind"].text())
}

/// The patch that leads from `old` to `new`: strategic for built-in kinds, a merge patch otherwise;
/// with its content type.
///
/// # Errors
/// Lists that lack their merge keys.
pub fn two_way(old: &Value, new: &Value) -> Result<(Value, &'static str), Failure> {
    match type_of(new) {
        Some(ty) => Ok((patch::strategic_two_way(old, new, schema::builtin(), ty)?, content::STRATEGIC)),
        None => Ok((merge_patch(old, new), content::MERGE)),
    }
}

/// RFC 7386: the merge patch that leads from `old` to `new`.
#[must_use]
pub fn merge_patch(old: &Value, new: &Value) -> Value {
    let mut out = Value::empty_map();
    for (key, now) in new.entries() {
        match old.find(key.text()) {
            Some(before) if before == now => {}
            Some(before) if before.is_map() && now.is_map() => {
                let inner = merge_patch(before, now);
                if !inner.is_empty() {
                    out = out.with(*key, inner);
                }
            }
            _ => out = out.with(*key, now),
        }
    }
    for (key, _) in old.entries() {
        if new.find(key.text()).is_none() {
            out = out.with(*key, Value::Null);
        }
    }
    out
}

/// A PATCH of one object, with `dryRun` and `fieldManager` where wanted.
#[must_use]
pub fn patch_request(
    path: &str,
    content_type: &str,
    body: Value,
    dry_run: DryRun,
    field_manager: &str,
) -> Request {
    let request = Client::write(Method::Patch, path, content_type, body);
    let request =
        if field_manager.is_empty() { request } else { request.query("fieldManager", field_manager) };
    with_dry_run(request, dry_run)
}

/// Adds `dryRun=All` where the server is to try only.
#[must_use]
pub fn with_dry_run(request: Request, dry_run: DryRun) -> Request {
    if dry_run == DryRun::Server { request.query("dryRun", "All") } else { request }
}

/// Reads one object afresh.
///
/// # Errors
/// The server's.
pub fn refresh(sys: &mut Sys<'_>, client: &Client, info: &Info) -> Result<Value, Failure> {
    client.get(sys, &info.path(), ANY)
}

/// `deployment.apps "web"` as delete names it.
#[must_use]
pub fn quoted_title(resource: &Resource, name: &str) -> String {
    format!("{} {}", resource.kind_group(), drydock_machinery::quote::go(name))
}

/// Refuses both or neither of `-f` and `-k`.
///
/// # Errors
/// kubectl's texts.
pub fn require_filename(invocation: &Invocation<'_, '_>) -> Result<(), Failure> {
    let (files, kustomize) = (invocation.list("filename"), invocation.str("kustomize"));
    match (files.is_empty(), kustomize.is_empty()) {
        (true, true) => Err("must specify one of -f and -k".into()),
        (false, false) => Err("only one of -f or -k can be specified".into()),
        (true, false) if invocation.bool("recursive") => {
            Err("the -k flag can't be used with -f or -R".into())
        }
        _ => Ok(()),
    }
}

/// `key=value` and `key-` arguments apart from resources, as label and annotate take them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub resources: Vec<String>,
    pub set: Vec<(String, String)>,
    pub removed: Vec<String>,
}

impl Changes {
    /// # Errors
    /// A change before a resource, or something that is neither.
    pub fn split(args: &[String], what: &str) -> Result<Changes, Failure> {
        let mut changes = Changes::default();
        let mut met = false;
        for arg in args {
            let is_change = arg.contains('=') || arg.ends_with('-');
            match (met, is_change) {
                (_, true) => {
                    met = true;
                    match arg.split_once('=') {
                        Some((key, value)) if !key.is_empty() => changes.set.push((key.into(), value.into())),
                        Some(_) => return Err(format!("invalid {what} format: {arg}").into()),
                        None => changes.removed.push(arg.trim_end_matches('-').into()),
                    }
                }
                (false, false) => changes.resources.push(arg.clone()),
                (true, false) => {
                    return Err(
                        format!("all resources must be specified before {what} changes: {arg}").into()
                    );
                }
            }
        }
        let mut both: Vec<&str> = changes
            .set
            .iter()
            .map(|c| c.0.as_str())
            .filter(|k| changes.removed.iter().any(|r| r == k))
            .collect();
        both.arrange();
        if !both.is_empty() {
            let both = both.join(", ");
            return Err(format!(
                "can not both modify and remove the following {what}(s) in the same command: {both}"
            )
            .into());
        }
        Ok(changes)
    }
}
