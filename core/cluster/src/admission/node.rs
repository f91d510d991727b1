//! NodeRestriction (`plugin/pkg/admission/noderestriction`, v1.33): a kubelet changes its own node and
//! pods only, and not the labels that decide what may run on it.

use crate::auth::User;
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::Object;
use crate::status::Status;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

/// Labels of the project a kubelet may set on its node.
const OWN: &[&str] = &[
    "kubernetes.io/hostname",
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/instance-type",
    "node.kubernetes.io/instance-type",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
];

fn refuse(record: &Kind, name: &str, why: &str) -> Status {
    Status::forbidden(record, name, why)
}

/// Checks what a kubelet creates or changes; `old` is what it changes.
pub(super) fn check(
    user: &User,
    kind: KindId,
    record: &Kind,
    draft: &Draft,
    old: Option<&Object>,
) -> Result<(), Status> {
    let Some(node) = crate::auth::node_name(user) else { return Ok(()) };
    let name = &draft.name;
    match kind {
        kinds::NODE => {
            if **name != *node {
                let why = format!("node \"{node}\" is not allowed to modify node \"{name}\"");
                return Err(refuse(record, name, &why));
            }
            let none = Value::Null;
            let before = old.map_or(&none, |o| o.labels());
            let labels = forbidden(before, &draft.metadata["labels"]);
            if !labels.is_empty() {
                let verb = if old.is_some() { "modify" } else { "set" };
                let why = format!("is not allowed to {verb} labels: {}", labels.join(", "));
                return Err(refuse(record, name, &why));
            }
            if old.is_some_and(|o| o.spec()["taints"] != draft.spec["taints"]) {
                return Err(refuse(
                    record,
                    name,
                    &format!("node \"{node}\" is not allowed to modify taints"),
                ));
            }
        }
        kinds::POD => {
            let bound = old.map_or(draft.spec["nodeName"].text(), |o| o.spec()["nodeName"].text());
            let mirror = draft.metadata["annotations"].find("kubernetes.io/config.mirror").is_some();
            let why = match old {
                None if !mirror => format!(
                    "pod does not have \"kubernetes.io/config.mirror\" annotation, node \"{node}\" can only create mirror pods"
                ),
                None if bound != node => {
                    format!("node \"{node}\" can only create pods with spec.nodeName set to itself")
                }
                Some(_) if bound != node => format!(
                    "node \"{node}\" can only update pod status for pods with spec.nodeName set to itself"
                ),
                _ => return Ok(()),
            };
            return Err(refuse(record, name, &why));
        }
        _ => {}
    }
    Ok(())
}

/// A kubelet deletes pods of its own node only.
pub(crate) fn check_delete(user: &User, record: &Kind, old: &Object) -> Result<(), Status> {
    let Some(node) = crate::auth::node_name(user) else { return Ok(()) };
    if old.kind == kinds::POD && old.spec()["nodeName"] != node {
        let why = format!("node \"{node}\" can only delete pods with spec.nodeName set to itself");
        return Err(refuse(record, &old.name, &why));
    }
    Ok(())
}

/// Changed labels that are not a kubelet's to change, sorted.
fn forbidden(before: &Value, after: &Value) -> Vec<String> {
    let changed = |(key, text): &(drydock_machinery::Sym, Value), other: &Value| {
        (other.field(*key) != text).then(|| key.text().to_string())
    };
    let mut keys: Vec<String> = after.entries().iter().filter_map(|e| changed(e, before)).collect();
    keys.extend(before.entries().iter().filter_map(|e| changed(e, after)));
    keys.retain(|key| {
        let prefix = key.split_once('/').map_or("", |k| k.0);
        let within = |domain: &str| {
            prefix.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if within("node-restriction.kubernetes.io") {
            return true;
        }
        let free =
            OWN.contains(&key.as_str()) || within("kubelet.kubernetes.io") || within("node.kubernetes.io");
        (within("kubernetes.io") || within("k8s.io")) && !free
    });
    keys.arrange();
    keys.dedup();
    keys
}
