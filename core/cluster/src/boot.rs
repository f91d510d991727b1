//! The cluster's first moment: what `kubeadm` leaves behind.

use crate::cluster::{Actor, Cluster};
use crate::kinds;
use drydock_container::Machines;
use drydock_machinery::value;

const BOOT: Actor = Actor::system("system:apiserver", "kube-apiserver");

/// How the cluster is made.
#[derive(Clone, Debug)]
pub struct Config {
    /// Worker nodes, named `node-1` and so on.
    pub workers: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config { workers: 3 }
    }
}

impl Cluster {
    /// A cluster with its namespaces and nodes.
    #[must_use]
    pub fn boot(machines: &mut Machines, _config: &Config) -> Cluster {
        let mut cluster = Cluster::empty();
        for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
            let namespace = value!({"metadata": {"name": name}});
            // The names are good and nothing is there yet.
            let _ = cluster.create(machines, &BOOT, kinds::NAMESPACE, "", namespace);
        }
        cluster
    }
}
