//! Config maps and secrets (`ValidateConfigMap`, `ValidateSecret`, v1.33).

use crate::field::{Errors, Path};
use drydock_machinery::{Value, hash, json, names};

/// Bytes all values may have together.
const MAX_BYTES: usize = 1024 * 1024;

fn key(key: &str, data: &Path<'_>, errors: &mut Errors) {
    errors.each(&data.key(key), key, names::is_config_map_key(key));
}

fn sealed(new: &Value, old: Option<&Value>, fields: &[&str], errors: &mut Errors) {
    let Some(old) = old.filter(|old| old["immutable"].bool()) else { return };
    let detail = "field is immutable when `immutable` is set";
    if !new["immutable"].bool() {
        errors.forbidden(&Path::new("immutable"), detail);
    }
    for field in fields {
        let same = new[*field] == old[*field] || new[*field].is_empty() && old[*field].is_empty();
        if !same {
            errors.forbidden(&Path::new(field), detail);
        }
    }
}

pub fn config_map(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    sealed(new, old, &["data", "binaryData"], errors);
    let (data, binary) = (Path::new("data"), Path::new("binaryData"));
    let mut size = 0;
    for (name, text) in new["data"].entries() {
        key(name.text(), &data, errors);
        if new["binaryData"].find(name.text()).is_some() {
            errors.invalid(&data.key(name.text()), name.text(), "duplicate of key present in binaryData");
        }
        size += text.text().len();
    }
    for (name, bytes) in new["binaryData"].entries() {
        key(name.text(), &binary, errors);
        size += hash::base64_decode(bytes.text()).map_or(0, |b| b.len());
    }
    if size > MAX_BYTES {
        errors.too_long(&Path::new(""), MAX_BYTES);
    }
}

pub fn secret(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    if let Some(old) = old
        && new["type"] != old["type"]
    {
        errors.invalid(&Path::new("type"), &new["type"], "field is immutable");
    }
    sealed(new, old, &["data"], errors);
    let data = Path::new("data");
    let mut size = 0;
    for (name, bytes) in new["data"].entries() {
        key(name.text(), &data, errors);
        size += hash::base64_decode(bytes.text()).map_or(0, |b| b.len());
    }
    if size > MAX_BYTES {
        errors.too_long(&data, MAX_BYTES);
    }
    contents(new, &data, errors);
}

/// What the type of a secret demands of its data.
fn contents(secret: &Value, data: &Path<'_>, errors: &mut Errors) {
    let has = |name: &str| secret["data"].find(name).is_some();
    match secret["type"].text() {
        "kubernetes.io/service-account-token" => {
            let name = &secret["metadata"]["annotations"]["kubernetes.io/service-account.name"];
            if name.is_empty() {
                let metadata = Path::new("metadata");
                let annotations = metadata.child("annotations");
                errors.required(&annotations.key("kubernetes.io/service-account.name"), "");
            }
        }
        "kubernetes.io/dockercfg" => docker(secret, ".dockercfg", data, errors),
        "kubernetes.io/dockerconfigjson" => docker(secret, ".dockerconfigjson", data, errors),
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            // The path is a format nobody filled in: so it is in the real server.
            let place = data.key("%s");
            errors.required(&place.key("username"), "");
            errors.required(&place.key("password"), "");
        }
        "kubernetes.io/ssh-auth" if secret["data"]["ssh-privatekey"].is_empty() => {
            let place = data.key("%s");
            errors.required(&place.key("ssh-privatekey"), "");
        }
        "kubernetes.io/tls" => {
            for name in ["tls.crt", "tls.key"] {
                if !has(name) {
                    errors.required(&data.key(name), "");
                }
            }
        }
        _ => {}
    }
}

fn docker(secret: &Value, name: &str, data: &Path<'_>, errors: &mut Errors) {
    let Some(held) = secret["data"].find(name) else {
        errors.required(&data.key(name), "");
        return;
    };
    let bytes = hash::base64_decode(held.text()).unwrap_or_default();
    if let Err(error) = json::parse(&bytes) {
        errors.invalid(&data.key(name), "<secret contents redacted>", &error.message);
    }
}
