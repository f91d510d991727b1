//! metrics-server's measurements: every 15 s (`--metric-resolution`) the CPU counters and the memory of all
//! running containers and nodes, as kubelets give them. A rate needs two measurements; a container in its
//! first window is measured from its start. Follows metrics-server v0.8, `pkg/storage`.
//!
//! Pods of the control plane have no processes behind them: their use is a steady figure by component.

use crate::auth::User;
use crate::auth::authorize::Attributes;
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::kinds;
use crate::kubelet;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::digest::{hash_bytes, mix};
use drydock_machinery::time::parse_go_duration;
use imbl::OrdMap;
use std::sync::Arc;

pub const NAME: &str = "metrics-server";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 1, observe, reconcile, flush: Controller::NO_FLUSH };

/// A container younger than this is not measured from its start, milliseconds.
const FRESH_MS: u64 = 10_000;
const PAGE: u64 = 4096;

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    /// Simulated milliseconds.
    at: u64,
    cpu_ns: u64,
    memory: u64,
}

/// The last two measurements of one container.
#[derive(Clone, Debug, PartialEq)]
struct Series {
    /// When it started: another start is another series.
    start: u64,
    before: Option<Point>,
    last: Point,
    name: Arc<str>,
}

/// What was used over a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    /// When it was measured, simulated milliseconds.
    pub at: u64,
    pub window_ms: u64,
    /// Billionths of a processor.
    pub nano: u64,
    /// Bytes.
    pub memory: u64,
}

/// All that metrics-server keeps.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// Its running pods: which container does the work, and when it looks again.
    servers: OrdMap<Id, (SpaceId, u64)>,
    /// By pod and place of the container.
    pods: OrdMap<(Id, u16), Series>,
    nodes: OrdMap<Id, Rate>,
    /// How often it measured.
    rounds: u64,
}

impl Series {
    fn rate(&self) -> Option<Rate> {
        let before = self.before?;
        let window_ms = self.last.at.saturating_sub(before.at).max(1);
        let nano = self.last.cpu_ns.saturating_sub(before.cpu_ns) * 1000 / window_ms;
        Some(Rate { at: self.last.at, window_ms, nano, memory: self.last.memory })
    }
}

impl Metrics {
    pub(crate) fn node(&self, node: Id) -> Option<Rate> {
        self.nodes.get(&node).copied().filter(|r| r.window_ms > 0)
    }
    /// Every container of a pod, all of which must be known.
    pub(crate) fn pod(&self, pod: &Object) -> Option<Vec<(Arc<str>, Rate)>> {
        let all = self.pods.range((pod.id, 0)..=(pod.id, u16::MAX));
        let rates: Option<Vec<_>> = all.map(|(_, s)| Some((s.name.clone(), s.rate()?))).collect();
        rates.filter(|r| !r.is_empty())
    }
}

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(pod) = change.object().filter(|o| o.kind == kinds::POD) else { return };
    let known = !cluster.control.metrics.servers.is_empty();
    if known && cluster.control.metrics.servers.contains_key(&pod.id)
        || change.differs(|o| o.status.hash)
            && pod.spec()["containers"].items().iter().any(|c| c["image"].text().contains(NAME))
    {
        mark(pod.id);
    }
}

/// A pod of metrics-server changed, or its time to look has come.
fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let now = machines.clock.now;
    let Some((space, resolution)) = running(cluster, machines, id) else {
        let metrics = &mut cluster.control.metrics;
        if metrics.servers.remove(&id).is_some() && metrics.servers.is_empty() {
            // What it measured was in its memory.
            *metrics = Metrics::default();
        }
        return;
    };
    match cluster.control.metrics.servers.get(&id) {
        Some((known, due)) if *known == space && now < *due => return,
        Some((known, _)) if *known == space => {}
        _ => cluster.control.metrics = Metrics::default(),
    }
    cluster.control.metrics.servers.insert(id, (space, now + resolution));
    // Of several replicas one measures for all.
    if cluster.control.metrics.servers.keys().next() == Some(&id) && may_ask(cluster, id) {
        measure(cluster, machines);
    }
    if let Some(number) = crate::controllers::number_of(NAME) {
        // The mark itself takes its time.
        cluster.control.later(machines, number, id, resolution - CONTROLLER.latency_ms);
    }
}

/// The running container of a metrics-server's pod, and its resolution in milliseconds.
fn running(cluster: &Cluster, machines: &Machines, id: Id) -> Option<(SpaceId, u64)> {
    let worker = cluster.control.kubelets.worker(id)?;
    worker.units.iter().filter(|u| u.is_running()).find_map(|unit| {
        let process = machines.process(machines.space(unit.space)?.init)?;
        let own = super::command(process.argv.first()?) == NAME;
        let flag = process.argv.iter().find_map(|a| a.strip_prefix("--metric-resolution="));
        let resolution = flag.and_then(|text| parse_go_duration(text).ok()).unwrap_or(60_000);
        let resolution = u64::try_from(resolution).unwrap_or(0).max(FRESH_MS);
        own.then_some((unit.space, resolution))
    })
}

/// Whether the server's account may read what it needs.
fn may_ask(cluster: &Cluster, id: Id) -> bool {
    let Some(pod) = cluster.get(id) else { return false };
    let user = User::account(&pod.namespace, pod.spec()["serviceAccountName"].text(), "");
    let may = |verb: &'static str, resource: &'static str, subresource: &'static str| {
        let asked = Attributes { verb, version: "v1", resource, subresource, ..Attributes::of(&user) };
        cluster.allows(&asked)
    };
    may("get", "nodes", "metrics") && may("list", "pods", "") && may("list", "nodes", "")
}

/// One round over all kubelets that answer.
fn measure(cluster: &mut Cluster, machines: &Machines) {
    let now = machines.clock.now;
    let old = std::mem::take(&mut cluster.control.metrics);
    let round = old.rounds + 1;
    let mut new = Metrics { servers: old.servers.clone(), rounds: round, ..Metrics::default() };
    for node in cluster.store.list(kinds::NODE) {
        if cluster.control.kubelets.stopped.contains(&node.id) {
            continue;
        }
        let (mut nano, mut memory) = overhead(cluster, machines, node, round);
        for pod in cluster.store.pods_on(node.id) {
            for (place, start, name, point) in containers(cluster, machines, pod, round) {
                let key = (pod.id, place);
                let series = next(old.pods.get(&key), start, name, point);
                nano += series.rate().map_or(0, |r| r.nano);
                memory += point.memory;
                new.pods.insert(key, series);
            }
        }
        // Without a round before there is no rate.
        let before = old.nodes.get(&node.id).map_or(now, |r| r.at);
        new.nodes.insert(node.id, Rate { at: now, window_ms: now - before, nano, memory });
    }
    cluster.control.metrics = new;
}

/// A series with one more measurement.
fn next(old: Option<&Series>, start: u64, name: Arc<str>, last: Point) -> Series {
    let before = match old.filter(|s| s.start == start) {
        Some(series) => Some(series.last),
        None if last.at.saturating_sub(start) >= FRESH_MS && last.at - start <= 2 * FRESH_MS => {
            Some(Point { at: start, cpu_ns: 0, memory: 0 })
        }
        None => None,
    };
    Series { start, before, last, name }
}

/// The running containers of a pod: place, start, name and what they use.
fn containers(
    cluster: &Cluster,
    machines: &Machines,
    pod: &Object,
    round: u64,
) -> Vec<(u16, u64, Arc<str>, Point)> {
    let at = machines.clock.now;
    let Some(worker) = cluster.control.kubelets.worker(pod.id) else {
        if pod.status()["phase"] != "Running" {
            return Vec::new();
        }
        let steady = |(place, spec): (u16, &drydock_machinery::Value)| {
            let (milli, mebibytes) = component(spec["name"].text());
            let seed = mix(hash_bytes(pod.name.as_bytes()), round);
            // Up to a tenth more or less from round to round.
            let cpu_ns = at * milli * 1000 + seed % (milli * 1_000_000);
            let memory = pages((mebibytes << 20) + (seed >> 20) % (mebibytes << 16));
            (place, 0, spec["name"].shared(), Point { at, cpu_ns, memory })
        };
        return (0..).zip(pod.spec()["containers"].items()).map(steady).collect();
    };
    let running = (0u16..).zip(&worker.units).filter(|(_, unit)| unit.is_running());
    let measure = |(place, unit): (u16, &kubelet::Unit)| {
        let space = machines.space(unit.space)?;
        let memory = pages(machines.usage(unit.space).memory);
        let mut cpu_ns = machines.cpu_time(unit.space);
        if space.config.cpu_milli > 0 {
            // The scheduler lets nobody have more than the limit.
            cpu_ns = cpu_ns.min((at - space.started.min(at)) * space.config.cpu_milli * 1000);
        }
        let name = kubelet::spec_of(pod, usize::from(place))["name"].shared();
        Some((place, space.started, name, Point { at, cpu_ns, memory }))
    };
    running.filter_map(measure).collect()
}

fn pages(bytes: u64) -> u64 {
    bytes / PAGE * PAGE
}

/// Thousandths of a processor and MiB a part of the control plane uses in a small cluster.
fn component(name: &str) -> (u64, u64) {
    match name {
        "kube-apiserver" => (44, 286),
        "etcd" => (21, 58),
        "kube-controller-manager" => (15, 52),
        "kube-scheduler" => (4, 24),
        "coredns" => (2, 15),
        _ => (1, 18),
    }
}

/// What a node's own processes use: kubelet, container runtime, the system. Billionths of a processor, bytes.
fn overhead(cluster: &Cluster, machines: &Machines, node: &Object, round: u64) -> (u64, u64) {
    let pods = cluster.store.pods_on(node.id).count() as u64;
    let seed = mix(hash_bytes(node.name.as_bytes()), round);
    let nano = 31_000_000 + pods * 900_000 + seed % 6_000_000;
    let memory = (388 << 20) + pods * (7 << 20) + (seed >> 24) % (9 << 20);
    let host = cluster.control.kubelets.nodes.get(&node.id).map_or(SpaceId(0), |n| n.host);
    let guests = machines.usage(host);
    (nano + guests.cpu_milli * 1_000_000, pages(memory + guests.memory))
}
