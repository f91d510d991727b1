//! Cron jobs (`pkg/apis/batch/validation`, v1.33).

use super::common::not_negative;
use super::job::job_spec;
use crate::field::{Errors, Path};
use drydock_machinery::Value;
use drydock_machinery::cron::Schedule;

const SPEC: Path<'static> = Path::new("spec");
/// The controller puts eleven characters behind the name of a cron job to name its jobs.
const MAX_NAME: usize = 52;
const POLICIES: &[&str] = &["Allow", "Forbid", "Replace"];

pub fn validate(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    schedule(spec, errors);
    not_negative(&spec["startingDeadlineSeconds"], &SPEC.child("startingDeadlineSeconds"), errors);
    if old.is_none_or(|old| old["spec"]["timeZone"] != spec["timeZone"]) {
        zone(&spec["timeZone"], &SPEC.child("timeZone"), errors);
    }
    let path = SPEC.child("concurrencyPolicy");
    match spec["concurrencyPolicy"].text() {
        "" => errors.required(&path, ""),
        policy if !POLICIES.contains(&policy) => errors.unsupported(&path, policy, POLICIES),
        _ => {}
    }
    let template = SPEC.child("jobTemplate");
    let (job, path) = (&spec["jobTemplate"]["spec"], template.child("spec"));
    job_spec(job, &path, errors);
    if !job["selector"].is_null() {
        errors.invalid(&path.child("selector"), &job["selector"], "`selector` will be auto-generated");
    }
    if job["manualSelector"].bool() {
        errors.unsupported(&path.child("manualSelector"), true, &["nil", "false"]);
    }
    for field in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        not_negative(&spec[field], &SPEC.child(field), errors);
    }
    let name = new["metadata"]["name"].text();
    if old.is_none() && name.len() > MAX_NAME {
        let metadata = Path::new("metadata");
        errors.invalid(&metadata.child("name"), name, "must be no more than 52 characters");
    }
}

fn schedule(spec: &Value, errors: &mut Errors) {
    let (text, path) = (spec["schedule"].text(), SPEC.child("schedule"));
    if text.is_empty() {
        errors.required(&path, "");
        return;
    }
    let zoned = ["TZ=", "CRON_TZ="].iter().any(|p| text.starts_with(p));
    let bare = if zoned { text.split_once(' ').map_or("", |(_, rest)| rest.trim()) } else { text };
    if let Err(why) = Schedule::parse(bare) {
        errors.invalid(&path, text, &why);
    }
    if text.contains("TZ") {
        let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        errors.invalid(&path, text, detail);
    }
}

fn zone(given: &Value, path: &Path<'_>, errors: &mut Errors) {
    let Some(name) = given.as_str() else { return };
    if name.is_empty() {
        errors.invalid(path, name, "timeZone must be nil or non-empty string");
    } else if name.eq_ignore_ascii_case("local") {
        let detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        errors.invalid(path, name, detail);
    } else if !looks_like_zone(name) {
        errors.invalid(path, name, &format!("unknown time zone {name}"));
    }
}

/// The zones themselves are not carried along: a name of the database's shape counts as known.
fn looks_like_zone(name: &str) -> bool {
    const AREAS: &[&str] = &[
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Brazil",
        "Canada",
        "Chile",
        "Etc",
        "Europe",
        "Indian",
        "Mexico",
        "Pacific",
        "US",
    ];
    const SINGLE: &[&str] = &[
        "UTC",
        "GMT",
        "Zulu",
        "UCT",
        "Universal",
        "Greenwich",
        "CET",
        "EET",
        "MET",
        "WET",
        "EST",
        "MST",
        "HST",
        "EST5EDT",
        "CST6CDT",
        "MST7MDT",
        "PST8PDT",
        "Cuba",
        "Egypt",
        "Eire",
        "GB",
        "Hongkong",
        "Iceland",
        "Iran",
        "Israel",
        "Jamaica",
        "Japan",
        "Kwajalein",
        "Libya",
        "NZ",
        "Navajo",
        "PRC",
        "Poland",
        "Portugal",
        "ROC",
        "ROK",
        "Singapore",
        "Turkey",
        "W-SU",
    ];
    match name.split_once('/') {
        None => SINGLE.contains(&name),
        Some((area, city)) => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-+/".contains(c);
            AREAS.contains(&area)
                && city.starts_with(|c: char| c.is_ascii_uppercase())
                && city.chars().all(plain)
        }
    }
}
