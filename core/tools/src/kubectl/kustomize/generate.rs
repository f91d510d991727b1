//! `configMapGenerator` and `secretGenerator`: objects from literals, files and env files, whose names get
//! the hash of their content.

use super::build::{Built, join, outside};
use crate::cli::Invocation;
use crate::kubectl::Failure;
use crate::kubectl::create::{configmap, secret, sources};
use drydock_machinery::Value;

/// Adds what the kustomization generates; `behavior: merge` and `replace` change what is there.
///
/// # Errors
/// Sources that cannot be read.
pub fn run(
    invocation: &mut Invocation<'_, '_>,
    path: &str,
    kustomization: &Value,
    objects: &mut Vec<Built>,
) -> Result<(), Failure> {
    let options = &kustomization["generatorOptions"];
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for entry in kustomization[field].items() {
            let made = object(invocation, path, entry, kind)?;
            let own = &entry["options"];
            let made = decorated(decorated(made, options), own);
            let hashed = !(options["disableNameSuffixHash"].bool() || own["disableNameSuffixHash"].bool());
            add(objects, entry, made, hashed)?;
        }
    }
    Ok(())
}

fn add(objects: &mut Vec<Built>, entry: &Value, made: Value, hashed: bool) -> Result<(), Failure> {
    let original = made["metadata"]["name"].text().to_string();
    let behavior = entry["behavior"].text();
    let there = objects.iter_mut().find(|b| b.object["kind"] == made["kind"] && b.original == original);
    match (behavior, there) {
        ("merge", Some(old)) => {
            for field in ["data", "binaryData"] {
                for (key, value) in made[field].entries() {
                    old.object = old.object.with_at(&[field, key.text()], value);
                }
            }
            old.hashed |= hashed;
        }
        ("replace", Some(old)) => {
            for field in ["data", "binaryData"] {
                old.object = match made.find(field) {
                    Some(value) => old.object.with(field, value),
                    None => old.object.without(field),
                };
            }
            old.hashed |= hashed;
        }
        ("merge" | "replace", None) => {
            let kind = made["kind"].text();
            return Err(format!(
                "merging from generator: id resid.ResId{{Gvk:resid.Gvk{{Group:\"\", Version:\"v1\", Kind:\"{kind}\"}}, Name:\"{original}\"}} does not exist; cannot merge or replace"
            )
            .into());
        }
        (_, Some(_)) => {
            let kind = made["kind"].text();
            return Err(format!(
                "may not add resource with an already registered id: {kind}.v1.[noGrp]/{original}.[noNs]"
            )
            .into());
        }
        (_, None) => objects.push(Built { object: made, original, hashed }),
    }
    Ok(())
}

fn decorated(object: Value, options: &Value) -> Value {
    let mut object = object;
    for field in ["labels", "annotations"] {
        for (key, value) in options[field].entries() {
            object = object.with_at(&["metadata", field, key.text()], value);
        }
    }
    if options["immutable"].bool() { object.with("immutable", true) } else { object }
}

fn object(
    invocation: &mut Invocation<'_, '_>,
    path: &str,
    entry: &Value,
    kind: &str,
) -> Result<Value, Failure> {
    let name = entry["name"].text();
    let base = match kind {
        "ConfigMap" => configmap::empty(name, None),
        _ => {
            let secret_type = if entry["type"].is_empty() { "Opaque" } else { entry["type"].text() };
            secret::empty(name, None, secret_type)
        }
    };
    let mut object = base.without_at(&["metadata", "creationTimestamp"]);
    if !entry["namespace"].is_empty() {
        object = object.with_at(&["metadata", "namespace"], &entry["namespace"]);
    }
    let add: sources::Add = if kind == "ConfigMap" { configmap::add } else { secret::add };
    for literal in entry["literals"].items() {
        let (key, text) = sources::literal(literal.text())?;
        object = add(&object, &key, unquoted(&text).as_bytes())?;
    }
    for source in entry["files"].items() {
        let (key, file, _) = sources::file(source.text())?;
        let bytes = read(invocation, path, &file, "file source")?;
        object = add(&object, &key, &bytes)?;
    }
    let envs = entry["envs"].items().iter().chain(Some(&entry["env"]).filter(|e| !e.is_null()));
    for source in envs {
        let bytes = read(invocation, path, source.text(), "env source file")?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for (key, value) in sources::env_file(&text, &mut |_| String::new())? {
            object = add(&object, &key, value.as_bytes())?;
        }
    }
    Ok(object)
}

/// A literal without the quotes around it.
fn unquoted(text: &str) -> &str {
    let inner = |quote| text.strip_prefix(quote).and_then(|t: &str| t.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// A source's content. `what` is the kind of source, `file` or `env source`.
fn read(
    invocation: &mut Invocation<'_, '_>,
    directory: &str,
    name: &str,
    what: &str,
) -> Result<Vec<u8>, Failure> {
    let path = join(directory, name);
    if let Some(why) = outside(invocation, directory, &path) {
        return Err(Failure::Message(format!("loading KV pairs: {what}s: [{name}]: {why}")));
    }
    invocation.sys.read_file(&path).map(|bytes| bytes.to_vec()).map_err(|_| {
        Failure::Message(format!(
            "loading KV pairs: {what}s: [{name}]: evalsymlink failure on '{path}' : lstat {path}: no such file or directory"
        ))
    })
}
