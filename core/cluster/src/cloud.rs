//! The cloud that gives addresses to services of type LoadBalancer, a couple of seconds after they ask.
//! Stands in for a cloud-controller-manager's service controller; texts as `service/controller.go`.

use crate::access::actor;
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::{Value, value};
use drydock_network::address::Ip;
use std::sync::Arc;

const NAME: &str = "service-controller";
const FINALIZER: &str = "service.kubernetes.io/load-balancer-cleanup";
/// From the request to the address, in milliseconds.
const WORKS_MS: u64 = 2_000;
/// Addresses handed out: a block set aside for documentation, so that it can be nobody's.
const POOL: Ip = Ip::new(203, 0, 113, 10);
const POOL_SIZE: u32 = 240;

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 50, observe, reconcile, flush: Controller::NO_FLUSH };

fn is_balancer(service: &Object) -> bool {
    service.spec()["type"] == "LoadBalancer"
}

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    if !cluster.control.config.cloud {
        return;
    }
    let Some(service) = change.after.as_ref().filter(|o| o.kind == kinds::SERVICE) else { return };
    let concerned = is_balancer(service) || has_finalizer(service) || !ingress(service).is_empty();
    if concerned && change.differs(|o| (o.spec.hash, o.deleting.is_some())) {
        mark(service.id);
    }
}

fn has_finalizer(service: &Object) -> bool {
    service.finalizers().iter().any(|f| *f == FINALIZER)
}
fn ingress(service: &Object) -> &[Value] {
    service.status()["loadBalancer"]["ingress"].items()
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(service) = cluster.object(id).filter(|o| o.kind == kinds::SERVICE) else { return };
    let wanted = is_balancer(&service) && service.deleting.is_none();
    if wanted && !service.spec()["loadBalancerClass"].is_empty() {
        return;
    }
    if wanted {
        if !has_finalizer(&service) {
            let finalizers = Value::from_items(service.finalizers().to_vec()).with_item(FINALIZER);
            cluster.write(
                machines,
                NAME,
                &service,
                Some(service.metadata.value.with("finalizers", finalizers)),
                None,
            );
            cluster.inform(machines, &service, "EnsuringLoadBalancer", "Ensuring load balancer", NAME);
            return cluster.mark_later(machines, NAME, id, WORKS_MS);
        }
        if ingress(&service).is_empty() {
            let Some(ip) = free_address(cluster, &service) else { return };
            let entry = value!({"ip": ip.to_string(), "ipMode": "VIP"});
            let status = service.status().with_at(&["loadBalancer", "ingress"], vec![entry]);
            cluster.write_status(machines, NAME, &service, status);
            cluster.inform(machines, &service, "EnsuredLoadBalancer", "Ensured load balancer", NAME);
        }
        return;
    }
    if !ingress(&service).is_empty() {
        cluster.inform(machines, &service, "DeletingLoadBalancer", "Deleting load balancer", NAME);
        let status = service.status().with("loadBalancer", Value::empty_map());
        cluster.write_status(machines, NAME, &service, status);
        cluster.inform(machines, &service, "DeletedLoadBalancer", "Deleted load balancer", NAME);
    }
    let Some(service) = cluster.object(id).filter(|s| has_finalizer(s)) else { return };
    let left: Vec<Value> = service.finalizers().iter().filter(|f| **f != FINALIZER).cloned().collect();
    let metadata = if left.is_empty() {
        service.metadata.value.without("finalizers")
    } else {
        service.metadata.value.with("finalizers", left)
    };
    let edit = crate::door::Edit::metadata(metadata);
    let _ = cluster.update(machines, &actor(NAME), id, None, edit);
}

/// The one asked for, else the lowest nobody has.
fn free_address(cluster: &Cluster, service: &Arc<Object>) -> Option<Ip> {
    let taken: Vec<Ip> = cluster
        .store
        .list(kinds::SERVICE)
        .flat_map(|s| ingress(s).iter().filter_map(|i| Ip::parse(i["ip"].text())).collect::<Vec<_>>())
        .collect();
    let asked = Ip::parse(service.spec()["loadBalancerIP"].text()).filter(|ip| !taken.contains(ip));
    asked.or_else(|| (0..POOL_SIZE).map(|n| Ip(POOL.0 + n)).find(|ip| !taken.contains(ip)))
}
