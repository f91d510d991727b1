//! Forwarded ports.

use crate::cluster::Cluster;
use drydock_container::Machines;

pub fn answered(_: &mut Cluster, _: &mut Machines, _: u64) {}
