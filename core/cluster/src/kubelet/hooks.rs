//! Lifecycle hooks: postStart after the start, preStop before TERM. `exec`, `httpGet` (whose answer does
//! not matter much) and `sleep`. Follows `pkg/kubelet/lifecycle/handlers.go`.

use super::containers::tell;
use super::notices::Purpose;
use super::{Worker, spec_of};
use crate::cluster::Cluster;
use crate::object::Object;
use drydock_container::Machines;
use drydock_container::engine::exec::ExecHandle;
use drydock_container::spec::ExecSpec;
use drydock_machinery::Value;
use std::sync::Arc;

/// Runs `lifecycle.postStart`; the container is killed if it fails.
pub fn post_start(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    at: usize,
) {
    let hook = spec_of(pod, at).at(&["lifecycle", "postStart"]);
    if !hook["exec"].is_null() {
        run(cluster, machines, pod, worker, at, hook, false);
    }
}

/// Runs `lifecycle.preStop`. Gives the moment until which to wait for it, none when there is nothing
/// to wait for.
pub fn pre_stop(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    at: usize,
) -> Option<u64> {
    let hook = spec_of(pod, at).at(&["lifecycle", "preStop"]);
    if let Some(seconds) = hook["sleep"]["seconds"].as_int() {
        return Some(machines.clock.now + seconds.max(0) as u64 * 1000);
    }
    if hook["exec"].is_null() {
        return None;
    }
    run(cluster, machines, pod, worker, at, hook, true).then_some(u64::MAX)
}

fn run(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    at: usize,
    hook: &Value,
    before_stop: bool,
) -> bool {
    let Some(space) = worker.units.get(at).map(|u| u.space) else { return false };
    let argv = hook["exec"]["command"].items().iter().map(Value::shared).collect();
    match machines.exec(cluster, space, ExecSpec { argv, ..ExecSpec::default() }) {
        Ok(handle) => {
            if let Some(unit) = worker.units.get_mut(at) {
                unit.hook = Some(handle.pid);
            }
            let unit = u16::try_from(at).unwrap_or(0);
            let purpose = Purpose::Hook { pod: pod.id, unit, before_stop, handle };
            cluster.control.kubelets.execs.insert(handle.pid, purpose);
            true
        }
        Err(_) => {
            failed(cluster, machines, pod, worker, at, before_stop);
            false
        }
    }
}

/// A hook's process is done.
pub fn ended(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    (unit, before_stop): (u16, bool),
    handle: ExecHandle,
    code: i32,
) {
    let at = usize::from(unit);
    machines.close_exec(handle);
    if let Some(unit) = worker.units.get_mut(at).filter(|u| u.hook == Some(handle.pid)) {
        unit.hook = None;
    }
    if code != 0 {
        failed(cluster, machines, pod, worker, at, before_stop);
    }
}

fn failed(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    at: usize,
    before_stop: bool,
) {
    if before_stop {
        return tell(
            cluster,
            machines,
            pod,
            worker,
            at,
            (true, "FailedPreStopHook", "PreStopHook failed".into()),
        );
    }
    tell(cluster, machines, pod, worker, at, (true, "FailedPostStartHook", "PostStartHook failed".into()));
    tell(cluster, machines, pod, worker, at, (false, "Killing", "FailedPostStartHook".into()));
    super::terminate::kill(cluster, machines, pod, worker, at, None);
}
