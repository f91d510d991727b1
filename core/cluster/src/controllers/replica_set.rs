//! ReplicaSets: as many pods as wanted, adopted by selector, made in one burst, deleted in the order in
//! which the fewest people notice. Follows `pkg/controller/replicaset` of Kubernetes 1.33.
//!
//! The store is never stale, so there are no expectations, and slow start shows only in that a burst
//! ends at the first refused pod.

pub mod victims;

use crate::access::Fields;
use crate::cluster::{Actor, Cluster};
use crate::conditions::{self, Condition};
use crate::controller::Controller;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
use std::sync::Arc;

const NAME: &str = "replicaset-controller";
const ACTOR: Actor =
    Actor::system("system:serviceaccount:kube-system:replicaset-controller", "kube-controller-manager");
/// Pods made or deleted in one pass (`BurstReplicas`).
const BURST: usize = 500;
/// Sets up to this size have every pod's labels looked at for `fullyLabeledReplicas`.
const EXACT: usize = 200;

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 5, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    if object.kind == kinds::REPLICA_SET {
        if change.differs(|o| (o.spec.hash, o.deleting.is_some())) {
            mark(object.id);
        }
        return;
    }
    if object.kind != kinds::POD {
        return;
    }
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    let live = |o: &Object| (o.deleting.is_none() && !o.is_finished(), o.is_ready());
    if before.map(live) != after.map(live) || change.differs(|o| (o.controller, o.metadata.hash)) {
        let owners = [before.and_then(|o| o.controller), after.and_then(|o| o.controller)];
        let [first, second] = owners;
        if let Some(owner) = first {
            mark(owner);
        }
        if second != first
            && let Some(owner) = second
        {
            mark(owner);
        }
    }
    // Nobody's pod may be somebody's.
    if after.is_some_and(|o| o.controller.is_none() && o.deleting.is_none())
        && change.differs(|o| (o.metadata.hash, o.controller))
    {
        for set in cluster.store.list_in(kinds::REPLICA_SET, &object.namespace) {
            if cluster.selects(set, object.labels()) {
                mark(set.id);
            }
        }
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, key: Id) {
    let Some(set) = cluster.object(key).filter(|o| o.kind == kinds::REPLICA_SET) else { return };
    let want = set.spec()["replicas"].as_int().unwrap_or(1).max(0) as usize;
    let mut failure = None;
    if set.deleting.is_none() {
        cluster.claim(machines, &set, kinds::POD, NAME);
        let have = cluster.store.tally(key).active as usize;
        if have < want {
            failure = create(cluster, machines, &set, (want - have).min(BURST));
        } else if have > want {
            for pod in victims::choose(cluster, &set, (have - want).min(BURST), machines.clock.unix()) {
                cluster.delete_object(machines, &ACTOR, &pod);
                let message = format!("Deleted pod: {}", pod.name);
                cluster.inform(machines, &set, "SuccessfulDelete", message, NAME);
            }
        }
        // What is left of a burst is the next pass'.
        if failure.is_none() && have.abs_diff(want) > BURST {
            cluster.mark_later(machines, NAME, key, 10);
        }
    }
    if let Some(set) = cluster.object(key) {
        write_status(cluster, machines, &set, failure);
    }
}

/// Makes pods from the template; gives the refusal that stopped it.
fn create(cluster: &mut Cluster, machines: &mut Machines, set: &Arc<Object>, count: usize) -> Option<String> {
    let template = &set.spec()["template"];
    let metadata = pod_metadata(set, template);
    let pod =
        value!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"].clone()});
    for _ in 0..count {
        match cluster.create(machines, &ACTOR, kinds::POD, &set.namespace, pod.clone()) {
            Ok(made) => {
                let message = format!("Created pod: {}", made.name);
                cluster.inform(machines, set, "SuccessfulCreate", message, NAME);
            }
            Err(status) => {
                // A namespace on its way out refuses everything, and that is nothing to tell.
                if status.reason == "Forbidden" && status.message.contains("is being terminated") {
                    return None;
                }
                let message = format!("Error creating: {}", status.message);
                cluster.warn(machines, set, "FailedCreate", message, NAME);
                let wait = cluster.control.retries.next_ms(set.id);
                cluster.mark_later(machines, NAME, set.id, wait);
                return Some(status.message);
            }
        }
    }
    cluster.control.retries.forget(set.id);
    None
}

/// Metadata of a controller's pods: labels, annotations and finalizers of the template, the owner.
#[must_use]
pub fn pod_metadata(owner: &Object, template: &Value) -> Value {
    let from = &template["metadata"];
    let mut metadata = value!({
        "generateName": format!("{}-", owner.name),
        "namespace": &owner.namespace,
        "labels": from["labels"].clone(),
        "ownerReferences": [owner.controller_reference()],
    });
    for field in ["annotations", "finalizers"] {
        if !from[field].is_empty() {
            metadata = metadata.with(field, from[field].clone());
        }
    }
    metadata
}

fn write_status(cluster: &mut Cluster, machines: &mut Machines, set: &Arc<Object>, failure: Option<String>) {
    let tally = cluster.store.tally(set.id);
    let pods = i64::from(tally.active);
    let seconds = set.spec()["minReadySeconds"].int();
    let available =
        if seconds == 0 { i64::from(tally.ready) } else { available(cluster, machines, set, seconds) };
    let labelled = if tally.active as usize <= EXACT {
        let wanted = set.spec().at(&["template", "metadata", "labels"]);
        let full = |p: &&Arc<Object>| {
            p.deleting.is_none()
                && !p.is_finished()
                && (p.labels().is_same(wanted)
                    || wanted.entries().iter().all(|(k, v)| p.labels().field(*k) == v))
        };
        cluster.store.children(set.id).filter(full).count() as i64
    } else {
        pods
    };
    let mut fields = Fields::default();
    fields.put_nonzero("availableReplicas", available);
    let mut list = set.status()["conditions"].items().to_vec();
    match failure {
        Some(message) => {
            let new = Condition {
                kind: "ReplicaFailure",
                status: "True",
                reason: "FailedCreate",
                message: &message,
            };
            let now = cluster.stamp(machines);
            conditions::set_workload(&mut list, &now, false, &new);
        }
        None => conditions::remove(&mut list, "ReplicaFailure"),
    }
    if !list.is_empty() {
        fields.put("conditions", list);
    }
    fields.put_nonzero("fullyLabeledReplicas", labelled);
    fields.put("observedGeneration", set.generation());
    fields.put_nonzero("readyReplicas", i64::from(tally.ready));
    fields.put("replicas", pods);
    cluster.write_status(machines, NAME, set, fields.value());
}

/// Pods ready for at least `seconds`; comes again when the next one will be.
fn available(cluster: &mut Cluster, machines: &mut Machines, set: &Object, seconds: i64) -> i64 {
    let now = machines.clock.unix();
    let (mut count, mut next) = (0, i64::MAX);
    for pod in cluster.store.children(set.id).filter(|p| p.is_ready() && !p.is_finished()) {
        let since =
            Timestamp::parse(pod.condition("Ready")["lastTransitionTime"].text()).map_or(now, |t| t.0);
        if since + seconds <= now {
            count += 1;
        } else {
            next = next.min(since + seconds);
        }
    }
    if next != i64::MAX {
        cluster.mark_later(machines, NAME, set.id, (next - now).max(1) as u64 * 1000);
    }
    count
}
