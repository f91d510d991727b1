//! A stored Kubernetes object. Metadata that every write touches is typed; the rest of metadata,
//! spec, status and the other top-level fields are shared trees with their content hashes, so that a
//! status write does not hash the spec again and replicas share their template.

use crate::kinds::{self, KindId};
use crate::managed::Managed;
use drydock_machinery::digest::{hash_bytes, mix};
use drydock_machinery::{Sym, Timestamp, Value, value};
use std::sync::Arc;

/// Creation order in this world. Small and deterministic: indexes and tasks name objects by it.
pub type Id = u32;

/// A subtree with its content hash.
#[derive(Clone, Debug)]
pub struct Part {
    pub value: Value,
    pub hash: u64,
}

impl Default for Part {
    fn default() -> Part {
        Value::Null.into()
    }
}
impl From<Value> for Part {
    fn from(value: Value) -> Part {
        Part { hash: value.content_hash(), value }
    }
}
impl PartialEq for Part {
    fn eq(&self, other: &Part) -> bool {
        self.hash == other.hash && (self.value.is_same(&other.value) || self.value == other.value)
    }
}

/// A unique id: 128 bits as the server draws them, or any text a loaded object came with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uid {
    Drawn(u64, u64),
    Text(Arc<str>),
}

impl Uid {
    /// Chance that depends only on `about` and the seed: the same world gives the same ids.
    #[must_use]
    pub fn draw(seed: u64, about: u64) -> Uid {
        let high = mix(mix(seed, about), 0x01D1);
        let low = mix(high, mix(about, 0x01D2));
        // Version 4, variant 10 (RFC 9562).
        Uid::Drawn(high & !0xf000 | 0x4000, low & !(3 << 62) | (1 << 63))
    }
    #[must_use]
    pub fn parse(text: &str) -> Uid {
        let hex: String = text.chars().filter(|c| *c != '-').collect();
        let drawn = u128::from_str_radix(&hex, 16).ok().map(|n| Uid::Drawn((n >> 64) as u64, n as u64));
        drawn.filter(|uid| uid.to_string() == text).unwrap_or_else(|| Uid::Text(text.into()))
    }
    fn content_hash(&self) -> u64 {
        match self {
            Uid::Drawn(high, low) => mix(*high, *low),
            Uid::Text(text) => hash_bytes(text.as_bytes()),
        }
    }
}

impl std::fmt::Display for Uid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Uid::Drawn(a, b) => {
                let (a1, a2, a3) = (a >> 32, (a >> 16) & 0xffff, a & 0xffff);
                write!(f, "{a1:08x}-{a2:04x}-{a3:04x}-{:04x}-{:012x}", b >> 48, b & 0xffff_ffff_ffff)
            }
            Uid::Text(text) => f.write_str(text),
        }
    }
}

/// A deletion under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deleting {
    /// `deletionTimestamp`, unix seconds: for pods the moment at which the grace ends.
    pub at: i64,
    /// `deletionGracePeriodSeconds`.
    pub grace: i64,
}

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Object {
    pub id: Id,
    pub kind: KindId,
    /// "" for cluster-scoped kinds.
    pub namespace: Arc<str>,
    pub name: Arc<str>,
    pub uid: Uid,
    /// `resourceVersion`.
    pub revision: u64,
    /// `creationTimestamp` in unix seconds; 0 for none.
    pub created: i64,
    pub deleting: Option<Deleting>,
    /// The owner with `controller: true`, where it exists.
    pub controller: Option<Id>,
    /// The bound node, beside `spec.nodeName`: controllers ask for it at every turn.
    pub node: Option<Id>,
    /// The rest of metadata: labels, annotations, ownerReferences, finalizers, generation, generateName.
    pub metadata: Part,
    pub spec: Part,
    pub status: Part,
    /// Every other top-level field: data, type, rules, subsets, involvedObject. For kinds of a
    /// CustomResourceDefinition also apiVersion and kind.
    pub rest: Part,
    /// Who owns which fields.
    pub managed: Managed,
    /// Of the content above; set by the store.
    pub hash: u64,
}

impl Object {
    #[must_use]
    pub fn labels(&self) -> &Value {
        self.metadata.value.get("labels")
    }
    #[must_use]
    pub fn annotations(&self) -> &Value {
        self.metadata.value.get("annotations")
    }
    #[must_use]
    pub fn label(&self, key: &str) -> &str {
        self.labels().get(key).text()
    }
    #[must_use]
    pub fn annotation(&self, key: &str) -> &str {
        self.annotations().get(key).text()
    }
    #[must_use]
    pub fn owners(&self) -> &[Value] {
        self.metadata.value.get("ownerReferences").items()
    }
    #[must_use]
    pub fn finalizers(&self) -> &[Value] {
        self.metadata.value.get("finalizers").items()
    }
    /// `metadata.generation`; 0 where the kind has none.
    #[must_use]
    pub fn generation(&self) -> i64 {
        self.metadata.value.get("generation").int()
    }
    #[must_use]
    pub fn spec(&self) -> &Value {
        &self.spec.value
    }
    #[must_use]
    pub fn status(&self) -> &Value {
        &self.status.value
    }
    /// A top-level field: `data`, `type`, `subsets`, also `spec` and `status`.
    #[must_use]
    pub fn field(&self, name: &str) -> &Value {
        match name {
            "spec" => &self.spec.value,
            "status" => &self.status.value,
            other => self.rest.value.get(other),
        }
    }
    /// True when `status.conditions` has `condition` with status "True".
    #[must_use]
    pub fn is_condition(&self, condition: &str) -> bool {
        self.condition(condition)["status"] == "True"
    }
    /// The entry of `status.conditions` with this type, else null.
    #[must_use]
    pub fn condition(&self, condition: &str) -> &Value {
        find_condition(self.status(), condition)
    }
    /// A pod that can serve: condition Ready and not going away.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.deleting.is_none() && self.is_condition("Ready")
    }
    /// A pod whose phase is Succeeded or Failed.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        matches!(self.status().get("phase").text(), "Succeeded" | "Failed")
    }
    /// The object as served in its storage version.
    #[must_use]
    pub fn value(&self) -> Value {
        let mut entries: Vec<(Sym, Value)> = self.rest.value.entries().to_vec();
        if let Some(kind) = kinds::builtin(self.kind) {
            entries.push((sym("apiVersion"), kind.api_version().into()));
            entries.push((sym("kind"), Sym::new(kind.kind).into()));
        }
        entries.push((sym("metadata"), self.full_metadata()));
        for (name, part) in [("spec", &self.spec), ("status", &self.status)] {
            if !part.value.is_null() {
                entries.push((sym(name), part.value.clone()));
            }
        }
        Value::from_entries(entries)
    }
    /// `metadata` as served.
    #[must_use]
    pub fn full_metadata(&self) -> Value {
        let mut entries: Vec<(Sym, Value)> = self.metadata.value.entries().to_vec();
        let mut put = |name: &str, value: Value| entries.push((sym(name), value));
        put("name", (&self.name).into());
        if !self.namespace.is_empty() {
            put("namespace", (&self.namespace).into());
        }
        put("uid", self.uid.to_string().into());
        // A dry run's outcome was never written.
        if self.revision != 0 {
            put("resourceVersion", self.revision.to_string().into());
        }
        if self.created != 0 {
            put("creationTimestamp", Timestamp(self.created).to_rfc3339().into());
        }
        if let Some(deleting) = self.deleting {
            put("deletionTimestamp", Timestamp(deleting.at).to_rfc3339().into());
            // These two are marked by their own storage, which knows no grace.
            if !matches!(self.kind, kinds::NAMESPACE | kinds::CUSTOM_RESOURCE_DEFINITION) {
                put("deletionGracePeriodSeconds", deleting.grace.into());
            }
        }
        Value::from_entries(entries)
    }
    /// An `ObjectReference` to this object, as events and endpoints carry it.
    #[must_use]
    pub fn reference(&self, kind: &kinds::Kind) -> Value {
        let reference = value!({
            "kind": kind.kind, "name": &self.name, "uid": self.uid.to_string(),
            "apiVersion": kind.api_version(), "resourceVersion": self.revision.to_string(),
        });
        if self.namespace.is_empty() { reference } else { reference.with("namespace", &self.namespace) }
    }
    /// An owner reference with `controller: true`, as controllers put on what they create.
    #[must_use]
    pub fn controller_reference(&self) -> Value {
        let (api_version, kind) = match kinds::builtin(self.kind) {
            Some(kind) => (kind.api_version(), kind.kind.to_string()),
            None => {
                let rest = &self.rest.value;
                (rest.get("apiVersion").text().to_string(), rest.get("kind").text().to_string())
            }
        };
        value!({
            "apiVersion": api_version, "kind": kind, "name": &self.name, "uid": self.uid.to_string(),
            "controller": true, "blockOwnerDeletion": true,
        })
    }
    /// The hash of everything but itself.
    #[must_use]
    pub fn content_hash(&self) -> u64 {
        let head = mix(mix(u64::from(self.id), u64::from(self.kind.0)), hash_bytes(self.name.as_bytes()));
        let head = mix(mix(head, hash_bytes(self.namespace.as_bytes())), self.uid.content_hash());
        let deleting = self.deleting.map_or(1, |d| mix(d.at as u64, d.grace as u64));
        let times = mix(mix(self.revision, self.created as u64), deleting);
        let parts = mix(mix(self.metadata.hash, self.spec.hash), mix(self.status.hash, self.rest.hash));
        let links = mix(self.controller.map_or(0, u64::from), self.node.map_or(0, u64::from));
        mix(mix(mix(head, times), mix(links, parts)), self.managed.content_hash())
    }
}

/// The condition of this type in a status, else null.
#[must_use]
pub fn find_condition<'a>(status: &'a Value, condition: &str) -> &'a Value {
    static NONE: Value = Value::Null;
    status.get("conditions").items().iter().find(|c| c["type"] == condition).unwrap_or(&NONE)
}

fn sym(text: &str) -> Sym {
    Sym::new(text)
}
