//! Priority and fairness of requests: stored and shown, nothing is queued by them
//! (`flowcontrol.apiserver.k8s.io/v1`, v1.33). [`BOOTSTRAP`] is what every server begins with.

use super::{Kind, status_of};
use crate::table::{column, integer, word};
use drydock_machinery::{Value, value};

pub const FLOW_SCHEMA: Kind = Kind {
    group: "flowcontrol.apiserver.k8s.io",
    kind: "FlowSchema",
    plural: "flowschemas",
    singular: "flowschema",
    namespaced: false,
    status: true,
    generation: true,
    subresources: &[status_of("FlowSchema")],
    columns: &[
        column("PriorityLevel"),
        integer("MatchingPrecedence"),
        column("DistinguisherMethod"),
        column("Age"),
        column("MissingPL"),
    ],
    row: |schema, view| {
        let spec = schema.spec();
        let method = &spec["distinguisherMethod"]["type"];
        let missing = schema.condition("Dangling");
        vec![
            spec["priorityLevelConfiguration"]["name"].clone(),
            spec["matchingPrecedence"].clone(),
            if method.is_empty() { word("<none>") } else { method.clone() },
            view.age(schema.created),
            if missing.is_null() { word("?") } else { missing["status"].clone() },
        ]
    },
    ..Kind::BASE
};

pub const PRIORITY_LEVEL_CONFIGURATION: Kind = Kind {
    group: "flowcontrol.apiserver.k8s.io",
    kind: "PriorityLevelConfiguration",
    plural: "prioritylevelconfigurations",
    singular: "prioritylevelconfiguration",
    namespaced: false,
    status: true,
    generation: true,
    subresources: &[status_of("PriorityLevelConfiguration")],
    columns: &[
        column("Type"),
        column("NominalConcurrencyShares"),
        column("Queues"),
        column("HandSize"),
        column("QueueLengthLimit"),
        column("Age"),
    ],
    row: |level, view| {
        let limited = &level.spec()["limited"];
        let queuing = &limited["limitResponse"]["queuing"];
        let number = |tree: &Value, field: &str| match tree[field].as_int() {
            Some(n) => n.to_string().into(),
            None => word("<none>"),
        };
        vec![
            level.spec()["type"].clone(),
            number(limited, "nominalConcurrencyShares"),
            number(queuing, "queues"),
            number(queuing, "handSize"),
            number(queuing, "queueLengthLimit"),
            view.age(level.created),
        ]
    },
    ..Kind::BASE
};

type Level = (&'static str, i64, Option<(i64, i64, i64)>);

/// Levels: name, shares, and queues with hand size and length; no shares for the exempt one.
const LEVELS: &[Level] = &[
    ("catch-all", 5, None),
    ("exempt", 0, None),
    ("global-default", 20, Some((128, 6, 50))),
    ("leader-election", 10, Some((16, 4, 50))),
    ("node-high", 40, Some((64, 6, 50))),
    ("system", 30, Some((64, 6, 50))),
    ("workload-high", 40, Some((128, 6, 50))),
    ("workload-low", 100, Some((128, 6, 50))),
];

/// Schemas: name, level, precedence, what tells flows apart.
const SCHEMAS: &[(&str, &str, i64, &str)] = &[
    ("catch-all", "catch-all", 10000, "ByUser"),
    ("endpoint-controller", "workload-high", 150, "ByUser"),
    ("exempt", "exempt", 1, ""),
    ("global-default", "global-default", 9900, "ByUser"),
    ("kube-controller-manager", "workload-high", 800, "ByNamespace"),
    ("kube-scheduler", "workload-high", 800, "ByNamespace"),
    ("kube-system-service-accounts", "workload-high", 900, "ByNamespace"),
    ("probes", "exempt", 2, ""),
    ("service-accounts", "workload-low", 9000, "ByUser"),
    ("system-leader-election", "leader-election", 100, "ByUser"),
    ("system-node-high", "node-high", 400, "ByUser"),
    ("system-nodes", "system", 500, "ByUser"),
    ("workload-leader-election", "leader-election", 200, "ByUser"),
];

/// The objects a server begins with: levels, then schemas with their status.
#[must_use]
pub fn bootstrap() -> (Vec<Value>, Vec<(Value, Value)>) {
    let level = |(name, shares, queues): &Level| {
        let response = match queues {
            None => value!({"type": "Reject"}),
            Some((queues, hand, length)) => value!({
                "type": "Queue",
                "queuing": {"queues": *queues, "handSize": *hand, "queueLengthLimit": *length},
            }),
        };
        let spec = match *name {
            "exempt" => {
                value!({"type": "Exempt", "exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0}})
            }
            _ => value!({
                "type": "Limited",
                "limited": {"nominalConcurrencyShares": *shares, "lendablePercent": 0, "limitResponse": response},
            }),
        };
        value!({"metadata": {"name": *name}, "spec": spec})
    };
    let schema = |(name, level, precedence, method): &(&str, &str, i64, &str)| {
        let mut spec = value!({
            "matchingPrecedence": *precedence, "priorityLevelConfiguration": {"name": *level},
        });
        if !method.is_empty() {
            spec = spec.with("distinguisherMethod", value!({"type": *method}));
        }
        let message = format!(
            "This FlowSchema references the PriorityLevelConfiguration object named \"{level}\" and it exists"
        );
        let status = value!({
            "conditions": [{"type": "Dangling", "status": "False", "reason": "Found", "message": message}],
        });
        (value!({"metadata": {"name": *name}, "spec": spec}), status)
    };
    (LEVELS.iter().map(level).collect(), SCHEMAS.iter().map(schema).collect())
}
