//! Events: stored as rows by the simulation, as objects when a client creates them.

use super::{Kind, Served};
use crate::object::Object;
use crate::table::{View, column, integer, wide, word};
use crate::validate;
use drydock_machinery::{Sym, Timestamp, Value, time};

pub const KIND: Kind = Kind {
    kind: "Event",
    plural: "events",
    singular: "event",
    short: &["ev"],
    validate: validate::event::validate,
    title: None,
    columns: &[
        column("Last Seen"),
        column("Type"),
        column("Reason"),
        column("Object"),
        wide("Subobject"),
        wide("Source"),
        column("Message"),
        wide("First Seen"),
        WIDE_COUNT,
        wide("Name"),
    ],
    row,
    selectable,
    selectable_fields: &[
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ],
    served: &[Served { group: "events.k8s.io", version: "v1", show: to_modern, read: from_modern }],
    ..Kind::BASE
};

const WIDE_COUNT: crate::table::Column = crate::table::Column { priority: 1, ..integer("Count") };

fn seconds(value: &Value) -> Option<i64> {
    let text = value.text();
    Timestamp::parse(text).map(|t| t.0).or_else(|| time::parse_micro(text).map(|m| m.div_euclid(1_000_000)))
}

fn row(event: &Object, view: &View<'_>) -> Vec<Value> {
    let about = event.field("involvedObject");
    let first = seconds(event.field("firstTimestamp")).or_else(|| seconds(event.field("eventTime")));
    let series = event.field("series");
    let last = match seconds(&series["lastObservedTime"]) {
        Some(last) => Some(last),
        None => seconds(event.field("lastTimestamp")).or(first),
    };
    let count = match series["count"].as_int() {
        Some(count) => count,
        None => event.field("count").as_int().unwrap_or(1).max(1),
    };
    let age = |at: Option<i64>| at.map_or_else(|| word("<unknown>"), |at| view.age(at));
    let kind = about["kind"].text().to_lowercase();
    let target = match about["name"].text() {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    let source = event.field("source");
    let component = match source["component"].text() {
        "" => event.field("reportingComponent").text(),
        component => component,
    };
    let host = match source["host"].text() {
        "" if source["component"].is_empty() => event.field("reportingInstance").text(),
        host => host,
    };
    let source = if host.is_empty() { component.to_string() } else { format!("{component}, {host}") };
    vec![
        age(last),
        event.field("type").clone(),
        event.field("reason").clone(),
        target.into(),
        about["fieldPath"].text().into(),
        source.into(),
        event.field("message").text().trim().into(),
        age(first),
        count.into(),
        (&event.name).into(),
    ]
}

fn selectable(event: &Object, field: &str) -> Option<String> {
    let text = match field {
        "source" => match event.field("source")["component"].text() {
            "" => event.field("reportingComponent").text(),
            component => component,
        },
        _ => match field.split_once('.') {
            Some((outer, inner)) => event.field(outer)[inner].text(),
            None => event.field(field).text(),
        },
    };
    Some(text.to_string())
}

/// v1 name and events.k8s.io/v1 name of the same field.
const RENAMED: &[(&str, &str)] = &[
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("reportingComponent", "reportingController"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
];

fn rename(event: &Value, new: impl Fn(&str) -> Option<&'static str>) -> Value {
    let entries = event.entries().iter();
    entries.map(|(key, value)| (new(key.text()).map_or(*key, Sym::new), value.clone())).collect()
}

fn to_modern(event: &Value) -> Value {
    rename(event, |old| RENAMED.iter().find(|r| r.0 == old).map(|r| r.1))
}

fn from_modern(event: &Value) -> Value {
    rename(event, |new| RENAMED.iter().find(|r| r.1 == new).map(|r| r.0))
}
