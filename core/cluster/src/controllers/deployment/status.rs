//! A Deployment's status: counts from its sets, the conditions Available, Progressing and
//! ReplicaFailure, and the progress deadline. Follows `progress.go` and `sync.go` of Kubernetes 1.33.

use super::rolling::Budget;
use crate::conditions::{self, Condition};
use crate::object::Object;
use drydock_machinery::{Timestamp, Value, value};
use std::sync::Arc;

pub const PROGRESSING: &str = "Progressing";
pub const NEW_AVAILABLE: &str = "NewReplicaSetAvailable";
pub const TIMED_OUT: &str = "ProgressDeadlineExceeded";
/// `progressDeadlineSeconds` of MaxInt32 means none.
const NO_DEADLINE: i64 = 2_147_483_647;

/// Sums over ReplicaSets.
fn sum(sets: &[Arc<Object>], field: &str) -> i64 {
    sets.iter().map(|s| s.status().get(field).int()).sum()
}

/// `spec.progressDeadlineSeconds`, where there is one.
#[must_use]
pub fn deadline(deployment: &Object) -> Option<i64> {
    deployment.spec().get("progressDeadlineSeconds").as_int().filter(|s| *s != NO_DEADLINE)
}

/// The status the sets amount to; conditions but Available are carried over.
#[must_use]
pub fn calculate(
    deployment: &Object,
    budget: &Budget,
    all: &[Arc<Object>],
    new: Option<&Arc<Object>>,
    now: &Value,
) -> Value {
    let available = sum(all, "availableReplicas");
    let wanted: i64 = all.iter().map(|s| s.spec().get("replicas").int()).sum();
    let unavailable = (wanted - available).max(0);
    let updated = new.map_or(0, |s| s.status().get("replicas").int());
    let mut list: Vec<Value> = deployment.status()["conditions"].items().to_vec();
    let available_now = if available >= budget.minimum() {
        Condition {
            kind: "Available",
            status: "True",
            reason: "MinimumReplicasAvailable",
            message: "Deployment has minimum availability.",
        }
    } else {
        Condition {
            kind: "Available",
            status: "False",
            reason: "MinimumReplicasUnavailable",
            message: "Deployment does not have minimum availability.",
        }
    };
    conditions::set_workload(&mut list, now, true, &available_now);
    let mut status = value!({"observedGeneration": deployment.generation(), "conditions": list});
    let counts = [
        ("replicas", sum(all, "replicas")),
        ("updatedReplicas", updated),
        ("readyReplicas", sum(all, "readyReplicas")),
        ("availableReplicas", available),
        ("unavailableReplicas", unavailable),
        ("collisionCount", deployment.status()["collisionCount"].int()),
    ];
    for (name, count) in counts {
        if count != 0 {
            status = status.with(name, count);
        }
    }
    status
}

/// `DeploymentComplete`.
#[must_use]
pub fn is_complete(deployment: &Object, budget: &Budget, status: &Value) -> bool {
    ["updatedReplicas", "replicas", "availableReplicas"].iter().all(|f| status[*f].int() == budget.replicas)
        && status["observedGeneration"].int() >= deployment.generation()
}

fn is_progressing(old: &Value, new: &Value) -> bool {
    let n = |v: &Value, field: &str| v[field].int();
    let old_pods = |v: &Value| n(v, "replicas") - n(v, "updatedReplicas");
    n(new, "updatedReplicas") > n(old, "updatedReplicas")
        || old_pods(new) < old_pods(old)
        || n(new, "readyReplicas") > n(old, "readyReplicas")
        || n(new, "availableReplicas") > n(old, "availableReplicas")
}

/// Unix second after which a rollout that does not move has timed out; none when it cannot.
#[must_use]
pub fn times_out_at(deployment: &Object, status: &Value) -> Option<i64> {
    let seconds = deadline(deployment)?;
    let condition = conditions::get(status["conditions"].items(), PROGRESSING);
    let reason = condition["reason"].text();
    if condition.is_null() || reason == NEW_AVAILABLE || reason == TIMED_OUT {
        return None;
    }
    Some(Timestamp::parse(condition["lastUpdateTime"].text())?.0 + seconds)
}

/// The conditions of a rollout under way: `syncRolloutStatus`.
#[must_use]
pub fn of_rollout(
    deployment: &Object,
    budget: &Budget,
    all: &[Arc<Object>],
    new: Option<&Arc<Object>>,
    unix: i64,
    now: &Value,
) -> Value {
    let status = calculate(deployment, budget, all, new, now);
    let mut list = status["conditions"].items().to_vec();
    let old = deployment.status();
    let current = conditions::get(old["conditions"].items(), PROGRESSING).clone();
    if deadline(deployment).is_none() {
        conditions::remove(&mut list, PROGRESSING);
    } else {
        let settled =
            status["replicas"].int() == status["updatedReplicas"].int() && current["reason"] == NEW_AVAILABLE;
        if !settled {
            let what = match new {
                Some(set) => format!("ReplicaSet \"{}\"", set.name),
                None => format!("Deployment \"{}\"", deployment.name),
            };
            let mut set = |status: &str, reason: &str, tail: &str| {
                let message = format!("{what} {tail}");
                let new = Condition { kind: PROGRESSING, status, reason, message: &message };
                conditions::set_workload(&mut list, now, true, &new);
            };
            if is_complete(deployment, budget, &status) {
                set("True", NEW_AVAILABLE, "has successfully progressed.");
            } else if is_progressing(old, &status) {
                // Progress renews the deadline, so the entry is made anew even with equal reason.
                let since = (current["status"] == "True").then(|| current["lastTransitionTime"].clone());
                conditions::remove(&mut list, PROGRESSING);
                list.push(value!({
                    "type": PROGRESSING, "status": "True", "reason": "ReplicaSetUpdated",
                    "message": format!("{what} is progressing."),
                    "lastUpdateTime": now, "lastTransitionTime": since.unwrap_or_else(|| now.clone()),
                }));
            } else if times_out_at(deployment, old).is_some_and(|at| at < unix) {
                set("False", TIMED_OUT, "has timed out progressing.");
            }
        }
    }
    // The newest set that cannot make its pods speaks for the Deployment.
    let failing = new.into_iter().chain(all.iter().rev()).find_map(|set| {
        let failure = set.condition("ReplicaFailure");
        (failure["status"] == "True").then(|| failure.clone())
    });
    match failing {
        Some(failure) => {
            let new = Condition {
                kind: "ReplicaFailure",
                status: "True",
                reason: failure["reason"].text(),
                message: failure["message"].text(),
            };
            conditions::set_workload(&mut list, now, true, &new);
        }
        None => conditions::remove(&mut list, "ReplicaFailure"),
    }
    status.with("conditions", list)
}
