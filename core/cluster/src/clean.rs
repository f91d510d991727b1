//! What Go's typed decoding leaves of a tree: no nulls, no empty optional lists and maps, and the
//! fields a struct always writes. Without it a served object would tell how its manifest was typed.

use drydock_machinery::schema::{self, Schema, Ty, Type};
use drydock_machinery::{Quantity, Value};

/// The tree as it comes out of a Go struct.
#[must_use]
pub fn clean(schema: &Schema, ty: &Type, value: &Value) -> Value {
    schema::go::typed(schema, ty, &known(schema, ty, value))
}

/// Without nulls and without fields the type does not have.
fn known(schema: &Schema, ty: &Type, value: &Value) -> Value {
    let Value::Map(entries) = value else { return value.clone() };
    let mut kept = Vec::with_capacity(entries.len());
    let mut changed = false;
    for (key, old) in entries.iter() {
        if old.is_null() {
            changed = true;
            continue;
        }
        let Some(field) = ty.field(key.text()) else {
            changed = true;
            continue;
        };
        let new = tree(schema, &field.ty, old);
        changed |= !new.is_same(old);
        kept.push((*key, new));
    }
    if changed { Value::from_entries(kept) } else { value.clone() }
}

fn tree(schema: &Schema, ty: &Ty, value: &Value) -> Value {
    match ty {
        Ty::Object(number) => match schema.type_at(*number) {
            // Types without fields of their own are free-form.
            Some(inner) if !inner.fields.is_empty() => known(schema, inner, value),
            _ => value.clone(),
        },
        Ty::List(inner) if is_deep(inner) => value.items().iter().map(|v| tree(schema, inner, v)).collect(),
        Ty::Map(inner) => {
            // A null in a map of strings is an empty string.
            let zero = if **inner == Ty::Str { Value::from("") } else { Value::Null };
            let entries = value.entries().iter().map(|(k, v)| (*k, if v.is_null() { &zero } else { v }));
            entries.filter(|e| !e.1.is_null()).map(|(k, v)| (k, tree(schema, inner, v))).collect()
        }
        Ty::Quantity => quantity(value),
        _ => value.clone(),
    }
}

/// Quantities are written in their shortest form: `0.5` as `500m`, `1024Mi` as `1Gi`.
fn quantity(value: &Value) -> Value {
    match Quantity::from_value(value).map(|q| q.canonical()) {
        Some(text) if *value != text.as_str() => text.into(),
        _ => value.clone(),
    }
}

fn is_deep(ty: &Ty) -> bool {
    matches!(ty, Ty::Quantity | Ty::Object(_) | Ty::List(_) | Ty::Map(_))
}
