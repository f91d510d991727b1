//! The kubelets of all nodes. Each pod bound to a node has a worker: a record that is looked at whenever
//! something may have happened to it (a write, an ended container, a finished pull or probe, a moment it
//! asked for) and then does all that is due. Follows `pkg/kubelet` of Kubernetes 1.33 with containerd.
//!
//! Left out: eviction under pressure, image garbage collection, device plugins, cgroup accounting.

pub mod backoff;
pub mod containers;
pub mod env;
pub mod exec;
pub mod hooks;
pub mod logs;
pub mod node;
pub mod notices;
pub mod portforward;
pub mod probes;
pub mod status;
pub mod sync;
pub mod terminate;
pub mod volumes;

use crate::cluster::{Actor, Cluster};
use crate::control::POD_WORKER;
use crate::controller::Controller;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use backoff::Backoff;
use drydock_container::images::Image;
use drydock_container::process::Pid;
use drydock_container::space::{Mount, NetId};
use drydock_container::spec::Config;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::Value;
use drydock_machinery::digest::mix;
use drydock_network::address::Ip;
use drydock_network::dns::Resolver;
use imbl::{OrdMap, OrdSet};
use probes::Probes;
use std::sync::Arc;

pub const NAME: &str = "kubelet";
pub const ACTOR: Actor = Actor::system("system:node", "kubelet");

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 10, observe, reconcile, flush: Controller::NO_FLUSH };

/// How a container ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    pub code: i32,
    /// `Completed`, `Error`, `StartError`, …
    pub reason: &'static str,
    pub message: Option<Arc<str>>,
    /// Unix seconds; 0 when it never ran.
    pub started: i64,
    pub finished: i64,
    pub space: SpaceId,
}

/// Where one container is in its life.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Not running; why, as `state.waiting` says it.
    Waiting {
        reason: &'static str,
        message: Option<Arc<str>>,
    },
    /// Its image is on the way.
    Pulling(u64),
    /// Since unix seconds.
    Running(i64),
    Ended(Arc<Ended>),
}

/// One container of a pod, over all its restarts.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    pub space: SpaceId,
    /// The container before this one, for `logs --previous`; 0 for none.
    pub previous: SpaceId,
    pub state: State,
    pub last: Option<Arc<Ended>>,
    pub restarts: u32,
    pub ready: bool,
    /// The startup probe has succeeded, or there is none.
    pub started: bool,
    pub backoff: Backoff,
    pub pull_backoff: Backoff,
    pub probes: Option<Arc<Probes>>,
    /// Being stopped: KILL follows at this moment.
    pub kill_at: Option<u64>,
    /// A preStop or postStart hook that runs.
    pub hook: Option<Pid>,
    pub image: Option<Arc<Image>>,
}

impl Default for Unit {
    fn default() -> Unit {
        Unit {
            space: SpaceId(0),
            previous: SpaceId(0),
            state: State::Waiting { reason: "ContainerCreating", message: None },
            last: None,
            restarts: 0,
            ready: false,
            started: false,
            backoff: Backoff::default(),
            pull_backoff: Backoff::default(),
            probes: None,
            kill_at: None,
            hook: None,
            image: None,
        }
    }
}

impl Unit {
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }
    #[must_use]
    pub fn ended(&self) -> Option<&Arc<Ended>> {
        if let State::Ended(ended) = &self.state { Some(ended) } else { None }
    }
}

/// How far a pod as a whole is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// The sandbox will be ready at this moment.
    Sandbox(u64),
    #[default]
    Up,
    /// Being stopped.
    Stopping,
    /// All containers have ended for good.
    Over,
}

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Worker {
    pub node: Id,
    pub stage: Stage,
    pub net: NetId,
    pub ip: Ip,
    /// Init containers first, then the containers; behind them ephemeral ones as they are added.
    pub units: Vec<Unit>,
    pub inits: usize,
    /// Where the ephemeral ones begin.
    pub mains: usize,
    /// Volume of each name.
    pub volumes: Named,
    /// Of these, those that go with the pod.
    pub own_volumes: Vec<u32>,
    /// Text of `status.startTime`.
    pub start: Value,
    /// What has been reported is not newer than this moment: the runtime is asked once a second.
    pub report_at: u64,
    /// The earliest wake-up in the queue.
    pub wake_at: u64,
    /// Failed attempts to set up volumes.
    pub mounts_failed: u32,
}

/// State of all kubelets.
#[derive(Clone, Debug, Default)]
pub struct Kubelets {
    pub workers: OrdMap<Id, Arc<Worker>>,
    pub nodes: OrdMap<Id, Arc<node::NodeState>>,
    /// Container to pod.
    pub spaces: OrdMap<SpaceId, Id>,
    /// Exchanges (probes) and processes (probes, hooks) under way.
    pub exchanges: OrdMap<u64, (Id, u16, probes::Which)>,
    pub execs: OrdMap<Pid, notices::Purpose>,
    pub jobs: OrdMap<u64, Id>,
    /// Forwarded messages under way and their streams.
    pub forwards: OrdMap<u64, u64>,
    /// Volumes that pods share: configuration, tokens, folders of nodes.
    pub shared: OrdMap<Arc<str>, u32>,
    /// Nodes whose machine is off.
    pub stopped: OrdSet<Id>,
    /// When the files of a changed ConfigMap or Secret follow it.
    pub refresh: OrdMap<Id, u64>,
    /// Counts changes of services: they show in environments.
    pub services: u64,
    pub(crate) cache: Cache,
}

/// Volumes by the names they have in the pod.
pub type Named = Vec<(Arc<str>, u32)>;
/// Mount points of a container.
pub type Mounts = Arc<[(Arc<str>, Mount)]>;
/// Environment variables in order.
pub type Variables = Arc<[(Arc<str>, Arc<str>)]>;

/// What a container's configuration depends on.
#[derive(Clone, Debug)]
pub struct ConfigKey {
    pub spec: Value,
    pub namespace: Arc<str>,
    pub services: u64,
    pub image: Arc<Image>,
}

/// Things computed for one replica that the next one shares. Decides nothing.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    pub config: Option<(ConfigKey, Arc<Config>)>,
    pub mounts: Option<(Value, Named, Mounts)>,
    pub resolvers: OrdMap<Arc<str>, Arc<Resolver>>,
    pub conditions: Option<Value>,
    pub mounted: Option<(Value, Value)>,
    pub qos: Option<(Value, &'static str)>,
    pub service_env: OrdMap<Arc<str>, (u64, Variables)>,
}

impl Kubelets {
    #[must_use]
    pub fn hash(&self) -> u64 {
        let workers = self.workers.iter().fold(0, |h, (id, w)| {
            let units = w.units.iter().fold(u64::from(w.ip.0), |h, u| {
                mix(
                    mix(h, u64::from(u.space.0)),
                    u64::from(u.restarts) << 2 | u64::from(u.ready) << 1 | u64::from(u.started),
                )
            });
            mix(h, mix(u64::from(*id), units))
        });
        self.stopped.iter().fold(workers, |h, id| mix(h, u64::from(*id)))
    }
    /// The worker of a pod.
    #[must_use]
    pub fn worker(&self, pod: Id) -> Option<&Worker> {
        self.workers.get(&pod).map(|w| &**w)
    }
}

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        kinds::POD => {
            let bound = object.node.is_some() || change.before.as_ref().is_some_and(|o| o.node.is_some());
            if bound && change.differs(|o| (o.node, o.spec.hash, o.deleting)) {
                mark(object.id);
            }
        }
        kinds::NODE if change.differs(|o| (o.spec.hash, o.deleting.is_some())) => mark(object.id),
        kinds::CONFIG_MAP | kinds::SECRET
            if !change.is_created()
                && change.differs(|o| o.rest.hash)
                && volumes::is_mounted(cluster, object) =>
        {
            mark(object.id);
        }
        kinds::SERVICE if change.differs(|o| o.spec.hash) => mark(object.id),
        _ => {}
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let object = cluster.object(id);
    match object.as_ref().map(|o| o.kind) {
        Some(kinds::NODE) => _ = node::ensure(cluster, machines, id),
        Some(kinds::SERVICE) => cluster.control.kubelets.services += 1,
        Some(kinds::CONFIG_MAP | kinds::SECRET) => {
            if let Some(object) = object {
                volumes::refresh(cluster, machines, &object);
            }
        }
        _ => sync::pod(cluster, machines, id),
    }
}

/// A moment a worker asked for has come.
pub fn wake(cluster: &mut Cluster, machines: &mut Machines, pod: Id) {
    sync::pod(cluster, machines, pod);
}

impl Worker {
    /// Asks to be looked at in `delay` milliseconds, unless that happens earlier anyway.
    pub fn arm(&mut self, machines: &mut Machines, pod: Id, delay: u64) {
        let at = machines.clock.now + delay.max(1);
        if self.wake_at <= machines.clock.now || at < self.wake_at {
            self.wake_at = at;
            machines.clock.after(delay.max(1), POD_WORKER, u64::from(pod));
        }
    }
}

/// `spec.initContainers`, `spec.containers` and `spec.ephemeralContainers` in the order of [`Worker::units`].
pub fn specs(pod: &Object) -> impl Iterator<Item = &Value> {
    let spec = pod.spec();
    let own = spec["initContainers"].items().iter().chain(spec["containers"].items());
    own.chain(spec["ephemeralContainers"].items())
}

/// One of [`specs`] by number.
#[must_use]
pub fn spec_of(pod: &Object, unit: usize) -> &Value {
    static NONE: Value = Value::Null;
    specs(pod).nth(unit).unwrap_or(&NONE)
}

/// `name_namespace(uid)`, as the kubelet names pods in messages.
#[must_use]
pub fn full_name(pod: &Object) -> String {
    format!("{}_{}({})", pod.name, pod.namespace, pod.uid)
}
