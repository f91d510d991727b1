//! From a value to the paths it sets, and what of it does not fit its type.

use super::element::{Element, path_text};
use super::set::Set;
use super::typed::{Atom, List, Map, Scalar, Typed};
use crate::{Sym, Value, json, limits};
use std::collections::BTreeSet;

/// The paths a declared value sets.
#[must_use]
pub fn set_of(typed: Typed<'_>, value: &Value) -> Set {
    let mut set = Set::default();
    walk(typed, value, &mut Vec::new(), &mut set);
    set
}

fn walk(typed: Typed<'_>, value: &Value, path: &mut Vec<Element>, set: &mut Set) {
    if path.len() > limits::DEPTH {
        return;
    }
    match typed.atom(Some(value)) {
        Atom::List(list) if !list.atomic => items(list, value, path, set),
        Atom::Map(map) if !map.atomic => {
            for (key, inner) in value.entries() {
                path.push(Element::Field(*key));
                walk(map.of(*key), inner, path, set);
                let bare = inner.is_null() || (inner.is_map() && inner.entries().is_empty());
                if bare || !map.names(*key) {
                    set.insert(path);
                }
                path.pop();
            }
        }
        _ => set.insert(path),
    }
}

fn items(list: List<'_>, value: &Value, path: &mut Vec<Element>, set: &mut Set) {
    let elements: Vec<Option<Element>> = value.items().iter().map(|i| list.element(i).ok()).collect();
    let (mut seen, mut repeated) = (BTreeSet::new(), BTreeSet::new());
    for element in elements.iter().flatten() {
        if !seen.insert(element) {
            repeated.insert(element);
        }
    }
    for (element, item) in elements.iter().zip(value.items()) {
        let Some(element) = element else { continue };
        path.push(element.clone());
        // What is there twice is owned as a whole.
        if !repeated.contains(element) {
            walk(list.items, item, path, set);
        }
        set.insert(path);
        path.pop();
    }
}

/// What does not fit, in the library's words: `.spec.foo: field not declared in schema`.
///
/// # Errors
/// One line for a single fault, a list for several.
pub fn validate(typed: Typed<'_>, value: &Value) -> Result<(), String> {
    let mut faults = Vec::new();
    check(typed, value, &mut Vec::new(), &mut faults);
    match faults.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        several => Err(format!("errors:\n  {}", several.join("\n  "))),
    }
}

fn check(typed: Typed<'_>, value: &Value, path: &mut Vec<Element>, faults: &mut Vec<String>) {
    if path.len() > limits::DEPTH || value.is_null() {
        return;
    }
    let mut wrong = |why: String| {
        let at = path_text(path);
        faults.push(if at.is_empty() { why } else { format!("{at}: {why}") });
    };
    match typed.atom(Some(value)) {
        Atom::Whole => {}
        Atom::Scalar(scalar) => {
            if let Some(why) = scalar_fault(scalar, value) {
                wrong(why);
            }
        }
        Atom::List(list) if value.is_list() => check_items(list, value, path, faults),
        Atom::Map(map) if value.is_map() => check_fields(map, value, path, faults),
        Atom::List(_) => wrong(format!("expected list, got {}", go_shown(value))),
        Atom::Map(_) => wrong(format!("expected map, got {}", go_shown(value))),
    }
}

fn go_shown(value: &Value) -> String {
    format!("&{{{}}}", crate::text::go_print(value))
}

fn scalar_fault(scalar: Scalar, value: &Value) -> Option<String> {
    let (number, text) = (matches!(value, Value::Int(_) | Value::Float(_)), value.as_str().is_some());
    let boolean = value.as_bool().is_some();
    match scalar {
        Scalar::Number if !number => {
            let go = match value {
                Value::Bool(_) => "bool",
                Value::List(_) => "[]interface {}",
                Value::Map(_) => "map[string]interface {}",
                _ => "string",
            };
            Some(format!("expected numeric (int or float), got {go}"))
        }
        Scalar::Text if !text => {
            Some(format!("expected string, got &value.valueUnstructured{{Value:{}}}", {
                match value {
                    Value::Map(_) | Value::List(_) => crate::text::go_print(value),
                    other => json::to_string(other),
                }
            }))
        }
        Scalar::Bool if !boolean => Some(format!("expected boolean, got {}", go_shown(value))),
        Scalar::Any if !(number || text || boolean) => {
            Some(format!("expected any scalar, got {}", go_shown(value)))
        }
        _ => None,
    }
}

fn check_items(list: List<'_>, value: &Value, path: &mut Vec<Element>, faults: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for (at, item) in value.items().iter().enumerate() {
        let element = if list.atomic { Ok(Element::Index(at as i64)) } else { list.element(item) };
        let element = match element {
            Ok(element) => element,
            Err(why) => {
                faults.push(format!("{}: element {at}: {why}", path_text(path)));
                return;
            }
        };
        if !seen.insert(element.clone()) {
            faults.push(format!("{}: duplicate entries for key {element}", path_text(path)));
        }
        path.push(element);
        check(list.items, item, path, faults);
        path.pop();
    }
}

fn check_fields(map: Map<'_>, value: &Value, path: &mut Vec<Element>, faults: &mut Vec<String>) {
    for (key, inner) in value.entries() {
        path.push(Element::Field(Sym::clone(key)));
        if map.allows(*key) {
            check(map.of(*key), inner, path, faults);
        } else {
            faults.push(format!("{}: field not declared in schema", path_text(path)));
        }
        path.pop();
    }
}
