//! Quotas, limit ranges, disruption budgets, priority classes.

use super::fill::Fill;
use super::{Kind, status_of};
use crate::table::{CREATED_AT, column, created_at_row, integer};
use crate::validate;
use drydock_machinery::{Value, value};

pub const LIMIT_RANGE: Kind = Kind {
    kind: "LimitRange",
    plural: "limitranges",
    singular: "limitrange",
    short: &["limits"],
    default: limits,
    validate: validate::limit_range::validate,
    columns: CREATED_AT,
    row: created_at_row,
    ..Kind::BASE
};

/// Containers get what is not said from what is: limits from the maximum, requests from the limits
/// and then from the minimum (`SetDefaults_LimitRangeItem`).
fn limits(range: &Value) -> Value {
    let mut fill = Fill::new(range);
    fill.each("spec", |spec| {
        let mut fill = Fill::new(spec);
        fill.items("limits", |limit| {
            if limit["type"] != "Container" {
                return limit.clone();
            }
            let mut fill = Fill::new(limit);
            for (field, source) in
                [("default", "max"), ("defaultRequest", "default"), ("defaultRequest", "min")]
            {
                let missing = fill.get(source).clone();
                let own = fill.get(field);
                let whole = missing.entries().iter().filter(|(k, _)| own.find(k.text()).is_none());
                let whole: Value = own.entries().iter().chain(whole).cloned().collect();
                if !whole.is_empty() {
                    fill.set(field, whole);
                }
            }
            fill.done()
        });
        fill.done()
    });
    fill.done()
}

pub const RESOURCE_QUOTA: Kind = Kind {
    kind: "ResourceQuota",
    plural: "resourcequotas",
    singular: "resourcequota",
    short: &["quota"],
    status: true,
    subresources: &[status_of("ResourceQuota")],
    validate: validate::resource_quota::validate,
    columns: &[column("Request"), column("Limit"), column("Age")],
    row: |quota, view| {
        let status = quota.status();
        let (mut requests, mut limits) = (Vec::new(), Vec::new());
        for (name, hard) in status["hard"].entries() {
            let used = status["used"][name.text()].text();
            let text = format!("{}: {used}/{}", name.text(), hard.text());
            if name.text().starts_with("limits.") { limits.push(text) } else { requests.push(text) }
        }
        vec![requests.join(", ").into(), limits.join(", ").into(), view.age(quota.created)]
    },
    ..Kind::BASE
};

pub const POD_DISRUPTION_BUDGET: Kind = Kind {
    group: "policy",
    kind: "PodDisruptionBudget",
    // Its names are held to nothing but paths.
    name: super::rbac::path_segment,
    plural: "poddisruptionbudgets",
    singular: "poddisruptionbudget",
    short: &["pdb"],
    status: true,
    generation: true,
    subresources: &[status_of("PodDisruptionBudget")],
    begin: |_| value!({"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}),
    validate: validate::policy::budget,
    columns: &[
        column("Min Available"),
        column("Max Unavailable"),
        integer("Allowed Disruptions"),
        column("Age"),
    ],
    row: |budget, view| {
        let bound = |field: &str| match &budget.spec()[field] {
            Value::Null => Value::from("N/A"),
            Value::Int(n) => n.to_string().into(),
            text => text.clone(),
        };
        vec![
            bound("minAvailable"),
            bound("maxUnavailable"),
            budget.status()["disruptionsAllowed"].int().into(),
            view.age(budget.created),
        ]
    },
    ..Kind::BASE
};

pub const PRIORITY_CLASS: Kind = Kind {
    group: "scheduling.k8s.io",
    kind: "PriorityClass",
    plural: "priorityclasses",
    singular: "priorityclass",
    short: &["pc"],
    namespaced: false,
    generation: true,
    default: |class| {
        let mut fill = Fill::new(class);
        fill.word("preemptionPolicy", "PreemptLowerPriority");
        fill.done()
    },
    validate: validate::policy::priority_class,
    columns: &[column("Value"), column("Global-Default"), column("Age"), column("PreemptionPolicy")],
    row: |class, view| {
        vec![
            class.field("value").int().into(),
            Value::Bool(class.field("globalDefault").bool()),
            view.age(class.created),
            class.field("preemptionPolicy").clone(),
        ]
    },
    ..Kind::BASE
};
