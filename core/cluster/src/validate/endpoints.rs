//! Endpoints and endpoint slices (`ValidateEndpoints`, `pkg/apis/discovery/validation`, v1.33).

use super::common::{BAD_IP, PROTOCOLS, plain_ip, port};
use crate::field::{Errors, Path};
use drydock_machinery::{Value, names};
use drydock_network::address::Ip;

pub fn endpoints(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let list = Path::new("subsets");
    for (at, subset) in new["subsets"].items().iter().enumerate() {
        let path = list.index(at);
        let (ready, waiting) = (subset["addresses"].items(), subset["notReadyAddresses"].items());
        if ready.is_empty() && waiting.is_empty() {
            errors.required(&path, "must specify `addresses` or `notReadyAddresses`");
        }
        for (field, addresses) in [("addresses", ready), ("notReadyAddresses", waiting)] {
            let list = path.child(field);
            for (at, address) in addresses.iter().enumerate() {
                self::address(address, &list.index(at), errors);
            }
        }
        let ports = subset["ports"].items();
        let list = path.child("ports");
        for (at, port) in ports.iter().enumerate() {
            endpoint_port(port, ports.len() > 1, &list.index(at), errors);
        }
    }
}

fn is_ip(text: &str) -> bool {
    names::is_ip(text).is_empty()
}

fn address(address: &Value, path: &Path<'_>, errors: &mut Errors) {
    let ip = address["ip"].text();
    if !is_ip(ip) {
        errors.invalid(&path.child("ip"), ip, BAD_IP);
    }
    for (field, label) in [("hostname", true), ("nodeName", false)] {
        let text = address[field].text();
        let wrong = if label { names::is_dns1123_label(text) } else { names::is_dns1123_subdomain(text) };
        if !text.is_empty() {
            errors.each(&path.child(field), text, wrong);
        }
    }
    plain_ip(ip, &path.child("ip"), errors);
}

fn endpoint_port(given: &Value, named: bool, path: &Path<'_>, errors: &mut Errors) {
    let name = given["name"].text();
    if named && name.is_empty() {
        errors.required(&path.child("name"), "");
    } else if !name.is_empty() {
        errors.each(&path.child("name"), name, names::is_dns1123_label(name));
    }
    port(given["port"].int(), &path.child("port"), errors);
    match given["protocol"].text() {
        "" => errors.required(&path.child("protocol"), ""),
        protocol if !PROTOCOLS.contains(&protocol) => {
            errors.unsupported(&path.child("protocol"), protocol, PROTOCOLS);
        }
        _ => {}
    }
}

const TYPES: &[&str] = &["FQDN", "IPv4", "IPv6"];
/// Endpoints of one slice, and addresses of one endpoint.
const MAX_ENDPOINTS: usize = 1000;
const MAX_ADDRESSES: usize = 100;

pub fn slice(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let kind = new["addressType"].text();
    let endpoints = new["endpoints"].items();
    let list = Path::new("endpoints");
    if kind.is_empty() {
        errors.required(&Path::new("addressType"), "");
    } else if !TYPES.contains(&kind) {
        errors.unsupported(&Path::new("addressType"), kind, TYPES);
    }
    if endpoints.len() > MAX_ENDPOINTS {
        errors.too_many(&list, endpoints.len(), MAX_ENDPOINTS);
        return;
    }
    for (at, endpoint) in endpoints.iter().enumerate() {
        let path = list.index(at);
        let addresses = path.child("addresses");
        let given = endpoint["addresses"].items();
        if given.is_empty() {
            errors.required(&addresses, "must contain at least 1 address");
        } else if given.len() > MAX_ADDRESSES {
            errors.too_many(&addresses, given.len(), MAX_ADDRESSES);
        }
        for (at, address) in given.iter().enumerate() {
            let (path, text) = (addresses.index(at), address.text());
            let is_v4 = Ip::parse(text).is_some();
            match kind {
                "IPv4" if !is_v4 => errors.invalid(&path, text, "must be a valid IPv4 address"),
                "IPv4" => plain_ip(text, &path, errors),
                "IPv6" if !is_ip(text) || is_v4 => {
                    errors.invalid(&path, text, "must be a valid IPv6 address")
                }
                "FQDN" => errors.each(&path, text, names::is_dns1123_subdomain(text)),
                _ => {}
            }
        }
        let node = endpoint["nodeName"].text();
        if !node.is_empty() {
            errors.each(&path.child("nodeName"), node, names::is_dns1123_subdomain(node));
        }
        let host = endpoint["hostname"].text();
        if !host.is_empty() {
            errors.each(&path.child("hostname"), host, names::is_dns1123_label(host));
        }
    }
    slice_ports(&new["ports"], errors);
    if let Some(old) = old
        && new["addressType"] != old["addressType"]
    {
        errors.invalid(&Path::new("addressType"), kind, "field is immutable");
    }
}

fn slice_ports(ports: &Value, errors: &mut Errors) {
    let list = Path::new("ports");
    let mut seen: Vec<&str> = Vec::new();
    for (at, port) in ports.items().iter().enumerate() {
        let path = list.index(at);
        let name = port["name"].text();
        if !name.is_empty() {
            errors.each(&path.child("name"), name, names::is_dns1123_label(name));
        }
        if seen.contains(&name) {
            errors.duplicate(&path.child("name"), name);
        }
        seen.push(name);
        match port["protocol"].text() {
            "" => errors.required(&path.child("protocol"), ""),
            protocol if !PROTOCOLS.contains(&protocol) => {
                errors.unsupported(&path.child("protocol"), protocol, PROTOCOLS);
            }
            _ => {}
        }
    }
}
