//! Objects from files: `-f FILE|DIR|-|URL`, `-R`, `-k`. Splits YAML streams, turns documents into
//! objects and reports what is wrong with them in the words of `cli-runtime`'s resource builder.

use super::{Client, Failure, Info};
use crate::cli::Invocation;
use drydock_container::{Errno, Sys};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json, yaml};
use drydock_network::http::Request;
use std::sync::Arc;

/// A document and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The path as kubectl names it; `STDIN` for `-`.
    pub source: String,
    pub value: Value,
}

/// Which files, and how strict to be.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub names: Vec<String>,
    pub kustomize: String,
    pub recursive: bool,
    /// Refuse documents without kind or apiVersion as client-side validation does.
    pub validate: bool,
}

impl Files {
    /// From `-f`, `-k`, `-R`.
    #[must_use]
    pub fn from_flags(invocation: &Invocation<'_, '_>) -> Files {
        Files {
            names: invocation.list("filename"),
            kustomize: invocation.str("kustomize").into(),
            recursive: invocation.bool("recursive"),
            validate: false,
        }
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.kustomize.is_empty()
    }
}

/// Reads all documents. What could be read comes back together with what went wrong.
pub fn read(invocation: &mut Invocation<'_, '_>, files: &Files) -> (Vec<Document>, Vec<Failure>) {
    let (mut documents, mut failures) = (Vec::new(), Vec::new());
    if !files.kustomize.is_empty() {
        match super::kustomize::build(invocation, &files.kustomize) {
            Ok(values) => {
                let source = files.kustomize.clone();
                documents.extend(values.into_iter().map(|value| Document { source: source.clone(), value }));
            }
            Err(failure) => failures.push(failure),
        }
    }
    // A path that leads nowhere ends the command before anything is done.
    let mut expanded = Vec::new();
    let mut astray = Vec::new();
    for name in files.names.iter().filter(|name| !is_stream(name)) {
        match expand(invocation.sys, name, files.recursive) {
            Ok(paths) => expanded.push((name.as_str(), paths)),
            Err(failure) => astray.push(failure),
        }
    }
    if !astray.is_empty() {
        return (Vec::new(), astray);
    }
    for name in &files.names {
        if name == "-" {
            let bytes = invocation.stdin.clone().unwrap_or_default();
            parse("STDIN", &bytes, files, &mut documents, &mut failures);
            continue;
        }
        if name.starts_with("http://") || name.starts_with("https://") {
            match download(invocation.sys, name) {
                Ok(bytes) => parse(name, &bytes, files, &mut documents, &mut failures),
                Err(failure) => failures.push(failure),
            }
            continue;
        }
        let paths = expanded.iter().find(|e| e.0 == name).map(|e| e.1.clone()).unwrap_or_default();
        for path in paths {
            match invocation.sys.read_file(&path) {
                Ok(bytes) => parse(&path, &bytes, files, &mut documents, &mut failures),
                Err(errno) => failures.push(format!("open {path}: {errno}").into()),
            }
        }
    }
    (documents, failures)
}

/// Standard input or a URL.
fn is_stream(name: &str) -> bool {
    name == "-" || name.starts_with("http://") || name.starts_with("https://")
}

/// What is behind a URL, redirections followed.
fn download(sys: &mut Sys<'_>, url: &str) -> Result<Arc<[u8]>, Failure> {
    let mut at = url.to_string();
    for _ in 0..10 {
        let rest = at.split_once("://").map_or("", |parts| parts.1);
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.split(':').next().unwrap_or(authority);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::get(format!("/{path}"));
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            request = request.query(name, value);
        }
        let scheme = at.split("://").next().unwrap_or("https").to_string();
        let Some(answer) = sys.request(&format!("{scheme}://{authority}"), &request) else {
            let why = match sys.resolve(host).is_some() {
                true => "connect: connection refused".to_string(),
                false => format!("lookup {host}: no such host (the sandbox reaches no outside site)"),
            };
            return Err(format!("Get \"{at}\": dial tcp: {why}").into());
        };
        match (answer.status, answer.headers.get("location")) {
            (200, _) => return Ok(answer.body.bytes()),
            (301 | 302 | 303 | 307 | 308, Some(there)) => at = there.to_string(),
            (status, _) => {
                let text = match status {
                    404 => "Not Found",
                    403 => "Forbidden",
                    500 => "Internal Server Error",
                    503 => "Service Unavailable",
                    _ => "",
                };
                return Err(format!(
                    "unable to read URL \"{url}\", server reported {status} {text}, status code={status}"
                )
                .into());
            }
        }
    }
    Err(format!("Get \"{at}\": stopped after 10 redirects").into())
}

/// The files a name stands for: itself, or those of a directory that look like manifests.
fn expand(sys: &mut Sys<'_>, name: &str, recursive: bool) -> Result<Vec<String>, Failure> {
    match list(sys, name) {
        Ok(None) => Ok(vec![name.into()]),
        Ok(Some(entries)) => {
            let mut found = Vec::new();
            walk(sys, name.trim_end_matches('/'), &entries, recursive, &mut found);
            if found.is_empty() {
                return Err(format!(
                    "error reading [{name}]: recognized file extensions are [.json .yaml .yml]"
                )
                .into());
            }
            Ok(found)
        }
        Err(_) => Err(format!("the path \"{name}\" does not exist").into()),
    }
}

fn walk(sys: &mut Sys<'_>, directory: &str, entries: &[String], recursive: bool, found: &mut Vec<String>) {
    for entry in entries {
        let path = format!("{directory}/{entry}");
        match list(sys, &path) {
            Ok(Some(inner)) if recursive => walk(sys, &path, &inner, recursive, found),
            Ok(None) if [".json", ".yaml", ".yml"].iter().any(|e| entry.ends_with(e)) => found.push(path),
            _ => {}
        }
    }
}

/// The names in a directory, sorted; none for a file.
///
/// # Errors
/// As open(2).
pub fn list(sys: &mut Sys<'_>, path: &str) -> Result<Option<Vec<String>>, Errno> {
    let path = sys.real_path(path)?;
    let mut names = match sys.list(&path) {
        Err(Errno::Enotdir) => return Ok(None),
        other => other?,
    };
    names.arrange();
    Ok(Some(names))
}

fn parse(source: &str, bytes: &[u8], files: &Files, out: &mut Vec<Document>, failures: &mut Vec<Failure>) {
    let text = String::from_utf8_lossy(bytes);
    for (_, part) in yaml::split(&text) {
        let values = match yaml::load(part) {
            Ok(values) => values,
            Err(error) => {
                failures
                    .push(format!("error parsing {source}: error converting YAML to JSON: {error}").into());
                return;
            }
        };
        for document in values.into_iter().filter(|d| !d.value.is_null()) {
            if files.validate
                && let Some(why) = missing(&document.value)
            {
                failures.push(not_valid(source, why));
                continue;
            }
            match typed(source, &document.value) {
                Ok(()) => flatten(source, document.value, out),
                Err(failure) => failures.push(failure),
            }
        }
    }
}

fn missing(value: &Value) -> Option<&'static str> {
    if !value.is_map() {
        return Some("invalid object to validate");
    }
    match (value["kind"].text(), value["apiVersion"].text()) {
        ("", "") => Some("[apiVersion not set, kind not set]"),
        ("", _) => Some("kind not set"),
        (_, "") => Some("apiVersion not set"),
        _ => None,
    }
}

/// `error validating "x.yaml": error validating data: …`.
#[must_use]
pub fn not_valid(source: &str, why: &str) -> Failure {
    format!("error validating \"{source}\": error validating data: {why}; if you choose to ignore these errors, turn validation off with --validate=false").into()
}

fn typed(source: &str, value: &Value) -> Result<(), Failure> {
    let text = || json::to_string(value);
    if value.as_str().is_some() {
        return Err(format!(
            "unable to decode \"{source}\": json: cannot unmarshal string into Go value of type unstructured.detector"
        )
        .into());
    }
    if !value.is_map() {
        return Err(format!(
            "error parsing {source}: json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            value.json_type()
        )
        .into());
    }
    if value["kind"].is_empty() {
        return Err(format!("unable to decode \"{source}\": Object 'Kind' is missing in '{}'", text()).into());
    }
    // Of whatever kind an object is, its metadata has known types.
    let schema = drydock_machinery::schema::builtin();
    if let Some(ty) = schema.by_name("meta.v1.ObjectMeta")
        && let Err(why) = drydock_machinery::schema::decode::types(schema, ty, &value["metadata"])
    {
        let why = match why.split_once("Go struct field ").and_then(|(a, b)| Some((a, b.split_once('.')?))) {
            Some((head, (owner, rest))) => format!("{head}Go struct field {owner}.metadata.{rest}"),
            None => why,
        };
        return Err(format!("unable to decode \"{source}\": {why}").into());
    }
    Ok(())
}

/// Lists become their items.
fn flatten(source: &str, value: Value, out: &mut Vec<Document>) {
    if value["kind"].text().ends_with("List") && value["items"].is_list() {
        let items = value["items"].items().iter().cloned();
        out.extend(items.map(|value| Document { source: source.into(), value }));
    } else {
        out.push(Document { source: source.into(), value });
    }
}

/// Finds each document's resource and settles its namespace.
pub fn map(
    invocation: &mut Invocation<'_, '_>,
    client: &mut Client,
    documents: Vec<Document>,
) -> (Vec<Info>, Vec<Failure>) {
    let (mut infos, mut failures) = (Vec::new(), Vec::new());
    if documents.is_empty() {
        return (infos, failures);
    }
    let discovery = match client.discover(invocation.sys) {
        Ok(discovery) => discovery,
        Err(failure) => return (infos, vec![failure]),
    };
    for document in documents {
        let value = &document.value;
        let (api_version, kind) = (value["apiVersion"].text(), value["kind"].text());
        let metadata = &value["metadata"];
        let found = match api_version {
            // Without a version a kind is looked for in the core group, and asked for in no version.
            "" => discovery.group_kind("", kind).map(|known| {
                Arc::new(super::Resource { version: String::new(), ..super::Resource::clone(&known) })
            }),
            version => discovery.kind(version, kind),
        };
        let Some(resource) = found else {
            failures.push(
                format!(
                    "resource mapping not found for name: \"{}\" namespace: \"{}\" from \"{}\": no matches for kind \"{kind}\" in version \"{api_version}\"\nensure CRDs are installed first",
                    metadata["name"].text(),
                    metadata["namespace"].text(),
                    document.source
                )
                .into(),
            );
            continue;
        };
        match place(client, resource, document) {
            Ok(info) => infos.push(info),
            Err(failure) => failures.push(failure),
        }
    }
    (infos, failures)
}

/// Settles the namespace of an object: its own, else the client's; one given by flag must agree.
fn place(client: &Client, resource: Arc<super::Resource>, document: Document) -> Result<Info, Failure> {
    let mut value = document.value;
    let name = value["metadata"]["name"].text().to_string();
    let own = value["metadata"]["namespace"].text().to_string();
    let mut namespace = String::new();
    if resource.namespaced {
        namespace = if own.is_empty() { client.namespace().into() } else { own.clone() };
        if client.target.namespace_given && namespace != client.namespace() {
            return Err(format!(
                "the namespace from the provided object \"{own}\" does not match the namespace \"{given}\". You must pass '--namespace={own}' to perform this operation.",
                given = client.namespace()
            )
            .into());
        }
        if own.is_empty() {
            value = value.with_at(&["metadata", "namespace"], namespace.as_str());
        }
    }
    Ok(Info { resource, namespace, name, object: value, source: document.source })
}
