//! Sharing what replicas have in common. The pods of a ReplicaSet go through defaulting, admission
//! and validation once: the next one with the same labels, owner and spec takes the same trees.

use crate::managed::Managed;
use crate::object::Part;
use drydock_machinery::Value;
use imbl::Vector;
use std::sync::Arc;

/// How many different templates are remembered.
const KEPT: usize = 16;

/// A pod as a controller asked for it and as it was let in.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub namespace: Arc<str>,
    pub asked_metadata: Value,
    pub asked_spec: Value,
    pub metadata: Part,
    pub spec: Part,
    pub status: Part,
    pub managed: Managed,
}

/// Never decides what happens, only what it costs: not part of the world's hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares {
    admitted: Vector<Arc<Admitted>>,
    /// The status of pods bound last: from which status, in which second, and the outcome.
    scheduled: Option<(u64, i64, Part)>,
}

impl Shares {
    pub(crate) fn find(&self, namespace: &str, metadata: &Value, spec: &Value) -> Option<Arc<Admitted>> {
        let same = |a: &&Arc<Admitted>| {
            &*a.namespace == namespace
                && (a.asked_spec.is_same(spec) || a.asked_spec == *spec)
                && a.asked_metadata == *metadata
        };
        self.admitted.iter().rev().find(same).cloned()
    }
    pub(crate) fn remember(&mut self, admitted: Admitted) {
        if self.admitted.len() >= KEPT {
            self.admitted.pop_front();
        }
        self.admitted.push_back(Arc::new(admitted));
    }
    /// The owners of a template's next pod: the same, as of now. Pods of one second share them.
    pub(crate) fn managed_at(&mut self, admitted: &Arc<Admitted>, now: i64) -> Managed {
        let managed = admitted.managed.at(now);
        if !managed.is_same(&admitted.managed)
            && let Some(place) = self.admitted.iter().position(|a| Arc::ptr_eq(a, admitted))
        {
            let admitted = Admitted { managed: managed.clone(), ..Admitted::clone(admitted) };
            self.admitted.set(place, Arc::new(admitted));
        }
        managed
    }
    pub(crate) fn scheduled(&self, from: u64, now: i64) -> Option<Part> {
        self.scheduled.as_ref().filter(|s| (s.0, s.1) == (from, now)).map(|s| s.2.clone())
    }
    pub(crate) fn remember_scheduled(&mut self, from: u64, now: i64, status: Part) {
        self.scheduled = Some((from, now, status));
    }
    /// Something admission looks at has changed.
    pub(crate) fn forget(&mut self) {
        if !self.admitted.is_empty() {
            self.admitted = Vector::new();
        }
    }
}
