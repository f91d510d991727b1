//! Whether a tree can be turned into Go structs the way the API server turns strategic merge patches
//! into objects: `runtime.DefaultUnstructuredConverter` of apimachinery v1.33 and its words.

use super::{Field, Schema, Ty, Type};
use crate::{Quantity, Timestamp, Value, json};

/// The first value that does not fit.
///
/// # Errors
/// `unrecognized type: int32`, `cannot restore slice from string`, …
pub fn check(schema: &Schema, ty: &Type, value: &Value) -> Result<(), String> {
    if !value.is_map() {
        return Err(format!("cannot restore struct from: {}", go_kind(value)));
    }
    // In the order of Go's fields, as the converter meets them.
    ty.fields.iter().try_for_each(|field| fits(schema, field.ty, field, value.get(field.json)))
}

fn fits(schema: &Schema, ty: Ty, field: &Field, value: &Value) -> Result<(), String> {
    if value.is_null() {
        return Ok(());
    }
    match ty {
        Ty::Any => Ok(()),
        Ty::Object(at) => schema.type_at(at).map_or(Ok(()), |ty| check(schema, ty, value)),
        Ty::List(inner) => match value {
            Value::List(items) => items.iter().try_for_each(|item| fits(schema, *inner, field, item)),
            _ => Err(format!("cannot restore slice from {}", go_kind(value))),
        },
        Ty::Map(inner) => match value {
            Value::Map(entries) => entries.iter().try_for_each(|(_, v)| fits(schema, *inner, field, v)),
            _ => Err(format!("cannot restore map from {}", go_kind(value))),
        },
        Ty::Bytes if value.as_str().is_some() => Ok(()),
        Ty::Bytes => Err(format!("cannot restore slice from {}", go_kind(value))),
        Ty::Quantity => match Quantity::from_value(value) {
            Some(_) => Ok(()),
            None => Err(crate::quantity::Error::Format.to_string()),
        },
        Ty::Time | Ty::MicroTime => match value.as_str() {
            Some(text) if Timestamp::parse(text).is_some() => Ok(()),
            Some(text) => {
                let quoted = crate::quote::go(text);
                Err(format!(
                    "parsing time {quoted} as \"2006-01-02T15:04:05Z07:00\": cannot parse {quoted} as \"2006\""
                ))
            }
            None => Err(format!("json: cannot unmarshal {} into Go value of type string", value.json_type())),
        },
        Ty::IntOrString => match value {
            Value::Int(n) if i32::try_from(*n).is_ok() => Ok(()),
            Value::Str(_) | Value::Word(_) => Ok(()),
            other => Err(format!(
                "json: cannot unmarshal {} into Go value of type int32",
                match other {
                    Value::Int(_) | Value::Float(_) => format!("number {}", json::to_string(other)),
                    other => other.json_type().to_owned(),
                }
            )),
        },
        Ty::Str | Ty::Int32 | Ty::Int64 | Ty::Float | Ty::Bool => simple(ty, field, value),
    }
}

/// Strings, numbers and truth values do not turn into each other.
fn simple(ty: Ty, field: &Field, value: &Value) -> Result<(), String> {
    let (kind, name) = match ty {
        Ty::Str => ("string", if field.go_type.is_empty() { "string" } else { field.go_type }),
        Ty::Int32 => ("int32", "int32"),
        Ty::Int64 => ("int64", "int64"),
        Ty::Float => ("float64", "float64"),
        _ => ("bool", "bool"),
    };
    let whole = |f: f64| f.fract() == 0.0;
    match (ty, value) {
        (Ty::Str, Value::Str(_) | Value::Word(_)) | (Ty::Bool, Value::Bool(_)) => Ok(()),
        (Ty::Int32 | Ty::Int64 | Ty::Float, Value::Int(_)) | (Ty::Float, Value::Float(_)) => Ok(()),
        (Ty::Int32 | Ty::Int64, Value::Float(f)) if whole(*f) => Ok(()),
        // Go could convert these, but JSON does not.
        (Ty::Str, Value::Int(_)) | (Ty::Int32 | Ty::Int64, Value::Float(_)) => {
            Err(format!("cannot convert {} to {name}", go_kind(value)))
        }
        _ => Err(format!("unrecognized type: {kind}")),
    }
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "invalid",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Str(_) | Value::Word(_) => "string",
        Value::List(_) => "slice",
        Value::Map(_) => "map",
    }
}

#[cfg(test)]
mod tests {
    use crate::{schema, value};

    #[test]
    fn misfits_are_worded_as_the_converter_words_them() {
        let ty = schema::builtin().kind("apps/v1", "Deployment").unwrap();
        for (spec, wanted) in [
            (value!({"replicas": "x"}), "unrecognized type: int32"),
            (value!({"replicas": 1.5}), "cannot convert float64 to int32"),
            (value!({"template": 1}), "cannot restore struct from: int64"),
            (value!({"template": {"spec": {"containers": "c"}}}), "cannot restore slice from string"),
            (value!({"selector": {"matchLabels": "a"}}), "cannot restore map from string"),
            (value!({"template": {"spec": {"containers": [{"name": 1}]}}}), "cannot convert int64 to string"),
        ] {
            let object = value!({"spec": spec});
            assert_eq!(super::check(schema::builtin(), ty, &object), Err(wanted.to_string()));
        }
    }
}
