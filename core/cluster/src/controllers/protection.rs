//! Lets go of claims and volumes that were deleted once nobody uses them any more
//! (`pkg/controller/volume/pvcprotection` and `pvprotection`, v1.33).

use crate::access::actor;
use crate::admission::{PV_PROTECTION, PVC_PROTECTION};
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::door::Edit;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::Value;

const NAME: &str = "pvc-protection-controller";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 10, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        kinds::PERSISTENT_VOLUME_CLAIM | kinds::PERSISTENT_VOLUME
            if !change.is_removed() && object.deleting.is_some() =>
        {
            mark(object.id);
        }
        kinds::POD if change.is_removed() || change.differs(Object::is_finished) => {
            for name in claims(object) {
                let claim = cluster.find(kinds::PERSISTENT_VOLUME_CLAIM, &object.namespace, &name);
                claim.filter(|c| c.deleting.is_some()).into_iter().for_each(|c| mark(c.id));
            }
        }
        _ => {}
    }
}

/// Names of the claims a pod mounts, those made for it included.
fn claims(pod: &Object) -> Vec<String> {
    let volumes = pod.spec()["volumes"].items().iter();
    let name = |volume: &Value| match volume["persistentVolumeClaim"]["claimName"].as_str() {
        Some(name) => Some(name.to_string()),
        None if !volume["ephemeral"].is_null() => Some(format!("{}-{}", pod.name, volume["name"].text())),
        None => None,
    };
    volumes.filter_map(name).collect()
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(object) = cluster.object(id).filter(|o| o.deleting.is_some()) else { return };
    let (finalizer, used) = match object.kind {
        kinds::PERSISTENT_VOLUME_CLAIM => {
            let pods = cluster.store.list_in(kinds::POD, &object.namespace);
            // A pod that was never placed uses nothing.
            let mut pods = pods.filter(|p| !p.is_finished() && !p.spec()["nodeName"].is_empty());
            (PVC_PROTECTION, pods.any(|pod| claims(pod).iter().any(|name| **name == *object.name)))
        }
        kinds::PERSISTENT_VOLUME => (PV_PROTECTION, object.status()["phase"] == "Bound"),
        _ => return,
    };
    if used || !object.finalizers().iter().any(|f| f == finalizer) {
        return;
    }
    let left: Vec<Value> = object.finalizers().iter().filter(|f| *f != finalizer).cloned().collect();
    let metadata = match left.is_empty() {
        true => object.metadata.value.without("finalizers"),
        false => object.metadata.value.with("finalizers", left),
    };
    // Gone meanwhile is as good as written.
    let _ = cluster.update(machines, &actor(NAME), id, None, Edit::metadata(metadata));
}
