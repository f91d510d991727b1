//! What every node has left, kept by difference: nothing is summed over pods when a pod is placed.

use super::demand::{Amounts, Demand, HostPort};
use crate::object::{Id, Object};
use drydock_machinery::{Sym, Value};
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// One node as the scheduler sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    pub id: Id,
    pub name: Arc<str>,
    pub labels: Value,
    pub taints: Value,
    pub unschedulable: bool,
    pub total: Amounts,
    pub max_pods: i64,
    pub used: Amounts,
    pub scored_cpu: i64,
    pub scored_memory: i64,
    pub pods: i64,
    pub ports: Vec<HostPort>,
}

impl Room {
    /// Percent free as LeastAllocated counts it, with the pod on the node.
    #[must_use]
    pub fn least_allocated(&self, demand: &Demand) -> i64 {
        let free =
            |used: i64, total: i64| if total > 0 && used <= total { (total - used) * 100 / total } else { 0 };
        (free(self.scored_cpu + demand.scored_cpu, self.total.cpu)
            + free(self.scored_memory + demand.scored_memory, self.total.memory))
            / 2
    }
    /// 100 less the spread between the shares of CPU and memory in use.
    #[must_use]
    pub fn balanced(&self, demand: &Demand) -> i64 {
        let share = |used: i64, total: i64| {
            if total > 0 { (used.saturating_mul(10_000) / total).min(10_000) } else { 10_000 }
        };
        let cpu = share(self.used.cpu + demand.amounts.cpu, self.total.cpu);
        let memory = share(self.used.memory + demand.amounts.memory, self.total.memory);
        // The standard deviation of two numbers is half their distance.
        (10_000 - (cpu - memory).abs() / 2) / 100
    }
    /// Index key: how full it is, parts per million of CPU and memory together.
    fn fill(&self) -> u32 {
        let used = |used: i64, total: i64| {
            if total > 0 { used.saturating_mul(1_000_000) / total } else { 1_000_000 }
        };
        u32::try_from(used(self.scored_cpu, self.total.cpu) + used(self.scored_memory, self.total.memory))
            .unwrap_or(u32::MAX)
    }
    fn describe(&mut self, node: &Object) {
        let spec = node.spec();
        let allocatable = &node.status()["allocatable"];
        self.id = node.id;
        self.name = node.name.clone();
        self.labels = node.labels().clone();
        self.taints = spec["taints"].clone();
        self.unschedulable = spec["unschedulable"].bool();
        self.total = Amounts::of(allocatable);
        self.max_pods = self.total.other.remove(&Sym::new("pods")).unwrap_or(110);
    }
}

/// See the module's head.
#[derive(Clone, Debug, Default)]
pub struct Rooms {
    rooms: OrdMap<Id, Arc<Room>>,
    by_fill: OrdSet<(u32, Id)>,
}

impl Rooms {
    #[must_use]
    pub fn len(&self) -> usize {
        self.rooms.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }
    #[must_use]
    pub fn get(&self, node: Id) -> Option<&Arc<Room>> {
        self.rooms.get(&node)
    }
    /// In order of creation.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Room>> + '_ {
        self.rooms.values()
    }
    /// From the emptiest to the fullest.
    pub fn by_fill(&self) -> impl Iterator<Item = &Arc<Room>> + '_ {
        self.by_fill.iter().filter_map(|key| self.rooms.get(&key.1))
    }
    /// A node appeared or changed. True when that can make room for somebody.
    pub fn set(&mut self, node: &Object) -> bool {
        let old = self.rooms.get(&node.id).cloned();
        let mut room = old.as_deref().cloned().unwrap_or_default();
        room.describe(node);
        if old.as_deref() == Some(&room) {
            return false;
        }
        self.put(old.as_deref(), room);
        true
    }
    pub fn remove(&mut self, node: Id) {
        if let Some(room) = self.rooms.remove(&node) {
            self.by_fill.remove(&(room.fill(), node));
        }
    }
    fn put(&mut self, old: Option<&Room>, room: Room) {
        let (before, after) = (old.map(Room::fill), room.fill());
        if before != Some(after) {
            if let Some(before) = before {
                self.by_fill.remove(&(before, room.id));
            }
            self.by_fill.insert((after, room.id));
        }
        self.rooms.insert(room.id, Arc::new(room));
    }
    fn change(&mut self, node: Id, change: impl FnOnce(&mut Room)) {
        let Some(room) = self.rooms.get_mut(&node) else { return };
        let room = Arc::make_mut(room);
        let before = room.fill();
        change(room);
        let after = room.fill();
        if before != after {
            self.by_fill.remove(&(before, node));
            self.by_fill.insert((after, node));
        }
    }
    pub fn take(&mut self, node: Id, demand: &Demand) {
        self.change(node, |room| {
            room.pods += 1;
            room.used.add(&demand.amounts);
            room.scored_cpu += demand.scored_cpu;
            room.scored_memory += demand.scored_memory;
            room.ports.extend(demand.ports.iter().cloned());
        });
    }
    pub fn release(&mut self, node: Id, demand: &Demand) {
        self.change(node, |room| {
            room.pods -= 1;
            room.used.take(&demand.amounts);
            room.scored_cpu -= demand.scored_cpu;
            room.scored_memory -= demand.scored_memory;
            for port in &demand.ports {
                if let Some(at) = room.ports.iter().position(|p| p == port) {
                    room.ports.remove(at);
                }
            }
        });
    }
}
