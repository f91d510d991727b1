//! Requests and limits of a container (`ValidateContainerResourceRequirements`).

use crate::field::{Errors, Path};
use crate::validate::resource_names::{self, is_extended, is_native};
use drydock_machinery::{Quantity, Value};

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
        resource_names::container(name.text(), &path, errors);
        quantity(name.text(), amount, &path, errors);
        huge |= is_huge(name.text());
        basic |= matches!(name.text(), "cpu" | "memory");
    }
    for (name, amount) in requests.entries() {
        let path = requests_path.key(name.text());
        resource_names::container(name.text(), &path, errors);
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

fn quantity(name: &str, amount: &Value, path: &Path<'_>, errors: &mut Errors) {
    let Some(quantity) = Quantity::from_value(amount) else { return };
    if quantity.sign() < 0 {
        errors.invalid(path, quantity.canonical(), "must be greater than or equal to 0");
    }
    if is_extended(name) && quantity.milli() % 1000 != 0 {
        errors.invalid(path, quantity.canonical(), "must be an integer");
    }
}
