//! Disruption budgets, priority classes, runtime classes (`pkg/apis/{policy,scheduling,node}/validation`,
//! v1.33).

use super::common::label_selector;
use super::workload::{at_most_all, int_or_percent};
use crate::field::{Errors, Path};
use drydock_machinery::{Value, names};

const SPEC: Path<'static> = Path::new("spec");

pub fn budget(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    if !spec["minAvailable"].is_null() && !spec["maxUnavailable"].is_null() {
        errors.invalid(&SPEC, spec, "minAvailable and maxUnavailable cannot be both set");
    }
    for field in ["minAvailable", "maxUnavailable"] {
        if !spec[field].is_null() {
            int_or_percent(&spec[field], &SPEC.child(field), errors);
            at_most_all(&spec[field], &SPEC.child(field), errors);
        }
    }
    label_selector(&spec["selector"], &SPEC.child("selector"), errors);
    const POLICIES: &[&str] = &["AlwaysAllow", "IfHealthyBudget"];
    let policy = &spec["unhealthyPodEvictionPolicy"];
    if !policy.is_null() && !POLICIES.contains(&policy.text()) {
        errors.unsupported(&SPEC.child("unhealthyPodEvictionPolicy"), policy, POLICIES);
    }
}

/// The highest priority people may define.
const HIGHEST: i64 = 1_000_000_000;
/// The classes every cluster has.
const SYSTEM: &[(&str, i64)] =
    &[("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

pub fn priority_class(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let (name, value) = (new["metadata"]["name"].text(), new["value"].int());
    let policy = &new["preemptionPolicy"];
    if let Some(old) = old {
        if value != old["value"].int() {
            errors.forbidden(&Path::new("value"), "may not be changed in an update.");
        }
        if *policy != old["preemptionPolicy"] {
            errors.invalid(&Path::new("preemptionPolicy"), policy, "field is immutable");
        }
        return;
    }
    if name.starts_with("system-") {
        let why = match SYSTEM.iter().find(|s| s.0 == name) {
            None => Some(format!("{name} is not a known system priority class")),
            Some((_, known)) if *known != value => {
                Some(format!("value of {name} PriorityClass must be {known}"))
            }
            Some(_) if new["globalDefault"].bool() => {
                Some(format!("globalDefault of {name} PriorityClass must be false"))
            }
            Some(_) => None,
        };
        if let Some(why) = why {
            let detail = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {why}"
            );
            let metadata = Path::new("metadata");
            errors.forbidden(&metadata.child("name"), &detail);
        }
    } else if value > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        errors.forbidden(&Path::new("value"), &detail);
    }
    const POLICIES: &[&str] = &["PreemptLowerPriority", "Never"];
    if !policy.is_null() && !POLICIES.contains(&policy.text()) {
        errors.unsupported(&Path::new("preemptionPolicy"), policy, POLICIES);
    }
}

pub fn runtime_class(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let (handler, path) = (new["handler"].text(), Path::new("handler"));
    if let Some(old) = old {
        if new["handler"] != old["handler"] {
            errors.invalid(&path, handler, "field is immutable");
        }
        return;
    }
    errors.each(&path, handler, names::is_dns1123_label(handler));
}
