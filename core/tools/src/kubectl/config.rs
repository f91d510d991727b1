//! `kubectl config`: looking at and changing kubeconfig files. Follows `k8s.io/kubectl/pkg/cmd/config`.

use super::kubeconfig::{Kubeconfig, SECTIONS};
use super::{Failure, root};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers::{self, Format, Printer};
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::{Value, json, value, yaml};

pub const COMMAND: Command = Command {
    name: "config",
    usage: "config SUBCOMMAND",
    short: "Modify kubeconfig files",
    long: "Modify kubeconfig files using subcommands like \"kubectl config set current-context my-context\".\n\n The loading order follows these rules:\n\n  1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes place.\n  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for your system). These paths are merged. When a value is modified, it is modified in the file that defines the stanza. When a value is created, it is created in the first file that exists. If no files in the chain exist, then it creates the last file in the list.\n  3.  Otherwise, ${HOME}/.kube/config is used and no merging takes place.",
    subcommands: &[
        &CURRENT_CONTEXT,
        &DELETE_CLUSTER,
        &DELETE_CONTEXT,
        &DELETE_USER,
        &GET_CLUSTERS,
        &GET_CONTEXTS,
        &GET_USERS,
        &RENAME_CONTEXT,
        &SET,
        &SET_CLUSTER,
        &SET_CONTEXT,
        &SET_CREDENTIALS,
        &UNSET,
        &USE_CONTEXT,
        &VIEW,
    ],
    run: root::group,
    ..Command::BASE
};

fn load(invocation: &mut Invocation<'_, '_>) -> Result<Kubeconfig, Failure> {
    Kubeconfig::load(invocation.sys, &invocation.flags)
}

/// Help on stdout and a complaint about the arguments, as these commands do.
fn unexpected(invocation: &mut Invocation<'_, '_>) -> Error {
    let help = invocation.help();
    invocation.print(&help);
    Error::new(format_args!("Unexpected args: [{}]", invocation.args.join(" ")))
}

/// An entry of a section, empty when there is none.
fn entry(config: &Value, section: &str, name: &str) -> Option<Value> {
    Kubeconfig::entry(config, section, name)
}

/// A copy with an entry's body set (or, for null, the entry removed); sorted by name.
fn with_entry(config: &Value, section: &str, name: &str, body: &Value) -> Value {
    let key = SECTIONS.iter().find(|s| s.0 == section).map_or("", |s| s.1);
    let mut entries: Vec<Value> =
        config[section].items().iter().filter(|e| e["name"] != name).cloned().collect();
    if !body.is_null() {
        entries.push(Value::from_entries(vec![("name".into(), name.into()), (key.into(), body.clone())]));
    }
    entries.sort_by(|a, b| a["name"].text().cmp(b["name"].text()));
    config.with(section, entries)
}

/// The kubeconfig that holds an entry (or the current context), else the one for new things.
fn file_of(config: &Kubeconfig, holds: impl Fn(&Value) -> bool) -> String {
    let found = config.files.iter().find(|f| f.value.as_ref().is_some_and(&holds));
    found.map_or_else(|| config.default_file(), |f| f.path.clone())
}

/// Changes one file and writes it as client-go does.
fn write(
    invocation: &mut Invocation<'_, '_>,
    config: &Kubeconfig,
    path: &str,
    change: impl Fn(&Value) -> Value,
) -> Result<(), Failure> {
    let old = config.files.iter().find(|f| f.path == path).and_then(|f| f.value.clone());
    let changed = normal(&change(&old.unwrap_or_default()));
    if let Some((directory, _)) = path.rsplit_once('/')
        && !directory.is_empty()
    {
        // There it is or there it will be; a failure shows when the file is written.
        let _ = invocation.sys.mkdir(directory, 0o755);
    }
    invocation
        .sys
        .write_file(path, yaml::emit(&changed).as_bytes(), false)
        .map_err(|errno| Failure::Message(format!("open {path}: {errno}")))
}

/// The fields a kubeconfig always has.
fn normal(config: &Value) -> Value {
    let mut out = config.with("apiVersion", "v1").with("kind", "Config");
    for (section, _) in SECTIONS {
        if !out[section].is_list() || out[section].items().is_empty() {
            out = out.with(section, Value::Null);
        }
    }
    if out["current-context"].is_null() {
        out = out.with("current-context", "");
    }
    if out["preferences"].is_null() {
        out = out.with("preferences", Value::empty_map());
    }
    out
}

const CURRENT_CONTEXT: Command = Command {
    name: "current-context",
    usage: "current-context [flags]",
    short: "Display the current-context",
    long: "Display the current-context.",
    run: |invocation| {
        let merged = load(invocation)?.merged();
        match merged["current-context"].text() {
            "" => Err(Error::new("current-context is not set")),
            name => {
                invocation.print(&format!("{name}\n"));
                Ok(Flow::Done(0))
            }
        }
    },
    ..Command::BASE
};

fn delete(invocation: &mut Invocation<'_, '_>, section: &'static str, what: &str) -> Outcome {
    let [name] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
    let name = name.clone();
    let config = load(invocation)?;
    let path = file_of(&config, |v| entry(v, section, &name).is_some());
    if entry(&config.merged(), section, &name).is_none() {
        return Err(Error::new(format_args!("cannot delete {what} {name}, not in {path}")));
    }
    if section == "contexts" && config.merged()["current-context"] == name.as_str() {
        invocation.eprint("warning: this removed your active context, use \"kubectl config use-context\" to select a different one\n");
    }
    write(invocation, &config, &path, |v| with_entry(v, section, &name, &Value::Null))?;
    invocation.print(&format!("deleted {what} {name} from {path}\n"));
    Ok(Flow::Done(0))
}

const DELETE_CLUSTER: Command = Command {
    name: "delete-cluster",
    usage: "delete-cluster NAME",
    short: "Delete the specified cluster from the kubeconfig",
    run: |invocation| delete(invocation, "clusters", "cluster"),
    ..Command::BASE
};
const DELETE_CONTEXT: Command = Command {
    name: "delete-context",
    usage: "delete-context NAME",
    short: "Delete the specified context from the kubeconfig",
    run: |invocation| delete(invocation, "contexts", "context"),
    ..Command::BASE
};
const DELETE_USER: Command = Command {
    name: "delete-user",
    usage: "delete-user NAME",
    short: "Delete the specified user from the kubeconfig",
    run: |invocation| delete(invocation, "users", "user"),
    ..Command::BASE
};

fn names(invocation: &mut Invocation<'_, '_>, section: &str) -> Outcome {
    let merged = load(invocation)?.merged();
    let lines: String = merged[section].items().iter().map(|e| format!("{}\n", e["name"].text())).collect();
    invocation.print(&format!("NAME\n{lines}"));
    Ok(Flow::Done(0))
}

const GET_CLUSTERS: Command = Command {
    name: "get-clusters",
    usage: "get-clusters [flags]",
    short: "Display clusters defined in the kubeconfig",
    run: |invocation| names(invocation, "clusters"),
    ..Command::BASE
};
const GET_USERS: Command = Command {
    name: "get-users",
    usage: "get-users [flags]",
    short: "Display users defined in the kubeconfig",
    run: |invocation| names(invocation, "users"),
    ..Command::BASE
};

const GET_CONTEXTS: Command = Command {
    name: "get-contexts",
    usage: "get-contexts [(-o|--output=)name)]",
    short: "Describe one or many contexts",
    long: "Display one or many contexts from the kubeconfig file.",
    flags: &[&[
        Flag::bool(
            "no-headers",
            '\0',
            false,
            "When using the default or custom-column output format, don't print headers (default print headers).",
        ),
        Flag::string("output", 'o', "", "Output format. One of: (name)."),
    ]],
    run: get_contexts,
    ..Command::BASE
};

fn get_contexts(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = invocation.str("output").to_string();
    if !matches!(output.as_str(), "" | "name") {
        return Err(Error::new(format_args!("output must be one of '' or 'name': {output}")));
    }
    let merged = load(invocation)?.merged();
    let mut wanted: Vec<String> = invocation.args.clone();
    if wanted.is_empty() {
        wanted = merged["contexts"].items().iter().map(|c| c["name"].text().to_string()).collect();
    }
    wanted.sort();
    let mut missing = Vec::new();
    let mut out = TabWriter::kubectl();
    if output.is_empty() && !invocation.bool("no-headers") {
        out.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    for name in &wanted {
        let Some(context) = entry(&merged, "contexts", name) else {
            missing.push(Failure::Message(format!("context {name} not found")));
            continue;
        };
        if output == "name" {
            out.write(&format!("{name}\n"));
            continue;
        }
        let mark = if merged["current-context"] == name.as_str() { "*" } else { "" };
        let part = |key: &str| context[key].text().to_string();
        out.write(&format!("{mark}\t{name}\t{}\t{}\t{}\n", part("cluster"), part("user"), part("namespace")));
    }
    let text = out.flush();
    invocation.print(&text);
    if missing.is_empty() { Ok(Flow::Done(0)) } else { Err(super::failure::aggregate(&missing)) }
}

const RENAME_CONTEXT: Command = Command {
    name: "rename-context",
    usage: "rename-context CONTEXT_NAME NEW_NAME",
    short: "Rename a context from the kubeconfig file",
    long: "Renames a context from the kubeconfig file.\n\n CONTEXT_NAME is the context name that you want to change.\n\n NEW_NAME is the new name you want to set.",
    run: |invocation| {
        let [old, new] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
        let (old, new) = (old.clone(), new.clone());
        let config = load(invocation)?;
        let merged = config.merged();
        let path = file_of(&config, |v| entry(v, "contexts", &old).is_some());
        let Some(body) = entry(&merged, "contexts", &old) else {
            return Err(Error::new(format_args!("cannot rename the context \"{old}\", it's not in {path}")));
        };
        if entry(&merged, "contexts", &new).is_some() {
            return Err(Error::new(format_args!(
                "cannot rename the context \"{old}\", the context \"{new}\" already exists in {path}"
            )));
        }
        write(invocation, &config, &path, |v| {
            let v = with_entry(&with_entry(v, "contexts", &old, &Value::Null), "contexts", &new, &body);
            if v["current-context"] == old.as_str() { v.with("current-context", new.as_str()) } else { v }
        })?;
        invocation.print(&format!("Context \"{old}\" renamed to \"{new}\".\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

const USE_CONTEXT: Command = Command {
    name: "use-context",
    aliases: &["use"],
    usage: "use-context CONTEXT_NAME",
    short: "Set the current-context in a kubeconfig file",
    long: "Set the current-context in a kubeconfig file.",
    run: |invocation| {
        let [name] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
        let name = name.clone();
        let config = load(invocation)?;
        if entry(&config.merged(), "contexts", &name).is_none() {
            return Err(Error::new(format_args!("no context exists with the name: \"{name}\"")));
        }
        let path = file_of(&config, |v| !v["current-context"].is_empty());
        write(invocation, &config, &path, |v| v.with("current-context", name.as_str()))?;
        invocation.print(&format!("Switched to context \"{name}\".\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

const SET: Command = Command {
    name: "set",
    usage: "set PROPERTY_NAME PROPERTY_VALUE",
    short: "Set an individual value in a kubeconfig file",
    long: "Set an individual value in a kubeconfig file.\n\n PROPERTY_NAME is a dot delimited name where each token represents either an attribute name or a map key.  Map keys may not contain dots.\n\n PROPERTY_VALUE is the new value you want to set. Binary fields such as 'certificate-authority-data' expect a base64 encoded string unless the --set-raw-bytes flag is used.",
    flags: &[&[Flag::bool(
        "set-raw-bytes",
        '\0',
        false,
        "When writing a []byte PROPERTY_VALUE, write the given string directly without base64 decoding.",
    )
    .alone("true")]],
    run: |invocation| {
        let [property, value] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
        let (property, value) = (property.clone(), value.clone());
        let text = match value.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            other if property.ends_with("-data") && invocation.bool("set-raw-bytes") => {
                drydock_machinery::hash::base64_encode(other.as_bytes()).into()
            }
            other => other.into(),
        };
        set(invocation, &property, &text)?;
        invocation.print(&format!("Property \"{property}\" set.\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
const UNSET: Command = Command {
    name: "unset",
    usage: "unset PROPERTY_NAME",
    short: "Unset an individual value in a kubeconfig file",
    long: "Unset an individual value in a kubeconfig file.\n\n PROPERTY_NAME is a dot delimited name where each token represents either an attribute name or a map key.  Map keys may not contain dots.",
    run: |invocation| {
        let [property] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
        let property = property.clone();
        set(invocation, &property, &Value::Null)?;
        invocation.print(&format!("Property \"{property}\" unset.\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

/// Sets (or with null removes) a property named by a dotted path.
fn set(invocation: &mut Invocation<'_, '_>, property: &str, value: &Value) -> Result<(), Failure> {
    let config = load(invocation)?;
    let mut parts = property.splitn(3, '.');
    let (section, name, field) = (parts.next().unwrap_or(""), parts.next(), parts.next());
    if section == "current-context" || section == "preferences" {
        let path = file_of(&config, |v| !v[section].is_empty());
        return write(invocation, &config, &path, |v| {
            if value.is_null() { v.without(section) } else { v.with(section, value) }
        });
    }
    let Some((section, _)) = SECTIONS.iter().find(|s| s.0 == section) else {
        return Err(format!("unable to locate path {section}").into());
    };
    let Some(name) = name else {
        return Err(format!("unable to parse {section} after [] at api.Config").into());
    };
    let path = file_of(&config, |v| entry(v, section, name).is_some());
    write(invocation, &config, &path, |v| {
        let body = entry(v, section, name);
        let changed = match (field, value.is_null()) {
            (None, true) => Value::Null,
            (None, false) => body.unwrap_or_else(Value::empty_map),
            (Some(field), true) => body.unwrap_or_else(Value::empty_map).without(field),
            (Some(field), false) => body.unwrap_or_else(Value::empty_map).with(field, value),
        };
        with_entry(v, section, name, &changed)
    })
}

/// Sets what the flags give on an entry; `created` or `modified` comes back.
fn upsert(
    invocation: &mut Invocation<'_, '_>,
    section: &'static str,
    name: &str,
    fields: &[(&str, &'static str)],
) -> Result<&'static str, Failure> {
    let config = load(invocation)?;
    let known = entry(&config.merged(), section, name);
    let path = file_of(&config, |v| entry(v, section, name).is_some());
    let mut body = known.clone().unwrap_or_else(Value::empty_map);
    for (flag, key) in fields {
        if invocation.changed(flag) {
            let text = invocation.str(flag).to_string();
            body = match text.as_str() {
                "" => body.without(key),
                "true" => body.with(*key, true),
                "false" => body.without(key),
                text => body.with(*key, text),
            };
        }
    }
    write(invocation, &config, &path, |v| with_entry(v, section, name, &body))?;
    Ok(if known.is_some() { "modified" } else { "created" })
}

const SET_CONTEXT: Command = Command {
    name: "set-context",
    usage: "set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
    short: "Set a context entry in kubeconfig",
    long: "Set a context entry in kubeconfig.\n\n Specifying a name that already exists will merge new fields on top of existing values for those fields.",
    examples: "# Another namespace for the current context\nkubectl config set-context --current --namespace=demo",
    flags: &[&[Flag::bool("current", '\0', false, "Modify the current context")]],
    run: |invocation| {
        let current = invocation.bool("current");
        let name = match (invocation.args.as_slice(), current) {
            ([name], false) => name.clone(),
            ([], true) => match load(invocation)?.merged()["current-context"].text() {
                "" => return Err(Error::new("no current context is set")),
                name => name.to_string(),
            },
            ([_, ..], true) => {
                return Err(Error::new("you cannot specify both a context name and --current"));
            }
            ([], false) => return Err(Error::new("you must specify a non-empty context name or --current")),
            _ => return Err(unexpected(invocation)),
        };
        let fields = [("cluster", "cluster"), ("user", "user"), ("namespace", "namespace")];
        let done = upsert(invocation, "contexts", &name, &fields)?;
        invocation.print(&format!("Context \"{name}\" {done}.\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
const SET_CLUSTER: Command = Command {
    name: "set-cluster",
    usage: "set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
    short: "Set a cluster entry in kubeconfig",
    long: "Set a cluster entry in kubeconfig.\n\n Specifying a name that already exists will merge new fields on top of existing values for those fields.",
    flags: &[&[
        Flag::bool("embed-certs", '\0', false, "embed-certs for the cluster entry in kubeconfig"),
        Flag::string("proxy-url", '\0', "", "proxy-url for the cluster entry in kubeconfig"),
    ]],
    run: |invocation| {
        let [name] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
        let name = name.clone();
        let fields = [
            ("server", "server"),
            ("certificate-authority", "certificate-authority"),
            ("insecure-skip-tls-verify", "insecure-skip-tls-verify"),
            ("tls-server-name", "tls-server-name"),
            ("proxy-url", "proxy-url"),
        ];
        upsert(invocation, "clusters", &name, &fields)?;
        invocation.print(&format!("Cluster \"{name}\" set.\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
const SET_CREDENTIALS: Command = Command {
    name: "set-credentials",
    usage: "set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password]",
    short: "Set a user entry in kubeconfig",
    long: "Set a user entry in kubeconfig.\n\n Specifying a name that already exists will merge new fields on top of existing values.",
    flags: &[&[Flag::bool(
        "embed-certs",
        '\0',
        false,
        "Embed client cert/key for the user entry in kubeconfig",
    )]],
    run: |invocation| {
        let [name] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
        let name = name.clone();
        let fields = [
            ("client-certificate", "client-certificate"),
            ("client-key", "client-key"),
            ("token", "token"),
            ("username", "username"),
            ("password", "password"),
        ];
        upsert(invocation, "users", &name, &fields)?;
        invocation.print(&format!("User \"{name}\" set.\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

const VIEW: Command = Command {
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

fn view(invocation: &mut Invocation<'_, '_>) -> Outcome {
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
            return Err(Error::new("current-context must exist in order to minify"));
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
    if !invocation.bool("raw") {
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

/// Secrets and certificates stay out of sight.
fn hide(config: &Value) -> Value {
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
fn ordered(config: &Value) -> String {
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

/// A kubeconfig with one cluster, user and context, as a laptop's first one.
#[must_use]
pub fn first(server: &str, user: &str, name: &str) -> Value {
    value!({
        "apiVersion": "v1", "kind": "Config", "preferences": {},
        "clusters": [{"name": name, "cluster": {"server": server}}],
        "users": [{"name": user, "user": {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        "current-context": name,
    })
}
