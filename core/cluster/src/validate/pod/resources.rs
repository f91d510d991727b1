//! Requests and limits of a container (`ValidateContainerResourceRequirements`).

use crate::field::{Errors, Path};
use drydock_machinery::{Quantity, Value, names};

const STANDARD: &[&str] = &["cpu", "memory", "ephemeral-storage"];

/// A resource without a domain, or of Kubernetes' own.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.split('/').next().is_some_and(|d| d.ends_with("kubernetes.io"))
}

fn is_extended(name: &str) -> bool {
    if is_native(name) || name.starts_with("requests.") {
        return false;
    }
    // A quota names it with a prefix, which must still be a good name.
    names::is_qualified_name(&format!("requests.{name}")).is_empty()
}

fn is_huge(name: &str) -> bool {
    name.starts_with("hugepages-")
}

pub(super) fn container(resources: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (limits_path, requests_path) = (path.child("limits"), path.child("requests"));
    let (limits, requests) = (&resources["limits"], &resources["requests"]);
    let mut huge = false;
    let mut basic = false;
    for (name, amount) in limits.entries() {
        let path = limits_path.key(name.text());
        resource_name(name.text(), &path, errors);
        quantity(name.text(), amount, &path, errors);
        huge |= is_huge(name.text());
        basic |= matches!(name.text(), "cpu" | "memory");
    }
    for (name, amount) in requests.entries() {
        let path = requests_path.key(name.text());
        resource_name(name.text(), &path, errors);
        quantity(name.text(), amount, &path, errors);
        // Only Kubernetes' own resources may be promised twice.
        let strict = !is_native(name.text()) || is_huge(name.text());
        match limits.find(name.text()) {
            Some(limit) => {
                let (Some(wanted), Some(limit)) = (Quantity::from_value(amount), Quantity::from_value(limit))
                else {
                    continue;
                };
                if strict && wanted != limit {
                    let detail = format!("must be equal to {} limit of {}", name.text(), limit.canonical());
                    errors.invalid(&requests_path, wanted.canonical(), &detail);
                } else if !strict && wanted > limit {
                    let detail = format!(
                        "must be less than or equal to {} limit of {}",
                        name.text(),
                        limit.canonical()
                    );
                    errors.invalid(&requests_path, wanted.canonical(), &detail);
                }
            }
            None if strict => {
                errors.required(&limits_path, "Limit must be set for non overcommitable resources");
            }
            None => {}
        }
        huge |= is_huge(name.text());
        basic |= matches!(name.text(), "cpu" | "memory");
    }
    if huge && !basic {
        errors.forbidden(path, "HugePages require cpu or memory");
    }
}

fn resource_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    let wrong = names::is_qualified_name(name);
    let well_formed = wrong.is_empty();
    errors.each(path, name, wrong);
    if !well_formed {
        if name.contains('/') && !is_native(name) {
            errors.invalid(path, name, "doesn't follow extended resource name standard");
        }
        return;
    }
    if !name.contains('/') {
        if !STANDARD.contains(&name) && !is_huge(name) {
            errors.invalid(path, name, "must be a standard resource type or fully qualified");
            errors.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        errors.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

fn quantity(name: &str, amount: &Value, path: &Path<'_>, errors: &mut Errors) {
    let Some(quantity) = Quantity::from_value(amount) else { return };
    if quantity.sign() < 0 {
        errors.invalid(path, quantity.canonical(), "must be greater than or equal to 0");
    }
    if is_extended(name) && quantity.milli() % 1000 != 0 {
        errors.invalid(path, quantity.canonical(), "must be an integer");
    }
}
