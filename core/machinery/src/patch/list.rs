//! Order in merged lists: a patch that names an order (`$setElementOrder/…`) or brings items decides
//! where they stand, items only the server has keep their places between them.

use super::go_print;
use crate::Value;
use crate::sort::Arrange;
use std::collections::BTreeMap;

pub(super) const DIRECTIVE: &str = "$patch";
pub(super) const RETAIN_KEYS: &str = "$retainKeys";
pub(super) const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList/";
pub(super) const SET_ORDER: &str = "$setElementOrder/";

/// What an item of a list is known by: its merge key's value, or itself.
pub(super) fn identity(item: &Value, merge_key: &str) -> Value {
    if merge_key.is_empty() { item.clone() } else { item.get(merge_key).clone() }
}

/// The value of an item's merge key.
///
/// # Errors
/// The item has none.
pub(super) fn key_value<'a>(item: &'a Value, merge_key: &str) -> Result<&'a Value, String> {
    item.find(merge_key)
        .ok_or_else(|| format!("map: {} does not contain declared merge key: {merge_key}", go_print(item)))
}

/// Text to sort and compare identities by.
pub(super) fn text_of(identity: &Value) -> String {
    go_print(identity)
}

/// Positions of items by identity; of equal ones the first.
pub(super) fn positions(items: &[Value], merge_key: &str) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        out.entry(text_of(&identity(item, merge_key))).or_insert(at);
    }
    out
}

fn is_deletion(item: &Value) -> bool {
    item.get(DIRECTIVE) == "delete"
}

/// Items in the order another list has them; those it lacks come in front, deletions last.
pub(super) fn ordered(items: Vec<Value>, order: &[Value], merge_key: &str) -> Vec<Value> {
    let (deletions, mut kept): (Vec<Value>, Vec<Value>) = items.into_iter().partition(is_deletion);
    let places = positions(order, merge_key);
    let place = |item: &Value| places.get(&text_of(&identity(item, merge_key))).map_or(0, |at| at + 1);
    kept.arrange_by_key(place);
    kept.extend(deletions);
    kept
}

/// The items a list has in common with another, and the rest.
pub(super) fn partition(items: Vec<Value>, other: &[Value], merge_key: &str) -> (Vec<Value>, Vec<Value>) {
    let known = positions(other, merge_key);
    items.into_iter().partition(|item| known.contains_key(&text_of(&identity(item, merge_key))))
}

/// Weaves the patch's items and the server's own together: a server item stays in front of a patched
/// one only if both stood in that order on the server.
pub(super) fn normalized(
    merged: Vec<Value>,
    patch_order: &[Value],
    server_order: &[Value],
    merge_key: &str,
) -> Vec<Value> {
    let (patched, server_only) = partition(merged, patch_order, merge_key);
    let patched = ordered(patched, patch_order, merge_key);
    let server_only = ordered(server_only, server_order, merge_key);
    let places = positions(server_order, merge_key);
    let place = |item: &Value| places.get(&text_of(&identity(item, merge_key))).copied();
    let mut out = Vec::with_capacity(patched.len() + server_only.len());
    let mut patched = patched.into_iter().peekable();
    let mut server_only = server_only.into_iter().peekable();
    while let (Some(server), Some(patch)) = (server_only.peek(), patched.peek()) {
        let before = matches!((place(server), place(patch)), (Some(s), Some(p)) if s < p);
        out.extend(if before { server_only.next() } else { patched.next() });
    }
    out.extend(server_only);
    out.extend(patched);
    out
}

/// Plain values without repetition, in order of first sight.
pub(super) fn distinct(items: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut seen = std::collections::BTreeSet::new();
    items.into_iter().filter(|item| seen.insert(text_of(item))).collect()
}
