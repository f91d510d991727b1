//! Schemas of definitions: which keywords may stand where, and that they are structural
//! (`ValidateCustomResourceDefinitionOpenAPISchema`, `pkg/apiserver/schema/validation.go`, v1.33).
//!
//! Left out: the cost of rules, and that what combinations mention must be said outside of them too.

use crate::custom;
use crate::field::{Errors, Path};
use drydock_machinery::schema::openapi;
use drydock_machinery::{Value, limits, value};

const TYPES: &[&str] = &["array", "boolean", "integer", "number", "object", "string"];
/// Keywords OpenAPI has and custom resources do not.
const UNKNOWN: &[&str] =
    &["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Judges the schema of a version; `status` if it has the status subresource.
pub(super) fn validate(schema: &Value, status: bool, path: &Path<'_>, errors: &mut Errors) {
    if schema.is_null() {
        return;
    }
    if status {
        at_root(schema, path, errors);
    }
    if schema["nullable"].bool() {
        errors.forbidden(&path.child("nullable"), "nullable cannot be true at the root");
    }
    let before = errors.0.len();
    keywords(schema, path, errors, limits::DEPTH);
    structural(schema, Level::Root, path, errors, limits::DEPTH);
    if errors.0.len() == before {
        defaults(schema, path, errors, limits::DEPTH);
    }
}

/// With a status of its own the root may say little: the status is judged by its part alone.
fn at_root(schema: &Value, path: &Path<'_>, errors: &mut Errors) {
    const ALLOWED: &[&str] = &[
        "description",
        "type",
        "format",
        "title",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "multipleOf",
        "required",
        "items",
        "properties",
        "externalDocs",
        "example",
        "nullable",
    ];
    if !schema["type"].is_empty() && schema["type"] != "object" {
        let detail = "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled";
        errors.invalid(&path.child("type"), &schema["type"], detail);
        return;
    }
    let own = |key: &str| key.starts_with("x-kubernetes-");
    if schema.entries().iter().any(|(key, _)| !ALLOWED.contains(&key.text()) && !own(key.text())) {
        let detail = "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled";
        errors.invalid(path, schema, detail);
    }
}

/// Each schema below one, with its path.
fn below(schema: &Value, path: &Path<'_>, mut each: impl FnMut(&Value, Level, &Path<'_>)) {
    if schema["items"].is_map() {
        each(&schema["items"], Level::Item, &path.child("items"));
    }
    if schema["additionalProperties"].is_map() {
        each(&schema["additionalProperties"], Level::Field, &path.child("additionalProperties"));
    }
    let properties = path.child("properties");
    for (key, property) in schema["properties"].entries() {
        each(property, Level::Field, &properties.key(key.text()));
    }
}

fn keywords(schema: &Value, path: &Path<'_>, errors: &mut Errors, depth: usize) {
    if depth == 0 {
        return;
    }
    let kind = schema["type"].text();
    if kind == "null" {
        let detail = "type cannot be set to null, use nullable as an alternative";
        errors.forbidden(&path.child("type"), detail);
    }
    if !kind.is_empty() && !TYPES.contains(&kind) {
        errors.unsupported(&path.child("type"), kind, TYPES);
    }
    for word in UNKNOWN.iter().filter(|word| !schema[**word].is_null()) {
        errors.forbidden(&path.child(word), &format!("{word} is not supported"));
    }
    if schema["items"].is_list() {
        errors.forbidden(&path.child("items"), "items must be a schema object and not an array");
    }
    let pattern = schema["pattern"].text();
    if let Some(why) = openapi::pattern_error(pattern).filter(|_| !pattern.is_empty()) {
        let detail = format!("must be a valid regular expression, but isn't: {why}");
        errors.invalid(&path.child("pattern"), pattern, &detail);
    }
    if schema["uniqueItems"].bool() {
        let detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        errors.forbidden(&path.child("uniqueItems"), detail);
    }
    let others = &schema["additionalProperties"];
    if (others.is_map() || others.bool()) && !schema["properties"].is_empty() {
        let detail = "additionalProperties and properties are mutual exclusive";
        errors.forbidden(&path.child("additionalProperties"), detail);
    }
    below(schema, path, |inner, _, path| keywords(inner, path, errors, depth - 1));
    for word in ["allOf", "anyOf", "oneOf"] {
        let list = path.child(word);
        for (at, part) in schema[word].items().iter().enumerate() {
            keywords(part, &list.index(at), errors, depth - 1);
        }
    }
    if schema["not"].is_map() {
        keywords(&schema["not"], &path.child("not"), errors, depth - 1);
    }
    if schema["x-kubernetes-preserve-unknown-fields"] == Value::Bool(false) {
        let path = path.child("x-kubernetes-preserve-unknown-fields");
        errors.invalid(&path, false, "must be true or undefined");
    }
    lists(schema, kind, path, errors);
    let rules = path.child("x-kubernetes-validations");
    for (at, rule) in schema["x-kubernetes-validations"].items().iter().enumerate() {
        custom::misread(rule, schema, depth == limits::DEPTH, &rules.index(at), errors);
    }
}

/// `x-kubernetes-list-type` and what goes with it.
fn lists(schema: &Value, kind: &str, path: &Path<'_>, errors: &mut Errors) {
    let must_be = |word: &str, wanted: &str, supported: &[&str], errors: &mut Errors| {
        let given = &schema[word];
        if given.is_null() {
            return;
        }
        let detail = format!("must be {wanted} if {word} is specified");
        if kind.is_empty() {
            errors.required(&path.child("type"), &detail);
        } else if kind != wanted {
            errors.invalid(&path.child("type"), kind, &detail);
        } else if !supported.contains(&given.text()) {
            errors.unsupported(&path.child(word), given, supported);
        }
    };
    must_be("x-kubernetes-map-type", "object", &["atomic", "granular"], errors);
    must_be("x-kubernetes-list-type", "array", &["atomic", "set", "map"], errors);
    let (list, keys) = (&schema["x-kubernetes-list-type"], &schema["x-kubernetes-list-map-keys"]);
    if !keys.is_empty() && *list != "map" {
        let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
        let path = path.child("x-kubernetes-list-type");
        if list.is_null() { errors.required(&path, detail) } else { errors.invalid(&path, list, detail) }
    }
    if *list != "map" {
        return;
    }
    let place = path.child("x-kubernetes-list-map-keys");
    if keys.is_empty() {
        errors.required(&place, "must not be empty if x-kubernetes-list-type is map");
    }
    let items = path.child("items");
    if schema["items"].is_null() {
        errors.required(&items, "must have a schema if x-kubernetes-list-type is map");
        return;
    }
    if schema["items"]["type"] != "object" {
        let detail = "must be object if parent array's x-kubernetes-list-type is map";
        errors.invalid(&items.child("type"), &schema["items"]["type"], detail);
    }
    let properties = items.child("properties");
    let required = schema["items"]["required"].items();
    for (at, key) in keys.items().iter().enumerate() {
        let property = &schema["items"]["properties"][key.text()];
        if keys.items().iter().take(at).any(|k| k == key) {
            errors.duplicate(&place.index(at), key);
        }
        if property.is_null() {
            let detail = "entries must all be names of item properties";
            errors.invalid(&place.index(at), key, detail);
        } else if !required.contains(key) && property["default"].is_null() {
            let path = properties.key(key.text());
            let detail = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            errors.required(&path.child("default"), detail);
        }
    }
}

fn structural(schema: &Value, level: Level, path: &Path<'_>, errors: &mut Errors, depth: usize) {
    if depth == 0 {
        return;
    }
    let kind = schema["type"].text();
    if kind == "array" && schema["items"].is_null() {
        errors.required(&path.child("items"), "must be specified");
    }
    let metadata_too = level == Level::Root || schema["x-kubernetes-embedded-resource"].bool();
    below(schema, path, |inner, level, path| structural(inner, level, path, errors, depth - 1));
    if level == Level::Root && schema["additionalProperties"].is_map() {
        errors.forbidden(&path.child("additionalProperties"), "must not be used at the root");
    }
    combinations(schema, path, errors);
    let embedded = schema["x-kubernetes-embedded-resource"].bool();
    let free =
        schema["x-kubernetes-int-or-string"].bool() || schema["x-kubernetes-preserve-unknown-fields"].bool();
    let place = path.child("type");
    if embedded && kind != "object" {
        let detail = "must be object if x-kubernetes-embedded-resource is true";
        if kind.is_empty() { errors.required(&place, detail) } else { errors.invalid(&place, kind, detail) }
    } else if kind.is_empty() && !free {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        errors.required(&place, detail);
    }
    if level == Level::Root && !kind.is_empty() && kind != "object" {
        errors.invalid(&place, kind, "must be object at the root");
    }
    if embedded && !schema["x-kubernetes-preserve-unknown-fields"].bool() && schema["properties"].is_empty() {
        let detail = "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
        errors.required(&path.child("properties"), detail);
    }
    if metadata_too {
        own_fields(schema, level, path, errors);
    }
}

/// The fields every object has can hardly be said anything about.
fn own_fields(schema: &Value, level: Level, path: &Path<'_>, errors: &mut Errors) {
    let properties = path.child("properties");
    for field in ["kind", "apiVersion"] {
        let given = &schema["properties"][field];
        if !given.is_null() && given["type"] != "string" {
            let path = properties.key(field);
            errors.invalid(&path.child("type"), &given["type"], "must be string");
        }
    }
    let metadata = &schema["properties"]["metadata"];
    if metadata.is_null() {
        return;
    }
    let path = properties.key("metadata");
    if metadata["type"] != "object" {
        errors.invalid(&path.child("type"), metadata["type"].text(), "must be object");
    }
    let names = |key: &str| matches!(key, "name" | "generateName");
    let only_names = metadata["properties"].entries().iter().all(|(key, _)| names(key.text()));
    let plain =
        metadata.entries().iter().all(|(key, _)| matches!(key.text(), "type" | "properties" | "description"));
    if level == Level::Root && !(only_names && plain) {
        let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        errors.forbidden(&path, detail);
    }
}

/// Inside of combinations only values are judged, no structure is given.
fn combinations(schema: &Value, path: &Path<'_>, errors: &mut Errors) {
    let int_or_string = schema["x-kubernetes-int-or-string"].bool();
    for word in ["allOf", "anyOf", "oneOf"] {
        let list = path.child(word);
        for (at, part) in schema[word].items().iter().enumerate() {
            // The two ways to say that a number or a text will do.
            let pair =
                int_or_string && part.entries().iter().all(|(k, _)| matches!(k.text(), "type" | "anyOf"));
            if !pair {
                bare(part, &list.index(at), errors, limits::DEPTH);
            }
        }
    }
    if schema["not"].is_map() {
        bare(&schema["not"], &path.child("not"), errors, limits::DEPTH);
    }
}

fn bare(part: &Value, path: &Path<'_>, errors: &mut Errors, depth: usize) {
    if depth == 0 {
        return;
    }
    for word in ["type", "title", "description", "default"] {
        if !part[word].is_null() {
            let what = if word == "default" { "undefined" } else { "empty" };
            errors.forbidden(&path.child(word), &format!("must be {what} to be structural"));
        }
    }
    if part["nullable"].bool() {
        errors.forbidden(&path.child("nullable"), "must be false to be structural");
    }
    if !part["additionalProperties"].is_null() {
        errors.forbidden(&path.child("additionalProperties"), "must be undefined to be structural");
    }
    for word in [
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-preserve-unknown-fields",
    ] {
        if part[word].bool() {
            errors.forbidden(&path.child(word), "must be false to be structural");
        }
    }
    below(part, path, |inner, _, path| bare(inner, path, errors, depth - 1));
    for word in ["allOf", "anyOf", "oneOf"] {
        let list = path.child(word);
        for (at, inner) in part[word].items().iter().enumerate() {
            bare(inner, &list.index(at), errors, depth - 1);
        }
    }
}

/// Defaults must fit their own schema.
fn defaults(schema: &Value, path: &Path<'_>, errors: &mut Errors, depth: usize) {
    if depth == 0 {
        return;
    }
    if let Some(default) = schema.find("default") {
        let mut found = Errors::default();
        let full = openapi::with_defaults(schema, default);
        custom::check(schema, &full, &mut found);
        let place = path.child("default").to_string();
        for mut error in found.0 {
            // The validator names fields below the default; the default itself has no name.
            error.field = match error.field.as_str() {
                "[]" | "<nil>" => place.clone(),
                field => format!("{place}.{field}"),
            };
            errors.0.push(error);
        }
        let unknown = openapi::unknown_paths(
            &value!({"type": "object", "properties": {"default": schema}}),
            &value!({"default": default}),
        );
        if !unknown.is_empty() && !schema["x-kubernetes-preserve-unknown-fields"].bool() {
            errors.invalid(&path.child("default"), default, "must not have unspecified fields");
        }
    }
    below(schema, path, |inner, _, path| defaults(inner, path, errors, depth - 1));
}
