//! Where `set env` takes variables from and how it shows them: arguments, stdin, ConfigMaps, Secrets.

use crate::cli::{Error, Invocation};
use crate::kubectl::Failure;
use crate::kubectl::client::{ANY, Client};
use drydock_machinery::{Value, names, quote, value};

/// A variable to set.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    pub name: String,
    pub value: String,
    /// `valueFrom` instead of a value.
    pub source: Option<Value>,
}

/// Variables to set, and names to remove.
///
/// # Errors
/// Names that are none, and contradictions.
pub fn parse(
    invocation: &Invocation<'_, '_>,
    pairs: &[String],
) -> Result<(Vec<Variable>, Vec<String>), Error> {
    let (mut set, mut removed) = (Vec::new(), Vec::new());
    let mut words: Vec<String> = Vec::new();
    for word in invocation.list("env").into_iter().chain(pairs.iter().cloned()) {
        if word == "-" {
            let text = String::from_utf8_lossy(invocation.stdin.as_deref().unwrap_or_default()).into_owned();
            words
                .extend(text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')).map(Into::into));
        } else {
            words.push(word);
        }
    }
    for word in words {
        match word.split_once('=') {
            Some((name, value)) => {
                if !names::is_env_var_name(name).is_empty() {
                    return Err(Error::new(format_args!(
                        "{} is not a valid key name: {}",
                        quote::go(name),
                        names::is_env_var_name(name).join(";")
                    )));
                }
                set.push(Variable { name: name.into(), value: value.into(), source: None });
            }
            None if word.ends_with('-') => removed.push(word.trim_end_matches('-').to_string()),
            None => {
                return Err(Error::new(format_args!(
                    "environment variables must be of the form key=value and can only consist of letters, numbers, underscores and dashes, not {}",
                    quote::go(&word)
                )));
            }
        }
    }
    if let Some(name) = removed.iter().find(|name| set.iter().any(|v| v.name == **name)) {
        return Err(Error::new(format_args!(
            "can not both modify and remove the following environment variable(s) in the same command: {name}"
        )));
    }
    Ok((set, removed))
}

/// The variables of `--from=configmap/x` or `secret/x`, one per key.
///
/// # Errors
/// A resource that cannot be read or has no keys.
pub fn import(
    invocation: &mut Invocation<'_, '_>,
    from: &str,
    warnings: &mut Vec<String>,
) -> Result<(Vec<Variable>, Client), Error> {
    let mut client = Client::new(invocation)?;
    let Some((kind, name)) = from.split_once('/') else {
        return Err(Error::new("arguments in resource/name form must have a single resource and name"));
    };
    let resource = client.resource(invocation.sys, kind)?;
    let path = resource.object_path(client.namespace(), name);
    let found = client.get(invocation.sys, &path, ANY)?;
    let field = match found["kind"].text() {
        "Secret" => "secretKeyRef",
        "ConfigMap" => "configMapKeyRef",
        kind => {
            return Err(Error::new(format_args!("unsupported resource specified in --from: *v1.{kind}")));
        }
    };
    let (keys, prefix) = (invocation.list("keys"), invocation.str("prefix"));
    let mut variables = Vec::new();
    for (key, _) in found["data"].entries() {
        if !keys.is_empty() && !keys.iter().any(|k| k == key.text()) {
            continue;
        }
        let name = variable_name(key.text());
        if name != key.text() {
            warnings.push(format!("Warning: key {} transferred to {name}\n", key.text()));
        }
        let source = Value::empty_map()
            .with(field, value!({"key": (key.text()), "name": (found["metadata"]["name"].clone())}));
        variables.push(Variable {
            name: format!("{prefix}{name}"),
            value: String::new(),
            source: Some(source),
        });
    }
    Ok((variables, client))
}

/// A key as a variable's name: `app.properties` becomes `APP_PROPERTIES`.
fn variable_name(key: &str) -> String {
    let upper = key.to_uppercase();
    upper.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

/// One line of `--list`.
pub fn describe(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    variable: &Value,
    resolve: bool,
) -> String {
    let name = variable["name"].text();
    let from = &variable["valueFrom"];
    if from.is_null() {
        return format!("{name}={}\n", variable["value"].text());
    }
    if resolve {
        return match resolved(invocation, client, from) {
            Ok(value) => format!("{name}={value}\n"),
            Err(failure) => format!("error retrieving reference for {name}: {}\n", failure.text()),
        };
    }
    let text = |field: &str, kind: &str| {
        let reference = &from[field];
        format!("# {name} from {kind} {}, key {}\n", reference["name"].text(), reference["key"].text())
    };
    if !from["configMapKeyRef"].is_null() {
        text("configMapKeyRef", "configmap")
    } else if !from["secretKeyRef"].is_null() {
        text("secretKeyRef", "secret")
    } else if !from["fieldRef"].is_null() {
        format!("# {name} from field path {}\n", from["fieldRef"]["fieldPath"].text())
    } else {
        let reference = &from["resourceFieldRef"];
        let container = match reference["containerName"].text() {
            "" => String::new(),
            name => format!("{name}/"),
        };
        format!("# {name} from resource field {container}{}\n", reference["resource"].text())
    }
}

fn resolved(invocation: &mut Invocation<'_, '_>, client: &Client, from: &Value) -> Result<String, Failure> {
    for (field, plural) in [("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")] {
        let reference = &from[field];
        if reference.is_null() {
            continue;
        }
        let (name, key) = (reference["name"].text(), reference["key"].text());
        let path = format!("/api/v1/namespaces/{}/{plural}/{name}", client.namespace());
        let object = client.get(invocation.sys, &path, ANY)?;
        let Some(value) = object["data"].find(key) else {
            return Err(
                format!("key {key} not found in {} {name}", object["kind"].text().to_lowercase()).into()
            );
        };
        if plural == "configmaps" {
            return Ok(value.text().into());
        }
        let bytes = drydock_machinery::hash::base64_decode(value.text()).unwrap_or_default();
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    Err("only references to config maps and secrets can be resolved".into())
}
