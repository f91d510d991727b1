//! What the map shows: nodes, pods, services and workloads as plain rows, and what moved since the last
//! look: requests and the beats of the control loops.

mod laptop;
mod rows;

use crate::history::Sandbox;
use crate::world::{PERSON, World};
use drydock_cluster::kinds;
use drydock_cluster::table::View;
use drydock_network::address::Ip;
use rows::{node_view, pod_view, service_view, workload_view};
use std::collections::BTreeMap;

/// Where the last look ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameMark {
    note: u32,
    hop: u64,
}

/// A look at the world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Equal versions have equal rows, ages aside.
    pub version: u64,
    pub now_ms: u64,
    /// To be given to the next look.
    pub mark: FrameMark,
    pub nodes: Vec<NodeView>,
    pub pods: Vec<PodView>,
    pub services: Vec<ServiceView>,
    pub workloads: Vec<WorkloadView>,
    pub hops: Vec<HopView>,
    pub beats: Vec<Beat>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeView {
    pub name: String,
    /// The learner's own machine, which is there as long as its engine has containers.
    pub laptop: bool,
    pub ready: bool,
    pub schedulable: bool,
    pub control_plane: bool,
    pub cpu_used_milli: i64,
    pub cpu_total_milli: i64,
    pub memory_used: i64,
    pub memory_total: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub kind: String,
    pub name: String,
}

/// A pod's state as one glance gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Pending,
    /// Bound to a node; images are pulled, containers start.
    Creating,
    /// Runs, but does not take requests.
    Running,
    Ready,
    /// CrashLoopBackOff, ImagePullBackOff, Error while it will be tried again.
    Failing,
    Terminating,
    Succeeded,
    Failed,
    Unknown,
}

/// A pod of the cluster, or a container of the laptop's engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodView {
    pub id: u32,
    /// A container of the laptop: it has no namespace and no owner.
    pub container: bool,
    pub namespace: String,
    pub name: String,
    pub node: Option<String>,
    pub phase: Phase,
    /// The STATUS column of `kubectl get pods`.
    pub status: String,
    /// The READY column.
    pub ready: String,
    pub restarts: u32,
    /// The workload behind it: the Deployment rather than its ReplicaSet.
    pub owner: Option<Owner>,
    pub labels: Vec<(String, String)>,
    pub ip: Option<String>,
    pub deleting: bool,
    pub created_ms: u64,
    pub image: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceView {
    pub id: u32,
    pub namespace: String,
    pub name: String,
    pub kind: String,
    pub cluster_ip: String,
    pub external: String,
    pub ports: String,
    pub selector: Vec<(String, String)>,
    /// Pods that get its requests.
    pub ready: Vec<u32>,
    pub not_ready: Vec<u32>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkloadView {
    pub id: u32,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub desired: i64,
    pub ready: i64,
    pub updated: i64,
    pub owner: Option<Owner>,
}

/// An end of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Outside,
    Laptop,
    Node(String),
    Pod(u32),
    Api,
}

/// A request that was answered or was not.
#[derive(Clone, Debug, PartialEq)]
pub struct HopView {
    pub time_ms: u64,
    pub from: Place,
    /// The service that routed it.
    pub via: Option<u32>,
    pub to: Place,
    /// 0 for no answer.
    pub status: u16,
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorKind {
    Person,
    Api,
    Controller(String),
    Scheduler,
    Kubelet(String),
}

/// Something the control plane did.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    pub time_ms: u64,
    pub actor: ActorKind,
    /// The object it is about.
    pub about: Option<u32>,
    /// What a person typed; for the others the object: `Pod default/web`.
    pub text: String,
    /// Its note in the trace, for [`Sandbox::why`].
    pub cause: u32,
}

/// Beats and hops one frame carries at most; at high speed the map shows a batch.
const BATCH: usize = 64;

impl Sandbox {
    /// See [`Frame`].
    #[must_use]
    pub fn frame(&self, since: FrameMark) -> Frame {
        self.world().frame(since)
    }
    /// The end of all that has moved: a first look without history.
    #[must_use]
    pub fn mark(&self) -> FrameMark {
        self.world().mark()
    }
}

impl World {
    fn mark(&self) -> FrameMark {
        FrameMark {
            note: self.machines.clock.trace.last(),
            hop: self.machines.traffic.last().map_or(0, |hop| hop.ended),
        }
    }
    /// See [`Frame`].
    #[must_use]
    pub fn frame(&self, since: FrameMark) -> Frame {
        let cluster = &self.cluster;
        let view = View { now: self.machines.clock.unix(), cluster };
        let nodes = cluster.store.list(kinds::NODE).map(|node| node_view(cluster, node));
        let nodes = self.laptop_view().into_iter().chain(nodes).collect();
        let pods: Vec<PodView> = cluster
            .store
            .list(kinds::POD)
            .map(|pod| pod_view(cluster, pod, &view, self.machines.clock.epoch))
            .chain(self.container_views())
            .collect();
        let by_uid: BTreeMap<String, u32> =
            cluster.store.list(kinds::POD).map(|pod| (pod.uid.to_string(), pod.id)).collect();
        let services =
            cluster.store.list(kinds::SERVICE).map(|s| service_view(cluster, s, &view, &by_uid)).collect();
        let workloads = [kinds::DEPLOYMENT, kinds::REPLICA_SET, kinds::STATEFUL_SET, kinds::DAEMON_SET]
            .into_iter()
            .flat_map(|kind| cluster.store.list(kind))
            .filter(|o| o.kind != kinds::REPLICA_SET || o.controller.is_none())
            .map(|o| workload_view(cluster, o))
            .collect();
        Frame {
            version: self.version(),
            now_ms: self.machines.clock.now,
            mark: self.mark(),
            nodes,
            pods,
            services,
            workloads,
            hops: self.hops(since.hop),
            beats: self.beats(since.note),
        }
    }
    fn hops(&self, since: u64) -> Vec<HopView> {
        let recent = self.machines.traffic.iter().rev().take_while(|hop| hop.ended > since);
        // Probes are the kubelet's heartbeat, not traffic.
        let mut hops: Vec<_> = recent.filter(|hop| !hop.probe).take(BATCH).collect();
        hops.reverse();
        if hops.is_empty() {
            return Vec::new();
        }
        let places = self.places();
        let place = |ip: Ip| match places.get(&ip) {
            Some(place) => place.clone(),
            None if ip.is_loopback() => Place::Laptop,
            None => Place::Outside,
        };
        hops.into_iter()
            .map(|hop| HopView {
                time_ms: hop.ended,
                from: place(hop.source),
                via: u32::try_from(hop.about).ok().filter(|id| *id != 0),
                to: place(hop.to.ip),
                status: hop.status,
                path: hop.path.as_deref().unwrap_or("").to_string(),
            })
            .collect()
    }
    /// Whose address each one is.
    fn places(&self) -> BTreeMap<Ip, Place> {
        let pods = self
            .cluster
            .store
            .list(kinds::POD)
            .filter_map(|pod| Some((Ip::parse(pod.status()["podIP"].text())?, Place::Pod(pod.id))));
        let nodes = self.cluster.store.list(kinds::NODE).filter_map(|node| {
            let addresses = node.status()["addresses"].items();
            let internal = addresses.iter().find(|a| a["type"] == "InternalIP")?;
            Some((Ip::parse(internal["address"].text())?, Place::Node(node.name.to_string())))
        });
        let laptop = self.machines.space(self.laptop).and_then(|space| self.machines.net(space.net));
        // A pod on the host's network has the node's address: the node's name is the better answer.
        pods.chain(nodes)
            .chain(self.container_places())
            .chain(laptop.map(|net| (net.address, Place::Laptop)))
            .collect()
    }
    fn beats(&self, since: u32) -> Vec<Beat> {
        let trace = &self.machines.clock.trace;
        let from = since.max(trace.last().saturating_sub(BATCH as u32));
        trace
            .since(from)
            .map(|(number, note)| {
                let (actor, text) = self.deed(note);
                let about = if actor == ActorKind::Person { None } else { u32::try_from(note.about).ok() };
                Beat { time_ms: note.time, actor, about, text, cause: number }
            })
            .collect()
    }
    /// Who did what a note tells of, and to what; for a person, what was typed.
    pub(crate) fn deed(&self, note: &drydock_machinery::clock::Note) -> (ActorKind, String) {
        let actor = match note.actor {
            PERSON => ActorKind::Person,
            actor => self.actor_kind(actor, note.about),
        };
        (actor, note.text.as_deref().map_or_else(|| self.cluster.subject_of(note), String::from))
    }
    fn actor_kind(&self, actor: drydock_machinery::queue::Actor, about: u64) -> ActorKind {
        if actor == drydock_cluster::door::DOOR {
            return ActorKind::Api;
        }
        match self.cluster.actor_name(actor) {
            "scheduler" => ActorKind::Scheduler,
            "kubelet" => {
                let node =
                    u32::try_from(about).ok().and_then(|id| self.cluster.get(id)).and_then(|pod| pod.node);
                let name =
                    node.and_then(|id| self.cluster.get(id)).map_or(String::new(), |n| n.name.to_string());
                ActorKind::Kubelet(name)
            }
            name => ActorKind::Controller(name.to_string()),
        }
    }
}
