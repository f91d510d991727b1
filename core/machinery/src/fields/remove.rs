//! Takes the fields and items of a set out of a value.

use super::element::Element;
use super::set::Set;
use super::typed::{Atom, Typed};
use crate::Value;

/// The value without the members of `set`. A map or list all of whose parts went is gone too.
#[must_use]
pub fn remove_items(typed: Typed<'_>, value: &Value, set: &Set) -> Value {
    match typed.atom(Some(value)) {
        Atom::Map(map) if !map.atomic && !value.entries().is_empty() => {
            let kept: Vec<_> = value
                .entries()
                .iter()
                .filter_map(|(key, inner)| {
                    let element = Element::Field(*key);
                    if set.has_member(&element) {
                        return None;
                    }
                    Some((
                        *key,
                        match set.below(&element) {
                            Some(below) => remove_items(map.of(*key), inner, below),
                            None => inner.clone(),
                        },
                    ))
                })
                .collect();
            if kept.is_empty() { Value::Null } else { Value::from_entries(kept) }
        }
        Atom::List(list) if !list.atomic && !value.items().is_empty() => {
            let kept: Vec<Value> = value
                .items()
                .iter()
                .filter_map(|item| {
                    let Ok(element) = list.element(item) else { return Some(item.clone()) };
                    if set.has_member(&element) {
                        return None;
                    }
                    Some(match set.below(&element) {
                        Some(below) => remove_items(list.items, item, below),
                        None => item.clone(),
                    })
                })
                .collect();
            if kept.is_empty() { Value::Null } else { Value::from_items(kept) }
        }
        _ => value.clone(),
    }
}
