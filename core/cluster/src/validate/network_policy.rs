//! Network policies (`pkg/apis/networking/validation`, v1.33).

use super::common::{label_selector, port};
use crate::field::{Errors, Path};
use drydock_machinery::{Value, names};

const SPEC: Path<'static> = Path::new("spec");

pub fn validate(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    label_selector(&spec["podSelector"], &SPEC.child("podSelector"), errors);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        let list = SPEC.child(direction);
        for (at, rule) in spec[direction].items().iter().enumerate() {
            let path = list.index(at);
            let ports = path.child("ports");
            for (at, port) in rule["ports"].items().iter().enumerate() {
                rule_port(port, &ports.index(at), errors);
            }
            let list = path.child(peers);
            for (at, given) in rule[peers].items().iter().enumerate() {
                peer(given, &list.index(at), errors);
            }
        }
    }
    let (types, path) = (spec["policyTypes"].items(), SPEC.child("policyTypes"));
    const TYPES: &[&str] = &["Ingress", "Egress"];
    if types.len() > TYPES.len() {
        errors.invalid(&path, &spec["policyTypes"], "may not specify more than two policyTypes");
        return;
    }
    for (at, kind) in types.iter().enumerate().filter(|(_, kind)| !TYPES.contains(&kind.text())) {
        errors.unsupported(&path.index(at), kind, TYPES);
    }
}

fn rule_port(given: &Value, path: &Path<'_>, errors: &mut Errors) {
    const PROTOCOLS: &[&str] = &["TCP", "UDP", "SCTP"];
    let protocol = given["protocol"].text();
    if !given["protocol"].is_null() && !PROTOCOLS.contains(&protocol) {
        errors.unsupported(&path.child("protocol"), protocol, PROTOCOLS);
    }
    let (end, place) = (given["endPort"].as_int(), path.child("endPort"));
    match (&given["port"], end) {
        (Value::Null, Some(end)) => {
            errors.invalid(&place, end, "may not be specified when `port` is not specified");
        }
        (Value::Null, None) => {}
        (Value::Int(number), end) => {
            port(*number, &path.child("port"), errors);
            if let Some(end) = end {
                if end < *number {
                    errors.invalid(&place, *number, "must be greater than or equal to `port`");
                }
                port(end, &place, errors);
            }
        }
        (name, end) => {
            if let Some(end) = end {
                errors.invalid(&place, end, "may not be specified when `port` is non-numeric");
            }
            errors.each(&path.child("port"), name.text(), names::is_port_name(name.text()));
        }
    }
}

fn peer(peer: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mut count = 0;
    for field in ["podSelector", "namespaceSelector"] {
        if !peer[field].is_null() {
            count += 1;
            label_selector(&peer[field], &path.child(field), errors);
        }
    }
    let block = &peer["ipBlock"];
    if !block.is_null() {
        count += 1;
        ip_block(block, &path.child("ipBlock"), errors);
    }
    if count == 0 {
        errors.required(path, "must specify a peer");
    } else if count > 1 && !block.is_null() {
        errors.forbidden(path, "may not specify both ipBlock and another peer");
    }
}

fn ip_block(block: &Value, path: &Path<'_>, errors: &mut Errors) {
    let cidr = block["cidr"].text();
    if cidr.is_empty() {
        errors.required(&path.child("cidr"), "");
        return;
    }
    errors.each(&path.child("cidr"), cidr, names::is_cidr(cidr));
    let Some(outer) = Net::parse(cidr) else { return };
    let list = path.child("except");
    for (at, except) in block["except"].items().iter().enumerate() {
        let path = list.index(at);
        errors.each(&path, except.text(), names::is_cidr(except.text()));
        if let Some(inner) = Net::parse(except.text())
            && !outer.holds(&inner)
        {
            errors.invalid(&path, except, "must be a strict subset of `cidr`");
        }
    }
}

/// A network of either family.
struct Net {
    address: u128,
    /// Bits of the family and of the prefix.
    width: u32,
    prefix: u32,
}

impl Net {
    fn parse(text: &str) -> Option<Net> {
        let (address, prefix) = text.split_once('/')?;
        let prefix: u32 = prefix.parse().ok()?;
        let (address, width) = match address.parse::<std::net::IpAddr>().ok()? {
            std::net::IpAddr::V4(ip) => (u128::from(u32::from(ip)), 32),
            std::net::IpAddr::V6(ip) => (u128::from(ip), 128),
        };
        (prefix <= width).then_some(Net { address, width, prefix })
    }
    /// True if the other one is a part of this one and smaller.
    fn holds(&self, other: &Net) -> bool {
        let rest = self.width - self.prefix;
        let shift = |address: u128| address.checked_shr(rest).unwrap_or(0);
        self.width == other.width && self.prefix < other.prefix && shift(self.address) == shift(other.address)
    }
}
