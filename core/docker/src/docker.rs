//! The engine's whole state, how it begins, and its place in the world's loop.

use crate::container::Container;
use crate::ids;
use crate::images::Images;
use crate::network::Network;
use crate::streams::Streaming;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::digest::{hash_bytes, mix};
use drydock_machinery::queue::{Actor, Task};
use drydock_machinery::random::Random;
use imbl::OrdMap;
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
    pub streams: OrdMap<u64, Arc<Streaming>>,
    /// Builds under way, and the build cache.
    pub builds: crate::build::Builds,
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
            streams: OrdMap::new(),
            builds: crate::build::Builds::default(),
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
        if task.actor == actor::BUILD {
            self.advance_build(machines, task.key, None);
            return true;
        }
        (16..=19).contains(&task.actor.0)
    }
    /// Takes those notices that are about this engine's containers; the others stay in their order.
    pub fn take_notices(&mut self, machines: &mut Machines) {
        self.take_build_notices(machines);
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
        h = mix(mix(h, self.images.digest()), self.builds.digest());
        mix(h, self.streams.len() as u64)
    }
}
