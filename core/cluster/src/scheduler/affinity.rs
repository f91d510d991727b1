//! Node selectors, node affinity, taints and tolerations as pure functions over values. Follows
//! `component-helpers/scheduling/corev1` of Kubernetes 1.33.

use drydock_machinery::Value;

/// A requirement of a node selector term against a label's value.
fn matches_expression(requirement: &Value, found: Option<&str>) -> bool {
    let values = requirement["values"].items();
    let listed = |v: &str| values.iter().any(|x| *x == v);
    let number = |text: &str| text.parse::<i64>().ok();
    match requirement["operator"].text() {
        "In" => found.is_some_and(listed),
        "NotIn" => !found.is_some_and(listed),
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        "Gt" => {
            matches!((found.and_then(number), values.first().and_then(|v| number(v.text()))), (Some(a), Some(b)) if a > b)
        }
        "Lt" => {
            matches!((found.and_then(number), values.first().and_then(|v| number(v.text()))), (Some(a), Some(b)) if a < b)
        }
        _ => false,
    }
}

/// One term: all its expressions and fields; an empty term matches nothing.
#[must_use]
pub fn matches_term(term: &Value, labels: &Value, name: &str) -> bool {
    let (expressions, fields) = (term["matchExpressions"].items(), term["matchFields"].items());
    if expressions.is_empty() && fields.is_empty() {
        return false;
    }
    expressions.iter().all(|r| matches_expression(r, labels.get(r["key"].text()).as_str()))
        && fields.iter().all(|r| r["key"] == "metadata.name" && matches_expression(r, Some(name)))
}

/// `spec.nodeSelector` and required node affinity.
#[must_use]
pub fn allows(spec: &Value, labels: &Value, name: &str) -> bool {
    let wanted = spec["nodeSelector"].entries();
    if !wanted.iter().all(|(key, value)| labels.field(*key) == value) {
        return false;
    }
    let required = spec.at(&["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    required.is_null() || required["nodeSelectorTerms"].items().iter().any(|t| matches_term(t, labels, name))
}

/// Sum of the weights of the preferred terms that match.
#[must_use]
pub fn preference(spec: &Value, labels: &Value, name: &str) -> i64 {
    let terms = spec.at(&["affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"]);
    let matching = terms.items().iter().filter(|t| matches_term(&t["preference"], labels, name));
    matching.map(|t| t["weight"].int()).sum()
}

/// True when one of the tolerations takes this taint.
#[must_use]
pub fn tolerates(tolerations: &Value, taint: &Value) -> bool {
    tolerations.items().iter().any(|t| tolerates_one(t, taint))
}

/// See [`tolerates`].
#[must_use]
pub fn tolerates_one(toleration: &Value, taint: &Value) -> bool {
    let effect = toleration["effect"].text();
    if !effect.is_empty() && taint["effect"] != effect {
        return false;
    }
    let key = toleration["key"].text();
    if !key.is_empty() && taint["key"] != key {
        return false;
    }
    match toleration["operator"].text() {
        "" | "Equal" => toleration["value"].text() == taint["value"].text(),
        "Exists" => true,
        _ => false,
    }
}

/// The first taint with one of these effects that the pod does not tolerate.
#[must_use]
pub fn untolerated<'a>(tolerations: &Value, taints: &'a Value, effects: &[&str]) -> Option<&'a Value> {
    let counts = |t: &&Value| effects.contains(&t["effect"].text());
    taints.items().iter().filter(counts).find(|t| !tolerates(tolerations, t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn terms_are_alternatives_and_expressions_are_not() {
        let labels = value!({"zone": "a", "size": "4"});
        let required = |terms: Value| value!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}});
        let zone = |z: &str| value!({"key": "zone", "operator": "In", "values": [z]});
        let big = value!({"key": "size", "operator": "Gt", "values": ["3"]});
        assert!(allows(
            &required(value!([{"matchExpressions": [zone("b")]}, {"matchExpressions": [zone("a"), big]}])),
            &labels,
            "n"
        ));
        assert!(!allows(&required(value!([{"matchExpressions": [zone("b")]}])), &labels, "n"));
        assert!(!allows(&required(value!([{}])), &labels, "n"));
        assert!(!allows(&value!({"nodeSelector": {"zone": "b"}}), &labels, "n"));
    }
    #[test]
    fn an_empty_key_with_exists_tolerates_everything() {
        let taint = value!({"key": "k", "value": "v", "effect": "NoExecute"});
        assert!(tolerates(&value!([{"operator": "Exists"}]), &taint));
        assert!(tolerates(&value!([{"key": "k", "value": "v"}]), &taint));
        assert!(!tolerates(&value!([{"key": "k", "value": "v", "effect": "NoSchedule"}]), &taint));
        assert!(!tolerates(&value!([{"key": "k"}]), &taint));
    }
}
