//! Jobs (`pkg/apis/batch/validation`, v1.33): counts, policies, the generated selector, and what may
//! change later.
//!
//! Left out: the details of pod failure and success policies beyond their actions and operators.

use super::common::{label_selector, not_negative};
use super::pod;
use crate::field::{Errors, Path};
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::{Value, names, value};

const SPEC: Path<'static> = Path::new("spec");
/// Labels by which a job finds its pods, today's and those of old.
const UID_LABELS: [&str; 2] = ["batch.kubernetes.io/controller-uid", "controller-uid"];
const NAME_LABELS: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];
/// Most pods an indexed job may run at once.
const MAX_INDEXED: i64 = 100_000;

pub fn job(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    if old.is_none() {
        generated_selector(new, errors);
    }
    job_spec(spec, &SPEC, errors);
    let selector = &spec["selector"];
    let path = SPEC.child("selector");
    if selector.is_null() {
        errors.required(&path, "");
    } else {
        label_selector(selector, &path, errors);
    }
    let template = SPEC.child("template");
    let labels = &spec["template"]["metadata"]["labels"];
    if let Ok(parsed) = LabelSelector::from_value(selector)
        && (selector.is_null() || !parsed.matches(labels))
    {
        let metadata = template.child("metadata");
        let shown = if labels.is_map() { labels.clone() } else { Value::Null };
        errors.invalid(&metadata.child("labels"), shown, "`selector` does not match template `labels`");
    }
    if new["spec"]["completionMode"] == "Indexed"
        && let Some(count) = spec["completions"].as_int().filter(|n| *n > 0)
    {
        let name = new["metadata"]["name"].text();
        if let Some(wrong) = names::is_dns1123_label(&format!("{name}-{}", count - 1)).first() {
            let detail = format!("will not able to create pod with invalid DNS label: {wrong}");
            let metadata = Path::new("metadata");
            errors.invalid(&metadata.child("name"), name, &detail);
        }
    }
    if let Some(old) = old {
        update(new, old, errors);
    }
}

/// A selector that was made for the job must be just that.
fn generated_selector(job: &Value, errors: &mut Errors) {
    let spec = &job["spec"];
    if spec["manualSelector"].bool() || spec["selector"].is_null() {
        return;
    }
    let labels = &spec["template"]["metadata"]["labels"];
    let chosen = &spec["selector"]["matchLabels"];
    let uid = UID_LABELS.iter().map(|key| &chosen[*key]).find(|uid| !uid.is_empty());
    let uid = uid.cloned().unwrap_or_default();
    let name = &job["metadata"]["name"];
    let (template, key) = (SPEC.child("template"), "labels");
    let metadata = template.child("metadata");
    let mut expected = Value::empty_map();
    for (keys, wanted) in [(UID_LABELS, &uid), (NAME_LABELS, name)] {
        for label in keys {
            let list = metadata.child(key);
            let path = list.key(label);
            let detail = format!("must be '{}'", wanted.text());
            match labels.find(label) {
                None => errors.required(&path, &detail),
                Some(given) if given != wanted => errors.invalid(&path, labels, &detail),
                Some(_) => {}
            }
            expected = expected.with(label, wanted.clone());
        }
    }
    if let Ok(parsed) = LabelSelector::from_value(&spec["selector"])
        && !parsed.matches(&expected)
    {
        errors.invalid(&SPEC.child("selector"), &spec["selector"], "`selector` not auto-generated");
    }
}

const MODES: &[&str] = &["NonIndexed", "Indexed"];
const REPLACEMENT: &[&str] = &["Failed", "TerminatingOrFailed"];

/// What a job and the template of a cron job have in common.
pub(super) fn job_spec(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        not_negative(&spec[field], &path.child(field), errors);
    }
    let mode = spec["completionMode"].text();
    if !mode.is_empty() && !MODES.contains(&mode) {
        errors.unsupported(&path.child("completionMode"), mode, MODES);
    }
    if mode == "Indexed" {
        if spec["completions"].is_null() {
            errors.required(&path.child("completions"), "when completion mode is Indexed");
        }
        if spec["parallelism"].int() > MAX_INDEXED {
            let detail =
                format!("must be less than or equal to {MAX_INDEXED} when completion mode is Indexed");
            errors.invalid(&path.child("parallelism"), &spec["parallelism"], &detail);
        }
    } else {
        for field in ["backoffLimitPerIndex", "maxFailedIndexes"] {
            if !spec[field].is_null() {
                errors.invalid(&path.child(field), &spec[field], "requires indexed completion mode");
            }
        }
    }
    if !spec["maxFailedIndexes"].is_null() && spec["backoffLimitPerIndex"].is_null() && mode == "Indexed" {
        let detail = "when maxFailedIndexes is specified";
        errors.required(&path.child("backoffLimitPerIndex"), detail);
    }
    failure_policy(&spec["podFailurePolicy"], &path.child("podFailurePolicy"), errors);
    let replacement = spec["podReplacementPolicy"].text();
    let place = path.child("podReplacementPolicy");
    if !spec["podFailurePolicy"].is_null() && replacement == "TerminatingOrFailed" {
        errors.unsupported(&place, replacement, &["Failed"]);
    } else if !replacement.is_empty() && !REPLACEMENT.contains(&replacement) {
        errors.unsupported(&place, replacement, REPLACEMENT);
    }
    let template = path.child("template");
    pod::template(&spec["template"], &template, errors);
    let inner = template.child("spec");
    let place = inner.child("restartPolicy");
    match spec["template"]["spec"]["restartPolicy"].text() {
        "" | "Always" => errors.required(&place, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" | "Never" => {}
        other => errors.unsupported(&place, other, &["OnFailure", "Never"]),
    }
    if !spec["podFailurePolicy"].is_null() && spec["template"]["spec"]["restartPolicy"] == "OnFailure" {
        errors.invalid(&place, "OnFailure", "only \"Never\" is supported when podFailurePolicy is specified");
    }
}

fn failure_policy(policy: &Value, path: &Path<'_>, errors: &mut Errors) {
    if policy.is_null() {
        return;
    }
    const ACTIONS: &[&str] = &["Count", "FailIndex", "FailJob", "Ignore"];
    let list = path.child("rules");
    if policy["rules"].items().len() > 20 {
        errors.too_many(&list, policy["rules"].items().len(), 20);
    }
    for (at, rule) in policy["rules"].items().iter().enumerate() {
        let path = list.index(at);
        let action = rule["action"].text();
        match action {
            "" => errors.required(
                &path.child("action"),
                "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]",
            ),
            _ if !ACTIONS.contains(&action) => errors.unsupported(&path.child("action"), action, ACTIONS),
            _ => {}
        }
        let (codes, conditions) = (&rule["onExitCodes"], &rule["onPodConditions"]);
        match (codes.is_map(), !conditions.is_empty()) {
            (true, true) => errors.invalid(
                &path,
                "<omitted>",
                "specifying both OnExitCodes and OnPodConditions is not supported",
            ),
            (false, false) => {
                errors.invalid(
                    &path,
                    "<omitted>",
                    "specifying one of OnExitCodes and OnPodConditions is required",
                );
            }
            _ => {}
        }
        if codes.is_map() {
            let path = path.child("onExitCodes");
            const OPERATORS: &[&str] = &["In", "NotIn"];
            match codes["operator"].text() {
                "" => errors.required(&path.child("operator"), "valid values: [\"In\" \"NotIn\"]"),
                other if !OPERATORS.contains(&other) => {
                    errors.unsupported(&path.child("operator"), other, OPERATORS);
                }
                "In" if codes["values"].items().iter().any(|v| v.int() == 0) => {
                    let list = path.child("values");
                    let at = codes["values"].items().iter().position(|v| v.int() == 0).unwrap_or(0);
                    errors.invalid(&list.index(at), 0, "must not be 0 for the In operator");
                }
                _ => {}
            }
            if codes["values"].is_empty() {
                errors.invalid(&path.child("values"), value!([]), "at least one value is required");
            }
        }
        for (at, condition) in conditions.items().iter().enumerate() {
            let list = path.child("onPodConditions");
            let path = list.index(at);
            let kind = condition["type"].text();
            errors.each(&path.child("type"), kind, names::is_qualified_name(kind));
            let status = condition["status"].text();
            const STATUSES: &[&str] = &["False", "True", "Unknown"];
            if !STATUSES.contains(&status) {
                errors.unsupported(&path.child("status"), status, STATUSES);
            }
        }
    }
}

/// Parts of a pod template that a job which has not started may still change.
const SCHEDULING: &[&str] = &["nodeSelector", "affinity", "tolerations", "schedulingGates"];

fn update(new: &Value, old: &Value, errors: &mut Errors) {
    let (spec, before) = (&new["spec"], &old["spec"]);
    let mut fixed = |field: &str, changed: bool| {
        if changed {
            errors.invalid(&SPEC.child(field), &spec[field], "field is immutable");
        }
    };
    // An indexed job may grow or shrink in step with its parallelism.
    let elastic = spec["completionMode"] == "Indexed" && spec["completions"] == spec["parallelism"];
    fixed("completions", spec["completions"] != before["completions"] && !elastic);
    fixed("selector", spec["selector"] != before["selector"]);
    let open = |template: &Value| {
        let mut bare = template.without_at(&["metadata", "labels"]).without_at(&["metadata", "annotations"]);
        for field in SCHEDULING {
            bare = bare.without_at(&["spec", field]);
        }
        bare
    };
    let suspended = before["suspend"].bool() && old["status"]["startTime"].is_null();
    let changed = match suspended {
        true => open(&spec["template"]) != open(&before["template"]),
        false => spec["template"] != before["template"],
    };
    fixed("template", changed);
    for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
    {
        fixed(field, spec[field] != before[field]);
    }
}
