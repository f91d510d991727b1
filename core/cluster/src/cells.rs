//! Cells several kinds share.

use crate::table::word;
use drydock_machinery::Value;
use drydock_machinery::selector::LabelSelector;

/// The value, or `<none>`.
#[must_use]
pub fn or_none(value: &Value) -> Value {
    if value.is_empty() { word("<none>") } else { value.clone() }
}

/// A text, or `<none>` for an empty one.
#[must_use]
pub fn text_or_none(text: String) -> Value {
    if text.is_empty() { word("<none>") } else { text.into() }
}

/// `k=v,…` of a plain map, sorted by key, or `<none>`.
#[must_use]
pub fn pairs(map: &Value) -> Value {
    let pairs: Vec<String> = map.entries().iter().map(|(k, v)| format!("{k}={}", v.text())).collect();
    text_or_none(pairs.join(","))
}

/// A `LabelSelector` as text, or `<none>`.
#[must_use]
pub fn selector(selector: &Value) -> Value {
    if selector.is_null() {
        return word("<none>");
    }
    LabelSelector::from_value(selector).map_or_else(|_| word("<error>"), |s| text_or_none(s.to_string()))
}

/// Names of a pod template's containers, and their images.
#[must_use]
pub fn containers(template: &Value) -> [Value; 2] {
    let list = template["spec"]["containers"].items();
    let join = |field: &str| {
        let texts: Vec<&str> = list.iter().map(|c| c[field].text()).collect();
        Value::from(texts.join(","))
    };
    [join("name"), join("image")]
}

/// Texts of a list joined.
#[must_use]
pub fn joined(list: &Value, separator: &str) -> String {
    list.items().iter().map(Value::text).collect::<Vec<_>>().join(separator)
}

/// At most three, then ` + N more...`.
#[must_use]
pub fn some(texts: &[String]) -> String {
    let shown: Vec<&str> = texts.iter().take(3).map(String::as_str).collect();
    match texts.len().saturating_sub(3) {
        0 => shown.join(","),
        more => format!("{} + {more} more...", shown.join(",")),
    }
}
