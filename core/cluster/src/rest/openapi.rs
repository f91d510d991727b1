//! `/openapi/v3`: an index and one document per group and version, made from the schema table. Only
//! `kubectl explain` reads the schemas; create and apply look for the `fieldValidation` parameter.

use super::discovery;
use crate::cluster::Cluster;
use crate::kinds::{self, Kind};
use crate::status::Status;
use drydock_machinery::schema::{self, Schema, Ty, Type};
use drydock_machinery::{Sym, Value, hash, limits, value};
use drydock_network::http::Response;
use std::collections::BTreeSet;

pub(super) fn answer(cluster: &Cluster, rest: &[&str]) -> Result<Response, Status> {
    match rest {
        [] => Ok(index(cluster)),
        ["api", version] => document(cluster, "", version),
        ["apis", group, version] => document(cluster, group, version),
        _ => Err(Status::no_such_resource()),
    }
}

fn index(cluster: &Cluster) -> Response {
    let mut paths = vec![("api/v1".to_string(), "", "v1")];
    for group in discovery::group_names(cluster) {
        for version in discovery::versions(cluster, group) {
            paths.push((format!("apis/{group}/{version}"), group, version));
        }
    }
    // A definition's schema changes without its names.
    let definitions = cluster.store.list(kinds::CUSTOM_RESOURCE_DEFINITION);
    let schemas = definitions.fold(0, |sum: u64, d| sum.wrapping_add(d.spec.hash));
    let entry = |(path, group, version): (String, &str, &str)| {
        // The hash lets clients cache; it must change whenever the document does.
        let names: String = discovery::served(cluster, group, version).iter().map(|k| k.plural).collect();
        let digest = hash::sha256_hex(format!("{path} {names} {schemas}").as_bytes()).to_uppercase();
        let url = format!("/openapi/v3/{path}?hash={digest}");
        (Sym::new(&path), value!({"serverRelativeURL": url}))
    };
    let paths: Value = paths.into_iter().map(entry).collect();
    Response::json(200, value!({"paths": paths}))
}

fn document(cluster: &Cluster, group: &str, version: &str) -> Result<Response, Status> {
    if discovery::served(cluster, group, version).is_empty() {
        return Err(Status::no_such_resource());
    }
    let (paths, schemas) = parts(cluster, group, version);
    let document = value!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.33.1"},
        "paths": Value::from_entries(paths), "components": {"schemas": Value::from_entries(schemas)},
    });
    Ok(Response::json(200, document))
}

/// Names with what stands under them.
type Named = Vec<(Sym, Value)>;

/// The paths and the schemas of a group and version.
pub(super) fn parts(cluster: &Cluster, group: &str, version: &str) -> (Named, Named) {
    let kinds = discovery::served(cluster, group, version);
    let table = schema::builtin();
    let mut wanted: BTreeSet<u16> = BTreeSet::new();
    let mut schemas: Vec<(Sym, Value)> = Vec::new();
    let mut paths: Vec<(Sym, Value)> = Vec::new();
    for kind in &kinds {
        paths.extend(operations(kind, group, version));
        match table.kind(&kinds::api_version(group, version), kind.kind) {
            Some(ty) => reach(table, ty, &mut wanted),
            None => {
                schemas.extend(custom(cluster, kind, group, version));
                let metadata = table.types().find(|ty| ty.name == "meta.v1.ObjectMeta");
                metadata.into_iter().for_each(|ty| reach(table, ty, &mut wanted));
            }
        }
    }
    for number in wanted {
        let Some(ty) = table.type_at(number) else { continue };
        schemas.push((Sym::new(&ty.full_name()), describe(table, ty)));
    }
    schemas.extend(PLAIN.iter().map(|(name, text, kind)| {
        let schema = match *kind {
            "date-time" => value!({"type": "string", "format": "date-time", "description": *text}),
            "quantity" => value!({"oneOf": [{"type": "string"}, {"type": "number"}], "description": *text}),
            _ => value!({
                "format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}], "description": *text,
            }),
        };
        (Sym::new(name), schema)
    }));
    (paths, schemas)
}

/// Types that are no objects: name, description, form.
const PLAIN: &[(&str, &str, &str)] = &[
    ("io.k8s.apimachinery.pkg.api.resource.Quantity", "An amount with a unit, as 250m or 64Mi.", "quantity"),
    (
        "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
        "A moment to the microsecond, as RFC 3339.",
        "date-time",
    ),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Time", "A moment to the second, as RFC 3339.", "date-time"),
    ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "A number or a text.", ""),
];

/// The path of a kind's objects, with what clients look for in it.
fn operations(kind: &Kind, group: &str, version: &str) -> Option<(Sym, Value)> {
    let root = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
    let place = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
    let path = format!("{root}{place}/{}/{{name}}", kind.plural);
    let gvk = value!({"group": group, "version": version, "kind": kind.kind});
    let parameters = value!([
        {"name": "dryRun", "in": "query", "schema": {"type": "string", "uniqueItems": true}},
        {"name": "fieldManager", "in": "query", "schema": {"type": "string", "uniqueItems": true}},
        {"name": "fieldValidation", "in": "query", "schema": {"type": "string", "uniqueItems": true}},
    ]);
    let operation = |action: &str| {
        value!({
            "x-kubernetes-action": action, "x-kubernetes-group-version-kind": &gvk,
            "parameters": &parameters, "responses": {},
        })
    };
    let item = value!({"patch": operation("patch"), "put": operation("put"), "get": operation("get")});
    kind.has_verb("get").then(|| (Sym::new(&path), item))
}

/// Collects a type and all it is made of.
fn reach(table: &Schema, ty: &Type, wanted: &mut BTreeSet<u16>) {
    let number = |ty: &Type| (0u16..).zip(table.types()).find(|(_, t)| t.name == ty.name).map(|(n, _)| n);
    let mut todo: Vec<u16> = number(ty).into_iter().collect();
    while let Some(at) = todo.pop() {
        let Some(ty) = table.type_at(at).filter(|_| wanted.insert(at)) else { continue };
        for field in &ty.fields {
            let mut inner = &field.ty;
            while let Ty::List(next) | Ty::Map(next) = inner {
                inner = next;
            }
            if let Ty::Object(number) = inner {
                todo.push(*number);
            }
        }
    }
}

fn describe(table: &Schema, ty: &Type) -> Value {
    let mut properties = Vec::new();
    let mut required = Vec::new();
    for field in &ty.fields {
        let mut shown = shape(table, &field.ty);
        let text = schema::description(ty.name, field.json).unwrap_or("");
        if !shown["$ref"].is_null() {
            // Siblings of a $ref are ignored by readers.
            shown = value!({"allOf": [shown]});
        }
        let words = schema::enumeration(ty.name, field.json);
        if !words.is_empty() {
            let words: Value = words.iter().map(|w| Value::from(*w)).collect();
            shown = match field.ty {
                // Of a list the items are meant.
                Ty::List(_) => shown.with_at(&["items", "enum"], words),
                _ => shown.with("enum", words),
            };
        }
        shown = shown.with("description", text);
        properties.push((Sym::new(field.json), shown));
        if field.required {
            required.push(Value::from(field.json));
        }
    }
    let mut entry = value!({"type": "object", "description": schema::description(ty.name, "").unwrap_or("")});
    if !properties.is_empty() {
        entry = entry.with("properties", Value::from_entries(properties));
    }
    if !required.is_empty() {
        entry = entry.with("required", required);
    }
    if let Some((group, version, kind)) = ty.gvk {
        let gvk = value!([{"group": group, "version": version, "kind": kind}]);
        entry = entry.with("x-kubernetes-group-version-kind", gvk);
    }
    entry
}

fn shape(table: &Schema, ty: &Ty) -> Value {
    match ty {
        Ty::Str => value!({"type": "string"}),
        Ty::Int32 => value!({"type": "integer", "format": "int32"}),
        Ty::Int64 => value!({"type": "integer", "format": "int64"}),
        Ty::Float => value!({"type": "number", "format": "double"}),
        Ty::Bool => value!({"type": "boolean"}),
        Ty::Bytes => value!({"type": "string", "format": "byte"}),
        Ty::Time => named("io.k8s.apimachinery.pkg.apis.meta.v1.Time"),
        Ty::MicroTime => named("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"),
        Ty::Quantity => named("io.k8s.apimachinery.pkg.api.resource.Quantity"),
        Ty::IntOrString => named("io.k8s.apimachinery.pkg.util.intstr.IntOrString"),
        Ty::Any => value!({"type": "object"}),
        Ty::List(inner) => value!({"type": "array", "items": shape(table, inner)}),
        Ty::Map(inner) => value!({"type": "object", "additionalProperties": shape(table, inner)}),
        Ty::Object(number) => {
            table.type_at(*number).map_or_else(|| value!({"type": "object"}), |t| named(&t.full_name()))
        }
    }
}

fn named(name: &str) -> Value {
    value!({"$ref": format!("#/components/schemas/{name}")})
}

/// The schema a definition gives its kind, with the fields every object has
/// (`apiextensions-apiserver/pkg/controller/openapi/builder`, v1.33). A kind without a schema says nothing.
fn custom(cluster: &Cluster, kind: &Kind, group: &str, version: &str) -> Option<(Sym, Value)> {
    let own = crate::custom::version(cluster, kind, version).unwrap_or_default();
    let given = &own["schema"]["openAPIV3Schema"];
    let gvk = value!([{"group": group, "version": version, "kind": kind.kind}]);
    let base = match given.is_map() {
        true => unfolded(given, true, limits::DEPTH),
        false => value!({"type": "object"}),
    };
    let reversed: Vec<&str> = group.split('.').rev().collect();
    let name = format!("{}.{version}.{}", reversed.join("."), kind.kind);
    Some((Sym::new(&name), base.with("x-kubernetes-group-version-kind", gvk)))
}

/// A schema as it is published: whole objects have their own fields, numbers or texts say which they take.
fn unfolded(schema: &Value, root: bool, depth: usize) -> Value {
    if depth == 0 {
        return schema.clone();
    }
    let mut out = schema.clone();
    for field in ["items", "additionalProperties"] {
        if schema[field].is_map() {
            out = out.with(field, unfolded(&schema[field], false, depth - 1));
        }
    }
    let embedded = schema["x-kubernetes-embedded-resource"].bool();
    let properties = schema["properties"].entries();
    let mut properties: Value =
        properties.iter().map(|(key, inner)| (*key, unfolded(inner, false, depth - 1))).collect();
    if root || embedded {
        for field in ["apiVersion", "kind"] {
            let text = schema::description("core.v1.Pod", field).unwrap_or("");
            properties = properties.with(field, value!({"type": "string", "description": text}));
        }
        let text = schema::description("core.v1.Pod", "metadata").unwrap_or("");
        let metadata = named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        properties = properties.with("metadata", value!({"description": text, "allOf": [metadata]}));
    }
    if embedded {
        let required = &schema["required"];
        let missing = ["kind", "apiVersion"].into_iter().filter(|f| !required.items().iter().any(|r| r == f));
        out = out.with("required", missing.fold(required.clone(), |list, field| list.with_item(field)));
    }
    if !properties.is_empty() {
        out = out.with("properties", properties);
    }
    if schema["x-kubernetes-int-or-string"].bool() && schema["anyOf"].is_null() && schema["allOf"].is_null() {
        out = out.with("anyOf", value!([{"type": "integer"}, {"type": "string"}]));
    }
    out
}
