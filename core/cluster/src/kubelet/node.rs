//! Nodes as machines: their host, the addresses of their pods, and what happens when one is switched off.
//! Follows kubeadm's defaults: 10.244.n.0/24 per node, assigned in the order of arrival.

use super::{Stage, State, sync};
use crate::access::actor;
use crate::cluster::Cluster;
use crate::door::Edit;
use crate::kinds;
use crate::object::Id;
use drydock_container::space::{NetId, SpaceKind};
use drydock_container::{Machines, SpaceId};
use drydock_network::address::{Cidr, Ip};
use imbl::OrdSet;
use std::sync::Arc;

/// The first pod network.
const PODS: Ip = Ip::new(10, 244, 0, 0);

/// One node's machine.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeState {
    pub host: SpaceId,
    pub net: NetId,
    pub ip: Ip,
    pub pods: Cidr,
    /// The address given out last: they are not used again at once.
    cursor: u32,
    used: OrdSet<u32>,
}

/// The machine of a node, made on first sight.
pub fn ensure(cluster: &mut Cluster, machines: &mut Machines, id: Id) -> Option<Arc<NodeState>> {
    if let Some(state) = cluster.control.kubelets.nodes.get(&id) {
        return Some(state.clone());
    }
    let node = cluster.object(id).filter(|o| o.kind == kinds::NODE)?;
    let internal = node.status()["addresses"].items().iter().find(|a| a["type"] == "InternalIP");
    let number = cluster.control.kubelets.nodes.len() as u32;
    let ip = internal
        .and_then(|a| Ip::parse(a["address"].text()))
        .unwrap_or(Ip(Ip::new(172, 19, 0, 2).0 + number));
    let pods = match Cidr::parse(node.spec()["podCIDR"].text()) {
        Some(cidr) => cidr,
        None => {
            let taken: Vec<Ip> = cluster.control.kubelets.nodes.values().map(|n| n.pods.base).collect();
            let mut base = Ip(PODS.0 + (number << 8));
            while taken.contains(&base) {
                base = Ip(base.0 + 256);
            }
            let cidr = Cidr::new(base, 24);
            let text = cidr.to_string();
            let spec =
                node.spec().with("podCIDR", text.as_str()).with("podCIDRs", vec![text.as_str().into()]);
            let _ = cluster.update(machines, &actor("node-ipam-controller"), id, None, Edit::spec(spec));
            cidr
        }
    };
    let host = machines.add_host(&node.name, ip, SpaceKind::Node);
    let net = machines.space(host).map(|s| s.net).unwrap_or_default();
    machines.routing.add_node(ip);
    // Static pods have their addresses already.
    let there = cluster.store.pods_on(id).filter_map(|p| Ip::parse(p.status()["podIP"].text()));
    let used: OrdSet<u32> =
        there.filter(|ip| pods.contains(*ip)).map(|ip| ip.0.wrapping_sub(pods.base.0)).collect();
    let cursor = used.get_max().copied().unwrap_or(1);
    let state = Arc::new(NodeState { host, net, ip, pods, cursor, used });
    cluster.control.kubelets.nodes.insert(id, state.clone());
    Some(state)
}

impl NodeState {
    /// The next free pod address; .0 is the network, .1 the bridge.
    fn allocate(&mut self) -> Option<Ip> {
        let size = 1u32.checked_shl(32 - u32::from(self.pods.bits.min(32))).unwrap_or(256);
        for step in 1..=size {
            let n = (self.cursor + step) % size;
            if n >= 2 && n < size - 1 && !self.used.contains(&n) {
                self.cursor = n;
                self.used.insert(n);
                return Some(self.pods.nth(n));
            }
        }
        None
    }
}

/// An address on a node's pod network.
pub fn take_address(cluster: &mut Cluster, node: Id) -> Option<Ip> {
    cluster.control.kubelets.nodes.get_mut(&node).and_then(|n| Arc::make_mut(n).allocate())
}

pub fn give_back(cluster: &mut Cluster, node: Id, ip: Ip) {
    if let Some(state) = cluster.control.kubelets.nodes.get_mut(&node)
        && state.pods.contains(ip)
    {
        let n = ip.0.wrapping_sub(state.pods.base.0);
        Arc::make_mut(state).used.remove(&n);
    }
}

impl Cluster {
    /// Switches a node's machine off: everything on it stops, and nobody tells the API server.
    /// False for an unknown node.
    pub fn stop_node(&mut self, machines: &mut Machines, name: &str) -> bool {
        let Some(node) = self.find(kinds::NODE, "", name).map(|n| n.id) else { return false };
        if self.control.kubelets.stopped.insert(node).is_some() {
            return true;
        }
        let pods: Vec<Id> =
            self.control.kubelets.workers.iter().filter(|(_, w)| w.node == node).map(|(id, _)| *id).collect();
        for pod in pods {
            let Some(worker) = self.control.kubelets.workers.get(&pod).cloned() else { continue };
            for unit in &worker.units {
                self.control.kubelets.spaces.remove(&unit.space);
                machines.remove_container(unit.space);
            }
            machines.remove_net(worker.net);
        }
        crate::controllers::node_lifecycle::stopped(self, machines, node);
        true
    }
    /// Switches it on again: pods that are still meant to be there are started anew.
    pub fn start_node(&mut self, machines: &mut Machines, name: &str) -> bool {
        let Some(node) = self.find(kinds::NODE, "", name).map(|n| n.id) else { return false };
        if self.control.kubelets.stopped.remove(&node).is_none() {
            return true;
        }
        crate::controllers::node_lifecycle::started(self, machines, node);
        let pods: Vec<Id> =
            self.control.kubelets.workers.iter().filter(|(_, w)| w.node == node).map(|(id, _)| *id).collect();
        for pod in pods {
            if let Some(worker) = self.control.kubelets.workers.get_mut(&pod) {
                let worker = Arc::make_mut(worker);
                let now = machines.clock.now;
                worker.stage = Stage::Sandbox(now + 1_000);
                worker.net = NetId(0);
                let unix = machines.clock.unix();
                for unit in &mut worker.units {
                    if let State::Running(started) = unit.state {
                        let ended = super::Ended {
                            code: 255,
                            reason: "Unknown",
                            message: None,
                            started,
                            finished: unix,
                            space: unit.space,
                        };
                        unit.last = Some(Arc::new(ended));
                        unit.state = State::Waiting { reason: "ContainerCreating", message: None };
                    }
                    (unit.ready, unit.started, unit.probes) = (false, false, None);
                    unit.kill_at = None;
                }
                worker.arm(machines, pod, 1_000);
            }
            sync::pod(self, machines, pod);
        }
        true
    }
    /// Stops a node's kubelet, as `systemctl stop kubelet` does: its containers go on, and nobody tells
    /// the API server about them. False for an unknown node.
    pub fn stop_kubelet(&mut self, machines: &mut Machines, name: &str) -> bool {
        let Some(node) = self.find(kinds::NODE, "", name).map(|n| n.id) else { return false };
        if self.control.kubelets.stopped.insert(node).is_none() {
            crate::controllers::node_lifecycle::stopped(self, machines, node);
        }
        true
    }
    /// Starts it again: it finds its containers as they are.
    pub fn start_kubelet(&mut self, machines: &mut Machines, name: &str) -> bool {
        let Some(node) = self.find(kinds::NODE, "", name).map(|n| n.id) else { return false };
        if self.control.kubelets.stopped.remove(&node).is_none() {
            return true;
        }
        crate::controllers::node_lifecycle::started(self, machines, node);
        let workers = self.control.kubelets.workers.iter().filter(|(_, w)| w.node == node);
        let mut pods: Vec<Id> = workers.map(|(id, _)| *id).collect();
        // Bound in the meantime.
        pods.extend(self.store.pods_on(node).map(|p| p.id));
        for pod in pods {
            sync::pod(self, machines, pod);
            let Some(object) = self.object(pod) else { continue };
            let Some(mut worker) = self.control.kubelets.workers.remove(&pod) else { continue };
            // The API server has been told otherwise in between.
            sync::report(self, machines, &object, Arc::make_mut(&mut worker));
            self.control.kubelets.workers.insert(pod, worker);
        }
        true
    }
    /// True while a node's machine is off, or its kubelet.
    #[must_use]
    pub fn is_node_stopped(&self, node: Id) -> bool {
        self.control.kubelets.stopped.contains(&node)
    }
    /// What a node's machine is below Kubernetes: its host. Made on first sight.
    pub fn node_host(&mut self, machines: &mut Machines, name: &str) -> Option<SpaceId> {
        let node = self.find(kinds::NODE, "", name)?.id;
        ensure(self, machines, node).map(|n| n.host)
    }
}
