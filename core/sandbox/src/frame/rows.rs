//! The rows of a frame that come from the cluster's objects.

use super::{NodeView, Owner, Phase, PodView, ServiceView, WorkloadView};
use drydock_cluster::kinds::{self, KindId};
use drydock_cluster::table::View;
use drydock_cluster::{Cluster, Object};
use drydock_machinery::Value;
use drydock_machinery::quantity::Quantity;
use std::collections::BTreeMap;
use std::sync::Arc;

fn quantity(value: &Value) -> Option<Quantity> {
    Quantity::parse(value.as_str()?).ok()
}

pub(super) fn node_view(cluster: &Cluster, node: &Arc<Object>) -> NodeView {
    let total = |name: &str| quantity(&node.status()["allocatable"][name]);
    let (mut cpu, mut memory) = (0, 0);
    for pod in cluster.store.pods_on(node.id).filter(|p| !p.is_finished()) {
        for container in pod.spec()["containers"].items() {
            let requests = &container["resources"]["requests"];
            cpu += quantity(&requests["cpu"]).map_or(0, |q| q.milli() as i64);
            memory += quantity(&requests["memory"]).map_or(0, |q| q.value());
        }
    }
    NodeView {
        name: node.name.to_string(),
        laptop: false,
        ready: node.is_condition("Ready"),
        schedulable: !node.spec()["unschedulable"].bool(),
        control_plane: node.labels().find("node-role.kubernetes.io/control-plane").is_some(),
        cpu_used_milli: cpu,
        cpu_total_milli: total("cpu").map_or(0, |q| q.milli() as i64),
        memory_used: memory,
        memory_total: total("memory").map_or(0, |q| q.value()),
    }
}

/// The controller of an object, and that one's own where it is a ReplicaSet of a Deployment.
fn owner(cluster: &Cluster, object: &Object) -> Option<Owner> {
    let mut at = cluster.get(object.controller?)?;
    if let Some(above) = at.controller.and_then(|id| cluster.get(id)) {
        at = above;
    }
    Some(Owner { kind: cluster.kind(at.kind)?.kind.to_string(), name: at.name.to_string() })
}

fn pairs(map: &Value) -> Vec<(String, String)> {
    map.entries().iter().map(|(k, v)| (k.to_string(), v.text().to_string())).collect()
}

fn cells(cluster: &Cluster, id: KindId, object: &Object, view: &View<'_>) -> Vec<String> {
    let Some(kind) = cluster.kind(id) else { return Vec::new() };
    let text = |v: &Value| v.as_str().map_or_else(|| drydock_machinery::json::to_string(v), String::from);
    (kind.row)(object, view).iter().map(text).collect()
}

pub(super) fn pod_view(cluster: &Cluster, pod: &Arc<Object>, view: &View<'_>, epoch: i64) -> PodView {
    let cells = cells(cluster, kinds::POD, pod, view);
    let cell = |n: usize| cells.get(n).cloned().unwrap_or_default();
    let status = cell(1);
    let containers = pod.status()["containerStatuses"].items();
    let some = |v: &Value| v.as_str().filter(|t| !t.is_empty()).map(String::from);
    PodView {
        id: pod.id,
        container: false,
        namespace: pod.namespace.to_string(),
        name: pod.name.to_string(),
        node: some(&pod.spec()["nodeName"]),
        phase: phase(pod, &status),
        ready: cell(0),
        restarts: containers.iter().map(|c| c["restartCount"].int()).sum::<i64>() as u32,
        owner: owner(cluster, pod),
        labels: pairs(pod.labels()),
        ip: some(&pod.status()["podIP"]),
        deleting: pod.deleting.is_some(),
        created_ms: (pod.created - epoch).max(0) as u64 * 1000,
        image: pod.spec()["containers"][0]["image"].text().to_string(),
        status,
    }
}

fn phase(pod: &Object, status: &str) -> Phase {
    if pod.deleting.is_some() {
        return Phase::Terminating;
    }
    match pod.status()["phase"].text() {
        "Succeeded" => Phase::Succeeded,
        "Failed" => Phase::Failed,
        "Running" | "Pending" if is_failing(status) => Phase::Failing,
        "Running" if pod.is_ready() => Phase::Ready,
        "Running" => Phase::Running,
        "Pending" if pod.node.is_some() => Phase::Creating,
        "Pending" | "" => Phase::Pending,
        _ => Phase::Unknown,
    }
}

fn is_failing(status: &str) -> bool {
    let status = status.strip_prefix("Init:").unwrap_or(status);
    status.contains("BackOff")
        || status.starts_with("Err")
        || status.ends_with("Error")
        || status == "InvalidImageName"
        || status == "OOMKilled"
}

pub(super) fn service_view(
    cluster: &Cluster,
    service: &Arc<Object>,
    view: &View<'_>,
    by_uid: &BTreeMap<String, u32>,
) -> ServiceView {
    let cells = cells(cluster, kinds::SERVICE, service, view);
    let cell = |n: usize| cells.get(n).cloned().unwrap_or_default();
    let (mut ready, mut not_ready) = (Vec::new(), Vec::new());
    let slices = cluster.store.list_in(kinds::ENDPOINT_SLICE, &service.namespace);
    for slice in slices.filter(|s| s.label("kubernetes.io/service-name") == &*service.name) {
        for endpoint in slice.field("endpoints").items() {
            let Some(pod) = by_uid.get(endpoint["targetRef"]["uid"].text()) else { continue };
            if endpoint["conditions"]["ready"].as_bool() == Some(false) {
                not_ready.push(*pod);
            } else {
                ready.push(*pod);
            }
        }
    }
    ServiceView {
        id: service.id,
        namespace: service.namespace.to_string(),
        name: service.name.to_string(),
        kind: cell(0),
        cluster_ip: cell(1),
        external: cell(2),
        ports: cell(3),
        selector: pairs(&service.spec()["selector"]),
        ready,
        not_ready,
    }
}

pub(super) fn workload_view(cluster: &Cluster, object: &Arc<Object>) -> WorkloadView {
    let (spec, status) = (object.spec(), object.status());
    let (desired, ready, updated) = if object.kind == kinds::DAEMON_SET {
        (
            status["desiredNumberScheduled"].int(),
            status["numberReady"].int(),
            status["updatedNumberScheduled"].int(),
        )
    } else {
        (spec["replicas"].int(), status["readyReplicas"].int(), status["updatedReplicas"].int())
    };
    WorkloadView {
        id: object.id,
        kind: cluster.kind(object.kind).map_or_else(String::new, |k| k.kind.to_string()),
        namespace: object.namespace.to_string(),
        name: object.name.to_string(),
        desired,
        ready,
        updated,
        owner: owner(cluster, object),
    }
}
