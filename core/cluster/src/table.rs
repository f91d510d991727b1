//! `kubectl get`'s columns, computed by the server (`k8s.io/kubernetes/pkg/printers/internalversion`,
//! v1.33): every kind brings its own, this is the common part.

use crate::cluster::Cluster;
use crate::object::Object;
use drydock_machinery::{Sym, Value, time};

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
