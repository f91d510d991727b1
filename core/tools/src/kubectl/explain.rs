//! `kubectl explain`: what a kind and its fields are, from the server's OpenAPI v3. Follows
//! `k8s.io/kubectl/pkg/explain/v2` and its plaintext template.

mod old;
mod page;

use super::{Client, Failure, client};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_machinery::{Value, limits, quote};
use drydock_network::http::Request;

/// How the Swagger document is asked for.
const SWAGGER: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

pub const COMMAND: Command = Command {
    name: "explain",
    usage: "explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
    short: "Get documentation for a resource",
    long: "Describe fields and structure of various resources.\n\n This command describes the fields associated with each supported API resource. Fields are identified via a simple JSONPath identifier:\n\n        <type>.<fieldName>[.<fieldName>]\n\n Information about each field is retrieved from the server in OpenAPI format.",
    examples: "# The resource and its fields\nkubectl explain pods\n\n# All fields of it\nkubectl explain pods --recursive\n\n# One field\nkubectl explain pods.spec.containers",
    flags: &[&[
        Flag::string("api-version", '\0', "", "Use given api-version (group/version) of the resource."),
        Flag::string(
            "output",
            'o',
            "plaintext",
            "Format in which to render the schema. Valid values are: (plaintext, plaintext-openapiv2).",
        ),
        Flag::bool(
            "recursive",
            '\0',
            false,
            "When true, print the name of all the fields recursively. Otherwise, print the available fields with their description.",
        ),
    ]],
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let [path] = invocation.args.as_slice() else {
        return Err(match invocation.args.len() {
            0 => Error::new(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.",
            ),
            _ => Error::new("We accept only this format: explain RESOURCE"),
        });
    };
    let path = path.clone();
    let output = invocation.str("output").to_string();
    if !matches!(output.as_str(), "" | "plaintext" | "plaintext-openapiv2") {
        return Err(Error::new(format_args!("unrecognized format: {output}")));
    }
    let mut client = Client::new(invocation)?;
    let (resource, fields) = resolve(invocation, &mut client, &path)?;
    let wanted = invocation.str("api-version").to_string();
    let wanted = if wanted.is_empty() { resource.api_version() } else { wanted };
    let (group, version) = wanted.split_once('/').unwrap_or(("", &wanted));
    let place = format!("{group}/{version}, Resource={}", resource.plural);
    let document = document(invocation, &client, &wanted)?;
    if document.is_null() {
        return Err(Failure::message(format!("couldn't find resource for \"{place}\"")).into());
    }
    let missing = || Failure::message(format!("GVR ({place}) not found in OpenAPI schema"));
    let served = client.discover(invocation.sys)?;
    let resource = served.resources.iter().find(|r| r.plural == resource.plural && r.api_version() == wanted);
    let resource = resource.ok_or_else(missing)?.clone();
    let schemas = document.at(&["components", "schemas"]);
    let top = of_kind(schemas, &resource.group, &resource.version, &resource.kind).ok_or_else(missing)?;
    let mut text = String::new();
    if !resource.group.is_empty() {
        text += &format!("GROUP:      {}\n", resource.group);
    }
    text += &format!("KIND:       {}\nVERSION:    {}\n\n", resource.kind, resource.version);
    if output == "plaintext-openapiv2" {
        return swagger(invocation, &client, &resource, &fields);
    }
    invocation.print(&text);
    let page = page::Page { schemas, recursive: invocation.bool("recursive") };
    let Some(body) = page.output(&top, &fields, &[], limits::DEPTH) else {
        let last = fields.last().map_or("", String::as_str);
        return Err(Error::new(format_args!("field \"{last}\" does not exist")));
    };
    invocation.print(&format!("{body}\n"));
    Ok(Flow::Done(0))
}

/// The page of old, from the Swagger document.
fn swagger(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    resource: &super::Resource,
    fields: &[String],
) -> Outcome {
    let request = Request::get("/openapi/v2").query("timeout", "32s").header("Accept", SWAGGER);
    let document = client.call(invocation.sys, request)?;
    let old = old::Old { definitions: &document["definitions"], recursive: invocation.bool("recursive") };
    let Some(top) = old.of_kind(&resource.group, &resource.version, &resource.kind) else {
        let gvk = format!("{}, Kind={}", resource.api_version(), resource.kind);
        return Err(Error::new(format_args!("couldn't find resource for {}", quote::go(&gvk))));
    };
    let head = format!("KIND:     {}\nVERSION:  {}\n\n", resource.kind, resource.api_version());
    let text = old.page(top, fields, &head).map_err(Error::new)?;
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// `pods.spec` is a resource and a path into it; groups may stand between them.
fn resolve(
    invocation: &mut Invocation<'_, '_>,
    client: &mut Client,
    path: &str,
) -> Result<(std::sync::Arc<super::Resource>, Vec<String>), Error> {
    let discovery = client.discover(invocation.sys)?;
    let parts: Vec<&str> = path.split('.').collect();
    let name = parts.first().copied().unwrap_or("");
    let Some(resource) = discovery.resolve(name) else {
        // The whole may be a resource with its group.
        return match discovery.resolve(path) {
            Some(resource) => Ok((resource, Vec::new())),
            None => Err(Error::raw(format!("the server doesn't have a resource type \"{name}\"\n"))),
        };
    };
    // `deployments.apps.spec`: words of the group are no fields.
    for count in (1..parts.len()).rev() {
        let group = parts.get(1..=count).unwrap_or(&[]).join(".");
        if let Some(exact) = discovery.resources.iter().find(|r| {
            r.group == group && (r.plural == name || r.singular == name || r.short.iter().any(|s| s == name))
        }) {
            let rest = parts.get(count + 1..).unwrap_or(&[]);
            return Ok((exact.clone(), rest.iter().map(|p| (*p).to_string()).collect()));
        }
    }
    Ok((resource, parts.iter().skip(1).map(|p| (*p).to_string()).collect()))
}

/// The OpenAPI document of a group and version.
fn document(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    api_version: &str,
) -> Result<Value, Failure> {
    let request = Request::get("/openapi/v3").query("timeout", "32s").header("Accept", client::ANY);
    let index = client.call(invocation.sys, request)?;
    let key =
        if api_version.contains('/') { format!("apis/{api_version}") } else { format!("api/{api_version}") };
    let link = index["paths"][key.as_str()]["serverRelativeURL"].text().to_string();
    if link.is_empty() {
        return Ok(Value::Null);
    }
    let (path, query) = link.split_once('?').unwrap_or((&link, ""));
    let mut request = Request::get(path).query("timeout", "32s").header("Accept", client::JSON);
    for (name, value) in query.split('&').filter_map(|p| p.split_once('=')) {
        request = request.query(name, value);
    }
    client.call(invocation.sys, request)
}

/// The schema of a kind among those of a document.
fn of_kind(schemas: &Value, group: &str, version: &str, kind: &str) -> Option<Value> {
    let is_it = |gvk: &Value| gvk["group"] == group && gvk["version"] == version && gvk["kind"] == kind;
    let entries = schemas.entries().iter();
    let found =
        entries.map(|e| &e.1).find(|s| s["x-kubernetes-group-version-kind"].items().iter().any(is_it));
    found.cloned()
}
