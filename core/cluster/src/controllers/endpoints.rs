//! The legacy Endpoints object of a service, made from its slices, and the other way round: slices
//! mirrored from Endpoints that somebody keeps by hand for a service without a selector. Follows
//! `pkg/controller/endpoint` and `endpointslicemirroring` of Kubernetes 1.33.

use crate::cluster::{Actor, Cluster};
use crate::controllers::endpoint_slice::{MANAGED_BY, SERVICE_NAME, body, triggered};
use crate::door::Edit;
use crate::kinds;
use crate::object::Object;
use drydock_container::Machines;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};
use drydock_network::address::Ip;
use std::sync::Arc;

const ACTOR: Actor =
    Actor::system("system:serviceaccount:kube-system:endpoint-controller", "kube-controller-manager");
const MIRROR: &str = "endpointslicemirroring-controller.k8s.io";
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";
/// Addresses an Endpoints object holds at most (`maxCapacity`).
const CAPACITY: usize = 1000;

/// Brings the Endpoints object of a service in line with its slices; `trigger` is the time of what changed
/// them.
pub fn sync(cluster: &mut Cluster, machines: &mut Machines, service: &Arc<Object>, trigger: Option<i64>) {
    let mut groups: Vec<(Value, Vec<Value>, Vec<Value>)> = Vec::new();
    let mut count = 0;
    let mut truncated = false;
    for slice in cluster.store.children(service.id).filter(|o| o.kind == kinds::ENDPOINT_SLICE) {
        let ports = subset_ports(slice.field("ports"));
        for endpoint in slice.field("endpoints").items() {
            if endpoint["conditions"]["terminating"].bool()
                && !service.spec()["publishNotReadyAddresses"].bool()
            {
                continue;
            }
            if count == CAPACITY {
                truncated = true;
                break;
            }
            count += 1;
            let mut address = value!({
                "ip": endpoint["addresses"][0].clone(),
                "nodeName": endpoint["nodeName"].clone(),
                "targetRef": endpoint["targetRef"].clone(),
            });
            if !endpoint["hostname"].is_empty() {
                address = address.with("hostname", endpoint["hostname"].clone());
            }
            let at = match groups.iter().position(|g| g.0 == ports) {
                Some(at) => at,
                None => {
                    groups.push((ports.clone(), Vec::new(), Vec::new()));
                    groups.len() - 1
                }
            };
            if let Some(group) = groups.get_mut(at) {
                let ready = endpoint["conditions"]["ready"].bool();
                if ready { group.1.push(address) } else { group.2.push(address) }
            }
        }
    }
    let by_ip = |a: &Value| Ip::parse(a["ip"].text()).unwrap_or_default();
    let subsets = groups.into_iter().map(|(ports, mut ready, mut waiting)| {
        ready.arrange_by_key(by_ip);
        waiting.arrange_by_key(by_ip);
        let mut subset = value!({"ports": ports});
        if !ready.is_empty() {
            subset = subset.with("addresses", ready);
        }
        if !waiting.is_empty() {
            subset = subset.with("notReadyAddresses", waiting);
        }
        subset
    });
    let subsets: Vec<Value> = subsets.collect();
    write(cluster, machines, service, subsets, truncated, trigger);
}

fn subset_ports(ports: &Value) -> Value {
    let plain = |p: &Value| if p["name"].is_empty() { p.without("name") } else { p.clone() };
    super::endpoint_ports::subset_order(ports.items().iter().map(plain).collect()).into()
}

fn write(
    cluster: &mut Cluster,
    machines: &mut Machines,
    service: &Arc<Object>,
    subsets: Vec<Value>,
    truncated: bool,
    trigger: Option<i64>,
) {
    let rest = if subsets.is_empty() { Value::Null } else { value!({"subsets": subsets}) };
    let mut labels = if service.labels().is_null() { Value::empty_map() } else { service.labels().clone() };
    labels = labels.with("endpoints.kubernetes.io/managed-by", "endpoint-controller");
    if service.spec()["clusterIP"] == "None" {
        labels = labels.with("service.kubernetes.io/headless", "");
    }
    let over = "endpoints.kubernetes.io/over-capacity";
    match cluster.find(kinds::ENDPOINTS, &service.namespace, &service.name).cloned() {
        Some(old) => {
            let mut metadata = old.metadata.value.with("labels", labels);
            metadata = if truncated {
                metadata.with_at(&["annotations", over], "truncated")
            } else {
                metadata.without_at(&["annotations", over])
            };
            if metadata["annotations"].is_empty() {
                metadata = metadata.without("annotations");
            }
            if old.rest.value == rest && old.metadata.value == metadata {
                return;
            }
            let metadata = triggered(&metadata, trigger);
            let edit = Edit { metadata: Some(metadata), rest: Some(rest), ..Edit::default() };
            let _ = cluster.update(machines, &ACTOR, old.id, None, edit);
        }
        None => {
            let metadata = value!({"name": &service.name, "namespace": &service.namespace, "labels": labels});
            let object = rest.with("metadata", triggered(&metadata, trigger));
            let _ = cluster.create(machines, &ACTOR, kinds::ENDPOINTS, &service.namespace, object);
        }
    }
}

/// A service without a selector: what somebody wrote into its Endpoints shows up as a slice.
pub fn mirror(cluster: &mut Cluster, machines: &mut Machines, service: &Arc<Object>) {
    let Some(source) = cluster.find(kinds::ENDPOINTS, &service.namespace, &service.name).cloned() else {
        return;
    };
    if source.label(SKIP) == "true" {
        return;
    }
    let subset = &source.field("subsets")[0];
    let item = |ready: bool| move |a: &Value| value!({"addresses": [a["ip"].clone()], "conditions": {"ready": ready}});
    let ready = subset["addresses"].items().iter().map(item(true));
    let items: Vec<Value> =
        ready.chain(subset["notReadyAddresses"].items().iter().map(item(false))).collect();
    let named = |p: &Value| if p["name"].is_null() { p.with("name", "") } else { p.clone() };
    let ports: Value = subset["ports"].items().iter().map(named).collect();
    let content = body(&ports, items);
    let ours = cluster.store.children(source.id).find(|o| o.kind == kinds::ENDPOINT_SLICE).cloned();
    match ours {
        Some(slice) => {
            if slice.rest.value != content {
                let _ = cluster.update(machines, &ACTOR, slice.id, None, Edit::rest(content));
            }
        }
        None => {
            let metadata = value!({
                "generateName": format!("{}-", service.name),
                "namespace": &service.namespace,
                "labels": {(SERVICE_NAME): &service.name, (MANAGED_BY): MIRROR},
                "ownerReferences": [source.controller_reference()],
            });
            let object = content.with("metadata", metadata);
            let _ = cluster.create(machines, &ACTOR, kinds::ENDPOINT_SLICE, &service.namespace, object);
        }
    }
}
