//! Shell variables: scalars, bash's indexed and associative arrays, and their attributes.

use imbl::OrdMap;
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// Declared without a value.
    #[default]
    Unset,
    Text(Arc<str>),
    List(OrdMap<i64, Arc<str>>),
    /// Associative; listed by key (bash's own order is that of its hash table).
    Map(OrdMap<Arc<str>, Arc<str>>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Var {
    pub value: Value,
    pub exported: bool,
    pub readonly: bool,
    pub integer: bool,
    /// `u` or `l`: letters are changed on assignment.
    pub case: Option<char>,
}

impl Value {
    /// What `$name` gives: element 0 of an array.
    #[must_use]
    pub fn scalar(&self) -> Option<Arc<str>> {
        match self {
            Value::Unset => None,
            Value::Text(text) => Some(text.clone()),
            Value::List(list) => list.get(&0).cloned(),
            Value::Map(map) => map.get("0").cloned(),
        }
    }
    /// All elements in order.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<str>> {
        match self {
            Value::Unset => Vec::new(),
            Value::Text(text) => vec![text.clone()],
            Value::List(list) => list.values().cloned().collect(),
            Value::Map(map) => map.values().cloned().collect(),
        }
    }
    /// All indices in order.
    #[must_use]
    pub fn keys(&self) -> Vec<Arc<str>> {
        match self {
            Value::Unset => Vec::new(),
            Value::Text(_) => vec!["0".into()],
            Value::List(list) => list.keys().map(|k| k.to_string().into()).collect(),
            Value::Map(map) => map.keys().cloned().collect(),
        }
    }
}

/// All variables of a shell; a clone is a reference count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Vars(pub OrdMap<Arc<str>, Var>);

impl Vars {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.0.get(name)
    }
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Arc<str>> {
        self.get(name)?.value.scalar()
    }
    #[must_use]
    pub fn is_readonly(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v.readonly)
    }
    fn entry(&mut self, name: &str) -> &mut Var {
        self.0.entry(name.into()).or_default()
    }
    /// Sets a scalar (element 0 of an array), keeping attributes.
    pub fn set(&mut self, name: &str, text: &str) {
        let var = self.entry(name);
        let text: Arc<str> = match var.case {
            Some('u') => text.to_uppercase().into(),
            Some(_) => text.to_lowercase().into(),
            None => text.into(),
        };
        match &mut var.value {
            Value::List(list) => _ = list.insert(0, text),
            Value::Map(map) => _ = map.insert("0".into(), text),
            value => *value = Value::Text(text),
        }
    }
    pub fn set_value(&mut self, name: &str, value: Value) {
        self.entry(name).value = value;
    }
    /// Sets one element; a scalar becomes an array with it as element 0.
    pub fn set_item(&mut self, name: &str, index: &Index, text: &str) {
        let var = self.entry(name);
        match index {
            Index::Key(key) => {
                if !matches!(var.value, Value::Map(_)) {
                    var.value = Value::Map(OrdMap::new());
                }
                if let Value::Map(map) = &mut var.value {
                    map.insert(key.clone(), text.into());
                }
            }
            Index::Number(number) => {
                if let Value::Text(old) = &var.value {
                    var.value = Value::List(OrdMap::unit(0, old.clone()));
                } else if !matches!(var.value, Value::List(_)) {
                    var.value = Value::List(OrdMap::new());
                }
                if let Value::List(list) = &mut var.value {
                    let last = list.get_max().map_or(-1, |(k, _)| *k);
                    list.insert(if *number < 0 { last + 1 + number } else { *number }, text.into());
                }
            }
        }
    }
    #[must_use]
    pub fn item(&self, name: &str, index: &Index) -> Option<Arc<str>> {
        match (&self.get(name)?.value, index) {
            (Value::Map(map), Index::Key(key)) => map.get(key).cloned(),
            (Value::List(list), Index::Number(n)) => {
                let last = list.get_max().map_or(-1, |(k, _)| *k);
                list.get(&if *n < 0 { last + 1 + n } else { *n }).cloned()
            }
            (Value::Text(text), Index::Number(0 | -1)) => Some(text.clone()),
            _ => None,
        }
    }
    pub fn unset(&mut self, name: &str) {
        self.0.remove(name);
    }
    pub fn unset_item(&mut self, name: &str, index: &Index) {
        match (&mut self.entry(name).value, index) {
            (Value::Map(map), Index::Key(key)) => _ = map.remove(key),
            (Value::List(list), Index::Number(n)) => _ = list.remove(n),
            (value @ Value::Text(_), Index::Number(0)) => *value = Value::Unset,
            _ => {}
        }
    }
    pub fn export(&mut self, name: &str, yes: bool) {
        self.entry(name).exported = yes;
    }
    pub fn attributes(&mut self, name: &str) -> &mut Var {
        self.entry(name)
    }
    /// The environment of a child.
    #[must_use]
    pub fn environment(&self) -> OrdMap<Arc<str>, Arc<str>> {
        let exported = self.0.iter().filter(|(_, v)| v.exported);
        exported.filter_map(|(name, var)| Some((name.clone(), var.value.scalar()?))).collect()
    }
}

/// An array index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Index {
    Number(i64),
    Key(Arc<str>),
}
