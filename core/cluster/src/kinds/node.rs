//! Nodes.

use super::{Kind, STATUS_VERBS, Subresource};
use crate::cells::or_none;
use crate::field::{Errors, Path};
use crate::object::{Object, find_condition};
use crate::table::{View, column, wide, word};
use drydock_machinery::{Value, names, value};
use std::collections::BTreeSet;

pub const KIND: Kind = Kind {
    kind: "Node",
    plural: "nodes",
    singular: "node",
    short: &["no"],
    namespaced: false,
    status: true,
    subresources: &[
        Subresource {
            name: "proxy",
            group: "",
            version: "",
            kind: "NodeProxyOptions",
            verbs: &["create", "delete", "get", "patch", "update"],
        },
        Subresource { name: "status", group: "", version: "", kind: "Node", verbs: STATUS_VERBS },
    ],
    begin: |_| value!({"daemonEndpoints": {"kubeletEndpoint": {"Port": 0}}, "nodeInfo": {}}),
    validate,
    columns: &[
        column("Status"),
        column("Roles"),
        column("Age"),
        column("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    row,
    selectable: |node, field| {
        (field == "spec.unschedulable").then(|| node.spec()["unschedulable"].bool().to_string())
    },
    selectable_fields: &["spec.unschedulable"],
    ..Kind::BASE
};

const ROLE: &str = "node-role.kubernetes.io/";

fn row(node: &Object, view: &View<'_>) -> Vec<Value> {
    let (spec, status) = (node.spec(), node.status());
    let mut state = match find_condition(status, "Ready") {
        condition if condition.is_null() => "Unknown".to_string(),
        condition if condition["status"] == "True" => "Ready".into(),
        _ => "NotReady".into(),
    };
    if spec["unschedulable"].bool() {
        state.push_str(",SchedulingDisabled");
    }
    let mut roles: BTreeSet<&str> = BTreeSet::new();
    for (key, value) in node.labels().entries() {
        match key.text().strip_prefix(ROLE) {
            Some(role) if !role.is_empty() => roles.insert(role),
            _ if key.text() == "kubernetes.io/role" && !value.is_empty() => roles.insert(value.text()),
            _ => false,
        };
    }
    let roles: Vec<&str> = roles.into_iter().collect();
    let address = |kind: &str| {
        let found = status["addresses"].items().iter().find(|a| a["type"] == kind);
        found.map_or_else(|| word("<none>"), |a| a["address"].clone())
    };
    let info = |field: &str| match &status["nodeInfo"][field] {
        value if value.is_empty() => word("<unknown>"),
        value => value.clone(),
    };
    vec![
        state.into(),
        or_none(&roles.join(",").into()),
        view.age(node.created),
        status["nodeInfo"]["kubeletVersion"].clone(),
        address("InternalIP"),
        address("ExternalIP"),
        info("osImage"),
        info("kernelVersion"),
        info("containerRuntimeVersion"),
    ]
}

pub const TAINT_EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

fn validate(node: &Value, old: Option<&Value>, errors: &mut Errors) {
    // The server validates a node's taints under `metadata`.
    let root = Path::new("metadata");
    let list = root.child("taints");
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (at, taint) in node["spec"]["taints"].items().iter().enumerate() {
        let path = list.index(at);
        let (key, effect) = (taint["key"].text(), taint["effect"].text());
        errors.each(&path.child("key"), key, names::is_qualified_name(key));
        let value = taint["value"].text();
        errors.each(&path.child("value"), value, names::is_label_value(value));
        if effect.is_empty() {
            errors.required(&path.child("effect"), "");
        } else if !TAINT_EFFECTS.contains(&effect) {
            errors.unsupported(&path.child("effect"), effect, TAINT_EFFECTS);
        }
        if seen.contains(&(key, effect)) {
            let shown = value!({"key": key, "value": value, "effect": effect});
            let at = errors.0.len();
            errors.duplicate(&path, shown);
            if let Some(error) = errors.0.get_mut(at) {
                error.body.push_str(": taints must be unique by key and effect pair");
            }
        }
        seen.push((key, effect));
    }
    let spec = Path::new("spec");
    for cidr in node["spec"]["podCIDRs"].items() {
        if !names::is_cidr(cidr.text()).is_empty() {
            errors.invalid(&spec.child("podCIDRs").index(0), &node["spec"]["podCIDRs"], "must be valid CIDR");
        }
    }
    let Some(old) = old else { return };
    let mut sealed = false;
    for field in ["podCIDRs", "providerID"] {
        let (before, after) = (&old["spec"][field], &node["spec"][field]);
        if !before.is_empty() && before != after {
            let shown = if field == "podCIDRs" { "podCIDR" } else { field };
            let detail = format!("node updates may not change {shown} except from \"\" to valid");
            errors.forbidden(&spec.child(field), &detail);
            sealed = true;
        }
    }
    if sealed {
        errors.forbidden(&Path::ROOT, "node updates may only change labels, taints, or capacity");
    }
}
