//! A pod worker's pass: sandbox and volumes, init containers one after the other, then the containers;
//! at the end the status, if it says something new. Follows `SyncPod` of `kuberuntime_manager.go`.

use super::{
    Ended, Stage, State, Unit, Worker, containers, env, node, probes, specs, status, terminate, volumes,
};
use crate::cluster::Cluster;
use crate::events::Source;
use crate::kinds;
use crate::object::{Id, Object};
use drydock_container::Machines;
use drydock_container::space::NetId;
use drydock_machinery::digest::mix;
use std::sync::Arc;

/// Making a sandbox: at least, and up to this much more; milliseconds.
const SANDBOX: (u64, u64) = (350, 400);
/// The runtime is asked for changes once a second (PLEG), so a change is seen this much later.
pub const RELIST: (u64, u64) = (100, 800);
/// A worker that failed comes again after 10 to 15 s.
pub const RETRY: (u64, u64) = (10_000, 5_000);

/// A wait with deterministic jitter.
#[must_use]
pub fn jitter(machines: &Machines, range: (u64, u64), about: u64) -> u64 {
    range.0 + machines.clock.chance(mix(about, machines.clock.now), range.1)
}

/// Does everything that is due for one pod.
pub fn pod(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(pod) = cluster.object(id).filter(|o| o.kind == kinds::POD) else {
        return forget(cluster, machines, id);
    };
    let known = cluster.control.kubelets.workers.get(&id).cloned();
    let Some(node) = pod.node.or(known.as_ref().map(|w| w.node)) else { return };
    if cluster.control.kubelets.stopped.contains(&node) {
        return;
    }
    let mut worker = match known {
        Some(worker) => {
            // Taken out while it is worked on, so that it is not copied.
            drop(worker);
            match cluster.control.kubelets.workers.remove(&id) {
                Some(worker) => worker,
                None => return,
            }
        }
        None => match begin(cluster, machines, &pod, node) {
            Some(worker) => Arc::new(worker),
            None => return,
        },
    };
    let state = Arc::make_mut(&mut worker);
    let gone = step(cluster, machines, &pod, state);
    if gone {
        clean(cluster, machines, &worker);
        cluster.control.kubelets.workers.remove(&id);
        return;
    }
    cluster.control.kubelets.workers.insert(id, worker);
}

/// A worker for a pod that is new to its node; none for pods that are not to be run here.
fn begin(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, node: Id) -> Option<Worker> {
    // Static pods come with their status and are only shown.
    let shown =
        !pod.annotation("kubernetes.io/config.mirror").is_empty() || pod.status()["phase"] == "Running";
    if pod.is_finished() || shown {
        if pod.deleting.is_some() {
            remove_object(cluster, machines, pod);
        }
        return None;
    }
    node::ensure(cluster, machines, node)?;
    if pod.deleting.is_some() {
        remove_object(cluster, machines, pod);
        return None;
    }
    let now = machines.clock.now;
    let wait = jitter(machines, SANDBOX, u64::from(pod.id));
    let inits = pod.spec()["initContainers"].items().len();
    let units: Vec<Unit> = specs(pod)
        .enumerate()
        .map(|(n, _)| Unit {
            state: State::Waiting {
                reason: if inits > 0 && (n >= inits || n > 0) {
                    "PodInitializing"
                } else {
                    "ContainerCreating"
                },
                message: None,
            },
            ..Unit::default()
        })
        .collect();
    let mut worker = Worker {
        node,
        stage: Stage::Sandbox(now + wait),
        mains: units.len() - pod.spec()["ephemeralContainers"].items().len().min(units.len()),
        units,
        inits,
        start: cluster.stamp(machines),
        ..Worker::default()
    };
    worker.arm(machines, pod.id, wait);
    Some(worker)
}

/// True when the pod has left the node.
fn step(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker) -> bool {
    if pod.deleting.is_some() || worker.stage == Stage::Stopping {
        return terminate::step(cluster, machines, pod, worker);
    }
    let now = machines.clock.now;
    if let Stage::Sandbox(at) = worker.stage {
        if now < at {
            worker.arm(machines, pod.id, at - now);
        } else if !sandbox(cluster, machines, pod, worker) {
            let wait = 500u64 << worker.mounts_failed.min(8);
            worker.mounts_failed += 1;
            worker.stage = Stage::Sandbox(now + wait.min(122_000));
            worker.arm(machines, pod.id, wait.min(122_000));
        } else {
            worker.stage = Stage::Up;
        }
    }
    if worker.stage == Stage::Up {
        run(cluster, machines, pod, worker);
    }
    report(cluster, machines, pod, worker);
    false
}

/// Writes the status, unless the runtime has not been asked yet.
pub fn report(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker) {
    let now = machines.clock.now;
    if worker.report_at > now {
        return worker.arm(machines, pod.id, worker.report_at - now);
    }
    // Written to meanwhile, by ourselves even: conditions must not be lost.
    let Some(pod) = cluster.object(pod.id) else { return };
    let new = status::compute(cluster, machines, &pod, worker);
    cluster.write_status(machines, super::NAME, &pod, new);
}

/// Volumes, then the pod's network. False when something is missing.
fn sandbox(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker) -> bool {
    if let Err((volume, problem)) = volumes::set_up(cluster, machines, pod, worker) {
        let message = format!("MountVolume.SetUp failed for volume \"{volume}\" : {problem}");
        warn(cluster, machines, pod, worker, "FailedMount", message);
        return false;
    }
    if worker.net != NetId(0) {
        return true;
    }
    let Some(state) = cluster.control.kubelets.nodes.get(&worker.node).cloned() else { return false };
    if pod.spec()["hostNetwork"].bool() {
        worker.net = state.net;
        worker.ip = state.ip;
        return true;
    }
    let ip = if worker.ip.0 != 0 { Some(worker.ip) } else { node::take_address(cluster, worker.node) };
    let Some(ip) = ip else {
        let message = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type=\"ptp\" failed (add): failed to allocate for range 0: no IP addresses available in range set";
        warn(cluster, machines, pod, worker, "FailedCreatePodSandBox", message.into());
        return false;
    };
    let net = machines.add_net(ip, state.host);
    let resolver = env::resolver(cluster, pod);
    let aliases = pod.spec()["hostAliases"].items();
    let hosts: Vec<_> = aliases
        .iter()
        .filter_map(|a| Some((drydock_network::address::Ip::parse(a["ip"].text())?, a)))
        .flat_map(|(ip, a)| a["hostnames"].items().iter().map(move |name| (ip, name.shared())))
        .collect();
    if let Some(net) = machines.net_mut(net) {
        net.resolver = resolver;
        if !hosts.is_empty() {
            net.hosts = hosts.into();
        }
    }
    (worker.net, worker.ip) = (net, ip);
    true
}

/// Runs what may run now: the first init container that is not done, or all containers.
fn run(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker) {
    let policy = pod.spec()["restartPolicy"].text();
    for unit in 0..worker.inits {
        let sidecar = super::spec_of(pod, unit)["restartPolicy"] == "Always";
        let Some(state) = worker.units.get(unit) else { return };
        let done = if sidecar {
            state.started && state.is_running()
        } else {
            state.ended().is_some_and(|e| e.code == 0)
        };
        if done && !sidecar {
            continue;
        }
        let failed = !sidecar && policy == "Never" && state.ended().is_some_and(|e| e.code != 0);
        if failed {
            return over(machines, pod, worker);
        }
        containers::advance(
            cluster,
            machines,
            pod,
            worker,
            unit,
            if sidecar { "Always" } else { init_policy(policy) },
        );
        let goes_on = sidecar && worker.units.get(unit).is_some_and(|u| u.started && u.is_running());
        if !goes_on {
            return;
        }
    }
    // Waiting for the init containers is over.
    for unit in worker.units.iter_mut().skip(worker.inits) {
        if matches!(unit.state, State::Waiting { reason: "PodInitializing", .. }) && unit.space.0 == 0 {
            unit.state = State::Waiting { reason: "PodInitializing", message: None };
        }
    }
    for unit in worker.inits..worker.mains {
        containers::advance(cluster, machines, pod, worker, unit, policy);
    }
    // Ephemeral containers come while the pod runs, run once and count for nothing.
    let added = (worker.mains + pod.spec()["ephemeralContainers"].items().len()).max(worker.units.len());
    worker.units.resize(added, Unit::default());
    for unit in worker.mains..added {
        containers::advance(cluster, machines, pod, worker, unit, "Never");
    }
    probes::run(cluster, machines, pod, worker);
    let finished = |u: &Unit| u.ended().is_some_and(|e| stays_ended(policy, e));
    if worker.units.iter().take(worker.mains).skip(worker.inits).all(finished) {
        over(machines, pod, worker);
    }
}

/// Init containers are tried again until they succeed, also with `Always`.
fn init_policy(policy: &str) -> &str {
    if policy == "Never" { "Never" } else { "OnFailure" }
}

/// True for a container that is not started again.
#[must_use]
pub fn stays_ended(policy: &str, ended: &Ended) -> bool {
    match policy {
        "Never" => true,
        "OnFailure" => ended.code == 0,
        _ => false,
    }
}

/// All containers have ended for good: sidecars stop, the pod's address is free again.
fn over(machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker) {
    let mut running = false;
    for unit in worker.units.iter_mut().filter(|u| u.is_running()) {
        running = true;
        if unit.kill_at.is_none() {
            machines.stop(unit.space, None);
            unit.kill_at = Some(machines.clock.now + 30_000);
        }
    }
    if !running {
        worker.stage = Stage::Over;
        let _ = pod;
    }
}

/// An event about the pod as a whole.
pub fn warn(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &Worker,
    reason: &str,
    message: String,
) {
    let source = source(cluster, worker);
    cluster.event(machines, pod, "Warning", reason, message, &source);
}

/// The kubelet of the worker's node as an event source.
#[must_use]
pub fn source(cluster: &Cluster, worker: &Worker) -> Source {
    let name = cluster.store.get(worker.node).map(|n| n.name.clone()).unwrap_or_default();
    Source::kubelet(&name)
}

/// The pod's object is gone: whatever still runs is killed.
fn forget(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    if let Some(worker) = cluster.control.kubelets.workers.remove(&id) {
        clean(cluster, machines, &worker);
    }
}

/// Gives back all a pod held on its node.
fn clean(cluster: &mut Cluster, machines: &mut Machines, worker: &Worker) {
    for unit in &worker.units {
        cluster.control.kubelets.spaces.remove(&unit.space);
        if unit.space.0 != 0 {
            machines.remove_container(unit.space);
        }
        if unit.previous.0 != 0 {
            machines.remove_container(unit.previous);
        }
    }
    let host_net = cluster.control.kubelets.nodes.get(&worker.node).map(|n| n.net);
    if worker.net != NetId(0) && Some(worker.net) != host_net {
        machines.remove_net(worker.net);
    }
    node::give_back(cluster, worker.node, worker.ip);
    for volume in &worker.own_volumes {
        machines.remove_volume(*volume);
    }
}

/// Tells the API server that nothing of the pod is left.
pub fn remove_object(cluster: &mut Cluster, machines: &mut Machines, pod: &Object) {
    let options = crate::delete::DeleteOptions::now();
    let _ = cluster.delete(machines, &super::ACTOR, pod.id, &options);
}
