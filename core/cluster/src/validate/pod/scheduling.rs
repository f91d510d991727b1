//! Affinity, tolerations and topology spread.

use crate::field::{Errors, Path};
use crate::kinds::NODE_TAINT_EFFECTS;
use crate::validate::common::{label_selector, number_between};
use drydock_machinery::{Value, names};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

fn weight(term: &Value, path: &Path<'_>, errors: &mut Errors) {
    let weight = term["weight"].int();
    if !(1..=100).contains(&weight) {
        errors.invalid(&path.child("weight"), weight, "must be in the range 1-100");
    }
}

pub(super) fn affinity(affinity: &Value, path: &Path<'_>, errors: &mut Errors) {
    let node = &affinity["nodeAffinity"];
    if node.is_map() {
        let path = path.child("nodeAffinity");
        if node[REQUIRED].is_map() {
            node_selector(&node[REQUIRED], &path.child(REQUIRED), errors);
        }
        for (at, term) in node[PREFERRED].items().iter().enumerate() {
            let list = path.child(PREFERRED);
            let path = list.index(at);
            weight(term, &path, errors);
            node_term(&term["preference"], &path.child("preference"), errors);
        }
    }
    for field in ["podAffinity", "podAntiAffinity"] {
        let path = path.child(field);
        for (at, term) in affinity[field][REQUIRED].items().iter().enumerate() {
            let list = path.child(REQUIRED);
            pod_term(term, &list.index(at), errors);
        }
        for (at, term) in affinity[field][PREFERRED].items().iter().enumerate() {
            let list = path.child(PREFERRED);
            let path = list.index(at);
            weight(term, &path, errors);
            pod_term(&term["podAffinityTerm"], &path.child("podAffinityTerm"), errors);
        }
    }
}

/// `NodeSelector`: terms of which one must hold.
pub(in crate::validate) fn node_selector(selector: &Value, path: &Path<'_>, errors: &mut Errors) {
    let list = path.child("nodeSelectorTerms");
    let terms = selector["nodeSelectorTerms"].items();
    if terms.is_empty() {
        errors.required(&list, "must have at least one node selector term");
    }
    for (at, term) in terms.iter().enumerate() {
        node_term(term, &list.index(at), errors);
    }
}

fn node_term(term: &Value, path: &Path<'_>, errors: &mut Errors) {
    for (at, requirement) in term["matchExpressions"].items().iter().enumerate() {
        let list = path.child("matchExpressions");
        let path = list.index(at);
        let values = requirement["values"].items();
        match requirement["operator"].text() {
            "In" | "NotIn" => {
                if values.is_empty() {
                    errors.required(
                        &path.child("values"),
                        "must be specified when `operator` is 'In' or 'NotIn'",
                    );
                }
            }
            "Exists" | "DoesNotExist" => {
                if !values.is_empty() {
                    let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                    errors.forbidden(&path.child("values"), detail);
                }
            }
            "Gt" | "Lt" => {
                if values.len() != 1 {
                    let detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
                    errors.required(&path.child("values"), detail);
                }
            }
            other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
        }
        let key = requirement["key"].text();
        errors.each(&path.child("key"), key, names::is_qualified_name(key));
    }
    for (at, requirement) in term["matchFields"].items().iter().enumerate() {
        let list = path.child("matchFields");
        let path = list.index(at);
        match requirement["operator"].text() {
            "In" | "NotIn" => {
                if requirement["values"].items().len() != 1 {
                    let detail =
                        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                    errors.required(&path.child("values"), detail);
                }
            }
            other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
        }
        if requirement["key"] != "metadata.name" {
            errors.invalid(&path.child("key"), &requirement["key"], "not a valid field selector key");
        }
    }
}

fn pod_term(term: &Value, path: &Path<'_>, errors: &mut Errors) {
    label_selector(&term["labelSelector"], &path.child("labelSelector"), errors);
    label_selector(&term["namespaceSelector"], &path.child("namespaceSelector"), errors);
    for name in term["namespaces"].items() {
        errors.each(&path.child("namespace"), name.text(), names::is_dns1123_label(name.text()));
    }
    let key = term["topologyKey"].text();
    if key.is_empty() {
        errors.required(&path.child("topologyKey"), "can not be empty");
    }
    errors.each(&path.child("topologyKey"), key, names::is_qualified_name(key));
}

pub(super) fn tolerations(tolerations: &Value, list: &Path<'_>, errors: &mut Errors) {
    for (at, toleration) in tolerations.items().iter().enumerate() {
        let path = list.index(at);
        let (key, operator) = (toleration["key"].text(), toleration["operator"].text());
        let effect = toleration["effect"].text();
        if !key.is_empty() {
            errors.each(&path.child("key"), key, names::is_qualified_name(key));
        }
        if key.is_empty() && operator != "Exists" {
            let detail =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.invalid(&path.child("operator"), operator, detail);
        }
        if !toleration["tolerationSeconds"].is_null() && effect != "NoExecute" {
            errors.invalid(
                &path.child("effect"),
                effect,
                "effect must be 'NoExecute' when `tolerationSeconds` is set",
            );
        }
        match operator {
            "" | "Equal" => {
                let value = toleration["value"].text();
                let wrong = names::is_label_value(value);
                if !wrong.is_empty() {
                    errors.invalid(&path.child("operator"), value, &wrong.join(";"));
                }
            }
            "Exists" => {
                if !toleration["value"].is_empty() {
                    errors.invalid(
                        &path.child("operator"),
                        toleration,
                        "value must be empty when `operator` is 'Exists'",
                    );
                }
            }
            other => errors.unsupported(&path.child("operator"), other, &["Equal", "Exists"]),
        }
        if !effect.is_empty() && !NODE_TAINT_EFFECTS.contains(&effect) {
            errors.unsupported(&path.child("effect"), effect, NODE_TAINT_EFFECTS);
        }
    }
}

pub(super) fn spread(constraints: &Value, list: &Path<'_>, errors: &mut Errors) {
    let all = constraints.items();
    for (at, constraint) in all.iter().enumerate() {
        let path = list.index(at);
        let skew = constraint["maxSkew"].int();
        if skew <= 0 {
            errors.invalid(&path.child("maxSkew"), skew, "must be greater than zero");
        }
        let key = constraint["topologyKey"].text();
        if key.is_empty() {
            errors.required(&path.child("topologyKey"), "can not be empty");
        } else {
            errors.each(&path.child("topologyKey"), key, names::is_qualified_name(key));
        }
        let when = constraint["whenUnsatisfiable"].text();
        if !matches!(when, "DoNotSchedule" | "ScheduleAnyway") {
            let supported = ["DoNotSchedule", "ScheduleAnyway"];
            errors.unsupported(&path.child("whenUnsatisfiable"), when, &supported);
        }
        if let Some(domains) = constraint["minDomains"].as_int() {
            number_between(domains, 1, i64::from(i32::MAX), &path.child("minDomains"), errors);
        }
        let same = |c: &&Value| c["topologyKey"] == key && c["whenUnsatisfiable"] == when;
        if all.iter().skip(at + 1).any(|c| same(&c)) {
            // The later one of the pair is reported.
            let later = all.iter().enumerate().skip(at + 1).find(|(_, c)| same(c)).map_or(at, |(n, _)| n);
            let path = list.index(later);
            errors.duplicate(&path.child("{topologyKey, whenUnsatisfiable}"), format!("{{{key}, {when}}}"));
        }
        label_selector(&constraint["labelSelector"], &path.child("labelSelector"), errors);
    }
}
