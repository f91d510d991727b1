//! `kubectl create configmap`: keys from literals, files and env files.

use super::names::metadata;
use super::{Generator, Place, generator_flags, name_and_rest, sources};
use crate::cli::{Command, Error, Invocation, Outcome};
use drydock_machinery::{Value, json, names, quote, value};

pub const COMMAND: Command = Command {
    name: "configmap",
    aliases: &["cm"],
    usage: "configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    short: "Create a config map from a local file, directory or literal value",
    long: "Create a config map based on a file, directory, or specified literal value.",
    examples: "# Create a new config map named my-config from literals\nkubectl create configmap my-config --from-literal=key1=config1 --from-literal=key2=config2\n\n# Create a new config map named my-config from the files of a folder\nkubectl create configmap my-config --from-file=path/to/bar\n\n# Create a new config map named my-config from an env file\nkubectl create configmap my-config --from-env-file=path/to/foo.env",
    flags: generator_flags!(sources::FLAGS),
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let empty = empty(&name, generator.namespace());
    let mut object = sources::gather(invocation, empty, add).map_err(Error::new)?;
    if invocation.bool("append-hash") {
        object = with_hash(&object);
    }
    let place = Place {
        prefix: "/api/v1",
        plural: "configmaps",
        namespaced: true,
        failure: "failed to create configmap: ",
    };
    generator.finish(invocation, object, place)
}

/// Adds one key; text goes to `data`, anything that is not UTF-8 to `binaryData`.
///
/// # Errors
/// A bad key, or one that is there already.
pub fn add(object: &Value, key: &str, bytes: &[u8]) -> Result<Value, String> {
    let faults = names::is_config_map_key(key);
    if !faults.is_empty() {
        let (key, faults) = (quote::go(key), faults.join(","));
        return Err(format!("{key} is not a valid key name for a ConfigMap: {faults}"));
    }
    for field in ["data", "binaryData"] {
        if object.get(field).find(key).is_some() {
            let (key, name) = (quote::go(key), quote::go(object.at(&["metadata", "name"]).text()));
            let place = if field == "data" { "Data" } else { "BinaryData" };
            return Err(format!(
                "cannot add key {key}, another key by that name already exists in {place} for ConfigMap {name}"
            ));
        }
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => object.with_at(&["data", key], text),
        Err(_) => object.with_at(&["binaryData", key], drydock_machinery::hash::base64_encode(bytes)),
    })
}

/// An empty ConfigMap.
#[must_use]
pub fn empty(name: &str, namespace: Option<&str>) -> Value {
    value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(name, namespace)})
}

/// Appends the hash of the content to the name.
#[must_use]
pub fn with_hash(object: &Value) -> Value {
    let name = object.at(&["metadata", "name"]);
    let data = if object["data"].is_null() { Value::empty_map() } else { object["data"].clone() };
    let mut hashed = value!({"data": data, "kind": "ConfigMap", "name": name});
    if !object["binaryData"].is_empty() {
        hashed = hashed.with("binaryData", object.get("binaryData"));
    }
    let suffix = sources::hash_suffix(&json::to_string(&hashed));
    object.with_at(&["metadata", "name"], format!("{}-{suffix}", name.text()))
}
