//! HorizontalPodAutoscalers (autoscaling/v2).

use super::page::{Page, date, line, or_unset, plain, quantity};
use super::{Ask, events};
use crate::kubectl::Failure;
use drydock_machinery::{Value, quote};

pub fn describe(ask: &mut Ask<'_, '_, '_>, hpa: &Value) -> Result<String, Failure> {
    let (spec, status) = (&hpa["spec"], &hpa["status"]);
    let happened = ask.events_of(hpa);
    let mut page = ask.page();
    page.head(hpa);
    line!(page, 0, "CreationTimestamp:\t{}", date(&hpa["metadata"]["creationTimestamp"]));
    let target = &spec["scaleTargetRef"];
    line!(page, 0, "Reference:\t{}/{}", target["kind"].text(), target["name"].text());
    page.line(0, "Metrics:\t( current / target )");
    for (at, metric) in spec["metrics"].items().iter().enumerate() {
        line!(page, 1, "{}", metric_line(metric, &status["currentMetrics"][at]));
    }
    line!(page, 0, "Min replicas:\t{}", or_unset(&spec["minReplicas"]));
    line!(page, 0, "Max replicas:\t{}", spec["maxReplicas"].int());
    if spec["behavior"].is_map() {
        page.line(0, "Behavior:");
        behavior(&mut page, "Scale Up", &spec["behavior"]["scaleUp"]);
        behavior(&mut page, "Scale Down", &spec["behavior"]["scaleDown"]);
    }
    let (current, desired) = (status["currentReplicas"].int(), status["desiredReplicas"].int());
    line!(page, 0, "{} pods:\t{current} current / {desired} desired", target["kind"].text());
    if !status["conditions"].items().is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tReason\tMessage");
        page.line(1, "----\t------\t------\t-------");
    }
    for c in status["conditions"].items() {
        let (kind, state) = (c["type"].text(), c["status"].text());
        line!(page, 1, "{kind}\t{state}\t{}\t{}", c["reason"].text(), c["message"].text());
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

/// `resource cpu on pods  (as a percentage of request):\t12% (12m) / 50%`.
fn metric_line(metric: &Value, current: &Value) -> String {
    let field = match metric["type"].text() {
        "External" => "external",
        "Pods" => "pods",
        "Object" => "object",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        other => return format!("<unknown metric type {}>", quote::go(other)),
    };
    let (wanted, now) = (&metric[field], &current[field]["current"]);
    let known = |part: &str| if now[part].is_null() { "<unknown>".into() } else { quantity(&now[part]) };
    let target = &wanted["target"];
    let name = wanted["metric"]["name"].text();
    match field {
        "external" if !target["averageValue"].is_null() => {
            format!(
                "{} (target average value):\t{} / {}",
                quote::go(name),
                known("averageValue"),
                quantity(&target["averageValue"])
            )
        }
        "external" => format!(
            "{} (target value):\t{} / {}",
            quote::go(name),
            known("value"),
            quantity(&target["value"])
        ),
        "pods" => format!(
            "{} on pods:\t{} / {}",
            quote::go(name),
            known("averageValue"),
            quantity(&target["averageValue"])
        ),
        "object" => {
            let about = &wanted["describedObject"];
            let (what, part) = if target["type"] == "AverageValue" {
                ("target average value", "averageValue")
            } else {
                ("target value", "value")
            };
            format!(
                "\"{name}\" on {}/{} ({what}):\t{} / {}",
                about["kind"].text(),
                about["name"].text(),
                known(part),
                quantity(&target[part])
            )
        }
        _ => {
            let of = match field {
                "containerResource" => format!(" of container \"{}\"", wanted["container"].text()),
                _ => String::new(),
            };
            let head = format!("resource {}{of} on pods", wanted["name"].text());
            if !target["averageValue"].is_null() {
                return format!("{head}:\t{} / {}", known("averageValue"), quantity(&target["averageValue"]));
            }
            let current = match now["averageUtilization"].as_int() {
                Some(percent) => format!("{percent}% ({})", quantity(&now["averageValue"])),
                None => "<unknown>".into(),
            };
            let wanted = target["averageUtilization"].as_int().map_or("<auto>".into(), |p| format!("{p}%"));
            format!("{head}  (as a percentage of request):\t{current} / {wanted}")
        }
    }
}

fn behavior(page: &mut Page, direction: &str, rules: &Value) {
    if !rules.is_map() {
        return;
    }
    line!(page, 1, "{direction}:");
    if let Some(seconds) = rules["stabilizationWindowSeconds"].as_int() {
        line!(page, 2, "Stabilization Window: {seconds} seconds");
    }
    if !rules["policies"].items().is_empty() {
        let select =
            if rules["selectPolicy"].is_null() { "Max".into() } else { plain(&rules["selectPolicy"]) };
        line!(page, 2, "Select Policy: {select}");
        page.line(2, "Policies:");
        for policy in rules["policies"].items() {
            let (kind, value, period) =
                (policy["type"].text(), policy["value"].int(), policy["periodSeconds"].int());
            line!(page, 3, "- Type: {kind}\tValue: {value}\tPeriod: {period} seconds");
        }
    }
}
