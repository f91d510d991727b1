//! `kubectl config view`.

use super::{entry, load};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::kubectl::kubeconfig::SECTIONS;
use crate::printers::{self, Format, Printer};
use drydock_machinery::{Value, json, yaml};

pub(super) const VIEW: Command = Command {
    name: "view",
    usage: "view [flags]",
    short: "Display merged kubeconfig settings or a specified kubeconfig file",
    long: "Display merged kubeconfig settings or a specified kubeconfig file.\n\n You can use --output jsonpath={...} to extract specific values using a jsonpath expression.",
    flags: &[
        printers::FLAGS,
        &[
            Flag::bool(
                "flatten",
                '\0',
                false,
                "Flatten the resulting kubeconfig file into self-contained output (useful for creating portable kubeconfig files)",
            ),
            Flag::bool("merge", '\0', true, "Merge the full hierarchy of kubeconfig files"),
            Flag::bool(
                "minify",
                '\0',
                false,
                "Remove all information not used by current-context from the output",
            ),
            Flag::bool("raw", '\0', false, "Display raw byte data and sensitive data"),
        ],
    ],
    run: view,
    ..Command::BASE
};

pub(super) fn view(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if !invocation.args.is_empty() {
        return Err(
            invocation.usage_error(format_args!("unexpected arguments: [{}]", invocation.args.join(" ")))
        );
    }
    let printer = Printer::from_flags(invocation)?;
    let mut config = load(invocation)?.merged();
    if invocation.bool("minify") {
        let wanted = match invocation.str("context") {
            "" => config["current-context"].text().to_string(),
            given => given.to_string(),
        };
        let Some(context) = entry(&config, "contexts", &wanted) else {
            return Err(match invocation.str("context") {
                "" => Error::new("current-context must exist in order to minify"),
                given => Error::new(format_args!("cannot locate context {given}")),
            });
        };
        let parts = [
            ("contexts", wanted.clone()),
            ("clusters", context["cluster"].text().into()),
            ("users", context["user"].text().into()),
        ];
        for (section, name) in parts {
            let kept: Vec<Value> =
                config[section].items().iter().filter(|e| e["name"] == name.as_str()).cloned().collect();
            config =
                config.with(section, if kept.is_empty() { Value::Null } else { Value::from_items(kept) });
        }
        config = config.with("current-context", wanted);
    }
    if invocation.bool("flatten") {
        config = flat(invocation, &config)?;
    } else if !invocation.bool("raw") {
        config = hide(&config);
    }
    let text = match printer {
        None => yaml::emit(&config),
        Some(printer) if printer.format == Format::Json => ordered(&config) + "\n",
        Some(mut printer) => printer.print(&config)?,
    };
    invocation.print(&text);
    Ok(Flow::Done(0))
}

/// The content of files in the place of their names.
fn flat(invocation: &mut Invocation<'_, '_>, config: &Value) -> Result<Value, Error> {
    let mut out = config.clone();
    for (section, key) in SECTIONS {
        let mut entries = Vec::new();
        for entry in config[section].items() {
            let mut body = entry[key].clone();
            for field in ["certificate-authority", "client-certificate", "client-key"] {
                let path = body[field].text().to_string();
                if path.is_empty() {
                    continue;
                }
                let bytes = invocation.sys.read_file(&path);
                let bytes = bytes.map_err(|errno| Error::new(format_args!("open {path}: {errno}")))?;
                let coded = drydock_machinery::hash::base64_encode(&bytes);
                body = body.without(field).with(format!("{field}-data").as_str(), coded);
            }
            entries.push(entry.with(key, body));
        }
        if !entries.is_empty() {
            out = out.with(section, entries);
        }
    }
    Ok(out)
}

/// Secrets and certificates stay out of sight.
pub(super) fn hide(config: &Value) -> Value {
    let mut out = config.clone();
    for (section, key) in SECTIONS {
        let entries: Vec<Value> = config[section]
            .items()
            .iter()
            .map(|e| {
                let mut body = e[key].clone();
                for (field, _) in e[key].entries() {
                    let shown = match field.text() {
                        "token" | "password" => "REDACTED",
                        name if name.ends_with("-data") => "DATA+OMITTED",
                        _ => continue,
                    };
                    body = body.with(*field, shown);
                }
                e.with(key, body)
            })
            .collect();
        if !entries.is_empty() {
            out = out.with(section, entries);
        }
    }
    out
}

/// JSON with fields in the order of `clientcmd/api/v1`.
pub(super) fn ordered(config: &Value) -> String {
    const CLUSTER: &[&str] = &[
        "server",
        "tls-server-name",
        "insecure-skip-tls-verify",
        "certificate-authority",
        "certificate-authority-data",
        "proxy-url",
    ];
    const USER: &[&str] = &[
        "client-certificate",
        "client-certificate-data",
        "client-key",
        "client-key-data",
        "token",
        "tokenFile",
        "as",
        "username",
        "password",
    ];
    const CONTEXT: &[&str] = &["cluster", "user", "namespace"];
    let list = |section: &str, key: &str, order: &[&str]| -> String {
        let entries: Vec<String> = config[section]
            .items()
            .iter()
            .map(|e| {
                let known = order.iter().filter(|f| !e[key][**f].is_null());
                let fields: Vec<String> = known
                    .map(|f| format!("                \"{f}\": {}", json::to_string(&e[key][*f])))
                    .collect();
                let body = if fields.is_empty() {
                    "{}".into()
                } else {
                    format!("{{\n{}\n            }}", fields.join(",\n"))
                };
                format!(
                    "        {{\n            \"name\": {},\n            \"{key}\": {body}\n        }}",
                    json::quote(e["name"].text())
                )
            })
            .collect();
        if entries.is_empty() { "null".into() } else { format!("[\n{}\n    ]", entries.join(",\n")) }
    };
    let current = json::quote(config["current-context"].text());
    format!(
        "{{\n    \"kind\": \"Config\",\n    \"apiVersion\": \"v1\",\n    \"preferences\": {{}},\n    \"clusters\": {},\n    \"users\": {},\n    \"contexts\": {},\n    \"current-context\": {current}\n}}",
        list("clusters", "cluster", CLUSTER),
        list("users", "user", USER),
        list("contexts", "context", CONTEXT)
    )
}
