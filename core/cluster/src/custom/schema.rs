//! Custom resources under their definition's schema (`kube-openapi/pkg/validation/validate` as
//! `apiextensions-apiserver` v1.33 words it): types, bounds, formats, combinations, lists that are maps or
//! sets. What an update leaves as it was is not judged again (ratcheting).
//!
//! Left out: `dependencies`, `patternProperties` and other keywords structural schemas do not have.

use super::formats;
use super::rules;
use crate::field::{Errors, Path};
use drydock_machinery::schema::openapi;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Sym, Value, json, limits, quote};

/// Judges a whole object. `old` is the stored one in an update.
pub(crate) fn judge(schema: &Value, object: &Value, old: Option<&Value>, errors: &mut Errors) {
    let before = errors.0.len();
    check(schema, object, old, &Path::ROOT, errors, limits::DEPTH);
    lists(schema, object, &Path::ROOT, errors, limits::DEPTH);
    // Rules are only asked about objects that have the right shape.
    if errors.0.len() == before {
        rules::judge(schema, object, old, &Path::ROOT, errors, limits::DEPTH);
    }
}

/// The path as the validator names it in its sentences.
fn name(path: &Path<'_>) -> String {
    path.to_string()
}

/// Judges one tree.
pub(crate) fn check(
    schema: &Value,
    value: &Value,
    old: Option<&Value>,
    path: &Path<'_>,
    errors: &mut Errors,
    depth: usize,
) {
    if depth == 0 || errors.0.len() > 100 || (value.is_null() && schema["nullable"].bool()) {
        return;
    }
    if old.is_some_and(|old| old == value) {
        return;
    }
    if !typed(schema, value, path, errors) {
        return;
    }
    combined(schema, value, path, errors, depth);
    match value {
        Value::Int(_) | Value::Float(_) => numbers(schema, value, path, errors),
        Value::Str(_) | Value::Word(_) => texts(schema, value.text(), path, errors),
        Value::List(items) => {
            let count = items.len() as i64;
            if let Some(min) = schema["minItems"].as_int().filter(|min| count < *min) {
                wrong(path, Value::Int(count), &format!("should have at least {min} items"), errors);
            }
            if let Some(max) = schema["maxItems"].as_int().filter(|max| count > *max) {
                errors.too_many(path, items.len(), max.max(0) as usize);
            }
            let inner = schema.get("items");
            let known = old.map_or(&[][..], Value::items);
            for (at, item) in items.iter().enumerate() {
                let before = counterpart(schema, item, at, known);
                check(inner, item, before, &path.index(at), errors, depth - 1);
            }
        }
        _ => {}
    }
    let allowed = schema.get("enum").items();
    if !allowed.is_empty() && !allowed.contains(value) {
        let texts: Vec<String> =
            allowed.iter().map(|v| v.as_str().map_or_else(|| json::to_string(v), str::to_string)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        errors.unsupported(path, value, &texts);
    }
    if let Value::Map(entries) = value {
        fields(schema, entries, old, path, errors, depth);
    }
}

/// The item of a stored list that an item of the new one comes from.
pub(crate) fn counterpart<'a>(
    schema: &Value,
    item: &Value,
    at: usize,
    known: &'a [Value],
) -> Option<&'a Value> {
    match schema.get("x-kubernetes-list-type").text() {
        "map" => {
            let keys = schema.get("x-kubernetes-list-map-keys").items();
            known.iter().find(|k| keys.iter().all(|key| k[key.text()] == item[key.text()]))
        }
        "set" => known.iter().find(|k| *k == item),
        _ => known.get(at),
    }
}

fn wrong(path: &Path<'_>, shown: Value, what: &str, errors: &mut Errors) {
    errors.invalid(path, shown, &format!("{} in body {what}", name(path)));
}

/// False if the value is of a wrong type.
fn typed(schema: &Value, value: &Value, path: &Path<'_>, errors: &mut Errors) -> bool {
    let (wanted, got) = (schema.get("type").text(), type_of(value));
    let (good, shown) = if schema["x-kubernetes-int-or-string"].bool() {
        (matches!(got, "integer" | "string"), "integer,string")
    } else {
        // A whole number is an integer however it was written.
        let whole = matches!(value, Value::Float(f) if f.fract() == 0.0);
        let fits = wanted == got || wanted == "number" && got == "integer" || wanted == "integer" && whole;
        (wanted.is_empty() || fits, wanted)
    };
    if !good {
        let detail = format!("{} in body must be of type {shown}: {}", name(path), quote::go(got));
        errors.type_invalid(path, got, &detail);
    }
    good
}

/// `allOf`, `anyOf`, `oneOf` and `not`.
fn combined(schema: &Value, value: &Value, path: &Path<'_>, errors: &mut Errors, depth: usize) {
    let outcome = |part: &Value| {
        let mut found = Errors::default();
        check(part, value, None, path, &mut found, depth - 1);
        found
    };
    let place = quote::go(&name(path));
    let mut fail = |what: String, rest: Option<Errors>| {
        errors.nowhere(&format!("{place} {what}"));
        errors.0.extend(rest.into_iter().flat_map(|e| e.0));
    };
    let any = schema.get("anyOf").items();
    if !any.is_empty() {
        let mut results: Vec<Errors> = any.iter().map(outcome).collect();
        if results.iter().all(|e| !e.is_empty()) {
            results.arrange_by_key(|e| e.0.len());
            fail("must validate at least one schema (anyOf)".into(), results.into_iter().next());
        }
    }
    let one = schema.get("oneOf").items();
    if !one.is_empty() {
        let mut results: Vec<Errors> = one.iter().map(outcome).collect();
        match results.iter().filter(|e| e.is_empty()).count() {
            1 => {}
            0 => {
                results.arrange_by_key(|e| e.0.len());
                let what = "must validate one and only one schema (oneOf). Found none valid";
                fail(what.into(), results.into_iter().next());
            }
            many => {
                let what = "must validate one and only one schema (oneOf)";
                fail(format!("{what}. Found {many} valid alternatives"), None);
            }
        }
    }
    let all = schema.get("allOf").items();
    let results: Vec<Errors> = all.iter().map(outcome).filter(|e| !e.is_empty()).collect();
    if !results.is_empty() {
        let none = if results.len() == all.len() { ". None validated" } else { "" };
        let rest = results.into_iter().flat_map(|e| e.0).collect();
        fail(format!("must validate all the schemas (allOf){none}"), Some(Errors(rest)));
    }
    let not = schema.get("not");
    if not.is_map() && outcome(not).is_empty() {
        fail("must not validate the schema (not)".into(), None);
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(f) => Some(*f),
        _ => None,
    }
}

fn numbers(schema: &Value, value: &Value, path: &Path<'_>, errors: &mut Errors) {
    let Some(n) = float(value) else { return };
    let mut say = |what: String| wrong(path, value.clone(), &what, errors);
    if let Some(step) = float(schema.get("multipleOf")).filter(|step| *step > 0.0) {
        let times = n / step;
        if (times - times.round()).abs() > 1e-9 {
            say(format!("should be a multiple of {}", json::float(step)));
        }
    }
    if let Some(max) = float(schema.get("maximum")) {
        match schema["exclusiveMaximum"].bool() {
            true if n >= max => say(format!("should be less than {}", json::float(max))),
            false if n > max => say(format!("should be less than or equal to {}", json::float(max))),
            _ => {}
        }
    }
    if let Some(min) = float(schema.get("minimum")) {
        match schema["exclusiveMinimum"].bool() {
            true if n <= min => say(format!("should be greater than {}", json::float(min))),
            false if n < min => say(format!("should be greater than or equal to {}", json::float(min))),
            _ => {}
        }
    }
    let format = schema.get("format").text();
    if format == "int32" && value.as_int().is_some_and(|n| i32::try_from(n).is_err()) {
        say("must be of type int32".into());
    }
}

fn texts(schema: &Value, text: &str, path: &Path<'_>, errors: &mut Errors) {
    let length = text.chars().count() as i64;
    // One complaint about a text is enough.
    if let Some(max) = schema["maxLength"].as_int().filter(|max| length > *max) {
        errors.too_long(path, max.max(0) as usize);
    } else if let Some(min) = schema["minLength"].as_int().filter(|min| length < *min) {
        wrong(path, text.into(), &format!("should be at least {min} chars long"), errors);
    } else if let Some(pattern) = schema.get("pattern").as_str().filter(|p| !openapi::matches(p, text)) {
        wrong(path, text.into(), &format!("should match '{pattern}'"), errors);
    }
    let format = schema.get("format").text();
    if !format.is_empty() && !formats::fits(format, text) {
        wrong(path, text.into(), &format!("must be of type {format}: {}", quote::go(text)), errors);
    }
}

fn fields(
    schema: &Value,
    entries: &[(Sym, Value)],
    old: Option<&Value>,
    path: &Path<'_>,
    errors: &mut Errors,
    depth: usize,
) {
    let count = entries.len() as i64;
    if let Some(min) = schema["minProperties"].as_int().filter(|min| count < *min) {
        wrong(path, "".into(), &format!("should have at least {min} properties"), errors);
    }
    if let Some(max) = schema["maxProperties"].as_int().filter(|max| count > *max) {
        errors.too_many(path, entries.len(), max.max(0) as usize);
    }
    for (key, inner) in entries {
        let property = schema["properties"].find(key.text());
        let property = property.unwrap_or_else(|| schema.get("additionalProperties"));
        let before = old.and_then(|old| old.find(key.text()));
        check(property, inner, before, &path.child(key.text()), errors, depth - 1);
    }
    for key in schema.get("required").items() {
        if !entries.iter().any(|(k, _)| k.text() == key.text()) {
            errors.required(&path.child(key.text()), "");
        }
    }
}

/// Lists of type `set` and `map` hold nothing twice (`listtype.ValidateListSetsAndMaps`).
fn lists(schema: &Value, value: &Value, path: &Path<'_>, errors: &mut Errors, depth: usize) {
    if depth == 0 {
        return;
    }
    match value {
        Value::List(items) => {
            let keys = schema.get("x-kubernetes-list-map-keys").items();
            let kind = schema.get("x-kubernetes-list-type").text();
            let identity = |item: &Value| -> Value {
                match kind {
                    "map" => keys
                        .iter()
                        .filter_map(|key| item.find(key.text()).map(|v| (Sym::new(key.text()), v.clone())))
                        .collect(),
                    _ => item.clone(),
                }
            };
            let mut seen: Vec<Value> = Vec::new();
            for (at, item) in items.iter().enumerate() {
                if matches!(kind, "set" | "map") {
                    let own = identity(item);
                    if seen.contains(&own) {
                        errors.duplicate(&path.index(at), own.clone());
                    }
                    seen.push(own);
                }
                lists(schema.get("items"), item, &path.index(at), errors, depth - 1);
            }
        }
        Value::Map(entries) => {
            for (key, inner) in entries.iter() {
                let property = schema["properties"].find(key.text());
                let property = property.unwrap_or_else(|| schema.get("additionalProperties"));
                lists(property, inner, &path.child(key.text()), errors, depth - 1);
            }
        }
        _ => {}
    }
}

/// The type of a value as JSON schemas name it.
pub(crate) fn type_of(value: &Value) -> &'static str {
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
