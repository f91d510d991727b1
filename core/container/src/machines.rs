//! Everything that runs below Kubernetes, as one value: clock, network, spaces, processes, pipes,
//! terminals, volumes and exchanges under way.

use crate::exchange::{Exchange, Hop};
use crate::fd::{Fd, FdNum, OpenFile};
use crate::filesystem::Filesystem;
use crate::images::store::Images;
use crate::pipe::Pipe;
use crate::process::{Pid, Process};
use crate::program::Programs;
use crate::space::{Net, NetId, Published, Space, SpaceId};
use crate::tty::Tty;
use crate::wait::Key;
use drydock_machinery::Clock;
use drydock_machinery::queue::Actor;
use drydock_network::address::Ip;
use drydock_network::dns::{Dns, Resolver};
use drydock_network::exchange::{Answer, Payload, Target};
use drydock_network::http::{Request, Response, Stream};
use drydock_network::routing::Routing;
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// The actors of this crate; the cluster's begin at 32, the sandbox' at 96.
pub mod actor {
    use super::Actor;
    /// A process to step; the key is its pid.
    pub const PROCESS: Actor = Actor(1);
    /// An exchange that arrives, times out or comes back; the key is its number.
    pub const EXCHANGE: Actor = Actor(2);
    /// The container engine: pulls and health checks; the key is a space or job number.
    pub const ENGINE: Actor = Actor(3);
}

/// Something the layer above may want to know. Drained by it after every task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A space's first process has ended.
    SpaceEnded { space: SpaceId, code: i32 },
    /// Some other process has ended whose parent is the kernel (pid 0): an exec.
    ExecEnded { pid: Pid, code: i32 },
    /// An exchange without a client process (a probe) is over; take it with `Machines::take_exchange`.
    Exchanged { exchange: u64 },
    /// The engine finished a job (an image pull).
    Job { job: u64 },
    /// A container of `Machines::watched_logs` printed something.
    Logged { space: SpaceId },
}

/// What answers requests that no container answers: the API server, the cloud, the internet's
/// simulated sites. Implemented by the layer above and handed down for the length of a step.
pub trait Outside {
    /// Answers at once, or `None` if nothing lives at `to`, which is scheme and authority
    /// (`https://10.96.0.1:443`) or what the caller says. `from` is the asking process' space.
    fn request(
        &mut self,
        machines: &mut Machines,
        from: SpaceId,
        to: &str,
        request: &Request,
    ) -> Option<Response>;
    /// Answers a message that is not HTTP, to an address no container has.
    fn connect(&mut self, _: &mut Machines, _: Target, _: &Payload) -> Option<Answer> {
        None
    }
    /// The next frame of a stream.
    fn read(&mut self, machines: &mut Machines, stream: Stream) -> Frame;
    /// Sends bytes into a stream on a channel (0 stdin, 4 resize); nothing for an unknown stream.
    fn write(&mut self, machines: &mut Machines, stream: Stream, channel: u8, bytes: &[u8]);
    /// Ends a stream; channel 255 of the websocket protocol closes just stdin (use `write` with 255).
    fn close(&mut self, machines: &mut Machines, stream: Stream);
}

/// One read from a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// A watch event or another JSON document.
    Json(drydock_machinery::Value),
    Bytes {
        channel: u8,
        bytes: Vec<u8>,
    },
    /// Nothing yet: `Wait::Stream`.
    Pending,
    End,
}

/// No outside: every request finds nobody.
pub struct Nowhere;

impl Outside for Nowhere {
    fn request(&mut self, _: &mut Machines, _: SpaceId, _: &str, _: &Request) -> Option<Response> {
        None
    }
    fn read(&mut self, _: &mut Machines, _: Stream) -> Frame {
        Frame::End
    }
    fn write(&mut self, _: &mut Machines, _: Stream, _: u8, _: &[u8]) {}
    fn close(&mut self, _: &mut Machines, _: Stream) {}
}

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Machines {
    pub clock: Clock,
    pub routing: Routing,
    pub dns: Dns,
    pub programs: Programs,
    pub spaces: OrdMap<SpaceId, Arc<Space>>,
    pub nets: OrdMap<NetId, Arc<Net>>,
    /// Address to network namespace.
    pub addresses: OrdMap<Ip, NetId>,
    pub processes: OrdMap<Pid, Arc<Process>>,
    /// (parent, child)
    pub children: OrdSet<(Pid, Pid)>,
    /// (space, process)
    pub residents: OrdSet<(SpaceId, Pid)>,
    pub pipes: OrdMap<u32, Arc<Pipe>>,
    pub ttys: OrdMap<u32, Arc<Tty>>,
    pub volumes: OrdMap<u32, Arc<Filesystem>>,
    pub files: OrdMap<u64, OpenFile>,
    pub exchanges: OrdMap<u64, Arc<Exchange>>,
    /// TCP ports listened on.
    pub listeners: OrdMap<(NetId, u16), Pid>,
    /// Ports of hosts that lead to containers, by the host's network, port and address (0.0.0.0: any).
    pub published: OrdMap<(NetId, u16, Ip), Published>,
    /// The latest exchanges that are over, oldest first, bounded by `limits::TRAFFIC`.
    pub traffic: imbl::Vector<Hop>,
    /// Exchanges ever recorded in `traffic`.
    pub traffic_total: u64,
    /// Images on hosts and pulls under way.
    pub images: Images,
    /// The descriptor table containers without terminal start with; one for all.
    pub standard_fds: OrdMap<FdNum, Fd>,
    /// The latest text of each program that prints the same at the same moment in every replica.
    pub texts: OrdMap<&'static str, (u64, Arc<[u8]>)>,
    /// (server process, exchange) that wait to be accepted.
    pub backlog: OrdSet<(Pid, u64)>,
    /// Who waits for what.
    pub waiters: OrdSet<(Key, Pid)>,
    /// Containers whose output somebody follows: each entry of their logs gives a notice.
    pub watched_logs: OrdSet<SpaceId>,
    pub notices: imbl::Vector<Notice>,
    /// Processors and bytes of memory of hosts that differ from the default.
    pub host_sizes: OrdMap<SpaceId, (u32, u64)>,
    /// Shared by all network namespaces that were not given their own.
    pub default_resolver: Arc<Resolver>,
    pub no_hosts: Arc<[(Ip, Arc<str>)]>,
    pub empty_volume: Arc<Filesystem>,
    pub last_space: u32,
    pub last_net: u32,
    pub last_volume: u32,
    pub last_pipe: u32,
    pub last_tty: u32,
    /// The learner's terminals send single keys: pagers wait for them.
    pub keys: bool,
    pub next_pid: Pid,
    pub next_id: u64,
}

impl Machines {
    /// An empty world of machines at its first moment.
    #[must_use]
    pub fn new(clock: Clock, programs: Programs) -> Machines {
        Machines {
            clock,
            routing: Routing::default(),
            dns: Dns::default(),
            programs,
            spaces: OrdMap::new(),
            nets: OrdMap::new(),
            addresses: OrdMap::new(),
            processes: OrdMap::new(),
            children: OrdSet::new(),
            residents: OrdSet::new(),
            pipes: OrdMap::new(),
            ttys: OrdMap::new(),
            volumes: OrdMap::new(),
            files: OrdMap::new(),
            exchanges: OrdMap::new(),
            listeners: OrdMap::new(),
            published: OrdMap::new(),
            traffic: imbl::Vector::new(),
            traffic_total: 0,
            images: Images::default(),
            standard_fds: [
                (crate::fd::STDIN, Fd::Null),
                (crate::fd::STDOUT, Fd::Log { error: false }),
                (crate::fd::STDERR, Fd::Log { error: true }),
            ]
            .into_iter()
            .collect(),
            texts: OrdMap::new(),
            backlog: OrdSet::new(),
            waiters: OrdSet::new(),
            watched_logs: OrdSet::new(),
            notices: imbl::Vector::new(),
            host_sizes: OrdMap::new(),
            default_resolver: Arc::default(),
            no_hosts: Arc::default(),
            empty_volume: Arc::default(),
            last_space: 0,
            last_net: 0,
            last_volume: 0,
            last_pipe: 0,
            last_tty: 0,
            keys: false,
            next_pid: 1,
            next_id: 1,
        }
    }
    /// Runs a task of one of this crate's actors; false if it is somebody else's.
    pub fn handle(&mut self, outside: &mut dyn Outside, task: drydock_machinery::queue::Task) -> bool {
        match task.actor {
            actor::PROCESS => self.run(outside, task.key as Pid),
            actor::EXCHANGE => self.advance_exchange(outside, task.key),
            actor::ENGINE => self.finish_job(task.key),
            _ => return false,
        }
        true
    }
    /// A number nothing else in this world has.
    pub fn fresh_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }
    #[must_use]
    pub fn process(&self, pid: Pid) -> Option<&Process> {
        self.processes.get(&pid).map(|p| &**p)
    }
    pub fn process_mut(&mut self, pid: Pid) -> Option<&mut Process> {
        self.processes.get_mut(&pid).map(Arc::make_mut)
    }
    #[must_use]
    pub fn space(&self, id: SpaceId) -> Option<&Space> {
        self.spaces.get(&id).map(|s| &**s)
    }
    pub fn space_mut(&mut self, id: SpaceId) -> Option<&mut Space> {
        self.spaces.get_mut(&id).map(Arc::make_mut)
    }
    #[must_use]
    pub fn net(&self, id: NetId) -> Option<&Net> {
        self.nets.get(&id).map(|n| &**n)
    }
    pub fn net_mut(&mut self, id: NetId) -> Option<&mut Net> {
        self.nets.get_mut(&id).map(Arc::make_mut)
    }
    #[must_use]
    pub fn tty(&self, id: u32) -> Option<&Tty> {
        self.ttys.get(&id).map(|t| &**t)
    }
    pub fn tty_mut(&mut self, id: u32) -> Option<&mut Tty> {
        self.ttys.get_mut(&id).map(Arc::make_mut)
    }
}
