//! LimitRanger (`plugin/pkg/admission/limitranger`, v1.33): defaults for containers that say nothing,
//! and bounds for containers, pods and claims of a namespace.

use super::resources::{self, Amounts, amounts};
use crate::cluster::Cluster;
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::Object;
use crate::status::Status;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Quantity, Value};
use std::sync::Arc;

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

fn ranges(cluster: &Cluster, namespace: &str) -> Vec<Arc<Object>> {
    cluster.store.list_in(kinds::LIMIT_RANGE, namespace).cloned().collect()
}

/// Fills in what a new pod's containers leave open, and says so in an annotation.
pub(super) fn fill(cluster: &Cluster, draft: &mut Draft) {
    for range in ranges(cluster, &draft.namespace) {
        let (mut requests, mut limits) = (Value::empty_map(), Value::empty_map());
        let containers = range.spec()["limits"].items().iter().filter(|l| l["type"] == "Container");
        for limit in containers {
            for (name, amount) in limit["defaultRequest"].entries() {
                requests = requests.with(*name, amount);
            }
            for (name, amount) in limit["default"].entries() {
                limits = limits.with(*name, amount);
            }
        }
        let mut told: Vec<String> = Vec::new();
        for (list, title) in [("containers", "container"), ("initContainers", "init container")] {
            if draft.spec[list].is_empty() {
                continue;
            }
            let mut filled = Vec::new();
            for container in draft.spec[list].items() {
                let mut container = container.clone();
                for (field, defaults, word) in
                    [("requests", &requests, "request"), ("limits", &limits, "limit")]
                {
                    let own = &container["resources"][field];
                    let missing = defaults.entries().iter().filter(|(k, _)| own.find(k.text()).is_none());
                    let mut names: Vec<&str> = missing.clone().map(|(k, _)| k.text()).collect();
                    if names.is_empty() {
                        continue;
                    }
                    names.arrange();
                    told.push(format!(
                        "{} {word} for {title} {}",
                        names.join(", "),
                        container["name"].text()
                    ));
                    let whole: Value = own.entries().iter().chain(missing).cloned().collect();
                    container = container.with_at(&["resources", field], whole);
                }
                filled.push(container);
            }
            draft.spec = draft.spec.with(list, filled);
        }
        if !told.is_empty() {
            let text = format!("LimitRanger plugin set: {}", told.join("; "));
            draft.metadata = draft.metadata.with_at(&["annotations", ANNOTATION], text);
        }
    }
}

/// Refuses what is out of bounds.
pub(super) fn check(cluster: &Cluster, kind: KindId, record: &Kind, draft: &Draft) -> Result<(), Status> {
    for range in ranges(cluster, &draft.namespace) {
        let mut errors = Vec::new();
        for limit in range.spec()["limits"].items() {
            match (kind, limit["type"].text()) {
                (kinds::POD, "Container") => {
                    for container in resources::containers(&draft.spec) {
                        let own = &container["resources"];
                        bounds(limit, &amounts(&own["requests"]), &amounts(&own["limits"]), &mut errors);
                    }
                }
                (kinds::POD, "Pod") => {
                    let plain = draft.spec.without("overhead");
                    let of = |field: &str| resources::of_pod(&plain, field);
                    bounds(limit, &of("requests"), &of("limits"), &mut errors);
                }
                (kinds::PERSISTENT_VOLUME_CLAIM, "PersistentVolumeClaim") => {
                    let requests = amounts(&draft.spec["resources"]["requests"]);
                    claim(limit, &requests, &mut errors);
                }
                _ => {}
            }
        }
        if !errors.is_empty() {
            return Err(Status::forbidden(record, &draft.name, &crate::rbac::aggregate(&errors)));
        }
    }
    Ok(())
}

fn bounds(limit: &Value, requests: &Amounts, limits: &Amounts, errors: &mut Vec<String>) {
    for (name, least) in amounts(&limit["min"]) {
        errors.extend(least_of(&name, limit, &least, requests, limits));
    }
    for (name, most) in amounts(&limit["max"]) {
        let words = format!("maximum {name} usage per {} is {most}", limit["type"].text());
        match (limits.get(&name), requests.get(&name)) {
            (None, _) => errors.push(format!("{words}.  No limit is specified")),
            (Some(limit), _) if *limit > most => errors.push(format!("{words}, but limit is {limit}")),
            (_, Some(request)) if *request > most => {
                errors.push(format!("{words}, but request is {request}"));
            }
            _ => {}
        }
    }
    for (name, most) in amounts(&limit["maxLimitRequestRatio"]) {
        let words = format!("{name} max limit to request ratio per {} is {most}", limit["type"].text());
        let given = |amounts: &Amounts| amounts.get(&name).copied().filter(|a| !a.is_zero());
        match (given(requests), given(limits)) {
            (None, _) => errors.push(format!("{words}, but no request is specified or request is 0")),
            (_, None) => errors.push(format!("{words}, but no limit is specified or limit is 0")),
            (Some(request), Some(limit)) => {
                // limit / request > most, without dividing.
                if limit.milli().saturating_mul(1000) > most.milli().saturating_mul(request.milli()) {
                    let ratio = limit.milli() as f64 / request.milli() as f64;
                    errors.push(format!("{words}, but provided ratio is {ratio:.6}"));
                }
            }
        }
    }
}

fn least_of(
    name: &str,
    limit: &Value,
    least: &Quantity,
    requests: &Amounts,
    limits: &Amounts,
) -> Option<String> {
    let words = format!("minimum {name} usage per {} is {least}", limit["type"].text());
    match (requests.get(name), limits.get(name)) {
        (None, _) => Some(format!("{words}.  No request is specified")),
        (Some(request), _) if request < least => Some(format!("{words}, but request is {request}")),
        (_, Some(limit)) if limit < least => Some(format!("{words}, but limit is {limit}")),
        _ => None,
    }
}

fn claim(limit: &Value, requests: &Amounts, errors: &mut Vec<String>) {
    for (name, least) in amounts(&limit["min"]) {
        errors.extend(least_of(&name, limit, &least, requests, &Amounts::new()));
    }
    for (name, most) in amounts(&limit["max"]) {
        let words = format!("maximum {name} usage per {} is {most}", limit["type"].text());
        match requests.get(&name) {
            None => errors.push(format!("{words}.  No request is specified")),
            Some(request) if *request > most => errors.push(format!("{words}, but request is {request}")),
            Some(_) => {}
        }
    }
}
