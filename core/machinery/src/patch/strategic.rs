//! Applies a strategic merge patch, as the API server does, or lays one patch over another, as
//! `kubectl apply` does with its deletions and changes.

use super::list::{self, DELETE_FROM_LIST, DIRECTIVE, RETAIN_KEYS, SET_ORDER};
use super::shape::{Rule, Shape};
use crate::schema::{Schema, Type};
use crate::{Sym, Value};
use std::collections::BTreeMap;

/// Applies a strategic merge patch to an object.
///
/// # Errors
/// The texts of strategicpatch, e.g. `map: map[image:x] does not contain declared merge key: name`.
pub fn strategic(target: &Value, patch: &Value, schema: &Schema, ty: &Type) -> Result<Value, String> {
    merge_maps(target, patch, Shape::of(schema, ty), Mode::Apply)
}

/// Whether a patch meets an object or another patch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Directives are carried out and nulls without a counterpart vanish.
    Apply,
    /// Directives and nulls are kept for whoever applies the result.
    Combine,
}

type Entries = BTreeMap<Sym, Value>;

fn entries_of(value: &Value) -> Entries {
    value.entries().iter().cloned().collect()
}

pub(super) fn merge_maps(
    original: &Value,
    patch: &Value,
    shape: Shape<'_>,
    mode: Mode,
) -> Result<Value, String> {
    if let Some(directive) = patch.find(DIRECTIVE) {
        return match directive.text() {
            "replace" => Ok(without_directives(&patch.without(DIRECTIVE))),
            "delete" => Ok(Value::empty_map()),
            _ => Err(format!(
                "unknown patch type: {} in map: {}",
                super::go_print(directive),
                super::go_print(patch)
            )),
        };
    }
    let mut merged = entries_of(original);
    let mut patch = entries_of(patch);
    retain_keys(&mut merged, &mut patch, mode)?;
    set_orders(&mut merged, &mut patch, shape, mode)?;
    for (key, value) in patch {
        let mut name = key;
        let mut deletes = false;
        if let Some(field) = key.text().strip_prefix(DELETE_FROM_LIST) {
            if mode == Mode::Combine {
                merged.insert(key, value);
                continue;
            }
            name = Sym::new(field);
            deletes = true;
        }
        if value.is_null() {
            merged.remove(&name);
            if mode == Mode::Apply {
                continue;
            }
        }
        let merged_value = match (merged.get(&name), &value) {
            (Some(old @ Value::Map(_)), Value::Map(_)) => {
                let rule = shape.rule(name.text());
                if rule.replaces { value } else { merge_maps(old, &value, rule.shape, mode)? }
            }
            (Some(Value::List(old)), Value::List(new)) => {
                merge_lists(old, new, &shape.rule(name.text()), deletes, mode)?
            }
            _ if deletes => continue,
            _ => fresh(&value, mode),
        };
        merged.insert(name, merged_value);
    }
    Ok(Value::from_entries(merged.into_iter().collect()))
}

/// A value the original has nothing to set against.
fn fresh(value: &Value, mode: Mode) -> Value {
    if mode == Mode::Combine { value.clone() } else { without_directives(value) }
}

/// A patch's value as it stands alone: no directives, no nulls in maps, nothing that only directs.
fn without_directives(value: &Value) -> Value {
    match value {
        Value::Map(entries) => {
            let kept = entries.iter().filter(|(key, value)| {
                !value.is_null() && !is_directive(key.text()) && value.find(DIRECTIVE).is_none()
            });
            Value::Map(kept.map(|(key, value)| (*key, without_directives(value))).collect())
        }
        Value::List(items) => {
            items.iter().filter(|item| item.find(DIRECTIVE).is_none()).map(without_directives).collect()
        }
        _ => value.clone(),
    }
}

fn is_directive(key: &str) -> bool {
    key == DIRECTIVE || key == RETAIN_KEYS || key.starts_with(SET_ORDER) || key.starts_with(DELETE_FROM_LIST)
}

/// `$retainKeys`: only the keys it names stay.
fn retain_keys(original: &mut Entries, patch: &mut Entries, mode: Mode) -> Result<(), String> {
    let directive = Sym::new(RETAIN_KEYS);
    let Some(keys) = patch.get(&directive).cloned() else { return Ok(()) };
    let retained = |key: &Sym| keys.items().iter().any(|k| k == key.text());
    if mode == Mode::Combine {
        return Ok(());
    }
    patch.remove(&directive);
    if !keys.is_list()
        || patch.iter().any(|(key, v)| !v.is_null() && !is_directive(key.text()) && !retained(key))
    {
        return Err("invalid patch format of retainKeys".into());
    }
    original.retain(|key, _| retained(key));
    Ok(())
}

/// `$setElementOrder/list`: merges the list it is about and gives it that order.
fn set_orders(merged: &mut Entries, patch: &mut Entries, shape: Shape<'_>, mode: Mode) -> Result<(), String> {
    let orders: Vec<(Sym, Value)> = patch
        .iter()
        .filter(|(key, _)| key.text().starts_with(SET_ORDER))
        .map(|(k, v)| (*k, v.clone()))
        .collect();
    for (directive, order) in orders {
        patch.remove(&directive);
        if mode == Mode::Combine {
            merged.insert(directive, order.clone());
        }
        let name = Sym::new(directive.text().strip_prefix(SET_ORDER).unwrap_or(""));
        let rule = shape.rule(name.text());
        let original = merged.get(&name).cloned();
        let changes = patch.get(&name).cloned();
        check_order(changes.as_ref(), &order, rule.merge_key)?;
        let list = match (&original, &changes) {
            (None, None) => continue,
            (Some(original), None) => original.items().to_vec(),
            (None, Some(changes)) => fresh(changes, mode).items().to_vec(),
            (Some(original), Some(changes)) => {
                merge_lists(original.items(), changes.items(), &rule, false, mode)?.items().to_vec()
            }
        };
        let server = original.as_ref().map_or(&[][..], Value::items);
        merged.insert(name, Value::from_items(list::normalized(list, order.items(), server, rule.merge_key)));
        patch.remove(&name);
    }
    Ok(())
}

/// What a patch brings must stand in the order it asks for.
fn check_order(changes: Option<&Value>, order: &Value, merge_key: &str) -> Result<(), String> {
    let places = list::positions(order.items(), merge_key);
    let items = changes.map_or(&[][..], Value::items);
    let found = items.iter().filter(|item| item.get(DIRECTIVE).is_null());
    let mut last = 0;
    for item in found {
        match places.get(&list::text_of(&list::identity(item, merge_key))) {
            Some(at) if *at >= last => last = *at,
            _ => {
                let (list, order) =
                    (super::go_print(&Value::from_items(items.to_vec())), super::go_print(order));
                return Err(format!(
                    "The order in patch list:\n{list}\n doesn't match $setElementOrder list:\n{order}\n"
                ));
            }
        }
    }
    Ok(())
}

fn merge_lists(
    old: &[Value],
    new: &[Value],
    rule: &Rule<'_>,
    deletes: bool,
    mode: Mode,
) -> Result<Value, String> {
    if !rule.merges && !deletes {
        return Ok(fresh(&Value::from_items(new.to_vec()), mode));
    }
    if old.is_empty() && new.is_empty() {
        return Ok(Value::from_items(Vec::new()));
    }
    let of_maps = old.iter().chain(new).any(Value::is_map);
    if old.iter().chain(new).any(|item| item.is_map() != of_maps) {
        return Err("list element types are not identical".into());
    }
    if !of_maps && deletes {
        let gone = list::positions(new, "");
        return Ok(old.iter().filter(|item| !gone.contains_key(&list::text_of(item))).cloned().collect());
    }
    let merged = if !of_maps {
        list::distinct(old.iter().chain(new).cloned())
    } else if rule.merge_key.is_empty() {
        return Err(format!("cannot merge lists without merge key for {}", rule.shape.name()));
    } else {
        merge_items(old, new, rule, mode)?
    };
    let added: Vec<Value> =
        new.iter().filter(|item| mode == Mode::Combine || item.get(DIRECTIVE).is_null()).cloned().collect();
    Ok(Value::from_items(list::normalized(merged, &added, old, rule.merge_key)))
}

/// Merges lists of maps by their key; `$patch: delete` removes an item, `$patch: replace` anywhere in
/// the list makes the patch's items the whole list.
fn merge_items(old: &[Value], new: &[Value], rule: &Rule<'_>, mode: Mode) -> Result<Vec<Value>, String> {
    let mut kept: Vec<Value> = old.to_vec();
    let mut changes: Vec<&Value> = Vec::new();
    let mut replace = false;
    for item in new {
        match item.find(DIRECTIVE) {
            None => changes.push(item),
            Some(directive) => match directive.text() {
                "delete" => {
                    let key = list::key_value(item, rule.merge_key)?;
                    kept.retain(|old| old.get(rule.merge_key) != key);
                }
                "replace" => replace = true,
                "merge" => return Err("merging lists cannot yet be specified in the patch".into()),
                _ => {
                    let (kind, item) = (super::go_print(directive), super::go_print(item));
                    return Err(format!("unknown patch type: {kind} in map: {item}"));
                }
            },
        }
    }
    if replace {
        kept.clear();
    }
    let mut places = list::positions(&kept, rule.merge_key);
    for item in changes {
        let key = list::key_value(item, rule.merge_key)?;
        let text = list::text_of(key);
        match places.get(&text).and_then(|at| kept.get_mut(*at)) {
            Some(old) => *old = merge_maps(old, item, rule.shape, mode)?,
            None => {
                places.insert(text, kept.len());
                kept.push(fresh(item, mode));
            }
        }
    }
    Ok(kept)
}
