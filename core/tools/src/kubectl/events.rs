//! `kubectl events`: events in order of time. Follows `k8s.io/kubectl/pkg/cmd/events`.

use super::builder::{items_of, pages};
use super::{Client, Failure, client, common};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::describe::interval;
use crate::printers::{self, Format, Printer, go_sort};
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::{Value, schema, time, value};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "events",
    usage: "events [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    short: "List events",
    long: "Display events.\n\n Prints a table of the most important information about events, oldest first: of a namespace, of all namespaces, or filtered to those about a resource.",
    examples: "# Recent events of the namespace\nkubectl events\n\n# Of all namespaces\nkubectl events --all-namespaces\n\n# About a pod\nkubectl events --for pod/web-pod-13je7\n\n# Only warnings\nkubectl events --types=Warning",
    flags: &[printers::FLAGS, common::ALL_NAMESPACES, common::CHUNK, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("watch", 'w', false, "After listing the requested events, watch for more events."),
    Flag::string("for", '\0', "", "Filter events to only those pertaining to the specified resource."),
    Flag::slice("types", '\0', "Output only events of given types."),
    Flag::bool("no-headers", '\0', false, "When using the default output format, don't print headers."),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let types = invocation.list("types");
    if types.iter().any(|t| !matches!(t.to_lowercase().as_str(), "normal" | "warning")) {
        return Err(Failure::message("valid --types are Normal or Warning").into());
    }
    let printer = Printer::from_flags(invocation)?;
    let mut client = Client::new(invocation)?;
    let all = invocation.bool("all-namespaces");
    let path = match all {
        true => "/api/v1/events".to_string(),
        false => format!("/api/v1/namespaces/{}/events", client.namespace()),
    };
    let mut request = Request::get(path)
        .header("Accept", client::PROTO)
        .query("limit", invocation.int("chunk-size").to_string());
    let about = invocation.str("for").to_string();
    if !about.is_empty() {
        let Some((kind, name)) = about.split_once('/').filter(|(k, n)| !k.is_empty() && !n.is_empty()) else {
            return Err(Failure::message("--for must be in resource/name form").into());
        };
        // This command prints the mapper's complaint as it is.
        let unknown = |_| Error::raw(format!("the server doesn't have a resource type \"{kind}\"\n"));
        let resource = client.resource(invocation.sys, kind).map_err(unknown)?;
        request = request.query(
            "fieldSelector",
            format!(
                "involvedObject.kind={},involvedObject.apiVersion={},involvedObject.name={name}",
                resource.kind,
                resource.api_version()
            ),
        );
    }
    let list = pages(invocation, &client, request)?;
    let wanted =
        |e: &Value| types.is_empty() || types.iter().any(|t| t.eq_ignore_ascii_case(e["type"].text()));
    let mut events: Vec<Value> = items_of(&list).into_iter().filter(wanted).collect();
    go_sort::sort(&mut events, &|a: &Value, b: &Value| last(a) < last(b));
    if events.is_empty() {
        let text = match all {
            true => "No events found.\n".to_string(),
            false => format!("No events found in {} namespace.\n", client.namespace()),
        };
        invocation.eprint(&text);
        return Ok(Flow::Done(0));
    }
    let text = match printer {
        None => table(&events, all, invocation.bool("no-headers"), invocation.sys.unix()),
        // Events of a typed list have no kind that a name could begin with.
        Some(printer) if printer.format == printers::Format::Name => String::new(),
        Some(printer) => formatted(printer.typed(), &events)?,
    };
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// When an event was last seen: its series, its last time, or its only one.
fn last(event: &Value) -> i64 {
    let micros = |v: &Value| match time::parse_micro(v.text()) {
        Some(micros) => Some(micros),
        None => drydock_machinery::Timestamp::parse(v.text()).map(|t| t.0.saturating_mul(1_000_000)),
    };
    let series = micros(&event["series"]["lastObservedTime"]);
    series
        .or_else(|| micros(&event["lastTimestamp"]))
        .or_else(|| micros(&event["eventTime"]))
        .unwrap_or(i64::MIN)
}

fn table(events: &[Value], all: bool, no_headers: bool, now: i64) -> String {
    let mut out = TabWriter::kubectl();
    if !no_headers {
        let first = if all { "NAMESPACE\t" } else { "" };
        out.write(&format!("{first}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n"));
    }
    for event in events {
        let place = if all { format!("{}\t", event["metadata"]["namespace"].text()) } else { String::new() };
        let object = &event["involvedObject"];
        let seen = interval(event, now);
        out.write(&format!(
            "{place}{seen}\t{}\t{}\t{}/{}\t{}\n",
            event["type"].text(),
            event["reason"].text(),
            object["kind"].text(),
            object["name"].text(),
            event["message"].text().trim()
        ));
    }
    out.flush()
}

/// The events as the Go structs print them.
fn formatted(mut printer: Printer, events: &[Value]) -> Result<String, Failure> {
    let schema = schema::builtin();
    let typed = |event: &Value| match schema.kind("v1", "Event") {
        Some(ty) => schema::go::typed(schema, ty, event),
        None => event.clone(),
    };
    if matches!(printer.format, Format::Name) {
        let mut text = String::new();
        for event in events {
            text += &printer.print(event)?;
        }
        return Ok(text);
    }
    let items: Vec<Value> = events.iter().map(typed).collect();
    printer.print(&value!({"apiVersion": "v1", "items": items, "kind": "EventList", "metadata": {}}))
}
