//! What controllers ask for at every turn, kept by difference: children and dependents of an owner,
//! pods of a node, counts of an owner's pods, objects without a controller, services by selector.

use crate::kinds::{self, KindId};
use crate::object::{Id, Object};
use crate::store::{Change, Store};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Sym, Value};
use drydock_network::address::Ip;
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// Pods of one owner: counting them at each reconcile would make n pods cost n².
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Not being deleted and not finished.
    pub active: u32,
    /// Of these, those with condition Ready.
    pub ready: u32,
    /// All that exist.
    pub all: u32,
}

/// (namespace, key, value) of a service's first selector pair, and the service.
type SelectorKey = (Arc<str>, Sym, Arc<str>, Id);

#[derive(Clone, Debug, Default)]
pub(crate) struct Indexes {
    children: OrdSet<(Id, Id)>,
    tallies: OrdMap<Id, Tally>,
    unready: OrdSet<(Id, Id)>,
    on_node: OrdSet<(Id, Id)>,
    orphans: OrdSet<(KindId, Id)>,
    selecting: OrdSet<SelectorKey>,
    addresses: OrdMap<Ip, Id>,
    node_ports: OrdMap<u16, Id>,
    pub(crate) dependents: crate::dependents::Dependents,
}

fn counts(object: Option<&Arc<Object>>) -> (u32, u32, u32) {
    object.map_or((0, 0, 0), |o| {
        let active = o.deleting.is_none() && !o.is_finished();
        (u32::from(active), u32::from(active && o.is_ready()), 1)
    })
}

fn selector_key(service: &Object) -> Option<SelectorKey> {
    let (key, value) = service.spec().get("selector").entries().first()?;
    Some((service.namespace.clone(), *key, value.shared(), service.id))
}

fn address_of(service: &Object) -> Option<Ip> {
    Ip::parse(service.spec().get("clusterIP").text())
}

fn ports_of(service: &Object) -> impl Iterator<Item = u16> + '_ {
    let ports = service.spec().get("ports").items().iter().map(|port| port["nodePort"].int());
    let health = service.spec().get("healthCheckNodePort").int();
    ports.chain([health]).filter_map(|port| u16::try_from(port).ok()).filter(|port| *port > 0)
}

impl Indexes {
    pub(crate) fn update(&mut self, change: &Change) {
        self.dependents.update(change);
        let Some(object) = change.object() else { return };
        let id = object.id;
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let (owner0, owner1) = (before.and_then(|o| o.controller), after.and_then(|o| o.controller));
        if owner0 != owner1 {
            if let Some(owner) = owner0 {
                self.children.remove(&(owner, id));
            }
            if let Some(owner) = owner1 {
                self.children.insert((owner, id));
            }
        }
        let free = |o: Option<&Arc<Object>>| o.is_some_and(|o| o.controller.is_none());
        if free(before) != free(after) {
            if free(after) {
                self.orphans.insert((object.kind, id));
            } else {
                self.orphans.remove(&(object.kind, id));
            }
        }
        if object.kind == kinds::POD {
            self.pod(id, before, after);
        } else if object.kind == kinds::SERVICE && change.differs(|o| o.spec.hash) {
            if let Some(key) = before.and_then(|o| selector_key(o)) {
                self.selecting.remove(&key);
            }
            if let Some(key) = after.and_then(|o| selector_key(o)) {
                self.selecting.insert(key);
            }
            if let Some(old) = before {
                self.release(old);
            }
            if let Some(new) = after {
                self.take(new);
            }
        }
    }
    fn release(&mut self, service: &Object) {
        if let Some(ip) = address_of(service) {
            self.addresses.remove(&ip);
        }
        for port in ports_of(service) {
            self.node_ports.remove(&port);
        }
    }
    fn take(&mut self, service: &Object) {
        if let Some(ip) = address_of(service) {
            self.addresses.insert(ip, service.id);
        }
        for port in ports_of(service) {
            self.node_ports.insert(port, service.id);
        }
    }
    fn pod(&mut self, id: Id, before: Option<&Arc<Object>>, after: Option<&Arc<Object>>) {
        let (node0, node1) = (before.and_then(|o| o.node), after.and_then(|o| o.node));
        if node0 != node1 {
            if let Some(node) = node0 {
                self.on_node.remove(&(node, id));
            }
            if let Some(node) = node1 {
                self.on_node.insert((node, id));
            }
        }
        let (owner0, owner1) = (before.and_then(|o| o.controller), after.and_then(|o| o.controller));
        let (counts0, counts1) = (counts(before), counts(after));
        if (owner0, counts0) == (owner1, counts1) {
            return;
        }
        if let Some(owner) = owner0 {
            let mut tally = self.tallies.get(&owner).copied().unwrap_or_default();
            tally.active = tally.active.saturating_sub(counts0.0);
            tally.ready = tally.ready.saturating_sub(counts0.1);
            tally.all = tally.all.saturating_sub(counts0.2);
            self.unready.remove(&(owner, id));
            if tally == Tally::default() {
                self.tallies.remove(&owner);
            } else {
                self.tallies.insert(owner, tally);
            }
        }
        if let Some(owner) = owner1 {
            let tally = self.tallies.entry(owner).or_default();
            tally.active += counts1.0;
            tally.ready += counts1.1;
            tally.all += counts1.2;
            if counts1.0 > counts1.1 {
                self.unready.insert((owner, id));
            }
        }
    }
}

impl Store {
    /// Objects whose controller is `owner`, in order of creation.
    pub fn children(&self, owner: Id) -> impl DoubleEndedIterator<Item = &Arc<Object>> + '_ {
        self.indexes.children.range((owner, 0)..=(owner, Id::MAX)).filter_map(|pair| self.get(pair.1))
    }
    /// Active pods of `owner` that are not ready: the first to go on a scale down.
    pub fn unready(&self, owner: Id) -> impl DoubleEndedIterator<Item = &Arc<Object>> + '_ {
        self.indexes.unready.range((owner, 0)..=(owner, Id::MAX)).filter_map(|pair| self.get(pair.1))
    }
    /// Counts of the pods whose controller is `owner`.
    #[must_use]
    pub fn tally(&self, owner: Id) -> Tally {
        self.indexes.tallies.get(&owner).copied().unwrap_or_default()
    }
    /// Pods bound to a node, in order of creation.
    pub fn pods_on(&self, node: Id) -> impl DoubleEndedIterator<Item = &Arc<Object>> + '_ {
        self.indexes.on_node.range((node, 0)..=(node, Id::MAX)).filter_map(|pair| self.get(pair.1))
    }
    /// Objects of a kind that no controller owns: what a selector may adopt.
    pub fn orphans(&self, kind: KindId) -> impl Iterator<Item = &Arc<Object>> + '_ {
        self.indexes.orphans.range((kind, 0)..=(kind, Id::MAX)).filter_map(|pair| self.get(pair.1))
    }
    /// True when a service has this cluster IP.
    #[must_use]
    pub fn has_address(&self, ip: Ip) -> bool {
        self.indexes.addresses.contains_key(&ip)
    }
    /// The service with this cluster IP.
    #[must_use]
    pub fn service_at(&self, ip: Ip) -> Option<&Arc<Object>> {
        self.indexes.addresses.get(&ip).and_then(|id| self.get(*id))
    }
    /// The service that holds a node port.
    #[must_use]
    pub fn node_port(&self, port: u16) -> Option<Id> {
        self.indexes.node_ports.get(&port).copied()
    }
    /// Services whose selector matches these labels.
    #[must_use]
    pub fn services_for(&self, namespace: &str, labels: &Value) -> Vec<&Arc<Object>> {
        let namespace: Arc<str> = namespace.into();
        let mut found = Vec::new();
        for (key, value) in labels.entries() {
            let value = value.shared();
            let from = (namespace.clone(), *key, value.clone(), 0);
            let to = (namespace.clone(), *key, value, Id::MAX);
            let near = self.indexes.selecting.range(from..=to).filter_map(|k| self.get(k.3));
            found.extend(near.filter(|service| selects(service.spec().get("selector"), labels)));
        }
        found.arrange_by_key(|service| service.id);
        found
    }
}

/// True when every pair of a plain selector map is among the labels; an empty one selects nothing.
#[must_use]
pub fn selects(selector: &Value, labels: &Value) -> bool {
    let pairs = selector.entries();
    !pairs.is_empty() && pairs.iter().all(|(key, value)| labels.field(*key) == value)
}
