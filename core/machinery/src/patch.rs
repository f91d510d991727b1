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

/// A value as Go's `%v` prints it: `map[image:nginx ports:[map[containerPort:80]]]`.
#[must_use]
pub fn go_print(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::Str(_) | Value::Word(_) => value.text().to_owned(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(go_print).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(k, v)| format!("{k}:{}", go_print(v))).collect();
            format!("map[{}]", entries.join(" "))
        }
        _ => crate::json::to_string(value),
    }
}

#[cfg(test)]
mod tests;
