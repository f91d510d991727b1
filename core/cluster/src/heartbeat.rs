//! Node heartbeats, worked out on reading: a real kubelet renews its lease every 10 s and its node's
//! status every 5 min, which would be half of all writes of a quiet cluster.

use crate::kinds;
use crate::object::Object;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, time};

/// Seconds between lease renewals, and between status reports of a node that does not change.
const RENEW: i64 = 10;
const REPORT: i64 = 300;

/// The object as served.
pub(crate) fn fresh(machines: &Machines, object: &Object) -> Value {
    let value = object.value();
    let now = machines.clock.unix();
    match object.kind {
        kinds::LEASE if &*object.namespace == "kube-node-lease" && is_beating(object) => {
            let at = object.created + (now - object.created) / RENEW * RENEW;
            value.with_at(&["spec", "renewTime"], time::micro_string(at * 1_000_000 + 123_456))
        }
        kinds::NODE => {
            let beat = |condition: &Value| {
                if condition["status"] == "Unknown" {
                    return condition.clone();
                }
                let since =
                    Timestamp::parse(condition["lastHeartbeatTime"].text()).map_or(object.created, |t| t.0);
                let at = since + (now - since).max(0) / REPORT * REPORT;
                condition.with("lastHeartbeatTime", Timestamp(at).to_rfc3339())
            };
            let conditions: Value = object.status()["conditions"].items().iter().map(beat).collect();
            if conditions.is_empty() { value } else { value.with_at(&["status", "conditions"], conditions) }
        }
        _ => value,
    }
}

/// A lease whose node has stopped keeps the time it was last renewed: its writer stores `renewTime`.
fn is_beating(lease: &Object) -> bool {
    lease.spec().get("renewTime").is_null()
}
