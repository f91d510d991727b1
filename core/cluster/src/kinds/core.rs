//! The core group's own kinds: pods, nodes, namespaces, bindings, component statuses.

use super::{CREATE_ONLY, Kind, READ_ONLY, STATUS_VERBS, Subresource, Verbs};
use drydock_machinery::names;

const fn own(name: &'static str, kind: &'static str, verbs: Verbs) -> Subresource {
    Subresource { name, group: "", version: "", kind, verbs }
}

const CONNECT: Verbs = &["create", "get"];
const PROXY: Verbs = &["create", "delete", "get", "patch", "update"];

pub const POD: Kind = Kind {
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
    ..Kind::BASE
};

pub const NODE: Kind = Kind {
    kind: "Node",
    plural: "nodes",
    singular: "node",
    short: &["no"],
    namespaced: false,
    status: true,
    subresources: &[own("proxy", "NodeProxyOptions", PROXY), own("status", "Node", STATUS_VERBS)],
    ..Kind::BASE
};

pub const NAMESPACE: Kind = Kind {
    kind: "Namespace",
    plural: "namespaces",
    singular: "namespace",
    short: &["ns"],
    namespaced: false,
    verbs: &["create", "delete", "get", "list", "patch", "update", "watch"],
    status: true,
    name: names::is_dns1123_label,
    subresources: &[own("finalize", "Namespace", &["update"]), own("status", "Namespace", STATUS_VERBS)],
    ..Kind::BASE
};

pub const BINDING: Kind =
    Kind { kind: "Binding", plural: "bindings", singular: "binding", verbs: CREATE_ONLY, ..Kind::BASE };

pub const COMPONENT_STATUS: Kind = Kind {
    kind: "ComponentStatus",
    plural: "componentstatuses",
    singular: "componentstatus",
    short: &["cs"],
    namespaced: false,
    verbs: READ_ONLY,
    ..Kind::BASE
};
