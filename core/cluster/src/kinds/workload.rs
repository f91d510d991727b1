//! Defaults of everything that holds a pod template
//! (`k8s.io/kubernetes/pkg/apis/{apps,batch,core}/v1/defaults.go`, v1.33).

use super::fill::Fill;
use super::pod::defaults;
use drydock_machinery::{Value, value};

fn with_spec(object: &Value, change: impl FnOnce(&mut Fill<'_>)) -> Value {
    let mut fill = Fill::new(object);
    let spec = fill.get("spec").clone();
    let mut inner = Fill::new(&spec);
    change(&mut inner);
    inner.each("template", defaults::template);
    let done = inner.done();
    fill.set("spec", done);
    fill.done()
}

#[must_use]
pub fn deployment(object: &Value) -> Value {
    with_spec(object, |spec| {
        spec.or("replicas", 1);
        spec.or("strategy", Value::empty_map());
        spec.each("strategy", |strategy| {
            let mut fill = Fill::new(strategy);
            fill.word("type", "RollingUpdate");
            if *fill.get("type") == "RollingUpdate" {
                fill.or("rollingUpdate", Value::empty_map());
                fill.each("rollingUpdate", |rolling| {
                    let mut fill = Fill::new(rolling);
                    fill.or("maxUnavailable", "25%");
                    fill.or("maxSurge", "25%");
                    fill.done()
                });
            }
            fill.done()
        });
        spec.or("revisionHistoryLimit", 10);
        spec.or("progressDeadlineSeconds", 600);
    })
}

#[must_use]
pub fn replica_set(object: &Value) -> Value {
    with_spec(object, |spec| spec.or("replicas", 1))
}

#[must_use]
pub fn replication_controller(object: &Value) -> Value {
    let full = with_spec(object, |spec| {
        spec.or("replicas", 1);
        let labels = spec.get("template")["metadata"]["labels"].clone();
        if !labels.is_empty() && spec.get("selector").is_empty() {
            spec.set("selector", labels);
        }
    });
    let labels = &full["spec"]["template"]["metadata"]["labels"];
    if full["metadata"]["labels"].is_empty() && !labels.is_empty() {
        return full.with_at(&["metadata", "labels"], labels);
    }
    full
}

#[must_use]
pub fn daemon_set(object: &Value) -> Value {
    with_spec(object, |spec| {
        spec.or("updateStrategy", Value::empty_map());
        spec.each("updateStrategy", |strategy| {
            let mut fill = Fill::new(strategy);
            fill.word("type", "RollingUpdate");
            if *fill.get("type") == "RollingUpdate" {
                fill.or("rollingUpdate", Value::empty_map());
                fill.each("rollingUpdate", |rolling| {
                    let mut fill = Fill::new(rolling);
                    fill.or("maxUnavailable", 1);
                    fill.or("maxSurge", 0);
                    fill.done()
                });
            }
            fill.done()
        });
        spec.or("revisionHistoryLimit", 10);
    })
}

#[must_use]
pub fn stateful_set(object: &Value) -> Value {
    with_spec(object, |spec| {
        spec.word("podManagementPolicy", "OrderedReady");
        spec.or("replicas", 1);
        spec.or("revisionHistoryLimit", 10);
        spec.or("updateStrategy", Value::empty_map());
        spec.each("updateStrategy", |strategy| {
            let mut fill = Fill::new(strategy);
            // Whoever names the strategy gets no rolling update he did not ask for.
            if fill.get("type").is_empty() {
                fill.word("type", "RollingUpdate");
                fill.or("rollingUpdate", Value::empty_map());
            }
            if *fill.get("type") == "RollingUpdate" {
                fill.each("rollingUpdate", |rolling| {
                    let mut fill = Fill::new(rolling);
                    fill.or("partition", 0);
                    fill.done()
                });
            }
            fill.done()
        });
        let retain = value!({"whenDeleted": "Retain", "whenScaled": "Retain"});
        spec.or("persistentVolumeClaimRetentionPolicy", retain);
        spec.items("volumeClaimTemplates", |claim| {
            let mut fill = Fill::new(claim);
            fill.word("apiVersion", "v1");
            fill.word("kind", "PersistentVolumeClaim");
            fill.each("spec", |spec| {
                let mut fill = Fill::new(spec);
                fill.word("volumeMode", "Filesystem");
                fill.done()
            });
            fill.set("status", value!({"phase": "Pending"}));
            fill.done()
        });
    })
}

#[must_use]
pub fn job(object: &Value) -> Value {
    let mut fill = Fill::new(object);
    fill.each("spec", job_spec);
    fill.done()
}

fn job_spec(spec: &Value) -> Value {
    let mut fill = Fill::new(spec);
    if fill.get("completions").is_null() && fill.get("parallelism").is_null() {
        fill.set("completions", 1);
        fill.set("parallelism", 1);
    }
    fill.or("parallelism", 1);
    fill.word("completionMode", "NonIndexed");
    fill.or("suspend", false);
    fill.or("manualSelector", false);
    if fill.get("backoffLimit").is_null() {
        // With a limit per index the total is out of the way.
        let limit = if fill.get("backoffLimitPerIndex").is_null() { 6 } else { i32::MAX };
        fill.set("backoffLimit", limit);
    }
    let policy = if fill.get("podFailurePolicy").is_null() { "TerminatingOrFailed" } else { "Failed" };
    fill.word("podReplacementPolicy", policy);
    fill.each("template", defaults::template);
    fill.done()
}

#[must_use]
pub fn cron_job(object: &Value) -> Value {
    let mut fill = Fill::new(object);
    fill.each("spec", |spec| {
        let mut fill = Fill::new(spec);
        fill.word("concurrencyPolicy", "Allow");
        fill.or("suspend", false);
        fill.or("successfulJobsHistoryLimit", 3);
        fill.or("failedJobsHistoryLimit", 1);
        fill.each("jobTemplate", |template| {
            // What a CronJob stores of its jobs are only the template's pod defaults.
            let mut fill = Fill::new(template);
            fill.each("spec", |spec| {
                let mut fill = Fill::new(spec);
                fill.each("template", defaults::template);
                fill.done()
            });
            fill.done()
        });
        fill.done()
    });
    fill.done()
}
