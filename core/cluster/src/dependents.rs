//! Owner references that are not the controller's: rare, so they are found by looking at the objects
//! that have any, whose index is kept here by difference.

use crate::object::{Id, Object};
use crate::store::{Change, Store};
use imbl::OrdSet;
use std::sync::Arc;

/// (uid of the owner, dependent) for references without `controller: true`.
#[derive(Clone, Debug, Default)]
pub struct Dependents {
    by_uid: OrdSet<(Arc<str>, Id)>,
    /// Owners that have gone, by their id, while their dependents are dealt with.
    gone: OrdSet<(Id, Arc<str>)>,
}

impl Dependents {
    pub(crate) fn update(&mut self, change: &Change) {
        let owners = |o: &Arc<Object>| o.metadata.value["ownerReferences"].clone();
        let (before, after) = (change.before.as_ref().map(owners), change.after.as_ref().map(owners));
        let Some(object) = change.object() else { return };
        if before.as_ref().is_none_or(drydock_machinery::Value::is_null)
            && after.as_ref().is_none_or(drydock_machinery::Value::is_null)
            && !change.is_removed()
        {
            return;
        }
        if before != after {
            let plain = |list: &Option<drydock_machinery::Value>| -> Vec<Arc<str>> {
                let items = list.as_ref().map(|l| l.items().to_vec()).unwrap_or_default();
                items.iter().filter(|o| !o["controller"].bool()).map(|o| o["uid"].shared()).collect()
            };
            for uid in plain(&before) {
                self.by_uid.remove(&(uid, object.id));
            }
            for uid in plain(&after) {
                self.by_uid.insert((uid, object.id));
            }
        }
        if change.is_removed() && !self.by_uid.is_empty() {
            let uid: Arc<str> = object.uid.to_string().into();
            if self.of(&uid).next().is_some() {
                self.gone.insert((object.id, uid));
            }
        }
    }
    fn of(&self, uid: &Arc<str>) -> impl Iterator<Item = Id> + '_ {
        self.by_uid.range((uid.clone(), 0)..=(uid.clone(), Id::MAX)).map(|d| d.1)
    }
}

impl Store {
    /// Objects that name this one as an owner, but not as their controller.
    #[must_use]
    pub fn dependents(&self, owner: &Object) -> Vec<Arc<Object>> {
        if self.indexes.dependents.by_uid.is_empty() {
            return Vec::new();
        }
        let uid: Arc<str> = owner.uid.to_string().into();
        self.indexes.dependents.of(&uid).filter_map(|id| self.get(id).cloned()).collect()
    }
    /// As [`Store::dependents`], for an owner that has gone.
    #[must_use]
    pub fn dependents_of(&self, gone: Id) -> Vec<Arc<Object>> {
        let known = &self.indexes.dependents;
        let uids = known.gone.iter().filter(|g| g.0 == gone).map(|g| g.1.clone());
        uids.flat_map(|uid| known.of(&uid).collect::<Vec<_>>())
            .filter_map(|id| self.get(id).cloned())
            .collect()
    }
}
