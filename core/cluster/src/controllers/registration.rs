//! The APIServices of groups the server answers for itself: those of its own at the beginning, and one for
//! every served version of a definition. Follows `kube-aggregator/pkg/controllers/autoregister` and
//! `crdregistration` (v1.33).

use crate::access::actor;
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::{Value, value};

const NAME: &str = "crd-autoregister";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 20, observe, reconcile: register, flush: Controller::NO_FLUSH };

/// The condition of a group the server answers for itself.
#[must_use]
pub fn local() -> Value {
    value!({
        "message": "Local APIServices are always available", "reason": "Local", "status": "True",
        "type": "Available",
    })
}

/// `groupPriorityMinimum` of the server's own groups, and `versionPriority` where it is not 15
/// (`controlplane/apiserver/aggregator.go` and `apiserver/default_service_priorities`).
fn priorities(group: &str, version: &str) -> (i64, i64) {
    const GROUPS: &[(&str, i64)] = &[
        ("", 18000),
        ("apps", 17800),
        ("events.k8s.io", 17750),
        ("authentication.k8s.io", 17700),
        ("authorization.k8s.io", 17600),
        ("autoscaling", 17500),
        ("batch", 17400),
        ("certificates.k8s.io", 17300),
        ("networking.k8s.io", 17200),
        ("policy", 17100),
        ("rbac.authorization.k8s.io", 17000),
        ("storage.k8s.io", 16800),
        ("apiextensions.k8s.io", 16700),
        ("admissionregistration.k8s.io", 16700),
        ("scheduling.k8s.io", 16600),
        ("coordination.k8s.io", 16500),
        ("node.k8s.io", 16300),
        ("discovery.k8s.io", 16200),
        ("flowcontrol.apiserver.k8s.io", 16100),
    ];
    let minimum = GROUPS.iter().find(|g| g.0 == group).map_or(17000, |g| g.1);
    let priority = match (group, version) {
        ("", _) => 1,
        ("autoscaling", "v2") => 30,
        ("flowcontrol.apiserver.k8s.io", _) => 21,
        _ => 15,
    };
    (minimum, priority)
}

/// The APIService of a group and version the server answers for itself.
#[must_use]
pub fn registration(group: &str, version: &str, custom: bool) -> Value {
    let mode = if custom { "true" } else { "onstart" };
    let (minimum, priority) = if custom { (1000, 100) } else { priorities(group, version) };
    let mut spec = value!({
        "groupPriorityMinimum": minimum, "version": version, "versionPriority": priority,
    });
    if !group.is_empty() {
        spec = spec.with("group", group);
    }
    value!({
        "metadata": {
            "name": format!("{version}.{group}"), "labels": {"kube-aggregator.kubernetes.io/automanaged": mode},
        },
        "spec": spec,
    })
}

fn observe(_: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object().filter(|o| o.kind == kinds::CUSTOM_RESOURCE_DEFINITION) else {
        return;
    };
    if change.is_created() || change.is_removed() || change.differs(|o| o.spec.hash) {
        mark(object.id);
    }
}

/// Every served version of every definition has an APIService, and no other one does.
fn register(cluster: &mut Cluster, machines: &mut Machines, _: Id) {
    let mut wanted: Vec<(String, String)> = Vec::new();
    for definition in cluster.store.list(kinds::CUSTOM_RESOURCE_DEFINITION) {
        let spec = definition.spec();
        for version in spec["versions"].items().iter().filter(|v| v["served"].bool()) {
            let pair = (spec["group"].text().to_string(), version["name"].text().to_string());
            if !wanted.contains(&pair) {
                wanted.push(pair);
            }
        }
    }
    let managed =
        |o: &&std::sync::Arc<Object>| o.labels()["kube-aggregator.kubernetes.io/automanaged"] == "true";
    let is_wanted =
        |o: &Object| wanted.iter().any(|(group, version)| *o.name == *format!("{version}.{group}"));
    let services = cluster.store.list(kinds::API_SERVICE).filter(managed);
    let gone: Vec<Id> = services.filter(|o| !is_wanted(o)).map(|o| o.id).collect();
    for id in gone {
        let _ = cluster.delete(machines, &actor(NAME), id, &crate::DeleteOptions::default());
    }
    for (group, version) in wanted {
        if cluster.find(kinds::API_SERVICE, "", &format!("{version}.{group}")).is_none() {
            let service = registration(&group, &version, true);
            let _ = cluster.create(machines, &actor(NAME), kinds::API_SERVICE, "", service);
        }
    }
}
