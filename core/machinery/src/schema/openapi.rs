//! Custom resources under the structural schema of their CRD (`openAPIV3Schema`): unknown fields,
//! pruning and defaults, after `k8s.io/apiextensions-apiserver` (v1.33). The API server judges objects.

use crate::Value;

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
                match start {
                    // A null that may not be one counts as absent.
                    Some(start) if start.is_null() && !property["nullable"].bool() => {
                        out = out.without(key.text());
                    }
                    Some(start) => out = out.with(*key, with_defaults(property, start)),
                    None if given.is_some() => out = out.without(key.text()),
                    None => {}
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

/// Whether a text has a pattern somewhere in it; a pattern that cannot be read fits everything.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    regex_lite::Regex::new(pattern).map_or(true, |r| r.is_match(text))
}

/// All that a pattern finds in a text.
///
/// # Errors
/// Why the pattern cannot be read.
pub fn found(pattern: &str, text: &str) -> Result<Vec<String>, String> {
    let regex = regex_lite::Regex::new(pattern)
        .map_err(|_| pattern_error(pattern).unwrap_or_else(|| "error parsing regexp".into()))?;
    Ok(regex.find_iter(text).map(|m| m.as_str().to_string()).collect())
}

/// What Go says of an expression it cannot read; `None` for good ones.
#[must_use]
pub fn pattern_error(pattern: &str) -> Option<String> {
    regex_lite::Regex::new(pattern).err()?;
    let count = |c: char| {
        let (mut escaped, mut found) = (false, 0);
        for x in pattern.chars() {
            found += usize::from(x == c && !escaped);
            escaped = x == '\\' && !escaped;
        }
        found
    };
    let why = if count('[') > count(']') {
        let from = pattern.find('[').and_then(|at| pattern.get(at..)).unwrap_or(pattern);
        format!("missing closing ]: `{from}`")
    } else if count('(') > count(')') {
        format!("missing closing ): `{pattern}`")
    } else if count(')') > count('(') {
        format!("unexpected ): `{pattern}`")
    } else if let Some(first) = pattern.chars().next().filter(|c| "*+?".contains(*c)) {
        format!("missing argument to repetition operator: `{first}`")
    } else if pattern.ends_with('\\') {
        "trailing backslash at end of expression: ``".to_string()
    } else {
        format!("invalid or unsupported Perl syntax: `{pattern}`")
    };
    Some(format!("error parsing regexp: {why}"))
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
    fn patterns_are_refused_in_the_words_of_go() {
        assert_eq!(pattern_error("^[a-z]+$"), None);
        let said = "error parsing regexp: missing closing ): `(`";
        assert_eq!(pattern_error("(").as_deref(), Some(said));
        assert!(matches("^[a-z]+$", "abc") && !matches("^[a-z]+$", "ABC"));
    }
}
