//! Objects of `kubectl create quota|poddisruptionbudget|priorityclass|namespace|serviceaccount`.

use super::names::metadata;
use drydock_machinery::{Quantity, Value, value};

/// A ResourceQuota from `--hard=pods=10,cpu=1` and `--scopes=BestEffort`.
///
/// # Errors
/// kubectl's texts for what is no `resource=quantity`.
pub fn quota(name: &str, namespace: Option<&str>, hard: &str, scopes: &str) -> Result<Value, String> {
    let mut spec = Value::empty_map();
    for entry in hard.split(',').filter(|_| !hard.is_empty()) {
        let (resource, amount) = match entry.split('=').collect::<Vec<_>>().as_slice() {
            [resource, amount] => (*resource, *amount),
            _ => return Err(format!("Invalid argument syntax {entry}, expected <resource>=<value>")),
        };
        let quantity = Quantity::parse(amount).map_err(|e| e.to_string())?;
        spec = spec.with_at(&["hard", resource], quantity.canonical());
    }
    if !scopes.is_empty() {
        spec = spec.with("scopes", scopes.split(',').map(Value::from).collect::<Value>());
    }
    Ok(value!({
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata(name, namespace),
        "spec": spec,
        "status": {}
    }))
}

/// A number or a percentage.
#[must_use]
pub fn int_or_string(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| text.into(), Value::from)
}

/// A PodDisruptionBudget; one of `min` and `max` is empty.
#[must_use]
pub fn disruption_budget(
    name: &str,
    namespace: Option<&str>,
    selector: &Value,
    min: &str,
    max: &str,
) -> Value {
    let mut spec = value!({"selector": selector});
    for (field, text) in [("minAvailable", min), ("maxUnavailable", max)] {
        if !text.is_empty() {
            spec = spec.with(field, int_or_string(text));
        }
    }
    value!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(name, namespace),
        "spec": spec,
        "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0}
    })
}

/// A PriorityClass.
#[must_use]
pub fn priority_class(name: &str, value: i64, global: bool, description: &str, preemption: &str) -> Value {
    let mut object = value!({
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": metadata(name, None),
        "value": value,
        "preemptionPolicy": preemption
    });
    if global {
        object = object.with("globalDefault", true);
    }
    if description.is_empty() { object } else { object.with("description", description) }
}

/// A Namespace.
#[must_use]
pub fn namespace(name: &str) -> Value {
    value!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata(name, None),
        "spec": {},
        "status": {}
    })
}

/// A ServiceAccount.
#[must_use]
pub fn service_account(name: &str, namespace: Option<&str>) -> Value {
    value!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(name, namespace)})
}
