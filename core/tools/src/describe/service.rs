//! Services, Endpoints and EndpointSlices.

use super::page::{join, line, pairs, plain};
use super::{Ask, events};
use crate::kubectl::Failure;
use drydock_machinery::Value;

/// Addresses shown before the rest is only counted.
const SHOWN: usize = 3;

pub fn describe(ask: &mut Ask<'_, '_, '_>, service: &Value) -> Result<String, Failure> {
    let slices = slices(ask, ask_name(service)).unwrap_or_default();
    let happened = ask.events_of(service);
    let (spec, mut page) = (&service["spec"], ask.page());
    page.head(service);
    line!(page, 0, "Selector:\t{}", pairs(&spec["selector"]));
    line!(page, 0, "Type:\t{}", spec["type"].text());
    if !spec["ipFamilyPolicy"].is_null() {
        line!(page, 0, "IP Family Policy:\t{}", spec["ipFamilyPolicy"].text());
    }
    let or_none = |list: &Value| if list.items().is_empty() { "<none>".into() } else { join(list, ",") };
    line!(page, 0, "IP Families:\t{}", or_none(&spec["ipFamilies"]));
    line!(page, 0, "IP:\t{}", spec["clusterIP"].text());
    line!(page, 0, "IPs:\t{}", or_none(&spec["clusterIPs"]));
    if !spec["externalIPs"].items().is_empty() {
        line!(page, 0, "External IPs:\t{}", join(&spec["externalIPs"], ","));
    }
    for (title, field) in [("Desired LoadBalancer IP", "loadBalancerIP"), ("External Name", "externalName")] {
        if !spec[field].is_empty() {
            line!(page, 0, "{title}:\t{}", spec[field].text());
        }
    }
    let ingress: Vec<String> =
        service["status"]["loadBalancer"]["ingress"].items().iter().map(balancer).collect();
    if !ingress.is_empty() {
        line!(page, 0, "LoadBalancer Ingress:\t{}", ingress.join(", "));
    }
    for port in spec["ports"].items() {
        let name = if port["name"].is_empty() { "<unset>" } else { port["name"].text() };
        let protocol = port["protocol"].text();
        line!(page, 0, "Port:\t{name}\t{}/{protocol}", port["port"].int());
        let target = if port["targetPort"].is_null() { "0".into() } else { plain(&port["targetPort"]) };
        line!(page, 0, "TargetPort:\t{target}/{protocol}");
        if port["nodePort"].int() != 0 {
            line!(page, 0, "NodePort:\t{name}\t{}/{protocol}", port["nodePort"].int());
        }
        line!(page, 0, "Endpoints:\t{}", endpoints(&slices, port["name"].text()));
    }
    line!(page, 0, "Session Affinity:\t{}", spec["sessionAffinity"].text());
    for (title, field) in [
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
    ] {
        if !spec[field].is_empty() {
            line!(page, 0, "{title}:\t{}", spec[field].text());
        }
    }
    if spec["healthCheckNodePort"].int() != 0 {
        line!(page, 0, "HealthCheck NodePort:\t{}", spec["healthCheckNodePort"].int());
    }
    if !spec["loadBalancerSourceRanges"].items().is_empty() {
        line!(page, 0, "LoadBalancer Source Ranges:\t{}", join(&spec["loadBalancerSourceRanges"], ","));
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

fn ask_name(service: &Value) -> &str {
    service["metadata"]["name"].text()
}

fn balancer(ingress: &Value) -> String {
    match (ingress["ip"].text(), ingress["ipMode"].text()) {
        ("", _) => ingress["hostname"].text().into(),
        (ip, "") => ip.into(),
        (ip, mode) => format!("{ip} ({mode})"),
    }
}

/// The EndpointSlices of a service.
///
/// # Errors
/// As the server answers.
pub fn slices(ask: &mut Ask<'_, '_, '_>, service: &str) -> Result<Vec<Value>, Failure> {
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices", ask.namespace);
    ask.list(&path, &format!("kubernetes.io/service-name={service}"), "", false)
}

/// The ready addresses behind a named port: three of them, the rest counted.
#[must_use]
pub fn endpoints(slices: &[Value], port_name: &str) -> String {
    let mut found = Vec::new();
    for slice in slices {
        let ready = |e: &&Value| e["conditions"]["ready"].as_bool().unwrap_or(true);
        let addresses = || slice["endpoints"].items().iter().filter(ready).map(|e| e["addresses"][0].text());
        if slice["ports"].items().is_empty() {
            found.extend(addresses().map(String::from));
        }
        for port in slice["ports"].items().iter().filter(|p| p["name"].text() == port_name) {
            found.extend(addresses().map(|address| match address.contains(':') {
                true => format!("[{address}]:{}", port["port"].int()),
                false => format!("{address}:{}", port["port"].int()),
            }));
        }
    }
    let shown: Vec<String> = found.iter().take(SHOWN).cloned().collect();
    match found.len() {
        0 if slices.is_empty() => "<none>".into(),
        n if n > SHOWN => format!("{} + {} more...", shown.join(","), n - SHOWN),
        _ => shown.join(","),
    }
}

pub fn endpoints_object(ask: &mut Ask<'_, '_, '_>, object: &Value) -> Result<String, Failure> {
    let happened = ask.events_of(object);
    let mut page = ask.page();
    page.head(object);
    page.line(0, "Subsets:");
    for subset in object["subsets"].items() {
        for (title, field) in [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")] {
            let ips: Vec<&str> = subset[field].items().iter().map(|a| a["ip"].text()).collect();
            line!(page, 1, "{title}:\t{}", if ips.is_empty() { "<none>".into() } else { ips.join(",") });
        }
        if !subset["ports"].items().is_empty() {
            page.line(1, "Ports:");
            page.line(2, "Name\tPort\tProtocol");
            page.line(2, "----\t----\t--------");
            for port in subset["ports"].items() {
                let name = if port["name"].is_empty() { "<unset>" } else { port["name"].text() };
                line!(page, 2, "{name}\t{}\t{}", port["port"].int(), port["protocol"].text());
            }
        }
        page.line(0, "");
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

pub fn slice(ask: &mut Ask<'_, '_, '_>, slice: &Value) -> Result<String, Failure> {
    let happened = ask.events_of(slice);
    let mut page = ask.page();
    let unset = |value: &Value| if value.is_empty() { "<unset>".to_string() } else { plain(value) };
    page.head(slice);
    line!(page, 0, "AddressType:\t{}", slice["addressType"].text());
    if slice["ports"].items().is_empty() {
        page.line(0, "Ports: <unset>");
    } else {
        page.line(0, "Ports:");
        page.line(1, "Name\tPort\tProtocol");
        page.line(1, "----\t----\t--------");
        for port in slice["ports"].items() {
            line!(page, 1, "{}\t{}\t{}", unset(&port["name"]), unset(&port["port"]), port["protocol"].text());
        }
    }
    let endpoints = slice["endpoints"].items();
    page.line(0, if endpoints.is_empty() { "Endpoints: <none>" } else { "Endpoints:" });
    for endpoint in endpoints {
        line!(page, 1, "- Addresses:\t{}", join(&endpoint["addresses"], ", "));
        page.line(2, "Conditions:");
        line!(page, 3, "Ready:\t{}", unset_bool(&endpoint["conditions"]["ready"]));
        line!(page, 2, "Hostname:\t{}", unset(&endpoint["hostname"]));
        let target = &endpoint["targetRef"];
        if target.is_map() {
            line!(page, 2, "TargetRef:\t{}/{}", target["kind"].text(), target["name"].text());
        }
        line!(page, 2, "NodeName:\t{}", unset(&endpoint["nodeName"]));
        line!(page, 2, "Zone:\t{}", unset(&endpoint["zone"]));
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

fn unset_bool(value: &Value) -> String {
    value.as_bool().map_or("<unset>".into(), |b| b.to_string())
}
