//! Endpoints, endpoint slices, ingresses and network policies.

use super::fill::Fill;
use super::{Kind, status_of};
use crate::cells::{or_none, selector, some};
use crate::object::Object;
use crate::table::{column, word};
use crate::validate;
use drydock_machinery::{Value, value};

pub const ENDPOINTS: Kind = Kind {
    kind: "Endpoints",
    plural: "endpoints",
    singular: "endpoints",
    short: &["ep"],
    default: |endpoints| {
        let mut fill = Fill::new(endpoints);
        fill.items("subsets", |subset| {
            let mut fill = Fill::new(subset);
            fill.items("ports", protocol);
            fill.done()
        });
        fill.done()
    },
    validate: validate::endpoints::endpoints,
    columns: &[column("Endpoints"), column("Age")],
    row: |endpoints, view| vec![addresses(endpoints), view.age(endpoints.created)],
    ..Kind::BASE
};

fn protocol(port: &Value) -> Value {
    let mut fill = Fill::new(port);
    fill.word("protocol", "TCP");
    fill.done()
}

/// `ip:port`, the first three.
fn addresses(endpoints: &Object) -> Value {
    let subsets = endpoints.field("subsets").items();
    if subsets.is_empty() {
        return word("<none>");
    }
    let mut all = Vec::new();
    for subset in subsets {
        let ports = subset["ports"].items();
        // Ports first: all addresses of the first port, then of the second.
        let ips = || subset["addresses"].items().iter().map(|address| address["ip"].text());
        if ports.is_empty() {
            all.extend(ips().map(str::to_string));
        }
        for port in ports {
            all.extend(ips().map(|ip| format!("{ip}:{}", port["port"].int())));
        }
    }
    some(&all).into()
}

pub const ENDPOINT_SLICE: Kind = Kind {
    group: "discovery.k8s.io",
    kind: "EndpointSlice",
    plural: "endpointslices",
    singular: "endpointslice",
    generation: true,
    default: |slice| {
        let mut fill = Fill::new(slice);
        fill.items("ports", |port| {
            let mut fill = Fill::new(port);
            fill.or("name", "");
            fill.word("protocol", "TCP");
            fill.done()
        });
        fill.done()
    },
    validate: validate::endpoints::slice,
    columns: &[column("AddressType"), column("Ports"), column("Endpoints"), column("Age")],
    row: |slice, view| {
        let ports: Vec<String> = slice
            .field("ports")
            .items()
            .iter()
            .map(|port| match (port["port"].as_int(), port["name"].text()) {
                (Some(number), _) => number.to_string(),
                (None, "") => "*".into(),
                (None, name) => name.into(),
            })
            .collect();
        let endpoints = slice.field("endpoints").items().iter();
        let ips: Vec<String> =
            endpoints.flat_map(|e| e["addresses"].items()).map(|ip| ip.text().to_string()).collect();
        let shown = |texts: &[String]| if texts.is_empty() { "<unset>".to_string() } else { some(texts) };
        vec![
            slice.field("addressType").clone(),
            shown(&ports).into(),
            shown(&ips).into(),
            view.age(slice.created),
        ]
    },
    ..Kind::BASE
};

pub const INGRESS_CLASS: Kind = Kind {
    group: "networking.k8s.io",
    kind: "IngressClass",
    plural: "ingressclasses",
    singular: "ingressclass",
    namespaced: false,
    generation: true,
    default: |class| {
        let mut fill = Fill::new(class);
        fill.each("spec", |spec| {
            let mut fill = Fill::new(spec);
            fill.each("parameters", |parameters| {
                let mut fill = Fill::new(parameters);
                fill.word("scope", "Cluster");
                fill.done()
            });
            fill.done()
        });
        fill.done()
    },
    validate: validate::ingress::class,
    columns: &[column("Controller"), column("Parameters"), column("Age")],
    row: |class, view| {
        let parameters = &class.spec()["parameters"];
        let shown = match (parameters["kind"].text(), parameters["apiGroup"].text()) {
            ("", _) => word("<none>"),
            (kind, "") => format!("{kind}/{}", parameters["name"].text()).into(),
            (kind, group) => format!("{kind}.{group}/{}", parameters["name"].text()).into(),
        };
        vec![class.spec()["controller"].clone(), shown, view.age(class.created)]
    },
    ..Kind::BASE
};

pub const INGRESS: Kind = Kind {
    group: "networking.k8s.io",
    kind: "Ingress",
    plural: "ingresses",
    singular: "ingress",
    short: &["ing"],
    status: true,
    generation: true,
    subresources: &[status_of("Ingress")],
    begin: |_| value!({"loadBalancer": {}}),
    validate: validate::ingress::ingress,
    columns: &[column("Class"), column("Hosts"), column("Address"), column("Ports"), column("Age")],
    row: |ingress, view| {
        let (spec, status) = (ingress.spec(), ingress.status());
        let rules = spec["rules"].items().iter();
        let hosts: Vec<String> =
            rules.map(|r| r["host"].text().to_string()).filter(|host| !host.is_empty()).collect();
        let addresses: Vec<&str> = status["loadBalancer"]["ingress"]
            .items()
            .iter()
            .map(|i| if i["ip"].is_empty() { i["hostname"].text() } else { i["ip"].text() })
            .collect();
        let ports = if spec["tls"].is_empty() { "80" } else { "80, 443" };
        vec![
            or_none(&spec["ingressClassName"]),
            if hosts.is_empty() { word("*") } else { some(&hosts).into() },
            addresses.join(",").into(),
            word(ports),
            view.age(ingress.created),
        ]
    },
    ..Kind::BASE
};

pub const NETWORK_POLICY: Kind = Kind {
    group: "networking.k8s.io",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    singular: "networkpolicy",
    short: &["netpol"],
    generation: true,
    default: |policy| {
        let mut fill = Fill::new(policy);
        fill.each("spec", |spec| {
            let mut fill = Fill::new(spec);
            if fill.get("policyTypes").is_empty() {
                // Egress counts only where there are rules for it.
                let both = value!(["Ingress", "Egress"]);
                let types = if fill.get("egress").is_empty() { value!(["Ingress"]) } else { both };
                fill.set("policyTypes", types);
            }
            for direction in ["ingress", "egress"] {
                fill.items(direction, |rule| {
                    let mut fill = Fill::new(rule);
                    fill.items("ports", protocol);
                    fill.done()
                });
            }
            fill.done()
        });
        fill.done()
    },
    validate: validate::network_policy::validate,
    columns: &[column("Pod-Selector"), column("Age")],
    row: |policy, view| vec![selector(&policy.spec()["podSelector"]), view.age(policy.created)],
    ..Kind::BASE
};
