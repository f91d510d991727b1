//! Pods: the kind's record; defaults, validation and the table row have files of their own.

pub mod defaults;
pub mod row;

use super::{CREATE_ONLY, Kind, STATUS_VERBS, Subresource, Verbs};
use crate::object::Object;

const fn own(name: &'static str, kind: &'static str, verbs: Verbs) -> Subresource {
    Subresource { name, group: "", version: "", kind, verbs }
}

const CONNECT: Verbs = &["create", "get"];
const PROXY: Verbs = &["create", "delete", "get", "patch", "update"];

pub const KIND: Kind = Kind {
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    short: &["po"],
    categories: &["all"],
    status: true,
    subresources: &[
        own("attach", "PodAttachOptions", CONNECT),
        own("binding", "Binding", CREATE_ONLY),
        own("ephemeralcontainers", "Pod", STATUS_VERBS),
        Subresource {
            name: "eviction",
            group: "policy",
            version: "v1",
            kind: "Eviction",
            verbs: CREATE_ONLY,
        },
        own("exec", "PodExecOptions", CONNECT),
        own("log", "Pod", &["get"]),
        own("portforward", "PodPortForwardOptions", CONNECT),
        own("proxy", "PodProxyOptions", PROXY),
        own("resize", "Pod", STATUS_VERBS),
        own("status", "Pod", STATUS_VERBS),
    ],
    default: defaults::pod,
    begin: defaults::begin,
    validate: crate::validate::pod::validate,
    columns: row::COLUMNS,
    row: row::row,
    selectable,
    selectable_fields: &[
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ],
    ..Kind::BASE
};

fn selectable(pod: &Object, field: &str) -> Option<String> {
    let (part, name) = field.split_once('.')?;
    let tree = if part == "spec" { pod.spec() } else { pod.status() };
    Some(match name {
        "hostNetwork" => tree[name].bool().to_string(),
        "podIPs" => tree[name][0]["ip"].text().to_string(),
        _ => tree[name].text().to_string(),
    })
}
