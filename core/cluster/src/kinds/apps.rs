//! Workloads of apps/v1 and their core relatives: records and rows.

use super::workload;
use super::{Kind, SCALE, status_of};
use crate::cells::{containers, pairs, selector};
use crate::object::Object;
use crate::table::{Column, View, column, integer, wide};
use crate::validate;
use drydock_machinery::{Value, value};

fn number(tree: &Value, field: &str) -> Value {
    tree[field].int().into()
}

pub const POD_TEMPLATE: Kind = Kind {
    kind: "PodTemplate",
    plural: "podtemplates",
    singular: "podtemplate",
    default: |template| {
        let mut fill = super::fill::Fill::new(template);
        fill.each("template", super::pod::defaults::template);
        fill.done()
    },
    validate: validate::revision::pod_template,
    columns: &[column("Containers"), column("Images"), column("Pod Labels")],
    row: |template, _| {
        let [names, images] = containers(template.field("template"));
        vec![names, images, pairs(&template.field("template")["metadata"]["labels"])]
    },
    ..Kind::BASE
};

const SETS: &[Column] = &[
    integer("Desired"),
    integer("Current"),
    integer("Ready"),
    column("Age"),
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];

fn set_row(set: &Object, view: &View<'_>, selector: Value) -> Vec<Value> {
    let (spec, status) = (set.spec(), set.status());
    let [names, images] = containers(&spec["template"]);
    vec![
        number(spec, "replicas"),
        number(status, "replicas"),
        number(status, "readyReplicas"),
        view.age(set.created),
        names,
        images,
        selector,
    ]
}

pub const REPLICATION_CONTROLLER: Kind = Kind {
    kind: "ReplicationController",
    plural: "replicationcontrollers",
    singular: "replicationcontroller",
    short: &["rc"],
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[SCALE, status_of("ReplicationController")],
    default: workload::replication_controller,
    begin: |_| value!({"replicas": 0}),
    validate: validate::workload::replication_controller,
    columns: SETS,
    row: |rc, view| set_row(rc, view, pairs(&rc.spec()["selector"])),
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
    default: workload::replica_set,
    begin: |_| value!({"replicas": 0}),
    validate: validate::workload::replica_set,
    columns: SETS,
    row: |set, view| set_row(set, view, selector(&set.spec()["selector"])),
    selectable: |set, field| (field == "status.replicas").then(|| set.status()["replicas"].int().to_string()),
    selectable_fields: &["status.replicas"],
    ..Kind::BASE
};

pub const CONTROLLER_REVISION: Kind = Kind {
    group: "apps",
    kind: "ControllerRevision",
    plural: "controllerrevisions",
    singular: "controllerrevision",
    validate: validate::revision::controller_revision,
    columns: &[column("Controller"), integer("Revision"), column("Age")],
    row: |revision, view| {
        let owner = revision.owners().iter().find(|o| o["controller"].bool());
        let controller = owner.map_or_else(
            || "<none>".to_string(),
            |o| {
                let group = o["apiVersion"].text().split_once('/').map_or("", |(group, _)| group);
                let dot = if group.is_empty() { "" } else { "." };
                format!("{}{dot}{group}/{}", o["kind"].text().to_lowercase(), o["name"].text())
            },
        );
        vec![controller.into(), revision.field("revision").clone(), view.age(revision.created)]
    },
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
    default: workload::daemon_set,
    begin: |_| value!({"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0}),
    validate: validate::workload::daemon_set,
    columns: &[
        integer("Desired"),
        integer("Current"),
        integer("Ready"),
        integer("Up-to-date"),
        integer("Available"),
        column("Node Selector"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |set, view| {
        let (spec, status) = (set.spec(), set.status());
        let [names, images] = containers(&spec["template"]);
        vec![
            number(status, "desiredNumberScheduled"),
            number(status, "currentNumberScheduled"),
            number(status, "numberReady"),
            number(status, "updatedNumberScheduled"),
            number(status, "numberAvailable"),
            pairs(&spec["template"]["spec"]["nodeSelector"]),
            view.age(set.created),
            names,
            images,
            selector(&spec["selector"]),
        ]
    },
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
    default: workload::deployment,
    validate: validate::workload::deployment,
    columns: &[
        column("Ready"),
        integer("Up-to-date"),
        integer("Available"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |deployment, view| {
        let (spec, status) = (deployment.spec(), deployment.status());
        let [names, images] = containers(&spec["template"]);
        vec![
            format!("{}/{}", status["readyReplicas"].int(), spec["replicas"].int()).into(),
            number(status, "updatedReplicas"),
            number(status, "availableReplicas"),
            view.age(deployment.created),
            names,
            images,
            selector(&spec["selector"]),
        ]
    },
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
    default: workload::stateful_set,
    begin: |_| value!({"replicas": 0, "availableReplicas": 0}),
    validate: validate::workload::stateful_set,
    columns: &[column("Ready"), column("Age"), wide("Containers"), wide("Images")],
    row: |set, view| {
        let (spec, status) = (set.spec(), set.status());
        let [names, images] = containers(&spec["template"]);
        let ready = format!("{}/{}", status["readyReplicas"].int(), spec["replicas"].int());
        vec![ready.into(), view.age(set.created), names, images]
    },
    ..Kind::BASE
};
