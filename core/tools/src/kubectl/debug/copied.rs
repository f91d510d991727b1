//! `kubectl debug --copy-to`: a copy of a pod with a container added or changed.

use super::Plan;
use super::made::{customised, debugger, name, variables, warn};
use crate::cli::Invocation;
use crate::kubectl::Failure;
use crate::kubectl::client::{Client, content};
use crate::kubectl::podpick::pod_path;
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

/// Creates the copy; the container to attach to, "" where only images changed.
///
/// # Errors
/// A container that does not exist, or the server's refusal.
pub(super) fn create(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    pod: &Value,
    plan: &Plan,
) -> Result<(Value, String), Failure> {
    let (copy, chosen) = copy(invocation, pod, plan)?;
    let container = copy["spec"]["containers"].items().iter().find(|c| c["name"] == chosen.as_str());
    if let Some(container) = container {
        warn(invocation, container, &copy);
    }
    let path = format!("/api/v1/namespaces/{}/pods", pod["metadata"]["namespace"].text());
    let made = client.call(invocation.sys, Client::write(Method::Post, &path, content::PROTO, copy))?;
    if invocation.bool("replace") {
        let path = pod_path(pod, "");
        let body = value!({"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0});
        let request = Client::write(Method::Delete, path.trim_end_matches('/'), content::JSON, body);
        client.call(invocation.sys, request)?;
    }
    Ok((made, chosen))
}

/// The copy as it is to be created, and the name of its debugging container.
fn copy(invocation: &mut Invocation<'_, '_>, pod: &Value, plan: &Plan) -> Result<(Value, String), Failure> {
    let mut metadata = value!({
        "creationTimestamp": null, "name": invocation.str("copy-to"), "namespace": &pod["metadata"]["namespace"],
    });
    for field in ["annotations", "labels"] {
        if !pod["metadata"][field].is_empty() {
            metadata = metadata.with(field, &pod["metadata"][field]);
        }
    }
    let mut spec = pod["spec"].without("ephemeralContainers");
    if invocation.changed("share-processes") {
        spec = spec.with("shareProcessNamespace", invocation.bool("share-processes"));
    }
    if !invocation.bool("same-node") {
        spec = spec.without("nodeName");
    }
    let images = invocation.list("set-image");
    let images: Vec<(&str, &str)> = images.iter().filter_map(|pair| pair.split_once('=')).collect();
    let of = |name: &str| images.iter().rev().find(|i| i.0 == name).map(|i| i.1);
    let mut containers = spec["containers"].items().to_vec();
    for container in &mut containers {
        if let Some(image) = of(container["name"].text()).or_else(|| of("*")) {
            *container = container.with("image", image);
        }
    }
    let whole = |spec: Value, metadata: Value| value!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {}});
    let wanted = invocation.str("container").to_string();
    let existing = containers.iter().position(|c| c["name"] == wanted.as_str());
    let new = invocation.str("image").to_string();
    let chosen = match existing.and_then(|at| containers.get_mut(at)) {
        Some(container) => {
            *container = altered(invocation, container, plan);
            wanted
        }
        None if new.is_empty() && !images.is_empty() => {
            return Ok((whole(spec.with("containers", containers), metadata), String::new()));
        }
        None if new.is_empty() => return Err("you must specify image when creating new container".into()),
        None => {
            let name = name(invocation);
            containers.push(debugger(invocation, &name, &plan.words));
            name
        }
    };
    let made = plan.profile.copy(&whole(spec.with("containers", containers), metadata), &chosen);
    let spec = customised(made["spec"].clone(), "containers", &chosen, plan)?;
    Ok((made.with("spec", spec), chosen))
}

/// A container of the pod as the flags want it.
fn altered(invocation: &Invocation<'_, '_>, container: &Value, plan: &Plan) -> Value {
    let mut made = container.clone();
    if !plan.words.is_empty() {
        let words: Value = plan.words.iter().map(Value::from).collect();
        made = match invocation.bool("arguments-only") {
            true => made.with("args", words),
            false => made.with("command", words).without("args"),
        };
    }
    let env = variables(invocation);
    if !env.is_empty() {
        made = made.with("env", env);
    }
    for (flag, field) in [("image", "image"), ("image-pull-policy", "imagePullPolicy")] {
        if !invocation.str(flag).is_empty() {
            made = made.with(field, invocation.str(flag));
        }
    }
    for flag in ["stdin", "tty"] {
        made = if invocation.bool(flag) { made.with(flag, true) } else { made.without(flag) };
    }
    made
}
