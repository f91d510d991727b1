//! `kubectl debug --copy-to`: a copy of a pod with a container added or changed.

use super::{debugger, name};
use crate::cli::Invocation;
use crate::kubectl::Failure;
use crate::kubectl::client::{Client, content};
use crate::kubectl::podpick::pod_path;
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

/// Creates the copy; the container to attach to.
///
/// # Errors
/// A container that does not exist, or the server's refusal.
pub fn create(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    pod: &Value,
    words: &[String],
) -> Result<(Value, String), Failure> {
    let copy = invocation.str("copy-to").to_string();
    let mut spec = pod["spec"].without("ephemeralContainers");
    if !invocation.bool("same-node") {
        spec = spec.without("nodeName");
    }
    if invocation.changed("share-processes") || !invocation.str("image").is_empty() {
        spec = spec.with("shareProcessNamespace", invocation.bool("share-processes"));
    }
    // Probes and labels stay behind: the copy gets no traffic and is not restarted.
    let bare = |container: &Value| {
        container.without("livenessProbe").without("readinessProbe").without("startupProbe")
    };
    let mut containers: Vec<Value> = spec["containers"].items().iter().map(bare).collect();
    for pair in invocation.list("set-image") {
        let Some((wanted, image)) = pair.split_once('=') else {
            return Err(format!("invalid --set-image: {pair}").into());
        };
        for container in containers.iter_mut().filter(|c| wanted == "*" || c["name"] == wanted) {
            *container = container.with("image", image);
        }
    }
    let wanted = invocation.str("container").to_string();
    let existing = containers.iter().position(|c| c["name"] == wanted.as_str());
    let chosen = match existing.and_then(|at| containers.get_mut(at)) {
        Some(container) => {
            let changed = debugger(invocation, &wanted, words);
            for field in ["image", "command", "args", "env", "stdin", "tty"] {
                if !changed[field].is_empty() {
                    *container = container.with(field, &changed[field]);
                }
            }
            if !words.is_empty() && !invocation.bool("arguments-only") {
                *container = container.without("args");
            }
            wanted
        }
        None if invocation.str("image").is_empty() => {
            return Err("you must specify an existing container or a new image when specifying args.".into());
        }
        None => {
            let name = name(invocation);
            containers.push(debugger(invocation, &name, words));
            name
        }
    };
    spec = spec.with("containers", containers);
    let object = value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "annotations": (pod["metadata"]["annotations"].clone()),
            "creationTimestamp": null,
            "name": copy,
            "namespace": (pod["metadata"]["namespace"].clone())
        },
        "spec": spec
    });
    let path = format!("/api/v1/namespaces/{}/pods", pod["metadata"]["namespace"].text());
    let made = client.call(invocation.sys, Client::write(Method::Post, &path, content::PROTO, object))?;
    if invocation.bool("replace") {
        let path = pod_path(pod, "");
        let body = value!({"propagationPolicy": "Background"});
        let request = Client::write(Method::Delete, path.trim_end_matches('/'), content::JSON, body);
        client.call(invocation.sys, request)?;
    }
    Ok((made, chosen))
}
