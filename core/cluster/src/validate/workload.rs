//! Workloads: selectors, templates, strategies (`pkg/apis/apps/validation`, v1.33).

use super::common::{label_selector, not_negative};
use super::pod;
use crate::field::{Errors, Path};
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::{Value, names};

const SPEC: Path<'static> = Path::new("spec");

/// The Go zero value of a missing map of labels shows as null.
fn shown_labels(labels: &Value) -> Value {
    if labels.is_map() { labels.clone() } else { Value::Null }
}

/// `spec.selector` and its match with the template's labels.
fn selector(spec: &Value, kind: &str, errors: &mut Errors) {
    let selector = &spec["selector"];
    let path = SPEC.child("selector");
    let empty = selector["matchLabels"].is_empty() && selector["matchExpressions"].is_empty();
    if selector.is_null() {
        errors.required(&path, "");
    } else {
        label_selector(selector, &path, errors);
        if empty {
            errors.invalid(&path, selector, &format!("empty selector is invalid for {kind}"));
        }
    }
}

fn template(spec: &Value, policy: bool, deadline_owner: &str, errors: &mut Errors) {
    let path = SPEC.child("template");
    let selector = &spec["selector"];
    match LabelSelector::from_value(selector) {
        Err(_) => errors.invalid(&SPEC.child("selector"), selector, "invalid label selector"),
        Ok(parsed) => {
            let labels = &spec["template"]["metadata"]["labels"];
            let empty = selector["matchLabels"].is_empty() && selector["matchExpressions"].is_empty();
            // A missing or empty selector matches nothing here.
            let matches = if selector.is_null() { false } else { empty || parsed.matches(labels) };
            if !matches {
                let metadata = path.child("metadata");
                let detail = "`selector` does not match template `labels`";
                errors.invalid(&metadata.child("labels"), shown_labels(labels), detail);
            }
        }
    }
    pod::template(&spec["template"], &path, errors);
    let inner = path.child("spec");
    let restart = spec["template"]["spec"]["restartPolicy"].text();
    if policy && !matches!(restart, "Always" | "") {
        errors.unsupported(&inner.child("restartPolicy"), restart, &["Always"]);
    }
    if !spec["template"]["spec"]["activeDeadlineSeconds"].is_null() {
        let detail = format!("activeDeadlineSeconds in {deadline_owner} is not Supported");
        errors.forbidden(&inner.child("activeDeadlineSeconds"), &detail);
    }
}

/// A number, or a percentage as text.
pub(super) fn int_or_percent(value: &Value, path: &Path<'_>, errors: &mut Errors) {
    match value.as_str() {
        Some(text) if !is_percent(text) => {
            let detail = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
            errors.invalid(path, text, detail);
        }
        Some(_) => {}
        None => not_negative(value, path, errors),
    }
}

fn is_percent(text: &str) -> bool {
    text.strip_suffix('%').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The percentage, or the number.
fn amount(value: &Value) -> i64 {
    match value.as_str() {
        Some(text) => text.trim_end_matches('%').parse().unwrap_or(0),
        None => value.int(),
    }
}

pub(super) fn at_most_all(value: &Value, path: &Path<'_>, errors: &mut Errors) {
    if value.as_str().is_some_and(is_percent) && amount(value) > 100 {
        errors.invalid(path, value, "must not be greater than 100%");
    }
}

fn immutable_selector(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let Some(old) = old else { return };
    if new["spec"]["selector"] != old["spec"]["selector"] {
        errors.invalid(&SPEC.child("selector"), &new["spec"]["selector"], "field is immutable");
    }
}

pub fn deployment(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    not_negative(&spec["replicas"], &SPEC.child("replicas"), errors);
    selector(spec, "deployment", errors);
    template(spec, true, "ReplicaSet", errors);
    strategy(&spec["strategy"], &SPEC.child("strategy"), errors);
    not_negative(&spec["minReadySeconds"], &SPEC.child("minReadySeconds"), errors);
    not_negative(&spec["revisionHistoryLimit"], &SPEC.child("revisionHistoryLimit"), errors);
    if let Some(deadline) = spec["progressDeadlineSeconds"].as_int() {
        let path = SPEC.child("progressDeadlineSeconds");
        not_negative(&spec["progressDeadlineSeconds"], &path, errors);
        if deadline <= spec["minReadySeconds"].int() {
            errors.invalid(&path, deadline, "must be greater than minReadySeconds");
        }
    }
    immutable_selector(new, old, errors);
}

fn strategy(strategy: &Value, path: &Path<'_>, errors: &mut Errors) {
    let rolling = &strategy["rollingUpdate"];
    match strategy["type"].text() {
        "Recreate" => {
            if rolling.is_map() {
                let detail = "may not be specified when strategy `type` is 'Recreate'";
                errors.forbidden(&path.child("rollingUpdate"), detail);
            }
        }
        "RollingUpdate" => {
            let path = path.child("rollingUpdate");
            if rolling.is_null() {
                errors.required(&path, "this should be defaulted and never be nil");
                return;
            }
            let (unavailable, surge) = (&rolling["maxUnavailable"], &rolling["maxSurge"]);
            int_or_percent(unavailable, &path.child("maxUnavailable"), errors);
            int_or_percent(surge, &path.child("maxSurge"), errors);
            if amount(unavailable) == 0 && amount(surge) == 0 {
                errors.invalid(
                    &path.child("maxUnavailable"),
                    unavailable,
                    "may not be 0 when `maxSurge` is 0",
                );
            }
            at_most_all(unavailable, &path.child("maxUnavailable"), errors);
        }
        _ => errors.unsupported(path, strategy, &["Recreate", "RollingUpdate"]),
    }
}

pub fn replica_set(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    not_negative(&spec["replicas"], &SPEC.child("replicas"), errors);
    not_negative(&spec["minReadySeconds"], &SPEC.child("minReadySeconds"), errors);
    // The text names the deployment: so does the real one.
    selector(spec, "deployment", errors);
    template(spec, true, "ReplicaSet", errors);
    immutable_selector(new, old, errors);
}

pub fn replication_controller(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    not_negative(&spec["minReadySeconds"], &SPEC.child("minReadySeconds"), errors);
    if spec["selector"].is_empty() {
        errors.required(&SPEC.child("selector"), "");
    }
    not_negative(&spec["replicas"], &SPEC.child("replicas"), errors);
    let path = SPEC.child("template");
    let given = &spec["template"];
    if given.is_null() {
        errors.required(&path, "");
        return;
    }
    let labels = &given["metadata"]["labels"];
    if !spec["selector"].is_empty() && !crate::index::selects(&spec["selector"], labels) {
        let metadata = path.child("metadata");
        let detail = "`selector` does not match template `labels`";
        errors.invalid(&metadata.child("labels"), shown_labels(labels), detail);
    }
    pod::template(given, &path, errors);
    let restart = given["spec"]["restartPolicy"].text();
    if !matches!(restart, "Always" | "") {
        let inner = path.child("spec");
        errors.unsupported(&inner.child("restartPolicy"), restart, &["Always"]);
    }
}

pub fn daemon_set(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    label_selector(&spec["selector"], &SPEC.child("selector"), errors);
    let selector = &spec["selector"];
    let labels = &spec["template"]["metadata"]["labels"];
    let empty = selector["matchLabels"].is_empty() && selector["matchExpressions"].is_empty();
    if let Ok(parsed) = LabelSelector::from_value(selector)
        && (selector.is_null() || !empty && !parsed.matches(labels))
    {
        let (template, detail) = (SPEC.child("template"), "`selector` does not match template `labels`");
        let metadata = template.child("metadata");
        errors.invalid(&metadata.child("labels"), shown_labels(labels), detail);
    }
    if selector.is_map() && empty {
        errors.invalid(&SPEC.child("selector"), selector, "empty selector is invalid for daemonset");
    }
    let path = SPEC.child("template");
    pod::template(&spec["template"], &path, errors);
    let inner = path.child("spec");
    let restart = spec["template"]["spec"]["restartPolicy"].text();
    if !matches!(restart, "Always" | "") {
        errors.unsupported(&inner.child("restartPolicy"), restart, &["Always"]);
    }
    if !spec["template"]["spec"]["activeDeadlineSeconds"].is_null() {
        let detail = "activeDeadlineSeconds in DaemonSet is not Supported";
        errors.forbidden(&inner.child("activeDeadlineSeconds"), detail);
    }
    not_negative(&spec["minReadySeconds"], &SPEC.child("minReadySeconds"), errors);
    let path = SPEC.child("updateStrategy");
    let rolling = &spec["updateStrategy"]["rollingUpdate"];
    match spec["updateStrategy"]["type"].text() {
        "OnDelete" => {}
        "RollingUpdate" if rolling.is_null() => errors.required(&path.child("rollingUpdate"), ""),
        "RollingUpdate" => {
            let path = path.child("rollingUpdate");
            let (unavailable, surge) = (&rolling["maxUnavailable"], &rolling["maxSurge"]);
            int_or_percent(unavailable, &path.child("maxUnavailable"), errors);
            int_or_percent(surge, &path.child("maxSurge"), errors);
            match (amount(unavailable) > 0, amount(surge) > 0) {
                (true, true) => {
                    errors.invalid(
                        &path.child("maxSurge"),
                        surge,
                        "may not be set when maxUnavailable is non-zero",
                    );
                }
                (false, false) => {
                    errors.required(&path.child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
                }
                _ => {}
            }
            at_most_all(unavailable, &path.child("maxUnavailable"), errors);
            at_most_all(surge, &path.child("maxSurge"), errors);
        }
        _ => errors.unsupported(&path, &spec["updateStrategy"], &["RollingUpdate", "OnDelete"]),
    }
    not_negative(&spec["revisionHistoryLimit"], &SPEC.child("revisionHistoryLimit"), errors);
    immutable_selector(new, old, errors);
}

/// Fields of a stateful set's spec that may change.
const OPEN: &[&str] = &[
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
    "revisionHistoryLimit",
];

pub fn stateful_set(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    let path = SPEC.child("podManagementPolicy");
    match spec["podManagementPolicy"].text() {
        "" => errors.required(&path, ""),
        "OrderedReady" | "Parallel" => {}
        other => errors.invalid(&path, other, "must be 'OrderedReady' or 'Parallel'"),
    }
    let path = SPEC.child("updateStrategy");
    let update = &spec["updateStrategy"];
    match update["type"].text() {
        "" => errors.required(&path, ""),
        "OnDelete" => {
            if update["rollingUpdate"].is_map() {
                let detail = "only allowed for updateStrategy 'RollingUpdate'";
                errors.invalid(&path.child("rollingUpdate"), &update["rollingUpdate"], detail);
            }
        }
        "RollingUpdate" => {
            let rolling = path.child("rollingUpdate");
            not_negative(&update["rollingUpdate"]["partition"], &rolling.child("partition"), errors);
        }
        _ => errors.invalid(&path, update, "must be 'RollingUpdate' or 'OnDelete'"),
    }
    not_negative(&spec["replicas"], &SPEC.child("replicas"), errors);
    not_negative(&spec["minReadySeconds"], &SPEC.child("minReadySeconds"), errors);
    selector(spec, "statefulset", errors);
    let chosen = &spec["selector"];
    let path = SPEC.child("template");
    let labels = &spec["template"]["metadata"]["labels"];
    match LabelSelector::from_value(chosen) {
        // Without a detail: so does the real server.
        Err(_) => errors.invalid(&SPEC.child("selector"), chosen, ""),
        Ok(parsed) => {
            let empty = chosen["matchLabels"].is_empty() && chosen["matchExpressions"].is_empty();
            if chosen.is_null() || !empty && !parsed.matches(labels) {
                let metadata = path.child("metadata");
                let detail = "`selector` does not match template `labels`";
                errors.invalid(&metadata.child("labels"), shown_labels(labels), detail);
            }
        }
    }
    let meta = &spec["template"]["metadata"];
    crate::metadata::labels(&meta["labels"], &path.child("labels"), errors);
    let inner = path.child("spec");
    let restart = spec["template"]["spec"]["restartPolicy"].text();
    if !matches!(restart, "Always" | "") {
        errors.unsupported(&inner.child("restartPolicy"), restart, &["Always"]);
    }
    if !spec["template"]["spec"]["activeDeadlineSeconds"].is_null() {
        let detail = "activeDeadlineSeconds in StatefulSet is not Supported";
        errors.forbidden(&inner.child("activeDeadlineSeconds"), detail);
    }
    let name = spec["serviceName"].text();
    if !name.is_empty() {
        errors.each(&SPEC.child("serviceName"), name, names::is_dns1123_subdomain(name));
    }
    if let Some(old) = old {
        let closed = |spec: &Value| OPEN.iter().fold(spec.clone(), |spec, field| spec.without(field));
        if closed(spec) != closed(&old["spec"]) {
            let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
            errors.forbidden(&SPEC, detail);
        }
    }
}
