//! Paths below an object: status, scale, binding, eviction, token, finalize; log, exec, attach and
//! port-forward are the kubelet's.

use super::{Call, body, get, one, patch, put, scale, write};
use crate::cluster::Cluster;
use crate::delete::DeleteOptions;
use crate::door::Scope;
use crate::kinds;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
use drydock_network::http::{Method, Response};

pub(super) fn answer(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    let Some(sub) = call.kind.subresource(call.subresource) else { return Err(Status::no_such_resource()) };
    let verb = match call.request.method {
        Method::Get | Method::Head => "get",
        Method::Post => "create",
        Method::Put => "update",
        Method::Patch => "patch",
        _ => "delete",
    };
    if !sub.verbs.contains(&verb) {
        return Err(Status::method_not_allowed());
    }
    match (call.subresource, call.request.method) {
        ("scale", _) => scale::answer(cluster, machines, call),
        ("status" | "ephemeralcontainers" | "resize" | "approval", Method::Get) => {
            get::get(cluster, machines, call)
        }
        ("status" | "approval", Method::Put) => put::update(cluster, machines, call),
        ("status" | "approval", Method::Patch) => patch::patch(cluster, machines, call),
        ("ephemeralcontainers" | "resize", Method::Put) => put::update(cluster, machines, call),
        ("ephemeralcontainers" | "resize", Method::Patch) => patch::patch(cluster, machines, call),
        ("binding", _) => {
            let object = body::read(call.request, "Binding")?.value;
            bind(cluster, machines, call, call.name, &object)
        }
        ("eviction", _) => evict(cluster, machines, call),
        ("token", _) => super::token::create(cluster, machines, call),
        ("finalize", _) => finalize(cluster, machines, call),
        _ => {
            get::find(cluster, machines, call)?;
            cluster.connect(machines, call)
        }
    }
}

/// Binds a pod: `pods/NAME/binding`, or a Binding object.
pub(super) fn bind(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
    name: &str,
    binding: &Value,
) -> Result<Response, Status> {
    let Some(pod) = cluster.find(kinds::POD, call.namespace, name).cloned() else {
        return Err(Status::not_found(&kinds::POD_KIND, name));
    };
    let target = binding["target"]["name"].text();
    let Some(node) = cluster.find(kinds::NODE, "", target).cloned() else {
        return Err(Status::not_found(&kinds::NODE_KIND, target));
    };
    cluster.bind(machines, pod.id, node.id)?;
    Ok(Response::json(201, success(201)))
}

fn success(code: u16) -> Value {
    value!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": code})
}

/// Eviction: a deletion that asks disruption budgets first.
fn evict(cluster: &mut Cluster, machines: &mut Machines, call: &Call<'_>) -> Result<Response, Status> {
    let eviction = body::read(call.request, "Eviction")?.value;
    let pod = get::find(cluster, machines, call)?;
    let named = eviction["metadata"]["name"].text();
    if !named.is_empty() && named != call.name {
        return Err(Status::bad_request("name in URL does not match name in Eviction object"));
    }
    let options = &eviction["deleteOptions"];
    let dry = call.is_dry_run()? || options["dryRun"].items().iter().any(|d| *d == "All");
    let running = !pod.is_finished() && pod.deleting.is_none() && pod.status()["phase"] != "Pending";
    let budgets: Vec<_> = cluster
        .store
        .list_in(kinds::POD_DISRUPTION_BUDGET, call.namespace)
        .filter(|budget| {
            let selector = drydock_machinery::selector::LabelSelector::from_value(&budget.spec()["selector"]);
            selector.is_ok_and(|s| s.matches(pod.labels()))
        })
        .cloned()
        .collect();
    if running && budgets.len() > 1 {
        let why = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
        return Err(Status::new(500, "InternalError", why));
    }
    if let Some(budget) = budgets.first().filter(|_| running) {
        let unseen = budget.status()["observedGeneration"].int() < budget.generation();
        if unseen && !cluster.replay {
            let cause =
                format!("The disruption budget {} is still being processed by the server.", budget.name);
            let details = value!({
                "causes": [{"reason": "DisruptionBudget", "message": cause}], "retryAfterSeconds": 10,
            });
            let message = "Cannot evict pod as it would violate the pod's disruption budget.";
            return Err(Status::new(429, "TooManyRequests", message).with_details(details));
        }
        let allowed = budget.status()["disruptionsAllowed"].int();
        if allowed <= 0 {
            let (healthy, desired) =
                (budget.status()["currentHealthy"].int(), budget.status()["desiredHealthy"].int());
            let cause = format!(
                "The disruption budget {} needs {desired} healthy pods and has {healthy} currently",
                budget.name
            );
            let details = value!({"causes": [{"reason": "DisruptionBudget", "message": cause}]});
            let message = "Cannot evict pod as it would violate the pod's disruption budget.";
            return Err(Status::new(429, "TooManyRequests", message).with_details(details));
        }
        if !dry {
            let disrupted = Timestamp(machines.clock.unix()).to_rfc3339();
            let status = budget
                .status()
                .with("disruptionsAllowed", allowed - 1)
                .with_at(&["disruptedPods", &pod.name], disrupted);
            cluster.update_status(machines, &call.actor, budget.id, status)?;
        }
    }
    let options = DeleteOptions {
        grace: options["gracePeriodSeconds"].as_int(),
        propagation: options["propagationPolicy"].shared(),
        uid: options["preconditions"]["uid"].as_str().map(Into::into),
        revision: None,
        dry_run: dry,
    };
    cluster.delete(machines, &call.actor, pod.id, &options)?;
    Ok(Response::json(201, success(201)))
}

/// `namespaces/NAME/finalize`: the namespace controller's last word.
fn finalize(cluster: &mut Cluster, machines: &mut Machines, call: &Call<'_>) -> Result<Response, Status> {
    let object = body::object(call)?.value;
    let old = get::find(cluster, machines, call)?;
    let draft = write::draft(call, &object);
    let draft = crate::draft::Draft { spec: object["spec"].clone(), status: old.status().clone(), ..draft };
    let new = cluster.update_draft(machines, &call.actor, &old, None, draft, Scope::All, false)?;
    Ok(one(cluster, machines, call, 200, &new))
}
