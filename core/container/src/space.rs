//! A space: what processes of one host or one container share. Root filesystem, mounts, host name, a
//! PID namespace, and membership in a network namespace that several containers (a pod) may share.

use crate::filesystem::Filesystem;
use crate::images::Image;
use crate::log::Log;
use crate::process::Pid;
use crate::spec::Config;
use drydock_network::address::Ip;
use drydock_network::dns::Resolver;
use drydock_network::exchange::Target;
use std::sync::Arc;

/// Number of a space in its world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpaceId(pub u32);

/// Number of a network namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetId(pub u32);

/// A network namespace: one address, a resolver, names known without asking. The ports listened on
/// are in `Machines::listeners`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Net {
    pub address: Ip,
    /// The host it is on; its own for a host's.
    pub host: SpaceId,
    /// `/etc/resolv.conf`.
    pub resolver: Arc<Resolver>,
    /// Entries of `/etc/hosts` beyond localhost and its own: `hostAliases`, `--add-host`.
    pub hosts: Arc<[(Ip, Arc<str>)]>,
    /// The container networks it is on; none for hosts and pods. Traffic does not cross between them.
    pub segments: Arc<[u32]>,
    /// Its addresses on further networks.
    pub others: Arc<[Ip]>,
    /// Nothing outside its networks can be reached.
    pub internal: bool,
}

/// A port of a host that leads to a container's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Published {
    pub to: Target,
    /// The address the container sees as the client's: its network's gateway.
    pub gateway: Ip,
}

/// A filesystem mounted over part of a space's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub volume: u32,
    /// A folder of the volume that is mounted instead of its root; "" for the root.
    pub sub_path: Arc<str>,
    pub read_only: bool,
}

/// What a space is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpaceKind {
    /// The learner's own machine.
    Laptop,
    /// A machine of the cluster.
    Node,
    #[default]
    Container,
}

/// Where a space is in its life. Hosts are always `Running`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Life {
    #[default]
    Created,
    Running,
    Exited(i32),
}

/// See the module's head.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    pub id: SpaceId,
    pub kind: SpaceKind,
    pub life: Life,
    pub hostname: Arc<str>,
    /// Shared with the image until something is written.
    pub root: Arc<Filesystem>,
    /// By mount point, in any order.
    pub mounts: Arc<[(Arc<str>, Mount)]>,
    pub net: NetId,
    /// The host this container runs on; its own id for a host.
    pub host: SpaceId,
    /// The first process (PID 1); 0 before start, and on hosts, whose init is not simulated.
    pub init: Pid,
    pub next_ns_pid: u32,
    /// The main process' output, for `logs`.
    pub log: Log,
    /// What it was made from.
    pub image: Arc<Image>,
    /// What its processes start with; shared by containers of one template.
    pub config: Arc<Config>,
    /// Files of `/etc` that the runtime makes (`pseudo::MADE`) and somebody has since written to, as
    /// bits: these are ordinary files now.
    pub own_etc: u8,
    /// Its last first process was killed for using more memory than it may.
    pub oom_killed: bool,
    /// Terminal and stdin pipe of its first process; 0 for none.
    pub tty: u32,
    pub stdin: u32,
    /// When the first process started and ended, simulated milliseconds.
    pub started: u64,
    pub finished: u64,
    /// CPU time of processes that are gone, nanoseconds.
    pub cpu_ns: u64,
}

impl Space {
    /// A space of an image, without mounts.
    #[must_use]
    pub fn new(
        id: SpaceId,
        hostname: Arc<str>,
        image: Arc<Image>,
        config: Arc<Config>,
        net: NetId,
        host: SpaceId,
    ) -> Space {
        Space {
            id,
            kind: SpaceKind::Container,
            life: Life::Created,
            hostname,
            root: image.root.clone(),
            mounts: Arc::default(),
            net,
            host,
            init: 0,
            next_ns_pid: 1,
            log: Log::default(),
            image,
            config,
            own_etc: 0,
            oom_killed: false,
            tty: 0,
            stdin: 0,
            started: 0,
            finished: 0,
            cpu_ns: 0,
        }
    }
    #[must_use]
    pub fn is_host(&self) -> bool {
        self.kind != SpaceKind::Container
    }
    /// The mount at exactly this path.
    #[must_use]
    pub fn mount(&self, path: &str) -> Option<&Mount> {
        self.mounts.iter().find(|m| &*m.0 == path).map(|m| &m.1)
    }
}
