//! Setting single values and whole entries.

use super::{entry, file_of, load, unexpected, with_entry, write};
use crate::cli::{Command, Error, Flag, Flow, Invocation};
use crate::kubectl::Failure;
use crate::kubectl::kubeconfig::SECTIONS;
use drydock_machinery::Value;

pub(super) const SET: Command = Command {
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
pub(super) const UNSET: Command = Command {
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
pub(super) fn set(invocation: &mut Invocation<'_, '_>, property: &str, value: &Value) -> Result<(), Failure> {
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
        return Err(format!("unable to parse {property} after [] at api.Config").into());
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
pub(super) fn upsert(
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
    body = settle(invocation, section, body)?;
    write(invocation, &config, &path, |v| with_entry(v, section, name, &body))?;
    Ok(if known.is_some() { "modified" } else { "created" })
}

/// What setting some fields means for others: the content of embedded files, what is always written, and
/// credentials that exclude each other.
fn settle(invocation: &mut Invocation<'_, '_>, section: &str, body: Value) -> Result<Value, Failure> {
    let mut body = body;
    match section {
        "contexts" => {
            for field in ["cluster", "user"] {
                if body[field].is_null() {
                    body = body.with(field, "");
                }
            }
        }
        "clusters" => {
            if invocation.changed("certificate-authority") {
                body = body.without("certificate-authority-data").without("insecure-skip-tls-verify");
            }
            if invocation.bool("insecure-skip-tls-verify") {
                body = body.without("certificate-authority-data").without("certificate-authority");
            }
            body = embedded(invocation, body, &["certificate-authority"])?;
            if body["server"].is_null() {
                body = body.with("server", "");
            }
        }
        _ => {
            let given = |flag: &str| invocation.changed(flag) && !invocation.str(flag).is_empty();
            let (token, basic) = (given("token"), given("username") || given("password"));
            if basic && !token {
                body = body.without("token");
            }
            if token && !basic {
                body = body.without("username").without("password");
            }
            body = super::users::plugins(invocation, body)?;
            body = embedded(invocation, body, &["client-certificate", "client-key"])?;
        }
    }
    Ok(body)
}

/// With `--embed-certs` the content of files takes the place of their names.
fn embedded(invocation: &mut Invocation<'_, '_>, body: Value, flags: &[&str]) -> Result<Value, Failure> {
    let mut body = body;
    for flag in flags {
        let path = invocation.str(flag).to_string();
        if path.is_empty() {
            continue;
        }
        if !invocation.bool("embed-certs") {
            body = body.without(&format!("{flag}-data"));
            continue;
        }
        let bytes = invocation.sys.read_file(&path).map_err(|_| {
            let verb = if *flag == "certificate-authority" { "open" } else { "stat" };
            let doing = if verb == "stat" { "stat" } else { "read" };
            let what = if verb == "stat" { format!("{flag} file") } else { format!("{flag} data from") };
            Failure::message(format!(
                "could not {doing} {what} {path}: {verb} {path}: no such file or directory"
            ))
        })?;
        let coded = drydock_machinery::hash::base64_encode(&bytes);
        body = body.without(flag).with(format!("{flag}-data").as_str(), coded);
    }
    Ok(body)
}

pub(super) const SET_CONTEXT: Command = Command {
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
pub(super) const SET_CLUSTER: Command = Command {
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
        if invocation.bool("insecure-skip-tls-verify") && !invocation.str("certificate-authority").is_empty()
        {
            return Err(Error::new(
                "you cannot specify a certificate authority and insecure mode at the same time",
            ));
        }
        if invocation.bool("embed-certs") && invocation.str("certificate-authority").is_empty() {
            return Err(Error::new("you must specify a --certificate-authority to embed"));
        }
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
pub(super) const SET_CREDENTIALS: Command = Command {
    name: "set-credentials",
    usage: "set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password]",
    short: "Set a user entry in kubeconfig",
    long: "Set a user entry in kubeconfig.\n\n Specifying a name that already exists will merge new fields on top of existing values.",
    flags: &[super::users::FLAGS],
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
        super::users::check(invocation)?;
        upsert(invocation, "users", &name, &fields)?;
        invocation.print(&format!("User \"{name}\" set.\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
