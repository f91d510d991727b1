//! The garbage collector: dependents go after their last owner (background), before it (foreground), or
//! are let go (orphan). Follows `pkg/controller/garbagecollector` of Kubernetes 1.33.

use crate::access::actor;
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::delete::DeleteOptions;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::Value;
use std::sync::Arc;

const NAME: &str = "generic-garbage-collector";
const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 50, observe, reconcile, flush: Controller::NO_FLUSH };

fn waits(object: &Object) -> Option<&'static str> {
    object.deleting?;
    let has = |name: &str| object.finalizers().iter().any(|f| *f == name);
    if has(ORPHAN) {
        Some(ORPHAN)
    } else if has(FOREGROUND) {
        Some(FOREGROUND)
    } else {
        None
    }
}

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match &change.after {
        None => {
            if cluster.store.children(object.id).next().is_some()
                || !cluster.store.dependents(object).is_empty()
            {
                mark(object.id);
            }
            // A foreground deletion goes on when the dependent it waits for is gone.
            for owner in object.owners() {
                if let Some(owner) = cluster.owner(&object.namespace, owner).filter(|o| waits(o).is_some()) {
                    mark(owner.id);
                }
            }
        }
        Some(after) => {
            if waits(after).is_some() {
                mark(after.id);
            }
            // An owner nobody knows: absent from the start, or of an earlier object of that name.
            let owners = after.owners();
            if !owners.is_empty()
                && change.differs(|o| o.controller.is_none())
                && change.differs(|o| o.metadata.value["ownerReferences"].content_hash())
                && owners.iter().any(|o| cluster.owner(&after.namespace, o).is_none())
            {
                mark(after.id);
            }
        }
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    match cluster.object(id) {
        None => {
            let children: Vec<Arc<Object>> = cluster.store.children(id).cloned().collect();
            for child in children.into_iter().chain(cluster.store.dependents_of(id)) {
                collect(cluster, machines, &child);
            }
        }
        Some(object) => match waits(&object) {
            Some(ORPHAN) => orphan(cluster, machines, &object),
            Some(_) => foreground(cluster, machines, &object),
            None => collect(cluster, machines, &object),
        },
    }
}

/// Deletes an object none of whose owners is left; else drops the references to those that are gone.
fn collect(cluster: &mut Cluster, machines: &mut Machines, object: &Arc<Object>) {
    let owners = object.owners();
    if owners.is_empty() || object.deleting.is_some() {
        return;
    }
    let live: Vec<Value> =
        owners.iter().filter(|o| cluster.owner(&object.namespace, o).is_some()).cloned().collect();
    if live.is_empty() {
        let options = DeleteOptions { propagation: "Background".into(), ..DeleteOptions::default() };
        let _ = cluster.delete(machines, &actor(NAME), object.id, &options);
    } else if live.len() < owners.len() {
        let metadata = object.metadata.value.with("ownerReferences", live);
        cluster.write(machines, NAME, object, Some(metadata), None);
    }
}

fn dependents(cluster: &Cluster, owner: &Arc<Object>) -> Vec<Arc<Object>> {
    let mut list: Vec<Arc<Object>> = cluster.store.children(owner.id).cloned().collect();
    list.extend(cluster.store.dependents(owner));
    list
}

fn orphan(cluster: &mut Cluster, machines: &mut Machines, owner: &Arc<Object>) {
    let uid = owner.uid.to_string();
    for child in dependents(cluster, owner) {
        let left: Vec<Value> = child.owners().iter().filter(|o| o["uid"] != uid.as_str()).cloned().collect();
        let metadata = if left.is_empty() {
            child.metadata.value.without("ownerReferences")
        } else {
            child.metadata.value.with("ownerReferences", left)
        };
        cluster.write(machines, NAME, &child, Some(metadata), None);
    }
    drop_finalizer(cluster, machines, owner.id, ORPHAN);
}

fn foreground(cluster: &mut Cluster, machines: &mut Machines, owner: &Arc<Object>) {
    let uid = owner.uid.to_string();
    let all = dependents(cluster, owner);
    for child in all.iter().filter(|c| c.deleting.is_none()) {
        let has_own = cluster.store.children(child.id).next().is_some();
        let propagation = if has_own { "Foreground" } else { "Background" };
        let options = DeleteOptions { propagation: propagation.into(), ..DeleteOptions::default() };
        let _ = cluster.delete(machines, &actor(NAME), child.id, &options);
    }
    let blocks = |child: &Arc<Object>| {
        child.owners().iter().any(|o| o["uid"] == uid.as_str() && o["blockOwnerDeletion"].bool())
    };
    if !dependents(cluster, owner).iter().any(blocks) {
        drop_finalizer(cluster, machines, owner.id, FOREGROUND);
    }
}

fn drop_finalizer(cluster: &mut Cluster, machines: &mut Machines, id: Id, name: &str) {
    let Some(object) = cluster.object(id) else { return };
    let left: Vec<Value> = object.finalizers().iter().filter(|f| **f != name).cloned().collect();
    let metadata = if left.is_empty() {
        object.metadata.value.without("finalizers")
    } else {
        object.metadata.value.with("finalizers", left)
    };
    cluster.write(machines, NAME, &object, Some(metadata), None);
}
