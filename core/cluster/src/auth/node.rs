//! The node authorizer (`plugin/pkg/auth/authorizer/node`, v1.33), light: a kubelet reads the secrets,
//! config maps, claims and volumes its pods refer to, asks tokens for their service accounts, and keeps
//! its own lease. Everything else it may do is in role `system:node`, as rules.

use super::User;
use super::authorize::{Attributes, Verdict};
use crate::cluster::Cluster;
use crate::kinds;
use crate::object::Object;
use drydock_machinery::Value;
use std::sync::Arc;

/// The node a user is the kubelet of.
#[must_use]
pub(crate) fn node_of(user: &User) -> Option<&str> {
    let name = user.name.strip_prefix("system:node:")?;
    user.is_in("system:nodes").then_some(name)
}

pub(crate) fn authorize(cluster: &Cluster, asked: &Attributes<'_>) -> Verdict {
    let no = |reason: &str| Verdict::NoOpinion(reason.into());
    let Some(node) = node_of(asked.user) else { return no("") };
    let reads = matches!(asked.verb, "get" | "list" | "watch");
    match (asked.group, asked.resource) {
        ("", "secrets" | "configmaps") => {
            if !reads {
                return no("can only read resources of this type");
            }
            if !asked.subresource.is_empty() {
                return no("cannot read subresource");
            }
            if asked.namespace.is_empty() {
                return no("can only read namespaced object of this type");
            }
            related(cluster, node, asked)
        }
        ("", "persistentvolumeclaims" | "persistentvolumes") => {
            if asked.verb != "get" {
                return no("can only get individual resources of this type");
            }
            related(cluster, node, asked)
        }
        ("", "serviceaccounts") if asked.subresource == "token" => {
            if asked.verb != "create" {
                return no("only create is supported for a service account's token");
            }
            related(cluster, node, asked)
        }
        ("coordination.k8s.io", "leases") => {
            let own = asked.namespace == "kube-node-lease" && (asked.name == node || asked.verb == "create");
            if own {
                Verdict::Allow(String::new())
            } else {
                no("can only access node lease with the same name as the requesting node")
            }
        }
        _ => {
            let rules = rules(asked);
            if rules { Verdict::Allow(String::new()) } else { no("") }
        }
    }
}

fn related(cluster: &Cluster, node: &str, asked: &Attributes<'_>) -> Verdict {
    if asked.name.is_empty() {
        return Verdict::NoOpinion("No Object name found".into());
    }
    let mut pods = cluster.store.list(kinds::POD).filter(|pod| pod.spec()["nodeName"] == node);
    let found = pods.any(|pod| {
        let same = asked.namespace.is_empty() || *pod.namespace == *asked.namespace;
        same && refers(cluster, pod, asked.resource, asked.name)
    });
    if found {
        return Verdict::Allow(String::new());
    }
    Verdict::NoOpinion(format!("no relationship found between node '{node}' and this object"))
}

/// True when a pod's spec names the object.
fn refers(cluster: &Cluster, pod: &Arc<Object>, resource: &str, name: &str) -> bool {
    let spec = pod.spec();
    let containers = || spec["containers"].items().iter().chain(spec["initContainers"].items());
    let env = |field: &str, reference: &str| {
        containers().any(|c| {
            c["envFrom"].items().iter().any(|e| e[reference]["name"] == name)
                || c["env"].items().iter().any(|e| e["valueFrom"][field]["name"] == name)
        })
    };
    let volumes = || spec["volumes"].items().iter();
    let projected = |source: &str| {
        volumes().any(|v| v["projected"]["sources"].items().iter().any(|s| s[source]["name"] == name))
    };
    let claims = |claim: &Value| claim["persistentVolumeClaim"]["claimName"].text().to_string();
    match resource {
        "secrets" => {
            env("secretKeyRef", "secretRef")
                || projected("secret")
                || volumes().any(|v| v["secret"]["secretName"] == name)
                || spec["imagePullSecrets"].items().iter().any(|s| s["name"] == name)
        }
        "configmaps" => {
            env("configMapKeyRef", "configMapRef")
                || projected("configMap")
                || volumes().any(|v| v["configMap"]["name"] == name)
        }
        "serviceaccounts" => spec["serviceAccountName"] == name,
        "persistentvolumeclaims" => volumes().any(|v| claims(v) == name),
        _ => volumes().any(|v| {
            let claim = cluster.find(kinds::PERSISTENT_VOLUME_CLAIM, &pod.namespace, &claims(v));
            claim.is_some_and(|c| c.spec()["volumeName"] == name)
        }),
    }
}

/// The static rules of nodes (`bootstrappolicy.NodeRules`).
fn rules(asked: &Attributes<'_>) -> bool {
    let reads = matches!(asked.verb, "get" | "list" | "watch");
    let writes = matches!(asked.verb, "create" | "patch" | "update");
    match (asked.group, asked.resource, asked.subresource) {
        ("authentication.k8s.io", "tokenreviews", "") => asked.verb == "create",
        ("authorization.k8s.io", "subjectaccessreviews" | "localsubjectaccessreviews", "") => {
            asked.verb == "create"
        }
        ("", "services", "") => reads,
        ("", "nodes", "") => reads || writes,
        ("", "nodes" | "pods", "status") => matches!(asked.verb, "patch" | "update"),
        ("" | "events.k8s.io", "events", "") => writes,
        ("", "pods", "") => reads || matches!(asked.verb, "create" | "delete"),
        ("", "pods", "eviction") => asked.verb == "create",
        ("", "endpoints", "") => asked.verb == "get",
        ("certificates.k8s.io", "certificatesigningrequests", "") => reads || asked.verb == "create",
        ("storage.k8s.io", "volumeattachments", "") => asked.verb == "get",
        ("storage.k8s.io", "csidrivers" | "csinodes", "") => reads || writes,
        ("node.k8s.io", "runtimeclasses", "") => reads,
        _ => false,
    }
}
