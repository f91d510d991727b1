//! Namespaces with their quotas and limits; ResourceQuotas and LimitRanges themselves.

use super::Ask;
use super::page::{Page, date, line, quantity};
use crate::kubectl::Failure;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use std::collections::BTreeSet;

pub fn describe(ask: &mut Ask<'_, '_, '_>, namespace: &Value) -> Result<String, Failure> {
    let (metadata, status) = (&namespace["metadata"], &namespace["status"]);
    let name = metadata["name"].text();
    let quotas = ask.list(&format!("/api/v1/namespaces/{name}/resourcequotas"), "", "", true)?;
    let limits = ask.list(&format!("/api/v1/namespaces/{name}/limitranges"), "", "", true)?;
    let mut page = ask.page();
    line!(page, 0, "Name:\t{name}");
    page.labels("Labels", &metadata["labels"]);
    page.annotations("Annotations", &metadata["annotations"]);
    line!(page, 0, "Status:\t{}", status["phase"].text());
    if !status["conditions"].items().is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        page.line(1, "----\t------\t------------------\t------\t-------");
    }
    for c in status["conditions"].items() {
        let (kind, state, since) = (c["type"].text(), c["status"].text(), date(&c["lastTransitionTime"]));
        line!(page, 1, "{kind}\t{state}\t{since}\t{}\t{}", c["reason"].text(), c["message"].text());
    }
    page.line(0, "");
    all_quotas(&mut page, quotas);
    page.line(0, "");
    if limits.is_empty() {
        page.line(0, "No LimitRange resource.");
    } else {
        page.line(0, "Resource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
        page.line(0, " ----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
        limits.iter().for_each(|range| limit_rows(&mut page, &range["spec"], " "));
    }
    Ok(page.finish())
}

fn all_quotas(page: &mut Page, mut quotas: Vec<Value>) {
    if quotas.is_empty() {
        page.line(0, "No resource quota.");
        return;
    }
    quotas.arrange_by(|a, b| a["metadata"]["name"].text().cmp(b["metadata"]["name"].text()));
    page.line(0, "Resource Quotas");
    for quota in &quotas {
        line!(page, 1, "Name:\t{}", quota["metadata"]["name"].text());
        scopes(page, &quota["spec"]["scopes"], 1, "* ");
        page.line(1, "Resource\tUsed\tHard");
        page.line(1, "--------\t---\t---");
        for (resource, hard) in quota["status"]["hard"].entries() {
            let used = &quota["status"]["used"][resource.text()];
            line!(page, 1, "{resource}\t{}\t{}", quantity(used), quantity(hard));
        }
    }
}

fn scopes(page: &mut Page, scopes: &Value, level: usize, bullet: &str) {
    let mut names: Vec<&str> = scopes.items().iter().map(Value::text).collect();
    if names.is_empty() {
        return;
    }
    names.arrange();
    line!(page, level, "Scopes:\t{}", names.join(", "));
    for name in names {
        let about = match name {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
            }
            _ => continue,
        };
        line!(page, level, "{bullet}{about}");
    }
}

pub fn quota(ask: &mut Ask<'_, '_, '_>, quota: &Value) -> Result<String, Failure> {
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", quota["metadata"]["name"].text());
    line!(page, 0, "Namespace:\t{}", quota["metadata"]["namespace"].text());
    scopes(&mut page, &quota["spec"]["scopes"], 0, " * ");
    page.line(0, "Resource\tUsed\tHard");
    page.line(0, "--------\t----\t----");
    for (resource, hard) in quota["status"]["hard"].entries() {
        let used = &quota["status"]["used"][resource.text()];
        line!(page, 0, "{resource}\t{}\t{}", quantity(used), quantity(hard));
    }
    Ok(page.finish())
}

pub fn limit_range(ask: &mut Ask<'_, '_, '_>, range: &Value) -> Result<String, Failure> {
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", range["metadata"]["name"].text());
    line!(page, 0, "Namespace:\t{}", range["metadata"]["namespace"].text());
    page.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    page.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    limit_rows(&mut page, &range["spec"], "");
    Ok(page.finish())
}

fn limit_rows(page: &mut Page, spec: &Value, prefix: &str) {
    const FIELDS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for item in spec["limits"].items() {
        let names: BTreeSet<&str> =
            FIELDS.iter().flat_map(|f| item[*f].entries()).map(|entry| entry.0.text()).collect();
        for name in names {
            let cells: Vec<String> = FIELDS
                .iter()
                .map(|f| if item[*f][name].is_null() { "-".into() } else { quantity(&item[*f][name]) })
                .collect();
            line!(page, 0, "{prefix}{}\t{name}\t{}", item["type"].text(), cells.join("\t"));
        }
    }
}
