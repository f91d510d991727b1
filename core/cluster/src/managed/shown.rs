//! Owners as clients see them: `metadata.managedFields`, worked out where they were only noted.

use crate::cluster::{Actor, Cluster};
use crate::draft::Draft;
use crate::kinds;
use crate::object::Object;
use drydock_machinery::fields::{self, Owner, Owners, Set};
use drydock_machinery::{Value, value};

impl Cluster {
    /// All owners of an object, noted status writes worked out.
    #[must_use]
    pub(crate) fn owners_of(&self, object: &Object) -> Owners {
        let owners = object.managed.owners();
        let (Some(pending), Some(record)) = (&object.managed.pending, self.kind(object.kind)) else {
            return owners;
        };
        let version = record.api_version();
        let owner = Owner {
            manager: pending.manager.text().into(),
            apply: false,
            api_version: version.as_str().into(),
            subresource: (if record.subresource("status").is_some() { "status" } else { "" }).into(),
        };
        let tree = |status: &Value| value!({"status": status});
        let (from, to) = (tree(&pending.before.value), tree(object.status()));
        let nothing = Set::default();
        self.viewing(record, &version, &nothing, |view| {
            fields::update(view, &owners, &owner, &from, &to, pending.time)
        })
    }

    /// `metadata.managedFields` of an object; null for none.
    #[must_use]
    pub fn managed_fields(&self, object: &Object) -> Value {
        if self.replay {
            return Value::Null;
        }
        if object.kind == kinds::EVENT && object.managed.is_untracked() {
            return self.event_fields(object);
        }
        match (&object.managed.record, &object.managed.pending) {
            (None, None) => Value::Null,
            (Some(record), None) => record.shown.get_or_init(|| record.owners.to_value()).clone(),
            _ => self.owners_of(object).to_value(),
        }
    }
    /// An event belongs to its source as a whole.
    fn event_fields(&self, event: &Object) -> Value {
        let Some(record) = self.kind(kinds::EVENT) else { return Value::Null };
        let source = match event.field("source")["component"].text() {
            "" => event.field("reportingComponent"),
            _ => &event.field("source")["component"],
        };
        let manager = source.text().to_string();
        let manager = if manager == "default-scheduler" { "kube-scheduler".into() } else { manager };
        let manager =
            if manager.ends_with("-controller") { "kube-controller-manager".into() } else { manager };
        let actor = Actor { manager: manager.into(), ..Actor::admin() };
        let mut draft = Draft::of(event);
        draft.writing.api_version = event
            .field("source")
            .is_empty()
            .then(|| "events.k8s.io/v1".into())
            .filter(|_| record.alternative("events.k8s.io", "v1").is_some());
        self.managed_new(&actor, record, &draft, event.created).owners().to_value()
    }
    /// An object's tree with its `managedFields`.
    #[must_use]
    pub fn with_managed_fields(&self, object: &Object, value: Value) -> Value {
        match self.managed_fields(object) {
            fields if fields.is_empty() => value,
            fields => value.with_at(&["metadata", "managedFields"], fields),
        }
    }
}
