//! Owners after creations, plain writes and status writes.

use super::{Managed, Pending, owner, start, trees, unreachable};
use crate::cluster::{Actor, Cluster};
use crate::door::Scope;
use crate::draft::Draft;
use crate::kinds::Kind;
use crate::object::Object;
use drydock_machinery::Sym;
use drydock_machinery::fields::{self, Owners};

impl Cluster {
    /// Owners of a new object: its creator, of all it declares and defaults declare for it.
    pub(crate) fn managed_new(&self, actor: &Actor, record: &Kind, draft: &Draft, now: i64) -> Managed {
        if self.replay {
            return Managed::default();
        }
        if let Some(decided) = &draft.writing.decided {
            return decided.clone();
        }
        let stored = record.api_version();
        let version = draft.writing.api_version.as_deref().unwrap_or(&stored);
        let start = start(version, record);
        let ignored = unreachable(record, Scope::Main);
        let Some(object) = Cluster::in_version(record, version, &trees(draft)) else {
            return Managed::default();
        };
        let owner = owner(actor, version, "");
        Managed::new(self.viewing(record, version, &ignored, |view| {
            fields::update(view, &Owners::default(), &owner, &start, &object, now)
        }))
    }

    /// Owners after a plain write.
    pub(crate) fn managed_update(
        &self,
        actor: &Actor,
        record: &Kind,
        old: &Object,
        draft: &Draft,
        scope: Scope,
        now: i64,
    ) -> Managed {
        if self.replay {
            return Managed::default();
        }
        if let Some(decided) = &draft.writing.decided {
            return decided.clone();
        }
        let given = &draft.writing.given;
        // A single empty entry asks for a fresh start; what cannot be read is no word about it.
        let reset = matches!(given.items(), [one] if one.is_map() && one.entries().is_empty());
        let given = if given.is_empty() || reset { None } else { Owners::from_value(given) };
        let asked = given.filter(|owners| !owners.is_empty());
        if reset || (asked.is_none() && old.managed.is_untracked()) {
            return Managed::default();
        }
        let before = Draft::of(old);
        let same_status = draft.status.is_same(&before.status) || draft.status == before.status;
        let unchanged = draft.metadata.is_same(&before.metadata)
            && draft.spec.is_same(&before.spec)
            && draft.rest.is_same(&before.rest)
            && same_status;
        if unchanged && asked.is_none() {
            return old.managed.clone();
        }
        // Noted status writes stay notes while nobody else touches the status.
        let (owners, pending) = match asked {
            Some(owners) => (owners, None),
            None if same_status => (old.managed.owners(), old.managed.pending.clone()),
            None => (self.owners_of(old), None),
        };
        let stored = record.api_version();
        let version = draft.writing.api_version.as_deref().unwrap_or(&stored);
        let ignored = unreachable(record, scope);
        let (Some(from), Some(to)) = (
            Cluster::in_version(record, version, &trees(&before)),
            Cluster::in_version(record, version, &trees(draft)),
        ) else {
            return old.managed.clone();
        };
        let subresource = draft.writing.subresource.unwrap_or(match scope {
            Scope::Status => "status",
            Scope::Main | Scope::All => "",
        });
        let owner = owner(actor, version, subresource);
        let after = self.viewing(record, version, &ignored, |view| {
            fields::update(view, &owners, &owner, &from, &to, now)
        });
        let record = match &old.managed.record {
            Some(known) if known.owners == after => Some(known.clone()),
            _ => Managed::new(after).record,
        };
        Managed { record, pending }
    }

    /// Owners after a component has written a status.
    pub(crate) fn managed_status(&self, actor: &Actor, old: &Object, now: i64) -> Managed {
        let manager = Sym::new(&actor.manager);
        match &old.managed.pending {
            _ if old.managed.is_untracked() => Managed::default(),
            Some(pending) if pending.manager == manager => {
                let pending = Some(Pending { time: now, ..pending.clone() });
                Managed { record: old.managed.record.clone(), pending }
            }
            Some(_) => {
                let settled = Managed::new(self.owners_of(old));
                Managed {
                    pending: Some(Pending { manager, time: now, before: old.status.clone() }),
                    ..settled
                }
            }
            None => {
                let pending = Some(Pending { manager, time: now, before: old.status.clone() });
                Managed { record: old.managed.record.clone(), pending }
            }
        }
    }
}
