//! Admission: what the API server adds to and refuses of a well-formed request
//! (`k8s.io/kubernetes/plugin/pkg/admission`, v1.33): namespace lifecycle, service accounts, default
//! tolerations, priorities, default classes.

mod certificate;
pub(crate) mod node;
mod pod;

use crate::addresses;
use crate::cluster::{Actor, Cluster};
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::{Object, Part, Uid};
use crate::rbac::escalation;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
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
            let name = &draft.namespace;
            let why =
                format!("unable to create new content in namespace {name} because it is being terminated");
            let status = Status::forbidden(record, &draft.name, &why);
            let cause = value!({
                "reason": "NamespaceTerminating", "message": format!("namespace {name} is being terminated"),
                "field": "metadata.namespace",
            });
            let details = status.details.with("causes", value!([cause]));
            Err(status.with_details(details))
        }
        Some(_) => Ok(()),
    }
}

/// Changes and refusals of a new object, after its defaults.
pub(crate) fn create(
    cluster: &mut Cluster,
    machines: &mut Machines,
    actor: &Actor,
    kind: KindId,
    draft: &mut Draft,
) -> Result<(), Status> {
    if let (Some(user), Some(record)) = (&actor.identity, cluster.kind(kind)) {
        node::check(user, kind, record, draft, None)?;
        escalation::check(cluster, actor, kind, record, draft, None)?;
    }
    match kind {
        kinds::NAMESPACE => draft.spec = value!({"finalizers": ["kubernetes"]}),
        kinds::JOB => job(cluster, machines, draft),
        _ if cluster.replay => {}
        kinds::POD => pod::admit(cluster, machines, draft)?,
        kinds::PERSISTENT_VOLUME_CLAIM => default_class(
            cluster,
            draft,
            kinds::STORAGE_CLASS,
            "storageclass.kubernetes.io/is-default-class",
            "storageClassName",
        ),
        kinds::INGRESS => default_class(
            cluster,
            draft,
            kinds::INGRESS_CLASS,
            "ingressclass.kubernetes.io/is-default-class",
            "ingressClassName",
        ),
        kinds::NODE if cluster.alive => not_ready(draft),
        kinds::CERTIFICATE_SIGNING_REQUEST => certificate::create(actor, draft)?,
        _ => {}
    }
    Ok(())
}

/// What is allocated once an object is known to be good.
pub(crate) fn after_validation(
    cluster: &mut Cluster,
    machines: &mut Machines,
    kind: KindId,
    draft: &mut Draft,
) -> Result<(), Status> {
    if kind == kinds::SERVICE {
        draft.spec = addresses::allocate(cluster, machines, &draft.name, &draft.spec, None)?;
    }
    let labels = draft.spec.at(&["template", "metadata", "labels"]);
    if kind == kinds::JOB && !cluster.replay && draft.metadata.get("labels").is_empty() && !labels.is_empty()
    {
        // A job without labels of its own wears its template's, once it is stored.
        draft.metadata = draft.metadata.with("labels", labels);
    }
    Ok(())
}

/// Changes and refusals of an update, after its defaults.
pub(crate) fn update(
    cluster: &mut Cluster,
    machines: &mut Machines,
    actor: &Actor,
    old: &Arc<Object>,
    draft: &mut Draft,
) -> Result<(), Status> {
    if let (Some(user), Some(record)) = (&actor.identity, cluster.kind(old.kind)) {
        node::check(user, old.kind, record, draft, Some(old))?;
        escalation::check(cluster, actor, old.kind, record, draft, Some(old))?;
    }
    if old.kind == kinds::CERTIFICATE_SIGNING_REQUEST && !cluster.replay {
        certificate::update(cluster, actor, old, draft)?;
        certificate::stamped(draft, old, &Timestamp(machines.clock.unix()).to_rfc3339());
    }
    if old.kind == kinds::SERVICE && draft.spec.is_map() {
        draft.spec = addresses::keep(&draft.spec, old.spec());
        draft.spec = addresses::allocate(cluster, machines, &old.name, &draft.spec, Some(old))?;
    }
    if old.kind == kinds::POD && !cluster.replay && draft.spec["tolerations"] != old.spec()["tolerations"] {
        pod::tolerations(draft);
    }
    if old.kind == kinds::CUSTOM_RESOURCE_DEFINITION && !cluster.replay {
        // A version objects are stored in is remembered for as long as nobody says that none are left.
        let stored = &draft.status["storedVersions"];
        if let Some(name) = kinds::crd::storage(&draft.spec).filter(|n| !stored.items().contains(n)) {
            draft.status = draft.status.with("storedVersions", stored.with_item(name));
        }
    }
    if old.kind == kinds::NAMESPACE && draft.spec.is_null() {
        draft.spec = old.spec().clone();
    }
    Ok(())
}

/// The class marked as default, where a claim or an ingress names none.
fn default_class(cluster: &Cluster, draft: &mut Draft, kind: KindId, mark: &str, field: &str) {
    if draft.spec.find(field).is_some() {
        return;
    }
    // Of several default classes the newest wins.
    let classes = cluster.store.list(kind).filter(|class| class.annotation(mark) == "true");
    if let Some(class) = classes.max_by_key(|class| class.created) {
        draft.spec = draft.spec.with(field, &class.name);
    }
}

/// A node begins as not ready until its kubelet has reported (TaintNodesByCondition).
fn not_ready(draft: &mut Draft) {
    let key = "node.kubernetes.io/not-ready";
    let taints = &draft.spec["taints"];
    if !taints.items().iter().any(|t| t["key"] == key) {
        draft.spec =
            draft.spec.with("taints", taints.with_item(value!({"key": key, "effect": "NoSchedule"})));
    }
}

/// A job's selector and its pods' labels carry its uid, unless it selects by hand.
fn job(cluster: &Cluster, machines: &Machines, draft: &mut Draft) {
    if draft.spec["manualSelector"].bool() || !draft.spec.is_map() {
        return;
    }
    let uid = Uid::draw(machines.clock.seed, u64::from(cluster.store.next_id + 1)).to_string();
    let path = ["template", "metadata", "labels"];
    let mut labels = draft.spec.at(&path).clone();
    for (key, text) in [
        ("batch.kubernetes.io/controller-uid", uid.as_str()),
        ("batch.kubernetes.io/job-name", &draft.name),
        ("controller-uid", uid.as_str()),
        ("job-name", &draft.name),
    ] {
        // What was written by hand stays, for validation to refuse it.
        if labels.find(key).is_none() {
            labels = labels.with(key, text);
        }
    }
    let place = ["selector", "matchLabels", "batch.kubernetes.io/controller-uid"];
    let spec = draft.spec.with_at(&path, labels);
    draft.spec = if spec.at(&place).is_null() { spec.with_at(&place, uid) } else { spec };
}

impl Cluster {
    /// A pod's status once it is bound: condition PodScheduled. Pods bound in the same second share it.
    pub(crate) fn scheduled_status(&mut self, machines: &Machines, pod: &Object) -> Part {
        let now = machines.clock.unix();
        if let Some(part) = self.shares.scheduled(pod.status.hash, now) {
            return part;
        }
        let condition = value!({
            "type": "PodScheduled", "status": "True", "lastProbeTime": null,
            "lastTransitionTime": Timestamp(now).to_rfc3339(),
        });
        let status = pod.status();
        let others = status["conditions"].items().iter().filter(|c| c["type"] != "PodScheduled").cloned();
        let conditions: Value = others.chain([condition]).collect();
        let part = Part::from(status.with("conditions", conditions));
        self.shares.remember_scheduled(pod.status.hash, now, part.clone());
        part
    }
}
