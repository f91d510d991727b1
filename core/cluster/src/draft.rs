//! An object on its way in: the tree a client sent, taken apart into what the store keeps apart.

use crate::managed::Writing;
use crate::object::{Object, Part};
use drydock_machinery::Value;
use std::sync::Arc;

/// Fields of `metadata` the server owns or keeps typed.
const TYPED: &[&str] = &[
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "managedFields",
];

/// See the module's head. Missing trees are null.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub name: Arc<str>,
    pub namespace: Arc<str>,
    /// metadata without what [`Object`] keeps typed.
    pub metadata: Value,
    pub spec: Value,
    pub status: Value,
    pub rest: Value,
    /// How the write came about.
    pub writing: Writing,
}

impl Draft {
    /// Takes an object apart. `dynamic` kinds keep apiVersion and kind with the rest.
    #[must_use]
    pub fn new(object: &Value, dynamic: bool) -> Draft {
        let meta = object.get("metadata");
        let kept = meta.entries().iter().filter(|e| !TYPED.contains(&e.0.text()) && !e.1.is_null());
        let rest = object.entries().iter().filter(|e| match e.0.text() {
            "metadata" | "spec" | "status" => false,
            "apiVersion" | "kind" => dynamic,
            _ => true,
        });
        let rest: Value = rest.cloned().collect();
        Draft {
            name: meta.get("name").shared(),
            namespace: meta.get("namespace").shared(),
            metadata: kept.cloned().collect(),
            spec: object.get("spec").clone(),
            status: object.get("status").clone(),
            rest: if rest.is_empty() { Value::Null } else { rest },
            writing: Writing { given: meta.get("managedFields").clone(), ..Writing::default() },
        }
    }
    /// An object as it is.
    #[must_use]
    pub fn of(object: &Object) -> Draft {
        Draft {
            name: object.name.clone(),
            namespace: object.namespace.clone(),
            metadata: object.metadata.value.clone(),
            spec: object.spec.value.clone(),
            status: object.status.value.clone(),
            rest: object.rest.value.clone(),
            writing: Writing::default(),
        }
    }
}

/// A part from a tree, or the old part where the content is the same: an unchanged tree keeps its
/// place in memory.
#[must_use]
pub fn part(old: &Part, value: Value) -> Part {
    if old.value.is_same(&value) {
        return old.clone();
    }
    let new = Part::from(value);
    if new == *old { old.clone() } else { new }
}

/// `object` with the trees of a draft.
#[must_use]
pub fn redraft(object: &Object, draft: &Draft) -> Object {
    Object {
        metadata: part(&object.metadata, draft.metadata.clone()),
        spec: part(&object.spec, draft.spec.clone()),
        status: part(&object.status, draft.status.clone()),
        rest: part(&object.rest, draft.rest.clone()),
        ..object.clone()
    }
}
