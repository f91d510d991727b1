//! A container as the engine knows it: what it was asked to be, where it stands in its life, and the
//! space that runs it. Follows `container.Container` and `container.State` of moby 26.1.

use crate::ids;
use crate::json::{Json, Object};
use drydock_container::SpaceId;
use drydock_container::images::Image;
use drydock_container::space::NetId;
use drydock_machinery::digest::mix;
use drydock_machinery::{Digest, Value};
use drydock_network::address::Ip;
use imbl::OrdMap;
use std::sync::Arc;

/// Where a container is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    #[default]
    Created,
    Running,
    Paused,
    /// Ended, and will be started again.
    Restarting,
    Removing,
    Exited,
    Dead,
}

impl Status {
    /// As `State.Status` shows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Status::Created => "created",
            Status::Running => "running",
            Status::Paused => "paused",
            Status::Restarting => "restarting",
            Status::Removing => "removing",
            Status::Exited => "exited",
            Status::Dead => "dead",
        }
    }
    /// Its first process is there.
    #[must_use]
    pub fn is_up(self) -> bool {
        matches!(self, Status::Running | Status::Paused)
    }
}

/// What a health check has found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Health {
    /// `starting`, `healthy`, `unhealthy`.
    pub status: Arc<str>,
    pub failing: u32,
    /// The last five results, oldest first.
    pub log: Vec<HealthResult>,
}

/// One run of a health check.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HealthResult {
    pub start: u64,
    pub end: u64,
    pub code: i32,
    pub output: Arc<str>,
}

/// See the module's head. Times are simulated milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    pub status: Status,
    pub exit_code: i32,
    pub error: Arc<str>,
    pub oom: bool,
    pub started: Option<u64>,
    pub finished: Option<u64>,
    pub restarts: u32,
    /// Stopped or killed by somebody: the restart policy lets it be.
    pub by_hand: bool,
    /// How long the next restart waits, in milliseconds.
    pub delay: u64,
    pub health: Option<Health>,
}

/// A container's place on one network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    pub network: Arc<str>,
    /// "" while it is not running.
    pub id: Arc<str>,
    pub ip: Ip,
    pub bits: u8,
    pub gateway: Ip,
    /// Names on this network that were asked for.
    pub aliases: Arc<[Arc<str>]>,
    /// `(name or id, alias)`.
    pub links: Arc<[Arc<str>]>,
    /// The address that was asked for.
    pub wish: Option<Ip>,
    pub mac_wish: Arc<str>,
    pub driver_opts: Value,
    /// Every name it answers to on this network.
    pub dns_names: Arc<[Arc<str>]>,
    /// Order of connection: the first one gives the container its address in `/etc/hosts`.
    pub order: u32,
}

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Port {
    pub port: u16,
    pub proto: Arc<str>,
    pub host_ip: Arc<str>,
    pub host_port: u16,
}

/// What is mounted, as `docker inspect` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct MountPoint {
    /// `bind`, `volume` or `tmpfs`.
    pub kind: Arc<str>,
    /// The volume's name; "" for others.
    pub name: Arc<str>,
    /// The host's path of a bind mount.
    pub source: Arc<str>,
    pub destination: Arc<str>,
    /// As typed: `ro`, `z`.
    pub mode: Arc<str>,
    pub rw: bool,
    pub propagation: Arc<str>,
    /// An unnamed volume that goes with `rm -v`.
    pub anonymous: bool,
}

impl MountPoint {
    /// As `docker inspect` shows it.
    #[must_use]
    pub fn json(&self) -> Json {
        let mut o = Object::default();
        o.put("Type", &self.kind);
        if &*self.kind == "volume" {
            o.put("Name", &self.name);
        }
        o.put("Source", &self.source).put("Destination", &self.destination);
        if &*self.kind == "volume" {
            o.put("Driver", "local");
        }
        o.put("Mode", &self.mode).put("RW", self.rw).put("Propagation", &self.propagation);
        o.done()
    }
}

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Container {
    pub id: Arc<str>,
    /// Order of creation; the key of its timers.
    pub number: u64,
    /// Without the slash.
    pub name: Arc<str>,
    pub created: u64,
    /// As it was typed.
    pub image_name: Arc<str>,
    pub image: Arc<Image>,
    /// The request's configuration merged with the image's.
    pub config: Value,
    pub host_config: Value,
    pub path: Arc<str>,
    pub args: Arc<[Arc<str>]>,
    pub space: SpaceId,
    /// Its own network namespace, used unless it shares another's.
    pub net: NetId,
    pub state: State,
    /// By the network's name.
    pub endpoints: OrdMap<Arc<str>, Endpoint>,
    /// Bound while it runs.
    pub ports: Arc<[Port]>,
    pub mounts: Arc<[MountPoint]>,
    /// Execs under way.
    pub execs: imbl::Vector<Arc<str>>,
    /// When a stop's patience ends; 0 for never.
    pub kill_at: u64,
    /// When its restart policy starts it again; 0 for never.
    pub restart_at: u64,
    /// Its health check's next run, or that run's end; 0 for none.
    pub health_at: u64,
    /// How often it was started.
    pub starts: u64,
    /// Input that came before there was a process.
    pub input: Arc<[u8]>,
    pub input_closed: bool,
}

impl Container {
    /// `NetworkMode`, with the default spelled out.
    #[must_use]
    pub fn network_mode(&self) -> &str {
        match self.host_config["NetworkMode"].text() {
            "" | "default" => "bridge",
            mode => mode,
        }
    }
    #[must_use]
    pub fn has_tty(&self) -> bool {
        self.config["Tty"].bool()
    }
    #[must_use]
    pub fn auto_remove(&self) -> bool {
        self.host_config["AutoRemove"].bool()
    }
    #[must_use]
    pub fn labels(&self) -> &Value {
        self.config.get("Labels")
    }
    /// Path and arguments as `docker ps` shows them: arguments with blanks in quotes.
    #[must_use]
    pub fn command(&self) -> String {
        let mut text = self.path.to_string();
        for arg in &*self.args {
            text.push(' ');
            let blank = |c: char| matches!(c, ' ' | '\t' | '\n');
            if arg.is_empty() || arg.contains(blank) {
                text.push_str(&format!("'{}'", arg.replace('\'', "\\'")));
            } else {
                text.push_str(arg);
            }
        }
        text
    }
    #[must_use]
    pub fn short_id(&self) -> &str {
        ids::short(&self.id)
    }
    #[must_use]
    pub fn digest(&self) -> u64 {
        let ends = self.endpoints.iter().fold(0, |h, (name, e)| mix(h, Digest::of(&(name, e.ip.0))));
        let known = (&self.name, self.created, &self.image.id, self.space, &self.state, &self.ports);
        let config = mix(self.config.content_hash(), self.host_config.content_hash());
        [Digest::of(&known), config, ends, self.restart_at ^ self.kill_at ^ self.health_at]
            .into_iter()
            .fold(self.number, mix)
    }
}
