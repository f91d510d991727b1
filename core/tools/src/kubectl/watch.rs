//! `kubectl get --watch`: what is there, then every change as it comes, until the stream ends or the
//! process is interrupted.

use super::builder::pages;
use super::get::{as_table, options, resource_of};
use super::{Builder, Client, Failure, Item, Plan, client};
use crate::cli::{Flow, Invocation, Outcome};
use crate::printers::Printer;
use crate::printers::table::TablePrinter;
use drydock_cluster::rest::LEAN;
use drydock_container::machine::Behave;
use drydock_container::machines::Frame;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::{Value, value};
use drydock_network::http::{Request, Stream};
use std::hash::{Hash, Hasher};

/// How changes are printed.
#[derive(Clone)]
enum Out {
    Table(Box<TablePrinter>),
    Other(Box<Printer>),
}

impl Out {
    fn print(&mut self, object: &Value, event: &str, events: bool, now: i64) -> Result<String, Failure> {
        match self {
            Out::Table(printer) => {
                printer.add(&as_table(object.clone(), now), event);
                Ok(printer.flush())
            }
            Out::Other(printer) if events => {
                printer.print(&value!({"object": (object.clone()), "type": event}))
            }
            Out::Other(printer) => printer.print(object),
        }
    }
}

/// Lists, prints, and gives the machine that prints the changes.
pub fn start(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    builder: &Builder,
    plan: Plan,
    printer: Option<Printer>,
) -> Outcome {
    if let Some(failure) = plan.failures.into_iter().next() {
        return Err(failure.into());
    }
    let [item] = plan.items.as_slice() else {
        return Err(
            Failure::message("you may only watch a single resource or type of resource at a time").into()
        );
    };
    let accept = if printer.is_some() { client::JSON } else { client::TABLE };
    let events = invocation.bool("output-watch-events");
    let mut out = match printer {
        Some(printer) => Out::Other(Box::new(printer)),
        None => Out::Table(Box::new(TablePrinter::new(options(invocation, resource_of(item), false)))),
    };
    let now = invocation.sys.unix();
    let first = pages(invocation, client, builder.request(item, accept))?;
    let version = match item {
        Item::Named(_) if first["kind"] != "Table" => "0".to_string(),
        _ => first["metadata"]["resourceVersion"].text().to_string(),
    };
    let version = if version.is_empty() { "0".into() } else { version };
    if !invocation.bool("watch-only") {
        for object in split(&first) {
            let text = out.print(&object, "ADDED", events, now)?;
            invocation.print(&text);
        }
    }
    let stream = client.open(invocation.sys, request(builder, item, accept, &version))?;
    // A watch from version 0 begins with the object that was printed already.
    let skip = version == "0" && !invocation.bool("watch-only");
    Ok(Flow::Continue(Box::new(Watching { stream, out, events, skip })))
}

/// A table or object as it is; a list as its items.
fn split(first: &Value) -> Vec<Value> {
    if first["kind"] != "Table" && first.find("items").is_some() {
        super::builder::items_of(first)
    } else {
        vec![first.clone()]
    }
}

/// The watch request that follows a GET of `item`.
fn request(builder: &Builder, item: &Item, accept: &str, version: &str) -> Request {
    let (path, name) = match item {
        Item::Named(info) => (info.resource.path(&info.namespace), Some(info.name.as_str())),
        Item::List { resource, namespace } => (resource.path(namespace), None),
    };
    let mut request =
        Request::get(path).query("watch", "true").query("resourceVersion", version).header("Accept", accept);
    if builder.lean {
        request = request.header(LEAN, "true");
    }
    if !builder.selector.is_empty() {
        request = request.query("labelSelector", builder.selector.as_str());
    }
    match name {
        Some(name) => request.query("fieldSelector", format!("metadata.name={name}")),
        None if !builder.field_selector.is_empty() => {
            request.query("fieldSelector", builder.field_selector.as_str())
        }
        None => request,
    }
}

#[derive(Clone)]
struct Watching {
    stream: Stream,
    out: Out,
    events: bool,
    skip: bool,
}

impl Hash for Watching {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.stream, self.skip, self.events).hash(state);
    }
}

impl Behave for Watching {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match sys.read_stream(self.stream) {
            Frame::Pending => Step::wait(Wait::Stream(self.stream)),
            Frame::End => Step::Exit(0),
            Frame::Bytes { .. } => Step::Again,
            Frame::Json(event) => {
                let kind = event["type"].text();
                if kind == "BOOKMARK" {
                    return Step::Again;
                }
                if kind == "ERROR" {
                    let failure = Failure::Status(event["object"].clone());
                    sys.eprint(&format!("{}\n", failure.describe()));
                    return Step::Exit(1);
                }
                if std::mem::take(&mut self.skip) {
                    return Step::Again;
                }
                let now = sys.unix();
                match self.out.print(&event["object"], kind, self.events, now) {
                    Ok(text) => {
                        sys.print(&text);
                        Step::Again
                    }
                    Err(failure) => {
                        sys.eprint(&format!("{}\n", failure.describe()));
                        Step::Exit(1)
                    }
                }
            }
        }
    }
}
