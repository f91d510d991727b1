//! The patches `kubectl apply` computes on the client: what changed between the live object and the
//! file, and what the file no longer has that it had when it was applied last.

use super::diff::{self, Want};
use super::shape::Shape;
use super::strategic::{self, Mode};
use crate::schema::{Schema, Type};
use crate::{Sym, Value};

/// The patch `kubectl apply` sends for a built-in kind: `CreateThreeWayMergePatch`, overwriting.
///
/// # Errors
/// A list item without its merge key.
pub fn strategic_diff(
    original: &Value,
    modified: &Value,
    current: &Value,
    schema: &Schema,
    ty: &Type,
) -> Result<Value, String> {
    let shape = Shape::of(schema, ty);
    let changes = diff::maps(current, modified, shape, Want { changes: true, deletions: false }, false)?;
    let deletions = diff::maps(original, modified, shape, Want { changes: false, deletions: true }, false)?;
    strategic::merge_maps(&deletions, &changes, shape, Mode::Combine)
}

/// The patch `kubectl apply` sends for a custom resource: `CreateThreeWayJSONMergePatch`.
#[must_use]
pub fn three_way_json_merge(original: &Value, modified: &Value, current: &Value) -> Value {
    let changes = only(&merge_diff(current, modified), false);
    let deletions = only(&merge_diff(original, modified), true);
    combine(&deletions, &changes)
}

/// The JSON merge patch that leads from `old` to `new`; lists are replaced whole.
#[must_use]
pub fn merge_diff(old: &Value, new: &Value) -> Value {
    let mut patch: Vec<(Sym, Value)> = Vec::new();
    for (key, value) in new.entries() {
        match (old.find(key.text()), value) {
            (Some(before), _) if before == value => {}
            (Some(before @ Value::Map(_)), Value::Map(_)) => patch.push((*key, merge_diff(before, value))),
            _ => patch.push((*key, value.clone())),
        }
    }
    let gone = old.entries().iter().filter(|(key, _)| new.find(key.text()).is_none());
    patch.extend(gone.map(|(key, _)| (*key, Value::Null)));
    Value::from_entries(patch)
}

/// Only the nulls of a patch, or all but them.
fn only(patch: &Value, nulls: bool) -> Value {
    let mut kept: Vec<(Sym, Value)> = Vec::new();
    for (key, value) in patch.entries() {
        match value {
            Value::Null if nulls => kept.push((*key, Value::Null)),
            Value::Null => {}
            Value::Map(m) if !m.is_empty() => {
                let inner = only(value, nulls);
                if !inner.is_empty() {
                    kept.push((*key, inner));
                }
            }
            _ if !nulls => kept.push((*key, value.clone())),
            _ => {}
        }
    }
    Value::from_entries(kept)
}

/// A patch of changes laid over a patch of deletions.
fn combine(deletions: &Value, changes: &Value) -> Value {
    changes.entries().iter().fold(deletions.clone(), |out, (key, change)| {
        let value = match (out.find(key.text()), change) {
            (Some(deleted @ Value::Map(_)), Value::Map(_)) => combine(deleted, change),
            _ => change.clone(),
        };
        out.with(*key, value)
    })
}
