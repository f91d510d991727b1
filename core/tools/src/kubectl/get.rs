//! `kubectl get`: objects as tables the server made, or in any other format; sorted, filtered,
//! watched. Follows `k8s.io/kubectl/pkg/cmd/get`.

use super::builder::pages;
use super::discovery::{Resource, list_of};
use super::{Builder, Client, Failure, Info, Item, client, common, failure, watch};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers::table::{Options, TablePrinter, fallback};
use crate::printers::{self, Printer, sort};
use drydock_machinery::{Value, quote};
use drydock_network::http::{Body, Request};
use std::sync::Arc;

pub const COMMAND: Command = Command {
    name: "get",
    usage: "get [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    short: "Display one or many resources",
    long: "Display one or many resources.\n\n Shows the most important facts about the chosen objects as a table. Choose by name, with a label selector and --selector, or in all namespaces with -A. Other formats are chosen with -o.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    examples: "# All pods of the namespace\nkubectl get pods\n\n# With more columns\nkubectl get pods -o wide\n\n# One Deployment as YAML\nkubectl get deployment web -o yaml\n\n# The image of a pod's first container\nkubectl get pod web -o jsonpath='{.spec.containers[0].image}'\n\n# Several kinds at once\nkubectl get rs,services",
    flags: &[
        printers::FLAGS,
        common::FILES,
        common::SELECTOR,
        common::FIELD_SELECTOR,
        common::ALL_NAMESPACES,
        common::CHUNK,
        FLAGS,
    ],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("watch", 'w', false, "After listing/getting the requested object, watch for changes."),
    Flag::bool(
        "watch-only",
        '\0',
        false,
        "Watch for changes to the requested object(s), without listing/getting first.",
    ),
    Flag::bool(
        "output-watch-events",
        '\0',
        false,
        "Output watch event objects when --watch or --watch-only is used. Existing objects are output as initial ADDED events.",
    ),
    Flag::bool(
        "ignore-not-found",
        '\0',
        false,
        "If set to true, suppresses NotFound error for specific objects that do not exist.",
    ),
    Flag::slice(
        "label-columns",
        'L',
        "Accepts a comma separated list of labels that are going to be presented as columns. Names are case-sensitive.",
    ),
    Flag::bool(
        "no-headers",
        '\0',
        false,
        "When using the default or custom-column output format, don't print headers.",
    ),
    Flag::string(
        "raw",
        '\0',
        "",
        "Raw URI to request from the server.  Uses the transport specified by the kubeconfig file.",
    ),
    Flag::bool("server-print", '\0', true, "If true, have the server return the appropriate table output."),
    Flag::bool("show-kind", '\0', false, "If present, list the resource type for the requested object(s)."),
    Flag::bool("show-labels", '\0', false, "When printing, show all labels as the last column."),
    Flag::string(
        "sort-by",
        '\0',
        "",
        "If non-empty, sort list types using this field specification, a JSONPath expression (e.g. '{.metadata.name}').",
    ),
    Flag::string("subresource", '\0', "", "If specified, gets the subresource of the requested object."),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    validate(invocation)?;
    let mut client = Client::new(invocation)?;
    if !invocation.str("raw").is_empty() {
        return raw(invocation, &client);
    }
    if invocation.args.is_empty()
        && invocation.list("filename").is_empty()
        && invocation.str("kustomize").is_empty()
    {
        invocation.eprint("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\n");
        return Err(invocation.usage_error(
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
        ));
    }
    let mut builder = Builder::new(invocation);
    builder.limit = invocation.int("chunk-size");
    // Templates may ask for anything; the other formats hide managed fields.
    builder.lean = !invocation.bool("show-managed-fields")
        && matches!(invocation.str("output"), "" | "wide" | "yaml" | "json" | "name")
        && invocation.str("template").is_empty();
    let watches = invocation.bool("watch") || invocation.bool("watch-only");
    if !invocation.str("sort-by").is_empty() && !watches {
        builder.limit = 0;
    }
    let plan = builder.clone().plan_or_all(invocation, &mut client)?;
    if watches {
        let printer = Printer::for_get(invocation)?;
        return watch::start(invocation, &client, &builder, plan, printer);
    }
    match (invocation.str("output"), invocation.str("template")) {
        ("" | "wide", "") | ("wide", _) => table(invocation, &client, &builder, plan),
        _ => other(invocation, &mut client, &builder, plan),
    }
}

fn validate(invocation: &Invocation<'_, '_>) -> Result<(), Failure> {
    let output = invocation.str("output");
    if invocation.bool("show-labels") && !matches!(output, "" | "wide") {
        return Err(format!("--show-labels option cannot be used with {output} printer").into());
    }
    if invocation.bool("output-watch-events") && !invocation.bool("watch") && !invocation.bool("watch-only") {
        return Err("--output-watch-events option can only be used with --watch or --watch-only".into());
    }
    if !invocation.str("raw").is_empty() {
        if !invocation.args.is_empty() || !invocation.list("filename").is_empty() || !output.is_empty() {
            return Err("arguments may not be passed when --raw is specified".into());
        }
        if !invocation.str("selector").is_empty() {
            return Err("--raw and --selector are mutually exclusive".into());
        }
    }
    Ok(())
}

/// A part of a URL without its `%20`.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn raw(invocation: &mut Invocation<'_, '_>, client: &Client) -> Outcome {
    let uri = invocation.str("raw").to_string();
    if !uri.starts_with('/') && !uri.contains("://") {
        let uri = quote::go(&uri);
        return Err(Error::new(format_args!(
            "--raw must be a valid URL path: parse {uri}: invalid URI for request"
        )));
    }
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let mut request = Request::get(unescaped(path)).header("Accept", client::ANY);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        request = request.query(&unescaped(key), unescaped(&value.replace('+', " ")));
    }
    let response = client.send(invocation.sys, request)?;
    if !response.is_success() {
        return Err(Failure::Status(client::status_of(&response, "")).into());
    }
    let bytes = response.body.bytes();
    invocation.sys.write(drydock_container::fd::STDOUT, &bytes);
    // Go's encoder ends an object's line.
    if matches!(response.body, Body::Json(_)) {
        invocation.sys.print("\n");
    }
    Ok(Flow::Done(0))
}

/// The table options of the command line for one resource.
pub(super) fn options(invocation: &Invocation<'_, '_>, resource: &Resource, with_kind: bool) -> Options {
    Options {
        wide: invocation.str("output") == "wide",
        no_headers: invocation.bool("no-headers"),
        with_namespace: invocation.bool("all-namespaces") && resource.namespaced,
        with_kind: (with_kind || invocation.bool("show-kind")).then(|| resource.kind_group()),
        show_labels: invocation.bool("show-labels"),
        label_columns: invocation.list("label-columns"),
        events: invocation.bool("output-watch-events"),
    }
}

pub(super) fn resource_of(item: &Item) -> &Arc<Resource> {
    match item {
        Item::Named(info) => &info.resource,
        Item::List { resource, .. } => resource,
    }
}

/// The table form of what the server gave, whether it made one or not.
pub(super) fn as_table(value: Value, now: i64) -> Value {
    if value["kind"] == "Table" { value } else { fallback(&value, now) }
}

fn table(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    builder: &Builder,
    plan: super::Plan,
) -> Outcome {
    let sort_by = invocation.str("sort-by").to_string();
    let now = invocation.sys.unix();
    let mut failures = plan.failures;
    let mut tables: Vec<(Arc<Resource>, Value)> = Vec::new();
    for item in &plan.items {
        let mut request = builder.request(item, client::TABLE);
        if !sort_by.is_empty() {
            request = request.query("includeObject", "Object");
        }
        match pages(invocation, client, request) {
            Ok(value) => tables.push((resource_of(item).clone(), as_table(value, now))),
            Err(failure) => failures.push(builder.about(item, failure)),
        }
    }
    let several = tables.iter().any(|t| tables.first().is_some_and(|f| f.0 != t.0));
    if !sort_by.is_empty() {
        tables = sorted(tables, &sort_by)?;
    }
    let mut printed = false;
    let mut at: Option<(Arc<Resource>, TablePrinter)> = None;
    let mut separate = false;
    for (resource, table) in &tables {
        if at.as_ref().is_none_or(|(last, _)| last != resource) {
            separate = at.is_some() && printed && !invocation.bool("no-headers");
            flush(invocation, at.as_mut());
            at = Some((resource.clone(), TablePrinter::new(options(invocation, resource, several))));
        }
        if table["rows"].items().is_empty() {
            continue;
        }
        if std::mem::take(&mut separate) {
            invocation.print("\n");
        }
        printed = true;
        if let Some((_, printer)) = at.as_mut() {
            printer.add(table, "");
        }
    }
    flush(invocation, at.as_mut());
    finish(invocation, client, &plan.items, failures, printed)
}

fn flush(invocation: &mut Invocation<'_, '_>, at: Option<&mut (Arc<Resource>, TablePrinter)>) {
    if let Some((_, printer)) = at {
        let text = printer.flush();
        invocation.print(&text);
    }
}

/// Tables of one kind are joined and ordered by their rows' objects.
fn sorted(tables: Vec<(Arc<Resource>, Value)>, path: &str) -> Result<Vec<(Arc<Resource>, Value)>, Failure> {
    let mut joined: Vec<(Arc<Resource>, Value)> = Vec::new();
    for (resource, table) in tables {
        match joined.iter_mut().find(|j| j.0 == resource) {
            Some((_, known)) => {
                let rows: Vec<Value> =
                    known["rows"].items().iter().chain(table["rows"].items()).cloned().collect();
                *known = known.with("rows", rows);
            }
            None => joined.push((resource, table)),
        }
    }
    for (_, table) in &mut joined {
        let rows = sort::sort_by(table["rows"].items(), path, |row| row.get("object"))?;
        *table = table.with("rows", rows);
    }
    Ok(joined)
}

fn other(
    invocation: &mut Invocation<'_, '_>,
    client: &mut Client,
    builder: &Builder,
    plan: super::Plan,
) -> Outcome {
    let (items, single) = (plan.items.clone(), plan.single);
    let (infos, mut failures): (Vec<Info>, Vec<Failure>) = builder.fetch_plan(invocation, client, plan);
    if invocation.bool("ignore-not-found") {
        failures.retain(|f| !f.is_not_found());
    }
    let mut objects: Vec<Value> = infos.into_iter().map(|i| i.object).collect();
    let path = invocation.str("sort-by").to_string();
    if !path.is_empty() {
        objects = sort::sort_by(&objects, &path, |o| o)?;
    }
    // The format is looked at only now, as the real one does.
    let Some(mut printer) = Printer::for_get(invocation)? else { return Ok(Flow::Done(0)) };
    let printed = !objects.is_empty();
    match objects.as_slice() {
        [one] if single => {
            let text = printer.print(one)?;
            invocation.print(&text);
        }
        [] if single => {}
        _ => {
            let text = printer.print(&list_of(objects))?;
            invocation.print(&text);
        }
    }
    // An empty list is printed as one; only `-o name` and the like say that there is nothing.
    let silent =
        !printed && matches!(printer.format, printers::Format::Name | printers::Format::CustomColumns { .. });
    finish(invocation, client, &items, failures, !silent)
}

/// The message about nothing, then what went wrong.
fn finish(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    items: &[Item],
    mut failures: Vec<Failure>,
    printed: bool,
) -> Outcome {
    let ignored = invocation.bool("ignore-not-found");
    if ignored {
        failures.retain(|f| !f.is_not_found());
    }
    if !printed && failures.is_empty() && !ignored {
        let text = nothing(invocation, client, items);
        invocation.eprint(&text);
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(failure::aggregate(&failures)) }
}

/// `No resources found in default namespace.`
pub(super) fn nothing(invocation: &Invocation<'_, '_>, client: &Client, items: &[Item]) -> String {
    let namespaced = items.iter().all(|i| resource_of(i).namespaced) && !items.is_empty();
    if namespaced && !invocation.bool("all-namespaces") {
        format!("No resources found in {} namespace.\n", client.namespace())
    } else {
        "No resources found\n".into()
    }
}
