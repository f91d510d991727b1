//! `kubectl apply --server-side`: one apply patch with the whole manifest; the server merges, tracks
//! owners and tells of conflicts.

use super::{Apply, upgrade};
use crate::cli::{Error, Invocation};
use crate::kubectl::client::{Client, JSON, content};
use crate::kubectl::output::LAST_APPLIED;
use crate::kubectl::writing::with_dry_run;
use crate::kubectl::{Failure, Info};
use drydock_machinery::{Value, value};
use drydock_network::http::{Method, Request};

const ADVICE: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// The manager whose declarations kubectl makes unless told otherwise.
const MANAGER: &str = "kubectl";
/// Conflicts while owners are rewritten are tried again this often.
const RETRIES: usize = 5;

/// Sends the manifest. An object that was applied by the client before keeps its annotation, and its
/// older owner becomes this one.
///
/// # Errors
/// The server's; conflicts with advice.
pub(super) fn apply(
    apply: &mut Apply,
    invocation: &mut Invocation<'_, '_>,
    info: &Info,
) -> Result<Value, Failure> {
    let mut path = info.path();
    if !invocation.str("subresource").is_empty() {
        path = format!("{path}/{}", invocation.str("subresource"));
    }
    let force = if apply.force_conflicts { "true" } else { "false" };
    let request =
        patch(apply, &path, content::APPLY, info.object.clone(), &apply.field_manager).query("force", force);
    let mut applied = match apply.client.call(invocation.sys, request.clone()) {
        Ok(applied) => applied,
        Err(failure) if failure.is_conflict() => {
            return Err(Failure::Error(Error::new(format_args!("{}\n{ADVICE}", failure.text()))));
        }
        Err(failure) => return Err(failure),
    };
    match keep_annotation(apply, invocation, info, &path, &mut applied) {
        Err(failure) => invocation.eprint(&warning("last-applied-configuration", &failure)),
        Ok(()) => match migrate(apply, invocation, info, &path, &mut applied) {
            Err(failure) => invocation.eprint(&warning("migration", &failure)),
            Ok(false) => {}
            // Sent again so that fields it no longer declares can go at last.
            Ok(true) => match apply.client.call(invocation.sys, request) {
                Ok(again) => applied = again,
                Err(failure) => invocation.eprint(&warning("reapply", &failure)),
            },
        },
    }
    if !applied["metadata"]["deletionTimestamp"].is_null() {
        invocation.eprint(&format!(
            "Warning: Detected changes to resource {} which is currently being deleted.\n",
            info.name
        ));
    }
    Ok(applied)
}

fn warning(what: &str, failure: &Failure) -> String {
    let why = failure.text();
    match what {
        "migration" => format!(
            "Warning: server rejected managed fields migration to Server-Side Apply. This is non-fatal and will be \
             retried next time you apply. Error: {why}\n"
        ),
        "reapply" => format!(
            "Warning: failed to re-apply configuration after performing Server-Side Apply migration. This is \
             non-fatal and will be retried next time you apply. Error: {why}\n"
        ),
        _ => format!(
            "Warning: failed to migrate kubectl.kubernetes.io/last-applied-configuration for Server-Side Apply. \
             This is non-fatal and will be retried next time you apply. Error: {why}\n"
        ),
    }
}

fn patch(apply: &Apply, path: &str, kind: &str, body: Value, manager: &str) -> Request {
    let request = Client::write(Method::Patch, path, kind, body)
        .query("fieldManager", manager)
        .query("fieldValidation", apply.validator.mode);
    with_dry_run(request, apply.output.dry_run)
}

/// An object applied by the client before keeps its annotation under a manager of its own.
fn keep_annotation(
    apply: &Apply,
    invocation: &mut Invocation<'_, '_>,
    info: &Info,
    path: &str,
    applied: &mut Value,
) -> Result<(), Failure> {
    let annotation = &applied["metadata"]["annotations"][LAST_APPLIED];
    let owned = upgrade::owners_of_annotation(&applied["metadata"]["managedFields"], "Apply");
    // Another manager's annotation would not be kept up to date by the server.
    if apply.field_manager != MANAGER || annotation.is_null() || !owned.is_empty() {
        return Ok(());
    }
    let mut metadata =
        value!({"name": (info.name.as_str())}).with_at(&["annotations", LAST_APPLIED], annotation);
    if !info.namespace.is_empty() {
        metadata = metadata.with("namespace", info.namespace.as_str());
    }
    let body = value!({
        "apiVersion": (info.object["apiVersion"].clone()),
        "kind": (info.object["kind"].clone()),
        "metadata": metadata
    });
    let request = patch(apply, path, content::APPLY, body, "kubectl-last-applied");
    *applied = apply.client.call(invocation.sys, request)?;
    Ok(())
}

/// Makes the owners by client-side apply owners by server-side apply; tells whether there were any.
fn migrate(
    apply: &Apply,
    invocation: &mut Invocation<'_, '_>,
    info: &Info,
    path: &str,
    applied: &mut Value,
) -> Result<bool, Failure> {
    let older = upgrade::owners_of_annotation(&applied["metadata"]["managedFields"], "Update");
    let mut left = RETRIES;
    loop {
        let metadata = &applied["metadata"];
        let Some(upgraded) = upgrade::upgraded(&metadata["managedFields"], &older, &apply.field_manager)
        else {
            return Ok(false);
        };
        // A replaced resourceVersion makes the server refuse the patch if somebody else was faster.
        let body = value!([
            {"op": "replace", "path": "/metadata/managedFields", "value": upgraded},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": (metadata["resourceVersion"].clone())},
        ]);
        let request = patch(apply, path, content::JSON_PATCH, body, &apply.field_manager);
        match apply.client.call(invocation.sys, request) {
            Ok(object) => {
                *applied = object;
                return Ok(true);
            }
            Err(failure) if failure.is_conflict() && left > 1 => {
                left -= 1;
                *applied = apply.client.get(invocation.sys, &info.path(), JSON)?;
            }
            Err(failure) => return Err(failure),
        }
    }
}
