//! Stopping: one container (a failed probe) or a whole pod: preStop, TERM, after the grace KILL, and at
//! the end the word to the API server that the pod is gone. Follows `killContainer` and `SyncTerminatingPod`.

use super::containers::tell;
use super::sync::{RELIST, jitter, remove_object, report};
use super::{Stage, State, Worker, hooks, spec_of};
use crate::cluster::Cluster;
use crate::object::Object;
use drydock_container::{Machines, Signal};
use std::sync::Arc;

/// Asks a container to stop; KILL follows after its grace (seconds).
pub fn kill(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
    at: usize,
    grace: Option<i64>,
) {
    let now = machines.clock.now;
    let own = pod.spec()["terminationGracePeriodSeconds"].as_int().unwrap_or(30);
    let grace = grace.unwrap_or(own).max(0) as u64 * 1000;
    let Some(unit) = worker.units.get_mut(at).filter(|u| u.is_running() && u.kill_at.is_none()) else {
        return;
    };
    unit.kill_at = Some(now + grace);
    let space = unit.space;
    if hooks::pre_stop(cluster, machines, pod, worker, at).is_none() {
        machines.stop(space, None);
    }
    worker.arm(machines, pod.id, grace.max(1));
}

/// One look at a pod that is being deleted. True when it has left the node.
pub fn step(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, worker: &mut Worker) -> bool {
    let now = machines.clock.now;
    let deadline = pod.deleting.map_or(now, |d| {
        let at = u64::try_from((d.at - machines.clock.epoch).max(0)).unwrap_or(0) * 1000;
        at.max(now.saturating_sub(d.grace.max(0) as u64 * 1000))
    });
    if worker.stage != Stage::Stopping {
        worker.stage = Stage::Stopping;
        let grace = pod.deleting.map_or(30, |d| d.grace);
        for at in 0..worker.units.len() {
            let Some(unit) = worker.units.get_mut(at) else { continue };
            unit.probes = None;
            match unit.state {
                State::Running(_) => {
                    let name = spec_of(pod, at)["name"].text();
                    tell(
                        cluster,
                        machines,
                        pod,
                        worker,
                        at,
                        (false, "Killing", format!("Stopping container {name}")),
                    );
                    if let Some(unit) = worker.units.get_mut(at) {
                        unit.kill_at = None;
                    }
                    kill(cluster, machines, pod, worker, at, Some(grace));
                }
                State::Pulling(_) => {
                    unit.state = State::Waiting { reason: "ContainerCreating", message: None }
                }
                _ => {}
            }
        }
        worker.report_at = now + jitter(machines, RELIST, u64::from(pod.id));
    }
    let mut running = false;
    for at in 0..worker.units.len() {
        let Some(unit) = worker.units.get_mut(at).filter(|u| u.is_running()) else { continue };
        running = true;
        let kill_at = unit.kill_at.map_or(deadline, |at| at.min(deadline.max(now)));
        let sleep = spec_of(pod, at).at(&["lifecycle", "preStop", "sleep", "seconds"]).as_int();
        let space = unit.space;
        if kill_at <= now {
            machines.stop(space, Some(Signal::Kill));
        } else {
            // The hook is over, or its sleep is: TERM is due.
            let hook = spec_of(pod, at).at(&["lifecycle", "preStop"]);
            let slept = sleep.is_none_or(|s| {
                let began = unit
                    .kill_at
                    .unwrap_or(kill_at)
                    .saturating_sub(pod.deleting.map_or(0, |d| d.grace.max(0) as u64 * 1000));
                began + s.max(0) as u64 * 1000 <= now
            });
            if !hook.is_null() && unit.hook.is_none() && slept {
                machines.stop(space, None);
            } else if let Some(s) = sleep {
                worker.arm(machines, pod.id, s.max(1) as u64 * 1000);
            }
            worker.arm(machines, pod.id, kill_at - now);
        }
    }
    if running {
        return false;
    }
    if worker.report_at > now {
        worker.arm(machines, pod.id, worker.report_at - now);
        return false;
    }
    // The last word about its containers, then it is gone.
    report(cluster, machines, pod, worker);
    remove_object(cluster, machines, pod);
    true
}
