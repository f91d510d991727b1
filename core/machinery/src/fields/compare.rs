//! What changed between two values, as sets of paths: added, removed, modified.

use super::element::Element;
use super::set::Set;
use super::typed::{Atom, List, Map, Typed};
use crate::{Value, limits};
use std::collections::BTreeMap;

/// See the module's head.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    pub added: Set,
    pub removed: Set,
    pub modified: Set,
}

impl Comparison {
    /// Added and modified paths.
    #[must_use]
    pub fn set(&self) -> Set {
        self.modified.union(&self.added)
    }
    /// Without what lies in `ignored`.
    #[must_use]
    pub fn without(&self, ignored: &Set) -> Comparison {
        Comparison {
            added: self.added.recursive_difference(ignored),
            removed: self.removed.recursive_difference(ignored),
            modified: self.modified.recursive_difference(ignored),
        }
    }
}

/// Compares two values of a type.
#[must_use]
pub fn compare(typed: Typed<'_>, old: &Value, new: &Value) -> Comparison {
    let mut walker = Walker { path: Vec::new(), out: Comparison::default() };
    walker.compare(typed, Some(old), Some(new));
    walker.out
}

struct Walker {
    path: Vec<Element>,
    out: Comparison,
}

impl Walker {
    fn compare<'a>(&mut self, typed: Typed<'a>, old: Option<&'a Value>, new: Option<&'a Value>) {
        match (old, new) {
            (None, None) => return,
            // What is shared is the same.
            (Some(a), Some(b)) if a.is_same(b) => return,
            _ if self.path.len() > limits::DEPTH => return,
            _ => {}
        }
        let bare = |v: Option<&Value>| v.is_none_or(|v| v.items().is_empty() && v.entries().is_empty());
        let both_bare = bare(old) && bare(new);
        let kind = |v: Option<&Value>| v.map(Value::json_type);
        let untyped_change =
            matches!(typed, Typed::Untyped) && old.is_some() && new.is_some() && kind(old) != kind(new);
        match typed.atom(new.or(old)) {
            _ if untyped_change => self.leaf(old, new),
            Atom::List(list) if !(list.atomic || both_bare) => {
                self.items(list, old, new);
                self.whole(old, new);
            }
            Atom::Map(map) if !(map.atomic || both_bare) => {
                self.entries(map, old, new);
                self.whole(old, new);
            }
            _ => self.leaf(old, new),
        }
    }
    fn leaf(&mut self, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) => self.out.modified.insert(&self.path),
            _ => self.whole(old, new),
        }
    }
    /// A value that came or went.
    fn whole(&mut self, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (None, Some(_)) => self.out.added.insert(&self.path),
            (Some(_), None) => self.out.removed.insert(&self.path),
            _ => {}
        }
    }
    fn within<'a>(
        &mut self,
        element: Element,
        typed: Typed<'a>,
        old: Option<&'a Value>,
        new: Option<&'a Value>,
    ) {
        self.path.push(element);
        self.compare(typed, old, new);
        self.path.pop();
    }
    fn entries<'a>(&mut self, map: Map<'a>, old: Option<&'a Value>, new: Option<&'a Value>) {
        let entries = |v: Option<&'a Value>| v.map_or(&[][..], Value::entries);
        // In a struct of Go a null that is not written is a null all the same.
        let struct_in = |v: Option<&Value>| map.is_struct() && v.is_some_and(Value::is_map);
        for (key, before) in entries(old) {
            let after = new.and_then(|new| new.find(key.text()));
            if after.is_none() && before.is_null() && struct_in(new) {
                continue;
            }
            self.within(Element::Field(*key), map.of(*key), Some(before), after);
        }
        for (key, after) in entries(new) {
            if after.is_null() && struct_in(old) && old.is_none_or(|old| old.find(key.text()).is_none()) {
                continue;
            }
            if old.and_then(|old| old.find(key.text())).is_none() {
                self.within(Element::Field(*key), map.of(*key), None, Some(after));
            }
        }
    }
    fn items<'a>(&mut self, list: List<'a>, old: Option<&'a Value>, new: Option<&'a Value>) {
        let mut both: BTreeMap<Element, (Vec<&'a Value>, Vec<&'a Value>)> = BTreeMap::new();
        for item in old.map_or(&[][..], Value::items) {
            if let Ok(element) = list.element(item) {
                both.entry(element).or_default().0.push(item);
            }
        }
        for item in new.map_or(&[][..], Value::items) {
            if let Ok(element) = list.element(item) {
                both.entry(element).or_default().1.push(item);
            }
        }
        for (element, (before, after)) in both {
            match (before.as_slice(), after.as_slice()) {
                ([] | [_], [] | [_]) => {
                    self.within(element, list.items, before.first().copied(), after.first().copied());
                }
                // Repeated items are compared as one.
                (before, after) => {
                    self.path.push(element);
                    let one = |items: &[&Value]| -> Option<Value> {
                        (!items.is_empty()).then(|| items.iter().map(|v| (*v).clone()).collect())
                    };
                    self.leaf(one(before).as_ref(), one(after).as_ref());
                    self.path.pop();
                }
            }
        }
    }
}
