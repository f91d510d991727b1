//! JSON of objects that kubectl holds as Go structs: fields in struct order, as `create -o json` and
//! `events -o json` print them.

use drydock_machinery::schema::{self, Schema, Ty, Type};
use drydock_machinery::{Value, json};

/// Indented by four spaces, without a final newline. Unknown kinds are sorted like any map.
#[must_use]
pub fn to_pretty(value: &Value) -> String {
    let mut out = String::new();
    let schema = schema::builtin();
    let kind = schema.kind(value["apiVersion"].text(), value["kind"].text());
    match kind {
        Some(ty) => write(&mut out, schema, Some(Ty::Object(number(schema, ty))), value, 0),
        None => return json::to_pretty(value),
    }
    out
}

fn number(schema: &Schema, ty: &Type) -> u16 {
    let at = schema.types().position(|t| t.name == ty.name).unwrap_or(0);
    u16::try_from(at).unwrap_or(0)
}

fn write(out: &mut String, schema: &Schema, ty: Option<Ty>, value: &Value, depth: usize) {
    let pad = "    ".repeat(depth + 1);
    let end = "    ".repeat(depth);
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            let object = match ty {
                Some(Ty::Object(n)) => schema.type_at(n),
                _ => None,
            };
            let mut fields: Vec<(usize, &str, &Value, Option<Ty>)> = entries
                .iter()
                .map(|(key, v)| {
                    let field = object.and_then(|o| o.field(key.text()));
                    // The inlined TypeMeta leads.
                    let place = match key.text() {
                        "kind" if depth == 0 => 0,
                        "apiVersion" if depth == 0 => 1,
                        _ => field.map_or(usize::MAX, |f| usize::from(f.go_order) + 2),
                    };
                    let inner = match ty {
                        Some(Ty::Map(inner)) => Some(*inner),
                        _ => field.map(|f| f.ty),
                    };
                    (place, key.text(), v, inner)
                })
                .collect();
            fields.sort_by_key(|f| f.0);
            out.push_str("{\n");
            let count = fields.len();
            for (at, (_, key, v, inner)) in fields.into_iter().enumerate() {
                out.push_str(&pad);
                out.push_str(&json::quote(key));
                out.push_str(": ");
                write(out, schema, inner, v, depth + 1);
                out.push_str(if at + 1 == count { "\n" } else { ",\n" });
            }
            out.push_str(&end);
            out.push('}');
        }
        Value::List(items) if !items.is_empty() => {
            let inner = if let Some(Ty::List(inner)) = ty { Some(*inner) } else { None };
            out.push_str("[\n");
            for (at, item) in items.iter().enumerate() {
                out.push_str(&pad);
                write(out, schema, inner, item, depth + 1);
                out.push_str(if at + 1 == items.len() { "\n" } else { ",\n" });
            }
            out.push_str(&end);
            out.push(']');
        }
        other => out.push_str(&json::to_pretty(other)),
    }
}
