//! Objects, their indexes and the watch log: all persistent, so that a clone is cheap. Stands in for
//! etcd. Indexes are kept by difference at the one place where objects change.

use crate::index::Indexes;
use crate::kinds::KindId;
use crate::object::{Id, Object};
use drydock_machinery::limits;
use imbl::{OrdMap, Vector};
use std::sync::Arc;

/// The key of a name: kind, namespace, name; its order is the API's list order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameKey(pub KindId, pub Arc<str>, pub Arc<str>);

/// A write, as watchers and controllers see it.
#[derive(Clone, Debug)]
pub struct Change {
    pub revision: u64,
    pub before: Option<Arc<Object>>,
    pub after: Option<Arc<Object>>,
}

impl Change {
    /// The object after, or before if it is gone.
    #[must_use]
    pub fn object(&self) -> Option<&Arc<Object>> {
        self.after.as_ref().or(self.before.as_ref())
    }
    #[must_use]
    pub fn is_created(&self) -> bool {
        self.before.is_none()
    }
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.after.is_none()
    }
    /// True when `part` (a content hash, a count, …) differs between before and after.
    pub fn differs<T: PartialEq>(&self, part: impl Fn(&Object) -> T) -> bool {
        self.before.as_deref().map(&part) != self.after.as_deref().map(&part)
    }
    /// True when the desired state changed, the object appeared or began to go.
    #[must_use]
    pub fn spec_differs(&self) -> bool {
        self.differs(|o| (o.spec.hash, o.rest.hash, o.deleting.is_some()))
    }
    #[must_use]
    pub fn status_differs(&self) -> bool {
        self.differs(|o| o.status.hash)
    }
    #[must_use]
    pub fn metadata_differs(&self) -> bool {
        self.differs(|o| (o.metadata.hash, o.deleting.is_some()))
    }
}

/// What the log holds: an object's write or an event row's.
#[derive(Clone, Debug)]
pub enum Entry {
    Object(Change),
    /// The number of the row, and whether it is new.
    Event {
        row: u32,
        added: bool,
    },
}

/// See the module's head.
#[derive(Clone, Debug, Default)]
pub struct Store {
    objects: OrdMap<Id, Arc<Object>>,
    names: OrdMap<NameKey, Id>,
    pub(crate) indexes: Indexes,
    /// Recent writes, one per revision.
    log: Vector<Entry>,
    /// The newest revision.
    pub revision: u64,
    pub next_id: Id,
    /// Sum of the objects' content hashes, kept by difference.
    pub hash: u64,
}

impl Store {
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&Arc<Object>> {
        self.objects.get(&id)
    }
    #[must_use]
    pub fn find(&self, kind: KindId, namespace: &str, name: &str) -> Option<&Arc<Object>> {
        let key = NameKey(kind, namespace.into(), name.into());
        self.names.get(&key).and_then(|id| self.objects.get(id))
    }
    /// Objects of a kind in list order (namespace, name).
    pub fn list(&self, kind: KindId) -> impl Iterator<Item = &Arc<Object>> + '_ {
        self.after(kind, "", "").take_while(move |(key, _)| key.0 == kind).map(|(_, object)| object)
    }
    /// Objects of a kind in one namespace by name.
    pub fn list_in<'a>(
        &'a self,
        kind: KindId,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Object>> + 'a {
        let found = self.after(kind, namespace, "");
        found.take_while(move |(key, _)| key.0 == kind && &*key.1 == namespace).map(|(_, object)| object)
    }
    /// Names from this one on, in order.
    pub fn after(
        &self,
        kind: KindId,
        namespace: &str,
        name: &str,
    ) -> impl Iterator<Item = (&NameKey, &Arc<Object>)> + '_ {
        let from = NameKey(kind, namespace.into(), name.into());
        self.names.range(from..).filter_map(|(key, id)| Some((key, self.objects.get(id)?)))
    }
    /// Every object in order of creation.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Object>> + '_ {
        self.objects.values()
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
    /// The revision of the oldest write still in the log; later than [`Store::revision`] if none is.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.revision + 1 - self.log.len() as u64
    }
    /// The write that made `revision`, while it is kept.
    #[must_use]
    pub fn logged(&self, revision: u64) -> Option<&Entry> {
        self.log.get(usize::try_from(revision.checked_sub(self.oldest())?).ok()?)
    }

    /// Writes an object and gives the change for the watchers. The caller has checked everything.
    pub(crate) fn put(&mut self, mut object: Object) -> Change {
        self.revision += 1;
        object.revision = self.revision;
        self.insert(object)
    }
    /// As [`Store::put`], keeping the object's own revision: for worlds loaded from outside.
    pub(crate) fn insert(&mut self, mut object: Object) -> Change {
        object.hash = object.content_hash();
        let (id, object) = (object.id, Arc::new(object));
        let before = self.objects.insert(id, object.clone());
        if before.is_none() {
            self.names.insert(key_of(&object), id);
        }
        self.record(before, Some(object))
    }
    pub(crate) fn remove(&mut self, id: Id) -> Option<Change> {
        let before = self.objects.remove(&id)?;
        self.names.remove(&key_of(&before));
        self.revision += 1;
        Some(self.record(Some(before), None))
    }
    fn record(&mut self, before: Option<Arc<Object>>, after: Option<Arc<Object>>) -> Change {
        let hash = |o: &Option<Arc<Object>>| o.as_ref().map_or(0, |o| o.hash);
        self.hash = self.hash.wrapping_sub(hash(&before)).wrapping_add(hash(&after));
        let change = Change { revision: self.revision, before, after };
        self.indexes.update(&change);
        self.log(Entry::Object(change.clone()));
        change
    }
    /// Adds a write to the log; the revision has been counted already.
    pub(crate) fn log(&mut self, entry: Entry) {
        self.log.push_back(entry);
        if self.log.len() > limits::WATCH_WINDOW {
            self.log.pop_front();
        }
    }
    /// Forgets the log: a loaded world begins with none.
    pub(crate) fn forget_log(&mut self) {
        self.log = Vector::new();
    }
    /// The sum [`Store::hash`] keeps, from nothing: the check on it.
    #[must_use]
    pub fn full_hash(&self) -> u64 {
        self.objects.values().fold(0, |sum: u64, object| {
            let mut fresh = Object::clone(object);
            for part in [&mut fresh.metadata, &mut fresh.spec, &mut fresh.status, &mut fresh.rest] {
                *part = part.value.clone().into();
            }
            sum.wrapping_add(fresh.content_hash())
        })
    }
}

fn key_of(object: &Object) -> NameKey {
    NameKey(object.kind, object.namespace.clone(), object.name.clone())
}
