//! A space: what processes of one host or one container share. Root filesystem, mounts, host name, a
//! PID namespace, and membership in a network namespace that several containers (a pod) may share.

use crate::filesystem::Filesystem;
use crate::process::Pid;
use drydock_network::address::Ip;
use drydock_network::dns::Resolver;
use imbl::OrdMap;
use std::sync::Arc;

/// Number of a space in its world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpaceId(pub u32);

/// Number of a network namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetId(pub u32);

/// A network namespace: one address, the ports listened on, a resolver.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Net {
    pub address: Ip,
    /// TCP port to listening process.
    pub listeners: OrdMap<u16, Pid>,
    pub resolver: Resolver,
    /// The host's name and extra entries of `/etc/hosts`.
    pub hosts: OrdMap<Arc<str>, Ip>,
}

/// A filesystem mounted over part of a space's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub volume: u32,
    /// A folder of the volume that is mounted instead of its root; "" for the root.
    pub sub_path: Arc<str>,
    pub read_only: bool,
}

/// See the module's head.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    pub id: SpaceId,
    pub hostname: Arc<str>,
    pub root: Filesystem,
    /// By mount point.
    pub mounts: OrdMap<Arc<str>, Mount>,
    pub net: NetId,
    /// The host this container runs on; its own id for a host.
    pub host: SpaceId,
    /// The first process (PID 1); 0 before start.
    pub init: Pid,
    pub next_ns_pid: u32,
    /// The main process' output, for `logs`.
    pub log: Log,
    /// Environment of new processes (from image and configuration).
    pub env: OrdMap<Arc<str>, Arc<str>>,
}

/// One line or part of a line a container printed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogEntry {
    pub time: u64,
    pub error: bool,
    pub text: Arc<str>,
}

/// What a container printed, oldest first, bounded by `limits::LOG_BYTES`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    pub entries: imbl::Vector<LogEntry>,
    pub bytes: usize,
    /// Entries dropped from the front.
    pub dropped: u64,
}
