//! What may change in a pod that exists (`ValidatePodUpdate`).

use crate::field::{Errors, Path};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json};

const SPEC: Path<'static> = Path::new("spec");

/// The sentence of v1.33; the real one is followed by a dump of the difference.
const SEALED: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

pub(super) fn validate(pod: &Value, old: &Value, errors: &mut Errors) {
    let (new, old) = (&pod["spec"], &old["spec"]);
    if new.is_same(old) || new == old {
        return;
    }
    for list in ["containers", "initContainers"] {
        if new[list].items().len() != old[list].items().len() {
            errors.forbidden(&SPEC.child(list), "pod updates may not add or remove containers");
            return;
        }
    }
    deadline(new, old, errors);
    tolerations(new, old, errors);
    let mut allowed = new.clone();
    for list in ["containers", "initContainers"] {
        let pairs = new[list].items().iter().zip(old[list].items());
        let images = pairs.map(|(new, old)| new.with("image", &old["image"])).collect::<Value>();
        if !images.is_empty() {
            allowed = allowed.with(list, images);
        }
    }
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
        allowed = match old.find(field) {
            Some(value) => allowed.with(field, value),
            None => allowed.without(field),
        };
    }
    let (grace, before) = (&new["terminationGracePeriodSeconds"], old["terminationGracePeriodSeconds"].int());
    if before < 0 && grace.int() == 1 {
        allowed = allowed.with("terminationGracePeriodSeconds", before);
    }
    if old["nodeName"].is_empty() {
        // Binding; only its subresource comes here with a name.
        allowed = match old.find("nodeName") {
            Some(value) => allowed.with("nodeName", value),
            None => allowed.without("nodeName"),
        };
    }
    if allowed != *old {
        errors.forbidden(&SPEC, &format!("{SEALED}\n{}", difference(&allowed, old)));
    }
}

/// The fields that differ: old with `-`, new with `+`.
fn difference(new: &Value, old: &Value) -> String {
    let mut lines = vec!["  core.PodSpec{".to_string()];
    let mut keys: Vec<&str> = new.entries().iter().chain(old.entries()).map(|e| e.0.text()).collect();
    keys.arrange();
    keys.dedup();
    for key in keys.into_iter().filter(|key| new[*key] != old[*key]) {
        let mut title: String = key.to_string();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        for (mark, side) in [('-', old), ('+', new)] {
            if let Some(value) = side.find(key) {
                lines.push(format!("{mark} \t{title}: {},", json::to_string(value)));
            }
        }
    }
    lines.push("  }\n".into());
    lines.join("\n")
}

fn deadline(new: &Value, old: &Value, errors: &mut Errors) {
    let path = SPEC.child("activeDeadlineSeconds");
    match (old["activeDeadlineSeconds"].as_int(), new["activeDeadlineSeconds"].as_int()) {
        (Some(old), Some(new)) if new > old => {
            errors.invalid(&path, new, "must be less than or equal to previous value");
        }
        (Some(_), None) => {
            errors.invalid(&path, "null", "must not update from a positive integer to nil value")
        }
        _ => {}
    }
}

/// Tolerations may only be added.
fn tolerations(new: &Value, old: &Value, errors: &mut Errors) {
    let kept = |t: &Value| {
        let bare = t.without("tolerationSeconds");
        new["tolerations"].items().iter().any(|n| n.without("tolerationSeconds") == bare)
    };
    if !old["tolerations"].items().iter().all(kept) {
        errors.forbidden(
            &SPEC.child("tolerations"),
            "existing toleration can not be modified except its tolerationSeconds",
        );
    }
}
