//! Jobs, cron jobs and horizontal pod autoscalers.

use super::{Kind, status_of};

pub const HORIZONTAL_POD_AUTOSCALER: Kind = Kind {
    group: "autoscaling",
    version: "v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    singular: "horizontalpodautoscaler",
    short: &["hpa"],
    categories: &["all"],
    status: true,
    subresources: &[status_of("HorizontalPodAutoscaler")],
    ..Kind::BASE
};

pub const CRON_JOB: Kind = Kind {
    group: "batch",
    kind: "CronJob",
    plural: "cronjobs",
    singular: "cronjob",
    short: &["cj"],
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[status_of("CronJob")],
    ..Kind::BASE
};

pub const JOB: Kind = Kind {
    group: "batch",
    kind: "Job",
    plural: "jobs",
    singular: "job",
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[status_of("Job")],
    ..Kind::BASE
};
