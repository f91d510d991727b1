//! Admission: what the API server adds to and refuses of a well-formed request
//! (`k8s.io/kubernetes/plugin/pkg/admission`, v1.33): namespace lifecycle, service accounts, default
//! tolerations, priorities, default classes.

mod certificate;
mod limit_ranger;
pub(crate) mod node;
mod pod;
mod pod_security;
pub(crate) mod quota;
mod resources;
pub mod webhook;

use crate::addresses;
use crate::cluster::{Actor, Cluster};
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::{Object, Part, Uid};
use crate::rbac::escalation;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
pub(crate) use quota::{listed, usage};
pub(crate) use resources::{add, amounts};
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
        kinds::DAEMON_SET if !cluster.replay => template_generation(draft, None),
        _ if cluster.replay => {}
        kinds::POD => {
            limit_ranger::fill(cluster, draft);
            pod::admit(cluster, machines, draft)?;
        }
        kinds::PERSISTENT_VOLUME_CLAIM => {
            let mark = "storageclass.kubernetes.io/is-default-class";
            default_class(cluster, draft, kinds::STORAGE_CLASS, mark, "storageClassName");
            protect(draft, PVC_PROTECTION);
        }
        kinds::PERSISTENT_VOLUME => protect(draft, PV_PROTECTION),
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
    actor: &Actor,
    kind: KindId,
    record: &Kind,
    draft: &mut Draft,
    dry_run: bool,
) -> Result<quota::Charges, Status> {
    if cluster.replay {
        allocate(cluster, machines, kind, draft)?;
        return Ok(quota::Charges::new());
    }
    limit_ranger::check(cluster, kind, record, draft)?;
    if kind == kinds::NAMESPACE {
        pod_security::check_labels(record, draft)?;
    }
    let warnings = pod_security::judge(cluster, kind, draft)?;
    if actor.identity.is_some() {
        cluster.warn_client(warnings.iter().map(String::as_str));
    }
    if webhook::any(cluster) {
        let user = user_info(actor);
        let write = write_of(kind, record, "CREATE", draft, &user, dry_run);
        let object = cluster.assemble(kind, record, draft);
        webhook::validate(cluster, machines, &write, &object, &Value::Null)?;
    }
    let charges = quota::check(cluster, kind, record, draft, None)?;
    allocate(cluster, machines, kind, draft)?;
    Ok(charges)
}

fn user_info(actor: &Actor) -> Value {
    match &actor.identity {
        Some(user) => user.info(),
        None => value!({"username": &*actor.user, "groups": ["system:authenticated"]}),
    }
}

fn write_of<'a>(
    kind: KindId,
    record: &'a Kind,
    operation: &'static str,
    draft: &'a Draft,
    user: &'a Value,
    dry_run: bool,
) -> webhook::Write<'a> {
    webhook::Write {
        kind,
        record,
        operation,
        namespace: &draft.namespace,
        name: &draft.name,
        subresource: "",
        user,
        dry_run,
        exact: false,
    }
}

/// Lets mutating webhooks change a draft that defaults and plugins have seen.
#[allow(clippy::too_many_arguments)]
pub(crate) fn mutate(
    cluster: &mut Cluster,
    machines: &mut Machines,
    actor: &Actor,
    kind: KindId,
    record: &Kind,
    draft: &mut Draft,
    old: Option<&Arc<Object>>,
    dry_run: bool,
) -> Result<(), Status> {
    if cluster.replay || !webhook::any(cluster) {
        return Ok(());
    }
    let user = user_info(actor);
    let (namespace, name) = (draft.namespace.clone(), draft.name.clone());
    let operation = if old.is_some() { "UPDATE" } else { "CREATE" };
    let about = Draft { namespace, name, ..Draft::default() };
    let write = write_of(kind, record, operation, &about, &user, dry_run);
    cluster.mutate_draft(machines, &write, draft, old)
}

/// What is asked about an update that validation found to be good.
pub(crate) fn after_update(
    cluster: &mut Cluster,
    machines: &mut Machines,
    actor: &Actor,
    record: &Kind,
    draft: &Draft,
    old: &Arc<Object>,
    dry_run: bool,
) -> Result<quota::Charges, Status> {
    if cluster.replay {
        return Ok(quota::Charges::new());
    }
    let kind = old.kind;
    if kind == kinds::PERSISTENT_VOLUME_CLAIM && draft.spec != *old.spec() {
        limit_ranger::check(cluster, kind, record, draft)?;
    }
    let mut warnings = Vec::new();
    if kind == kinds::NAMESPACE && draft.metadata["labels"] != *old.labels() {
        pod_security::check_labels(record, draft)?;
        warnings = pod_security::existing(cluster, old, draft);
    } else if kind != kinds::POD && draft.spec != *old.spec() {
        warnings = pod_security::judge(cluster, kind, draft)?;
    }
    if actor.identity.is_some() {
        cluster.warn_client(warnings.iter().map(String::as_str));
    }
    if webhook::any(cluster) {
        let user = user_info(actor);
        let write = write_of(kind, record, "UPDATE", draft, &user, dry_run);
        let object = cluster.assemble(kind, record, draft);
        webhook::validate(cluster, machines, &write, &object, &old.value())?;
    }
    quota::check(cluster, kind, record, draft, Some(old))
}

/// Asks the validating webhooks about a deletion.
pub(crate) fn delete(
    cluster: &mut Cluster,
    machines: &mut Machines,
    actor: &Actor,
    record: &Kind,
    old: &Arc<Object>,
    dry_run: bool,
) -> Result<(), Status> {
    if cluster.replay || !webhook::any(cluster) {
        return Ok(());
    }
    let user = user_info(actor);
    let about = Draft { namespace: old.namespace.clone(), name: old.name.clone(), ..Draft::default() };
    let write = write_of(old.kind, record, "DELETE", &about, &user, dry_run);
    webhook::validate(cluster, machines, &write, &Value::Null, &old.value())
}

fn allocate(
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
    if old.kind == kinds::DAEMON_SET && !cluster.replay && draft.spec.is_map() {
        template_generation(draft, Some(old));
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

/// Daemon sets count changes of their template in an annotation, as of old.
fn template_generation(draft: &mut Draft, old: Option<&Object>) {
    const KEY: &str = "deprecated.daemonset.template.generation";
    let before = old.map_or(0, |old| old.annotation(KEY).parse::<i64>().unwrap_or(1));
    let changed = old.is_none_or(|old| old.spec()["template"] != draft.spec["template"]);
    let generation = (before + i64::from(changed)).max(1);
    draft.metadata = draft.metadata.with_at(&["annotations", KEY], generation.to_string());
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

/// Finalizers of what is in use (StorageObjectInUseProtection).
pub(crate) const PVC_PROTECTION: &str = "kubernetes.io/pvc-protection";
pub(crate) const PV_PROTECTION: &str = "kubernetes.io/pv-protection";

fn protect(draft: &mut Draft, finalizer: &str) {
    let list = &draft.metadata["finalizers"];
    if !list.items().iter().any(|f| f == finalizer) {
        draft.metadata = draft.metadata.with("finalizers", list.with_item(finalizer));
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
    /// Says something to the client of the request under way, in a `Warning` header.
    pub(crate) fn warn_client<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        for text in texts.filter(|t| !t.is_empty()) {
            if self.access.warnings.len() < 32 && !self.access.warnings.iter().any(|w| w == text) {
                self.access.warnings.push(text.to_string());
            }
        }
    }
    /// Writes the new usage of quotas.
    pub(crate) fn charge(&mut self, machines: &mut Machines, charges: quota::Charges) {
        const ACTOR: Actor = Actor::system("system:apiserver", "kube-apiserver");
        for (id, status) in charges {
            // A quota that went meanwhile counts no more.
            let _ = self.update_status(machines, &ACTOR, id, status);
        }
    }
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
