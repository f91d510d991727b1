//! Objects as Go's typed structs show them: `kubectl create … --dry-run=client` prints fields in the
//! struct's order, zero values of structs (`"creationTimestamp": null`, `"status": {}`) included.

use super::{Schema, Ty, Type};
use crate::sort::Arrange;
use crate::{Sym, Value, json};
use std::fmt::Write;

/// The value as it looks after a round through the Go type: empty fields that Go leaves out are gone,
/// empty ones it does not leave out are there. Unknown fields stay.
#[must_use]
pub fn typed(schema: &Schema, ty: &Type, value: &Value) -> Value {
    let mut entries: Vec<(Sym, Value)> = Vec::with_capacity(value.entries().len() + 2);
    for (key, held) in value.entries() {
        match ty.field(key.text()) {
            // A pointer keeps an explicit zero; only text, lists and maps are sure to vanish.
            Some(f) if f.omit_empty && vanishes(f.ty, held) => {}
            Some(f) => entries.push((*key, typed_value(schema, f.ty, held))),
            None => entries.push((*key, held.clone())),
        }
    }
    for field in ty.fields.iter().filter(|f| !f.omit_empty && value.find(f.json).is_none()) {
        entries.push((Sym::new(field.json), zero(schema, field.ty)));
    }
    Value::from_entries(entries)
}

fn vanishes(ty: Ty, value: &Value) -> bool {
    match ty {
        Ty::Object(_) | Ty::Any | Ty::IntOrString => value.is_null(),
        Ty::Int32 | Ty::Int64 | Ty::Bool | Ty::Float => value.is_null(),
        _ => value.is_empty(),
    }
}

fn typed_value(schema: &Schema, ty: Ty, value: &Value) -> Value {
    match (ty, value) {
        (Ty::Object(at), Value::Map(_)) => match schema.type_at(at) {
            Some(ty) => typed(schema, ty, value),
            None => value.clone(),
        },
        (Ty::List(inner), Value::List(items)) => {
            items.iter().map(|v| typed_value(schema, *inner, v)).collect()
        }
        (Ty::Map(inner), Value::Map(entries)) => {
            Value::Map(entries.iter().map(|(k, v)| (*k, typed_value(schema, *inner, v))).collect())
        }
        (Ty::Object(_), Value::Null) => zero(schema, ty),
        _ => value.clone(),
    }
}

/// What Go prints of a field nobody set.
fn zero(schema: &Schema, ty: Ty) -> Value {
    match ty {
        Ty::Str => Value::from(""),
        Ty::Int32 | Ty::Int64 | Ty::Float | Ty::IntOrString => Value::Int(0),
        Ty::Bool => Value::Bool(false),
        Ty::Quantity => Value::from("0"),
        Ty::Object(at) => match schema.type_at(at) {
            // The selectors of workloads are pointers.
            Some(ty) if ty.short_name() == "LabelSelector" => Value::Null,
            Some(ty) => typed(schema, ty, &Value::empty_map()),
            None => Value::empty_map(),
        },
        _ => Value::Null,
    }
}

/// JSON indented by four spaces with fields in the order of the Go struct; unknown fields last.
#[must_use]
pub fn to_pretty(schema: &Schema, ty: &Type, value: &Value) -> String {
    let mut out = String::new();
    Printer { schema, indent: Some("    "), out: &mut out }.object(Some(ty), value, 0);
    out
}

/// Compact JSON with fields in the order of the Go struct.
#[must_use]
pub fn to_string(schema: &Schema, ty: &Type, value: &Value) -> String {
    let mut out = String::new();
    Printer { schema, indent: None, out: &mut out }.object(Some(ty), value, 0);
    out
}

struct Printer<'a> {
    schema: &'a Schema,
    indent: Option<&'static str>,
    out: &'a mut String,
}

impl Printer<'_> {
    fn line(&mut self, depth: usize) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str(indent);
            }
        }
    }
    fn object(&mut self, ty: Option<&Type>, value: &Value, depth: usize) {
        let Value::Map(entries) = value else { return self.value(Ty::Any, value, depth) };
        if entries.is_empty() {
            return self.out.push_str("{}");
        }
        let mut order: Vec<&(Sym, Value)> = entries.iter().collect();
        order.arrange_by_key(|(key, _)| ty.map_or(0, |ty| super::go_order(ty, key.text())));
        self.out.push('{');
        for (at, (key, value)) in order.into_iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            let colon = if self.indent.is_some() { ": " } else { ":" };
            let _ = write!(self.out, "{}{colon}", json::quote(key.text()));
            let inner = ty.and_then(|ty| ty.field(key.text())).map_or(Ty::Any, |f| f.ty);
            self.value(inner, value, depth + 1);
        }
        self.line(depth);
        self.out.push('}');
    }
    fn value(&mut self, ty: Ty, value: &Value, depth: usize) {
        match value {
            Value::Map(_) => match ty {
                Ty::Object(at) => self.object(self.schema.type_at(at), value, depth),
                Ty::Map(inner) => self.map(*inner, value, depth),
                _ => self.object(None, value, depth),
            },
            Value::List(items) if !items.is_empty() => {
                let inner = if let Ty::List(inner) = ty { *inner } else { Ty::Any };
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    self.line(depth + 1);
                    self.value(inner, item, depth + 1);
                }
                self.line(depth);
                self.out.push(']');
            }
            _ => self.out.push_str(&json::to_string(value)),
        }
    }
    fn map(&mut self, inner: Ty, value: &Value, depth: usize) {
        if value.entries().is_empty() {
            return self.out.push_str("{}");
        }
        self.out.push('{');
        for (at, (key, value)) in value.entries().iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            let colon = if self.indent.is_some() { ": " } else { ":" };
            let _ = write!(self.out, "{}{colon}", json::quote(key.text()));
            self.value(inner, value, depth + 1);
        }
        self.line(depth);
        self.out.push('}');
    }
}
