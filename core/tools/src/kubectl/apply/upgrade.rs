//! From client-side to server-side apply: the owner kubectl once was by plain writes becomes the owner it
//! is by apply (client-go's `util/csaupgrade`, v1.33).

use crate::kubectl::output::LAST_APPLIED;
use drydock_machinery::fields::{Element, Set};
use drydock_machinery::{Sym, Value};
use std::collections::BTreeSet;

/// Managers that own the annotation of client-side apply by this operation.
pub(super) fn owners_of_annotation(managed: &Value, operation: &str) -> BTreeSet<String> {
    let path = ["metadata", "annotations", LAST_APPLIED].map(|name| Element::Field(Sym::new(name)));
    let entries =
        managed.items().iter().filter(|e| e["operation"] == operation && e["subresource"].is_empty());
    let owning = entries.filter(|e| fields(e).has(&path));
    owning.map(|entry| entry["manager"].text().to_string()).collect()
}

fn fields(entry: &Value) -> Set {
    Set::from_value(entry.get("fieldsV1")).unwrap_or_default()
}

/// `managedFields` with these plain writers' fields under `manager`'s apply; `None` if nothing changes.
pub(super) fn upgraded(managed: &Value, older: &BTreeSet<String>, manager: &str) -> Option<Value> {
    let mut entries: Vec<Value> = managed.items().to_vec();
    for name in older {
        entries = upgraded_one(entries, name, manager);
    }
    let upgraded = Value::from_items(entries);
    (upgraded.items() != managed.items()).then_some(upgraded)
}

fn upgraded_one(mut entries: Vec<Value>, older: &str, manager: &str) -> Vec<Value> {
    let is = |entry: &Value, name: &str, operation: &str| {
        entry["manager"] == name && entry["operation"] == operation && entry["subresource"].is_empty()
    };
    let target = entries.iter().position(|e| is(e, manager, "Apply"));
    let Some(at) = target.or_else(|| entries.iter().position(|e| is(e, older, "Update"))) else {
        return entries;
    };
    let Some(entry) = entries.get(at).cloned() else { return entries };
    let same = |e: &&Value| is(e, older, "Update") && e["apiVersion"] == entry["apiVersion"];
    let mut set = fields(&entry);
    if let Some(theirs) = entries.iter().find(same) {
        set = set.union(&fields(theirs));
    }
    let entry = entry.with("manager", manager).with("operation", "Apply").with("fieldsV1", set.to_value());
    if let Some(place) = entries.get_mut(at) {
        *place = entry;
    }
    entries.retain(|e| !is(e, older, "Update"));
    entries
}
