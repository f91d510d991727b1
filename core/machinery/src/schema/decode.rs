//! Checks a value against a type as the API server's decoder does (`sigs.k8s.io/json`, strict mode):
//! the first type error in Go's words, and every unknown field with its path.

use super::{Field, Schema, Ty, Type};
use crate::{Quantity, Timestamp, Value, hash, json};

/// How unknown fields are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Only types are checked.
    Lax,
    /// Unknown fields are errors too.
    Strict,
}

/// The decoder gives up counting unknown fields there.
const MOST: usize = 100;

/// Type errors first (the first one alone, as Go's decoder reports it), else unknown fields.
///
/// # Errors
/// The texts of the API server, e.g. `json: cannot unmarshal string into Go struct field
/// DeploymentSpec.spec.replicas of type int32` or `unknown field "spec.replica"`.
pub fn check(schema: &Schema, ty: &Type, value: &Value, strictness: Strictness) -> Result<(), Vec<String>> {
    types(schema, ty, value).map_err(|e| vec![e])?;
    let unknown = if strictness == Strictness::Strict { unknown(schema, ty, value) } else { Vec::new() };
    if unknown.is_empty() { Ok(()) } else { Err(unknown) }
}

/// The first value of a wrong type.
///
/// # Errors
/// Go's words for it.
pub fn types(schema: &Schema, ty: &Type, value: &Value) -> Result<(), String> {
    Checker { schema, path: Vec::new(), within: "" }.object(ty, value)
}

/// `unknown field "…"` for every field the type does not have.
#[must_use]
pub fn unknown(schema: &Schema, ty: &Type, value: &Value) -> Vec<String> {
    let paths = unknown_paths(schema, ty, value);
    paths.into_iter().map(|path| format!("unknown field {}", crate::quote::go(&path))).collect()
}

/// The paths of the fields the type does not have.
#[must_use]
pub fn unknown_paths(schema: &Schema, ty: &Type, value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    find_unknown_in(schema, ty, value, &mut String::new(), &mut out);
    out
}

fn find_unknown_in(schema: &Schema, ty: &Type, value: &Value, path: &mut String, out: &mut Vec<String>) {
    for (key, value) in value.entries() {
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        path.push_str(key.text());
        match ty.field(key.text()) {
            Some(field) => find_unknown(schema, field.ty, value, path, out),
            None if out.len() < MOST => out.push(path.clone()),
            None => {}
        }
        path.truncate(length);
    }
}

fn find_unknown(schema: &Schema, ty: Ty, value: &Value, path: &mut String, out: &mut Vec<String>) {
    let length = path.len();
    match ty {
        Ty::Object(at) => {
            if let Some(ty) = schema.type_at(at) {
                find_unknown_in(schema, ty, value, path, out);
            }
        }
        Ty::List(inner) if schema.object_of(*inner).is_some() => {
            for (at, item) in value.items().iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                find_unknown(schema, *inner, item, path, out);
                path.truncate(length);
            }
        }
        Ty::Map(inner) if schema.object_of(*inner).is_some() => {
            for (key, item) in value.entries() {
                path.push('.');
                path.push_str(key.text());
                find_unknown(schema, *inner, item, path, out);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

struct Checker<'a> {
    schema: &'a Schema,
    /// JSON names of the structs' fields on the way; list positions and map keys do not show.
    path: Vec<&'static str>,
    /// Name of the struct whose field is being read.
    within: &'static str,
}

impl Checker<'_> {
    fn wrong(&self, what: &str, go_type: &str) -> String {
        if self.within.is_empty() {
            return format!("json: cannot unmarshal {what} into Go value of type {go_type}");
        }
        let (within, path) = (self.within, self.path.join("."));
        format!("json: cannot unmarshal {what} into Go struct field {within}.{path} of type {go_type}")
    }
    fn object(&mut self, ty: &Type, value: &Value) -> Result<(), String> {
        let entries = match value {
            Value::Map(entries) => entries,
            Value::Null => return Ok(()),
            _ => return Err(self.wrong(value.json_type(), ty.go_name())),
        };
        let outer = self.within;
        for (key, value) in entries.iter() {
            let Some(field) = ty.field(key.text()) else { continue };
            self.within = ty.short_name();
            self.path.push(field.json);
            self.value(field.ty, field, value)?;
            self.path.pop();
        }
        self.within = outer;
        Ok(())
    }
    fn value(&mut self, ty: Ty, field: &Field, value: &Value) -> Result<(), String> {
        if value.is_null() {
            return Ok(());
        }
        let named = |plain: &'static str| if field.go_type.is_empty() { plain } else { field.go_type };
        match (ty, value) {
            (Ty::Any, _)
            | (Ty::Str, Value::Str(_) | Value::Word(_))
            | (Ty::Int64, Value::Int(_))
            | (Ty::Float, Value::Int(_) | Value::Float(_))
            | (Ty::Bool, Value::Bool(_))
            | (Ty::IntOrString, Value::Str(_) | Value::Word(_)) => Ok(()),
            (Ty::Int32 | Ty::IntOrString, Value::Int(n)) if i32::try_from(*n).is_ok() => Ok(()),
            (Ty::Object(at), _) => match self.schema.type_at(at) {
                Some(ty) => self.object(ty, value),
                None => Ok(()),
            },
            (Ty::List(inner), Value::List(items)) => {
                items.iter().try_for_each(|item| self.value(*inner, field, item))
            }
            (Ty::Map(inner), Value::Map(entries)) => {
                entries.iter().try_for_each(|(_, item)| self.value(*inner, field, item))
            }
            (Ty::Quantity, _) => match Quantity::from_value(value) {
                Some(_) => Ok(()),
                None => Err(match Quantity::parse(value.text().trim()) {
                    Err(e) => e.to_string(),
                    Ok(_) => crate::quantity::Error::Format.to_string(),
                }),
            },
            (Ty::Bytes, Value::Str(_) | Value::Word(_)) => hash::base64_decode(value.text()).map(drop),
            (Ty::Time | Ty::MicroTime, Value::Str(_) | Value::Word(_)) => self.time(value.text()),
            (Ty::Int32 | Ty::IntOrString, Value::Int(n)) => Err(self.wrong(&format!("number {n}"), "int32")),
            (Ty::Int32 | Ty::IntOrString, Value::Float(f)) => {
                Err(self.wrong(&format!("number {}", json::float(*f)), "int32"))
            }
            (Ty::Int64, Value::Float(f)) => Err(self.wrong(&format!("number {}", json::float(*f)), "int64")),
            (Ty::Str, _) => Err(self.wrong(value.json_type(), named("string"))),
            (Ty::Time | Ty::MicroTime, _) => Err(self.wrong(value.json_type(), "string")),
            (Ty::Int32 | Ty::IntOrString, _) => Err(self.wrong(value.json_type(), named("int32"))),
            _ => Err(self.wrong(value.json_type(), &self.go_type(ty))),
        }
    }
    fn time(&self, text: &str) -> Result<(), String> {
        if Timestamp::parse(text).is_some() {
            return Ok(());
        }
        let quoted = crate::quote::go(text);
        let layout = "2006-01-02T15:04:05Z07:00";
        Err(format!("parsing time {quoted} as \"{layout}\": cannot parse {quoted} as \"2006\""))
    }
    /// The type as Go's `reflect` names it.
    fn go_type(&self, ty: Ty) -> String {
        match ty {
            Ty::Str | Ty::Time | Ty::MicroTime => "string".into(),
            Ty::Int32 | Ty::IntOrString => "int32".into(),
            Ty::Int64 => "int64".into(),
            Ty::Float => "float64".into(),
            Ty::Bool => "bool".into(),
            Ty::Bytes => "[]uint8".into(),
            Ty::Quantity => "resource.Quantity".into(),
            Ty::Any => "interface {}".into(),
            Ty::List(inner) => format!("[]{}", self.go_type(*inner)),
            Ty::Map(inner) => format!("map[string]{}", self.go_type(*inner)),
            Ty::Object(at) => self.schema.type_at(at).map_or("", Type::go_name).to_owned(),
        }
    }
}
