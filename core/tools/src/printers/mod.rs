//! Output formats of `-o`: yaml, json, name, jsonpath, go-template, custom-columns. Tables are in
//! [`table`]. Follows `k8s.io/cli-runtime/pkg/printers` and `genericclioptions` PrintFlags.

pub mod custom_columns;
pub mod go_format;
pub mod go_sort;
pub mod sort;
pub mod table;

use crate::cli::{Flag, Invocation};
use crate::kubectl::Failure;
use drydock_machinery::{Value, go_template, json, jsonpath, quote, schema, yaml};

/// Formats every printing verb knows, as its error text lists them.
const COMMON: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,yaml";
/// Those of `get`.
const GET: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml";

/// `-o`, `--template`, `--allow-missing-template-keys`, `--show-managed-fields`.
pub const FLAGS: &[Flag] = &[
    Flag::string(
        "output",
        'o',
        "",
        "Output format. One of: (json, yaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).",
    ),
    Flag::string(
        "template",
        '\0',
        "",
        "Template string or path to a template file for -o=go-template and -o=go-template-file.",
    ),
    Flag::bool(
        "allow-missing-template-keys",
        '\0',
        true,
        "Ignore errors in templates when a field or map key is missing.",
    ),
    Flag::bool("show-managed-fields", '\0', false, "Keep the managedFields when printing JSON or YAML."),
];

/// One output format.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    Yaml,
    Json,
    Name,
    JsonPath { text: String, template: jsonpath::Template, as_json: bool },
    GoTemplate { text: String, template: go_template::Template },
    CustomColumns { spec: Vec<custom_columns::Column>, no_headers: bool },
}

/// A format at work: it remembers what it printed before.
#[derive(Clone, Debug, PartialEq)]
pub struct Printer {
    pub format: Format,
    allow_missing: bool,
    managed_fields: bool,
    /// JSON fields in the order of the Go structs, as commands print objects they built themselves.
    typed: bool,
    printed: usize,
}

impl Printer {
    /// The printer for the invocation's `-o`; none when it is empty. `wide` is refused.
    ///
    /// # Errors
    /// Unknown formats and templates that cannot be parsed.
    pub fn from_flags(invocation: &mut Invocation<'_, '_>) -> Result<Option<Printer>, Failure> {
        Printer::parse(invocation, COMMON)
    }
    /// As [`Printer::from_flags`] for `get`, which also knows custom columns. `wide` and empty are none.
    ///
    /// # Errors
    /// As [`Printer::from_flags`].
    pub fn for_get(invocation: &mut Invocation<'_, '_>) -> Result<Option<Printer>, Failure> {
        if invocation.str("output") == "wide" {
            return Ok(None);
        }
        Printer::parse(invocation, GET)
    }
    /// Prints Go structs, not what the server sent: JSON in struct order.
    #[must_use]
    pub fn typed(mut self) -> Printer {
        self.typed = true;
        self
    }
    fn parse(invocation: &mut Invocation<'_, '_>, allowed: &str) -> Result<Option<Printer>, Failure> {
        let output = invocation.str("output").to_string();
        let mut argument = invocation.str("template").to_string();
        let name = match output.split_once('=') {
            Some((name, rest)) if !matches!(name, "json" | "yaml" | "name") => {
                argument = rest.into();
                name.to_string()
            }
            _ if output.is_empty() && !argument.is_empty() => "go-template".into(),
            _ => output.clone(),
        };
        let unknown = || -> Failure {
            format!(
                "unable to match a printer suitable for the output format {}, allowed formats are: {allowed}",
                quote::go(&output)
            )
            .into()
        };
        if name.is_empty() {
            return Ok(None);
        }
        if !allowed.split(',').any(|a| a == name) {
            return Err(unknown());
        }
        let format = match name.as_str() {
            "yaml" => Format::Yaml,
            "json" => Format::Json,
            "name" => Format::Name,
            "custom-columns" | "custom-columns-file" => {
                let no_headers = invocation.bool("no-headers");
                if argument.is_empty() {
                    return Err("custom-columns format specified but no custom columns given".into());
                }
                let spec = if name == "custom-columns" {
                    custom_columns::parse(&argument)?
                } else {
                    custom_columns::parse_file(&read_template(invocation, &name, &argument)?)?
                };
                Format::CustomColumns { spec, no_headers }
            }
            _ => {
                if argument.is_empty() {
                    return Err("template format specified but no template given".into());
                }
                let text = if name.ends_with("file") {
                    read_template(invocation, &name, &argument)?
                } else {
                    argument
                };
                if name.starts_with("jsonpath") {
                    let template = jsonpath::Template::parse(&text)
                        .map_err(|e| Failure::Message(format!("error parsing jsonpath {text}, {e}")))?;
                    Format::JsonPath { text, template, as_json: name == "jsonpath-as-json" }
                } else {
                    let template = go_template::Template::parse(&text)
                        .map_err(|e| Failure::Message(format!("error parsing template {text}, {e}")))?;
                    Format::GoTemplate { text, template }
                }
            }
        };
        Ok(Some(Printer {
            format,
            allow_missing: invocation.bool("allow-missing-template-keys"),
            managed_fields: invocation.bool("show-managed-fields"),
            typed: false,
            printed: 0,
        }))
    }
    /// The text of one object (or list).
    ///
    /// # Errors
    /// Templates that fail.
    pub fn print(&mut self, value: &Value) -> Result<String, Failure> {
        let hidden;
        let value = if self.managed_fields || !matches!(self.format, Format::Json | Format::Yaml) {
            value
        } else {
            hidden = without_managed_fields(value);
            &hidden
        };
        self.printed += 1;
        match &self.format {
            Format::Yaml => {
                let separator = if self.printed > 1 { "---\n" } else { "" };
                Ok(format!("{separator}{}", yaml::emit(value)))
            }
            Format::Json if self.typed => Ok(typed(value) + "\n"),
            Format::Json => Ok(json::to_pretty(value) + "\n"),
            Format::Name => Ok(names(value)),
            Format::JsonPath { text, template, as_json } => {
                if *as_json {
                    let found = template.find(value).map_err(|e| Failure::Message(e.to_string()))?;
                    return Ok(json::to_pretty(&Value::from_items(found)) + "\n");
                }
                template.execute(value, self.allow_missing).map_err(|e| {
                    Failure::Message(format!(
                        "error executing jsonpath {}: Error executing template: {e}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{text}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
                        quote::go(text),
                        go_format::sharp(value)
                    ))
                })
            }
            Format::GoTemplate { text, template } => template
                .execute(value)
                .map_err(|e| Failure::Message(format!("error executing template {}: {e}", quote::go(text)))),
            Format::CustomColumns { spec, no_headers } => {
                custom_columns::print(spec, *no_headers || self.printed > 1, value)
            }
        }
    }
}

/// JSON in the order of the Go struct; sorted for kinds without one.
fn typed(value: &Value) -> String {
    let schema = schema::builtin();
    match schema.kind(value["apiVersion"].text(), value["kind"].text()) {
        Some(ty) => schema::go::to_pretty(schema, ty, value),
        None => json::to_pretty(value),
    }
}

fn read_template(invocation: &mut Invocation<'_, '_>, format: &str, path: &str) -> Result<String, Failure> {
    let bytes = invocation.sys.read_file(path).map_err(|_| {
        let what = if format == "custom-columns-file" { "template" } else { "--template" };
        let end = if matches!(format, "custom-columns-file" | "jsonpath-file") { "" } else { "\n" };
        Failure::Message(format!("error reading {what} {path}, open {path}: no such file or directory{end}"))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A copy that hides what the field managers own.
fn without_managed_fields(value: &Value) -> Value {
    let mut value = value.clone();
    if value["metadata"].find("managedFields").is_some() {
        value = value.without_at(&["metadata", "managedFields"]);
    }
    if value["items"].items().iter().any(|i| i["metadata"].find("managedFields").is_some()) {
        let items: Vec<Value> =
            value["items"].items().iter().map(|i| i.without_at(&["metadata", "managedFields"])).collect();
        value = value.with("items", items);
    }
    value
}

/// `deployment.apps/web`, one line for every item of a list.
fn names(value: &Value) -> String {
    if value["kind"].text().ends_with("List") && value.find("items").is_some() {
        return crate::kubectl::builder::items_of(value).iter().map(names).collect();
    }
    title(value) + "\n"
}

/// `deployment.apps/web` from an object's own kind and version.
#[must_use]
pub fn title(value: &Value) -> String {
    let group = value["apiVersion"].text().split_once('/').map_or("", |v| v.0);
    let kind = value["kind"].text().to_lowercase();
    let name = match value["metadata"]["name"].text() {
        "" => "<unknown>",
        name => name,
    };
    let dot = if group.is_empty() { "" } else { "." };
    format!("{kind}{dot}{group}/{name}")
}
