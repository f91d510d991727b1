//! Server-side apply at the door: what the manager declares, merged, with its owners.

use super::{Managed, Writing, field, owner, start, unreachable};
use crate::cluster::{Actor, Cluster};
use crate::door::Scope;
use crate::kinds::Kind;
use crate::object::Object;
use drydock_machinery::fields::{self, Owner, Owners, Set, Typed};
use drydock_machinery::{Value, json, value};

impl Cluster {
    /// Server-side apply of `declared` (in the version asked for) to an object or to none.
    ///
    /// # Errors
    /// The words for a value that does not fit, or the conflicts.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn applied(
        &self,
        actor: &Actor,
        record: &Kind,
        writing: &Writing,
        scope: Scope,
        live: Option<(&Object, &Value)>,
        declared: &Value,
        force: bool,
        now: i64,
    ) -> Result<(Value, Managed), Refused> {
        let stored = record.api_version();
        let version = writing.api_version.as_deref().unwrap_or(&stored);
        let mut ignored = unreachable(record, scope);
        if scope == Scope::Status {
            ignored.insert(&[field("metadata"), field("labels")]);
        }
        let subresource = writing.subresource.unwrap_or(if scope == Scope::Status { "status" } else { "" });
        let me = Owner { apply: true, ..owner(actor, version, subresource) };
        let empty = value!({});
        let live_value = live.map_or(&empty, |(_, value)| value);
        let owners = match live {
            None => Owners::default(),
            Some((object, _)) if object.managed.is_untracked() => {
                let first = Actor { manager: "before-first-apply".into(), ..actor.clone() };
                let start = start(version, record);
                let first = owner(&first, version, subresource);
                self.viewing(record, version, &ignored, |view| {
                    fields::update(view, &Owners::default(), &first, &start, live_value, now)
                })
            }
            Some((object, _)) => self.owners_of(object),
        };
        self.viewing(record, version, &ignored, |view| {
            fields::validate(view.typed, declared).map_err(Refused::Unfit)?;
            let run = |force| fields::apply(view, &owners, &me, live_value, declared, force, now);
            let mut done = run(force);
            if let Err(conflicts) = &done
                && *actor.manager == *"kubectl"
            {
                // Fields a client-side apply declared and nobody changed since are kubectl's own.
                let own = last_applied(view.typed, live_value);
                let left: Vec<_> = conflicts.iter().filter(|c| !own.has(&c.path)).cloned().collect();
                done = if left.is_empty() { run(true) } else { Err(left) };
            }
            let (object, owners) = done.map_err(Refused::Conflicts)?;
            let mut object = object.unwrap_or_else(|| live_value.clone());
            let path = ["metadata", "annotations", LAST_APPLIED];
            if *actor.manager == *"kubectl" && !object.at(&path).is_null() {
                object = object.with_at(&path, declaration(declared));
            }
            Ok((object, if self.replay { Managed::default() } else { Managed::new(owners) }))
        })
    }
}

/// The annotation of a client-side apply.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What a client-side apply would note down.
fn declaration(declared: &Value) -> String {
    let bare = declared.without_at(&["metadata", "managedFields"]).without_at(&[
        "metadata",
        "annotations",
        LAST_APPLIED,
    ]);
    format!("{}\n", json::to_string(&bare))
}

/// The fields of the last client-side apply that are still as it left them.
fn last_applied(typed: Typed<'_>, live: &Value) -> Set {
    let text = live.at(&["metadata", "annotations", LAST_APPLIED]).text();
    let Ok(declared) = json::parse(text.as_bytes()) else { return Set::default() };
    let compared = fields::compare(typed, &declared, live);
    let changed = compared.modified.union(&compared.added).union(&compared.removed);
    fields::set_of(typed, &declared).difference(&changed)
}

/// Why an apply did not happen.
#[derive(Debug)]
pub(crate) enum Refused {
    Unfit(String),
    Conflicts(Vec<fields::Conflict>),
}
