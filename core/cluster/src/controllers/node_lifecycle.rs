//! What the control plane makes of a node that goes silent: after the grace its conditions are Unknown,
//! it is tainted, its pods are not ready, and after their tolerations they are deleted; pods of nodes that
//! are gone are deleted too. Follows `nodelifecycle`, `tainteviction` and `podgc` of Kubernetes 1.33.

use crate::access::actor;
use crate::cluster::{Actor, Cluster};
use crate::controller::Controller;
use crate::delete::DeleteOptions;
use crate::door::Edit;
use crate::kinds;
use crate::object::{Id, Object};
use crate::scheduler::affinity::tolerates_one;
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
use std::sync::Arc;

const NAME: &str = "node-controller";
pub const EVICTION: &str = "taint-eviction-controller";
const ACTOR: Actor =
    Actor::system("system:serviceaccount:kube-system:node-controller", "kube-controller-manager");
/// Pods of a node that is gone are kept this long (`quarantineTime`).
const QUARANTINE: u64 = 40_000;
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 50, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        kinds::NODE if change.differs(|o| (o.spec.hash, o.is_condition("Ready"))) => mark(object.id),
        kinds::POD => {
            let Some(pod) = &change.after else { return };
            let Some(node) = pod.node.and_then(|n| cluster.store.get(n)) else { return };
            let tainted = node.spec()["taints"].items().iter().any(|t| t["effect"] == "NoExecute");
            if tainted && pod.deleting.is_none() && change.differs(|o| (o.node, o.spec.hash)) {
                mark(pod.id);
            }
        }
        _ => {}
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    match cluster.object(id) {
        Some(o) if o.kind == kinds::NODE => node(cluster, machines, &o),
        Some(o) if o.kind == kinds::POD => evict(cluster, machines, &o),
        // A node that is gone.
        None => orphaned(cluster, machines, id),
        Some(_) => {}
    }
}

/// Pods bound to a node that no longer exists are removed by force.
fn orphaned(cluster: &mut Cluster, machines: &mut Machines, node: Id) {
    let pods: Vec<Id> = cluster.store.pods_on(node).map(|p| p.id).collect();
    if pods.is_empty() {
        return;
    }
    let now = machines.clock.now;
    match cluster.control.gone_nodes.get(&node).copied() {
        None => {
            cluster.control.gone_nodes.insert(node, now + QUARANTINE);
            cluster.mark_later(machines, NAME, node, QUARANTINE);
        }
        Some(at) if at <= now => {
            for pod in pods {
                let _ = cluster.delete(machines, &actor("pod-garbage-collector"), pod, &DeleteOptions::now());
            }
        }
        Some(_) => {}
    }
}

fn node(cluster: &mut Cluster, machines: &mut Machines, node: &Arc<Object>) {
    if cluster.is_node_stopped(node.id) {
        let silent = cluster.control.silent.get(&node.id).copied().unwrap_or(0);
        let due = silent + cluster.control.config.node_grace_ms;
        if machines.clock.now < due {
            let wait = due - machines.clock.now;
            return cluster.mark_later(machines, NAME, node.id, wait);
        }
        lost(cluster, machines, node);
    }
    let Some(node) = cluster.object(node.id) else { return };
    taint(cluster, machines, &node);
    let pods: Vec<Arc<Object>> = cluster.store.pods_on(node.id).cloned().collect();
    for pod in pods {
        evict(cluster, machines, &pod);
    }
}

/// The kubelet has said nothing for too long.
fn lost(cluster: &mut Cluster, machines: &mut Machines, node: &Arc<Object>) {
    if node.condition("Ready")["status"] == "Unknown" {
        return;
    }
    let now = cluster.stamp(machines);
    let period = cluster.control.config.node_monitor_ms;
    cluster.control.condemned.insert(node.id, machines.clock.now + period);
    cluster.mark_later(machines, NAME, node.id, period);
    let last =
        cluster.control.silent.get(&node.id).map_or(0, |ms| machines.clock.epoch + (*ms / 1000) as i64);
    let unknown = |c: &Value| {
        c.with("status", "Unknown")
            .with("reason", "NodeStatusUnknown")
            .with("message", "Kubelet stopped posting node status.")
            .with("lastTransitionTime", now.clone())
            .with("lastHeartbeatTime", Timestamp(last).to_rfc3339())
    };
    let conditions: Value = node.status()["conditions"].items().iter().map(unknown).collect();
    cluster.write_status(machines, NAME, node, node.status().with("conditions", conditions));
    let message = format!("Node {} status is now: NodeNotReady", node.name);
    cluster.inform(machines, node, "NodeNotReady", message, NAME);
    let pods: Vec<Arc<Object>> = cluster.store.pods_on(node.id).cloned().collect();
    for pod in pods {
        if pod.is_condition("Ready") {
            let flip = |c: &Value| {
                if c["type"] == "Ready" {
                    c.with("status", "False").with("lastTransitionTime", now.clone())
                } else {
                    c.clone()
                }
            };
            let conditions: Value = pod.status()["conditions"].items().iter().map(flip).collect();
            cluster.write_status(machines, NAME, &pod, pod.status().with("conditions", conditions));
        }
        cluster.warn(machines, &pod, "NodeNotReady", "Node is not ready", NAME);
    }
}

/// Taints follow conditions and `spec.unschedulable`.
fn taint(cluster: &mut Cluster, machines: &mut Machines, node: &Arc<Object>) {
    let ready = node.condition("Ready");
    let (unreachable, not_ready) = match ready["status"].text() {
        "True" => (false, false),
        "Unknown" => (true, false),
        // A node nobody has spoken for yet.
        "" => return,
        _ => (false, true),
    };
    let now = cluster.stamp(machines);
    let mut taints: Vec<Value> = node.spec()["taints"].items().to_vec();
    let before = taints.clone();
    // A look sees the condition as the look before it left it.
    let condemned = cluster.control.condemned.get(&node.id).is_none_or(|at| *at <= machines.clock.now);
    let wanted = [
        (UNREACHABLE, "NoSchedule", unreachable),
        (UNREACHABLE, "NoExecute", unreachable && condemned),
        (NOT_READY, "NoSchedule", not_ready),
        (NOT_READY, "NoExecute", not_ready),
        (UNSCHEDULABLE, "NoSchedule", node.spec()["unschedulable"].bool()),
    ];
    for (key, effect, on) in wanted {
        let there = taints.iter().position(|t| t["key"] == key && t["effect"] == effect);
        match (there, on) {
            (None, true) => taints.push(value!({"key": key, "effect": effect, "timeAdded": now.clone()})),
            (Some(at), false) => _ = taints.remove(at),
            _ => {}
        }
    }
    if taints != before {
        let spec = if taints.is_empty() {
            node.spec().without("taints")
        } else {
            node.spec().with("taints", taints)
        };
        let _ = cluster.update(machines, &ACTOR, node.id, None, Edit::spec(spec));
    }
}

/// Deletes a pod whose node has a taint it does not tolerate (any longer).
fn evict(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>) {
    if pod.deleting.is_some() || pod.is_finished() {
        return;
    }
    let Some(node) = pod.node.and_then(|n| cluster.object(n)) else { return };
    let executing: Vec<Value> =
        node.spec()["taints"].items().iter().filter(|t| t["effect"] == "NoExecute").cloned().collect();
    let waiting = cluster.control.evictions.get(&pod.id).copied();
    if executing.is_empty() {
        if waiting.is_some() {
            cluster.control.evictions.remove(&pod.id);
            tell(cluster, machines, pod, "Cancelling deletion of Pod");
        }
        return;
    }
    // Seconds the pod may stay: the least of its tolerations; none for ever.
    let mut stay: Option<i64> = None;
    for taint in &executing {
        let tolerations = pod.spec()["tolerations"].items().iter().filter(|t| tolerates_one(t, taint));
        let mut any = false;
        for toleration in tolerations {
            any = true;
            if let Some(seconds) = toleration["tolerationSeconds"].as_int() {
                stay = Some(stay.map_or(seconds, |s| s.min(seconds)).max(0));
            }
        }
        if !any {
            stay = Some(0);
            break;
        }
    }
    let Some(seconds) = stay else { return };
    let now = machines.clock.now;
    let due = match waiting {
        Some(due) => due,
        None => {
            let due = now + seconds.max(0) as u64 * 1000;
            cluster.control.evictions.insert(pod.id, due);
            due
        }
    };
    if due > now {
        return cluster.mark_later(machines, NAME, pod.id, due - now);
    }
    cluster.control.evictions.remove(&pod.id);
    tell(cluster, machines, pod, "Marking for deletion Pod");
    let _ = cluster.delete(machines, &ACTOR, pod.id, &DeleteOptions::default());
}

fn tell(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, what: &str) {
    let message = format!("{what} {}/{}", pod.namespace, pod.name);
    cluster.inform(machines, pod, "TaintManagerEviction", message, EVICTION);
}

/// A node's machine has been switched off: from now on its kubelet is silent.
pub fn stopped(cluster: &mut Cluster, machines: &mut Machines, node: Id) {
    cluster.control.silent.insert(node, machines.clock.now);
    let grace = cluster.control.config.node_grace_ms;
    cluster.mark_later(machines, NAME, node, grace);
}

/// The kubelet reports again.
pub fn started(cluster: &mut Cluster, machines: &mut Machines, node: Id) {
    cluster.control.silent.remove(&node);
    cluster.control.condemned.remove(&node);
    let Some(node) = cluster.object(node) else { return };
    let now = cluster.stamp(machines);
    let words = |kind: &str| match kind {
        "MemoryPressure" => {
            ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available")
        }
        "DiskPressure" => ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        "PIDPressure" => ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        _ => ("True", "KubeletReady", "kubelet is posting ready status"),
    };
    let fresh = |c: &Value| {
        if c["status"] != "Unknown" {
            return c.clone();
        }
        let (status, reason, message) = words(c["type"].text());
        c.with("status", status)
            .with("reason", reason)
            .with("message", message)
            .with("lastTransitionTime", now.clone())
            .with("lastHeartbeatTime", now.clone())
    };
    let conditions: Value = node.status()["conditions"].items().iter().map(fresh).collect();
    cluster.write_status(machines, "kubelet", &node, node.status().with("conditions", conditions));
    let source = crate::events::Source::kubelet(&node.name);
    cluster.event(
        machines,
        &node,
        "Normal",
        "NodeReady",
        format!("Node {} status is now: NodeReady", node.name),
        &source,
    );
}
