//! Names of CustomResourceDefinitions: accepted unless another definition of the group has them, and then
//! established. Follows `apiextensions-apiserver/pkg/controller/{status,establish}` (v1.33).
//!
//! Left out: a kind is served as soon as its definition is written, until its names turn out to be taken.

use crate::access::actor;
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::custom::ending;
use crate::kinds;
use crate::object::{Id, Object, find_condition};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, quote, value};

const NAME: &str = "crd-naming-controller";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 20, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    if object.kind != kinds::CUSTOM_RESOURCE_DEFINITION {
        // The last object of a definition that goes.
        let waits = if change.is_removed() { ending::of(cluster, object.kind) } else { None };
        waits.into_iter().for_each(|definition| mark(definition.id));
        return;
    }
    if change.differs(|o| o.deleting.is_some()) {
        mark(object.id);
    }
    if change.is_created() || change.is_removed() || change.differs(|o| o.spec.hash) {
        let group = object.spec()["group"].text();
        let all = cluster.store.list(kinds::CUSTOM_RESOURCE_DEFINITION);
        all.filter(|other| other.spec()["group"].text() == group).for_each(|other| mark(other.id));
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let found = cluster.object(id).filter(|o| o.kind == kinds::CUSTOM_RESOURCE_DEFINITION);
    let Some(definition) = found else { return };
    if definition.deleting.is_some() {
        return ending::reconcile(cluster, machines, id, &definition);
    }
    let (accepted, problem) = accept(cluster, &definition);
    let now = Timestamp(machines.clock.unix()).to_rfc3339();
    let old = definition.status();
    let condition = |kind: &str, (status, reason, message): (&str, &str, &str)| {
        let known = find_condition(old, kind);
        let at = match known["status"] == status {
            true => known["lastTransitionTime"].clone(),
            false => now.as_str().into(),
        };
        value!({"lastTransitionTime": at, "message": message, "reason": reason, "status": status, "type": kind})
    };
    let established = find_condition(old, "Established")["status"] == "True";
    let names = match &problem {
        None => ("True", "NoConflicts", "no conflicts found"),
        Some((reason, message)) => ("False", *reason, message.as_str()),
    };
    let standing = match problem.is_none() || established {
        true => ("True", "InitialNamesAccepted", "the initial names have been accepted"),
        false => ("False", "NotAccepted", "not all names are accepted"),
    };
    let others = old["conditions"].items().iter();
    let others = others.filter(|c| c["type"] != "NamesAccepted" && c["type"] != "Established").cloned();
    let own = [condition("NamesAccepted", names), condition("Established", standing)];
    let conditions: Value = own.into_iter().chain(others).collect();
    let status = old.with("acceptedNames", accepted).with("conditions", conditions);
    if status != *old {
        let _ = cluster.update_status(machines, &actor(NAME), id, status);
    }
}

/// The names that are free, and the last that is not.
fn accept(cluster: &Cluster, definition: &Object) -> (Value, Option<(&'static str, String)>) {
    let (spec, status) = (definition.spec(), definition.status());
    let (wanted, current) = (&spec["names"], &status["acceptedNames"]);
    let others: Vec<Value> = cluster
        .store
        .list(kinds::CUSTOM_RESOURCE_DEFINITION)
        .filter(|o| o.id != definition.id && o.spec()["group"] == spec["group"])
        .map(|o| o.status()["acceptedNames"].clone())
        .collect();
    let taken = |text: &str| {
        others.iter().any(|names| {
            ["plural", "singular"].iter().any(|f| names[*f].text() == text)
                || names["shortNames"].items().iter().any(|s| s.text() == text)
        })
    };
    let taken_kind =
        |text: &str| others.iter().any(|n| n["kind"].text() == text || n["listKind"].text() == text);
    let own = |field: &str| wanted[field] == current[field];
    // Of several conflicts the last one found is told.
    let mut problem: Option<(&'static str, String)> = None;
    let in_use = |text: &str| format!("{} is already in use", quote::go(text));
    let mut accepted = wanted.clone();
    for (field, reason) in [("plural", "PluralConflict"), ("singular", "SingularConflict")] {
        let text = wanted[field].text();
        if taken(text) && !own(field) {
            problem = Some((reason, in_use(text)));
            accepted = accepted.with(field, current[field].text());
        }
    }
    if !own("shortNames") {
        let conflicts = wanted["shortNames"].items().iter().map(Value::text).filter(|s| taken(s));
        let conflicts: Vec<String> = conflicts.map(in_use).collect();
        let message = match conflicts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        if !conflicts.is_empty() {
            problem = Some(("ShortNamesConflict", message));
            accepted = accepted.without("shortNames");
        }
    }
    for (field, reason) in [("kind", "KindConflict"), ("listKind", "ListKindConflict")] {
        let text = wanted[field].text();
        if taken_kind(text) && !own(field) {
            problem = Some((reason, in_use(text)));
            accepted = accepted.with(field, current[field].text());
        }
    }
    (accepted, problem)
}
