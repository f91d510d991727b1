//! `metadata.managedFields`: who owns which fields of an object
//! (`k8s.io/apimachinery/pkg/util/managedfields`, v1.33).
//!
//! Writes of specs and metadata are worked out as they happen; replicas share the outcome of their
//! template. A controller's status writes are only noted down (who, since when, over which status) and
//! worked out when somebody asks or another writes there. Fields given by admission, binding and
//! allocation belong to nobody, as on a real server.

use crate::cluster::{Actor, Cluster};
use crate::door::Scope;
use crate::draft::Draft;
use crate::kinds::{self, Kind};
use crate::object::Part;
use drydock_machinery::digest::mix;
use drydock_machinery::fields::{self, Element, Owner, Owners, Set, Typed, View};
use drydock_machinery::{Sym, Value, schema, value};
use std::sync::{Arc, OnceLock};

mod apply;
mod shown;
mod track;

pub(crate) use apply::Refused;

/// The owners of an object's fields.
#[derive(Clone, Debug, Default)]
pub struct Managed {
    record: Option<Arc<Record>>,
    pending: Option<Pending>,
}

/// Owners as worked out, shared by replicas.
#[derive(Debug)]
struct Record {
    owners: Owners,
    hash: u64,
    /// As served, once somebody asked.
    shown: OnceLock<Value>,
}

/// A component's status writes since the status was `before`.
#[derive(Clone, Debug)]
struct Pending {
    manager: Sym,
    /// Of the latest, unix seconds.
    time: i64,
    before: Part,
}

/// How a write came about, beside its content.
#[derive(Clone, Debug, Default)]
pub struct Writing {
    /// The version the client speaks; none for the storage version.
    pub api_version: Option<Arc<str>>,
    /// Below which path it wrote: `scale`; none for the object itself or its scope's own.
    pub subresource: Option<&'static str>,
    /// `managedFields` as they came with the object.
    pub given: Value,
    /// Owners that are known already: of an apply.
    pub decided: Option<Managed>,
}

impl Managed {
    #[must_use]
    pub fn new(owners: Owners) -> Managed {
        if owners.is_empty() {
            return Managed::default();
        }
        let hash = owners.content_hash();
        Managed { record: Some(Arc::new(Record { owners, hash, shown: OnceLock::new() })), pending: None }
    }
    /// Nobody's writes are tracked: the object was not made through the door.
    #[must_use]
    pub fn is_untracked(&self) -> bool {
        self.record.is_none() && self.pending.is_none()
    }
    #[must_use]
    pub(crate) fn content_hash(&self) -> u64 {
        let pending = self.pending.as_ref();
        let pending = pending.map_or(0, |p| mix(mix(p.time as u64, p.before.hash), p.manager.content_hash()));
        mix(self.record.as_ref().map_or(0, |r| r.hash), pending)
    }
    /// The same fields by the same owners, whenever they wrote.
    #[must_use]
    pub(crate) fn same_fields(&self, other: &Managed) -> bool {
        let same_record = match (&self.record, &other.record) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a.owners.same_fields(&b.owners),
            _ => false,
        };
        let pending = |m: &Managed| m.pending.as_ref().map(|p| (p.manager, p.before.hash));
        same_record && pending(self) == pending(other)
    }
    /// The very same record.
    #[must_use]
    pub(crate) fn is_same(&self, other: &Managed) -> bool {
        match (&self.record, &other.record) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
    /// The same owners, who all wrote just now.
    #[must_use]
    pub(crate) fn at(&self, now: i64) -> Managed {
        let Some(record) = &self.record else { return self.clone() };
        if record.owners.0.values().all(|owned| owned.time == Some(now)) {
            return self.clone();
        }
        let mut owners = record.owners.clone();
        owners.0.values_mut().for_each(|owned| owned.time = Some(now));
        Managed::new(owners)
    }
    fn owners(&self) -> Owners {
        self.record.as_ref().map(|r| r.owners.clone()).unwrap_or_default()
    }
}

fn field(name: &str) -> Element {
    Element::Field(Sym::new(name))
}

/// Paths a write of this scope cannot reach.
fn unreachable(kind: &Kind, scope: Scope) -> Set {
    let mut set = Set::default();
    match scope {
        Scope::Main if kind.status => set.insert(&[field("status")]),
        Scope::Main | Scope::All => {}
        Scope::Status => {
            set.insert(&[field("spec")]);
            if kind.kind != "Pod" && kind.kind != "Node" {
                set.insert(&[field("metadata"), field("labels")]);
            }
        }
    }
    set
}

impl Cluster {
    /// The type of a kind's objects in a version, for merging.
    fn typed(&self, kind: &Kind, api_version: &str) -> Typed<'_> {
        if let Some(typed) = Typed::kind(api_version, kind.kind) {
            return typed;
        }
        let name = format!("{}.{}", kind.plural, kind.group);
        let Some(definition) = self.find(kinds::CUSTOM_RESOURCE_DEFINITION, "", &name) else {
            return Typed::Untyped;
        };
        let version = api_version.rsplit('/').next().unwrap_or(api_version);
        let versions = definition.spec()["versions"].items();
        let found = versions.iter().find(|v| v["name"] == version).map(|v| &v["schema"]["openAPIV3Schema"]);
        found.filter(|schema| schema.is_map()).map_or(Typed::Untyped, |schema| Typed::Open(schema, true))
    }
    /// A tree of the storage version in another version.
    fn in_version(kind: &Kind, api_version: &str, value: &Value) -> Option<Value> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if kind.group == group && kind.version == version {
            return Some(value.clone());
        }
        kind.alternative(group, version).map(|served| (served.show)(value))
    }

    /// Calls `with` with the view of a write in a version; its values are in that version.
    fn viewing<T>(
        &self,
        kind: &Kind,
        api_version: &str,
        ignored: &Set,
        with: impl FnOnce(&View<'_>) -> T,
    ) -> T {
        let other = |asked: &str, value: &Value| {
            let stored = match kind.api_version() == api_version {
                true => value.clone(),
                false => {
                    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
                    (kind.alternative(group, version)?.read)(value)
                }
            };
            Some((self.typed(kind, asked), Cluster::in_version(kind, asked, &stored)?))
        };
        let typed = self.typed(kind, api_version);
        with(&View { api_version, typed, ignored, other: &other })
    }
}

fn owner(actor: &Actor, api_version: &str, subresource: &str) -> Owner {
    let manager = if actor.manager.is_empty() { "unknown" } else { &*actor.manager };
    Owner {
        manager: manager.into(),
        apply: false,
        api_version: api_version.into(),
        subresource: subresource.into(),
    }
}

/// What of a draft can be owned.
fn trees(draft: &Draft) -> Value {
    let mut entries = draft.rest.entries().to_vec();
    entries.push((Sym::new("metadata"), draft.metadata.clone()));
    for (name, tree) in [("spec", &draft.spec), ("status", &draft.status)] {
        if !tree.is_null() {
            entries.push((Sym::new(name), tree.clone()));
        }
    }
    Value::from_entries(entries)
}

/// The object before anybody wrote it: the structs Go writes anyway.
fn start(version: &str, kind: &Kind) -> Value {
    match schema::builtin().kind(version, kind.kind) {
        Some(ty) => fields::empty(schema::builtin(), ty),
        None => value!({"metadata": {}}),
    }
}
