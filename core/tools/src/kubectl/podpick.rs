//! Which pod and container a verb means: `web`, `deploy/web`, `svc/web`, `-c`. Used by exec, attach, cp
//! and port-forward. Follows kubectl's `polymorphichelpers` and `podcmd`.

use super::Failure;
use super::builder::{Builder, Info, items_of};
use super::client::{ANY, Client};
use crate::cli::Invocation;
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::{Timestamp, Value};
use drydock_network::http::Request;
use std::cmp::Reverse;

/// A pod, and the object that was named if it was another.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Picked {
    pub named: Info,
    pub pod: Value,
}

/// The object `word` names (a bare name is a pod's), and the pod to use for it.
///
/// # Errors
/// The server's, or nothing to use.
pub fn pick(invocation: &mut Invocation<'_, '_>, client: &mut Client, word: &str) -> Result<Picked, Failure> {
    let words =
        if word.contains('/') { vec![word.to_string()] } else { vec!["pods".to_string(), word.to_string()] };
    let mut builder = Builder::new(invocation).args(&words);
    builder.limit = 0;
    builder.select_all = false;
    builder.selector.clear();
    let (infos, failures) = builder.fetch(invocation, client)?;
    if let Some(failure) = failures.into_iter().next() {
        return Err(failure);
    }
    let Some(named) = infos.into_iter().next() else { return Err("no objects passed".into()) };
    let pod = pod_of(invocation, client, &named)?;
    Ok(Picked { named, pod })
}

/// The pod behind an object: itself, or the best one its selector finds.
fn pod_of(invocation: &mut Invocation<'_, '_>, client: &Client, named: &Info) -> Result<Value, Failure> {
    let object = &named.object;
    let selector = match object["kind"].text() {
        "Pod" => return Ok(object.clone()),
        "Service" | "ReplicationController" => {
            let pairs = object["spec"]["selector"].entries();
            if pairs.is_empty() {
                let (kind, name) = (object["kind"].text(), &named.name);
                return Err(format!(
                    "invalid {} '{name}': {kind} is defined without a selector",
                    kind.to_lowercase()
                )
                .into());
            }
            let pairs: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={}", v.text())).collect();
            pairs.join(",")
        }
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            LabelSelector::from_value(&object["spec"]["selector"])
                .map_err(|why| Failure::Message(format!("invalid label selector: {why}")))?
                .to_string()
        }
        kind => {
            let version = named.resource.version.as_str();
            return Err(format!(
                "cannot attach to *{version}.{kind}: selector for *{version}.{kind} not implemented"
            )
            .into());
        }
    };
    let path = format!("/api/v1/namespaces/{}/pods", named.namespace);
    let request = Request::get(path).header("Accept", ANY).query("labelSelector", selector.as_str());
    let list = client.call(invocation.sys, request)?;
    let pods = items_of(&list);
    // The longest ready one; of equals the first.
    let best = pods
        .iter()
        .enumerate()
        .max_by_key(|(at, pod)| (worth(pod), Reverse(*at)))
        .map(|(_, pod)| pod.clone());
    best.ok_or_else(|| Failure::message("timed out waiting for the condition"))
}

/// How fit a pod is to be talked to, as `podutils.ActivePods` orders them.
fn worth(pod: &Value) -> (bool, u8, bool, Reverse<i64>, Reverse<i64>, Reverse<i64>) {
    let status = &pod["status"];
    let phase = match status["phase"].text() {
        "Running" => 2,
        "Unknown" | "" => 1,
        "Pending" => 0,
        _ => 1,
    };
    let ready = status["conditions"].items().iter().find(|c| c["type"] == "Ready" && c["status"] == "True");
    let moment = |text: &str| Timestamp::parse(text).map_or(i64::MAX, |t| t.0);
    let since = ready.map_or(i64::MAX, |c| moment(c["lastTransitionTime"].text()));
    let restarts =
        status["containerStatuses"].items().iter().map(|c| c["restartCount"].int()).max().unwrap_or(0);
    let created = moment(pod["metadata"]["creationTimestamp"].text());
    (
        !pod["spec"]["nodeName"].is_empty(),
        phase,
        ready.is_some(),
        Reverse(since),
        Reverse(restarts),
        Reverse(created),
    )
}

/// The container to use: `-c`, the annotation's default, or the first, which is told on stderr when
/// there are several.
///
/// # Errors
/// No such container.
pub fn container(
    invocation: &mut Invocation<'_, '_>,
    pod: &Value,
    wanted: &str,
    quiet: bool,
) -> Result<Value, Failure> {
    let spec = &pod["spec"];
    let kinds = ["containers", "initContainers", "ephemeralContainers"];
    let all = || kinds.iter().flat_map(|kind| spec[*kind].items());
    let annotated = pod["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"].text();
    if !wanted.is_empty() {
        return all().find(|c| c["name"] == wanted).cloned().ok_or_else(|| {
            format!("container {wanted} not found in pod {}", pod["metadata"]["name"].text()).into()
        });
    }
    if !annotated.is_empty()
        && let Some(found) = all().find(|c| c["name"] == annotated)
    {
        return Ok(found.clone());
    }
    let Some(first) = spec["containers"].items().first() else {
        return Err("no container found in pod".into());
    };
    if all().count() > 1 && !quiet {
        let name = |c: &Value| c["name"].text().to_string();
        let mut names: Vec<String> = spec["containers"].items().iter().map(name).collect();
        names.extend(spec["ephemeralContainers"].items().iter().map(|c| name(c) + " (ephem)"));
        names.extend(spec["initContainers"].items().iter().map(|c| name(c) + " (init)"));
        invocation.eprint(&format!("Defaulted container \"{}\" out of: {}\n", name(first), names.join(", ")));
    }
    Ok(first.clone())
}

/// The path of a pod's subresource.
#[must_use]
pub fn pod_path(pod: &Value, subresource: &str) -> String {
    let metadata = &pod["metadata"];
    let (namespace, name) = (metadata["namespace"].text(), metadata["name"].text());
    format!("/api/v1/namespaces/{namespace}/pods/{name}/{subresource}")
}
