//! `kubectl explain`: what a kind and its fields are, from the server's OpenAPI v3. Follows
//! `k8s.io/kubectl/pkg/explain/v2` and its plaintext template.

use super::{Client, Failure, client};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_machinery::{Value, limits, quote};
use drydock_network::http::Request;

/// Columns a description may fill.
const WIDTH: usize = 80;

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
        return Err(Error::new(format_args!("unknown format {}", quote::go(&output))));
    }
    let mut client = Client::new(invocation)?;
    let (resource, fields) = resolve(invocation, &mut client, &path)?;
    let wanted = invocation.str("api-version").to_string();
    let resource = match wanted.as_str() {
        "" => resource,
        version => client.discover(invocation.sys)?.kind(version, &resource.kind).ok_or_else(|| {
            Failure::message(format!(
                "couldn't find resource for \"{version}, Resource={}\"",
                resource.plural
            ))
        })?,
    };
    let document = document(invocation, &client, &resource.api_version())?;
    let missing = || {
        Failure::message(format!(
            "couldn't find resource for \"{}, Resource={}\"",
            resource.api_version(),
            resource.plural
        ))
    };
    let schemas = Schemas(document.at(&["components", "schemas"]).clone());
    let top = schemas.of_kind(&resource.group, &resource.version, &resource.kind).ok_or_else(missing)?;
    let mut text = String::new();
    if !resource.group.is_empty() {
        text += &format!("GROUP:      {}\n", resource.group);
    }
    text += &format!("KIND:       {}\nVERSION:    {}\n\n", resource.kind, resource.version);
    invocation.print(&text);
    let body = page(&schemas, &top, &fields, invocation.bool("recursive"))?;
    invocation.print(&body);
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

/// The schemas of a document by name.
struct Schemas(Value);

impl Schemas {
    fn of_kind(&self, group: &str, version: &str, kind: &str) -> Option<Value> {
        let is_it = |gvk: &Value| gvk["group"] == group && gvk["version"] == version && gvk["kind"] == kind;
        let entries = self.0.entries().iter();
        let found =
            entries.map(|e| &e.1).find(|s| s["x-kubernetes-group-version-kind"].items().iter().any(is_it));
        found.cloned()
    }
    /// The name a schema refers to, also within `allOf`.
    fn reference(schema: &Value) -> Option<&str> {
        let direct = schema["$ref"].as_str();
        let inner = schema["allOf"].items().iter().find_map(|s| s["$ref"].as_str());
        direct.or(inner)?.rsplit('/').next()
    }
    /// The schema behind references.
    fn resolved(&self, schema: &Value) -> Value {
        match Schemas::reference(schema) {
            Some(name) => self.0[name].clone(),
            None => schema.clone(),
        }
    }
    /// The object whose fields a schema has: its own, its items' or its values'.
    fn object(&self, schema: &Value) -> Value {
        let mut at = self.resolved(schema);
        for _ in 0..limits::DEPTH {
            at = if at["items"].is_map() {
                self.resolved(&at["items"])
            } else if at["additionalProperties"].is_map() && !at["properties"].is_map() {
                self.resolved(&at["additionalProperties"])
            } else {
                return at;
            };
        }
        at
    }
    /// `[]Container`, `map[string]string`, `integer`.
    fn type_name(&self, schema: &Value) -> String {
        if let Some(name) = Schemas::reference(schema) {
            let short = name.rsplit('.').next().unwrap_or(name);
            let target = &self.0[name];
            return match target["type"].text() {
                "object" | "" => short.into(),
                plain => plain.into(),
            };
        }
        match schema["type"].text() {
            "array" => format!("[]{}", self.type_name(&schema["items"])),
            "object" if schema["additionalProperties"].is_map() => {
                format!("map[string]{}", self.type_name(&schema["additionalProperties"]))
            }
            "" | "object" => "Object".into(),
            plain => plain.into(),
        }
    }
    /// What is said of a field, followed by what is said of its type.
    fn descriptions(&self, schema: &Value) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut add = |text: &str| {
            if !text.is_empty() {
                found.push(text.into());
            }
        };
        add(schema["description"].text());
        let mut at = schema.clone();
        for _ in 0..limits::DEPTH {
            if Schemas::reference(&at).is_some() {
                at = self.resolved(&at);
                add(at["description"].text());
            } else if at["items"].is_map() {
                at = at["items"].clone();
            } else if at["additionalProperties"].is_map() && !at["properties"].is_map() {
                at = at["additionalProperties"].clone();
            } else {
                break;
            }
        }
        found
    }
}

fn page(schemas: &Schemas, top: &Value, fields: &[String], recursive: bool) -> Result<String, Error> {
    let mut out = String::new();
    let mut at = top.clone();
    let mut described = top.clone();
    for (place, name) in fields.iter().enumerate() {
        let object = schemas.object(&at);
        let Some(field) = object["properties"].find(name) else {
            return Err(Error::new(format_args!("field \"{name}\" does not exist")));
        };
        if place + 1 == fields.len() {
            out += &format!("FIELD: {name} <{}>\n", schemas.type_name(field));
            out += &match enumeration(schemas, field) {
                values if values.is_empty() => "\n".into(),
                values => {
                    format!("ENUM:\n{}", values.iter().map(|v| format!("    {v}\n")).collect::<String>())
                }
            };
            out.push('\n');
        }
        described = field.clone();
        at = field.clone();
    }
    out += "DESCRIPTION:\n";
    let texts = schemas.descriptions(&described);
    if texts.is_empty() {
        out += "    <empty>\n";
    }
    for text in &texts {
        out += &wrapped(text);
    }
    out += "    \n";
    let object = schemas.object(&at);
    if !object["properties"].entries().is_empty() {
        out += "FIELDS:\n";
        let mut seen = Vec::new();
        list(schemas, &object, 1, recursive, &mut seen, &mut out);
    }
    out.push('\n');
    Ok(out)
}

fn is_required(object: &Value, name: &str) -> bool {
    object["required"].items().iter().any(|r| *r == name)
}

fn enumeration(schemas: &Schemas, field: &Value) -> Vec<String> {
    let resolved = schemas.resolved(field);
    let values = if field["enum"].is_list() { &field["enum"] } else { &resolved["enum"] };
    values.items().iter().map(|v| v.text().to_string()).collect()
}

/// The fields of an object; names and types only when recursive. `seen` holds the types above, since
/// some contain themselves.
fn list(
    schemas: &Schemas,
    object: &Value,
    level: usize,
    recursive: bool,
    seen: &mut Vec<String>,
    out: &mut String,
) {
    let indent = "  ".repeat(level);
    for (name, field) in object["properties"].entries() {
        let required = if is_required(object, name.text()) { " -required-" } else { "" };
        let kind = schemas.type_name(field);
        *out += &format!("{indent}{name}\t<{kind}>{required}\n");
        let values = enumeration(schemas, field);
        if !values.is_empty() {
            *out += &format!("{indent}enum: {}\n", values.join(", "));
        }
        if recursive {
            let inner = schemas.object(field);
            if inner["properties"].is_map() && !seen.contains(&kind) && level < limits::DEPTH {
                seen.push(kind);
                list(schemas, &inner, level + 1, recursive, seen, out);
                seen.pop();
            }
            continue;
        }
        let text = match field["description"].text() {
            "" => schemas.resolved(field)["description"].text().to_string(),
            text => text.to_string(),
        };
        *out += &if text.is_empty() { "    <no description>\n".into() } else { wrapped(&text) };
        out.push('\n');
    }
}

/// Text in lines of the page's width, indented by four.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    for paragraph in text.split('\n') {
        let mut line = String::from("   ");
        for word in paragraph.split(' ') {
            if line.len() > 3 && line.len() + 1 + word.len() > WIDTH {
                out += &line;
                out.push('\n');
                line = String::from("   ");
            }
            line.push(' ');
            line += word;
        }
        out += &line;
        out.push('\n');
    }
    out
}
