//! What `kubectl debug` makes: a container in a running pod, or a pod on a node.

use super::Plan;
use crate::cli::Invocation;
use crate::kubectl::client::{Client, content};
use crate::kubectl::podpick::pod_path;
use crate::kubectl::{Failure, common};
use drydock_machinery::{Value, patch, schema, value};
use drydock_network::http::Method;

/// The container the flags describe.
pub(super) fn debugger(invocation: &Invocation<'_, '_>, name: &str, words: &[String]) -> Value {
    let mut container = value!({
        "name": name, "image": invocation.str("image"), "resources": {}, "terminationMessagePolicy": "File",
    });
    if !words.is_empty() {
        let field = if invocation.bool("arguments-only") { "args" } else { "command" };
        container = container.with(field, words.iter().map(Value::from).collect::<Value>());
    }
    let env = variables(invocation);
    if !env.is_empty() {
        container = container.with("env", env);
    }
    if !invocation.str("image-pull-policy").is_empty() {
        container = container.with("imagePullPolicy", invocation.str("image-pull-policy"));
    }
    for flag in ["stdin", "tty"] {
        if invocation.bool(flag) {
            container = container.with(flag, true);
        }
    }
    container
}

/// `--env`.
pub(super) fn variables(invocation: &Invocation<'_, '_>) -> Vec<Value> {
    let pairs = invocation.list("env");
    let pairs = pairs.iter().filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, text)| value!({"name": key, "value": text})).collect()
}

/// The name for the new container: the flag's, or a fresh one that is told.
pub(super) fn name(invocation: &mut Invocation<'_, '_>) -> String {
    let given = invocation.str("container").to_string();
    if !given.is_empty() {
        return given;
    }
    let name = format!("debugger-{}", common::suffix(invocation.sys));
    if !invocation.bool("quiet") {
        invocation.print(&format!("Defaulting debug container name to {name}.\n"));
    }
    name
}

/// Lays `--custom` over the container of this name in a list of the spec.
pub(super) fn customised(spec: Value, list: &str, name: &str, plan: &Plan) -> Result<Value, Failure> {
    let Some(custom) = &plan.custom else { return Ok(spec) };
    let table = schema::builtin();
    let ty = table.by_name("core.v1.Container");
    let mut containers = spec[list].items().to_vec();
    for container in containers.iter_mut().filter(|c| c["name"] == name) {
        *container = match ty {
            Some(ty) => patch::strategic(container, custom, table, ty)
                .map_err(|why| format!("error creating three way patch to add debug container: {why}"))?,
            None => patch::merge(container, custom),
        };
    }
    Ok(spec.with(list, containers))
}

/// Warns that a profile's capabilities do not help a user who is not root.
pub(super) fn warn(invocation: &mut Invocation<'_, '_>, container: &Value, pod: &Value) {
    let user = &pod["spec"]["securityContext"]["runAsUser"];
    let own = &container["securityContext"];
    let root = |user: &Value| user.as_int() == Some(0);
    let may_more = own["privileged"].bool() || !own["capabilities"]["add"].is_empty();
    if !user.is_null() && !root(user) && !root(&own["runAsUser"]) && may_more {
        invocation.eprint("Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using \"--custom\" with a custom profile that specifies \"securityContext.runAsUser: 0\".\n");
    }
}

pub(super) fn ephemeral(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    pod: &Value,
    plan: &Plan,
) -> Result<(Value, String), Failure> {
    let name = name(invocation);
    let mut container = debugger(invocation, &name, &plan.words);
    if !invocation.str("target").is_empty() {
        container = container.with("targetContainerName", invocation.str("target"));
    }
    let list = "ephemeralContainers";
    let spec = plan.profile.ephemeral(&value!({"ephemeralContainers": [container]}), &name);
    let spec = customised(spec, list, &name, plan)?;
    if let Some(made) = spec[list].items().first() {
        warn(invocation, made, pod);
    }
    // Those that are there already are only named: lists of the patch are in order.
    let there = pod["spec"][list].items();
    let mut patch = spec.clone();
    if !there.is_empty() {
        let named = there.iter().map(|c| value!({"name": &c["name"]}));
        let order: Value = named.chain(std::iter::once(value!({"name": &name}))).collect();
        patch = value!({"$setElementOrder/ephemeralContainers": order}).with(list, &spec[list]);
    }
    let path = pod_path(pod, "ephemeralcontainers");
    let request = Client::write(Method::Patch, &path, content::STRATEGIC, value!({"spec": patch}));
    Ok((client.call(invocation.sys, request)?, name))
}

pub(super) fn on_node(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    node: &str,
    plan: &Plan,
) -> Result<(Value, String), Failure> {
    let pod_name = format!("node-debugger-{node}-{}", common::suffix(invocation.sys));
    let container = match invocation.str("container") {
        "" => "debugger".to_string(),
        name => name.to_string(),
    };
    if !invocation.bool("quiet") {
        invocation.print(&format!(
            "Creating debugging pod {pod_name} with container {container} on node {node}.\n"
        ));
    }
    let spec = value!({
        "containers": [debugger(invocation, &container, &plan.words)], "nodeName": node,
        "restartPolicy": "Never", "tolerations": [{"operator": "Exists"}],
    });
    let spec = customised(plan.profile.on_node(&spec, &container), "containers", &container, plan)?;
    let pod = value!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"creationTimestamp": null, "name": pod_name},
        "spec": spec, "status": {},
    });
    let path = format!("/api/v1/namespaces/{}/pods", client.namespace());
    let made = client.call(invocation.sys, Client::write(Method::Post, &path, content::PROTO, pod))?;
    Ok((made, container))
}
