//! Limit ranges (`ValidateLimitRange`, `pkg/apis/core/validation`, v1.33).

use super::resource_names;
use crate::field::{Errors, Path};
use drydock_machinery::{Quantity, Value, names};
use std::collections::BTreeSet;

const TYPES: &[&str] = &["Pod", "Container", "PersistentVolumeClaim"];

pub fn validate(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let spec = Path::new("spec");
    let list = spec.child("limits");
    let mut seen: Vec<&str> = Vec::new();
    for (at, limit) in new["spec"]["limits"].items().iter().enumerate() {
        let path = list.index(at);
        let kind = limit["type"].text();
        let place = path.child("type");
        let wrong = names::is_qualified_name(kind);
        if wrong.is_empty() && !kind.contains('/') && !TYPES.contains(&kind) {
            errors.invalid(&place, kind, "must be a standard limit type or fully qualified");
        }
        errors.each(&place, kind, wrong);
        if seen.contains(&kind) {
            errors.duplicate(&place, kind);
        }
        seen.push(kind);
        item(limit, kind, &path, errors);
    }
}

fn item(limit: &Value, kind: &str, path: &Path<'_>, errors: &mut Errors) {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut bound = |field: &str, errors: &mut Errors| {
        let list = path.child(field);
        for (name, _) in limit[field].entries() {
            let place = list.key(name.text());
            match kind {
                "Pod" | "Container" => resource_names::container(name.text(), &place, errors),
                _ => {
                    resource_names::any(name.text(), &place, errors);
                }
            }
            names.insert(name.text());
        }
    };
    bound("max", errors);
    bound("min", errors);
    if kind == "Pod" {
        for field in ["default", "defaultRequest"] {
            if !limit[field].is_empty() {
                errors.forbidden(&path.child(field), "may not be specified when `type` is 'Pod'");
            }
        }
    } else {
        bound("default", errors);
        bound("defaultRequest", errors);
    }
    let stored = |field: &str| !limit[field]["storage"].is_null();
    if kind == "PersistentVolumeClaim" && !stored("min") && !stored("max") {
        let detail = "either minimum or maximum storage value is required, but neither was provided";
        errors.required(&path.child("limits"), detail);
    }
    bound("maxLimitRequestRatio", errors);
    for name in names {
        amounts(limit, name, path, errors);
    }
}

/// How the bounds of one resource must stand to each other.
fn amounts(limit: &Value, name: &str, path: &Path<'_>, errors: &mut Errors) {
    let amount = |field: &str| Quantity::from_value(&limit[field][name]);
    let (min, max, ratio) = (amount("min"), amount("max"), amount("maxLimitRequestRatio"));
    let (default, request) = (amount("default"), amount("defaultRequest"));
    // Low and high, the field the error stands at with the amount it shows, and the two words.
    for (low, high, field, shown, what, than) in [
        (min, max, "min", min, "min", "max"),
        (min, request, "defaultRequest", request, "min", "default request"),
        (request, max, "defaultRequest", request, "default request", "max"),
        (request, default, "defaultRequest", request, "default request", "default limit"),
        (min, default, "default", min, "min", "default"),
        (default, max, "default", max, "default", "max"),
    ] {
        let (Some(low), Some(high), Some(shown)) = (low, high, shown) else { continue };
        if low > high {
            let (low, high) = (low.canonical(), high.canonical());
            let detail = format!("{what} value {low} is greater than {than} value {high}");
            let list = path.child(field);
            errors.invalid(&list.key(name), shown.canonical(), &detail);
        }
    }
    let list = path.child("maxLimitRequestRatio");
    if let Some(ratio) = ratio {
        if ratio < Quantity::from_int(1) {
            let detail = format!("ratio {} is less than 1", ratio.canonical());
            errors.invalid(&list.key(name), ratio.canonical(), &detail);
        }
        if let (Some(min), Some(max)) = (min, max)
            && min.milli() > 0
            && ratio.milli() * min.milli() > max.milli() * 1000
        {
            let most = max.milli() as f64 / min.milli() as f64;
            let detail = format!("ratio {} is greater than max/min = {most:.6}", ratio.canonical());
            errors.invalid(&list.key(name), ratio.canonical(), &detail);
        }
    }
    let fixed = !resource_names::is_native(name) || name.starts_with("hugepages-");
    if let (Some(default), Some(request), true) = (default, request, fixed)
        && default != request
    {
        let (default, request) = (default.canonical(), request.canonical());
        let detail =
            format!("default value {default} must equal to defaultRequest value {request} in {name}");
        let list = path.child("defaultRequest");
        errors.invalid(&list.key(name), request, &detail);
    }
}
