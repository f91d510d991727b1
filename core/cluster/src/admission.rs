//! Admission: what the API server adds to and refuses of a well-formed request
//! (`k8s.io/kubernetes/plugin/pkg/admission`, v1.33): namespace lifecycle, service accounts, default
//! tolerations, priorities.

use crate::cluster::{Actor, Cluster};
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::{Object, Part};
use crate::status::Status;
use drydock_container::Machines;
use std::sync::Arc;

/// Kinds admission of pods looks at: a write to one makes remembered answers void.
#[must_use]
pub(crate) fn depends_on(kind: KindId) -> bool {
    [
        kinds::NAMESPACE,
        kinds::SERVICE_ACCOUNT,
        kinds::PRIORITY_CLASS,
        kinds::LIMIT_RANGE,
        kinds::RESOURCE_QUOTA,
        kinds::RUNTIME_CLASS,
    ]
    .contains(&kind)
}

/// Namespace lifecycle: nothing new in a namespace that is not there or is going.
pub(crate) fn before_create(
    cluster: &Cluster,
    record: &Kind,
    _kind: KindId,
    draft: &Draft,
) -> Result<(), Status> {
    if !record.namespaced {
        return Ok(());
    }
    match cluster.find(kinds::NAMESPACE, "", &draft.namespace) {
        None => Err(Status::not_found(&kinds::NAMESPACE_KIND, &draft.namespace)),
        Some(namespace) if namespace.deleting.is_some() => {
            let why = format!(
                "unable to create new content in namespace {} because it is being terminated",
                draft.namespace
            );
            Err(Status::forbidden(record, &draft.name, &why))
        }
        Some(_) => Ok(()),
    }
}

pub(crate) fn create(
    _cluster: &mut Cluster,
    _machines: &mut Machines,
    _actor: &Actor,
    _kind: KindId,
    _draft: &mut Draft,
) -> Result<(), Status> {
    Ok(())
}

pub(crate) fn after_validation(
    _cluster: &mut Cluster,
    _machines: &mut Machines,
    _kind: KindId,
    _draft: &mut Draft,
) -> Result<(), Status> {
    Ok(())
}

pub(crate) fn update(
    _cluster: &mut Cluster,
    _machines: &mut Machines,
    _actor: &Actor,
    _old: &Arc<Object>,
    _draft: &mut Draft,
) -> Result<(), Status> {
    Ok(())
}

/// A pod's status once it is bound: condition PodScheduled.
pub(crate) fn scheduled(_machines: &Machines, pod: &Object) -> Part {
    pod.status.clone()
}
