//! Event rows as the Event objects clients see, in the fields their writer used: `source` and
//! timestamps through v1, `eventTime`, `action` and `series` through events.k8s.io.

use crate::cluster::Cluster;
use crate::events::{About, EventRow, Events, TTL_MS};
use crate::kinds::{self, Kind};
use crate::managed::Managed;
use crate::object::{Object, Part, Uid};
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, time, value};
use std::sync::Arc;

impl Events {
    /// The rows of a namespace ("" for all) that have not expired, as objects.
    pub(crate) fn rendered(&self, machines: &Machines, namespace: &str) -> Vec<Arc<Object>> {
        let rows = self.rows.iter().filter(|(_, row)| namespace.is_empty() || place(row) == namespace);
        rows.filter(|(_, row)| !expired(machines, row)).map(|(at, row)| object(machines, *at, row)).collect()
    }
    /// One row as an object.
    pub(crate) fn render(&self, machines: &Machines, number: u32) -> Option<Arc<Object>> {
        self.rows.get(&number).map(|row| object(machines, number, row))
    }
}

fn expired(machines: &Machines, row: &EventRow) -> bool {
    row.last + TTL_MS < machines.clock.now
}

/// Events about cluster-scoped objects live in `default`.
fn place(row: &EventRow) -> &str {
    if row.about.namespace.is_empty() { "default" } else { &row.about.namespace }
}

fn unix_ms(machines: &Machines, at: u64) -> i64 {
    machines.clock.epoch.saturating_mul(1000).saturating_add_unsigned(at)
}

fn name(machines: &Machines, number: u32, row: &EventRow) -> String {
    // The real suffix is the time in nanoseconds; the row's number keeps names of one moment apart.
    let nanos = unix_ms(machines, row.first).saturating_mul(1_000_000).saturating_add(i64::from(number));
    format!("{}.{nanos:x}", row.about.name)
}

fn object(machines: &Machines, number: u32, row: &EventRow) -> Arc<Object> {
    let (first, last) = (unix_ms(machines, row.first), unix_ms(machines, row.last));
    let stamp = |ms: i64| Timestamp(ms.div_euclid(1000)).to_rfc3339();
    let mut involved = match kinds::builtin(row.about.kind) {
        Some(kind) => reference(&row.about, kind),
        None => value!({"name": &row.about.name, "uid": row.about.uid.to_string()}),
    };
    if let Some(path) = &row.field_path {
        involved = involved.with("fieldPath", path);
    }
    if row.about.kind == kinds::NODE {
        // The kubelet names its node by name where every other reference has the uid.
        involved = involved.without("apiVersion").without("resourceVersion").with("uid", &row.about.name);
    }
    let component = row.source.component.text();
    if component == crate::controllers::node_lifecycle::EVICTION {
        // It knows the pod by its name only, so that `describe` does not find what it tells.
        involved = involved.without("uid").without("resourceVersion");
    }
    let host = row.source.host.clone();
    let mut rest = value!({
        "involvedObject": involved, "reason": row.reason.text(), "message": &row.message,
        "type": if row.warning { "Warning" } else { "Normal" },
        "reportingComponent": component,
    });
    if row.source.modern {
        let instance = format!("{component}-control-plane");
        rest = rest
            .with("eventTime", time::micro_string(first * 1000))
            .with("reportingInstance", instance)
            .with(
                "action",
                if row.reason.text() == "Preempted" {
                    "Preempting"
                } else if row.warning {
                    "Scheduling"
                } else {
                    "Binding"
                },
            )
            .with("source", value!({}))
            .with("firstTimestamp", Value::Null)
            .with("lastTimestamp", Value::Null);
        if row.count > 1 {
            let seen = time::micro_string(last * 1000);
            rest = rest.with("series", value!({"count": row.count, "lastObservedTime": seen}));
        }
    } else {
        let mut source = value!({"component": component});
        if let Some(host) = &host {
            source = source.with("host", host);
        }
        rest = rest
            .with("source", source)
            .with("firstTimestamp", stamp(first))
            .with("lastTimestamp", stamp(last))
            .with("count", row.count)
            .with("eventTime", Value::Null)
            .with("reportingInstance", host.as_deref().unwrap_or(""));
    }
    Arc::new(Object {
        id: 0,
        kind: kinds::EVENT,
        namespace: place(row).into(),
        name: name(machines, number, row).into(),
        uid: Uid::draw(machines.clock.seed ^ 0xE7E7, u64::from(number)),
        revision: row.revision,
        created: first.div_euclid(1000),
        deleting: None,
        controller: None,
        node: None,
        metadata: Value::empty_map().into(),
        spec: Part::default(),
        status: Part::default(),
        rest: rest.into(),
        managed: Managed::default(),
        hash: 0,
    })
}

fn reference(about: &About, kind: &Kind) -> Value {
    let reference = value!({
        "kind": kind.kind, "name": &about.name, "uid": about.uid.to_string(),
        "apiVersion": kind.api_version(), "resourceVersion": about.revision.to_string(),
    });
    if about.namespace.is_empty() { reference } else { reference.with("namespace", &about.namespace) }
}

impl Cluster {
    /// Makes a stored object of a row, so that a client can change or delete it.
    pub(crate) fn settle_event(&mut self, machines: &mut Machines, namespace: &str, name: &str) {
        let rendered = self
            .events
            .rows
            .iter()
            .find(|(number, row)| place(row) == namespace && self::name(machines, **number, row) == name);
        let Some((number, row)) = rendered.map(|(n, r)| (*n, r.clone())) else { return };
        let event = object(machines, number, &row);
        self.events.rows.remove(&number);
        self.events.by_object.remove(&(row.about.id, number));
        self.store.next_id += 1;
        let id = self.store.next_id;
        self.store.put(Object { id, ..Object::clone(&event) });
    }
}
