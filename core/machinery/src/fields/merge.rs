//! Lays a declared value over a live one by schema: fields by name, items of sets and keyed lists by
//! element in the order the declaration wants, everything whole replaced.

use super::element::Element;
use super::typed::{Atom, List, Typed};
use crate::{Value, limits};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The live value with the declared one over it.
#[must_use]
pub fn merge(typed: Typed<'_>, live: &Value, declared: &Value) -> Value {
    merged(typed, Some(live), Some(declared), limits::DEPTH).unwrap_or_default()
}

fn merged(typed: Typed<'_>, live: Option<&Value>, declared: Option<&Value>, depth: usize) -> Option<Value> {
    let (Some(old), Some(new)) = (live, declared) else { return declared.or(live).cloned() };
    if depth == 0 || old.is_null() {
        return Some(new.clone());
    }
    match typed.atom(Some(new)) {
        Atom::Map(map) if !map.atomic && new.is_map() && old.is_map() => {
            let mut out = old.clone();
            for (key, inner) in new.entries() {
                let value = merged(map.of(*key), old.find(key.text()), Some(inner), depth - 1);
                out = out.with(*key, value.unwrap_or_default());
            }
            Some(out)
        }
        Atom::List(list) if !list.atomic && new.is_list() && old.is_list() => {
            Some(items(list, old, new, depth))
        }
        _ => Some(new.clone()),
    }
}

/// Items by element: those of one side keep their order, those of both come in the declared order.
fn items(list: List<'_>, live: &Value, declared: &Value, depth: usize) -> Value {
    let index = |value: &Value| -> Vec<(Element, Value)> {
        value.items().iter().filter_map(|i| Some((list.element(i).ok()?, i.clone()))).collect()
    };
    let (left, right) = (index(live), index(declared));
    let by_element = |items: &[(Element, Value)]| -> BTreeMap<Element, Value> {
        // The first of several that are the same.
        items.iter().rev().cloned().collect()
    };
    let (in_left, in_right) = (by_element(&left), by_element(&right));
    let mut shared: VecDeque<&Element> =
        right.iter().map(|(e, _)| e).filter(|e| in_left.contains_key(*e)).collect();
    let mut next = shared.pop_front();
    let mut done: BTreeSet<Element> = BTreeSet::new();
    let mut out: Vec<Value> = Vec::with_capacity(left.len().max(right.len()));
    let both = |element: &Element| {
        merged(list.items, in_left.get(element), in_right.get(element), depth - 1).unwrap_or_default()
    };
    let (mut l, mut r) = (0, 0);
    loop {
        let (a, b) = (left.get(l), right.get(r));
        if a.is_none() && b.is_none() {
            return Value::from_items(out);
        }
        if let (Some((mine, _)), Some((theirs, _))) = (a, b) {
            if mine == theirs {
                done.insert(mine.clone());
                out.push(both(mine));
                (l, r) = (l + 1, r + 1);
                next = shared.pop_front();
                continue;
            }
            if in_right.contains_key(mine) && next.is_some_and(|next| next != mine) {
                // Shared, but not the one whose turn it is.
                l += 1;
                continue;
            }
        }
        if let Some((mine, item)) = a {
            if !in_right.contains_key(mine) {
                out.push(item.clone());
                l += 1;
                continue;
            }
            if done.contains(mine) {
                l += 1;
            }
        }
        if let Some((theirs, _)) = b {
            done.insert(theirs.clone());
            out.push(both(theirs));
            r += 1;
            if next == Some(theirs) {
                next = shared.pop_front();
            }
        } else if a.is_some_and(|(mine, _)| !done.contains(mine)) {
            // Declared twice and gone by already.
            l += 1;
        }
    }
}
