//! Names change while a kustomization is built; what refers to them must follow: config maps and secrets
//! in pod specs, service accounts, claims, services behind ingresses, scale targets, roles.

use super::build::Built;
use crate::kubectl::create::{configmap, secret};
use drydock_machinery::Value;
use std::collections::BTreeMap;

/// New names by kind and old name.
type Names = BTreeMap<(String, String), String>;

/// Makes references follow the names that prefixes and suffixes changed.
pub fn rename(objects: &mut [Built]) {
    let names: Names = objects
        .iter()
        .filter(|b| b.object["metadata"]["name"] != b.original.as_str())
        .map(|b| {
            let kind = b.object["kind"].text().to_string();
            ((kind, b.original.clone()), b.object["metadata"]["name"].text().to_string())
        })
        .collect();
    follow(objects, &names);
    // From here on the new name is what others say.
    for built in objects.iter_mut() {
        built.original = built.object["metadata"]["name"].text().into();
    }
}

/// Gives generated objects the hash of their content, and ends the construction.
#[must_use]
pub fn hash_names(mut objects: Vec<Built>) -> Vec<Value> {
    let mut names = Names::new();
    for built in objects.iter_mut().filter(|b| b.hashed) {
        let kind = built.object["kind"].text().to_string();
        // The hash is of the content alone: equal content has equal endings under every name.
        let nameless = built.object.with_at(&["metadata", "name"], "");
        let hashed =
            if kind == "ConfigMap" { configmap::with_hash(&nameless) } else { secret::with_hash(&nameless) };
        let name = built.object["metadata"]["name"].text().to_string() + hashed["metadata"]["name"].text();
        names.insert((kind, built.original.clone()), name.clone());
        built.object = built.object.with_at(&["metadata", "name"], name);
    }
    follow(&mut objects, &names);
    objects.into_iter().map(|b| b.object).collect()
}

fn follow(objects: &mut [Built], names: &Names) {
    if names.is_empty() {
        return;
    }
    for built in objects.iter_mut() {
        let kind = built.object["kind"].text().to_string();
        built.object = walk(&built.object, &kind, "", names, 0);
    }
}

/// Fields whose `name` (or text) refers to a kind, wherever they stand.
const BY_FIELD: &[(&str, &str, &str)] = &[
    // field, name field within ("" for the text itself), kind
    ("configMapKeyRef", "name", "ConfigMap"),
    ("configMapRef", "name", "ConfigMap"),
    ("configMap", "name", "ConfigMap"),
    ("secretKeyRef", "name", "Secret"),
    ("secretRef", "name", "Secret"),
    ("secret", "secretName", "Secret"),
    ("secret", "name", "Secret"),
    ("persistentVolumeClaim", "claimName", "PersistentVolumeClaim"),
    ("serviceAccountName", "", "ServiceAccount"),
    ("serviceAccount", "", "ServiceAccount"),
    ("serviceName", "", "Service"),
    ("priorityClassName", "", "PriorityClass"),
    ("storageClassName", "", "StorageClass"),
    ("volumeName", "", "PersistentVolume"),
];

fn walk(value: &Value, kind: &str, field: &str, names: &Names, depth: usize) -> Value {
    if depth > drydock_machinery::limits::DEPTH {
        return value.clone();
    }
    let renamed = |kind: &str, old: &Value| names.get(&(kind.to_string(), old.text().to_string())).cloned();
    match value {
        Value::List(items) => items
            .iter()
            .map(|item| match (field, kind) {
                ("imagePullSecrets" | "secrets", _) => with(item, "name", renamed("Secret", &item["name"])),
                ("subjects", _) if item["kind"] == "ServiceAccount" => {
                    with(item, "name", renamed("ServiceAccount", &item["name"]))
                }
                ("tls", "Ingress") => with(item, "secretName", renamed("Secret", &item["secretName"])),
                _ => walk(item, kind, field, names, depth + 1),
            })
            .collect(),
        Value::Map(entries) => {
            let mut out: Vec<(drydock_machinery::Sym, Value)> = Vec::new();
            for (key, inner) in entries.iter() {
                let mut inner = walk(inner, kind, key.text(), names, depth + 1);
                for (_, name, target) in BY_FIELD.iter().filter(|(f, ..)| *f == key.text()) {
                    inner = match *name {
                        "" => renamed(target, &inner).map_or(inner, Value::from),
                        name => {
                            let new = renamed(target, &inner[name]);
                            with(&inner, name, new)
                        }
                    };
                }
                if key.text() == "service" && kind == "Ingress" {
                    let new = renamed("Service", &inner["name"]);
                    inner = with(&inner, "name", new);
                }
                if ["scaleTargetRef", "roleRef"].contains(&key.text()) {
                    let new = renamed(inner["kind"].text(), &inner["name"]);
                    inner = with(&inner, "name", new);
                }
                out.push((*key, inner));
            }
            Value::from_entries(out)
        }
        _ => value.clone(),
    }
}

fn with(value: &Value, field: &str, new: Option<String>) -> Value {
    match new {
        Some(new) => value.with(field, new),
        None => value.clone(),
    }
}
