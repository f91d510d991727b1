//! Cluster IPs and node ports of services (`pkg/registry/core/service/storage/alloc.go`, v1.33). The
//! ranges are kubeadm's; what is taken is an index of the store, not a record of its own.

use crate::cluster::Cluster;
use crate::field::{Errors, Path};
use crate::kinds::{self, Kind};
use crate::object::Object;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Value, value};
use drydock_network::address::{Cidr, Ip};

/// `--service-cluster-ip-range`.
pub const SERVICES: Cidr = Cidr::new(Ip::new(10, 96, 0, 0), 12);
/// `--service-node-port-range`.
pub const NODE_PORTS: std::ops::RangeInclusive<u16> = 30000..=32767;

fn needs_ip(spec: &Value) -> bool {
    spec["type"] != "ExternalName"
}
fn needs_ports(spec: &Value) -> bool {
    match spec["type"].text() {
        "NodePort" => true,
        "LoadBalancer" => spec["allocateLoadBalancerNodePorts"].as_bool().unwrap_or(true),
        _ => false,
    }
}

/// A balancer asks this port of a node whether the node has pods of the service.
fn needs_health_port(spec: &Value) -> bool {
    spec["type"] == "LoadBalancer" && spec["externalTrafficPolicy"] == "Local"
}

/// What an update leaves out but the old object has: a client need not send allocated values back.
#[must_use]
pub fn keep(new: &Value, old: &Value) -> Value {
    let mut spec = new.clone();
    if needs_ip(&spec) && needs_ip(old) {
        if spec.find("clusterIP").is_none() && spec.find("clusterIPs").is_none() {
            for field in ["clusterIP", "clusterIPs"] {
                if !old[field].is_null() {
                    spec = spec.with(field, &old[field]);
                }
            }
        }
        for field in ["ipFamilies", "ipFamilyPolicy"] {
            if spec.find(field).is_none() && !old[field].is_null() {
                spec = spec.with(field, &old[field]);
            }
        }
    }
    if !needs_ip(&spec) {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
            // Only what the old type left behind; what a client asks for is validated.
            if spec[field] == old[field] {
                spec = spec.without(field);
            }
        }
    }
    let had_ports = needs_ports(old);
    let ports = spec["ports"].items().iter().map(|port| {
        let same = |p: &&Value| p["port"] == port["port"] && p["protocol"] == port["protocol"];
        let before =
            old["ports"].items().iter().find(same).map(|p| p["nodePort"].clone()).unwrap_or_default();
        if needs_ports(&spec) && port["nodePort"].is_empty() && !before.is_empty() {
            return port.with("nodePort", before);
        }
        if !needs_ports(&spec) && had_ports && port["nodePort"] == before {
            return port.without("nodePort");
        }
        port.clone()
    });
    let ports: Value = ports.collect();
    if !ports.is_empty() {
        spec = spec.with("ports", ports);
    }
    const HEALTH: &str = "healthCheckNodePort";
    match (needs_health_port(old), needs_health_port(&spec)) {
        (true, true) if spec[HEALTH].int() == 0 && old[HEALTH].int() != 0 => {
            spec = spec.with(HEALTH, &old[HEALTH]);
        }
        (true, false) if spec[HEALTH] == old[HEALTH] => spec = spec.without(HEALTH),
        _ => {}
    }
    let external = matches!(spec["type"].text(), "NodePort" | "LoadBalancer");
    if !external && spec["externalTrafficPolicy"] == old["externalTrafficPolicy"] {
        spec = spec.without("externalTrafficPolicy");
    }
    if spec["type"] != "LoadBalancer" {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if spec[field] == old[field] {
                spec = spec.without(field);
            }
        }
    }
    spec
}

/// Fills in IP families, cluster IP and node ports, or says why one cannot be had.
pub(crate) fn allocate(
    cluster: &Cluster,
    machines: &mut Machines,
    name: &str,
    spec: &Value,
    old: Option<&Object>,
) -> Result<Value, Status> {
    let refuse = |errors: Errors| Status::invalid(&Kind { group: "", ..kinds::SERVICE_KIND }, name, errors);
    let mut spec = spec.clone();
    let root = Path::new("spec");
    if cluster.replay {
        if needs_ip(&spec) && spec["clusterIP"].is_empty() {
            let ip = crate::replay::SERVICE_IP.to_string();
            spec = spec.with("clusterIP", &ip).with("clusterIPs", value!([&ip]));
        }
        return Ok(spec.without("internalTrafficPolicy").without("externalTrafficPolicy"));
    }
    if needs_ip(&spec) {
        if spec["ipFamilyPolicy"].is_null() {
            spec = spec.with("ipFamilyPolicy", "SingleStack");
        }
        if spec["ipFamilies"].is_empty() {
            spec = spec.with("ipFamilies", value!(["IPv4"]));
        }
        let asked = if spec["clusterIP"].is_empty() {
            spec["clusterIPs"][0].shared()
        } else {
            spec["clusterIP"].shared()
        };
        let owned = old.is_some_and(|o| o.spec()["clusterIP"] == *asked && !asked.is_empty());
        let ip: std::sync::Arc<str> = match &*asked {
            "None" => asked.clone(),
            "" => free_ip(cluster, machines)
                .ok_or_else(|| Status::internal("failed to allocate a serviceIP: range is full"))?,
            _ if owned => asked.clone(),
            text => {
                let why = match Ip::parse(text) {
                    Some(ip) if !SERVICES.contains(ip) => {
                        format!(
                            "the provided IP ({text}) is not in the valid range. The range of valid IPs is {SERVICES}"
                        )
                    }
                    Some(ip) if cluster.store.has_address(ip) => {
                        "provided IP is already allocated".to_string()
                    }
                    Some(_) => String::new(),
                    None => "not a valid IP address".to_string(),
                };
                if !why.is_empty() {
                    let mut errors = Errors::default();
                    let detail = format!("failed to allocate IP {text}: {why}");
                    errors.invalid(&root.child("clusterIPs"), value!([text]), &detail);
                    return Err(refuse(errors));
                }
                asked.clone()
            }
        };
        spec = spec.with("clusterIP", &ip).with("clusterIPs", value!([&ip]));
    }
    if needs_ports(&spec) {
        let list = root.child("ports");
        let mut taken: Vec<u16> = Vec::new();
        let mut ports = Vec::new();
        for (at, port) in spec["ports"].items().iter().enumerate() {
            let asked = u16::try_from(port["nodePort"].int()).unwrap_or(0);
            let path = list.index(at);
            let mut errors = Errors::default();
            let holder = cluster.store.node_port(asked);
            let mine = holder.is_some_and(|id| old.is_some_and(|o| o.id == id));
            let number = match asked {
                0 if port["nodePort"].int() == 0 => free_port(cluster, machines, &taken).unwrap_or(0),
                port if NODE_PORTS.contains(&port) && (holder.is_none() || mine) => port,
                port if NODE_PORTS.contains(&port) => {
                    errors.invalid(
                        &path.child("nodePort"),
                        i64::from(port),
                        "provided port is already allocated",
                    );
                    return Err(refuse(errors));
                }
                _ => {
                    let detail =
                        "provided port is not in the valid range. The range of valid ports is 30000-32767";
                    errors.invalid(&path.child("nodePort"), &port["nodePort"], detail);
                    return Err(refuse(errors));
                }
            };
            taken.push(number);
            ports.push(port.with("nodePort", number));
        }
        spec = spec.with("ports", ports);
        if needs_health_port(&spec) {
            let port = health_port(cluster, machines, name, &spec, old, &taken)?;
            spec = spec.with("healthCheckNodePort", port);
        }
    }
    Ok(spec)
}

/// The port for a balancer's checks: the one asked for if it is free, and the same as long as it is needed.
fn health_port(
    cluster: &Cluster,
    machines: &mut Machines,
    name: &str,
    spec: &Value,
    old: Option<&Object>,
    taken: &[u16],
) -> Result<i64, Status> {
    let asked = spec["healthCheckNodePort"].int();
    let before = old.filter(|o| needs_health_port(o.spec())).map(|o| o.spec()["healthCheckNodePort"].int());
    if let Some(before) = before.filter(|port| *port != 0) {
        if before == asked {
            return Ok(before);
        }
        let mut errors = Errors::default();
        let detail = "cannot change healthCheckNodePort on loadBalancer service with externalTraffic=Local during update";
        errors.invalid(&Path::new("spec").child("healthCheckNodePort"), asked, detail);
        return Err(Status::invalid(&Kind { group: "", ..kinds::SERVICE_KIND }, name, errors));
    }
    let refused = |why: &str| {
        Status::internal(&format!("failed to allocate requested HealthCheck NodePort {asked}: {why}"))
    };
    match u16::try_from(asked) {
        Ok(0) => free_port(cluster, machines, taken)
            .map(i64::from)
            .ok_or_else(|| Status::internal("failed to allocate a HealthCheck NodePort : range is full")),
        Ok(port) if !NODE_PORTS.contains(&port) => {
            Err(refused("provided port is not in the valid range. The range of valid ports is 30000-32767"))
        }
        Ok(port) if cluster.store.node_port(port).is_some() || taken.contains(&port) => {
            Err(refused("provided port is already allocated"))
        }
        Ok(_) => Ok(asked),
        Err(_) => {
            Err(refused("provided port is not in the valid range. The range of valid ports is 30000-32767"))
        }
    }
}

/// A free address, drawn by chance from above the band for addresses chosen by hand.
fn free_ip(cluster: &Cluster, machines: &mut Machines) -> Option<std::sync::Arc<str>> {
    let (low, size) = (256u32, 1u32 << (32 - u32::from(SERVICES.bits)));
    let first = machines.clock.random.below(u64::from(size - low - 1)) as u32;
    let candidates = (first..size - low - 1).chain(0..first).map(|n| SERVICES.nth(low + n));
    candidates.into_iter().find(|ip| !cluster.store.has_address(*ip)).map(|ip| ip.to_string().into())
}

fn free_port(cluster: &Cluster, machines: &mut Machines, taken: &[u16]) -> Option<u16> {
    let (low, high) = (*NODE_PORTS.start(), *NODE_PORTS.end());
    let size = u64::from(high - low) + 1;
    let first = machines.clock.random.below(size);
    (0..size)
        .filter_map(|n| u16::try_from((first + n) % size).ok().map(|n| low + n))
        .find(|port| cluster.store.node_port(*port).is_none() && !taken.contains(port))
}
