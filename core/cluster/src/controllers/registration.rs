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

/// The APIService of a group and version the server answers for itself.
#[must_use]
pub fn registration(group: &str, version: &str, custom: bool) -> Value {
    let mode = if custom { "true" } else { "onstart" };
    let (minimum, priority) = match (group, custom) {
        ("", _) => (18000, 1),
        (_, true) => (1000, 100),
        _ => (17000, 15),
    };
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
