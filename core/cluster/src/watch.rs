//! Watches: a position in the log and a selection.

use crate::cluster::Cluster;
use drydock_container::Machines;
use drydock_container::machines::Frame;

/// A watch under way.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The newest revision already told.
    pub seen: u64,
}

impl Watch {
    pub(crate) fn next(&mut self, _cluster: &Cluster, _machines: &Machines) -> Frame {
        Frame::Pending
    }
}
