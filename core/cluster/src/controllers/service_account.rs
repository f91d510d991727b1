//! Every namespace's ServiceAccount `default` and ConfigMap `kube-root-ca.crt`, made again when
//! somebody deletes them. Follows `serviceaccounts_controller.go` and `rootcacertpublisher`.

use crate::access::actor;
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::kinds;
use crate::object::Id;
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::value;

const NAME: &str = "service-account-controller";
const PUBLISHER: &str = "root-ca-cert-publisher";
const ROOT: &str = "kube-root-ca.crt";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 10, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        kinds::NAMESPACE if change.is_created() => mark(object.id),
        kinds::SERVICE_ACCOUNT if &*object.name == "default" => {
            if change.is_removed()
                && let Some(namespace) = cluster.find(kinds::NAMESPACE, "", &object.namespace)
            {
                mark(namespace.id);
            }
        }
        kinds::CONFIG_MAP if &*object.name == ROOT => {
            if (change.is_removed() || change.differs(|o| o.rest.hash))
                && let Some(namespace) = cluster.find(kinds::NAMESPACE, "", &object.namespace)
            {
                mark(namespace.id);
            }
        }
        _ => {}
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(namespace) = cluster.object(id).filter(|o| o.kind == kinds::NAMESPACE && o.deleting.is_none())
    else {
        return;
    };
    let name = &namespace.name;
    if cluster.find(kinds::SERVICE_ACCOUNT, name, "default").is_none() {
        let account = value!({"metadata": {"name": "default", "namespace": name}});
        // A namespace that has just been marked for deletion refuses, rightly.
        let _ = cluster.create(machines, &actor(NAME), kinds::SERVICE_ACCOUNT, name, account);
    }
    let wanted = crate::boot::root_certificate();
    match cluster.find(kinds::CONFIG_MAP, name, ROOT).cloned() {
        None => {
            let map = wanted.with_at(&["metadata", "namespace"], name);
            let _ = cluster.create(machines, &actor(PUBLISHER), kinds::CONFIG_MAP, name, map);
        }
        Some(map) if map.field("data") != &wanted["data"] => {
            let edit = crate::door::Edit::rest(map.rest.value.with("data", wanted["data"].clone()));
            let _ = cluster.update(machines, &actor(PUBLISHER), map.id, None, edit);
        }
        Some(_) => {}
    }
}
