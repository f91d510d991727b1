//! Hosts: the laptop and the cluster's nodes. What hardware and kernel they claim to have.

use crate::machines::Machines;
use crate::space::{Space, SpaceId, SpaceKind};

/// `uname -r`.
pub const KERNEL: &str = "6.8.0-45-generic";
/// `uname -v`.
pub const KERNEL_VERSION: &str = "#45-Ubuntu SMP PREEMPT_DYNAMIC Fri Aug 30 12:02:04 UTC 2024";
/// Processors of a host unless told otherwise.
pub const CPUS: u32 = 4;
/// Bytes of memory of a host unless told otherwise.
pub const MEMORY: u64 = 8 << 30;
/// The name server that the laptop asks.
pub const NAME_SERVER: drydock_network::address::Ip = drydock_network::address::Ip::new(192, 168, 65, 7);
/// How long hosts had been up when the world began, in milliseconds.
pub const BOOTED_MS: u64 = 3_600_000;

impl Machines {
    /// Processors and bytes of memory of a host.
    #[must_use]
    pub fn host_size(&self, host: SpaceId) -> (u32, u64) {
        self.host_sizes.get(&host).copied().unwrap_or((CPUS, MEMORY))
    }
    /// Whether a container runs in a pod: on a cluster's node.
    #[must_use]
    pub fn is_pod(&self, space: &Space) -> bool {
        !space.is_host() && self.space(space.host).is_some_and(|h| h.kind == SpaceKind::Node)
    }
}
