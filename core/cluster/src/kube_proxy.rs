//! kube-proxy and CoreDNS in one observer of services and slices: routing tables and name records are
//! written by difference. Follows `pkg/proxy` and CoreDNS' kubernetes plugin: only ready endpoints are
//! sent to, terminating ones that still serve where nobody is ready; a service without backends refuses.

use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::controllers::endpoint_slice::SERVICE_NAME;
use crate::dns;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_network::address::Ip;
use drydock_network::exchange::Target;
use drydock_network::routing::Service as Route;
use imbl::{OrdMap, Vector};
use std::sync::Arc;

const NAME: &str = "kube-proxy";
/// Slices from which on a service's table is written once a second only (`--iptables-min-sync-period`).
const MANY: usize = 20;

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 20, observe, reconcile, flush: Controller::NO_FLUSH };

/// What each service has put into the tables.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    of: OrdMap<Id, Arc<Written>>,
}

#[derive(Clone, Debug, Default)]
struct Written {
    addresses: Vec<Target>,
    node_ports: Vec<u16>,
    names: Vec<String>,
    /// When a large table was last written.
    at: u64,
}

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        kinds::SERVICE if change.differs(|o| (o.spec.hash, o.status.hash)) => mark(object.id),
        kinds::ENDPOINT_SLICE if change.differs(|o| o.rest.hash) => {
            let name = object.label(SERVICE_NAME);
            if let Some(service) = cluster.find(kinds::SERVICE, &object.namespace, name) {
                mark(service.id);
            }
        }
        kinds::NODE if change.differs(|o| o.status()["addresses"].content_hash()) => mark(object.id),
        _ => {}
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    match cluster.object(id) {
        Some(o) if o.kind == kinds::NODE => {
            for address in o.status()["addresses"].items() {
                if let Some(ip) = Ip::parse(address["address"].text()) {
                    machines.routing.add_node(ip);
                }
            }
        }
        Some(service) => program(cluster, machines, &service),
        None => {
            if let Some(old) = cluster.control.proxy.of.remove(&id) {
                clear(machines, &old);
            }
        }
    }
}

fn clear(machines: &mut Machines, old: &Written) {
    for address in &old.addresses {
        machines.routing.remove(*address);
    }
    for port in &old.node_ports {
        machines.routing.remove_node_port(*port);
    }
    for name in &old.names {
        machines.dns.remove_at(dns::SERVER, name);
    }
}

/// Slices of a service, its own and those made by hand.
fn slices(cluster: &Cluster, service: &Object) -> Vec<Arc<Object>> {
    let own: Vec<Arc<Object>> =
        cluster.store.children(service.id).filter(|o| o.kind == kinds::ENDPOINT_SLICE).cloned().collect();
    if !service.spec()["selector"].is_empty() {
        return own;
    }
    let all = cluster.store.list_in(kinds::ENDPOINT_SLICE, &service.namespace);
    all.filter(|s| s.label(SERVICE_NAME) == &*service.name).cloned().collect()
}

fn program(cluster: &mut Cluster, machines: &mut Machines, service: &Arc<Object>) {
    let slices = slices(cluster, service);
    let old = cluster.control.proxy.of.get(&service.id).cloned();
    let now = machines.clock.now;
    if slices.len() > MANY
        && let Some(old) = &old
        && now < old.at + 1000
    {
        return cluster.mark_later(machines, NAME, service.id, old.at + 1000 - now);
    }
    let spec = service.spec();
    let mut written = Written { at: now, ..Written::default() };
    let mut ips: Vec<Ip> = Vec::new();
    let texts = spec["externalIPs"].items().iter();
    let balancer = service.status()["loadBalancer"]["ingress"].items().iter().map(|i| &i["ip"]);
    for text in [&spec["clusterIP"]].into_iter().chain(texts).chain(balancer) {
        ips.extend(Ip::parse(text.text()));
    }
    let sticky = spec["sessionAffinity"] == "ClientIP";
    let about = u64::from(service.id);
    for port in spec["ports"].items() {
        if port["protocol"] == "UDP" || port["protocol"] == "SCTP" {
            continue;
        }
        let Ok(number) = u16::try_from(port["port"].int()) else { continue };
        let backends = backends(&slices, port["name"].text());
        let route = Route { backends, sticky, about };
        for ip in &ips {
            let address = Target { ip: *ip, port: number };
            machines.routing.set(address, route.clone());
            written.addresses.push(address);
        }
        if let Some(node_port) = u16::try_from(port["nodePort"].int()).ok().filter(|p| *p > 0) {
            machines.routing.set_node_port(node_port, route.clone());
            written.node_ports.push(node_port);
        }
    }
    for (name, record) in dns::records(service, &slices) {
        machines.dns.set_at(dns::SERVER, &name, record);
        written.names.push(name);
    }
    if let Some(old) = old {
        let stale = Written {
            addresses: old.addresses.iter().filter(|a| !written.addresses.contains(a)).copied().collect(),
            node_ports: old.node_ports.iter().filter(|p| !written.node_ports.contains(p)).copied().collect(),
            names: old.names.iter().filter(|n| !written.names.contains(n)).cloned().collect(),
            at: 0,
        };
        clear(machines, &stale);
    }
    cluster.control.proxy.of.insert(service.id, Arc::new(written));
}

/// Endpoints for one service port.
fn backends(slices: &[Arc<Object>], name: &str) -> Vector<Target> {
    let (mut ready, mut serving) = (Vector::new(), Vector::new());
    for slice in slices {
        let Some(port) = slice.field("ports").items().iter().find(|p| p["name"].text() == name) else {
            continue;
        };
        let Ok(port) = u16::try_from(port["port"].int()) else { continue };
        for endpoint in slice.field("endpoints").items() {
            let conditions = &endpoint["conditions"];
            let target = || Ip::parse(endpoint["addresses"][0].text()).map(|ip| Target { ip, port });
            if is_ready(conditions) {
                ready.extend(target());
            } else if conditions["serving"].bool() && conditions["terminating"].bool() {
                serving.extend(target());
            }
        }
    }
    if ready.is_empty() { serving } else { ready }
}

/// A condition nobody has set counts as ready.
#[must_use]
pub fn is_ready(conditions: &Value) -> bool {
    conditions["ready"].as_bool().unwrap_or(true)
}
