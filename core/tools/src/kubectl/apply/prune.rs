//! `kubectl apply --prune`: deletes objects that were applied once, fit the selector, and are no longer
//! in the files.

use crate::cli::{Error, Invocation};
use crate::kubectl::builder::{Info, items_of};
use crate::kubectl::client::{Client, JSON, content, klog_line};
use crate::kubectl::common::DryRun;
use crate::kubectl::output::{LAST_APPLIED, Output};
use crate::kubectl::writing::with_dry_run;
use drydock_machinery::{Value, value};
use drydock_network::http::{Method, Request};
use std::collections::BTreeSet;

/// Kinds that are pruned unless told otherwise: group, kind.
const KINDS: &[(&str, &str)] = &[
    ("", "ConfigMap"),
    ("", "Endpoints"),
    ("", "Namespace"),
    ("", "PersistentVolumeClaim"),
    ("", "PersistentVolume"),
    ("", "Pod"),
    ("", "ReplicationController"),
    ("", "Secret"),
    ("", "Service"),
    ("batch", "Job"),
    ("batch", "CronJob"),
    ("networking.k8s.io", "Ingress"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
];

/// What was applied.
#[derive(Default)]
pub(super) struct Visited {
    uids: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Visited {
    pub(super) fn note(&mut self, info: &Info, object: &Value) {
        self.uids.insert(object["metadata"]["uid"].text().into());
        if info.resource.namespaced {
            self.namespaces.insert(info.namespace.clone());
        }
    }
}

/// Lists every kind and deletes what is left over.
pub(super) fn run(
    invocation: &mut Invocation<'_, '_>,
    client: &mut Client,
    output: &mut Output,
    visited: &Visited,
) -> Result<(), Error> {
    let discovery = client.discover(invocation.sys)?;
    let allowed = allowed(invocation)?;
    if invocation.list("prune-allowlist").is_empty() {
        let head = klog_line(invocation.sys, 'W', "prune.go:71");
        invocation.eprint(&format!("{head}Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.\n"));
    }
    for (group, kind) in allowed {
        let Some(resource) = discovery.group_kind(&group, &kind) else { continue };
        let namespaces: Vec<String> = match resource.namespaced {
            true => visited.namespaces.iter().cloned().collect(),
            // Namespaces and volumes are nobody's to lose by accident unless asked for.
            false => vec![String::new()],
        };
        for namespace in namespaces {
            let mut request = Request::get(resource.path(&namespace)).header("Accept", JSON);
            if !invocation.str("selector").is_empty() {
                request = request.query("labelSelector", invocation.str("selector"));
            }
            let list = client.call(invocation.sys, request)?;
            for object in items_of(&list) {
                let metadata = &object["metadata"];
                let applied = !metadata["annotations"][LAST_APPLIED].is_null();
                if !applied || visited.uids.contains(metadata["uid"].text()) {
                    continue;
                }
                if output.dry_run != DryRun::Client {
                    let path = resource.object_path(&namespace, metadata["name"].text());
                    let body = value!({"propagationPolicy": "Background"});
                    let request = Client::write(Method::Delete, &path, content::JSON, body);
                    client.call(invocation.sys, with_dry_run(request, output.dry_run))?;
                }
                output.print(invocation.sys, &object, "pruned")?;
            }
        }
    }
    Ok(())
}

fn allowed(invocation: &Invocation<'_, '_>) -> Result<Vec<(String, String)>, Error> {
    let given = invocation.list("prune-allowlist");
    if given.is_empty() {
        return Ok(KINDS.iter().map(|(g, k)| ((*g).to_string(), (*k).to_string())).collect());
    }
    let mut out = Vec::new();
    for text in given {
        match text.split('/').collect::<Vec<_>>().as_slice() {
            [group, _version, kind] => {
                let group = if *group == "core" { "" } else { group };
                out.push((group.to_string(), (*kind).to_string()));
            }
            _ => {
                return Err(Error::new(format_args!(
                    "invalid GroupVersionKind format: {text}, please follow <group/version/kind>"
                )));
            }
        }
    }
    Ok(out)
}
