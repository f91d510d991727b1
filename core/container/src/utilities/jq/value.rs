//! What jq does to values: order, indexing, arithmetic, printing.

use drydock_machinery::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) type Vars = BTreeMap<Arc<str>, Value>;

pub(super) type Results = Result<Vec<Value>, String>;

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Float(_) => "number",
        Value::Str(_) | Value::Word(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

pub(super) fn shown(value: &Value) -> String {
    let text = json::to_string(value);
    if text.len() > 11 { format!("{}...", text.get(..10).unwrap_or(&text)) } else { text }
}

pub(super) fn truth(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(f) => Some(*f),
        _ => None,
    }
}

pub(super) fn from_number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { Value::Int(n as i64) } else { Value::Float(n) }
}

pub(super) fn string(text: &str) -> Value {
    Value::Str(text.into())
}

/// jq's order: null, false, true, numbers, strings, arrays, objects.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    let rank = |v: &Value| match v {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Int(_) | Value::Float(_) => 3,
        Value::Str(_) | Value::Word(_) => 4,
        Value::List(_) => 5,
        Value::Map(_) => 6,
    };
    rank(left).cmp(&rank(right)).then_with(|| match (left, right) {
        (Value::List(a), Value::List(b)) => a
            .iter()
            .zip(b.iter())
            .map(|(x, y)| order(x, y))
            .find(|o| *o != Ordering::Equal)
            .unwrap_or(a.len().cmp(&b.len())),
        (Value::Map(_), Value::Map(_)) => json::to_string(left).cmp(&json::to_string(right)),
        _ => match (number(left), number(right)) {
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            _ => left.text().cmp(right.text()),
        },
    })
}

pub(super) fn field(of: &Value, key: &Value) -> Result<Value, String> {
    match (of, key) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::Map(_), Value::Str(_) | Value::Word(_)) => Ok(of.get(key.text()).clone()),
        (Value::List(items), key) if number(key).is_some() => {
            let at = number(key).unwrap_or(0.0).floor() as i64;
            let at = if at < 0 { at + items.len() as i64 } else { at };
            Ok(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned().unwrap_or(Value::Null))
        }
        (of, Value::Str(_) | Value::Word(_)) => {
            Err(format!("Cannot index {} with string \"{}\"", type_of(of), key.text()))
        }
        (of, key) => Err(format!("Cannot index {} with {}", type_of(of), type_of(key))),
    }
}

pub(super) fn each(of: &Value) -> Results {
    match of {
        Value::List(items) => Ok(items.to_vec()),
        Value::Map(entries) => Ok(entries.iter().map(|e| e.1.clone()).collect()),
        Value::Null => Err("Cannot iterate over null".into()),
        other => Err(format!("Cannot iterate over {} ({})", type_of(other), shown(other))),
    }
}

pub(super) fn recurse(value: &Value, out: &mut Vec<Value>) {
    out.push(value.clone());
    if let Ok(items) = each(value) {
        items.iter().for_each(|v| recurse(v, out));
    }
}

pub(super) fn arithmetic(operator: &str, a: &Value, b: &Value) -> Result<Value, String> {
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return match operator {
            "+" => Ok(from_number(x + y)),
            "-" => Ok(from_number(x - y)),
            "*" => Ok(from_number(x * y)),
            _ if y == 0.0 => Err(format!(
                "number ({}) and number ({}) cannot be divided because the divisor is zero",
                shown(a),
                shown(b)
            )),
            "/" => Ok(from_number(x / y)),
            _ => Ok(Value::Int((x as i64).checked_rem(y as i64).unwrap_or(0))),
        };
    }
    Ok(match (operator, a, b) {
        ("+", Value::Null, other) | ("+", other, Value::Null) => other.clone(),
        ("+", Value::Str(_) | Value::Word(_), Value::Str(_) | Value::Word(_)) => {
            string(&format!("{}{}", a.text(), b.text()))
        }
        ("+", Value::List(x), Value::List(y)) => Value::from_items([x.as_ref(), y.as_ref()].concat()),
        ("+" | "*", Value::Map(x), Value::Map(y)) => Value::from_entries([x.as_ref(), y.as_ref()].concat()),
        ("-", Value::List(x), Value::List(y)) => Value::from_items(
            x.iter().filter(|v| !y.iter().any(|w| order(v, w) == Ordering::Equal)).cloned().collect(),
        ),
        ("/", Value::Str(_) | Value::Word(_), Value::Str(_) | Value::Word(_)) => {
            Value::from_items(a.text().split(b.text()).map(string).collect())
        }
        _ => {
            let verb = match operator {
                "+" => "added",
                "-" => "subtracted",
                "*" => "multiplied",
                _ => "divided",
            };
            return Err(format!(
                "{} ({}) and {} ({}) cannot be {verb}",
                type_of(a),
                shown(a),
                type_of(b),
                shown(b)
            ));
        }
    })
}

/// A value as `-r` and interpolation show it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| json::to_string(value), String::from)
}

pub(super) fn pretty(value: &Value, indent: usize, out: &mut String) {
    let pad = |n: usize| "  ".repeat(n);
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push_str("[\n");
            for (at, item) in items.iter().enumerate() {
                out.push_str(&pad(indent + 1));
                pretty(item, indent + 1, out);
                out.push_str(if at + 1 < items.len() { ",\n" } else { "\n" });
            }
            out.push_str(&pad(indent));
            out.push(']');
        }
        Value::Map(entries) if !entries.is_empty() => {
            out.push_str("{\n");
            for (at, (key, item)) in entries.iter().enumerate() {
                out.push_str(&format!("{}{}: ", pad(indent + 1), json::to_string(&string(key.text()))));
                pretty(item, indent + 1, out);
                out.push_str(if at + 1 < entries.len() { ",\n" } else { "\n" });
            }
            out.push_str(&pad(indent));
            out.push('}');
        }
        other => out.push_str(&json::to_string(other)),
    }
}
