//! What makes the cluster move: every controller observes writes, marks objects, and is run once for
//! all that were marked. State of controllers, scheduler and kubelets hangs here.

use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::controllers::endpoint_slice::Places;
use crate::kubelet::Kubelets;
use crate::object::Id;
use crate::scheduler::Scheduler;
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::digest::mix;
use drydock_machinery::queue::{Actor, Task};
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// Controllers' actors begin here; `FIRST_ACTOR + n` runs the n-th of the registry.
pub const FIRST_ACTOR: u16 = 32;
/// Wakes one object for one controller: the key is the controller's number above the object's id.
pub const LATER: Actor = Actor(80);
/// A pod's worker in its kubelet: the key is the pod's id.
pub const POD_WORKER: Actor = Actor(81);

/// Marked objects by controller, each with the note of what marked it first.
#[derive(Clone, Debug, Default)]
pub struct Dirty(pub(crate) OrdMap<u16, OrdMap<Id, u32>>);

/// State of controllers, scheduler and kubelets.
#[derive(Clone, Debug, Default)]
pub struct Control {
    pub scheduler: Scheduler,
    pub kubelets: Kubelets,
    /// What the control plane was started with.
    pub(crate) config: crate::boot::Config,
    pub(crate) places: Places,
    pub(crate) retries: Retries,
    pub(crate) proxy: crate::kube_proxy::Tables,
    /// Owners a child of which was relabelled, or whose selector changed.
    pub(crate) relabelled: OrdSet<Id>,
    /// Nodes whose kubelet is silent, since when.
    pub(crate) silent: OrdMap<Id, u64>,
    /// Nodes found silent, and when their pods are to go: the next look at them taints for that.
    pub(crate) condemned: OrdMap<Id, u64>,
    /// Pods to be evicted for a taint, and when.
    pub(crate) evictions: OrdMap<Id, u64>,
    /// Nodes that are gone, and when their pods follow.
    pub(crate) gone_nodes: OrdMap<Id, u64>,
    pub(crate) metrics: crate::aggregation::scrape::Metrics,
    /// The second whose text was made last.
    pub(crate) stamp: Option<(i64, Arc<str>)>,
    /// Wake-ups asked for and not yet over, so that none is asked for twice.
    pending: OrdSet<(u16, Id, u64)>,
}

/// Rate limits of work that failed: 5 ms doubling to 1000 s, as client-go's default work queue.
#[derive(Clone, Debug, Default)]
pub struct Retries(OrdMap<Id, u32>);

impl Retries {
    /// Counts a failure and gives the wait before the next attempt.
    pub fn next_ms(&mut self, id: Id) -> u64 {
        let failures = self.0.entry(id).or_insert(0);
        let wait = 5u64 << (*failures).min(18);
        *failures += 1;
        wait.min(1_000_000)
    }
    pub fn forget(&mut self, id: Id) {
        if !self.0.is_empty() {
            self.0.remove(&id);
        }
    }
}

impl Control {
    /// Content hash of what decides the future and is not in the store.
    #[must_use]
    pub fn hash(&self) -> u64 {
        mix(self.scheduler.hash(), self.kubelets.hash())
    }
    pub(crate) fn later(&mut self, machines: &mut Machines, number: u16, id: Id, delay: u64) {
        let at = machines.clock.now + delay.max(1);
        if self.pending.insert((number, id, at)).is_none() {
            machines.clock.after(delay.max(1), LATER, u64::from(number) << 32 | u64::from(id));
        }
    }
}

impl Cluster {
    /// Tells every controller of a write. Called by the door after each commit.
    pub(crate) fn notify(&mut self, machines: &mut Machines, change: &Change) {
        if !self.alive {
            return;
        }
        crate::scheduler::note(self, change);
        self.note_labels(change);
        let mut marks: Vec<(u16, Id)> = Vec::new();
        for (number, controller) in (0u16..).zip(crate::controllers::CONTROLLERS) {
            (controller.observe)(self, change, &mut |id| marks.push((number, id)));
        }
        for (number, id) in marks {
            self.mark(machines, number, id);
        }
    }
    fn note_labels(&mut self, change: &Change) {
        let (Some(before), Some(after)) = (&change.before, &change.after) else { return };
        if before.metadata.hash != after.metadata.hash
            && let Some(owner) = after.controller
            && before.labels() != after.labels()
        {
            self.control.relabelled.insert(owner);
        }
        let workload = matches!(after.kind, crate::kinds::DEPLOYMENT | crate::kinds::REPLICA_SET);
        if workload
            && before.spec.hash != after.spec.hash
            && before.spec()["selector"] != after.spec()["selector"]
        {
            self.control.relabelled.insert(after.id);
        }
    }
    /// Begins to move a cluster that was put together while nothing reconciled: every object is news.
    pub fn begin(&mut self, machines: &mut Machines) {
        self.alive = true;
        let all: Vec<Arc<crate::object::Object>> = self.store.all().cloned().collect();
        for object in all {
            crate::controllers::endpoint_slice::adopt(self, &object);
            let change = Change { revision: object.revision, before: None, after: Some(object) };
            self.notify(machines, &change);
        }
    }
    /// Marks an object for a controller; the first mark arms its task.
    pub fn mark(&mut self, machines: &mut Machines, number: u16, id: Id) {
        let Some(controller) = controller(number) else { return };
        let marked = self.dirty.0.entry(number).or_default();
        if marked.is_empty() {
            machines.clock.after(controller.latency_ms, Actor(FIRST_ACTOR + number), 0);
        }
        marked.entry(id).or_insert(machines.clock.cause);
    }
    /// Runs a task of an actor of this crate (32 to 95).
    pub fn run_task(&mut self, machines: &mut Machines, task: Task) {
        match task.actor {
            LATER => {
                let (number, id) = ((task.key >> 32) as u16, task.key as Id);
                self.control.pending.remove(&(number, id, machines.clock.now));
                self.mark(machines, number, id);
            }
            POD_WORKER => crate::kubelet::wake(self, machines, task.key as Id),
            Actor(number) => {
                let number = number.saturating_sub(FIRST_ACTOR);
                let Some(controller) = controller(number) else { return };
                let marked = self.dirty.0.remove(&number).unwrap_or_default();
                for (id, cause) in marked {
                    machines.clock.cause = cause;
                    machines.clock.note(task.actor, u64::from(id), None);
                    (controller.reconcile)(self, machines, id);
                }
                (controller.flush)(self, machines);
            }
        }
        self.take_notices(machines);
    }
    /// Takes what the machines below have to tell: ended containers, finished pulls and probes.
    pub fn take_notices(&mut self, machines: &mut Machines) {
        while let Some(notice) = machines.notices.pop_front() {
            crate::kubelet::notices::take(self, machines, notice);
        }
    }
}

/// Whose notes these are: the controller's name for an actor of this crate.
#[must_use]
pub fn actor_name(actor: Actor) -> &'static str {
    match actor {
        POD_WORKER | LATER => crate::kubelet::NAME,
        Actor(n) => controller(n.saturating_sub(FIRST_ACTOR)).map_or("kube-apiserver", |c| c.name),
    }
}

fn controller(number: u16) -> Option<&'static Controller> {
    crate::controllers::CONTROLLERS.get(usize::from(number)).copied()
}
