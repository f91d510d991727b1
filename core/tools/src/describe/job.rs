//! Jobs and CronJobs.

use super::page::{controller, date, line, or_unset, plain, selector_text};
use super::workloads::{marks, name};
use super::{Ask, events, template};
use crate::kubectl::Failure;
use drydock_machinery::Value;

pub fn job(ask: &mut Ask<'_, '_, '_>, job: &Value) -> Result<String, Failure> {
    let (spec, status) = (&job["spec"], &job["status"]);
    let happened = ask.events_of(job);
    let mut page = ask.page();
    name(&mut page, job);
    line!(page, 0, "Selector:\t{}", selector_text(&spec["selector"]));
    marks(&mut page, job);
    if let Some(owner) = controller(job) {
        line!(page, 0, "Controlled By:\t{owner}");
    }
    if let Some(parallelism) = spec["parallelism"].as_int() {
        line!(page, 0, "Parallelism:\t{parallelism}");
    }
    line!(page, 0, "Completions:\t{}", or_unset(&spec["completions"]));
    for (title, field) in [
        ("Completion Mode", "completionMode"),
        ("Suspend", "suspend"),
        ("Backoff Limit", "backoffLimit"),
        ("TTL Seconds After Finished", "ttlSecondsAfterFinished"),
    ] {
        if !spec[field].is_null() {
            line!(page, 0, "{title}:\t{}", plain(&spec[field]));
        }
    }
    let (started, completed) = (&status["startTime"], &status["completionTime"]);
    if !started.is_empty() {
        line!(page, 0, "Start Time:\t{}", date(started));
    }
    if !completed.is_empty() {
        line!(page, 0, "Completed At:\t{}", date(completed));
    }
    if let (Some(from), Some(to)) = (super::page::seconds(started), super::page::seconds(completed)) {
        line!(page, 0, "Duration:\t{}", drydock_machinery::time::human_duration(to - from));
    }
    if let Some(seconds) = spec["activeDeadlineSeconds"].as_int() {
        line!(page, 0, "Active Deadline Seconds:\t{seconds}s");
    }
    let ready = status["ready"].as_int().map_or(String::new(), |n| format!(" ({n} Ready)"));
    let count = |field: &str| status[field].int();
    let (active, succeeded, failed) = (count("active"), count("succeeded"), count("failed"));
    line!(page, 0, "Pods Statuses:\t{active} Active{ready} / {succeeded} Succeeded / {failed} Failed");
    if spec["completionMode"] == "Indexed" {
        line!(page, 0, "Completed Indexes:\t{}", indexes(status["completedIndexes"].text()));
    }
    template::write(&mut page, &spec["template"]);
    events::write(&mut page, happened);
    Ok(page.finish())
}

/// Cut at the first comma after 50 characters.
fn indexes(text: &str) -> String {
    if text.is_empty() {
        return "<none>".into();
    }
    match text.get(50..).and_then(|rest| rest.find(',')) {
        Some(at) => format!("{}...", text.get(..=50 + at).unwrap_or(text)),
        None => text.into(),
    }
}

pub fn cron_job(ask: &mut Ask<'_, '_, '_>, cron: &Value) -> Result<String, Failure> {
    let (spec, status) = (&cron["spec"], &cron["status"]);
    let happened = ask.events_of(cron);
    let mut page = ask.page();
    page.head(cron);
    line!(page, 0, "Schedule:\t{}", spec["schedule"].text());
    line!(page, 0, "Concurrency Policy:\t{}", spec["concurrencyPolicy"].text());
    let suspend = spec["suspend"].as_bool().map_or("<unset>", super::page::truth);
    line!(page, 0, "Suspend:\t{suspend}");
    line!(page, 0, "Successful Job History Limit:\t{}", or_unset(&spec["successfulJobsHistoryLimit"]));
    line!(page, 0, "Failed Job History Limit:\t{}", or_unset(&spec["failedJobsHistoryLimit"]));
    let deadline = spec["startingDeadlineSeconds"].as_int().map_or("<unset>".into(), |s| format!("{s}s"));
    line!(page, 0, "Starting Deadline Seconds:\t{deadline}");
    let job = &spec["jobTemplate"]["spec"];
    let chosen = if job["selector"].is_map() { selector_text(&job["selector"]) } else { "<unset>".into() };
    line!(page, 0, "Selector:\t{chosen}");
    line!(page, 0, "Parallelism:\t{}", or_unset(&job["parallelism"]));
    line!(page, 0, "Completions:\t{}", or_unset(&job["completions"]));
    if let Some(seconds) = job["activeDeadlineSeconds"].as_int() {
        line!(page, 0, "Active Deadline Seconds:\t{seconds}s");
    }
    template::write(&mut page, &job["template"]);
    let last = &status["lastScheduleTime"];
    let last = if last.is_empty() { "<unset>".into() } else { date(last) };
    line!(page, 0, "Last Schedule Time:\t{last}");
    let active: Vec<&str> = status["active"].items().iter().map(|j| j["name"].text()).collect();
    line!(page, 0, "Active Jobs:\t{}", if active.is_empty() { "<none>".into() } else { active.join(", ") });
    events::write(&mut page, happened);
    Ok(page.finish())
}
