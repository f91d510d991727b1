//! Names of services as CoreDNS' kubernetes plugin gives them, and pods' resolver configuration. Left
//! out: SRV and PTR records, `<ip>.<namespace>.pod` names.

use crate::kube_proxy::is_ready;
use crate::object::Object;
use drydock_machinery::Value;
use drydock_network::address::Ip;
use drydock_network::dns::{Record, Resolver};
use imbl::Vector;
use std::sync::Arc;

/// The cluster's domain.
pub const DOMAIN: &str = "cluster.local";
/// Address of the service kube-dns.
pub const SERVER: Ip = Ip::new(10, 96, 0, 10);

/// The records of one service.
#[must_use]
pub fn records(service: &Object, slices: &[Arc<Object>]) -> Vec<(String, Record)> {
    let name = format!("{}.{}.svc.{DOMAIN}", service.name, service.namespace);
    let spec = service.spec();
    if spec["type"] == "ExternalName" {
        return vec![(name, Record::Cname(spec["externalName"].shared()))];
    }
    if let Some(ip) = Ip::parse(spec["clusterIP"].text()) {
        return vec![(name, Record::A(Vector::unit(ip)))];
    }
    let mut all = Vector::new();
    let mut records = Vec::new();
    let always = spec["publishNotReadyAddresses"].bool();
    for endpoint in slices.iter().flat_map(|s| s.field("endpoints").items()) {
        if !(always || is_ready(&endpoint["conditions"])) {
            continue;
        }
        let Some(ip) = Ip::parse(endpoint["addresses"][0].text()) else { continue };
        all.push_back(ip);
        let hostname = endpoint["hostname"].text();
        let host = if hostname.is_empty() { ip.to_string().replace('.', "-") } else { hostname.into() };
        records.push((format!("{host}.{name}"), Record::A(Vector::unit(ip))));
    }
    if !all.is_empty() {
        records.push((name, Record::A(all)));
    }
    records
}

/// `/etc/resolv.conf` of a pod by its `dnsPolicy` and `dnsConfig`.
#[must_use]
pub fn resolver(namespace: &str, spec: &Value) -> Resolver {
    let policy = spec["dnsPolicy"].text();
    let of_host = policy == "Default" || (policy == "ClusterFirst" && spec["hostNetwork"].bool());
    let mut resolver = if of_host || policy == "None" {
        Resolver { nameserver: Ip::new(172, 18, 0, 1), ndots: 1, ..Resolver::default() }
    } else {
        let search = [format!("{namespace}.svc.{DOMAIN}"), format!("svc.{DOMAIN}"), DOMAIN.to_string()];
        Resolver {
            nameserver: SERVER,
            search: search.iter().map(|s| s.as_str().into()).collect(),
            ndots: 5,
            ..Resolver::default()
        }
    };
    let config = &spec["dnsConfig"];
    if let Some(ip) = Ip::parse(config["nameservers"][0].text())
        && policy == "None"
    {
        resolver.nameserver = ip;
    }
    resolver.search.extend(config["searches"].items().iter().map(Value::shared));
    for option in config["options"].items().iter().filter(|o| o["name"] == "ndots") {
        if let Ok(n) = option["value"].text().parse() {
            resolver.ndots = n;
        }
    }
    resolver
}
