//! Names of resources in containers, quotas and limit ranges (`validateResourceName` and its kin,
//! `pkg/apis/core/validation`, v1.33).

use crate::field::{Errors, Path};
use drydock_machinery::names;

const CONTAINER: &[&str] = &["cpu", "memory", "ephemeral-storage"];
const STANDARD: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];

fn is_huge(name: &str) -> bool {
    name.starts_with("hugepages-")
}
fn is_huge_in_quota(name: &str) -> bool {
    is_huge(name) || name.starts_with("requests.hugepages-")
}

/// A resource without a domain, or of Kubernetes' own.
pub(super) fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// A resource of a domain of its own, such as `nvidia.com/gpu`.
pub(super) fn is_extended(name: &str) -> bool {
    if is_native(name) || name.starts_with("requests.") {
        return false;
    }
    // A quota names it with a prefix, which must still be a good name.
    names::is_qualified_name(&format!("requests.{name}")).is_empty()
}

/// What quotas can bound without a domain.
pub(super) fn is_standard_quota(name: &str) -> bool {
    name != "storage" && STANDARD.contains(&name) || is_huge_in_quota(name)
}

/// A name any object may use; false if it is not well-formed.
pub(super) fn any(name: &str, path: &Path<'_>, errors: &mut Errors) -> bool {
    let wrong = names::is_qualified_name(name);
    let well_formed = wrong.is_empty();
    errors.each(path, name, wrong);
    if well_formed && !name.contains('/') && !STANDARD.contains(&name) && !is_huge_in_quota(name) {
        errors.invalid(path, name, "must be a standard resource type or fully qualified");
    }
    well_formed
}

/// A resource a container can ask for.
pub(super) fn container(name: &str, path: &Path<'_>, errors: &mut Errors) {
    any(name, path, errors);
    if !name.contains('/') {
        if !CONTAINER.contains(&name) && !is_huge(name) {
            errors.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        errors.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

/// A resource a quota can bound.
pub(super) fn quota(name: &str, path: &Path<'_>, errors: &mut Errors) {
    any(name, path, errors);
    if !name.contains('/') && !is_standard_quota(name) {
        errors.invalid(path, name, "must be a standard resource for quota");
    }
}
