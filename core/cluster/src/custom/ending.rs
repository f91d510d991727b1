//! The end of a CustomResourceDefinition: it waits until its last object is gone
//! (`apiextensions-apiserver/pkg/{registry/customresourcedefinition,controller/finalizer}`, v1.33).

use crate::access::actor;
use crate::cluster::Cluster;
use crate::delete::DeleteOptions;
use crate::door::Edit;
use crate::kinds::{self, KindId};
use crate::object::{Id, Object, find_condition};
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};

/// Held by every definition that is being deleted.
pub(crate) const FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";
const NAME: &str = "crd-finalizer";

/// Whether a deletion of this object is the first one of a definition.
pub(crate) fn begins(cluster: &Cluster, old: &Object) -> bool {
    let definition = old.kind == kinds::CUSTOM_RESOURCE_DEFINITION && !cluster.replay && cluster.alive;
    definition && old.deleting.is_none() && !old.finalizers().iter().any(|f| *f == FINALIZER)
}

/// The status of a definition whose deletion begins.
pub(crate) fn begin(cluster: &Cluster, machines: &Machines, old: &Object) -> Option<Value> {
    let message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    begins(cluster, old).then(|| with(machines, old, "True", "InstanceDeletionPending", message))
}

fn with(machines: &Machines, definition: &Object, status: &str, reason: &str, message: &str) -> Value {
    let old = definition.status();
    let known = find_condition(old, "Terminating");
    let since = match known["status"] == status {
        true => known["lastTransitionTime"].clone(),
        false => Timestamp(machines.clock.unix()).to_rfc3339().into(),
    };
    let own = value!({
        "lastTransitionTime": since, "message": message, "reason": reason, "status": status,
        "type": "Terminating",
    });
    let others = old["conditions"].items().iter().filter(|c| c["type"] != "Terminating").cloned();
    old.with("conditions", others.chain([own]).collect::<Value>())
}

/// The kind a definition makes, served or not.
fn kind_of(cluster: &Cluster, definition: &Object) -> Option<KindId> {
    let (group, plural) = (definition.spec()["group"].text(), definition.spec()["names"]["plural"].text());
    let mut all = cluster.dynamic.iter().chain(cluster.dormant.iter());
    all.find(|(_, k)| k.group == group && k.plural == plural).map(|(id, _)| *id)
}

/// The definition of a dynamic kind, if it is being deleted.
pub(crate) fn of(cluster: &Cluster, kind: KindId) -> Option<&Object> {
    let record = cluster.kind(kind).filter(|_| kinds::builtin(kind).is_none())?;
    let name = format!("{}.{}", record.plural, record.group);
    let definition = cluster.find(kinds::CUSTOM_RESOURCE_DEFINITION, "", &name)?;
    definition.deleting.is_some().then_some(&**definition)
}

/// No new objects of a definition that goes.
///
/// # Errors
/// The refusal of the request's verb.
pub(crate) fn refuse(cluster: &Cluster, kind: KindId, verb: &str) -> Result<(), Status> {
    if cluster.replay || of(cluster, kind).is_none() {
        return Ok(());
    }
    let why = format!("{verb} not allowed while custom resource definition is terminating");
    Err(Status { message: why, ..Status::method_not_allowed() })
}

/// Deletes what there is of a definition that goes; without any it is let go.
pub(crate) fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id, definition: &Object) {
    if !definition.finalizers().iter().any(|f| *f == FINALIZER) {
        return;
    }
    let Some(kind) = kind_of(cluster, definition) else { return release(cluster, machines, id, definition) };
    let options = DeleteOptions { propagation: "Background".into(), ..DeleteOptions::default() };
    let all: Vec<_> = cluster.store.list(kind).map(|o| (o.id, o.deleting.is_some())).collect();
    for (object, _) in all.iter().filter(|(_, going)| !going) {
        // What is gone meanwhile need not be deleted.
        let _ = cluster.delete(machines, &actor(NAME), *object, &options);
    }
    if cluster.store.list(kind).next().is_none() {
        return release(cluster, machines, id, definition);
    }
    let message = "CustomResource deletion is in progress";
    let status = with(machines, definition, "True", "InstanceDeletionInProgress", message);
    if status != *definition.status() {
        let _ = cluster.update_status(machines, &actor(NAME), id, status);
    }
}

fn release(cluster: &mut Cluster, machines: &mut Machines, id: Id, definition: &Object) {
    let left: Vec<Value> = definition.finalizers().iter().filter(|f| **f != FINALIZER).cloned().collect();
    let metadata = match left.is_empty() {
        true => definition.metadata.value.without("finalizers"),
        false => definition.metadata.value.with("finalizers", left),
    };
    let _ = cluster.update(machines, &actor(NAME), id, None, Edit::metadata(metadata));
}
