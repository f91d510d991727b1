//! Custom resources under the structural schema of their CRD (`openAPIV3Schema`): unknown fields,
//! pruning, defaults and validation, after `k8s.io/apiextensions-apiserver` (v1.33) and its texts.
//!
//! Left out: CEL rules (`x-kubernetes-validations`), formats, and `oneOf`/`anyOf`/`not` beyond what
//! structural schemas allow them for.

use crate::{Value, json, limits, quote};

/// The paths of fields the schema does not know, as strict decoding reports and pruning drops them.
#[must_use]
pub fn unknown_paths(schema: &Value, object: &Value) -> Vec<String> {
    let mut out = Vec::new();
    walk(schema, object, "", true, &mut out);
    out
}

/// The object without fields the schema does not know.
#[must_use]
pub fn prune(schema: &Value, object: &Value) -> Value {
    walk(schema, object, "", true, &mut Vec::new())
}

fn keeps_unknown(schema: &Value) -> bool {
    schema["x-kubernetes-preserve-unknown-fields"].bool()
}

/// Fields every object has, whatever its schema says.
fn is_embedded(schema: &Value, root: bool) -> bool {
    root || schema["x-kubernetes-embedded-resource"].bool()
}

fn walk(schema: &Value, object: &Value, path: &str, root: bool, unknown: &mut Vec<String>) -> Value {
    match object {
        Value::Map(entries) => {
            let (properties, others) = (schema.get("properties"), schema.get("additionalProperties"));
            let mut kept = Vec::with_capacity(entries.len());
            for (key, value) in entries.iter() {
                let here = if path.is_empty() { key.text().to_owned() } else { format!("{path}.{key}") };
                let own =
                    matches!(key.text(), "apiVersion" | "kind" | "metadata") && is_embedded(schema, root);
                if own {
                    kept.push((*key, value.clone()));
                } else if let Some(inner) = properties.find(key.text()) {
                    kept.push((*key, walk(inner, value, &here, false, unknown)));
                } else if others.is_map() {
                    kept.push((*key, walk(others, value, &here, false, unknown)));
                } else if others.bool() || keeps_unknown(schema) {
                    kept.push((*key, value.clone()));
                } else if unknown.len() < 100 {
                    unknown.push(here);
                }
            }
            Value::Map(kept.into())
        }
        Value::List(items) => {
            let inner = schema.get("items");
            let items = items.iter().enumerate();
            items.map(|(at, item)| walk(inner, item, &format!("{path}[{at}]"), false, unknown)).collect()
        }
        _ => object.clone(),
    }
}

/// The object with the schema's defaults where a field is missing.
#[must_use]
pub fn with_defaults(schema: &Value, object: &Value) -> Value {
    match object {
        Value::Map(entries) => {
            let mut out = object.clone();
            for (key, property) in schema.get("properties").entries() {
                let given = object.find(key.text());
                let missing =
                    given.is_none() || given.is_some_and(|v| v.is_null() && !property["nullable"].bool());
                let start = if missing { property.find("default") } else { given };
                if let Some(start) = start {
                    out = out.with(*key, with_defaults(property, start));
                }
            }
            let others = schema.get("additionalProperties");
            if others.is_map() {
                for (key, value) in
                    entries.iter().filter(|(key, _)| schema["properties"].find(key.text()).is_none())
                {
                    out = out.with(*key, with_defaults(others, value));
                }
            }
            out
        }
        Value::List(items) => items.iter().map(|item| with_defaults(schema.get("items"), item)).collect(),
        _ => object.clone(),
    }
}

/// What is wrong with an object, each with its path: `spec.size: Unsupported value: "Q": supported
/// values: "S", "M", "L"`.
#[must_use]
pub fn validate(schema: &Value, object: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    check(schema, object, "", &mut errors, limits::DEPTH);
    errors
}

fn check(schema: &Value, value: &Value, path: &str, errors: &mut Vec<String>, depth: usize) {
    if depth == 0 || errors.len() > 100 || (value.is_null() && schema["nullable"].bool()) {
        return;
    }
    let shown = if path.is_empty() { "<nil>" } else { path };
    let wanted = schema.get("type").text();
    let int_or_string = schema["x-kubernetes-int-or-string"].bool();
    if !wanted.is_empty() && !is_type(wanted, value) && !int_or_string {
        let got = type_of(value);
        errors.push(format!(
            "{shown}: Invalid value: \"{got}\": {path} in body must be of type {wanted}: \"{got}\""
        ));
        return;
    }
    if int_or_string && !matches!(value, Value::Int(_) | Value::Str(_) | Value::Word(_)) {
        let got = type_of(value);
        errors.push(format!(
            "{shown}: Invalid value: \"{got}\": {path} in body must be of type integer,string: \"{got}\""
        ));
        return;
    }
    let allowed = schema.get("enum").items();
    if !allowed.is_empty() && !allowed.contains(value) {
        let list: Vec<String> = allowed.iter().map(quoted).collect();
        errors.push(format!(
            "{shown}: Unsupported value: {}: supported values: {}",
            quoted(value),
            list.join(", ")
        ));
    }
    let mut wrong = |what: String| {
        errors.push(format!("{shown}: Invalid value: {}: {path} in body {what}", quoted(value)))
    };
    match value {
        Value::Int(_) | Value::Float(_) => numbers(schema, value, &mut wrong),
        Value::Str(_) | Value::Word(_) => {
            let length = value.text().chars().count() as i64;
            if schema["minLength"].as_int().is_some_and(|min| length < min) {
                wrong(format!("should be at least {} chars long", schema["minLength"].int()));
            }
            let pattern = schema.get("pattern").text();
            if !pattern.is_empty() && regex_lite::Regex::new(pattern).is_ok_and(|r| !r.is_match(value.text()))
            {
                wrong(format!("should match '{pattern}'"));
            }
            if let Some(max) = schema["maxLength"].as_int().filter(|max| length > *max) {
                errors.push(format!("{shown}: Too long: may not be more than {max} bytes"));
            }
        }
        Value::List(items) => {
            let count = items.len() as i64;
            if schema["minItems"].as_int().is_some_and(|min| count < min) {
                wrong(format!("should have at least {} items", schema["minItems"].int()));
            }
            if let Some(max) = schema["maxItems"].as_int().filter(|max| count > *max) {
                errors.push(format!("{shown}: Too many: {count}: must have at most {max} items"));
            }
            for (at, item) in items.iter().enumerate() {
                check(schema.get("items"), item, &format!("{path}[{at}]"), errors, depth - 1);
            }
        }
        Value::Map(entries) => {
            let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            let count = entries.len() as i64;
            if schema["minProperties"].as_int().is_some_and(|min| count < min) {
                wrong(format!("should have at least {} properties", schema["minProperties"].int()));
            }
            if let Some(max) = schema["maxProperties"].as_int().filter(|max| count > *max) {
                errors.push(format!("{shown}: Too many: {count}: must have at most {max} items"));
            }
            for key in schema.get("required").items().iter().filter(|key| value.find(key.text()).is_none()) {
                errors.push(format!("{}: Required value", below(key.text())));
            }
            for (key, inner) in entries.iter() {
                let property = schema["properties"]
                    .find(key.text())
                    .unwrap_or_else(|| schema.get("additionalProperties"));
                check(property, inner, &below(key.text()), errors, depth - 1);
            }
        }
        _ => {}
    }
}

fn numbers(schema: &Value, value: &Value, wrong: &mut dyn FnMut(String)) {
    let float = |v: &Value| match v {
        Value::Int(n) => Some(*n as f64),
        Value::Float(f) => Some(*f),
        _ => None,
    };
    let Some(n) = float(value) else { return };
    if let Some(min) = float(schema.get("minimum")) {
        let exclusive = schema["exclusiveMinimum"].bool();
        if n < min || (exclusive && n <= min) {
            wrong(format!(
                "should be greater than {}{}",
                if exclusive { "" } else { "or equal to " },
                json::float(min)
            ));
        }
    }
    if let Some(max) = float(schema.get("maximum")) {
        let exclusive = schema["exclusiveMaximum"].bool();
        if n > max || (exclusive && n >= max) {
            wrong(format!(
                "should be less than {}{}",
                if exclusive { "" } else { "or equal to " },
                json::float(max)
            ));
        }
    }
    if let Some(step) = float(schema.get("multipleOf")).filter(|step| *step > 0.0)
        && n % step != 0.0
    {
        wrong(format!("should be a multiple of {}", json::float(step)));
    }
}

fn is_type(wanted: &str, value: &Value) -> bool {
    match wanted {
        "object" => value.is_map(),
        "array" => value.is_list(),
        "string" => value.as_str().is_some(),
        "boolean" => value.as_bool().is_some(),
        "integer" => value.as_int().is_some(),
        "number" => matches!(value, Value::Int(_) | Value::Float(_)),
        _ => true,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Float(_) => "number",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "string",
    }
}

fn quoted(value: &Value) -> String {
    value.as_str().map_or_else(|| json::to_string(value), quote::go)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn schema() -> Value {
        value!({"type": "object", "required": ["spec"], "properties": {"spec": {"type": "object", "required": ["size"], "properties": {
            "size": {"type": "string", "enum": ["S", "M", "L"]},
            "replicas": {"type": "integer", "minimum": 1, "maximum": 5, "default": 2},
            "name": {"type": "string", "pattern": "^[a-z]+$"},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "items": {"type": "array", "maxItems": 1, "items": {"type": "object", "properties": {"on": {"type": "boolean", "default": true}}}}}}}})
    }

    #[test]
    fn unknown_fields_are_pruned() {
        let object = value!({"apiVersion": "a/v1", "kind": "K", "metadata": {"name": "x"}, "spec": {"size": "S", "sise": "M",
            "free": {"any": 1}, "labels": {"a": "b"}, "items": [{"on": true, "off": 1}]}});
        assert_eq!(unknown_paths(&schema(), &object), ["spec.items[0].off", "spec.sise"]);
        let pruned = prune(&schema(), &object);
        assert_eq!(unknown_paths(&schema(), &pruned), [] as [&str; 0]);
        assert_eq!(pruned["spec"]["free"]["any"], Value::Int(1));
        assert_eq!(pruned["metadata"]["name"], "x");
    }

    #[test]
    fn defaults_fill_what_is_missing() {
        let filled = with_defaults(&schema(), &value!({"spec": {"size": "S", "items": [{}]}}));
        assert_eq!(filled, value!({"spec": {"size": "S", "replicas": 2, "items": [{"on": true}]}}));
    }

    #[test]
    fn validation_speaks_as_the_server() {
        for (spec, error) in [
            (
                value!({"size": "Q"}),
                "spec.size: Unsupported value: \"Q\": supported values: \"S\", \"M\", \"L\"",
            ),
            (value!({}), "spec.size: Required value"),
            (
                value!({"size": "S", "replicas": "3"}),
                "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\"",
            ),
            (
                value!({"size": "S", "replicas": 0}),
                "spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1",
            ),
            (
                value!({"size": "S", "name": "A"}),
                "spec.name: Invalid value: \"A\": spec.name in body should match '^[a-z]+$'",
            ),
            (value!({"size": "S", "items": [{}, {}]}), "spec.items: Too many: 2: must have at most 1 items"),
        ] {
            assert_eq!(validate(&schema(), &value!({"spec": spec})), [error]);
        }
    }
}
