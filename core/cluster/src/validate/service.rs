//! Services (`ValidateService`, v1.33).

use super::common::{BAD_IP, PROTOCOLS, number_between, plain_ip, port, port_or_name};
use crate::field::{Errors, Path};
use crate::metadata;
use drydock_machinery::{Value, names, value};

const SPEC: Path<'static> = Path::new("spec");
const TYPES: &[&str] = &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
/// Seconds of the longest session affinity.
const DAY: i64 = 86400;

pub fn validate(service: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &service["spec"];
    let kind = spec["type"].text();
    let headless = spec["clusterIP"] == "None" || spec["clusterIPs"][0] == "None";
    if let Some(old) = old {
        unchanged_address(spec, &old["spec"], errors);
    }
    if spec["ports"].is_empty() && !headless && kind != "ExternalName" {
        errors.required(&SPEC.child("ports"), "");
    }
    match kind {
        "LoadBalancer" | "NodePort" if headless => {
            let ips = SPEC.child("clusterIPs");
            let detail = format!("may not be set to 'None' for {kind} services");
            errors.invalid(&ips.index(0), "None", &detail);
        }
        "ExternalName" => {
            if !spec["clusterIPs"].is_empty() || !spec["clusterIP"].is_empty() {
                errors.forbidden(&SPEC.child("clusterIPs"), "may not be set for ExternalName services");
            }
            let name = spec["externalName"].text();
            let path = SPEC.child("externalName");
            if name.is_empty() {
                errors.required(&path, "");
            } else {
                let bare = name.strip_suffix('.').unwrap_or(name);
                errors.each(&path, name, names::is_dns1123_subdomain(bare));
            }
        }
        _ => {}
    }
    let multiple = spec["ports"].items().len() > 1;
    let mut seen: Vec<&str> = Vec::new();
    for (at, given) in spec["ports"].items().iter().enumerate() {
        let list = SPEC.child("ports");
        self::service_port(given, multiple, &mut seen, &list.index(at), errors);
    }
    metadata::labels(&spec["selector"], &SPEC.child("selector"), errors);
    affinity(spec, errors);
    if !spec["clusterIPs"].is_empty() || !spec["clusterIP"].is_empty() {
        families(spec, errors);
    }
    families_alone(spec, old.is_none(), errors);
    for (at, ip) in spec["externalIPs"].items().iter().enumerate() {
        let list = SPEC.child("externalIPs");
        let path = list.index(at);
        if names::is_ip(ip.text()).is_empty() {
            plain_ip(ip.text(), &path, errors);
        } else {
            errors.invalid(&path, ip, BAD_IP);
        }
    }
    if !TYPES.contains(&kind) {
        errors.unsupported(&SPEC.child("type"), kind, TYPES);
    }
    conflicts(spec, errors);
    balancer(spec, kind, errors);
    traffic(spec, kind, errors);
}

fn service_port<'a>(
    given: &'a Value,
    named: bool,
    seen: &mut Vec<&'a str>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let name = given["name"].text();
    if named && name.is_empty() {
        errors.required(&path.child("name"), "");
    } else if !name.is_empty() {
        errors.each(&path.child("name"), name, names::is_dns1123_label(name));
        if seen.contains(&name) {
            errors.duplicate(&path.child("name"), name);
        }
        seen.push(name);
    }
    port(given["port"].int(), &path.child("port"), errors);
    match given["protocol"].text() {
        "" => errors.required(&path.child("protocol"), ""),
        protocol if !PROTOCOLS.contains(&protocol) => {
            errors.unsupported(&path.child("protocol"), protocol, PROTOCOLS);
        }
        _ => {}
    }
    port_or_name(&given["targetPort"], &path.child("targetPort"), errors);
    let application = given["appProtocol"].text();
    if !application.is_empty() {
        errors.each(&path.child("appProtocol"), application, names::is_qualified_name(application));
    }
}

fn affinity(spec: &Value, errors: &mut Errors) {
    let kind = spec["sessionAffinity"].text();
    let config = &spec["sessionAffinityConfig"];
    let path = SPEC.child("sessionAffinityConfig");
    match kind {
        "" => errors.required(&SPEC.child("sessionAffinity"), ""),
        "ClientIP" => {
            let seconds = config["clientIP"]["timeoutSeconds"].int();
            if seconds <= 0 || seconds > DAY {
                let client = path.child("clientIP");
                let detail = format!("must be greater than 0 and less than {DAY}");
                errors.invalid(&client.child("timeoutSeconds"), seconds, &detail);
            }
        }
        "None" => {
            if !config.is_null() {
                errors.forbidden(&path, "must not be set when session affinity is None");
            }
        }
        other => errors.unsupported(&SPEC.child("sessionAffinity"), other, &["ClientIP", "None"]),
    }
}

/// The address fits the families.
fn families(spec: &Value, errors: &mut Errors) {
    let list = SPEC.child("clusterIPs");
    let ip = if spec["clusterIPs"].is_empty() { &spec["clusterIP"] } else { &spec["clusterIPs"][0] };
    let text = ip.text();
    let path = list.index(0);
    if text == "None" || spec["type"] == "ExternalName" {
        return;
    }
    if !names::is_ip(text).is_empty() {
        errors.invalid(&path, text, BAD_IP);
    } else if text.contains(':') && spec["ipFamilies"][0] != "IPv6" {
        let detail = "may not use IPv6 on a cluster which is not configured for it";
        errors.invalid(&path, value!([text]), detail);
    }
    if spec["ipFamilies"][0] == "IPv6" && !text.contains(':') {
        errors.invalid(&path, text, "expected an IPv6 value as indicated by `ipFamilies[0]`");
    }
}

fn families_alone(spec: &Value, new: bool, errors: &mut Errors) {
    let list = SPEC.child("ipFamilies");
    for (at, family) in spec["ipFamilies"].items().iter().enumerate() {
        match family.text() {
            "IPv4" => {}
            "IPv6" if !new => {}
            "IPv6" => errors.invalid(&list.index(at), family, "not configured on this cluster"),
            other => errors.unsupported(&list.index(at), other, &["IPv4", "IPv6"]),
        }
    }
    match spec["ipFamilyPolicy"].text() {
        "" | "SingleStack" | "PreferDualStack" => {}
        "RequireDualStack" => {
            let detail = "this cluster is not configured for dual-stack services";
            errors.invalid(&SPEC.child("ipFamilyPolicy"), "RequireDualStack", detail);
        }
        other => {
            let supported = ["PreferDualStack", "RequireDualStack", "SingleStack"];
            errors.unsupported(&SPEC.child("ipFamilyPolicy"), other, &supported);
        }
    }
}

/// The same port twice, and node ports where there may be none.
fn conflicts(spec: &Value, errors: &mut Errors) {
    let kind = spec["type"].text();
    let list = SPEC.child("ports");
    if matches!(kind, "ClusterIP" | "ExternalName") {
        for (at, port) in spec["ports"].items().iter().enumerate() {
            if port["nodePort"].int() != 0 {
                let path = list.index(at);
                let detail = format!("may not be used when `type` is '{kind}'");
                errors.forbidden(&path.child("nodePort"), &detail);
            }
        }
    }
    let ports = spec["ports"].items();
    for (at, port) in ports.iter().enumerate() {
        let earlier = ports.iter().take(at);
        let path = list.index(at);
        let node = port["nodePort"].int();
        let same = |other: &&Value| other["protocol"] == port["protocol"];
        if node != 0 && earlier.clone().filter(same).any(|p| p["nodePort"].int() == node) {
            errors.duplicate(&path.child("nodePort"), node);
        }
    }
    for (at, port) in ports.iter().enumerate() {
        let same = |other: &&Value| other["protocol"] == port["protocol"] && other["port"] == port["port"];
        if ports.iter().take(at).any(|p| same(&p)) {
            errors.duplicate(&list.index(at), port);
        }
    }
}

fn balancer(spec: &Value, kind: &str, errors: &mut Errors) {
    let ranges = spec["loadBalancerSourceRanges"].items();
    let path = SPEC.child("loadBalancerSourceRanges");
    if !ranges.is_empty() && kind != "LoadBalancer" {
        errors.forbidden(&path, "may only be used when `type` is 'LoadBalancer'");
    }
    for (at, range) in ranges.iter().enumerate() {
        if !names::is_cidr(range.text().trim()).is_empty() {
            let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            errors.invalid(&path.index(at), range, detail);
        }
    }
    for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        if !spec[field].is_null() && kind != "LoadBalancer" {
            errors.forbidden(&SPEC.child(field), "may only be used when `type` is 'LoadBalancer'");
        }
    }
    let class = spec["loadBalancerClass"].text();
    if !class.is_empty() {
        errors.each(&SPEC.child("loadBalancerClass"), class, names::is_qualified_name(class));
    }
}

fn traffic(spec: &Value, kind: &str, errors: &mut Errors) {
    let policy = spec["externalTrafficPolicy"].text();
    let path = SPEC.child("externalTrafficPolicy");
    let reachable =
        matches!(kind, "NodePort" | "LoadBalancer") || kind == "ClusterIP" && !spec["externalIPs"].is_empty();
    if !policy.is_empty() {
        if !reachable {
            errors.invalid(&path, policy, "may only be set for externally-accessible services");
        } else if !matches!(policy, "Cluster" | "Local") {
            errors.unsupported(&path, policy, &["Cluster", "Local"]);
        }
    } else if reachable {
        errors.required(&path, "");
    }
    let health = spec["healthCheckNodePort"].int();
    if health != 0 {
        let path = SPEC.child("healthCheckNodePort");
        if health < 0 {
            number_between(health, 0, 65535, &path, errors);
        } else if !(kind == "LoadBalancer" && policy == "Local") {
            let detail =
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
            errors.invalid(&path, health, detail);
        }
    }
    let inner = spec["internalTrafficPolicy"].text();
    if !matches!(inner, "" | "Cluster" | "Local") {
        errors.unsupported(&SPEC.child("internalTrafficPolicy"), inner, &["Cluster", "Local"]);
    }
}

/// A cluster IP stays as long as the service has one.
fn unchanged_address(new: &Value, old: &Value, errors: &mut Errors) {
    if old["type"] == "ExternalName" || new["type"] == "ExternalName" {
        return;
    }
    let (before, after) = (old["clusterIP"].text(), new["clusterIP"].text());
    let ips = SPEC.child("clusterIPs");
    if !before.is_empty() && before != after {
        if after.is_empty() {
            errors.invalid(&ips.index(0), Value::Null, "primary clusterIP can not be unset");
        } else {
            errors.invalid(&ips.index(0), value!([after]), "may not change once set");
        }
    }
    let (before, after) = (&old["ipFamilies"][0], &new["ipFamilies"][0]);
    if !before.is_null() && before != after {
        let families = SPEC.child("ipFamilies");
        errors.invalid(&families.index(0), &new["ipFamilies"], "may not change once set");
    }
}
