//! `cargo xtask schema SWAGGER [--order FILE]`: writes the table of the built-in types from the
//! OpenAPI v2 document of a Kubernetes release (`api/openapi-spec/swagger.json`).
//!
//! OpenAPI does not know the order of Go's struct fields, which ones Go leaves out when empty, or the
//! names of string types; those come from FILE (`TYPE<tab>field?:GoType field …`, `?` for omitted when
//! empty) or, without it, from the table in place. Descriptions are not taken over.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const TABLE: &str = "core/machinery/src/schema/table.txt";
/// Kinds that carry requests rather than objects, of every group at once.
const SKIPPED: [&str; 2] = ["DeleteOptions", "WatchEvent"];

/// The place and manner of a field in Go.
#[derive(Clone, Default)]
struct GoField {
    omit_empty: bool,
    go_type: String,
}
type GoFields = Vec<(String, GoField)>;

/// Runs the command.
///
/// # Errors
/// What could not be read, understood or written.
pub fn run(args: &[String]) -> Result<(), String> {
    let (mut swagger, mut order) = (None, None);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--order" => order = Some(words.next().ok_or("--order needs a file")?),
            path => swagger = Some(path),
        }
    }
    let swagger = swagger.ok_or("usage: cargo xtask schema SWAGGER [--order FILE]")?;
    let read = |path: &str| std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"));
    let document: Value = serde_json::from_str(&read(swagger)?).map_err(|e| format!("{swagger}: {e}"))?;
    let order = match order {
        Some(path) => order_of_file(&read(path)?),
        None => order_of_table(&read(TABLE)?),
    };
    let definitions = document.get("definitions").and_then(Value::as_object).ok_or("no definitions")?;
    let table = Generator { definitions, order, done: BTreeMap::new() }.table();
    std::fs::write(TABLE, &table).map_err(|e| format!("{TABLE}: {e}"))?;
    let count = |start: char| table.lines().filter(|l| l.starts_with(start)).count();
    println!("{TABLE}: {} types, {} fields, {} bytes", count('='), count(' '), table.len());
    Ok(())
}

fn order_of_file(text: &str) -> BTreeMap<String, GoFields> {
    let types = text.lines().filter_map(|line| line.split_once('\t'));
    types
        .map(|(name, fields)| {
            let fields = fields.split(' ').map(|field| {
                let (name, go_type) = field.split_once(':').unwrap_or((field, ""));
                let omit_empty = name.ends_with('?');
                (name.trim_end_matches('?').to_owned(), GoField { omit_empty, go_type: go_type.to_owned() })
            });
            (short(name), fields.collect())
        })
        .collect()
}

fn order_of_table(text: &str) -> BTreeMap<String, GoFields> {
    let mut out: BTreeMap<String, GoFields> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix('=') {
            current = head.split(' ').next().unwrap_or("").to_owned();
        } else if let Some((name, rest)) = line.trim_start().split_once(' ') {
            let ty = rest.split(' ').next().unwrap_or("");
            let go_type = ty.split_once(':').map_or("", |(_, go)| go).to_owned();
            let field = GoField { omit_empty: name.contains('?'), go_type };
            out.entry(current.clone())
                .or_default()
                .push((name.trim_end_matches(['?', '!']).to_owned(), field));
        }
    }
    out
}

/// `io.k8s.api.apps.v1.Deployment` to `apps.v1.Deployment`: the last three parts name a type.
fn short(full: &str) -> String {
    let parts: Vec<&str> = full.split('.').collect();
    parts.get(parts.len().saturating_sub(3)..).unwrap_or_default().join(".")
}

struct Generator<'a> {
    definitions: &'a Map<String, Value>,
    order: BTreeMap<String, GoFields>,
    /// Text by name.
    done: BTreeMap<String, String>,
}

impl Generator<'_> {
    fn table(mut self) -> String {
        let mut open: Vec<String> = Vec::new();
        for (full, definition) in self.definitions {
            let name = short(full);
            let kind = name.rsplit('.').next().unwrap_or("");
            let version = name.split('.').nth(1).unwrap_or("");
            let stable = version.len() <= 2 && !SKIPPED.contains(&kind) && !kind.ends_with("List");
            if stable && gvk(definition, kind).is_some() {
                open.push(full.clone());
            }
        }
        while let Some(full) = open.pop() {
            if self.done.contains_key(&short(&full)) {
                continue;
            }
            let (text, mentioned) = self.type_text(&full);
            self.done.insert(short(&full), text);
            open.extend(mentioned);
        }
        self.done.into_values().collect()
    }

    fn type_text(&self, full: &str) -> (String, BTreeSet<String>) {
        let name = short(full);
        let (package, kind) = name.rsplit_once('.').unwrap_or(("", &name));
        let definition = &self.definitions[full];
        let mut out = format!("={name}");
        if let Some((group, version)) = gvk(definition, kind) {
            let _ = match group {
                "" => write!(out, " {version}"),
                _ => write!(out, " {group}/{version}"),
            };
        }
        out.push('\n');
        let empty = Map::new();
        let properties = definition["properties"].as_object().unwrap_or(&empty);
        let required: BTreeSet<&str> =
            definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut fields: GoFields = self.order.get(&name).cloned().unwrap_or_default();
        fields.retain(|(field, _)| properties.contains_key(field));
        let first = ["kind", "apiVersion", "metadata", "spec", "status"];
        for field in first.iter().copied().chain(properties.keys().map(String::as_str)) {
            if properties.contains_key(field) && !fields.iter().any(|(known, _)| known == field) {
                let always =
                    matches!(field, "metadata" | "spec" | "status") && gvk(definition, kind).is_some();
                let omit_empty = !always && !required.contains(field);
                fields.push((field.to_owned(), GoField { omit_empty, go_type: String::new() }));
            }
        }
        let mut mentioned = BTreeSet::new();
        for (field, go) in &fields {
            let property = &properties[field];
            let marks = (
                if go.omit_empty { "?" } else { "" },
                if required.contains(field.as_str()) { "!" } else { "" },
            );
            let _ =
                write!(out, " {field}{}{} {}", marks.0, marks.1, self.ty(property, package, &mut mentioned));
            if !go.go_type.is_empty() {
                let _ = write!(out, ":{}", go.go_type);
            }
            let text = |key: &str| property[key].as_str();
            if let Some(strategy) = text("x-kubernetes-patch-strategy") {
                let _ = write!(out, " p={strategy}");
                if let Some(key) = text("x-kubernetes-patch-merge-key") {
                    let _ = write!(out, ":{key}");
                }
            }
            if let Some(list) = text("x-kubernetes-list-type") {
                let keys: Vec<&str> = property["x-kubernetes-list-map-keys"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let _ = write!(out, " l={list}");
                if !keys.is_empty() {
                    let _ = write!(out, ":{}", keys.join(","));
                }
            }
            out.push('\n');
        }
        (out, mentioned)
    }

    fn ty(&self, property: &Value, package: &str, mentioned: &mut BTreeSet<String>) -> String {
        if let Some(reference) = property["$ref"].as_str() {
            let full = reference.trim_start_matches("#/definitions/");
            let name = short(full);
            let last = name.rsplit('.').next().unwrap_or("");
            let simple = match last {
                "Time" => "T",
                "MicroTime" => "M",
                "Quantity" => "Q",
                "IntOrString" => "I",
                _ => "",
            };
            if !simple.is_empty() {
                return simple.into();
            }
            if !self.definitions.get(full).is_some_and(|d| d["properties"].is_object()) {
                return "*".into();
            }
            mentioned.insert(full.to_owned());
            return match name.strip_prefix(package).and_then(|rest| rest.strip_prefix('.')) {
                Some(local) => format!("@{local}"),
                None => format!("@{name}"),
            };
        }
        match (property["type"].as_str().unwrap_or(""), property["format"].as_str().unwrap_or("")) {
            ("string", "byte") => "B".into(),
            ("string", "date-time") => "T".into(),
            ("string", _) => "s".into(),
            ("integer", "int32") => "i".into(),
            ("integer", _) => "l".into(),
            ("number", _) => "f".into(),
            ("boolean", _) => "b".into(),
            ("array", _) => format!("[{}", self.ty(&property["items"], package, mentioned)),
            ("object", _) if property["additionalProperties"].is_object() => {
                format!("{{{}", self.ty(&property["additionalProperties"], package, mentioned))
            }
            _ => "*".into(),
        }
    }
}

/// Group and version of a definition that is the kind it is named after.
fn gvk<'a>(definition: &'a Value, kind: &str) -> Option<(&'a str, &'a str)> {
    let all = definition["x-kubernetes-group-version-kind"].as_array()?;
    let own = all.iter().find(|gvk| gvk["kind"] == kind)?;
    Some((own["group"].as_str()?, own["version"].as_str()?))
}
