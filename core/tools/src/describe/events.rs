//! The events at the end of a description.

use super::page::{Page, line, seconds};
use crate::printers::go_sort;
use drydock_machinery::Value;

/// The Events block; nothing at all when they were not asked for.
pub fn write(page: &mut Page, events: Option<Vec<Value>>) {
    let Some(mut events) = events else { return };
    if events.is_empty() {
        page.line(0, "Events:\t<none>");
        return;
    }
    page.flush();
    go_sort::sort(&mut events, &|a: &Value, b: &Value| {
        seconds(&a["lastTimestamp"]) < seconds(&b["lastTimestamp"])
    });
    page.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
    page.line(1, "----\t------\t----\t----\t-------");
    for event in &events {
        let source = match event["source"]["component"].text() {
            "" => event["reportingComponent"].text(),
            component => component,
        };
        let (kind, reason, message) = (event["type"].text(), event["reason"].text(), event["message"].text());
        line!(page, 1, "{kind}\t{reason}\t{}\t{source}\t{}", interval(event, page.now), message.trim());
    }
}

/// `45s (x43 over 11m)`.
#[must_use]
pub fn interval(event: &Value, now: i64) -> String {
    let since = |value: &Value| super::page::since(value, now);
    let first = if event["eventTime"].is_empty() { &event["firstTimestamp"] } else { &event["eventTime"] };
    let series = &event["series"];
    if series.is_map() {
        format!("{} (x{} over {})", since(&series["lastObservedTime"]), series["count"].int(), since(first))
    } else if event["count"].int() > 1 {
        format!("{} (x{} over {})", since(&event["lastTimestamp"]), event["count"].int(), since(first))
    } else {
        since(first)
    }
}
