//! What makes the cluster move: every controller observes writes, marks objects, and is run once for
//! all that were marked. State of controllers, scheduler and kubelets hangs here.

use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::object::Id;
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::queue::{Actor, Task};
use imbl::{OrdMap, OrdSet};

/// Controllers' actors begin here; `FIRST_ACTOR + n` runs the n-th of the registry.
pub const FIRST_ACTOR: u16 = 32;

/// Marked objects by controller.
#[derive(Clone, Debug, Default)]
pub struct Dirty(pub(crate) OrdMap<u16, OrdSet<Id>>);

/// State of controllers, scheduler and kubelets.
#[derive(Clone, Debug, Default)]
pub struct Control {}

impl Control {
    /// Content hash of what decides the future and is not in the store.
    #[must_use]
    pub fn hash(&self) -> u64 {
        0
    }
}

impl Cluster {
    /// Tells every controller of a write. Called by the door after each commit.
    pub(crate) fn notify(&mut self, machines: &mut Machines, change: &Change) {
        if !self.alive {
            return;
        }
        let mut marks: Vec<(u16, Id)> = Vec::new();
        for (number, controller) in (0u16..).zip(crate::controllers::CONTROLLERS) {
            (controller.observe)(self, change, &mut |id| marks.push((number, id)));
        }
        for (number, id) in marks {
            self.mark(machines, number, id);
        }
    }
    /// Marks an object for a controller; the first mark arms its task.
    pub fn mark(&mut self, machines: &mut Machines, number: u16, id: Id) {
        let Some(controller) = controller(number) else { return };
        let marked = self.dirty.0.entry(number).or_default();
        if marked.is_empty() {
            machines.clock.after(controller.latency_ms, Actor(FIRST_ACTOR + number), 0);
        }
        marked.insert(id);
    }
    /// Runs a task of an actor of this crate (32 to 95).
    pub fn run_task(&mut self, machines: &mut Machines, task: Task) {
        let number = task.actor.0.saturating_sub(FIRST_ACTOR);
        let Some(controller) = controller(number) else { return };
        let marked = self.dirty.0.remove(&number).unwrap_or_default();
        for id in marked {
            machines.clock.cause = task.cause;
            (controller.reconcile)(self, machines, id);
        }
    }
    /// Takes what the machines below have to tell: ended containers, finished pulls and probes.
    pub fn take_notices(&mut self, machines: &mut Machines) {
        machines.notices = imbl::Vector::new();
    }
}

fn controller(number: u16) -> Option<&'static Controller> {
    crate::controllers::CONTROLLERS.get(usize::from(number)).copied()
}
