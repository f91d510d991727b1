//! Horizontal pod autoscalers (`pkg/apis/autoscaling/validation`, v1.33).

use crate::field::{Errors, Path};
use crate::kinds::rbac::path_segment;
use drydock_machinery::{Quantity, Value};

const SPEC: Path<'static> = Path::new("spec");
const TYPES: &[&str] = &["ContainerResource", "External", "Object", "Pods", "Resource"];
/// The order in which a metric's sources are looked at.
const SOURCES: &[&str] = &["object", "external", "pods", "resource", "containerResource"];
/// Seconds of the longest stabilization window and of the longest period of a policy.
const MAX_WINDOW: i64 = 3600;
const MAX_PERIOD: i64 = 1800;

pub fn validate(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    let (min, max) = (spec["minReplicas"].as_int(), spec["maxReplicas"].int());
    if let Some(min) = min.filter(|min| *min < 1) {
        errors.invalid(&SPEC.child("minReplicas"), min, "must be greater than or equal to 1");
    }
    let path = SPEC.child("maxReplicas");
    if max < 1 {
        errors.invalid(&path, max, "must be greater than 0");
    }
    if min.is_some_and(|min| max < min) {
        errors.invalid(&path, max, "must be greater than or equal to `minReplicas`");
    }
    reference(&spec["scaleTargetRef"], &SPEC.child("scaleTargetRef"), errors);
    let list = SPEC.child("metrics");
    let metrics = spec["metrics"].items();
    for (at, metric) in metrics.iter().enumerate() {
        self::metric(metric, &list.index(at), errors);
    }
    if min == Some(0) && !metrics.iter().any(|m| m["type"] == "Object" || m["type"] == "External") {
        let detail =
            "must specify at least one Object or External metric to support scaling to zero replicas";
        errors.forbidden(&list, detail);
    }
    let path = SPEC.child("behavior");
    rules(&spec["behavior"]["scaleUp"], &path.child("scaleUp"), errors);
    rules(&spec["behavior"]["scaleDown"], &path.child("scaleDown"), errors);
}

/// `CrossVersionObjectReference`.
fn reference(target: &Value, path: &Path<'_>, errors: &mut Errors) {
    for field in ["kind", "name"] {
        let text = target[field].text();
        if text.is_empty() {
            errors.required(&path.child(field), "");
        } else {
            errors.each(&path.child(field), text, path_segment(text));
        }
    }
}

fn metric(metric: &Value, path: &Path<'_>, errors: &mut Errors) {
    let kind = metric["type"].text();
    if kind.is_empty() {
        errors.required(&path.child("type"), "must specify a metric source type");
    }
    if !TYPES.contains(&kind) {
        errors.unsupported(&path.child("type"), kind, TYPES);
    }
    let present: Vec<&str> = SOURCES.iter().copied().filter(|s| metric[*s].is_map()).collect();
    if let Some(first) = present.first() {
        source(first, &metric[*first], &path.child(first), errors);
    }
    let expected = match kind {
        "Object" => "object",
        "External" => "external",
        "Pods" => "pods",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => "",
    };
    if !expected.is_empty() && metric[expected].is_null() {
        let detail = "must populate information for the given metric source";
        errors.required(&path.child(expected), detail);
    }
    if present.len() != 1 {
        for other in present.iter().filter(|s| **s != expected) {
            errors.forbidden(&path.child(other), "must populate the given metric source only");
        }
    }
}

fn source(kind: &str, source: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (given, place) = (&source["target"], path.child("target"));
    let has = |field: &str| !given[field].is_null();
    if kind == "object" {
        reference(&source["describedObject"], &path.child("describedObject"), errors);
    }
    if matches!(kind, "object" | "external" | "pods") {
        let (name, metric) = (source["metric"]["name"].text(), path.child("metric"));
        if name.is_empty() {
            errors.required(&metric.child("name"), "must specify a metric name");
        } else {
            errors.each(&metric.child("name"), name, path_segment(name));
        }
    } else if source["name"].is_empty() {
        errors.required(&path.child("name"), "must specify a resource name");
    }
    if kind == "containerResource" && source["container"].is_empty() {
        errors.required(&path.child("container"), "must specify a container");
    }
    target(given, &place, errors);
    match kind {
        "object" | "external" => {
            if !has("value") && !has("averageValue") {
                let detail = "must set either a target value for metric or a per-pod target";
                errors.required(&place.child("averageValue"), detail);
            }
            if kind == "external" && has("value") && has("averageValue") {
                let detail = "may not set both a target value for metric and a per-pod target";
                errors.forbidden(&place.child("value"), detail);
            }
        }
        "pods" => {
            if Quantity::from_value(&given["averageValue"]).is_none_or(|q| q.sign() != 1) {
                errors.required(&place.child("averageValue"), "must specify a positive target averageValue");
            }
        }
        _ => {
            if !has("averageUtilization") && !has("averageValue") {
                let detail = "must set either a target raw value or a target utilization";
                errors.required(&place.child("averageUtilization"), detail);
            }
            if has("averageUtilization") && has("averageValue") {
                let detail = "may not set both a target raw value and a target utilization";
                errors.forbidden(&place.child("averageValue"), detail);
            }
        }
    }
}

fn target(target: &Value, path: &Path<'_>, errors: &mut Errors) {
    let kind = target["type"].text();
    if kind.is_empty() {
        errors.required(&path.child("type"), "must specify a metric target type");
    }
    if !matches!(kind, "Utilization" | "Value" | "AverageValue") {
        errors.invalid(&path.child("type"), kind, "must be either Utilization, Value, or AverageValue");
    }
    for field in ["value", "averageValue"] {
        if Quantity::from_value(&target[field]).is_some_and(|q| q.sign() != 1) {
            errors.invalid(&path.child(field), &target[field], "must be positive");
        }
    }
    if let Some(percent) = target["averageUtilization"].as_int().filter(|n| *n < 1) {
        errors.invalid(&path.child("averageUtilization"), percent, "must be greater than 0");
    }
}

fn rules(rules: &Value, path: &Path<'_>, errors: &mut Errors) {
    if rules.is_null() {
        return;
    }
    if let Some(seconds) = rules["stabilizationWindowSeconds"].as_int() {
        let path = path.child("stabilizationWindowSeconds");
        if seconds < 0 {
            errors.invalid(&path, seconds, "must be greater than or equal to zero");
        }
        if seconds > MAX_WINDOW {
            errors.invalid(&path, seconds, &format!("must be less than or equal to {MAX_WINDOW}"));
        }
    }
    const SELECT: &[&str] = &["Disabled", "Max", "Min"];
    let select = rules["selectPolicy"].text();
    if !rules["selectPolicy"].is_null() && !SELECT.contains(&select) {
        errors.unsupported(&path.child("selectPolicy"), select, SELECT);
    }
    let list = path.child("policies");
    if rules["policies"].is_empty() {
        errors.required(&list, "must specify at least one Policy");
    }
    for (at, policy) in rules["policies"].items().iter().enumerate() {
        let path = list.index(at);
        const KINDS: &[&str] = &["Percent", "Pods"];
        if !KINDS.contains(&policy["type"].text()) {
            errors.unsupported(&path.child("type"), policy["type"].text(), KINDS);
        }
        for field in ["value", "periodSeconds"] {
            if policy[field].int() <= 0 {
                errors.invalid(&path.child(field), policy[field].int(), "must be greater than zero");
            }
        }
        if policy["periodSeconds"].int() > MAX_PERIOD {
            let detail = format!("must be less than or equal to {MAX_PERIOD}");
            errors.invalid(&path.child("periodSeconds"), &policy["periodSeconds"], &detail);
        }
    }
}
