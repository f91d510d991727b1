//! A Deployment's ReplicaSets: which one is the present template's, making it, revisions and their
//! annotations, clean-up of history. Follows `util/deployment_util.go` of Kubernetes 1.33; the template
//! hash is FNV-32a over canonical JSON instead of over a Go dump of the struct.

use super::rolling::{Budget, Set};
use crate::object::Object;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, hash, json, random, value};
use std::sync::Arc;

pub const HASH_LABEL: &str = "pod-template-hash";
pub const REVISION: &str = "deployment.kubernetes.io/revision";
pub const HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub const MAX: &str = "deployment.kubernetes.io/max-replicas";
/// Annotations that a Deployment does not hand on to its sets.
const OWN: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    DESIRED,
    MAX,
    "deprecated.deployment.rollback.to",
];

/// `spec.replicas` of a ReplicaSet.
#[must_use]
pub fn replicas(set: &Object) -> i64 {
    set.spec()["replicas"].int()
}

#[must_use]
pub fn numbers(set: &Object) -> Set {
    Set {
        replicas: replicas(set),
        available: set.status()["availableReplicas"].int(),
        max_replicas: set.annotation(MAX).parse().unwrap_or(0),
        age: set.id,
    }
}

#[must_use]
pub fn revision(object: &Object) -> i64 {
    object.annotation(REVISION).parse().unwrap_or(0)
}

/// True when the set was made from this template: equal but for the hash label.
#[must_use]
pub fn is_of(template: &Value, set: &Object) -> bool {
    let theirs = set.spec().get("template");
    if theirs["spec"] != template["spec"] {
        return false;
    }
    let labels = |t: &Value| t.at(&["metadata", "labels"]).without(HASH_LABEL);
    let rest = |t: &Value| {
        let metadata = t["metadata"].without("labels");
        metadata.entries().iter().filter(|e| !e.1.is_empty()).cloned().collect::<Vec<_>>()
    };
    labels(theirs).entries() == labels(template).entries() && rest(theirs) == rest(template)
}

/// The `pod-template-hash` of a template; `collisions` is `status.collisionCount`.
#[must_use]
pub fn template_hash(template: &Value, collisions: i64) -> String {
    let mut text = json::to_string(template);
    if collisions > 0 {
        text.push_str(&collisions.to_string());
    }
    random::safe_encode(&hash::fnv32a(text.as_bytes()).to_string())
}

/// Annotations of the current set: the Deployment's own ones, its revision, and what it has been before.
#[must_use]
pub fn annotations(deployment: &Object, set: &Value, revision: i64) -> Value {
    let mut result = set.clone();
    for (key, value) in deployment.annotations().entries() {
        if !OWN.contains(&key.text()) {
            result = result.with(*key, value.clone());
        }
    }
    let old = set[REVISION].text();
    let old_number: i64 = old.parse().unwrap_or(0);
    if old_number < revision {
        result = result.with(REVISION, revision.to_string());
        if !old.is_empty() {
            let history = set[HISTORY].text();
            let history = if history.is_empty() { old.to_string() } else { format!("{history},{old}") };
            result = result.with(HISTORY, history);
        }
    }
    result
}

/// Annotations that record for what size of Deployment a set was scaled.
#[must_use]
pub fn sized(annotations: &Value, budget: &Budget) -> Value {
    annotations
        .with(DESIRED, budget.replicas.to_string())
        .with(MAX, (budget.replicas + budget.surge).to_string())
}

/// The ReplicaSet for a Deployment's present template.
#[must_use]
pub fn manifest(deployment: &Object, budget: &Budget, revision: i64, size: i64, hash: &str) -> Value {
    let spec = deployment.spec();
    let template = &spec["template"];
    let labels = template.at(&["metadata", "labels"]).with(HASH_LABEL, hash);
    let selector = spec["selector"].with_at(&["matchLabels", HASH_LABEL], hash);
    let mut set = value!({
        "replicas": size,
        "selector": selector,
        "template": template.with_at(&["metadata", "labels"], labels.clone()),
    });
    if !spec["minReadySeconds"].is_empty() {
        set = set.with("minReadySeconds", spec["minReadySeconds"].clone());
    }
    let annotations = sized(&annotations(deployment, &Value::empty_map(), revision), budget);
    value!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{}-{hash}", deployment.name),
            "namespace": &deployment.namespace,
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [deployment.controller_reference()],
        },
        "spec": set,
    })
}

/// Old sets beyond `revisionHistoryLimit` that nothing runs in, lowest revision first.
#[must_use]
pub fn outdated(deployment: &Object, olds: &[Arc<Object>]) -> Vec<Arc<Object>> {
    let limit = deployment.spec()["revisionHistoryLimit"].as_int().unwrap_or(10);
    let mut alive: Vec<Arc<Object>> = olds.iter().filter(|s| s.deleting.is_none()).cloned().collect();
    let excess = alive.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    alive.arrange_by_key(|s| (revision(s), s.id));
    alive.truncate(excess);
    let is_idle = |s: &Arc<Object>| {
        s.status()["replicas"].int() == 0
            && replicas(s) == 0
            && s.generation() <= s.status()["observedGeneration"].int()
    };
    alive.into_iter().filter(is_idle).collect()
}
