//! What controllers do at every turn, in a word each: look up, write only what differs, adopt and let
//! go, tell of it in an event, come back later.

use crate::cluster::{Actor, Cluster};
use crate::controllers;
use crate::delete::DeleteOptions;
use crate::door::Edit;
use crate::events::Source;
use crate::kinds::KindId;
use crate::object::{Id, Object};
use drydock_container::Machines;
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::{Sym, Timestamp, Value};
use std::sync::Arc;

/// A controller as the API server sees it.
#[must_use]
pub fn actor(name: &'static str) -> Actor {
    let manager = match name {
        "kubelet" => "kubelet",
        "default-scheduler" => "kube-scheduler",
        "service-controller" => "cloud-controller-manager",
        _ => "kube-controller-manager",
    };
    Actor::system(name, manager)
}

/// A map under construction.
#[derive(Default)]
pub struct Fields(Vec<(Sym, Value)>);

impl Fields {
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.push((Sym::new(name), value.into()));
    }
    /// As `omitempty`.
    pub fn put_nonzero(&mut self, name: &str, n: i64) {
        if n != 0 {
            self.put(name, n);
        }
    }
    #[must_use]
    pub fn value(self) -> Value {
        Value::from_entries(self.0)
    }
}

/// True when a LabelSelector (matchLabels, matchExpressions) matches; one that selects nothing or is
/// broken does not.
#[must_use]
pub fn selector_matches(selector: &Value, labels: &Value) -> bool {
    let pairs = selector["matchLabels"].entries();
    if selector["matchExpressions"].is_empty() {
        return !pairs.is_empty() && pairs.iter().all(|(k, v)| labels.field(*k) == v);
    }
    LabelSelector::from_value(selector).is_ok_and(|s| s.matches(labels))
}

impl Cluster {
    /// The object as it is now, to keep while the world is written to.
    #[must_use]
    pub fn object(&self, id: Id) -> Option<Arc<Object>> {
        self.store.get(id).cloned()
    }
    /// Objects of a kind whose controller is `owner`.
    #[must_use]
    pub fn owned(&self, owner: Id, kind: KindId) -> Vec<Arc<Object>> {
        self.store.children(owner).filter(|o| o.kind == kind).cloned().collect()
    }
    #[must_use]
    pub fn in_namespace(&self, kind: KindId, namespace: &str) -> Vec<Arc<Object>> {
        self.store.list_in(kind, namespace).cloned().collect()
    }
    /// True when a workload's `spec.selector` matches these labels.
    #[must_use]
    pub fn selects(&self, workload: &Object, labels: &Value) -> bool {
        selector_matches(workload.spec().get("selector"), labels)
    }
    /// Now, as timestamps in objects say it. One text per second is shared by all.
    pub fn stamp(&mut self, machines: &Machines) -> Value {
        let unix = machines.clock.unix();
        match &self.control.stamp {
            Some((second, text)) if *second == unix => text.into(),
            _ => {
                let text: Arc<str> = Timestamp(unix).to_rfc3339().into();
                self.control.stamp = Some((unix, text.clone()));
                text.into()
            }
        }
    }
    /// Writes a status that says something new. False when nothing was written.
    pub fn write_status(
        &mut self,
        machines: &mut Machines,
        name: &'static str,
        object: &Object,
        status: Value,
    ) -> bool {
        let before = self.store.revision;
        // Gone meanwhile is as good as written.
        let _ = self.update_status(machines, &actor(name), object.id, status);
        self.store.revision != before
    }
    /// Writes metadata and spec. False when refused.
    pub fn write(
        &mut self,
        machines: &mut Machines,
        name: &'static str,
        object: &Object,
        metadata: Option<Value>,
        spec: Option<Value>,
    ) -> bool {
        let edit = Edit { metadata, spec, ..Edit::default() };
        self.update(machines, &actor(name), object.id, None, edit).is_ok()
    }
    /// Deletes in the background, as the garbage collector and controllers do.
    pub fn delete_object(&mut self, machines: &mut Machines, actor: &Actor, object: &Object) {
        let _ = self.delete(machines, actor, object.id, &DeleteOptions::default());
    }
    pub fn drop_object(&mut self, machines: &mut Machines, name: &'static str, id: Id) {
        let _ = self.delete(machines, &actor(name), id, &DeleteOptions::default());
    }
    /// A Normal event.
    pub fn inform(
        &mut self,
        machines: &mut Machines,
        about: &Arc<Object>,
        reason: &str,
        message: impl Into<Arc<str>>,
        component: &str,
    ) {
        self.event(machines, about, "Normal", reason, message, &Source::component(component));
    }
    /// A Warning event.
    pub fn warn(
        &mut self,
        machines: &mut Machines,
        about: &Arc<Object>,
        reason: &str,
        message: impl Into<Arc<str>>,
        component: &str,
    ) {
        self.event(machines, about, "Warning", reason, message, &Source::component(component));
    }
    /// Has a controller look at an object again after `delay` milliseconds.
    pub fn mark_later(&mut self, machines: &mut Machines, name: &'static str, id: Id, delay: u64) {
        if let Some(number) = controllers::number_of(name) {
            self.control.later(machines, number, id, delay);
        }
    }
    /// Adopts what the owner's selector matches and nobody controls, and lets go of what it no longer
    /// matches, as `ControllerRefManager` does.
    pub fn claim(&mut self, machines: &mut Machines, owner: &Arc<Object>, kind: KindId, name: &'static str) {
        if owner.deleting.is_none() {
            let fits = |o: &&Arc<Object>| {
                o.namespace == owner.namespace && o.deleting.is_none() && self.selects(owner, o.labels())
            };
            let orphans: Vec<Arc<Object>> = self.store.orphans(kind).filter(fits).cloned().collect();
            for orphan in orphans.iter().filter(|o| !o.is_finished()) {
                let mut owners = orphan.owners().to_vec();
                owners.push(owner.controller_reference());
                let metadata = orphan.metadata.value.with("ownerReferences", owners);
                self.write(machines, name, orphan, Some(metadata), None);
            }
        }
        // Only a change of labels or selector can make a stray of a child.
        if self.control.relabelled.remove(&owner.id).is_none() {
            return;
        }
        // Replicas share their labels, so that the same ones need no second look.
        let mut last: Option<Value> = None;
        let mut strays = Vec::new();
        for child in self.store.children(owner.id).filter(|o| o.kind == kind && o.deleting.is_none()) {
            let labels = child.labels();
            if last.as_ref().is_some_and(|l| l.is_same(labels)) {
                continue;
            }
            if self.selects(owner, labels) {
                last = Some(labels.clone());
            } else {
                strays.push(child.clone());
            }
        }
        let uid = owner.uid.to_string();
        for stray in strays {
            let owners: Vec<Value> =
                stray.owners().iter().filter(|o| o["uid"] != uid.as_str()).cloned().collect();
            let metadata = if owners.is_empty() {
                stray.metadata.value.without("ownerReferences")
            } else {
                stray.metadata.value.with("ownerReferences", owners)
            };
            self.write(machines, name, &stray, Some(metadata), None);
        }
    }
}
