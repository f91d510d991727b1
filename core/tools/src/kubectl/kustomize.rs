//! `kubectl kustomize` and `-k`: overlays built from a `kustomization.yaml`.

use super::Failure;
use crate::cli::Invocation;
use drydock_machinery::Value;

/// The objects a kustomization directory builds.
///
/// # Errors
/// In kustomize's words.
pub fn build(_invocation: &mut Invocation<'_, '_>, directory: &str) -> Result<Vec<Value>, Failure> {
    Err(format!("unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{directory}'").into())
}
