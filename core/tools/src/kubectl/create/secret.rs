//! `kubectl create secret generic|docker-registry|tls`.

use super::names::metadata;
use super::{Generator, Place, generator_flags, name_and_rest, sources};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_machinery::hash::base64_encode;
use drydock_machinery::{Value, json, names, quote, value};

pub const COMMAND: Command = Command {
    name: "secret",
    usage: "secret (docker-registry | generic | tls)",
    short: "Create a secret using a specified subcommand",
    long: "Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.",
    subcommands: &[&DOCKER_REGISTRY, &GENERIC, &TLS],
    run: crate::kubectl::group,
    ..Command::BASE
};

const GENERIC: Command = Command {
    name: "generic",
    usage: "generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    short: "Create a secret from a local file, directory, or literal value",
    long: "Create a secret based on a file, directory, or specified literal value.",
    examples: "# Create a new secret named my-secret from literals\nkubectl create secret generic my-secret --from-literal=key1=supersecret --from-literal=key2=topsecret\n\n# Create a new secret named my-secret with keys for each file in folder bar\nkubectl create secret generic my-secret --from-file=path/to/bar",
    flags: generator_flags!(sources::FLAGS, TYPE),
    run: generic,
    ..Command::BASE
};
const TYPE: &[Flag] = &[Flag::string("type", '\0', "", "The type of secret to create")];

const DOCKER_REGISTRY: Command = Command {
    name: "docker-registry",
    usage: "docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]",
    short: "Create a secret for use with a Docker registry",
    long: "Create a new secret for use with Docker registries.",
    examples: "# Create a new .dockerconfigjson secret\nkubectl create secret docker-registry my-secret --docker-server=DOCKER_REGISTRY_SERVER --docker-username=DOCKER_USER --docker-password=DOCKER_PASSWORD --docker-email=DOCKER_EMAIL",
    flags: generator_flags!(DOCKER_FLAGS),
    run: docker_registry,
    ..Command::BASE
};
const DOCKER_FLAGS: &[Flag] = &[
    Flag::string("docker-username", '\0', "", "Username for Docker registry authentication"),
    Flag::string("docker-password", '\0', "", "Password for Docker registry authentication"),
    Flag::string("docker-email", '\0', "", "Email for Docker registry"),
    Flag::string("docker-server", '\0', "https://index.docker.io/v1/", "Server location for Docker registry"),
    Flag::slice(
        "from-file",
        '\0',
        "Key files can be specified using their file path, in which case a default name of .dockerconfigjson will be given to them.",
    ),
    Flag::bool("append-hash", '\0', false, "Append a hash of the secret to its name."),
];

const TLS: Command = Command {
    name: "tls",
    usage: "tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
    short: "Create a TLS secret",
    long: "Create a TLS secret from the given public/private key pair.",
    examples: "# Create a new TLS secret named tls-secret with the given key pair\nkubectl create secret tls tls-secret --cert=path/to/tls.crt --key=path/to/tls.key",
    flags: generator_flags!(TLS_FLAGS),
    run: tls,
    ..Command::BASE
};
const TLS_FLAGS: &[Flag] = &[
    Flag::string("cert", '\0', "", "Path to PEM encoded public key certificate."),
    Flag::string("key", '\0', "", "Path to private key associated with given certificate."),
    Flag::bool("append-hash", '\0', false, "Append a hash of the secret to its name."),
];

fn generic(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let empty = empty(&name, generator.namespace(), invocation.str("type"));
    let object = sources::gather(invocation, empty, add).map_err(Error::new)?;
    finish(invocation, generator, object, "failed to create secret ")
}

fn docker_registry(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let files = invocation.list("from-file");
    let (user, password) = (invocation.str("docker-username"), invocation.str("docker-password"));
    let (server, email) = (invocation.str("docker-server"), invocation.str("docker-email"));
    if files.is_empty() && (user.is_empty() || password.is_empty() || server.is_empty()) {
        return Err(Error::new(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server \
             is required",
        ));
    }
    let mut object = empty(&name, generator.namespace(), "kubernetes.io/dockerconfigjson");
    if files.is_empty() {
        let config = docker_config(server, user, password, email);
        object = add(&object, ".dockerconfigjson", config.as_bytes()).map_err(Error::new)?;
    } else {
        object = sources::gather(invocation, object, |object, key, bytes| {
            let key = if key.contains('.') && key != ".dockerconfigjson" { ".dockerconfigjson" } else { key };
            add(object, key, bytes)
        })
        .map_err(Error::new)?;
    }
    finish(invocation, generator, object, "failed to create secret ")
}

fn tls(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let (cert, key) = (invocation.str("cert").to_string(), invocation.str("key").to_string());
    if key.is_empty() || cert.is_empty() {
        return Err(Error::new("key and cert must be specified"));
    }
    let mut pem = Vec::new();
    for path in [&cert, &key] {
        let bytes = invocation.sys.read_file(path).map_err(|errno| {
            let why = errno.text().to_lowercase();
            Error::new(format_args!("Cannot read file {path}, open {path}: {why}"))
        })?;
        pem.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    let [cert, key] = pem.as_slice() else { return Ok(Flow::Done(1)) };
    check_key_pair(cert, key).map_err(Error::new)?;
    let object = empty(&name, generator.namespace(), "kubernetes.io/tls");
    let object = add(&object, "tls.crt", cert.as_bytes()).map_err(Error::new)?;
    let object = add(&object, "tls.key", key.as_bytes()).map_err(Error::new)?;
    finish(invocation, generator, object, "failed to create secret ")
}

fn finish(
    invocation: &mut Invocation<'_, '_>,
    generator: Generator,
    object: Value,
    failure: &'static str,
) -> Outcome {
    let object = if invocation.bool("append-hash") { with_hash(&object) } else { object };
    let place = Place { prefix: "/api/v1", plural: "secrets", namespaced: true, failure };
    generator.finish(invocation, object, place)
}

/// An empty Secret; an empty type is left to the server.
#[must_use]
pub fn empty(name: &str, namespace: Option<&str>, secret_type: &str) -> Value {
    let base = value!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata(name, namespace)});
    if secret_type.is_empty() { base } else { base.with("type", secret_type) }
}

/// Adds one key.
///
/// # Errors
/// A bad key, or one that is there already.
pub fn add(object: &Value, key: &str, bytes: &[u8]) -> Result<Value, String> {
    let faults = names::is_config_map_key(key);
    if !faults.is_empty() {
        return Err(format!("{} is not a valid key name for a Secret: {}", quote::go(key), faults.join(",")));
    }
    if object["data"].find(key).is_some() {
        return Err(format!("cannot add key {key}, another key by that name already exists"));
    }
    Ok(object.with_at(&["data", key], base64_encode(bytes)))
}

/// Appends the hash of the content to the name.
#[must_use]
pub fn with_hash(object: &Value) -> Value {
    let name = object.at(&["metadata", "name"]);
    let data = if object["data"].is_null() { Value::empty_map() } else { object["data"].clone() };
    let hashed = value!({"data": data, "kind": "Secret", "name": name, "type": object["type"].text()});
    let suffix = sources::hash_suffix(&json::to_string(&hashed));
    object.with_at(&["metadata", "name"], format!("{}-{suffix}", name.text()))
}

/// `.dockerconfigjson` for one registry.
#[must_use]
pub fn docker_config(server: &str, username: &str, password: &str, email: &str) -> String {
    // Go's encoder keeps the struct's order; empty fields are left out.
    let mut fields = String::new();
    for (key, text) in [("username", username), ("password", password), ("email", email)] {
        if !text.is_empty() {
            fields += &format!("\"{key}\":{},", json::to_string(&text.into()));
        }
    }
    let auth = base64_encode(format!("{username}:{password}").as_bytes());
    let server = json::to_string(&server.into());
    format!("{{\"auths\":{{{server}:{{{fields}\"auth\":\"{auth}\"}}}}}}")
}

/// Looks a certificate and its key over; nothing is verified beyond their PEM frames.
///
/// # Errors
/// crypto/tls' texts.
pub fn check_key_pair(cert: &str, key: &str) -> Result<(), String> {
    if !cert.contains("-----BEGIN CERTIFICATE-----") {
        return Err(if cert.contains("-----BEGIN ") {
            "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of \
             the following types: [PRIVATE KEY]"
                .into()
        } else {
            "tls: failed to find any PEM data in certificate input".into()
        });
    }
    if !key.contains("-----BEGIN ") {
        return Err("tls: failed to find any PEM data in key input".into());
    }
    if !key.contains("PRIVATE KEY-----") {
        return Err("tls: found a certificate rather than a key in the PEM for the private key".into());
    }
    Ok(())
}
