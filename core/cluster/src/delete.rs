//! Deletion: at once, after a pod's grace, or once finalizers are gone
//! (`k8s.io/apiserver/pkg/registry/rest/delete.go` and `registry/generic/registry/store.go`).

use crate::cluster::{Actor, Cluster};
use crate::door::gone;
use crate::draft;
use crate::kinds;
use crate::object::{Deleting, Id, Object};
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::Value;
use std::sync::Arc;

/// `metav1.DeleteOptions` as far as they change anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteOptions {
    /// `gracePeriodSeconds`.
    pub grace: Option<i64>,
    /// `Background`, `Foreground`, `Orphan`; "" for the kind's own.
    pub propagation: Arc<str>,
    pub uid: Option<Arc<str>>,
    pub revision: Option<u64>,
    pub dry_run: bool,
}

impl DeleteOptions {
    /// At once, without grace: how a kubelet confirms that a pod is gone.
    #[must_use]
    pub fn now() -> DeleteOptions {
        DeleteOptions { grace: Some(0), ..DeleteOptions::default() }
    }
}

/// What became of the object.
#[derive(Clone, Debug)]
pub enum Deleted {
    /// It is gone; this is how it was.
    Gone(Arc<Object>),
    /// It is marked and waits: for its grace, or for its finalizers.
    Waits(Arc<Object>),
}

impl Deleted {
    #[must_use]
    pub fn object(&self) -> &Arc<Object> {
        match self {
            Deleted::Gone(object) | Deleted::Waits(object) => object,
        }
    }
}

impl Cluster {
    /// Deletes an object, as `DELETE` on its path.
    pub fn delete(
        &mut self,
        machines: &mut Machines,
        actor: &Actor,
        id: Id,
        options: &DeleteOptions,
    ) -> Result<Deleted, Status> {
        let Some(old) = self.store.get(id).cloned() else { return Err(gone()) };
        let Some(record) = self.kind(old.kind).copied() else { return Err(gone()) };
        if let Some(user) = &actor.identity {
            crate::admission::node::check_delete(user, &record, &old)?;
        }
        crate::admission::delete(self, machines, actor, &record, &old, options.dry_run)?;
        self.preconditions(&old, &record, options)?;
        if old.kind == kinds::NAMESPACE && PROTECTED.contains(&&*old.name) {
            return Err(Status::forbidden(&record, &old.name, "this namespace may not be deleted"));
        }
        let grace = self.grace(&old, options);
        let finalizers = self.finalizers_for(&old, options);
        let waits_for_content = !self.replay && old.kind == kinds::NAMESPACE;
        let held = !finalizers.is_empty() || waits_for_content;
        if grace == 0 && !held {
            if !options.dry_run {
                self.remove(machines, id);
            }
            return Ok(Deleted::Gone(last_words(machines, &old, grace)));
        }
        let now = machines.clock.unix();
        let at = now + grace;
        if old.deleting.is_some_and(|d| d.grace <= grace && finalizers == old.finalizers()) {
            return Ok(Deleted::Waits(old));
        }
        let mut metadata = old.metadata.value.clone();
        if !finalizers.is_empty() {
            metadata = metadata.with("finalizers", finalizers);
        }
        if old.deleting.is_none() && old.generation() > 0 {
            metadata = metadata.with("generation", old.generation() + 1);
        }
        // A second request may only shorten the grace.
        let deleting = match old.deleting {
            Some(d) if d.grace <= grace => d,
            _ => Deleting { at, grace },
        };
        let mut new = Object {
            deleting: Some(deleting),
            metadata: draft::part(&old.metadata, metadata),
            ..Object::clone(&old)
        };
        if waits_for_content {
            new.status = draft::part(&old.status, old.status().with("phase", "Terminating"));
        }
        if let Some(status) = crate::custom::ending::begin(self, machines, &old) {
            new.status = draft::part(&old.status, status);
        }
        if options.dry_run {
            return Ok(Deleted::Waits(Arc::new(new)));
        }
        if !self.replay || !finalizers_of(&new).is_empty() {
            return Ok(Deleted::Waits(self.commit(machines, new)?));
        }
        self.remove(machines, id);
        Ok(Deleted::Gone(Arc::new(new)))
    }

    fn preconditions(
        &self,
        old: &Object,
        record: &kinds::Kind,
        options: &DeleteOptions,
    ) -> Result<(), Status> {
        // The text names the kind where every other conflict names the resource: so does the real one.
        let named = kinds::Kind { plural: record.kind, group: "", ..*record };
        let uid = old.uid.to_string();
        if let Some(wanted) = options.uid.as_deref().filter(|wanted| **wanted != *uid) {
            let why = format!(
                "the UID in the precondition ({wanted}) does not match the UID in record ({uid}). \
                 The object might have been deleted and then recreated"
            );
            return Err(Status::conflict(&named, &old.name, &why));
        }
        if let Some(wanted) = options.revision.filter(|wanted| *wanted != old.revision) {
            let why = format!(
                "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion \
                 in record ({}). The object might have been modified",
                old.revision
            );
            return Err(Status::conflict(&named, &old.name, &why));
        }
        Ok(())
    }

    /// Seconds until a pod must be gone; 0 for every other kind.
    fn grace(&self, old: &Object, options: &DeleteOptions) -> i64 {
        if old.kind != kinds::POD || self.replay {
            return 0;
        }
        let own = old.spec().get("terminationGracePeriodSeconds").as_int().unwrap_or(30);
        let grace = options.grace.unwrap_or(own);
        // Nothing runs, so nothing needs time to stop.
        let idle = old.spec().get("nodeName").is_empty() || old.is_finished();
        if idle {
            0
        } else if grace < 0 {
            1
        } else {
            grace
        }
    }

    /// Finalizers after the propagation policy has had its say.
    fn finalizers_for(&self, old: &Object, options: &DeleteOptions) -> Vec<Value> {
        let mut finalizers: Vec<Value> = finalizers_of(old).to_vec();
        if self.replay {
            return finalizers;
        }
        let wanted = match &*options.propagation {
            "Foreground" => Some("foregroundDeletion"),
            "Orphan" => Some("orphan"),
            _ => None,
        };
        if wanted.is_some() || &*options.propagation == "Background" {
            finalizers.retain(|f| !(*f == "foregroundDeletion" || *f == "orphan"));
        }
        finalizers.extend(wanted.map(Value::from));
        if crate::custom::ending::begins(self, old) {
            finalizers.push(crate::custom::ending::FINALIZER.into());
        }
        finalizers
    }

    /// True when a marked object need not wait any longer.
    pub(crate) fn may_go(&self, object: &Object) -> bool {
        let idle = object.kind != kinds::POD || object.deleting.is_some_and(|d| d.grace == 0);
        let empty = object.kind != kinds::NAMESPACE || object.spec().get("finalizers").is_empty();
        idle && empty && finalizers_of(object).is_empty()
    }

    /// Takes an object out of the store, whatever holds it: the end of a deletion.
    pub fn remove(&mut self, machines: &mut Machines, id: Id) -> Option<Arc<Object>> {
        let change = self.store.remove(id)?;
        self.told(machines, &change);
        change.before
    }
}

const PROTECTED: &[&str] = &["default", "kube-system", "kube-public"];

fn finalizers_of(object: &Object) -> &[Value] {
    object.finalizers()
}

/// A removed pod is answered with the deletion marks it would have had.
fn last_words(machines: &Machines, old: &Arc<Object>, grace: i64) -> Arc<Object> {
    if old.kind != kinds::POD {
        return old.clone();
    }
    let deleting = Some(Deleting { at: machines.clock.unix() + grace, grace });
    Arc::new(Object { deleting, ..Object::clone(old) })
}
