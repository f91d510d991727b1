//! Makes strategic merge patches: what leads from one object to another, lists with merge keys item by
//! item, with the directives that order, delete and retain.

use super::list::{self, DELETE_FROM_LIST, DIRECTIVE, RETAIN_KEYS, SET_ORDER};
use super::shape::{Rule, Shape};
use crate::schema::{Schema, Type};
use crate::sort::Arrange;
use crate::{Sym, Value};
use std::cmp::Ordering;

/// The strategic patch that leads from `old` to `new`: `CreateTwoWayMergePatch`.
///
/// # Errors
/// A list item without its merge key.
pub fn strategic_two_way(old: &Value, new: &Value, schema: &Schema, ty: &Type) -> Result<Value, String> {
    maps(old, new, Shape::of(schema, ty), Want { changes: true, deletions: true }, false)
}

/// Which differences go into the patch.
#[derive(Clone, Copy)]
pub(super) struct Want {
    pub changes: bool,
    pub deletions: bool,
}

pub(super) fn maps(
    old: &Value,
    new: &Value,
    shape: Shape<'_>,
    want: Want,
    retain: bool,
) -> Result<Value, String> {
    let mut patch: Vec<(Sym, Value)> = Vec::new();
    for (key, new_value) in new.entries() {
        match (old.find(key.text()), new_value) {
            (Some(old_value), _) if old_value == new_value && !new_value.is_list() => {}
            (Some(old_value @ Value::Map(_)), Value::Map(_)) => {
                let rule = shape.rule(key.text());
                if rule.replaces {
                    if want.changes {
                        patch.push((*key, new_value.clone()));
                    }
                    continue;
                }
                let inner = maps(old_value, new_value, rule.shape, want, rule.retains_keys)?;
                if !inner.is_empty() {
                    patch.push((*key, inner));
                }
            }
            (Some(Value::List(old_items)), Value::List(new_items)) => {
                let rule = shape.rule(key.text());
                if rule.merges {
                    lists(*key, old_items, new_items, &rule, want, &mut patch)?;
                } else if want.changes && old_items != new_items {
                    patch.push((*key, new_value.clone()));
                }
            }
            _ if want.changes => patch.push((*key, new_value.clone())),
            _ => {}
        }
    }
    let removed = old.entries().iter().filter(|(key, _)| new.find(key.text()).is_none());
    let mut any_removed = false;
    for (key, _) in removed {
        any_removed = true;
        if want.deletions {
            patch.push((*key, Value::Null));
        }
    }
    let added = new.entries().iter().any(|(key, _)| old.find(key.text()).is_none());
    if retain && (!patch.is_empty() || any_removed || added) {
        let keys = new.entries().iter().filter(|(_, value)| !value.is_null());
        let keys: Vec<Value> = keys.map(|(key, _)| Value::from(key.text())).collect();
        if !keys.is_empty() {
            patch.push((Sym::new(RETAIN_KEYS), Value::from_items(keys)));
        }
    }
    Ok(Value::from_entries(patch))
}

fn lists(
    key: Sym,
    old: &[Value],
    new: &[Value],
    rule: &Rule<'_>,
    want: Want,
    patch: &mut Vec<(Sym, Value)>,
) -> Result<(), String> {
    if old.is_empty() {
        if !new.is_empty() && want.changes {
            patch.push((key, Value::from_items(new.to_vec())));
        }
        return Ok(());
    }
    let of_maps = old.iter().chain(new).any(Value::is_map);
    if old.iter().chain(new).any(|item| item.is_map() != of_maps) {
        return Err("list element types are not identical".into());
    }
    let (changes, deleted, order);
    if of_maps {
        let (items, deletions) = lists_of_maps(old, new, rule, want)?;
        let mut items = list::ordered(items, new, rule.merge_key);
        let same = old.len() == new.len()
            && old.iter().zip(new).all(|(a, b)| a.get(rule.merge_key) == b.get(rule.merge_key));
        items.extend(deletions);
        let wanted = (want.changes && (!items.is_empty() || !same)) || (want.deletions && !items.is_empty());
        order = wanted.then(|| {
            let only_key = |item: &Value| Value::empty_map().with(rule.merge_key, item.get(rule.merge_key));
            new.iter().map(only_key).collect::<Vec<Value>>()
        });
        (changes, deleted) = (items, Vec::new());
    } else {
        let (had, has) = (list::positions(old, ""), list::positions(new, ""));
        let added = new.iter().filter(|item| want.changes && !had.contains_key(&list::text_of(item)));
        let gone = old.iter().filter(|item| want.deletions && !has.contains_key(&list::text_of(item)));
        changes = list::distinct(added.cloned());
        let mut sorted: Vec<Value> = list::distinct(gone.cloned());
        sorted.arrange_by_key(list::text_of);
        deleted = sorted;
        let wanted = (want.deletions && !deleted.is_empty()) || (want.changes && old != new);
        order = wanted.then(|| new.to_vec());
    }
    if !changes.is_empty() {
        patch.push((key, Value::from_items(changes)));
    }
    if !deleted.is_empty() {
        patch.push((Sym::from(format!("{DELETE_FROM_LIST}{key}")), Value::from_items(deleted)));
    }
    if let Some(order) = order.filter(|order| !order.is_empty()) {
        patch.push((Sym::from(format!("{SET_ORDER}{key}")), Value::from_items(order)));
    }
    Ok(())
}

/// Items by their key's text. Go's comparison calls equal keys "less", so that they end up reversed.
fn sorted<'a>(items: &'a [Value], merge_key: &str) -> Result<Vec<(String, &'a Value)>, String> {
    let keyed = items.iter().rev().map(|item| Ok((list::text_of(list::key_value(item, merge_key)?), item)));
    let mut keyed = keyed.collect::<Result<Vec<_>, String>>()?;
    keyed.arrange_by(|a, b| a.0.cmp(&b.0));
    Ok(keyed)
}

/// Changed and new items, and directives that delete the gone ones, by order of the merge key.
fn lists_of_maps(
    old: &[Value],
    new: &[Value],
    rule: &Rule<'_>,
    want: Want,
) -> Result<(Vec<Value>, Vec<Value>), String> {
    let merge_key = rule.merge_key;
    if merge_key.is_empty() {
        return Err(format!("cannot diff lists without merge key for {}", rule.shape.name()));
    }
    let (old, new) = (sorted(old, merge_key)?, sorted(new, merge_key)?);
    let (mut changes, mut deletions) = (Vec::new(), Vec::new());
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return Ok((changes, deletions)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.0.cmp(&b.0),
        };
        let before = if order == Ordering::Greater { None } else { old.next() };
        let after = if order == Ordering::Less { None } else { new.next() };
        match (before, after) {
            (Some((_, a)), Some((_, b))) => {
                let inner = maps(a, b, rule.shape, want, rule.retains_keys)?;
                if !inner.is_empty() {
                    changes.push(inner.with(merge_key, b.get(merge_key)));
                }
            }
            (None, Some((_, b))) if want.changes => changes.push(b.clone()),
            (Some((_, a)), None) if want.deletions => {
                let gone = Value::empty_map().with(DIRECTIVE, "delete").with(merge_key, a.get(merge_key));
                deletions.push(gone);
            }
            _ => {}
        }
    }
}
