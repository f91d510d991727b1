//! What a custom resource holds at the paths its scale subresource names
//! (`customResourceValidator.ValidateScaleSpec`, v1.33).

use crate::field::{Errors, Path};
use drydock_machinery::{Value, json};

/// The value at a simple path, or the words of what stands in the way.
fn nested<'a>(object: &'a Value, path: &str) -> Result<Option<&'a Value>, String> {
    let mut at = object;
    for step in path.trim_start_matches('.').split('.') {
        if !at.is_map() {
            return Err(wrong(at, "map[string]interface{}", path));
        }
        match at.find(step).filter(|v| !v.is_null()) {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn wrong(value: &Value, wanted: &str, path: &str) -> String {
    let got = match value {
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
        _ => "string",
    };
    let shown = value.as_str().map_or_else(|| json::to_string(value), str::to_string);
    format!("{path} accessor error: {shown} is of the type {got}, expected {wanted}")
}

/// Replicas at the two paths must be numbers a Scale can hold, the selector a text.
pub(crate) fn judge(scale: &Value, object: &Value, errors: &mut Errors) {
    if !scale.is_map() {
        return;
    }
    for field in ["specReplicasPath", "statusReplicasPath"] {
        let place = scale[field].text();
        let path = Path::new(place);
        match nested(object, place) {
            Err(why) => errors.invalid(&path, 0, &why),
            Ok(None) => {}
            Ok(Some(Value::Int(n))) if *n < 0 => {
                errors.invalid(&path, *n, "should be a non-negative integer")
            }
            Ok(Some(Value::Int(n))) if *n > i64::from(i32::MAX) => {
                errors.invalid(&path, *n, &format!("should be less than or equal to {}", i32::MAX));
            }
            Ok(Some(Value::Int(_))) => {}
            Ok(Some(other)) => errors.invalid(&path, 0, &wrong(other, "int64", place)),
        }
    }
    let place = scale["labelSelectorPath"].text();
    if !place.is_empty() {
        match nested(object, place) {
            Err(why) => errors.invalid(&Path::new(place), "", &why),
            Ok(Some(other)) if other.as_str().is_none() => {
                errors.invalid(&Path::new(place), "", &wrong(other, "string", place));
            }
            Ok(_) => {}
        }
    }
}
