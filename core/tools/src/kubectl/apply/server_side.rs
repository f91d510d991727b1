//! `kubectl apply --server-side`: one apply patch with the whole manifest; the server merges, tracks
//! owners and tells of conflicts.

use super::Apply;
use crate::cli::{Error, Invocation};
use crate::kubectl::client::{Client, content};
use crate::kubectl::output::LAST_APPLIED;
use crate::kubectl::writing::{add_source, with_dry_run};
use crate::kubectl::{Failure, Info};
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

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

/// Sends the manifest; keeps an older client-side annotation alive.
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
    let request = Client::write(Method::Patch, &path, content::APPLY, info.object.clone())
        .query("fieldManager", apply.field_manager.as_str())
        .query("fieldValidation", apply.validator.mode)
        .query("force", force);
    let request = with_dry_run(request, apply.output.dry_run);
    let applied = match apply.client.call(invocation.sys, request) {
        Ok(applied) => applied,
        Err(failure) if failure.is_conflict() => {
            return Err(Failure::Error(Error::new(format_args!("{}\n{ADVICE}", failure.text()))));
        }
        Err(failure) => return Err(add_source(failure, "patching", &info.source)),
    };
    if !applied["metadata"]["deletionTimestamp"].is_null() {
        invocation.eprint(&format!(
            "Warning: Detected changes to resource {} which is currently being deleted.\n",
            info.name
        ));
    }
    let annotation = &applied["metadata"]["annotations"][LAST_APPLIED];
    if annotation.is_empty() {
        return Ok(applied);
    }
    keep_annotation(apply, invocation, info, &path, annotation)
}

/// An object applied by the client before keeps its annotation under a manager of its own.
fn keep_annotation(
    apply: &Apply,
    invocation: &mut Invocation<'_, '_>,
    info: &Info,
    path: &str,
    annotation: &Value,
) -> Result<Value, Failure> {
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
    let request = Client::write(Method::Patch, path, content::APPLY, body)
        .query("fieldManager", "kubectl-last-applied")
        .query("fieldValidation", apply.validator.mode);
    apply.client.call(invocation.sys, with_dry_run(request, apply.output.dry_run))
}
