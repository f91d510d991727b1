//! The three-way patch of `kubectl apply`: what the manifest last said, what it says now, what is there.

use super::{Apply, describe};
use crate::cli::Invocation;
use crate::kubectl::client::{Client, JSON, content};
use crate::kubectl::output::LAST_APPLIED;
use crate::kubectl::writing::{add_source, type_of, with_dry_run};
use crate::kubectl::{Failure, Info};
use drydock_machinery::{Value, json, patch, schema};
use drydock_network::http::Method;

/// Conflicts are tried again this often.
const RETRIES: usize = 5;

/// Patches `current` towards `modified` (the manifest with its annotation).
///
/// # Errors
/// The server's, with the patch and the file named.
pub(super) fn patch(
    apply: &mut Apply,
    invocation: &mut Invocation<'_, '_>,
    info: &Info,
    modified: &Value,
    current: Value,
) -> Result<(Value, &'static str), Failure> {
    let mut current = current;
    warn_missing(invocation, info, &current);
    let mut left = RETRIES;
    loop {
        let original = original(&current).map_err(|why| retrieving_original(info, &why))?;
        let (body, kind) = three_way(apply, invocation, &original, modified, &current)
            .map_err(|failure| creating_patch(info, &original, modified, &current, &failure))?;
        if body.is_empty() {
            return Ok((current, "unchanged"));
        }
        let request = Client::write(Method::Patch, &info.path(), kind, body.clone())
            .query("fieldManager", apply.field_manager.as_str())
            .query("fieldValidation", apply.validator.mode);
        let request = with_dry_run(request, apply.output.dry_run);
        match apply.client.call(invocation.sys, request) {
            Ok(object) => {
                warn_deleting(invocation, &current);
                return Ok((object, "configured"));
            }
            Err(failure)
                if invocation.bool("force") && (failure.is_conflict() || failure.reason() == "Invalid") =>
            {
                return delete_and_create(apply, invocation, info, modified);
            }
            Err(failure) if failure.is_conflict() && left > 0 => {
                left -= 1;
                current = apply.client.get(invocation.sys, &info.path(), JSON)?;
            }
            Err(failure) => {
                let inner = add_source(failure, "patching", &info.source);
                let doing =
                    format!("applying patch:\n{}\nto:\n{}\nfor:", json::to_string(&body), describe(info));
                return Err(add_source(inner, &doing, &info.source));
            }
        }
    }
}

fn warn_missing(invocation: &mut Invocation<'_, '_>, info: &Info, current: &Value) {
    if current["metadata"]["annotations"].find(LAST_APPLIED).is_some() {
        return;
    }
    invocation.eprint(&format!(
        "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n",
        info.resource.plural, info.name
    ));
}

fn warn_deleting(invocation: &mut Invocation<'_, '_>, current: &Value) {
    if !current["metadata"]["deletionTimestamp"].is_null() {
        invocation.eprint(&format!(
            "Warning: Detected changes to resource {} which is currently being deleted.\n",
            current["metadata"]["name"].text()
        ));
    }
}

/// The manifest of the last application; null when there was none.
fn original(current: &Value) -> Result<Value, String> {
    match current["metadata"]["annotations"][LAST_APPLIED].as_str() {
        None | Some("") => Ok(Value::Null),
        Some(text) => json::parse(text.as_bytes()).map_err(|e| e.message),
    }
}

fn retrieving_original(info: &Info, why: &str) -> Failure {
    let doing = format!("retrieving original configuration from:\n{}\nfor:", describe(info));
    add_source(Failure::message(why), &doing, &info.source)
}

fn creating_patch(
    info: &Info,
    original: &Value,
    modified: &Value,
    current: &Value,
    why: &Failure,
) -> Failure {
    let text = json::to_string;
    let doing = format!(
        "creating patch with:\noriginal:\n{}\nmodified:\n{}\ncurrent:\n{}\nfor:",
        text(original),
        text(modified),
        text(current)
    );
    add_source(Failure::Message(why.text()), &doing, &info.source)
}

/// The patch and its content type.
pub(super) fn three_way(
    apply: &mut Apply,
    invocation: &mut Invocation<'_, '_>,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Result<(Value, &'static str), Failure> {
    let empty = Value::empty_map();
    let original = if original.is_null() { &empty } else { original };
    apply.validator.fetch_for_patch(invocation.sys, &apply.client, modified["apiVersion"].text());
    match type_of(modified) {
        Some(ty) => Ok((
            patch::strategic_diff(original, modified, current, schema::builtin(), ty)?,
            content::STRATEGIC,
        )),
        None => Ok((patch::three_way_json_merge(original, modified, current), content::MERGE)),
    }
}

/// `--force`: what cannot be patched is deleted and made anew.
fn delete_and_create(
    apply: &mut Apply,
    invocation: &mut Invocation<'_, '_>,
    info: &Info,
    modified: &Value,
) -> Result<(Value, &'static str), Failure> {
    let grace = invocation.int("grace-period").max(0);
    let body = drydock_machinery::value!({"gracePeriodSeconds": grace, "propagationPolicy": "Background"});
    apply.client.call(invocation.sys, Client::write(Method::Delete, &info.path(), content::JSON, body))?;
    apply.create(invocation, info, modified.clone()).map(|(object, _)| (object, "configured"))
}
