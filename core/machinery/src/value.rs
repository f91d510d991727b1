//! An immutable JSON-like value whose subtrees are shared.
//!
//! A thousand replicas hold the *same* pod template: cloning a `Value` is a reference count, and a
//! change copies only the nodes along its path. Maps are sorted by key text, which is how
//! `kubectl -o yaml` prints them, makes equal maps equal slices, and needs no hashing order.

use crate::digest::{hash_bytes, mix};
use crate::sort::Arrange;
use crate::sym::Sym;
use std::sync::Arc;

/// See the module's head.
#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Arc<str>),
    /// A string the code itself writes ("Running", "True"): no allocation. Equal to a `Str` of the
    /// same text in every way one can see.
    Word(Sym),
    List(Arc<[Value]>),
    /// Sorted by key text, without duplicates. Build with [`Value::from_entries`] or `value!`.
    Map(Arc<[(Sym, Value)]>),
}

static NULL: Value = Value::Null;

impl Value {
    /// The empty map `{}`.
    #[must_use]
    pub fn empty_map() -> Value {
        Value::Map(Arc::from([]))
    }
    /// A map from entries in any order; of equal keys the last wins.
    #[must_use]
    pub fn from_entries(mut entries: Vec<(Sym, Value)>) -> Value {
        entries.arrange_by_key(|e| e.0); // stable, so that the last of equal keys stays last
        let mut kept: Vec<(Sym, Value)> = Vec::with_capacity(entries.len());
        for entry in entries {
            match kept.last_mut() {
                Some(last) if last.0 == entry.0 => *last = entry,
                _ => kept.push(entry),
            }
        }
        Value::Map(kept.into())
    }
    /// A list.
    #[must_use]
    pub fn from_items(items: Vec<Value>) -> Value {
        Value::List(items.into())
    }
    /// The entry `key` of a map; `Null` for anything absent.
    #[must_use]
    pub fn get(&self, key: &str) -> &Value {
        self.find(key).unwrap_or(&NULL)
    }
    /// The entry `key` of a map, telling an explicit null from an absent key.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(m) => m.iter().find(|e| e.0.text() == key).map(|e| &e.1),
            _ => None,
        }
    }
    /// The entry of an interned key: one pointer comparison per entry.
    #[must_use]
    pub fn field(&self, key: Sym) -> &Value {
        match self {
            Value::Map(m) => m.iter().find(|e| e.0 == key).map_or(&NULL, |e| &e.1),
            _ => &NULL,
        }
    }
    /// Follows keys from map to map: `v.at(&["spec", "template"])`.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(self, |v, key| v.get(key))
    }
    /// The entries of a map, else nothing.
    #[must_use]
    pub fn entries(&self) -> &[(Sym, Value)] {
        if let Value::Map(m) = self { m } else { &[] }
    }
    /// The items of a list, else nothing.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        if let Value::List(l) = self { l } else { &[] }
    }
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
    #[must_use]
    pub fn is_map(&self) -> bool {
        matches!(self, Value::Map(_))
    }
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self, Value::List(_))
    }
    /// True for null, `""`, `{}`, `[]`, 0 and false: what Go's `omitempty` leaves out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Bool(b) => !b,
            Value::Int(n) => *n == 0,
            Value::Float(f) => *f == 0.0,
            Value::Str(_) | Value::Word(_) => self.text().is_empty(),
            Value::List(l) => l.is_empty(),
            Value::Map(m) => m.is_empty(),
        }
    }
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }
    /// True only for `true`.
    #[must_use]
    pub fn bool(&self) -> bool {
        matches!(self, Value::Bool(true))
    }
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(n) = self { Some(*n) } else { None }
    }
    /// The integer, 0 for anything else.
    #[must_use]
    pub fn int(&self) -> i64 {
        self.as_int().unwrap_or(0)
    }
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(s),
            Value::Word(w) => Some(w.text()),
            _ => None,
        }
    }
    /// The text of a string, `""` for anything else.
    #[must_use]
    pub fn text(&self) -> &str {
        self.as_str().unwrap_or("")
    }
    /// The text as something to keep; copies only what is not shared already.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        if let Value::Str(s) = self { s.clone() } else { self.text().into() }
    }
    /// Go's name of the JSON type, as unmarshalling errors say it.
    #[must_use]
    pub fn json_type(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::Float(_) => "number",
            Value::Str(_) | Value::Word(_) => "string",
            Value::List(_) => "array",
            Value::Map(_) => "object",
        }
    }
    /// A copy with `key` set; shares every other entry. On anything but a map, a new map.
    #[must_use]
    pub fn with(&self, key: impl Into<Sym>, value: impl Into<Value>) -> Value {
        let (key, value) = (key.into(), value.into());
        let old = self.entries();
        let at = match old.binary_search_by_key(&key, |e| e.0) {
            Ok(at) | Err(at) => at,
        };
        let (head, tail) = old.split_at(at);
        let rest = match tail.split_first() {
            Some((same, rest)) if same.0 == key => rest,
            _ => tail,
        };
        // A chain of exact-size iterators lets Arc allocate once.
        Value::Map(head.iter().cloned().chain([(key, value)]).chain(rest.iter().cloned()).collect())
    }
    /// A copy without `key`.
    #[must_use]
    pub fn without(&self, key: &str) -> Value {
        match self {
            Value::Map(m) if m.iter().any(|e| e.0.text() == key) => {
                Value::Map(m.iter().filter(|e| e.0.text() != key).cloned().collect())
            }
            _ => self.clone(),
        }
    }
    /// Copy-on-write along a path; missing maps are made.
    #[must_use]
    pub fn with_at(&self, path: &[&str], value: impl Into<Value>) -> Value {
        match path {
            [] => value.into(),
            [key, rest @ ..] => self.with(*key, self.get(key).with_at(rest, value)),
        }
    }
    /// A copy without the last key of `path`; nothing happens where the path does not lead.
    #[must_use]
    pub fn without_at(&self, path: &[&str]) -> Value {
        match path {
            [] => self.clone(),
            [key] => self.without(key),
            [key, rest @ ..] => match self.find(key) {
                Some(inner) => self.with(*key, inner.without_at(rest)),
                None => self.clone(),
            },
        }
    }
    /// A copy of a list with one more item; on anything but a list, a list of one.
    #[must_use]
    pub fn with_item(&self, item: impl Into<Value>) -> Value {
        Value::List(self.items().iter().cloned().chain([item.into()]).collect())
    }
    /// Content hash: the same on every platform, whatever is shared.
    #[must_use]
    pub fn content_hash(&self) -> u64 {
        match self {
            Value::Null => 0x11,
            Value::Bool(b) => mix(0x22, u64::from(*b)),
            Value::Int(n) => mix(0x33, *n as u64),
            Value::Float(f) => mix(0x44, if f.is_nan() { 1 } else { f.to_bits() }),
            Value::Str(s) => mix(0x55, hash_bytes(s.as_bytes())),
            Value::Word(w) => mix(0x55, w.content_hash()),
            Value::List(l) => l.iter().fold(0x66, |h, v| mix(h, v.content_hash())),
            Value::Map(m) => m.iter().fold(0x77, |h, (k, v)| mix(mix(h, k.content_hash()), v.content_hash())),
        }
    }
    /// True when both are the same allocation: a cheap "certainly equal".
    #[must_use]
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b),
            (Value::Map(a), Value::Map(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b) || a == b,
            (Value::Map(a), Value::Map(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => matches!((self.as_str(), other.as_str()), (Some(a), Some(b)) if a == b),
        }
    }
}
impl PartialEq<str> for Value {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}
impl PartialEq<&str> for Value {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(*other)
    }
}
impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.content_hash());
    }
}
/// `v["spec"]["replicas"]`: null where absent, never a panic.
impl std::ops::Index<&str> for Value {
    type Output = Value;
    fn index(&self, key: &str) -> &Value {
        self.get(key)
    }
}
/// `v["items"][0]`: null where absent, never a panic.
impl std::ops::Index<usize> for Value {
    type Output = Value;
    fn index(&self, at: usize) -> &Value {
        self.items().get(at).unwrap_or(&NULL)
    }
}

macro_rules! value_from {
    ($($type:ty, $name:ident => $made:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($name: $type) -> Value {
                $made
            }
        })*
    };
}
value_from! {
    bool, b => Value::Bool(b);
    i32, n => Value::Int(n.into());
    u16, n => Value::Int(n.into());
    u32, n => Value::Int(n.into());
    i64, n => Value::Int(n);
    // Larger numbers than i64::MAX do not occur in any counted thing.
    u64, n => Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    usize, n => Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    f64, f => Value::Float(f);
    &str, s => Value::Str(s.into());
    String, s => Value::Str(s.into());
    &String, s => Value::Str(s.as_str().into());
    Arc<str>, s => Value::Str(s);
    &Arc<str>, s => Value::Str(s.clone());
    Sym, w => Value::Word(w);
    &Value, v => v.clone();
    Vec<Value>, items => Value::List(items.into());
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(option: Option<T>) -> Value {
        option.map_or(Value::Null, Into::into)
    }
}
impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Value {
        Value::List(items.into_iter().collect())
    }
}
impl<K: Into<Sym>> FromIterator<(K, Value)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Value {
        Value::from_entries(entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }
}

/// Writes a [`Value`] like JSON: `value!({"kind": "Pod", "spec": {"n": n, "list": [1, 2]}})`.
/// Keys are literals or parenthesised expressions; values are literals, nested braces or any
/// expression that is `Into<Value>`.
#[macro_export]
macro_rules! value {
    (null) => { $crate::Value::Null };
    ([ $($items:tt)* ]) => { $crate::value_list!([] $($items)*) };
    ({ $($entries:tt)* }) => { $crate::value_map!([] $($entries)*) };
    ($other:expr) => { $crate::Value::from($other) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! value_list {
    ([$($done:expr,)*]) => { $crate::Value::from_items(vec![$($done),*]) };
    ([$($done:expr,)*] null $(, $($rest:tt)*)?) => { $crate::value_list!([$($done,)* $crate::Value::Null,] $($($rest)*)?) };
    ([$($done:expr,)*] [ $($inner:tt)* ] $(, $($rest:tt)*)?) => { $crate::value_list!([$($done,)* $crate::value!([$($inner)*]),] $($($rest)*)?) };
    ([$($done:expr,)*] { $($inner:tt)* } $(, $($rest:tt)*)?) => { $crate::value_list!([$($done,)* $crate::value!({$($inner)*}),] $($($rest)*)?) };
    ([$($done:expr,)*] $item:expr $(, $($rest:tt)*)?) => { $crate::value_list!([$($done,)* $crate::Value::from($item),] $($($rest)*)?) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! value_map {
    ([$($done:expr,)*]) => { $crate::Value::from_entries(vec![$($done),*]) };
    ([$($done:expr,)*] $key:tt : null $(, $($rest:tt)*)?) => { $crate::value_map!([$($done,)* ($crate::Sym::from($key), $crate::Value::Null),] $($($rest)*)?) };
    ([$($done:expr,)*] $key:tt : [ $($inner:tt)* ] $(, $($rest:tt)*)?) => { $crate::value_map!([$($done,)* ($crate::Sym::from($key), $crate::value!([$($inner)*])),] $($($rest)*)?) };
    ([$($done:expr,)*] $key:tt : { $($inner:tt)* } $(, $($rest:tt)*)?) => { $crate::value_map!([$($done,)* ($crate::Sym::from($key), $crate::value!({$($inner)*})),] $($($rest)*)?) };
    ([$($done:expr,)*] $key:tt : $item:expr $(, $($rest:tt)*)?) => { $crate::value_map!([$($done,)* ($crate::Sym::from($key), $crate::Value::from($item)),] $($($rest)*)?) };
}

#[cfg(test)]
mod tests {
    use crate::Value;

    #[test]
    fn macro_builds_sorted_shared_maps() {
        let name = String::from("web");
        let v = value!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "labels": {}}, "n": [1, null, {"a": true}]});
        let keys: Vec<&str> = v.entries().iter().map(|e| e.0.text()).collect();
        assert_eq!(keys, ["apiVersion", "kind", "metadata", "n"]);
        assert_eq!(v["metadata"]["name"], "web");
        assert_eq!(v["n"][2]["a"], Value::Bool(true));
        assert!(v["nope"]["deep"][7].is_null());
        let w = v.with_at(&["metadata", "name"], "api").without("n");
        assert_eq!(w.at(&["metadata", "name"]).text(), "api");
        assert_ne!(w.content_hash(), v.content_hash());
        assert_eq!(v.with("kind", "Pod").content_hash(), v.content_hash());
    }
}
