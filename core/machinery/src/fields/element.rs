//! A step of a field path: a field, an item of a keyed list, a value of a set, a place in a list.

use crate::{Sym, Value, json, quote};
use std::sync::Arc;

/// See the module's head. Keys and values are kept as the JSON they are written as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// A field of a struct or a key of a map.
    Field(Sym),
    /// An item of a list with keys: `{"name":"web"}`.
    Key(Arc<str>),
    /// An item of a set: `"a"`.
    Value(Arc<str>),
    /// An item of a list by its place.
    Index(i64),
}

impl Element {
    /// The element of an item with these keys.
    #[must_use]
    pub fn key(keys: Value) -> Element {
        Element::Key(json::to_string(&keys).into())
    }
    /// The element of a set's item.
    #[must_use]
    pub fn value(value: &Value) -> Element {
        Element::Value(json::to_string(value).into())
    }
    /// As `FieldsV1` writes it: `f:spec`, `k:{"name":"web"}`, `v:"a"`, `i:0`.
    #[must_use]
    pub fn encode(&self) -> Sym {
        match self {
            Element::Field(name) => Sym::from(format!("f:{name}")),
            Element::Key(keys) => Sym::from(format!("k:{keys}")),
            Element::Value(value) => Sym::from(format!("v:{value}")),
            Element::Index(at) => Sym::from(format!("i:{at}")),
        }
    }
    /// Reads what [`Element::encode`] writes.
    #[must_use]
    pub fn decode(text: &str) -> Option<Element> {
        let (kind, rest) = text.split_once(':')?;
        let read = || json::parse(rest.as_bytes()).ok();
        match kind {
            "f" => Some(Element::Field(Sym::new(rest))),
            "k" => read().filter(Value::is_map).map(Element::key),
            "v" => read().map(|value| Element::value(&value)),
            "i" => rest.parse().ok().map(Element::Index),
            _ => None,
        }
    }
    pub(super) fn content_hash(&self) -> u64 {
        use crate::digest::{hash_bytes, mix};
        match self {
            Element::Field(name) => mix(1, name.content_hash()),
            Element::Key(keys) => mix(2, hash_bytes(keys.as_bytes())),
            Element::Value(value) => mix(3, hash_bytes(value.as_bytes())),
            Element::Index(at) => mix(4, *at as u64),
        }
    }
}

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Element::Field(name) => write!(f, ".{name}"),
            Element::Key(keys) => {
                let keys = json::parse(keys.as_bytes()).unwrap_or_default();
                let shown: Vec<String> =
                    keys.entries().iter().map(|(key, value)| format!("{key}={}", show(value))).collect();
                write!(f, "[{}]", shown.join(","))
            }
            Element::Value(value) => {
                write!(f, "[={}]", show(&json::parse(value.as_bytes()).unwrap_or_default()))
            }
            Element::Index(at) => write!(f, "[{at}]"),
        }
    }
}

fn show(value: &Value) -> String {
    value.as_str().map_or_else(|| json::to_string(value), quote::go)
}

/// `.spec.template.spec.containers[name="c"].image`.
#[must_use]
pub fn path_text(path: &[Element]) -> String {
    path.iter().map(Element::to_string).collect()
}
