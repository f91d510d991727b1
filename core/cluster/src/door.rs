//! The one door: every write to an object, for people and controllers alike. A write is defaulted,
//! admitted, validated and committed, and then watchers and controllers hear of it. `rest.rs` brings
//! HTTP requests here; controllers call the typed entrances, which are the same road without paths
//! and bytes.

use crate::cluster::{Actor, Cluster};
use crate::draft::{self, Draft};
pub use crate::edit::Edit;
use crate::field::Errors;
use crate::kinds::{self, Kind, KindId};
use crate::managed::{Managed, Writing};
use crate::metadata;
use crate::object::{Id, Object, Part, Uid};
use crate::share::Admitted;
use crate::status::Status;
use crate::store::Change;
use drydock_container::Machines;
use drydock_container::wait::Key;
use drydock_machinery::queue::Actor as QueueActor;
use drydock_machinery::{Value, limits};
use std::sync::Arc;

/// Which part of an object a write may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything but status, where the kind has a status subresource.
    Main,
    /// Status (and labels, annotations and finalizers with it).
    Status,
    /// Everything: how subresources such as `binding` write.
    All,
}

impl Cluster {
    /// Creates an object. `object` is the whole tree; apiVersion and kind may be left out.
    pub fn create(
        &mut self,
        machines: &mut Machines,
        actor: &Actor,
        kind: KindId,
        namespace: &str,
        object: Value,
    ) -> Result<Arc<Object>, Status> {
        self.create_with(machines, actor, kind, namespace, object, false)
    }

    /// As [`Cluster::create`]; a dry run does everything but the commit.
    pub fn create_with(
        &mut self,
        machines: &mut Machines,
        actor: &Actor,
        kind: KindId,
        namespace: &str,
        object: Value,
        dry_run: bool,
    ) -> Result<Arc<Object>, Status> {
        self.create_written(machines, actor, kind, namespace, object, Writing::default(), dry_run)
    }

    /// As [`Cluster::create_with`], told how the write came about.
    #[allow(clippy::too_many_arguments)]
    pub fn create_written(
        &mut self,
        machines: &mut Machines,
        actor: &Actor,
        kind: KindId,
        namespace: &str,
        object: Value,
        writing: Writing,
        dry_run: bool,
    ) -> Result<Arc<Object>, Status> {
        let Some(record) = self.kind(kind).copied() else { return Err(Status::no_such_resource()) };
        let mut draft = Draft { writing, ..Draft::new(&object, kinds::builtin(kind).is_none()) };
        draft.namespace = if record.namespaced { namespace.into() } else { "".into() };
        let suffix = self.replay.then_some(crate::replay::SUFFIX);
        let generated = metadata::generate_name(machines, &mut draft, suffix);
        if self.store.len() >= limits::OBJECTS {
            return Err(Status::internal("etcdserver: mvcc: database space exceeded"));
        }
        // Where quotas or webhooks look at every pod, no admission is remembered.
        let shares = kind == kinds::POD
            && generated
            && !crate::admission::quota::watches(self, namespace)
            && !crate::admission::webhook::any(self);
        let mut charges = crate::admission::quota::Charges::new();
        let shared = shares.then(|| self.shares.find(namespace, &draft.metadata, &draft.spec)).flatten();
        let (metadata, spec, status, rest, managed) = match shared {
            Some(admitted) => {
                let managed = self.shares.managed_at(&admitted, machines.clock.unix());
                let parts = (admitted.metadata.clone(), admitted.spec.clone(), admitted.status.clone());
                (parts.0, parts.1, parts.2, Part::default(), managed)
            }
            None => {
                let asked = (draft.metadata.clone(), draft.spec.clone());
                let (managed, asked_for) =
                    self.admit_new(machines, actor, kind, &record, &mut draft, dry_run)?;
                charges = asked_for;
                let parts: (Part, Part, Part, Part) =
                    (draft.metadata.into(), draft.spec.into(), draft.status.into(), draft.rest.into());
                if shares {
                    self.shares.remember(Admitted {
                        namespace: namespace.into(),
                        asked_metadata: asked.0,
                        asked_spec: asked.1,
                        metadata: parts.0.clone(),
                        spec: parts.1.clone(),
                        status: parts.2.clone(),
                        managed: managed.clone(),
                    });
                }
                (parts.0, parts.1, parts.2, parts.3, managed)
            }
        };
        if let Some(there) = self.store.find(kind, &draft.namespace, &draft.name) {
            let exists = Status::already_exists(&record, &draft.name);
            return Err(match there.deleting {
                Some(_) => {
                    let message = format!("object is being deleted: {}", exists.message);
                    Status { message, ..exists }
                }
                None => exists,
            });
        }
        let id = self.store.next_id + 1;
        let object = Object {
            id,
            kind,
            controller: self.controller_of(&draft.namespace, &metadata.value),
            node: self.node_named(kind, spec.value.get("nodeName").text()),
            namespace: draft.namespace,
            name: draft.name,
            uid: self.new_uid(machines, id, dry_run),
            revision: 0,
            created: machines.clock.unix(),
            deleting: None,
            metadata,
            spec,
            status,
            rest,
            managed,
            hash: 0,
        };
        if dry_run {
            return Ok(Arc::new(object));
        }
        self.store.next_id = id;
        let made = self.commit(machines, object)?;
        self.charge(machines, charges);
        Ok(made)
    }

    fn new_uid(&self, machines: &Machines, id: Id, dry_run: bool) -> Uid {
        match (self.replay, dry_run) {
            (false, _) => Uid::draw(machines.clock.seed, u64::from(id)),
            (true, true) => Uid::Text("00000000-0000-4000-8000-0000000dry00".into()),
            (true, false) => {
                Uid::Text(format!("00000000-0000-4000-8000-{:012}", self.store.revision + 1).into())
            }
        }
    }

    /// Default, admit, validate: what a new object goes through.
    fn admit_new(
        &mut self,
        machines: &mut Machines,
        actor: &Actor,
        kind: KindId,
        record: &Kind,
        draft: &mut Draft,
        dry_run: bool,
    ) -> Result<(Managed, crate::admission::quota::Charges), Status> {
        crate::admission::before_create(self, record, kind, draft)?;
        self.apply_defaults(kind, record, draft);
        let managed = self.managed_new(actor, record, draft, machines.clock.unix());
        if record.status
            && !(self.replay && draft.status.is_null() && record.kind != "Pod" && record.kind != "Service")
        {
            draft.status = (record.begin)(&draft.spec);
        }
        if record.generation && !self.replay {
            draft.metadata = draft.metadata.with("generation", 1);
        }
        crate::admission::create(self, machines, actor, kind, draft)?;
        crate::admission::mutate(self, machines, actor, kind, record, draft, None, dry_run)?;
        let value = self.judged(record, self.assemble(kind, record, draft));
        let mut errors = Errors::default();
        metadata::validate_new(record, draft, &mut errors);
        // The recording server looked at names and selectors only.
        if !(self.replay && kind == kinds::POD) {
            (record.validate)(&value, None, &mut errors);
        }
        if kinds::builtin(kind).is_none() && !self.replay {
            crate::custom::judge(self, record, &value, None, &mut errors);
        }
        if !errors.is_empty() {
            return Err(Status::invalid(record, &draft.name, errors));
        }
        let charges =
            crate::admission::after_validation(self, machines, actor, kind, record, draft, dry_run)?;
        Ok((managed, charges))
    }

    /// The whole tree of a draft, as validation sees it.
    pub(crate) fn assemble(&self, kind: KindId, record: &Kind, draft: &Draft) -> Value {
        let mut entries = draft.rest.entries().to_vec();
        if kinds::builtin(kind).is_some() {
            entries.push(("apiVersion".into(), record.api_version().into()));
            entries.push(("kind".into(), record.kind.into()));
        }
        let mut metadata = draft.metadata.entries().to_vec();
        metadata.push(("name".into(), (&draft.name).into()));
        if !draft.namespace.is_empty() {
            metadata.push(("namespace".into(), (&draft.namespace).into()));
        }
        entries.push(("metadata".into(), Value::from_entries(metadata)));
        for (name, tree) in [("spec", &draft.spec), ("status", &draft.status)] {
            if !tree.is_null() {
                entries.push((name.into(), tree.clone()));
            }
        }
        Value::from_entries(entries)
    }

    /// The tree validation sees: in a replayed world nothing is stored with defaults, but judged so.
    fn judged(&self, record: &Kind, value: Value) -> Value {
        if self.replay { (record.default)(&value) } else { value }
    }

    fn apply_defaults(&self, kind: KindId, record: &Kind, draft: &mut Draft) {
        if self.replay && kind != kinds::SERVICE {
            return;
        }
        let value = self.assemble(kind, record, draft);
        let mut full = (record.default)(&value);
        if kinds::builtin(kind).is_none()
            && let Some(schema) = crate::custom::schema_of(self, record, record.version)
        {
            full = crate::custom::complete(&schema, &full);
        }
        if !full.is_same(&value) {
            let (name, namespace) = (draft.name.clone(), draft.namespace.clone());
            let writing = std::mem::take(&mut draft.writing);
            *draft = Draft { name, namespace, writing, ..Draft::new(&full, kinds::builtin(kind).is_none()) };
        }
    }

    /// Replaces trees of an object. With `expected`, only if nobody wrote in between.
    pub fn update(
        &mut self,
        machines: &mut Machines,
        actor: &Actor,
        id: Id,
        expected: Option<u64>,
        edit: Edit,
    ) -> Result<Arc<Object>, Status> {
        let Some(old) = self.store.get(id).cloned() else { return Err(gone()) };
        let draft = Draft {
            name: old.name.clone(),
            namespace: old.namespace.clone(),
            metadata: edit.metadata.unwrap_or_else(|| old.metadata.value.clone()),
            spec: edit.spec.unwrap_or_else(|| old.spec.value.clone()),
            status: edit.status.unwrap_or_else(|| old.status.value.clone()),
            rest: edit.rest.unwrap_or_else(|| old.rest.value.clone()),
            writing: Writing { subresource: edit.subresource, ..Writing::default() },
        };
        self.update_draft(machines, actor, &old, expected, draft, Scope::Main, false)
    }

    /// Writes `status`, as a client of the status subresource. An equal status is not written.
    pub fn update_status(
        &mut self,
        machines: &mut Machines,
        actor: &Actor,
        id: Id,
        status: Value,
    ) -> Result<Arc<Object>, Status> {
        let Some(old) = self.store.get(id).cloned() else { return Err(gone()) };
        let status = draft::part(&old.status, status);
        if status.hash == old.status.hash {
            return Ok(old);
        }
        let managed = self.managed_status(actor, &old, machines.clock.unix());
        self.commit(machines, Object { status, managed, ..Object::clone(&old) })
    }

    /// The common road of updates: default, admit, validate against the old object, commit.
    #[allow(clippy::too_many_arguments)]
    pub fn update_draft(
        &mut self,
        machines: &mut Machines,
        actor: &Actor,
        old: &Arc<Object>,
        expected: Option<u64>,
        mut draft: Draft,
        scope: Scope,
        dry_run: bool,
    ) -> Result<Arc<Object>, Status> {
        let Some(record) = self.kind(old.kind).copied() else { return Err(Status::no_such_resource()) };
        if expected.is_some_and(|revision| revision != old.revision) {
            return Err(Status::modified(&record, &old.name));
        }
        self.apply_defaults(old.kind, &record, &mut draft);
        if scope == Scope::Main && record.status {
            draft.status = old.status.value.clone();
        }
        if scope == Scope::Status {
            draft.spec = old.spec.value.clone();
            draft.rest = old.rest.value.clone();
        }
        let managed = self.managed_update(actor, &record, old, &draft, scope, machines.clock.unix());
        crate::admission::update(self, machines, actor, old, &mut draft)?;
        if scope != Scope::Status {
            crate::admission::mutate(
                self,
                machines,
                actor,
                old.kind,
                &record,
                &mut draft,
                Some(old),
                dry_run,
            )?;
        }
        let mut new = draft::redraft(old, &draft);
        if record.generation && (old.generation() > 0 || !self.replay) {
            let mut changed = new.spec.hash != old.spec.hash || new.rest.hash != old.rest.hash;
            // A Deployment's annotations are handed down to its sets; the revision is its controller's, who
            // writes it with the status.
            if old.kind == kinds::DEPLOYMENT && scope != Scope::Status {
                let own = |o: &Object| {
                    o.annotations().without("deployment.kubernetes.io/revision").entries().to_vec()
                };
                changed |= own(&new) != own(old);
            }
            let generation = old.generation() + i64::from(changed);
            draft.metadata = new.metadata.value.with("generation", generation);
            new.metadata = draft::part(&old.metadata, draft.metadata.clone());
        }
        if new.metadata == old.metadata
            && new.spec == old.spec
            && new.status == old.status
            && new.rest == old.rest
            && managed.same_fields(&old.managed)
        {
            return Ok(old.clone());
        }
        new.managed = managed;
        let mut errors = Errors::default();
        metadata::validate_update(&record, &draft, old, &mut errors);
        if scope != Scope::Status {
            let value = self.judged(&record, self.assemble(old.kind, &record, &draft));
            // A part written below its own path is judged for itself.
            let before =
                crate::validate::pod::beside(draft.writing.subresource, &value, old.value(), &mut errors);
            let before = self.judged(&record, before);
            (record.validate)(&value, Some(&before), &mut errors);
        }
        if kinds::builtin(old.kind).is_none() && !self.replay {
            let value = self.assemble(old.kind, &record, &draft);
            crate::custom::judge(self, &record, &value, Some(&old.value()), &mut errors);
        }
        if !errors.is_empty() {
            return Err(Status::invalid(&record, &old.name, errors));
        }
        let charges = match scope {
            Scope::Status => crate::admission::quota::Charges::new(),
            _ => crate::admission::after_update(self, machines, actor, &record, &draft, old, dry_run)?,
        };
        new.controller = self.controller_of(&new.namespace, &new.metadata.value);
        new.node = self.node_named(old.kind, new.spec.value.get("nodeName").text());
        if dry_run {
            return Ok(Arc::new(new));
        }
        self.charge(machines, charges);
        if new.deleting.is_some() && self.may_go(&new) {
            // The last finalizer is gone.
            let new = Arc::new(new);
            self.remove(machines, old.id);
            return Ok(new);
        }
        self.commit(machines, new)
    }

    /// Puts an object into the store and tells everybody.
    pub(crate) fn commit(&mut self, machines: &mut Machines, object: Object) -> Result<Arc<Object>, Status> {
        let change = self.store.put(object);
        self.told(machines, &change);
        change.after.ok_or_else(gone)
    }

    /// Tells controllers and watchers of a write.
    pub(crate) fn told(&mut self, machines: &mut Machines, change: &Change) {
        if let Some(object) = change.object() {
            if crate::admission::depends_on(object.kind) {
                self.shares.forget();
            }
            if crate::rbac::is_policy(object.kind) {
                self.access.forget_roles();
            }
            if object.kind == kinds::CUSTOM_RESOURCE_DEFINITION {
                self.sweep_custom(machines, change);
                self.redefine(change);
            }
            machines.clock.note(DOOR, u64::from(object.id), None);
        }
        let cause = machines.clock.cause;
        self.notify(machines, change);
        machines.clock.cause = cause;
        self.wake_streams(machines);
    }
    pub(crate) fn wake_streams(&self, machines: &mut Machines) {
        if self.has_streams() {
            machines.wake(Key::Streams);
        }
    }

    /// The object whose owner reference says `controller: true`.
    pub(crate) fn controller_of(&self, namespace: &str, metadata: &Value) -> Option<Id> {
        let owners = metadata.get("ownerReferences").items();
        let controller = owners.iter().find(|o| o["controller"].bool())?;
        self.owner(namespace, controller).map(|owner| owner.id)
    }
    fn node_named(&self, kind: KindId, name: &str) -> Option<Id> {
        if kind != kinds::POD || name.is_empty() {
            return None;
        }
        self.store.find(kinds::NODE, "", name).map(|node| node.id)
    }
}

/// The actor under which writes stand in the trace; the note is about the object's id.
pub const DOOR: QueueActor = QueueActor(95);

/// What a write to an object that has just gone answers; controllers drop it.
pub(crate) fn gone() -> Status {
    Status::new(404, "NotFound", "the object has been deleted")
}
