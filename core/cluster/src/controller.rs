//! A control loop as a record: what it watches, and what it does about one object.

use crate::cluster::Cluster;
use crate::object::Id;
use crate::store::Change;
use drydock_container::Machines;

/// See the module's head.
pub struct Controller {
    pub name: &'static str,
    /// From the first mark to the run, in milliseconds.
    pub latency_ms: u64,
    /// Which objects a write concerns; works by difference, so that a write nobody cares about wakes
    /// nobody.
    pub observe: fn(&Cluster, &Change, &mut dyn FnMut(Id)),
    /// Brings one object nearer to what it should be.
    pub reconcile: fn(&mut Cluster, &mut Machines, Id),
    /// Runs once after all marked objects, for what is written in batches.
    pub flush: fn(&mut Cluster, &mut Machines),
}

impl Controller {
    /// For controllers that write at once.
    pub const NO_FLUSH: fn(&mut Cluster, &mut Machines) = |_, _| {};
}
