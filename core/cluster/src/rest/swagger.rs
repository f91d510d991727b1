//! `/openapi/v2`: the whole API as one Swagger document, made from the same schema table as v3. Clients of
//! old validate with it; `kubectl explain --output=plaintext-openapiv2` reads it.
//!
//! Left out: operations beyond those that name a kind's object.

use super::{discovery, openapi};
use crate::cluster::Cluster;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Sym, Value, limits, value};
use drydock_network::http::Response;

pub(super) fn answer(cluster: &Cluster) -> Response {
    let mut definitions: Vec<(Sym, Value)> = Vec::new();
    let mut paths: Vec<(Sym, Value)> = Vec::new();
    let mut versions = vec![("", "v1")];
    for group in discovery::group_names(cluster) {
        versions.extend(discovery::versions(cluster, group).into_iter().map(|version| (group, version)));
    }
    for (group, version) in versions {
        let (operations, schemas) = openapi::parts(cluster, group, version);
        paths.extend(operations.into_iter().map(|(path, item)| (path, operations_of(&item))));
        for (name, schema) in schemas {
            if !definitions.iter().any(|d| d.0 == name) {
                definitions.push((name, swagger(&schema, limits::DEPTH)));
            }
        }
    }
    definitions.arrange_by_key(|definition| definition.0);
    Response::json(
        200,
        value!({
            "swagger": "2.0", "info": {"title": "Kubernetes", "version": super::root::VERSION},
            "paths": Value::from_entries(paths), "definitions": Value::from_entries(definitions),
        }),
    )
}

/// Parameters say their type themselves in this version.
fn operations_of(item: &Value) -> Value {
    let parameter = |p: &Value| {
        let schema = &p["schema"];
        p.without("schema").with("type", &schema["type"]).with("uniqueItems", &schema["uniqueItems"])
    };
    let operation = |operation: &Value| {
        let parameters: Value = operation["parameters"].items().iter().map(parameter).collect();
        operation.with("parameters", parameters)
    };
    item.entries().iter().map(|(verb, inner)| (*verb, operation(inner))).collect()
}

/// A schema of v3 in the words of v2: references have siblings, and lead elsewhere.
fn swagger(schema: &Value, depth: usize) -> Value {
    if depth == 0 {
        return value!({});
    }
    let mut out: Vec<(Sym, Value)> = Vec::new();
    for (key, inner) in schema.entries() {
        match key.text() {
            "$ref" => {
                let name = inner.text().rsplit('/').next().unwrap_or("");
                out.push((*key, format!("#/definitions/{name}").into()));
            }
            "allOf" => {
                let parts = inner.items().iter().flat_map(|part| swagger(part, depth - 1).entries().to_vec());
                out.extend(parts);
            }
            "properties" => {
                let fields = inner.entries().iter().map(|(name, field)| (*name, swagger(field, depth - 1)));
                out.push((*key, fields.collect()));
            }
            "items" | "additionalProperties" if inner.is_map() => out.push((*key, swagger(inner, depth - 1))),
            // The texts of numbers and of either.
            "oneOf" if schema["type"].is_null() => out.push((Sym::new("type"), "string".into())),
            // What v2 has no words for.
            "nullable" | "oneOf" | "anyOf" | "not" => {}
            _ => out.push((*key, inner.clone())),
        }
    }
    Value::from_entries(out)
}
