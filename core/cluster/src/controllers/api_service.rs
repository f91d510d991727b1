//! Tells whether the servers of APIServices can be reached
//! (`kube-aggregator/pkg/controllers/status`, v1.33): their service, its port and its endpoints are
//! looked at, and whether a server of the group (`aggregation`) answers behind them.

use crate::aggregation;
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
use drydock_network::address::Ip;

const NAME: &str = "remote_available_controller";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 100, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        kinds::API_SERVICE if !change.is_removed() && change.spec_differs() => mark(object.id),
        kinds::SERVICE | kinds::ENDPOINTS => {
            for service in cluster.store.list(kinds::API_SERVICE) {
                let backend = &service.spec()["service"];
                if backend["name"] == *object.name && backend["namespace"] == *object.namespace {
                    mark(service.id);
                }
            }
        }
        _ => {}
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(service) = cluster.object(id).filter(|o| o.kind == kinds::API_SERVICE) else { return };
    let (status, reason, message) = state(cluster, machines, &service);
    let old = service.condition("Available");
    let since = match old["status"] == status {
        true => old["lastTransitionTime"].clone(),
        false => Timestamp(machines.clock.unix()).to_rfc3339().into(),
    };
    let condition = value!({
        "type": "Available", "status": status, "reason": reason, "message": message,
        "lastTransitionTime": since,
    });
    let status = service.status().with("conditions", value!([condition]));
    cluster.write_status(machines, NAME, &service, status);
}

fn state(cluster: &Cluster, machines: &Machines, service: &Object) -> (&'static str, &'static str, String) {
    let backend = &service.spec()["service"];
    if !backend.is_map() {
        return ("True", "Local", "Local APIServices are always available".into());
    }
    let (namespace, name) = (backend["namespace"].text(), backend["name"].text());
    let no = |reason, message| ("False", reason, message);
    let Some(found) = cluster.find(kinds::SERVICE, namespace, name) else {
        return no("ServiceNotFound", format!("service/{name} in \"{namespace}\" is not present"));
    };
    if found.spec()["type"] == "ExternalName" {
        return no("FailedDiscoveryCheck", "failing or missing response".into());
    }
    let port = backend["port"].as_int().unwrap_or(443);
    if !found.spec()["ports"].items().iter().any(|p| p["port"].int() == port) {
        let text = format!("service/{name} in \"{namespace}\" is not listening on port {port}");
        return no("ServicePortError", text);
    }
    let endpoints = cluster.find(kinds::ENDPOINTS, namespace, name);
    let Some(endpoints) = endpoints else {
        let text = format!("cannot find endpoints for service/{name} in \"{namespace}\"");
        return no("EndpointsNotFound", text);
    };
    let addresses = |subset: &Value| !subset["addresses"].is_empty();
    if !endpoints.field("subsets").items().iter().any(addresses) {
        let text =
            format!("endpoints for service/{name} in \"{namespace}\" have no addresses with port name \"\"");
        return no("MissingEndpoints", text);
    }
    // Endpoints follow the Service's ports by name.
    let of_port = found.spec()["ports"].items().iter().find(|p| p["port"].int() == port);
    let port_name = of_port.map_or("", |p| p["name"].text());
    for subset in endpoints.field("subsets").items() {
        let target = subset["ports"].items().iter().find(|p| p["name"].text() == port_name);
        let target = target.and_then(|p| u16::try_from(p["port"].int()).ok()).unwrap_or(0);
        let mut addresses = subset["addresses"].items().iter().filter_map(|a| Ip::parse(a["ip"].text()));
        if addresses.any(|ip| aggregation::server_at(machines, ip, target, service.spec()).is_some()) {
            return ("True", "Passed", "all checks passed".into());
        }
    }
    let ip = found.spec()["clusterIP"].text();
    let url = format!(
        "https://{ip}:{port}/apis/{}/{}",
        service.spec()["group"].text(),
        service.spec()["version"].text()
    );
    no(
        "FailedDiscoveryCheck",
        format!(
            "failing or missing response from {url}: Get \"{url}\": dial tcp {ip}:{port}: connect: connection refused"
        ),
    )
}
