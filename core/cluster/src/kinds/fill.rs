//! Filling in defaults: set what is absent, and give the very same tree back if nothing was.

use drydock_machinery::{Sym, Value};

/// A map being filled in.
pub struct Fill<'a> {
    original: &'a Value,
    entries: Vec<(Sym, Value)>,
    changed: bool,
}

impl<'a> Fill<'a> {
    /// Begins with a map; anything else counts as an empty one.
    #[must_use]
    pub fn new(original: &'a Value) -> Fill<'a> {
        Fill { original, entries: original.entries().to_vec(), changed: !original.is_map() }
    }
    #[must_use]
    pub fn get(&self, key: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.entries.iter().find(|e| e.0.text() == key).map_or(&NULL, |e| &e.1)
    }
    /// Sets a field that is absent or null.
    pub fn or(&mut self, key: &str, value: impl Into<Value>) {
        if self.get(key).is_null() {
            self.set(key, value);
        }
    }
    /// As [`Fill::or`], for a text of the code's own.
    pub fn word(&mut self, key: &str, text: &str) {
        if self.get(key).is_empty() {
            self.set(key, Value::Word(Sym::new(text)));
        }
    }
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        let (key, value) = (Sym::new(key), value.into());
        match self.entries.iter_mut().find(|e| e.0 == key) {
            Some(entry) if entry.1.is_same(&value) => {}
            Some(entry) => {
                self.changed |= entry.1 != value;
                entry.1 = value;
            }
            None => {
                self.changed = true;
                self.entries.push((key, value));
            }
        }
    }
    /// Rewrites a field that is there.
    pub fn each(&mut self, key: &str, change: impl FnOnce(&Value) -> Value) {
        if !self.get(key).is_null() {
            let new = change(self.get(key));
            self.set(key, new);
        }
    }
    /// Rewrites the items of a list that is there.
    pub fn items(&mut self, key: &str, change: impl Fn(&Value) -> Value) {
        self.each(key, |list| map_items(list, change));
    }
    #[must_use]
    pub fn done(self) -> Value {
        if self.changed { Value::from_entries(self.entries) } else { self.original.clone() }
    }
}

/// The list with each item changed; the same list if none was.
#[must_use]
pub fn map_items(list: &Value, change: impl Fn(&Value) -> Value) -> Value {
    let new: Vec<Value> = list.items().iter().map(change).collect();
    let same = new.iter().zip(list.items()).all(|(a, b)| a.is_same(b) || (!a.is_map() && a == b));
    if same { list.clone() } else { new.into() }
}
