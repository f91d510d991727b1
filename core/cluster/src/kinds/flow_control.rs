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

type Level = (&'static str, i64, i64, Option<(i64, i64, i64)>);

/// Levels: name, shares, percent lent to others, and queues with hand size and length; no shares for the
/// exempt one.
const LEVELS: &[Level] = &[
    ("catch-all", 5, 0, None),
    ("exempt", 0, 0, None),
    ("global-default", 20, 50, Some((128, 6, 50))),
    ("leader-election", 10, 0, Some((16, 4, 50))),
    ("node-high", 40, 25, Some((64, 6, 50))),
    ("system", 30, 33, Some((64, 6, 50))),
    ("workload-high", 40, 50, Some((128, 6, 50))),
    ("workload-low", 100, 90, Some((128, 6, 50))),
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

fn group(name: &str) -> Value {
    value!({"kind": "Group", "group": {"name": name}})
}
fn user(name: &str) -> Value {
    value!({"kind": "User", "user": {"name": name}})
}
fn account(name: &str) -> Value {
    value!({"kind": "ServiceAccount", "serviceAccount": {"namespace": "kube-system", "name": name}})
}

/// Requests for resources in every namespace; `whole` those without a namespace, too.
fn resources(verbs: Value, group: &str, list: Value, whole: bool) -> Value {
    let rule = value!({
        "verbs": verbs, "apiGroups": [group], "resources": list, "namespaces": ["*"],
    });
    if whole { rule.with("clusterScope", true) } else { rule }
}
fn paths(verbs: Value, list: Value) -> Value {
    value!({"verbs": verbs, "nonResourceURLs": list})
}

/// Whose requests of which kind a schema is about.
fn rules(name: &str) -> Value {
    let everything = |subjects: Value| {
        let all = resources(value!(["*"]), "*", value!(["*"]), true);
        value!([{
            "subjects": subjects, "resourceRules": [all],
            "nonResourceRules": [paths(value!(["*"]), value!(["*"]))],
        }])
    };
    let everybody = || value!([group("system:unauthenticated"), group("system:authenticated")]);
    let election = |namespaces: &str| {
        let verbs = || value!(["get", "create", "update"]);
        let locks = resources(verbs(), "", value!(["endpoints", "configmaps"]), false);
        let leases = resources(verbs(), "coordination.k8s.io", value!(["leases"]), false);
        value!([locks.with("namespaces", value!([namespaces])), leases])
    };
    match name {
        "exempt" => everything(value!([group("system:masters")])),
        "catch-all" | "global-default" => everything(everybody()),
        "endpoint-controller" => {
            let verbs = value!(["get", "create", "update"]);
            let subjects = value!([
                user("system:kube-controller-manager"),
                account("endpoint-controller"),
                account("endpointslicemirroring-controller"),
            ]);
            value!([{
                "subjects": subjects,
                "resourceRules": [resources(verbs, "", value!(["endpoints"]), false)],
            }])
        }
        "kube-controller-manager" => everything(value!([user("system:kube-controller-manager")])),
        "kube-scheduler" => everything(value!([user("system:kube-scheduler")])),
        "kube-system-service-accounts" => everything(value!([account("*")])),
        "probes" => value!([{
            "subjects": everybody(),
            "nonResourceRules": [paths(value!(["get"]), value!(["/healthz", "/readyz", "/livez"]))],
        }]),
        "service-accounts" => everything(value!([group("system:serviceaccounts")])),
        "system-leader-election" => {
            let subjects =
                value!(
                    [user("system:kube-controller-manager"), user("system:kube-scheduler"), account("*"),]
                );
            value!([{"subjects": subjects, "resourceRules": election("kube-system")}])
        }
        "workload-leader-election" => {
            value!([{"subjects": [account("*")], "resourceRules": election("*")}])
        }
        "system-node-high" => value!([{
            "subjects": [group("system:nodes")],
            "resourceRules": [
                resources(value!(["*"]), "", value!(["nodes", "nodes/status"]), true),
                resources(value!(["*"]), "coordination.k8s.io", value!(["leases"]), false),
            ],
        }]),
        "system-nodes" => everything(value!([group("system:nodes")])),
        _ => Value::Null,
    }
}

/// The objects a server begins with: levels, then schemas with their status.
#[must_use]
pub fn bootstrap() -> (Vec<Value>, Vec<(Value, Value)>) {
    let level = |(name, shares, lent, queues): &Level| {
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
                "limited": {
                    "nominalConcurrencyShares": *shares, "lendablePercent": *lent, "limitResponse": response,
                },
            }),
        };
        (*name, value!({"spec": spec}))
    };
    let schema = |(name, level, precedence, method): &(&str, &str, i64, &str)| {
        let mut spec = value!({
            "matchingPrecedence": *precedence, "priorityLevelConfiguration": {"name": *level},
            "rules": rules(name),
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
        (named(name, value!({"spec": spec})), status)
    };
    let levels = LEVELS.iter().map(level).map(|(name, object)| named(name, object));
    (levels.collect(), SCHEMAS.iter().map(schema).collect())
}

/// The server keeps the spec as it is while the annotation says so.
fn named(name: &str, object: Value) -> Value {
    let annotations = value!({"apf.kubernetes.io/autoupdate-spec": "true"});
    object.with("metadata", value!({"name": name, "annotations": annotations}))
}
