//! A pod's status as its kubelet writes it: phase, conditions, container statuses. Follows
//! `kubelet_pods.go` and `status/generate.go` of Kubernetes 1.33.

use super::containers::container_id;
use super::sync::stays_ended;
use super::{Ended, Stage, State, Unit, Worker, spec_of, specs};
use crate::access::Fields;
use crate::cluster::Cluster;
use crate::conditions;
use crate::object::Object;
use crate::scheduler::demand::qos_class;
use drydock_container::Machines;
use drydock_container::space::NetId;
use drydock_machinery::{Sym, Timestamp, Value, value};
use std::sync::{Arc, LazyLock};

/// `user` of containers that run as root; all of them share it.
static ROOT: LazyLock<Value> =
    LazyLock::new(|| value!({"linux": {"gid": 0, "supplementalGroups": [0], "uid": 0}}));

/// The whole status.
#[must_use]
pub fn compute(cluster: &mut Cluster, machines: &Machines, pod: &Object, worker: &Worker) -> Value {
    let policy = pod.spec()["restartPolicy"].text();
    let now = cluster.stamp(machines);
    let phase = phase(policy, worker, pod.deleting.is_some());
    let mut fields = Fields::default();
    let host = cluster.control.kubelets.nodes.get(&worker.node).map(|n| n.ip).unwrap_or_default().to_string();
    fields.put("conditions", conditions(cluster, pod, worker, phase, &now));
    let (own, added) = worker.units.split_at(worker.mains.min(worker.units.len()));
    let (inits, mains) = own.split_at(worker.inits.min(own.len()));
    let render = |cluster: &mut Cluster, units: &[Unit], from: usize| -> Value {
        let list = units.iter().zip(specs(pod).skip(from));
        let is_init = |spec: &Value| from == 0 && worker.inits > 0 && spec["restartPolicy"] != "Always";
        list.map(|(unit, spec)| {
            // An init container is ready once it has succeeded.
            let ready = unit.ready || (is_init(spec) && unit.ended().is_some_and(|e| e.code == 0));
            container(cluster, machines, unit, spec, ready && !(is_init(spec) && unit.is_running()))
        })
        .collect()
    };
    fields.put("containerStatuses", render(cluster, mains, worker.inits));
    if !inits.is_empty() {
        fields.put("initContainerStatuses", render(cluster, inits, 0));
    }
    if !added.is_empty() {
        // Nobody asks whether these are ready.
        let list = render(cluster, added, worker.mains);
        let plain = |status: &Value| status.with("ready", false).without("started");
        fields.put("ephemeralContainerStatuses", list.items().iter().map(plain).collect::<Value>());
    }
    let host: Value = host.into();
    fields.put("hostIP", host.clone());
    fields.put("hostIPs", vec![value!({"ip": host})]);
    fields.put("phase", Sym::new(phase));
    if worker.ip.0 != 0 {
        let ip: Value = worker.ip.to_string().into();
        fields.put("podIP", ip.clone());
        fields.put("podIPs", vec![value!({"ip": ip})]);
    }
    fields.put("qosClass", qos(cluster, pod));
    fields.put("startTime", worker.start.clone());
    for kept in ["nominatedNodeName", "resize"] {
        if !pod.status()[kept].is_null() {
            fields.put(kept, pod.status()[kept].clone());
        }
    }
    fields.value()
}

fn qos(cluster: &mut Cluster, pod: &Object) -> Sym {
    let containers = &pod.spec()["containers"];
    if let Some((known, class)) = &cluster.control.kubelets.cache.qos
        && known.is_same(containers)
    {
        return Sym::new(class);
    }
    let class = qos_class(pod.spec());
    if pod.spec()["initContainers"].is_empty() {
        cluster.control.kubelets.cache.qos = Some((containers.clone(), class));
    }
    Sym::new(class)
}

/// `status.phase`.
#[must_use]
pub fn phase(policy: &str, worker: &Worker, deleting: bool) -> &'static str {
    let own = worker.units.get(..worker.mains).unwrap_or(&worker.units);
    let (inits, mains) = own.split_at(worker.inits.min(own.len()));
    let mut pending_init = false;
    for unit in inits {
        match unit.ended() {
            Some(ended) if ended.code == 0 => {}
            Some(_) if policy == "Never" => return "Failed",
            _ if unit.is_running() && unit.started => {}
            _ => pending_init = true,
        }
    }
    let (mut running, mut waiting, mut stopped, mut succeeded) = (0, 0, 0, 0);
    for unit in mains {
        match &unit.state {
            State::Running(_) => running += 1,
            State::Ended(ended) => {
                stopped += 1;
                succeeded += usize::from(ended.code == 0);
            }
            State::Waiting { .. } | State::Pulling(_) => match unit.last {
                Some(_) => stopped += 1,
                None => waiting += 1,
            },
        }
    }
    if pending_init && !deleting {
        return "Pending";
    }
    if waiting > 0 {
        return if deleting && running == 0 && worker.stage == Stage::Stopping {
            "Failed"
        } else {
            "Pending"
        };
    }
    if running > 0 {
        return "Running";
    }
    let final_ = |u: &Unit| u.ended().is_some_and(|e| deleting || stays_ended(policy, e));
    if stopped > 0 && mains.iter().all(final_) {
        return if succeeded == stopped { "Succeeded" } else { "Failed" };
    }
    if stopped > 0 { "Running" } else { "Pending" }
}

/// Names of the units of a kind that a condition complains about.
fn names<'a>(units: &[(usize, &Unit)], pod: &'a Object, bad: impl Fn(&Unit) -> bool) -> Vec<&'a str> {
    units.iter().filter(|(_, u)| bad(u)).map(|(at, _)| spec_of(pod, *at)["name"].text()).collect()
}

fn conditions(cluster: &mut Cluster, pod: &Object, worker: &Worker, phase: &str, now: &Value) -> Value {
    let numbered: Vec<(usize, &Unit)> = worker.units.iter().enumerate().take(worker.mains).collect();
    let (inits, mains) = numbered.split_at(worker.inits.min(numbered.len()));
    let sidecar = |at: usize| spec_of(pod, at)["restartPolicy"] == "Always";
    let incomplete: Vec<&str> = inits
        .iter()
        .filter(|(at, u)| if sidecar(*at) { !u.started } else { u.ended().is_none_or(|e| e.code != 0) })
        .map(|(at, _)| spec_of(pod, *at)["name"].text())
        .collect();
    let mut unready = names(mains, pod, |u| !u.ready);
    let sidecars: Vec<(usize, &Unit)> = inits.iter().filter(|(at, _)| sidecar(*at)).copied().collect();
    unready.extend(names(&sidecars, pod, |u| !u.ready));
    let sandbox = worker.net != NetId(0)
        && !matches!(worker.stage, Stage::Over)
        && phase != "Succeeded"
        && phase != "Failed";
    let list = |words: &[&str]| format!("[{}]", words.join(" "));
    type Row = (&'static str, bool, &'static str, String);
    let ready: (bool, &'static str, String) = match phase {
        "Succeeded" => (false, "PodCompleted", String::new()),
        "Failed" => (false, "PodFailed", String::new()),
        _ if !unready.is_empty() => {
            (false, "ContainersNotReady", format!("containers with unready status: {}", list(&unready)))
        }
        _ => (true, "", String::new()),
    };
    let gates: Vec<&str> = pod.spec()["readinessGates"]
        .items()
        .iter()
        .map(|g| g["conditionType"].text())
        .filter(|g| !pod.is_condition(g))
        .collect();
    let pod_ready = if ready.0 && !gates.is_empty() {
        let text = gates
            .iter()
            .map(|g| format!("corresponding condition of pod readiness gate \"{g}\" does not exist."));
        (false, "ReadinessGatesNotReady", text.collect::<Vec<_>>().join(", "))
    } else {
        ready.clone()
    };
    let initialized: Row = match phase {
        "Succeeded" => ("Initialized", true, "PodCompleted", String::new()),
        _ if !incomplete.is_empty() => (
            "Initialized",
            false,
            "ContainersNotInitialized",
            format!("containers with incomplete status: {}", list(&incomplete)),
        ),
        _ => ("Initialized", true, "", String::new()),
    };
    let rows: [Row; 5] = [
        ("PodReadyToStartContainers", sandbox, "", String::new()),
        initialized,
        ("Ready", pod_ready.0, pod_ready.1, pod_ready.2),
        ("ContainersReady", ready.0, ready.1, ready.2),
        ("PodScheduled", true, "", String::new()),
    ];
    let old = pod.status()["conditions"].items();
    let mut result: Vec<Value> = Vec::with_capacity(5);
    for (kind, is_true, reason, message) in rows {
        let before = conditions::get(old, kind);
        let status = if is_true { "True" } else { "False" };
        let since =
            if before["status"] == status { before["lastTransitionTime"].clone() } else { now.clone() };
        let mut fields = Fields::default();
        fields.put("lastProbeTime", Value::Null);
        fields.put("lastTransitionTime", since);
        if !message.is_empty() {
            fields.put("message", message);
        }
        if !reason.is_empty() {
            fields.put("reason", Sym::new(reason));
        }
        fields.put("status", Sym::new(status));
        fields.put("type", Sym::new(kind));
        result.push(fields.value());
    }
    // What others set (readiness gates) stays.
    let ours = |c: &&Value| result.iter().any(|r| r["type"] == c["type"]);
    let others: Vec<Value> =
        old.iter().filter(|c| !ours(c) && c["type"] != "DisruptionTarget").cloned().collect();
    result.extend(others);
    let list = Value::from_items(result);
    // Replicas that start in one second have equal conditions: they are kept once.
    match &cluster.control.kubelets.cache.conditions {
        Some(known) if *known == list => known.clone(),
        _ => {
            cluster.control.kubelets.cache.conditions = Some(list.clone());
            list
        }
    }
}

fn container(cluster: &mut Cluster, machines: &Machines, unit: &Unit, spec: &Value, ready: bool) -> Value {
    let mut fields = Fields::default();
    let resources = &spec["resources"];
    let alive = unit.space.0 != 0;
    if alive && !resources["requests"].is_empty() {
        fields.put("allocatedResources", resources["requests"].clone());
    }
    if alive {
        fields.put("containerID", container_id(machines, unit.space));
    }
    match (&unit.image, alive) {
        (Some(image), true) => {
            let full = unit.image_name(spec["image"].text());
            let name = full.split('@').next().unwrap_or("");
            let repository = match name.rsplit_once(':') {
                Some((repository, tag)) if !tag.contains('/') => repository,
                _ => name,
            };
            fields.put(
                "imageID",
                format!("{repository}@sha256:{}", image.digest.trim_start_matches("sha256:")),
            );
            fields.put("image", full.as_str());
        }
        _ => {
            fields.put("image", spec["image"].clone());
            fields.put("imageID", "");
        }
    }
    fields.put(
        "lastState",
        unit.last.as_ref().map_or_else(Value::empty_map, |l| value!({"terminated": terminated(machines, l)})),
    );
    fields.put("name", spec["name"].clone());
    fields.put("ready", ready);
    if alive {
        fields.put("resources", if resources.is_null() { Value::empty_map() } else { resources.clone() });
    }
    fields.put("restartCount", unit.restarts);
    fields.put("started", unit.started && unit.is_running());
    let state = match &unit.state {
        State::Running(since) => value!({"running": {"startedAt": stamp(cluster, *since)}}),
        State::Ended(ended) => value!({"terminated": terminated(machines, ended)}),
        // Another try is not told: what the last one came to stands until this one is over.
        State::Pulling(_) if unit.pull_backoff.wait > 0 => {
            let name = spec["image"].text();
            waiting("ImagePullBackOff", Some(&format!("Back-off pulling image \"{name}\"").into()))
        }
        State::Pulling(_) => {
            waiting(if unit.last.is_some() { "CrashLoopBackOff" } else { "ContainerCreating" }, None)
        }
        State::Waiting { reason, message } => waiting(reason, message.as_ref()),
    };
    fields.put("state", state);
    if alive
        && unit.is_running()
        && spec["securityContext"]["runAsUser"].is_null()
        && unit.image.as_ref().is_some_and(|i| i.user.is_empty() || &*i.user == "root")
    {
        fields.put("user", ROOT.clone());
    }
    let mounts = mounts(cluster, spec);
    if !mounts.is_empty() {
        fields.put("volumeMounts", mounts);
    }
    fields.value()
}

fn waiting(reason: &'static str, message: Option<&Arc<str>>) -> Value {
    let mut fields = Fields::default();
    if let Some(message) = message {
        fields.put("message", message);
    }
    fields.put("reason", Sym::new(reason));
    value!({"waiting": fields.value()})
}

fn stamp(cluster: &Cluster, unix: i64) -> Value {
    match &cluster.control.stamp {
        Some((second, text)) if *second == unix => text.into(),
        _ => Timestamp(unix).to_rfc3339().into(),
    }
}

fn terminated(machines: &Machines, ended: &Ended) -> Value {
    let mut fields = Fields::default();
    fields.put("containerID", container_id(machines, ended.space));
    fields.put("exitCode", i64::from(ended.code));
    fields.put("finishedAt", Timestamp(ended.finished).to_rfc3339());
    if let Some(message) = &ended.message {
        fields.put("message", message);
    }
    fields.put("reason", Sym::new(ended.reason));
    fields.put("startedAt", Timestamp(ended.started).to_rfc3339());
    fields.value()
}

/// `volumeMounts` of a container status.
fn mounts(cluster: &mut Cluster, spec: &Value) -> Value {
    let asked = &spec["volumeMounts"];
    if let Some((known, mounts)) = &cluster.control.kubelets.cache.mounted
        && known.is_same(asked)
    {
        return mounts.clone();
    }
    let list: Value = asked
        .items()
        .iter()
        .map(|mount| {
            let mut fields = Fields::default();
            fields.put("mountPath", mount["mountPath"].clone());
            fields.put("name", mount["name"].clone());
            if mount["readOnly"].bool() {
                fields.put("readOnly", true);
                fields.put("recursiveReadOnly", Sym::new("Disabled"));
            }
            fields.value()
        })
        .collect();
    cluster.control.kubelets.cache.mounted = Some((asked.clone(), list.clone()));
    list
}
