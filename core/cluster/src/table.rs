//! `kubectl get`'s columns, computed by the server (`k8s.io/kubernetes/pkg/printers/internalversion`,
//! v1.33): every kind brings its own, this is the common part.

use crate::cluster::Cluster;
use crate::kinds::Kind;
use crate::object::Object;
use crate::rest::{Call, Shape, partial};
use drydock_container::Machines;
use drydock_machinery::{Sym, Timestamp, Value, time, value};
use std::sync::Arc;

/// A column after the first (the name, which is the same everywhere).
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    /// `string`, `integer`, `number`, `boolean`, `date`.
    pub kind: &'static str,
    /// 1 for columns only `-o wide` shows.
    pub priority: u8,
}

#[must_use]
pub const fn column(name: &'static str) -> Column {
    Column { name, kind: "string", priority: 0 }
}
#[must_use]
pub const fn integer(name: &'static str) -> Column {
    Column { name, kind: "integer", priority: 0 }
}
#[must_use]
pub const fn wide(name: &'static str) -> Column {
    Column { name, kind: "string", priority: 1 }
}

/// What cells may depend on beside the object.
pub struct View<'a> {
    /// Unix seconds.
    pub now: i64,
    pub cluster: &'a Cluster,
}

impl View<'_> {
    /// How long ago, as a table says it; `<unknown>` for no time.
    #[must_use]
    pub fn age(&self, since: i64) -> Value {
        if since == 0 { word("<unknown>") } else { time::human_duration(self.now - since).into() }
    }
}

/// A fixed word as a cell.
#[must_use]
pub fn word(text: &str) -> Value {
    Value::Word(Sym::new(text))
}

pub const AGE: &[Column] = &[column("Age")];

/// The row of [`AGE`].
#[must_use]
pub fn age_row(object: &Object, view: &View<'_>) -> Vec<Value> {
    vec![view.age(object.created)]
}

/// Columns of kinds without a printer of their own.
pub const CREATED_AT: &[Column] = &[Column { name: "Created At", kind: "date", priority: 0 }];

/// The row of [`CREATED_AT`].
#[must_use]
pub fn created_at_row(object: &Object, _view: &View<'_>) -> Vec<Value> {
    vec![Timestamp(object.created).to_rfc3339().into()]
}

/// The Table of a list or a single object.
pub(crate) fn render(
    cluster: &Cluster,
    machines: &Machines,
    call: &Call<'_>,
    objects: &[Arc<Object>],
    shape: Shape,
    revision: u64,
    metadata: Option<&Value>,
) -> Value {
    let lean = crate::rest::is_lean(call.request);
    sheet(cluster, machines, &call.kind, objects, shape, revision, metadata, true, lean)
}

/// A Table; without `head`, without column definitions, as later events of a watch.
#[allow(clippy::too_many_arguments)]
pub(crate) fn sheet(
    cluster: &Cluster,
    machines: &Machines,
    kind: &Kind,
    objects: &[Arc<Object>],
    shape: Shape,
    revision: u64,
    metadata: Option<&Value>,
    head: bool,
    lean: bool,
) -> Value {
    let view = View { now: machines.clock.unix(), cluster };
    let custom = crate::custom::columns(cluster, kind);
    let define = |column: &Column, format: &str| {
        value!({
            "name": column.name, "type": column.kind, "format": format, "description": "",
            "priority": i64::from(column.priority),
        })
    };
    let mut columns = Vec::new();
    if head {
        columns.extend(kind.title.is_some().then(|| define(&column("Name"), "name")));
        match &custom {
            Some(custom) => columns.extend(custom.iter().map(crate::custom::CustomColumn::definition)),
            None => columns.extend(kind.columns.iter().map(|c| define(c, ""))),
        }
    }
    let row = |object: &Arc<Object>| {
        let mut cells: Vec<Value> = kind.title.iter().map(|title| title(object).into()).collect();
        match &custom {
            Some(custom) => cells.extend(custom.iter().map(|column| column.cell(object, &view))),
            None => cells.extend((kind.row)(object, &view)),
        }
        let mut row = value!({"cells": cells});
        if kind.kind == "Pod" && object.is_finished() {
            row = row.with("conditions", finished(object));
        }
        let Shape::Table { whole, none } = shape else { return row };
        match (whole, none) {
            (_, true) => row.with("object", Value::Null),
            (true, _) => row.with("object", cluster.shown_to(machines, object, lean)),
            _ => row.with("object", partial(cluster, object, lean)),
        }
    };
    let base = value!({"resourceVersion": revision.to_string()});
    value!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata.unwrap_or(&base),
        "columnDefinitions": columns, "rows": objects.iter().map(row).collect::<Value>(),
    })
}

/// The row condition of a pod that has ended: kubectl would once grey it out.
fn finished(pod: &Object) -> Value {
    let phase = pod.status().get("phase").text();
    let message = match phase {
        "Failed" => "The pod failed.",
        _ => "The pod has completed successfully.",
    };
    value!([{"type": "Completed", "status": "True", "reason": phase, "message": message}])
}
