//! The comparable form of objects: without what a fake kubelet made, what time makes, and what the recorded
//! server did not have.

use drydock_machinery::{Value, yaml};

/// Fields that a fake kubelet made, that time makes, or that the recorded server did not have.
const DROPPED: &[&str] = &[
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "selfLink",
    "containerStatuses",
    "initContainerStatuses",
    "podIP",
    "podIPs",
    "hostIP",
    "hostIPs",
    "startTime",
    "internalTrafficPolicy",
    "completionMode",
    "podReplacementPolicy",
    "manualSelector",
    "persistentVolumeClaimRetentionPolicy",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "kubernetes.io/metadata.name",
    "uncountedTerminatedPods",
    "lastUpdateTime",
    "lastTransitionTime",
    "lastHeartbeatTime",
    "nodeInfo",
    "collisionCount",
    "terminating",
    "unhealthyPodEvictionPolicy",
    "observedGeneration",
    "hash",
    "endpoints.kubernetes.io/managed-by",
    "controller-uid",
    "job-name",
    "requiresRepublish",
    "seLinuxMount",
    "storageCapacity",
    // Another authority.
    "ca.crt",
];

/// What of a node the recorded fake machines, being none, had otherwise.
const MACHINE: &[&str] = &[
    "ephemeral-storage",
    "memory",
    "kubeadm.alpha.kubernetes.io/cri-socket",
    "volumes.kubernetes.io/controller-managed-attach-detach",
];

fn is_kept(key: &str, value: &Value, kind: &str, managed: bool) -> bool {
    match key {
        "managedFields" => managed,
        // The first defaults, today's and absent then.
        "suspend" => value.bool(),
        "availableReplicas" | "maxSurge" => *value != Value::Int(0),
        // v2beta2 wrote these empty.
        "conditions" | "currentReplicas" if kind == "HorizontalPodAutoscaler" => {
            !value.is_null() && *value != Value::Int(0)
        }
        // Counts how often a slice was written, by the pace of kubelets.
        "generation" if kind == "EndpointSlice" => false,
        key if kind == "Node" && MACHINE.contains(&key) => false,
        key => !DROPPED.contains(&key),
    }
}

/// The object without such fields; with its managed fields if they are what is looked at.
pub fn normal_value(value: &Value, kind: &str, managed: bool) -> Value {
    match value {
        Value::Map(entries) => {
            let kind = if value["kind"].is_empty() { kind } else { value["kind"].text() };
            let mut out = Value::empty_map();
            for (key, v) in entries.iter().filter(|(key, v)| is_kept(key.text(), v, kind, managed)) {
                let normal = normal_value(v, kind, managed);
                // A map that only held what is left out.
                if normal.is_empty() && !v.is_empty() && matches!(normal, Value::Map(_)) {
                    continue;
                }
                out = out.with(*key, normal);
            }
            placed(out, kind)
        }
        Value::List(items) => {
            let kept = items.iter().filter(|v| v["type"] != "PodReadyToStartContainers");
            let kept = kept.map(|v| normal_value(v, kind, managed));
            if matches!(kind, "EndpointSlice" | "Endpoints") {
                let mut kept: Vec<Value> = kept.collect();
                kept.sort_by_key(yaml::emit);
                return kept.into_iter().collect();
            }
            kept.collect()
        }
        other => other.clone(),
    }
}

/// An address of a service without the node, which is chance, and with today's zone instead of the
/// recorded topology.
fn placed(mut value: Value, kind: &str) -> Value {
    if !matches!(kind, "EndpointSlice" | "Endpoints") {
        return value;
    }
    if !value["topology"].is_null() {
        value = value.without("topology").with("zone", "<ZONE>").with("nodeName", "<NODE>");
    }
    for (key, mask) in [("nodeName", "<NODE>"), ("zone", "<ZONE>")] {
        if !value[key].is_empty() {
            value = value.with(key, mask);
        }
    }
    value
}
