//! Services: defaults and the row. Addresses and node ports are admission's (`addresses.rs`).

use super::fill::Fill;
use super::{Kind, Subresource, status_of};
use crate::cells::{joined, pairs, text_or_none};
use crate::object::Object;
use crate::table::{View, column, wide, word};
use crate::validate;
use drydock_machinery::{Value, names, value};
use std::collections::BTreeSet;

pub const KIND: Kind = Kind {
    kind: "Service",
    plural: "services",
    singular: "service",
    short: &["svc"],
    categories: &["all"],
    status: true,
    name: names::is_dns1035_label,
    subresources: &[
        Subresource {
            name: "proxy",
            group: "",
            version: "",
            kind: "ServiceProxyOptions",
            verbs: &["create", "delete", "get", "patch", "update"],
        },
        status_of("Service"),
    ],
    default: defaults,
    begin: |_| value!({"loadBalancer": {}}),
    validate: validate::service::validate,
    columns: &[
        column("Type"),
        column("Cluster-IP"),
        column("External-IP"),
        column("Port(s)"),
        column("Age"),
        wide("Selector"),
    ],
    row,
    selectable: |service, field| match field {
        "spec.clusterIP" => Some(service.spec()["clusterIP"].text().into()),
        "spec.type" => Some(service.spec()["type"].text().into()),
        _ => None,
    },
    selectable_fields: &["spec.clusterIP", "spec.type"],
    ..Kind::BASE
};

fn defaults(service: &Value) -> Value {
    let mut fill = Fill::new(service);
    fill.each("spec", |spec| {
        let mut fill = Fill::new(spec);
        fill.word("sessionAffinity", "None");
        match fill.get("sessionAffinity").text() {
            "None" if !fill.get("sessionAffinityConfig").is_null() => {
                fill.set("sessionAffinityConfig", Value::Null)
            }
            "ClientIP" if fill.get("sessionAffinityConfig")["clientIP"]["timeoutSeconds"].is_null() => {
                fill.set("sessionAffinityConfig", value!({"clientIP": {"timeoutSeconds": 10800}}));
            }
            _ => {}
        }
        fill.word("type", "ClusterIP");
        let kind = fill.get("type").text().to_string();
        fill.items("ports", |port| {
            let mut fill = Fill::new(port);
            fill.word("protocol", "TCP");
            if fill.get("targetPort").is_empty() {
                let number = fill.get("port").clone();
                fill.set("targetPort", number);
            }
            fill.done()
        });
        if matches!(kind.as_str(), "NodePort" | "LoadBalancer") || !fill.get("externalIPs").is_empty() {
            fill.word("externalTrafficPolicy", "Cluster");
        }
        if kind != "ExternalName" {
            fill.word("internalTrafficPolicy", "Cluster");
        }
        if kind == "LoadBalancer" {
            fill.or("allocateLoadBalancerNodePorts", true);
        }
        let done = fill.done();
        if done["sessionAffinityConfig"].is_null() { done.without("sessionAffinityConfig") } else { done }
    });
    fill.done()
}

fn external(service: &Object) -> Value {
    let (spec, status) = (service.spec(), service.status());
    let own = joined(&spec["externalIPs"], ",");
    match spec["type"].text() {
        "ExternalName" => spec["externalName"].clone(),
        "LoadBalancer" => {
            let ingress = status["loadBalancer"]["ingress"].items().iter();
            let addresses: BTreeSet<&str> = ingress
                .map(|i| if i["ip"].is_empty() { i["hostname"].text() } else { i["ip"].text() })
                .filter(|address| !address.is_empty())
                .collect();
            let mut all: Vec<&str> = addresses.into_iter().collect();
            all.extend(spec["externalIPs"].items().iter().map(Value::text));
            if all.is_empty() { word("<pending>") } else { all.join(",").into() }
        }
        _ => text_or_none(own),
    }
}

fn row(service: &Object, view: &View<'_>) -> Vec<Value> {
    let spec = service.spec();
    let ports = spec["ports"].items().iter().map(|port| {
        let node = match port["nodePort"].int() {
            0 => String::new(),
            node => format!(":{node}"),
        };
        format!("{}{node}/{}", port["port"].int(), port["protocol"].text())
    });
    let ports: Vec<String> = ports.collect();
    let ip = if spec["clusterIPs"].is_empty() { &spec["clusterIP"] } else { &spec["clusterIPs"][0] };
    vec![
        spec["type"].clone(),
        crate::cells::or_none(ip),
        external(service),
        text_or_none(ports.join(",")),
        view.age(service.created),
        pairs(&spec["selector"]),
    ]
}
