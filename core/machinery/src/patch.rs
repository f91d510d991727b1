//! The patches of the API: JSON merge patch (RFC 7386), JSON patch (RFC 6902, with the texts of
//! evanphx/json-patch), strategic merge patch and the three-way patches of `kubectl apply`
//! (`k8s.io/apimachinery/pkg/util/strategicpatch` and `…/jsonmergepatch`, v1.33).

mod diff;
mod json_patch;
mod list;
mod shape;
mod strategic;
mod three_way;

pub use diff::strategic_two_way;
pub use json_patch::json_patch;
pub use strategic::strategic;
pub use three_way::{merge_diff, strategic_diff, three_way_json_merge};

pub(crate) use crate::text::go_print;

use crate::Value;

/// RFC 7386: null removes, maps merge, everything else replaces.
#[must_use]
pub fn merge(target: &Value, patch: &Value) -> Value {
    let Value::Map(fields) = patch else { return patch.clone() };
    let start = if target.is_map() { target.clone() } else { Value::empty_map() };
    fields.iter().fold(start, |target, (key, patch)| match patch {
        Value::Null => target.without(key.text()),
        _ => target.with(*key, merge(target.field(*key), patch)),
    })
}

#[cfg(test)]
mod tests;
