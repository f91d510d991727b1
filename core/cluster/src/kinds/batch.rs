//! Jobs, cron jobs and horizontal pod autoscalers.

use super::fill::Fill;
use super::{Kind, Served, status_of, workload};
use crate::cells::{containers, selector};
use crate::object::{Object, find_condition};
use crate::table::{View, column, integer, wide, word};
use crate::validate;
use drydock_machinery::{Timestamp, Value, time, value};

pub const JOB: Kind = Kind {
    group: "batch",
    kind: "Job",
    plural: "jobs",
    singular: "job",
    categories: &["all"],
    status: true,
    generation: true,
    subresources: &[status_of("Job")],
    default: workload::job,
    validate: validate::job::job,
    columns: &[
        column("Status"),
        column("Completions"),
        column("Duration"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: job_row,
    selectable: |job, field| {
        (field == "status.successful").then(|| job.status()["succeeded"].int().to_string())
    },
    selectable_fields: &["status.successful"],
    ..Kind::BASE
};

fn job_row(job: &Object, view: &View<'_>) -> Vec<Value> {
    let (spec, status) = (job.spec(), job.status());
    let is = |condition: &str| find_condition(status, condition)["status"] == "True";
    let state = if is("Complete") {
        "Complete"
    } else if is("Failed") {
        "Failed"
    } else if job.deleting.is_some() {
        "Terminating"
    } else if is("Suspended") {
        "Suspended"
    } else if is("FailureTarget") {
        "FailureTarget"
    } else {
        "Running"
    };
    let succeeded = status["succeeded"].int();
    let completions = match (spec["completions"].as_int(), spec["parallelism"].int()) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{succeeded}/1 of {parallel}"),
        _ => format!("{succeeded}/1"),
    };
    let at = |field: &str| Timestamp::parse(status[field].text()).map(|t| t.0);
    let duration = match (at("startTime"), at("completionTime")) {
        (None, _) => String::new(),
        (Some(start), end) => time::human_duration(end.unwrap_or(view.now) - start),
    };
    let [names, images] = containers(&spec["template"]);
    vec![
        word(state),
        completions.into(),
        duration.into(),
        view.age(job.created),
        names,
        images,
        selector(&spec["selector"]),
    ]
}

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
    default: workload::cron_job,
    validate: validate::cron_job::validate,
    columns: &[
        column("Schedule"),
        column("Timezone"),
        column("Suspend"),
        integer("Active"),
        column("Last Schedule"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |cron, view| {
        let (spec, status) = (cron.spec(), cron.status());
        let last = Timestamp::parse(status["lastScheduleTime"].text());
        let suspend = match spec["suspend"].as_bool() {
            None => "<unset>",
            Some(true) => "True",
            Some(false) => "False",
        };
        let job = &spec["jobTemplate"]["spec"];
        let [names, images] = containers(&job["template"]);
        vec![
            spec["schedule"].clone(),
            crate::cells::or_none(&spec["timeZone"]),
            word(suspend),
            status["active"].items().len().into(),
            last.map_or_else(|| word("<none>"), |t| view.age(t.0)),
            view.age(cron.created),
            names,
            images,
            selector(&job["selector"]),
        ]
    },
    ..Kind::BASE
};

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
    default: |hpa| {
        let mut fill = Fill::new(hpa);
        fill.each("spec", |spec| {
            let mut fill = Fill::new(spec);
            fill.or("minReplicas", 1);
            if fill.get("metrics").is_empty() {
                let target = value!({"type": "Utilization", "averageUtilization": 80});
                fill.set(
                    "metrics",
                    value!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]),
                );
            }
            fill.each("behavior", behavior);
            fill.done()
        });
        fill.done()
    },
    begin: |_| value!({"desiredReplicas": 0, "currentMetrics": null}),
    validate: validate::autoscaler::validate,
    columns: &[
        column("Reference"),
        column("Targets"),
        column("MinPods"),
        integer("MaxPods"),
        integer("Replicas"),
        column("Age"),
    ],
    row: |hpa, view| {
        let (spec, status) = (hpa.spec(), hpa.status());
        let target = &spec["scaleTargetRef"];
        let minimum = spec["minReplicas"].as_int().map_or_else(|| "<unset>".to_string(), |n| n.to_string());
        vec![
            format!("{}/{}", target["kind"].text(), target["name"].text()).into(),
            metrics(spec, status).into(),
            minimum.into(),
            spec["maxReplicas"].clone(),
            status["currentReplicas"].int().into(),
            view.age(hpa.created),
        ]
    },
    served: &[Served { group: "autoscaling", version: "v1", show: to_v1, read: from_v1 }],
    ..Kind::BASE
};

/// Whoever says something about scaling gets the rest of the rules written out
/// (`GenerateHPAScaleUpRules`, `GenerateHPAScaleDownRules`).
fn behavior(given: &Value) -> Value {
    let percent = value!({"type": "Percent", "value": 100, "periodSeconds": 15});
    let pods = value!({"type": "Pods", "value": 4, "periodSeconds": 15});
    let mut fill = Fill::new(given);
    for (direction, policies) in [("scaleUp", value!([&pods, &percent])), ("scaleDown", value!([&percent]))] {
        fill.or(direction, Value::empty_map());
        fill.each(direction, |rules| {
            let mut fill = Fill::new(rules);
            fill.word("selectPolicy", "Max");
            if fill.get("policies").is_null() {
                fill.set("policies", policies);
            }
            if direction == "scaleUp" {
                fill.or("stabilizationWindowSeconds", 0);
            }
            fill.done()
        });
    }
    fill.done()
}

/// TARGETS: current and wanted of each metric.
fn metrics(spec: &Value, status: &Value) -> String {
    let wanted = spec["metrics"].items();
    if wanted.is_empty() {
        return "<none>".into();
    }
    let current = status["currentMetrics"].items();
    let mut texts: Vec<String> = Vec::new();
    for (at, metric) in wanted.iter().enumerate() {
        let kind = metric["type"].text();
        let field = match kind {
            "Resource" => "resource",
            "ContainerResource" => "containerResource",
            "Pods" => "pods",
            "Object" => "object",
            "External" => "external",
            _ => {
                texts.push("<unknown type>".into());
                continue;
            }
        };
        let (target, now) = (&metric[field]["target"], current.get(at).map(|c| &c[field]["current"]));
        let now = now.cloned().unwrap_or_default();
        let text = match (kind, target["averageValue"].text(), target["averageUtilization"].as_int()) {
            ("Resource" | "ContainerResource", "", utilization) => {
                let wanted = utilization.map_or_else(|| "<auto>".to_string(), |u| format!("{u}%"));
                let seen = now["averageUtilization"]
                    .as_int()
                    .map_or_else(|| "<unknown>".to_string(), |u| format!("{u}%"));
                format!("{}: {seen}/{wanted}", metric[field]["name"].text())
            }
            ("Resource" | "ContainerResource", average, _) => {
                let seen =
                    if now["averageValue"].is_empty() { "<unknown>" } else { now["averageValue"].text() };
                format!("{}: {seen}/{average}", metric[field]["name"].text())
            }
            (_, "", _) => {
                let seen = if now["value"].is_empty() { "<unknown>" } else { now["value"].text() };
                format!("{seen}/{}", target["value"].text())
            }
            (kind, average, _) => {
                let seen =
                    if now["averageValue"].is_empty() { "<unknown>" } else { now["averageValue"].text() };
                let mark = if matches!(kind, "Object" | "External") { " (avg)" } else { "" };
                format!("{seen}/{average}{mark}")
            }
        };
        texts.push(text);
    }
    let more = texts.len().saturating_sub(2);
    texts.truncate(2);
    let shown = texts.join(", ");
    if more > 0 { format!("{shown} + {more} more...") } else { shown }
}

/// autoscaling/v1 knows CPU utilization only.
fn to_v1(hpa: &Value) -> Value {
    let (spec, status) = (&hpa["spec"], &hpa["status"]);
    let is_cpu = |m: &&Value| m["type"] == "Resource" && m["resource"]["name"] == "cpu";
    let cpu = spec["metrics"].items().iter().find(is_cpu);
    let wanted = cpu.map_or(Value::Null, |m| m["resource"]["target"]["averageUtilization"].clone());
    let seen = status["currentMetrics"].items().iter().find(is_cpu);
    let mut shown = spec.without("metrics").without("behavior");
    if !wanted.is_null() {
        shown = shown.with("targetCPUUtilizationPercentage", wanted);
    }
    let mut state = value!({
        "currentReplicas": status["currentReplicas"].int(), "desiredReplicas": status["desiredReplicas"].int(),
    });
    for field in ["lastScaleTime", "observedGeneration"] {
        if !status[field].is_null() {
            state = state.with(field, &status[field]);
        }
    }
    if let Some(metric) = seen {
        let now = &metric["resource"]["current"]["averageUtilization"];
        state = state.with("currentCPUUtilizationPercentage", now);
    }
    hpa.with("spec", shown).with("status", state)
}

fn from_v1(hpa: &Value) -> Value {
    let spec = &hpa["spec"];
    let wanted = &spec["targetCPUUtilizationPercentage"];
    let mut kept = spec.without("targetCPUUtilizationPercentage");
    if !wanted.is_null() {
        let target = value!({"type": "Utilization", "averageUtilization": wanted});
        kept = kept
            .with("metrics", value!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]));
    }
    hpa.with("spec", kept)
}
