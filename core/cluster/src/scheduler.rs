//! The scheduler: filters, scores, binds; what fits nowhere waits until something changes. Follows
//! kube-scheduler 1.33 with the default profile. Up to [`EXACT`] nodes every node is looked at; beyond
//! it, the emptiest that fit are compared, found through an index instead of a random sample.
//!
//! Left out: preemption, volumes, ImageLocality, extenders, several profiles.

pub mod affinity;
pub mod demand;
pub mod filters;
pub mod pods;
pub mod rooms;
pub mod scores;

use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::events::Source;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use demand::Demand;
use drydock_container::Machines;
use drydock_machinery::digest::mix;
use drydock_machinery::{Value, value};
use filters::{Preemption, Question, Refusal};
use imbl::{OrdMap, OrdSet, Vector};
use pods::Surroundings;
use rooms::{Room, Rooms};
use scores::Score;
use std::sync::Arc;

const NAME: &str = "default-scheduler";
/// Clusters up to this size have every node looked at (`minFeasibleNodesToFind`).
const EXACT: usize = 100;
/// Nodes compared in larger ones.
const COMPARED: usize = 16;
/// Decisions remembered.
const REMEMBERED: usize = 256;
/// First and longest wait between two attempts for one pod, in milliseconds.
const BACKOFF: (u64, u64) = (1_000, 10_000);
/// After this long a waiting pod is tried again whatever happens (`podMaxInUnschedulablePodsDuration`).
const FLUSH: u64 = 300_000;

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 1, observe, reconcile, flush: Controller::NO_FLUSH };

/// Why a pod went where it went, or nowhere.
#[derive(Clone, Debug)]
pub struct Decision {
    pub pod: Id,
    /// Simulated milliseconds.
    pub time: u64,
    pub node: Option<Id>,
    /// Nodes that refused.
    pub refused: Vec<(Id, Refusal)>,
    /// Nodes that were compared.
    pub scored: Vec<Score>,
    /// The FailedScheduling text; "" when bound.
    pub message: Arc<str>,
}

/// A pod that fits nowhere.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Waiting {
    attempts: u32,
    /// Not before this moment.
    until: u64,
}

/// See the module's head.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    pub rooms: Rooms,
    waiting: OrdMap<Id, Waiting>,
    /// Pods of a controller on each node.
    siblings: OrdMap<(Id, Id), i64>,
    /// Bound pods with anti-affinity.
    shy: OrdSet<Id>,
    /// Something happened that may let a waiting pod fit.
    stirred: bool,
    decisions: Vector<Arc<Decision>>,
    /// The containers last looked at and what they ask for: replicas share both.
    last: Option<(Value, Arc<Demand>)>,
}

impl Scheduler {
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.waiting
            .iter()
            .fold(0, |h, (id, w)| mix(h, mix(u64::from(*id), mix(w.until, u64::from(w.attempts)))))
    }
    /// The latest decision about a pod.
    #[must_use]
    pub fn why(&self, pod: Id) -> Option<&Decision> {
        self.decisions.iter().rev().find(|d| d.pod == pod).map(|d| &**d)
    }
    fn demand(&mut self, spec: &Value) -> Arc<Demand> {
        let plain = spec["initContainers"].is_empty() && spec["overhead"].is_empty();
        let containers = &spec["containers"];
        if plain
            && let Some((known, demand)) = &self.last
            && known.is_same(containers)
        {
            return demand.clone();
        }
        let demand = Arc::new(Demand::of(spec));
        if plain {
            self.last = Some((containers.clone(), demand.clone()));
        }
        demand
    }
    fn remember(&mut self, decision: Decision) {
        self.decisions.push_back(Arc::new(decision));
        if self.decisions.len() > REMEMBERED {
            self.decisions.pop_front();
        }
    }
}

/// Keeps what nodes have left, by difference. Called for every write.
pub(crate) fn note(cluster: &mut Cluster, change: &Change) {
    let Some(object) = change.object() else { return };
    let scheduler = &mut cluster.control.scheduler;
    match object.kind {
        kinds::NODE => match &change.after {
            Some(node) => {
                let hashes =
                    |o: &Object| (o.spec.hash, o.metadata.hash, o.status().get("allocatable").content_hash());
                if change.differs(hashes) && scheduler.rooms.set(node) {
                    scheduler.stirred = true;
                }
            }
            None => scheduler.rooms.remove(object.id),
        },
        kinds::POD => {
            // A finished pod holds nothing; a terminating one does until it is gone.
            let place = |o: Option<&Arc<Object>>| o.filter(|o| !o.is_finished()).and_then(|o| o.node);
            let (before, after) = (place(change.before.as_ref()), place(change.after.as_ref()));
            if before == after {
                return;
            }
            let demand = scheduler.demand(object.spec());
            let sibling = object.controller;
            let mut count = |node: Id, n: i64| {
                let Some(owner) = sibling else { return };
                let entry = scheduler.siblings.entry((owner, node)).or_insert(0);
                *entry += n;
                if *entry <= 0 {
                    scheduler.siblings.remove(&(owner, node));
                }
            };
            if let Some(node) = before {
                count(node, -1);
                scheduler.rooms.release(node, &demand);
                scheduler.shy.remove(&object.id);
                scheduler.stirred = true;
            }
            if let Some(node) = after {
                count(node, 1);
                scheduler.rooms.take(node, &demand);
                scheduler.waiting.remove(&object.id);
                if pods::has_anti_affinity(object.spec()) {
                    scheduler.shy.insert(object.id);
                }
                // Somebody's wish to be near a pod may be granted now.
                scheduler.stirred |= !scheduler.waiting.is_empty();
            }
        }
        kinds::PERSISTENT_VOLUME_CLAIM | kinds::PERSISTENT_VOLUME | kinds::STORAGE_CLASS => {
            scheduler.stirred |= !scheduler.waiting.is_empty();
        }
        _ => {}
    }
}

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    if let Some(pod) = change.after.as_ref().filter(|o| o.kind == kinds::POD)
        && pod.node.is_none()
        && change.differs(|o| (o.spec.hash, o.metadata.hash, o.deleting.is_some()))
    {
        mark(pod.id);
    }
    let scheduler = &cluster.control.scheduler;
    if scheduler.stirred && !scheduler.waiting.is_empty() {
        // The marks are looked at again in `reconcile`, which knows how long each must still wait.
        for id in scheduler.waiting.keys() {
            mark(*id);
        }
    }
}

/// True for a pod this scheduler is to place.
fn is_ours(pod: &Object) -> bool {
    let scheduler = pod.spec()["schedulerName"].text();
    pod.kind == kinds::POD
        && pod.node.is_none()
        && pod.spec()["nodeName"].is_empty()
        && pod.deleting.is_none()
        && !pod.is_finished()
        && (scheduler.is_empty() || scheduler == NAME)
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    cluster.control.scheduler.stirred = false;
    let Some(pod) = cluster.object(id).filter(|p| is_ours(p)) else {
        cluster.control.scheduler.waiting.remove(&id);
        return;
    };
    if !pod.spec()["schedulingGates"].is_empty() {
        return;
    }
    let now = machines.clock.now;
    if let Some(waiting) = cluster.control.scheduler.waiting.get(&id)
        && waiting.until > now
    {
        let wait = waiting.until - now;
        return cluster.mark_later(machines, NAME, id, wait);
    }
    if let Some(problem) = volumes_missing(cluster, &pod) {
        let nodes = cluster.control.scheduler.rooms.len();
        let message = format!(
            "0/{nodes} nodes are available: {problem}. preemption: 0/{nodes} nodes are available: \
             {nodes} Preemption is not helpful for scheduling."
        );
        let decision = Decision {
            pod: id,
            time: now,
            node: None,
            refused: vec![],
            scored: vec![],
            message: message.into(),
        };
        return fail(cluster, machines, &pod, decision);
    }
    let decision = decide(cluster, machines, &pod);
    let Some(node) = decision.node else { return fail(cluster, machines, &pod, decision) };
    let exact = cluster.control.scheduler.rooms.len() <= EXACT;
    if exact {
        cluster.control.scheduler.remember(decision);
    }
    bind(cluster, machines, &pod, node);
}

fn bind(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, node: Id) {
    if let Ok(bound) = cluster.bind(machines, pod.id, node) {
        let name = cluster.store.get(node).map(|n| n.name.clone()).unwrap_or_default();
        let message = format!("Successfully assigned {}/{} to {name}", pod.namespace, pod.name);
        cluster.event(machines, &bound, "Normal", "Scheduled", message, &Source::scheduler());
    }
}

fn decide(cluster: &mut Cluster, machines: &Machines, pod: &Arc<Object>) -> Decision {
    let demand = cluster.control.scheduler.demand(pod.spec());
    let scheduler = &cluster.control.scheduler;
    let shy: Vec<Arc<Object>> =
        scheduler.shy.iter().filter_map(|id| cluster.store.get(*id).cloned()).collect();
    let around = Surroundings::of(pod, &cluster.store, &scheduler.rooms, &shy);
    let question = Question { spec: pod.spec(), demand: &demand, surroundings: &around };
    let total = scheduler.rooms.len();
    let exact = total <= EXACT;
    let (mut refused, mut fitting): (Vec<(Id, Refusal)>, Vec<Arc<Room>>) = (Vec::new(), Vec::new());
    let rooms: Box<dyn Iterator<Item = &Arc<Room>>> =
        if exact { Box::new(scheduler.rooms.iter()) } else { Box::new(scheduler.rooms.by_fill()) };
    for room in rooms {
        match filters::check(&question, room) {
            Some(refusal) => refused.push((room.id, refusal)),
            None => fitting.push(room.clone()),
        }
        if !exact && fitting.len() >= COMPARED {
            break;
        }
    }
    let siblings = |node: Id| {
        pod.controller.and_then(|owner| scheduler.siblings.get(&(owner, node))).copied().unwrap_or(0)
    };
    let scored = match fitting.as_slice() {
        [only] if !exact => vec![Score { node: only.id, parts: [0; 6], total: 0 }],
        rooms => scores::score(pod.spec(), &demand, &around, rooms, siblings),
    };
    let node = scores::best(&scored, machines.clock.seed, pod.id);
    let message = if node.is_some() {
        "".into()
    } else {
        let never = pod.spec()["preemptionPolicy"] == "Never";
        let preemption = if never { Preemption::Never } else { Preemption::NoVictims };
        let list: Vec<Refusal> = refused.iter().map(|r| r.1.clone()).collect();
        filters::message(total, &list, preemption).into()
    };
    Decision { pod: pod.id, time: machines.clock.now, node, refused, scored, message }
}

/// A claim that is missing or waits to be bound, in the words of VolumeBinding's prefilter.
fn volumes_missing(cluster: &Cluster, pod: &Object) -> Option<String> {
    for volume in pod.spec()["volumes"].items() {
        let name = volume["persistentVolumeClaim"]["claimName"].text();
        if name.is_empty() {
            continue;
        }
        let Some(claim) = cluster.find(kinds::PERSISTENT_VOLUME_CLAIM, &pod.namespace, name) else {
            return Some(format!("persistentvolumeclaim \"{name}\" not found"));
        };
        if claim.deleting.is_some() {
            return Some(format!("persistentvolumeclaim \"{name}\" is being deleted"));
        }
        let class = claim.spec()["storageClassName"].text();
        let waits = cluster
            .find(kinds::STORAGE_CLASS, "", class)
            .is_some_and(|c| c.field("volumeBindingMode") == &Value::from("WaitForFirstConsumer"));
        if claim.spec()["volumeName"].is_empty() && !waits {
            return Some("pod has unbound immediate PersistentVolumeClaims".into());
        }
    }
    None
}

/// Tells of the failure and waits for a change.
fn fail(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>, decision: Decision) {
    let message = decision.message.clone();
    let now = machines.clock.now;
    let scheduler = &mut cluster.control.scheduler;
    scheduler.remember(decision);
    let attempts = scheduler.waiting.get(&pod.id).map_or(0, |w| w.attempts) + 1;
    let backoff = (BACKOFF.0 << (attempts - 1).min(8)).min(BACKOFF.1);
    scheduler.waiting.insert(pod.id, Waiting { attempts, until: now + backoff });
    cluster.mark_later(machines, NAME, pod.id, FLUSH);
    cluster.event(machines, pod, "Warning", "FailedScheduling", message.clone(), &Source::scheduler());
    let stamp = cluster.stamp(machines);
    let mut conditions = pod.status()["conditions"].items().to_vec();
    let old = crate::conditions::get(&conditions, "PodScheduled").clone();
    let since = if old["status"] == "False" { old["lastTransitionTime"].clone() } else { stamp };
    crate::conditions::remove(&mut conditions, "PodScheduled");
    conditions.push(value!({
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
        "lastProbeTime": null, "lastTransitionTime": since,
    }));
    let status = pod.status().with("phase", "Pending").with("conditions", conditions);
    cluster.write_status(machines, NAME, pod, status);
}
