//! Quotas, limit ranges, disruption budgets, priority classes.

use super::{Kind, status_of};

pub const LIMIT_RANGE: Kind = Kind {
    kind: "LimitRange",
    plural: "limitranges",
    singular: "limitrange",
    short: &["limits"],
    ..Kind::BASE
};

pub const RESOURCE_QUOTA: Kind = Kind {
    kind: "ResourceQuota",
    plural: "resourcequotas",
    singular: "resourcequota",
    short: &["quota"],
    status: true,
    subresources: &[status_of("ResourceQuota")],
    ..Kind::BASE
};

pub const POD_DISRUPTION_BUDGET: Kind = Kind {
    group: "policy",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    singular: "poddisruptionbudget",
    short: &["pdb"],
    status: true,
    generation: true,
    subresources: &[status_of("PodDisruptionBudget")],
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
    ..Kind::BASE
};
