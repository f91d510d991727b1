//! Lists of the past: what there was at a revision, worked out from the writes after it that are still
//! logged. Stands in for etcd's older revisions (`k8s.io/apiserver/pkg/storage/etcd3/store.go`, v1.33);
//! what the log has forgotten counts as compacted.
//!
//! Left out: an event that repeated since is told with its newer count.

use crate::cluster::Cluster;
use crate::kinds::{self, KindId};
use crate::object::{Id, Object};
use crate::store::Entry;
use drydock_container::Machines;
use drydock_machinery::sort::Arrange;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Cluster {
    /// Objects of a kind as they were at a revision, in list order; `None` if that is too long ago.
    pub(crate) fn listed_at(
        &self,
        machines: &Machines,
        kind: KindId,
        namespace: &str,
        revision: u64,
    ) -> Option<Vec<Arc<Object>>> {
        let present = self.listed(machines, kind, namespace);
        if revision >= self.store.revision {
            return Some(present);
        }
        if revision + 1 < self.store.oldest() {
            return None;
        }
        // What was written since, each with its state before the first of these writes.
        let mut before: BTreeMap<Id, Option<Arc<Object>>> = BTreeMap::new();
        let mut later: BTreeSet<Arc<str>> = BTreeSet::new();
        for at in (revision + 1..=self.store.revision).rev() {
            match self.store.logged(at) {
                Some(Entry::Object(change)) => {
                    if let Some(object) = change.object().filter(|o| o.kind == kind) {
                        before.insert(object.id, change.before.clone());
                    }
                }
                Some(Entry::Event { row, added: true }) if kind == kinds::EVENT => {
                    later.extend(self.events.render(machines, *row).map(|event| event.name.clone()));
                }
                _ => {}
            }
        }
        let within = |o: &Arc<Object>| namespace.is_empty() || &*o.namespace == namespace;
        let is_stored = |o: &Arc<Object>| self.store.get(o.id).is_some_and(|known| known.uid == o.uid);
        let kept = present.into_iter().filter(|o| match is_stored(o) {
            true => !before.contains_key(&o.id),
            false => !later.contains(&o.name),
        });
        let mut found: Vec<Arc<Object>> = kept.collect();
        found.extend(before.into_values().flatten().filter(within));
        found.arrange_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        Some(found)
    }
}
