//! Namespaces on their way out: everything inside is deleted, what remains is told in conditions, and
//! the namespace goes with the last of it. Follows `pkg/controller/namespace/deletion` of Kubernetes 1.33.

use crate::cluster::{Actor, Cluster};
use crate::conditions::{self, Condition};
use crate::controller::Controller;
use crate::delete::DeleteOptions;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

const NAME: &str = "namespace-controller";
const ACTOR: Actor =
    Actor::system("system:serviceaccount:kube-system:namespace-controller", "kube-controller-manager");
/// While something is left it is looked at again at least this often, in milliseconds.
const AGAIN: u64 = 5_000;

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 20, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    if object.kind == kinds::NAMESPACE {
        if change.differs(|o| (o.deleting.is_some(), o.spec.hash)) {
            mark(object.id);
        }
    } else if change.is_removed()
        && !object.namespace.is_empty()
        && let Some(namespace) = cluster.find(kinds::NAMESPACE, "", &object.namespace)
        && namespace.deleting.is_some()
    {
        mark(namespace.id);
    }
}

fn content(cluster: &Cluster, namespace: &str) -> Vec<Arc<Object>> {
    let kinds = cluster.kinds().filter(|(_, kind)| kind.namespaced && kind.has_verb("delete"));
    let kinds: Vec<_> = kinds.map(|(id, _)| id).collect();
    kinds
        .into_iter()
        .flat_map(|kind| cluster.store.list_in(kind, namespace).cloned().collect::<Vec<_>>())
        .collect()
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(namespace) = cluster.object(id).filter(|o| o.kind == kinds::NAMESPACE && o.deleting.is_some())
    else {
        return;
    };
    for object in content(cluster, &namespace.name) {
        if object.deleting.is_none() {
            // What a controller keeps goes with it, in the background.
            let options = DeleteOptions { propagation: "Background".into(), ..DeleteOptions::default() };
            let _ = cluster.delete(machines, &ACTOR, object.id, &options);
        }
    }
    let left = content(cluster, &namespace.name);
    let Some(namespace) = cluster.object(id) else { return };
    if left.is_empty() {
        let others: Vec<Value> =
            namespace.spec()["finalizers"].items().iter().filter(|f| **f != "kubernetes").cloned().collect();
        if others.is_empty() && namespace.finalizers().is_empty() {
            cluster.remove(machines, id);
            return;
        }
        let spec = namespace.spec().with("finalizers", others);
        cluster.write(machines, NAME, &namespace, None, Some(spec));
    }
    tell(cluster, machines, id, &left);
    if !left.is_empty() {
        cluster.mark_later(machines, NAME, id, AGAIN);
    }
}

fn tell(cluster: &mut Cluster, machines: &mut Machines, id: Id, left: &[Arc<Object>]) {
    let Some(namespace) = cluster.object(id) else { return };
    let mut resources: BTreeMap<String, usize> = BTreeMap::new();
    let mut finalizers: BTreeMap<String, usize> = BTreeMap::new();
    for object in left {
        if let Some(kind) = cluster.kind(object.kind) {
            let name = format!("{}.{}", kind.plural, kind.group);
            *resources.entry(name).or_default() += 1;
        }
        for finalizer in object.finalizers() {
            *finalizers.entry(finalizer.text().to_string()).or_default() += 1;
        }
    }
    let join = |counts: &BTreeMap<String, usize>, middle: &str| {
        let list: Vec<String> =
            counts.iter().map(|(name, n)| format!("{name}{middle}{n} resource instances")).collect();
        list.join(", ")
    };
    let remaining = format!("Some resources are remaining: {}", join(&resources, " has "));
    let held =
        format!("Some content in the namespace has finalizers remaining: {}", join(&finalizers, " in "));
    let all = [
        (
            "NamespaceDeletionDiscoveryFailure",
            "False",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        (
            "NamespaceDeletionContentFailure",
            "False",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        match resources.is_empty() {
            true => {
                ("NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed")
            }
            false => ("NamespaceContentRemaining", "True", "SomeResourcesRemain", remaining.as_str()),
        },
        match finalizers.is_empty() {
            true => (
                "NamespaceFinalizersRemaining",
                "False",
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished",
            ),
            false => ("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", held.as_str()),
        },
    ];
    let now = cluster.stamp(machines);
    let mut list = namespace.status()["conditions"].items().to_vec();
    for (kind, status, reason, message) in all {
        if conditions::get(&list, kind)["message"] != message {
            let since = conditions::get(&list, kind)["lastTransitionTime"].clone();
            let moved = conditions::get(&list, kind)["status"] != status;
            let new = Condition { kind, status, reason, message };
            let at = list.iter().position(|c| c["type"] == kind);
            conditions::remove(&mut list, kind);
            conditions::set_workload(&mut list, if moved { &now } else { &since }, false, &new);
            // Each keeps its place.
            if let Some(at) = at
                && let Some(new) = list.pop()
            {
                list.insert(at, new);
            }
        }
    }
    let status = namespace.status().with("phase", "Terminating").with("conditions", list);
    cluster.write_status(machines, NAME, &namespace, status);
}
