//! Go's `%v` and `%#v` of JSON values, where they show in kubectl's output.

use drydock_machinery::{Value, json, quote};

/// `%v`: `map[a:1 b:[x y]]`, strings bare, `<nil>`.
#[must_use]
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(f) => json::float(*f),
        Value::Str(_) | Value::Word(_) => value.text().into(),
        Value::List(items) => {
            let parts: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", parts.join(" "))
        }
        Value::Map(entries) => {
            let parts: Vec<String> = entries.iter().map(|(k, v)| format!("{k}:{}", plain(v))).collect();
            format!("map[{}]", parts.join(" "))
        }
    }
}

/// `%#v` of what `encoding/json` decodes: `map[string]interface {}{"a":1}`.
#[must_use]
pub fn sharp(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(f) => json::float(*f),
        Value::Str(_) | Value::Word(_) => quote::go(value.text()),
        Value::List(items) => {
            let parts: Vec<String> = items.iter().map(sharp).collect();
            format!("[]interface {{}}{{{}}}", parts.join(", "))
        }
        Value::Map(entries) => {
            let parts: Vec<String> =
                entries.iter().map(|(k, v)| format!("{}:{}", quote::go(k.text()), sharp(v))).collect();
            format!("map[string]interface {{}}{{{}}}", parts.join(", "))
        }
    }
}

/// `[a b c]` of texts.
#[must_use]
pub fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let parts: Vec<String> = items.into_iter().map(|s| s.as_ref().to_string()).collect();
    format!("[{}]", parts.join(" "))
}
