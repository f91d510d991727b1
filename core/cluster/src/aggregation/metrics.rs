//! metrics-server's API: `metrics.k8s.io/v1beta1`, as `pkg/api` of metrics-server v0.8 serves it. Pods and
//! nodes of which two measurements are known, selected by the pod's or node's own labels.

use super::{Ask, Server, scrape};
use crate::cluster::Cluster;
use crate::kinds::{self, Kind};
use crate::object::Object;
use crate::rest::Selection;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::sort::Arrange;
use drydock_machinery::time::go_duration_string;
use drydock_machinery::{Quantity, Timestamp, Value, value};
use drydock_network::http::{Method, Request, Response};
use scrape::Rate;
use std::sync::Arc;

const GROUP: &str = "metrics.k8s.io";

pub(crate) static SERVER: Server = Server { command: "metrics-server", kinds: KINDS, answer };

const KINDS: &[Kind] = &[
    Kind {
        group: GROUP,
        version: "v1beta1",
        kind: "NodeMetrics",
        plural: "nodes",
        singular: "",
        namespaced: false,
        verbs: kinds::READ_ONLY,
        ..Kind::BASE
    },
    Kind {
        group: GROUP,
        version: "v1beta1",
        kind: "PodMetrics",
        plural: "pods",
        singular: "",
        verbs: kinds::READ_ONLY,
        ..Kind::BASE
    },
];

fn answer(cluster: &Cluster, machines: &Machines, ask: &Ask<'_>) -> Result<Response, Status> {
    let watches = matches!(ask.request.param("watch"), Some("true" | "1"));
    if !matches!(ask.request.method, Method::Get | Method::Head) || watches {
        return Err(Status::method_not_allowed());
    }
    let selection = Selection::parse(ask.kind, ask.request)?;
    let pods = ask.kind.namespaced;
    let of = if pods { kinds::POD } else { kinds::NODE };
    let known = |object: &Object| measured(cluster, machines, ask.kind, object);
    if !ask.name.is_empty() {
        let found = cluster.find(of, ask.namespace, ask.name);
        let plain = kinds::builtin(of).ok_or_else(Status::no_such_resource)?;
        let found = found.ok_or_else(|| Status::not_found(plain, ask.name))?;
        let name = if pods { format!("{}/{}", ask.namespace, ask.name) } else { ask.name.to_string() };
        let resource = Kind { plural: if pods { "podmetrics" } else { "nodemetrics" }, ..*ask.kind };
        let item = known(found).ok_or_else(|| Status::not_found(&resource, &name))?;
        let whole = item.with("kind", ask.kind.kind).with("apiVersion", "metrics.k8s.io/v1beta1");
        return Ok(Response::json(200, if is_table(ask.request) { table(&[item]) } else { whole }));
    }
    let all: Vec<&Arc<Object>> = match ask.namespace {
        "" => cluster.store.list(of).collect(),
        namespace => cluster.store.list_in(of, namespace).collect(),
    };
    let mut chosen: Vec<&Arc<Object>> =
        all.into_iter().filter(|object| selection.matches(ask.kind, object)).collect();
    chosen.arrange_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    let items: Vec<Value> = chosen.into_iter().filter_map(|object| known(object)).collect();
    if is_table(ask.request) {
        return Ok(Response::json(200, table(&items)));
    }
    let list = value!({
        "kind": format!("{}List", ask.kind.kind), "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {},
        "items": items,
    });
    Ok(Response::json(200, list))
}

fn is_table(request: &Request) -> bool {
    let accept = request.headers.get("accept").unwrap_or("");
    accept.split(',').next().unwrap_or("").contains("as=Table")
}

/// `PodMetrics` or `NodeMetrics` of an object, without kind; none before it was measured twice.
fn measured(cluster: &Cluster, machines: &Machines, kind: &Kind, object: &Object) -> Option<Value> {
    let now = Timestamp(machines.clock.unix()).to_rfc3339();
    let mut metadata = value!({"name": &*object.name});
    if kind.namespaced {
        metadata = metadata.with("namespace", &*object.namespace);
    }
    metadata = metadata.with("creationTimestamp", now);
    if !object.labels().is_empty() {
        metadata = metadata.with("labels", object.labels());
    }
    let shown = |rate: &Rate| {
        value!({
            "metadata": &metadata,
            "timestamp": Timestamp(machines.clock.epoch + (rate.at / 1000) as i64).to_rfc3339(),
            "window": go_duration_string(rate.window_ms as i64),
        })
    };
    let metrics = &cluster.control.metrics;
    if !kind.namespaced {
        let rate = metrics.node(object.id)?;
        return Some(shown(&rate).with("usage", usage(&rate)));
    }
    if object.status()["phase"] != "Running" {
        return None;
    }
    let containers = metrics.pod(object)?;
    let latest = containers.iter().map(|c| &c.1).max_by_key(|r| r.at)?;
    let items: Value =
        containers.iter().map(|(name, rate)| value!({"name": &**name, "usage": usage(rate)})).collect();
    Some(shown(latest).with("containers", items))
}

fn usage(rate: &Rate) -> Value {
    value!({"cpu": cores(rate.nano), "memory": Quantity::from_bytes(rate.memory as i64).canonical()})
}

/// Nanocores as a quantity in its shortest form: `146585345n`, `250u`, `5m`.
fn cores(nano: u64) -> String {
    match nano {
        0 => "0".into(),
        n if n % 1_000_000_000 == 0 => (n / 1_000_000_000).to_string(),
        n if n % 1_000_000 == 0 => format!("{}m", n / 1_000_000),
        n if n % 1000 == 0 => format!("{}u", n / 1000),
        n => format!("{n}n"),
    }
}

/// The Table of metrics-server: one column a resource.
fn table(items: &[Value]) -> Value {
    let column = |name: &str, format: &str| value!({"name": name, "type": "string", "format": format, "description": "", "priority": 0});
    let mut columns = Vec::new();
    if !items.is_empty() {
        let name = column("Name", "name").with("description", "Name of the resource");
        columns =
            vec![name, column("cpu", "quantity"), column("memory", "quantity"), column("Window", "duration")];
    }
    let row = |item: &Value| {
        let parts: Vec<&Value> = match item["containers"].is_list() {
            true => item["containers"].items().iter().map(|c| &c["usage"]).collect(),
            false => vec![&item["usage"]],
        };
        let sum = |resource: &str| {
            let amounts = parts.iter().filter_map(|u| Quantity::from_value(&u[resource]));
            amounts.reduce(|a, b| a + b).map_or_else(|| "0".to_string(), |q| q.canonical())
        };
        let cells = value!([&item["metadata"]["name"], sum("cpu"), sum("memory"), &item["window"]]);
        let object = value!({
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": &item["metadata"],
        });
        value!({"cells": cells, "object": object})
    };
    value!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": columns,
        "rows": items.iter().map(row).collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use super::cores;

    #[test]
    fn quantities_are_in_their_shortest_form() {
        let given = [0, 1_000_000_000, 5_000_000, 250_000, 146_585_345].map(cores);
        assert_eq!(given, ["0", "1", "5m", "250u", "146585345n"]);
    }
}
