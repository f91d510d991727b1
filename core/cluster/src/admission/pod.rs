//! Admission of pods: service account and its token volume, default tolerations, priority, runtime
//! class.

use crate::cluster::Cluster;
use crate::draft::Draft;
use crate::kinds;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::digest::hash_bytes;
use drydock_machinery::{Value, random, value};

const MOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

pub(super) fn admit(cluster: &Cluster, machines: &Machines, draft: &mut Draft) -> Result<(), Status> {
    if !draft.spec.is_map() {
        return Ok(());
    }
    service_account(cluster, machines, draft)?;
    tolerations(draft);
    priority(cluster, draft)?;
    runtime_class(cluster, draft)
}

fn forbidden(draft: &Draft, why: &str) -> Status {
    Status::forbidden(&kinds::POD_KIND, &draft.name, why)
}

fn service_account(cluster: &Cluster, machines: &Machines, draft: &mut Draft) -> Result<(), Status> {
    // Static pods' mirrors have no account.
    if draft.metadata["annotations"].find("kubernetes.io/config.mirror").is_some() {
        return Ok(());
    }
    if draft.spec["serviceAccountName"].is_empty() {
        draft.spec = draft.spec.with("serviceAccountName", "default").with("serviceAccount", "default");
    }
    let name = draft.spec["serviceAccountName"].text();
    let Some(account) = cluster.find(kinds::SERVICE_ACCOUNT, &draft.namespace, name) else {
        let namespace = &draft.namespace;
        let why = format!(
            "error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found"
        );
        return Err(forbidden(draft, &why));
    };
    if draft.spec["imagePullSecrets"].is_empty() && !account.field("imagePullSecrets").is_empty() {
        draft.spec = draft.spec.with("imagePullSecrets", account.field("imagePullSecrets"));
    }
    let wanted = draft.spec["automountServiceAccountToken"].as_bool();
    let wanted = wanted.or_else(|| account.field("automountServiceAccountToken").as_bool());
    if wanted.unwrap_or(true) {
        mount_token(machines, draft);
    }
    Ok(())
}

/// Adds the projected volume of token, root certificate and namespace, and mounts it everywhere.
fn mount_token(machines: &Machines, draft: &mut Draft) {
    let is_mounted = |c: &Value| c["volumeMounts"].items().iter().any(|m| m["mountPath"] == MOUNT);
    let lists = ["containers", "initContainers"];
    if lists.iter().all(|list| draft.spec[*list].items().iter().all(is_mounted)) {
        return;
    }
    // The suffix depends on what is asked for, so that replicas keep one spec between them.
    let asked = draft.metadata.content_hash() ^ draft.spec.content_hash().rotate_left(7);
    let salt = machines.clock.chance(asked ^ hash_bytes(draft.namespace.as_bytes()), u64::MAX);
    let digits: String = format!("{salt:010}").chars().rev().take(5).collect();
    let name = format!("kube-api-access-{}", random::safe_encode(&digits));
    let volume = value!({"name": &name, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
        {"downwardAPI": {"items": [
            {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"},
        ]}},
    ]}});
    let mount = value!({"mountPath": MOUNT, "name": &name, "readOnly": true});
    for list in lists {
        if draft.spec[list].is_empty() {
            continue;
        }
        let mounted = draft.spec[list].items().iter().map(|container| {
            if is_mounted(container) {
                return container.clone();
            }
            container.with("volumeMounts", container["volumeMounts"].with_item(&mount))
        });
        let mounted: Value = mounted.collect();
        draft.spec = draft.spec.with(list, mounted);
    }
    draft.spec = draft.spec.with("volumes", draft.spec["volumes"].with_item(volume));
}

/// Every pod may stay five minutes on a node that is not ready or not reachable.
pub(super) fn tolerations(draft: &mut Draft) {
    let mut list = draft.spec["tolerations"].clone();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covered = list.items().iter().any(|t| {
            (t["key"] == key || t["key"].is_empty()) && (t["effect"] == "NoExecute" || t["effect"].is_empty())
        });
        if !covered {
            list = list.with_item(value!({
                "effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300,
            }));
        }
    }
    draft.spec = draft.spec.with("tolerations", list);
}

fn priority(cluster: &Cluster, draft: &mut Draft) -> Result<(), Status> {
    let name = draft.spec["priorityClassName"].text();
    let class = if name.is_empty() {
        cluster.store.list(kinds::PRIORITY_CLASS).find(|class| class.field("globalDefault").bool())
    } else {
        let found = cluster.find(kinds::PRIORITY_CLASS, "", name);
        let missing = format!("no PriorityClass with name {name} was found");
        Some(found.ok_or_else(|| forbidden(draft, &missing))?)
    };
    let (value, policy) = match class {
        Some(class) => (class.field("value").int(), class.field("preemptionPolicy").text()),
        None => (0, "PreemptLowerPriority"),
    };
    if let Some(given) = draft.spec["priority"].as_int().filter(|given| *given != value) {
        let why = format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission \
             controller computed {value} from the given PriorityClass name"
        );
        return Err(forbidden(draft, &why));
    }
    let given = draft.spec["preemptionPolicy"].text();
    if !given.is_empty() && given != policy {
        let why = format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority \
             admission controller computed {policy} from the given PriorityClass name"
        );
        return Err(forbidden(draft, &why));
    }
    let class = class.cloned();
    if let Some(class) = class.filter(|_| name.is_empty()) {
        draft.spec = draft.spec.with("priorityClassName", &class.name);
    }
    draft.spec = draft.spec.with("priority", value).with("preemptionPolicy", policy);
    Ok(())
}

fn runtime_class(cluster: &Cluster, draft: &Draft) -> Result<(), Status> {
    let name = draft.spec["runtimeClassName"].text();
    if !name.is_empty() && cluster.find(kinds::RUNTIME_CLASS, "", name).is_none() {
        return Err(forbidden(draft, &format!("pod rejected: RuntimeClass \"{name}\" not found")));
    }
    if name.is_empty() && !draft.spec["overhead"].is_empty() {
        let why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
        return Err(forbidden(draft, why));
    }
    Ok(())
}
