//! The engine's whole state, how it begins, and its place in the world's loop.

use crate::container::Container;
use crate::events::Event;
use crate::exec::Exec;
use crate::ids;
use crate::images::Images;
use crate::images::transfer::Transfer;
use crate::network::Network;
use crate::streams::Streaming;
use crate::volumes::Volume;
use drydock_container::engine::exec::ExecHandle;
use drydock_container::process::Pid;
use drydock_container::{Machines, Notice, SpaceId};
use drydock_machinery::digest::{hash_bytes, mix};
use drydock_machinery::queue::{Actor, Task};
use drydock_machinery::random::Random;
use drydock_network::address::Ip;
use drydock_network::http::Stream;
use imbl::{OrdMap, Vector};
use std::sync::Arc;

/// The actors of this crate, between the machines' and the cluster's.
pub mod actor {
    use super::Actor;
    /// A container's timer: stop time-outs, restarts, health checks; the key is its sequence number.
    pub const CONTAINER: Actor = Actor(16);
    /// A transfer's next piece of progress; the key is its stream.
    pub const TRANSFER: Actor = Actor(17);
    /// A build's next step; the key is its stream.
    pub const BUILD: Actor = Actor(18);
    /// Statistics of running containers; the key is the stream.
    pub const STATS: Actor = Actor(19);
}

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Docker {
    /// The machine it runs on; 0 for an engine that is not there.
    pub host: SpaceId,
    /// The daemon's own id (`docker info`).
    pub id: Arc<str>,
    pub random: Random,
    /// Containers ever made: orders those of one moment.
    pub made: u64,
    /// By id.
    pub containers: OrdMap<Arc<str>, Arc<Container>>,
    /// Name without its slash, to id.
    pub names: OrdMap<Arc<str>, Arc<str>>,
    /// Whose space that is.
    pub spaces: OrdMap<SpaceId, Arc<str>>,
    pub images: Images,
    /// By id.
    pub networks: OrdMap<Arc<str>, Arc<Network>>,
    pub volumes: OrdMap<Arc<str>, Arc<Volume>>,
    pub execs: OrdMap<Arc<str>, Arc<Exec>>,
    pub exec_pids: OrdMap<Pid, Arc<str>>,
    /// Health checks under way.
    pub checks: OrdMap<Pid, Check>,
    pub events: Vector<Event>,
    /// Events ever noted.
    pub noted: u64,
    pub streams: OrdMap<u64, Arc<Streaming>>,
    /// Pulls and pushes under way, by stream.
    pub transfers: OrdMap<u64, Arc<Transfer>>,
    /// Builds under way, and the build cache.
    pub builds: crate::build::Builds,
    /// Who waits for containers to end or to go.
    pub pending: Vector<Pending>,
    /// Names told to containers' name servers, by network.
    pub records: OrdMap<Arc<str>, Vec<(Ip, Arc<str>)>>,
    /// Segments ever made.
    pub segments: u32,
    /// The next port for those who want any.
    pub next_port: u16,
    /// The volume with the engine's init; 0 until one is needed.
    pub init_volume: u32,
}

/// A client that waits for a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub container: Arc<str>,
    pub stream: Stream,
    pub waiting: Waiting,
}

/// What it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The exit code, once it ends.
    Exit,
    /// The exit code, once it is removed.
    Removal,
    /// To be told that it has ended.
    Stop,
    /// To start it again once it has ended.
    Restart,
}

/// A health check's process.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub container: Arc<str>,
    pub started: u64,
    pub handle: ExecHandle,
}

impl Default for Docker {
    fn default() -> Docker {
        Docker {
            host: SpaceId(0),
            id: "".into(),
            random: Random::new(0),
            made: 0,
            containers: OrdMap::new(),
            names: OrdMap::new(),
            spaces: OrdMap::new(),
            images: Images::default(),
            networks: OrdMap::new(),
            volumes: OrdMap::new(),
            execs: OrdMap::new(),
            exec_pids: OrdMap::new(),
            checks: OrdMap::new(),
            events: Vector::new(),
            noted: 0,
            streams: OrdMap::new(),
            transfers: OrdMap::new(),
            builds: crate::build::Builds::default(),
            pending: Vector::new(),
            records: OrdMap::new(),
            segments: 1,
            next_port: 0,
            init_volume: 0,
        }
    }
}

impl Docker {
    /// An engine at its first start on a host: no images, no containers, the three networks.
    #[must_use]
    pub fn boot(machines: &mut Machines, host: SpaceId) -> Docker {
        let mut docker = Docker {
            host,
            random: Random::new(mix(machines.clock.seed, hash_bytes(b"dockerd"))),
            ..Docker::default()
        };
        docker.id = docker.random.uuid().into();
        docker.make_default_networks(machines);
        docker
    }
    /// A new id of 64 digits.
    pub fn fresh_id(&mut self) -> Arc<str> {
        ids::long(&mut self.random)
    }
    /// Runs a task of one of this crate's actors; false if it is somebody else's.
    pub fn run_task(&mut self, machines: &mut Machines, task: Task) -> bool {
        match task.actor {
            actor::CONTAINER => self.timer(machines, task.key),
            actor::STATS => self.next_stats(machines, task.key),
            actor::TRANSFER => self.next_transfer(machines, task.key),
            actor::BUILD => self.advance_build(machines, task.key, None),
            _ => return false,
        }
        true
    }
    /// Takes those notices that are about this engine's containers; the others stay in their order.
    pub fn take_notices(&mut self, machines: &mut Machines) {
        self.take_build_notices(machines);
        while let Some(at) = machines.notices.iter().position(|n| self.is_mine(*n)) {
            match machines.notices.remove(at) {
                Notice::SpaceEnded { space, code } => {
                    if let Some(id) = self.spaces.get(&space).cloned() {
                        self.ended(machines, &id, code);
                    }
                }
                Notice::ExecEnded { pid, code } => {
                    if !self.check_ended(machines, pid, code) {
                        self.exec_ended(machines, pid, code);
                    }
                }
                Notice::Logged { .. } | Notice::Exchanged { .. } | Notice::Job { .. } => {}
            }
        }
    }
    fn is_mine(&self, notice: Notice) -> bool {
        match notice {
            Notice::SpaceEnded { space, .. } | Notice::Logged { space } => self.spaces.contains_key(&space),
            Notice::ExecEnded { pid, .. } => {
                self.exec_pids.contains_key(&pid) || self.checks.contains_key(&pid)
            }
            Notice::Exchanged { .. } | Notice::Job { .. } => false,
        }
    }
    /// Content hash of everything that matters for what happens next.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut h = drydock_machinery::Digest::of(&self.random);
        for (id, container) in &self.containers {
            h = mix(mix(h, hash_bytes(id.as_bytes())), container.digest());
        }
        for id in self.networks.keys() {
            h = mix(h, hash_bytes(id.as_bytes()));
        }
        for (name, volume) in &self.volumes {
            h = mix(mix(h, hash_bytes(name.as_bytes())), u64::from(volume.number));
        }
        h = mix(mix(h, self.images.digest()), self.builds.digest());
        h = mix(h, self.noted);
        mix(h, self.streams.len() as u64)
    }
}
