//! Workloads of apps/v1 and their core relatives.

use super::{Kind, SCALE, status_of};

pub const POD_TEMPLATE: Kind =
    Kind { kind: "PodTemplate", plural: "podtemplates", singular: "podtemplate", ..Kind::BASE };

pub const REPLICATION_CONTROLLER: Kind = Kind {
    kind: "ReplicationController",
    plural: "replicationcontrollers",
    singular: "replicationcontroller",
    short: &["rc"],
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[SCALE, status_of("ReplicationController")],
    ..Kind::BASE
};

pub const CONTROLLER_REVISION: Kind = Kind {
    group: "apps",
    kind: "ControllerRevision",
    plural: "controllerrevisions",
    singular: "controllerrevision",
    ..Kind::BASE
};

pub const DAEMON_SET: Kind = Kind {
    group: "apps",
    kind: "DaemonSet",
    plural: "daemonsets",
    singular: "daemonset",
    short: &["ds"],
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[status_of("DaemonSet")],
    ..Kind::BASE
};

pub const DEPLOYMENT: Kind = Kind {
    group: "apps",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    short: &["deploy"],
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[SCALE, status_of("Deployment")],
    ..Kind::BASE
};

pub const REPLICA_SET: Kind = Kind {
    group: "apps",
    kind: "ReplicaSet",
    plural: "replicasets",
    singular: "replicaset",
    short: &["rs"],
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[SCALE, status_of("ReplicaSet")],
    ..Kind::BASE
};

pub const STATEFUL_SET: Kind = Kind {
    group: "apps",
    kind: "StatefulSet",
    plural: "statefulsets",
    singular: "statefulset",
    short: &["sts"],
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[SCALE, status_of("StatefulSet")],
    ..Kind::BASE
};
