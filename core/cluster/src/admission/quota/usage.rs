//! What objects use of a quota, by kind (`pkg/quota/v1/evaluator/core`, v1.33): pods by their resources
//! while they live, claims by their storage, services by their type, everything by its number.

use super::super::resources::{self, Amounts, amounts};
use crate::kinds::{self, Kind, KindId};
use crate::object::Object;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Quantity, Value};
use std::collections::BTreeMap;

/// An object as far as quotas look at it.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub kind: KindId,
    pub record: &'a Kind,
    pub spec: &'a Value,
    pub status: &'a Value,
    /// A pod whose grace has passed.
    pub ended: bool,
}

const STORAGE_CLASS: &str = ".storageclass.storage.k8s.io/";
/// Kinds counted under their own name beside `count/…`.
const COUNTED: &[KindId] = &[
    kinds::CONFIG_MAP,
    kinds::SECRET,
    kinds::REPLICATION_CONTROLLER,
    kinds::RESOURCE_QUOTA,
    kinds::SERVICE,
    kinds::PERSISTENT_VOLUME_CLAIM,
];
const COMPUTE: &[&str] = &["cpu", "memory", "ephemeral-storage"];

fn count_name(record: &Kind) -> String {
    format!("count/{}", crate::status::resource(record))
}

/// True when a quota's resource is about objects of this kind.
pub(crate) fn covers(subject: &Subject<'_>, name: &str) -> bool {
    if name == count_name(subject.record) {
        return true;
    }
    match subject.kind {
        kinds::POD => {
            let bare = name.strip_prefix("requests.").or(name.strip_prefix("limits.")).unwrap_or(name);
            name == "pods"
                || COMPUTE.contains(&bare)
                || name.starts_with("hugepages-")
                || name.starts_with("requests.") && (bare.starts_with("hugepages-") || bare.contains('/'))
        }
        kinds::PERSISTENT_VOLUME_CLAIM => {
            name == "persistentvolumeclaims" || name == "requests.storage" || name.contains(STORAGE_CLASS)
        }
        kinds::SERVICE => matches!(name, "services" | "services.nodeports" | "services.loadbalancers"),
        kind => COUNTED.contains(&kind) && name == subject.record.plural,
    }
}

/// What an object uses.
pub(crate) fn of(subject: &Subject<'_>) -> Amounts {
    let one = Quantity::from_int(1);
    let mut used = Amounts::from([(count_name(subject.record), one)]);
    if COUNTED.contains(&subject.kind) {
        used.insert(subject.record.plural.to_string(), one);
    }
    match subject.kind {
        kinds::POD if !is_over(subject) => {
            used.insert("pods".into(), one);
            for (name, amount) in resources::of_pod(subject.spec, "requests") {
                if COMPUTE.contains(&name.as_str()) || name.starts_with("hugepages-") {
                    used.insert(name.clone(), amount);
                }
                used.insert(format!("requests.{name}"), amount);
            }
            for (name, amount) in resources::of_pod(subject.spec, "limits") {
                if COMPUTE.contains(&name.as_str()) {
                    used.insert(format!("limits.{name}"), amount);
                }
            }
        }
        kinds::PERSISTENT_VOLUME_CLAIM => {
            let class = subject.spec["storageClassName"].text();
            let storage = amounts(&subject.spec["resources"]["requests"]).get("storage").copied();
            if let Some(storage) = storage {
                used.insert("requests.storage".into(), storage);
            }
            if !class.is_empty() {
                used.insert(format!("{class}{STORAGE_CLASS}persistentvolumeclaims"), one);
                if let Some(storage) = storage {
                    used.insert(format!("{class}{STORAGE_CLASS}requests.storage"), storage);
                }
            }
        }
        kinds::SERVICE => {
            let ports = subject.spec["ports"].items();
            let all = ports.len() as i64;
            let (balancers, nodes) = match subject.spec["type"].text() {
                "NodePort" => (0, all),
                "LoadBalancer" if subject.spec["allocateLoadBalancerNodePorts"].as_bool() == Some(false) => {
                    (1, ports.iter().filter(|p| p["nodePort"].int() != 0).count() as i64)
                }
                "LoadBalancer" => (1, all),
                _ => (0, 0),
            };
            used.insert("services.loadbalancers".into(), Quantity::from_int(balancers));
            used.insert("services.nodeports".into(), Quantity::from_int(nodes));
        }
        _ => {}
    }
    used
}

fn is_over(subject: &Subject<'_>) -> bool {
    subject.ended || matches!(subject.status["phase"].text(), "Succeeded" | "Failed")
}

/// What every container must say where a quota limits cpu or memory: `limits.cpu for: c; …`.
pub(crate) fn missing(spec: &Value, names: &[&str]) -> Option<String> {
    let mut lacking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        let (field, resource) = match name.split_once('.') {
            Some(("limits", resource)) => ("limits", resource),
            Some(("requests", resource)) => ("requests", resource),
            _ => ("requests", *name),
        };
        if !matches!(resource, "cpu" | "memory") {
            continue;
        }
        for container in resources::containers(spec) {
            if container["resources"][field].find(resource).is_none() {
                lacking.entry(name).or_default().push(container["name"].text());
            }
        }
    }
    if lacking.is_empty() {
        return None;
    }
    let texts = lacking.into_iter().map(|(name, mut containers)| {
        containers.arrange();
        containers.dedup();
        format!("{name} for: {}", containers.join(","))
    });
    Some(texts.collect::<Vec<_>>().join("; "))
}

/// True when a quota's scopes are all met.
pub(crate) fn in_scope(quota: &Object, subject: &Subject<'_>) -> bool {
    let spec = quota.spec();
    let plain = spec["scopes"].items().iter().all(|scope| meets(scope.text(), "Exists", &[], subject));
    let selected = spec["scopeSelector"]["matchExpressions"].items().iter().all(|term| {
        let values: Vec<&str> = term["values"].items().iter().map(Value::text).collect();
        meets(term["scopeName"].text(), term["operator"].text(), &values, subject)
    });
    plain && selected
}

fn meets(scope: &str, operator: &str, values: &[&str], subject: &Subject<'_>) -> bool {
    if subject.kind != kinds::POD {
        // Other objects have no scopes: only claims have one, and it is not simulated.
        return false;
    }
    let spec = subject.spec;
    let deadline = spec["activeDeadlineSeconds"].as_int().is_some();
    match scope {
        "Terminating" => deadline,
        "NotTerminating" => !deadline,
        "BestEffort" => is_best_effort(spec),
        "NotBestEffort" => !is_best_effort(spec),
        "PriorityClass" => {
            let class = spec["priorityClassName"].text();
            match operator {
                "In" => values.contains(&class),
                "NotIn" => !values.contains(&class),
                "DoesNotExist" => class.is_empty(),
                _ => !class.is_empty(),
            }
        }
        "CrossNamespacePodAffinity" => crosses(spec),
        _ => false,
    }
}

fn is_best_effort(spec: &Value) -> bool {
    let asks = |container: &Value, field: &str| {
        let list = amounts(&container["resources"][field]);
        ["cpu", "memory"].iter().any(|name| list.get(*name).is_some_and(|a| !a.is_zero()))
    };
    !resources::containers(spec).any(|c| asks(c, "requests") || asks(c, "limits"))
}

/// True when a pod's affinity looks into other namespaces.
fn crosses(spec: &Value) -> bool {
    let far = |term: &Value| !term["namespaces"].is_empty() || !term["namespaceSelector"].is_null();
    ["podAffinity", "podAntiAffinity"].iter().any(|kind| {
        let affinity = &spec["affinity"][*kind];
        let required = affinity["requiredDuringSchedulingIgnoredDuringExecution"].items().iter().any(far);
        let preferred = affinity["preferredDuringSchedulingIgnoredDuringExecution"].items().iter();
        required || preferred.map(|p| &p["podAffinityTerm"]).any(far)
    })
}
