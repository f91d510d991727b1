//! Which pods of a node drain may touch: mirror and finished pods, DaemonSets' pods, pods with local
//! data, pods nobody would bring back.

use super::Options;
use crate::kubectl::client::{Client, PROTO};
use drydock_container::Sys;
use drydock_machinery::Value;

/// What a filter says of a pod.
enum Verdict {
    Go,
    /// Stays and is not talked of.
    Stay,
    /// Stays, or goes, with a warning.
    Warn {
        goes: bool,
        what: &'static str,
    },
    Refuse(&'static str),
}

const DAEMON_SET: &str = "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
const LOCAL_DATA: &str = "cannot delete Pods with local storage (use --delete-emptydir-data to override)";
// The doubled words are upstream's own.
const UNMANAGED: &str =
    "cannot delete cannot delete Pods that declare no controller (use --force to override)";

/// The pods to evict and the warnings about some of them, or everything that forbids the drain.
pub(super) fn choose(
    sys: &mut Sys<'_>,
    client: &Client,
    options: &Options,
    pods: Vec<Value>,
) -> Result<(Vec<Value>, String), Vec<String>> {
    let mut leaving = Vec::new();
    let mut warnings: Vec<(&str, Vec<String>)> = Vec::new();
    let mut refusals: Vec<(&str, Vec<String>)> = Vec::new();
    for pod in pods {
        let title = format!("{}/{}", pod["metadata"]["namespace"].text(), pod["metadata"]["name"].text());
        let (mut goes, mut refused, mut warned) = (true, None, None);
        for filter in [daemon_set, mirror, local_data, unmanaged] {
            match filter(sys, client, options, &pod) {
                Verdict::Go => {}
                Verdict::Stay => goes = false,
                Verdict::Warn { goes: still, what } => {
                    goes &= still;
                    warned = Some(what);
                }
                Verdict::Refuse(why) => {
                    goes = false;
                    refused = Some(why);
                }
            }
            // The first filter that keeps a pod has the last word.
            if !goes {
                break;
            }
        }
        if let Some(why) = refused {
            note(&mut refusals, why, title);
        } else {
            if let Some(what) = warned {
                note(&mut warnings, what, title);
            }
            if goes {
                leaving.push(pod);
            }
        }
    }
    if !refusals.is_empty() {
        return Err(refusals.iter().map(|(why, pods)| format!("{why}: {}", pods.join(", "))).collect());
    }
    let warnings: Vec<String> =
        warnings.iter().map(|(what, pods)| format!("{what}: {}", pods.join(", "))).collect();
    Ok((leaving, warnings.join("; ")))
}

fn note(list: &mut Vec<(&'static str, Vec<String>)>, what: &'static str, pod: String) {
    match list.iter_mut().find(|(known, _)| *known == what) {
        Some((_, pods)) => pods.push(pod),
        None => list.push((what, vec![pod])),
    }
}

fn controller(pod: &Value) -> Option<&Value> {
    pod["metadata"]["ownerReferences"].items().iter().find(|r| r["controller"].bool())
}

fn is_finished(pod: &Value) -> bool {
    ["Succeeded", "Failed"].contains(&pod["status"]["phase"].text())
}

fn daemon_set(sys: &mut Sys<'_>, client: &Client, options: &Options, pod: &Value) -> Verdict {
    let Some(owner) = controller(pod).filter(|r| r["kind"] == "DaemonSet") else { return Verdict::Go };
    if is_finished(pod) {
        return Verdict::Go;
    }
    let path = format!(
        "/apis/apps/v1/namespaces/{}/daemonsets/{}",
        pod["metadata"]["namespace"].text(),
        owner["name"].text()
    );
    match client.get(sys, &path, PROTO) {
        // Without its DaemonSet nobody brings the pod back.
        Err(_) if options.force => {
            Verdict::Warn { goes: true, what: "deleting Pods that declare no controller" }
        }
        Err(_) => Verdict::Refuse(UNMANAGED),
        Ok(_) if options.ignore_daemon_sets => {
            Verdict::Warn { goes: false, what: "ignoring DaemonSet-managed Pods" }
        }
        Ok(_) => Verdict::Refuse(DAEMON_SET),
    }
}

fn mirror(_: &mut Sys<'_>, _: &Client, _: &Options, pod: &Value) -> Verdict {
    let mirror = &pod["metadata"]["annotations"]["kubernetes.io/config.mirror"];
    if mirror.is_null() { Verdict::Go } else { Verdict::Stay }
}

fn local_data(_: &mut Sys<'_>, _: &Client, options: &Options, pod: &Value) -> Verdict {
    let has = pod["spec"]["volumes"].items().iter().any(|v| !v["emptyDir"].is_null());
    if !has || is_finished(pod) || options.delete_empty_dir {
        return Verdict::Go;
    }
    Verdict::Refuse(LOCAL_DATA)
}

fn unmanaged(_: &mut Sys<'_>, _: &Client, options: &Options, pod: &Value) -> Verdict {
    if is_finished(pod) || controller(pod).is_some() {
        return Verdict::Go;
    }
    if options.force {
        return Verdict::Warn { goes: true, what: "deleting Pods that declare no controller" };
    }
    Verdict::Refuse(UNMANAGED)
}
