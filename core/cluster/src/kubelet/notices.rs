//! What the machines below tell: a container has ended, a process started for a probe, hook or session
//! is done, an exchange is over, an image is there.

use super::probes::Which;
use super::{Worker, containers, exec, hooks, portforward, probes, sync};
use crate::cluster::Cluster;
use crate::object::{Id, Object};
use drydock_container::engine::exec::ExecHandle;
use drydock_container::wait::Key;
use drydock_container::{Machines, Notice};
use std::sync::Arc;

/// What a process was started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Probe {
        pod: Id,
        unit: u16,
        which: Which,
        handle: ExecHandle,
    },
    Hook {
        pod: Id,
        unit: u16,
        before_stop: bool,
        handle: ExecHandle,
    },
    /// A session of `kubectl exec`; the number of its stream.
    Session(u64),
}

/// Passes one notice on to whom it concerns.
pub fn take(cluster: &mut Cluster, machines: &mut Machines, notice: Notice) {
    match notice {
        Notice::SpaceEnded { space, code } => {
            let Some(pod) = cluster.control.kubelets.spaces.get(&space).copied() else { return };
            with(cluster, machines, pod, |cluster, machines, object, worker| {
                containers::exited(cluster, machines, object, worker, space, code);
            });
            // A pod being stopped need not wait for the next look.
            let stopping =
                cluster.control.kubelets.worker(pod).is_some_and(|w| w.stage == super::Stage::Stopping);
            if stopping {
                sync::pod(cluster, machines, pod);
            }
            if cluster.has_streams() {
                machines.wake(Key::Streams);
            }
        }
        Notice::ExecEnded { pid, code } => match cluster.control.kubelets.execs.remove(&pid) {
            Some(Purpose::Probe { pod, unit, which, handle }) => {
                with(cluster, machines, pod, |cluster, machines, object, worker| {
                    probes::exec_ended(cluster, machines, object, worker, unit, which, handle, code);
                });
            }
            Some(Purpose::Hook { pod, unit, before_stop, handle }) => {
                with(cluster, machines, pod, |cluster, machines, object, worker| {
                    hooks::ended(cluster, machines, object, worker, (unit, before_stop), handle, code);
                });
                sync::pod(cluster, machines, pod);
            }
            Some(Purpose::Session(stream)) => exec::ended(cluster, machines, stream, code),
            None => {}
        },
        Notice::Exchanged { exchange } => {
            if let Some((pod, unit, which)) = cluster.control.kubelets.exchanges.remove(&exchange) {
                let answer = machines.take_exchange(exchange);
                with(cluster, machines, pod, |cluster, machines, object, worker| {
                    probes::answered(cluster, machines, object, worker, unit, which, answer);
                });
            } else {
                portforward::answered(cluster, machines, exchange);
            }
        }
        Notice::Job { job } => {
            let Some(pod) = cluster.control.kubelets.jobs.remove(&job) else { return };
            with(cluster, machines, pod, |cluster, machines, object, worker| {
                containers::pulled(cluster, machines, object, worker, job);
                sync::report(cluster, machines, object, worker);
            });
        }
        Notice::Logged { .. } => {
            if cluster.has_streams() {
                machines.wake(Key::Streams);
            }
        }
    }
}

/// Works on one pod's worker.
fn with(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: Id,
    work: impl FnOnce(&mut Cluster, &mut Machines, &Arc<Object>, &mut Worker),
) {
    let Some(object) = cluster.object(pod) else { return };
    let Some(mut worker) = cluster.control.kubelets.workers.remove(&pod) else { return };
    work(cluster, machines, &object, Arc::make_mut(&mut worker));
    cluster.control.kubelets.workers.insert(pod, worker);
}
