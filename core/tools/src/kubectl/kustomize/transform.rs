//! The plain transformers: namespace, name prefix and suffix, labels, annotations, images, replicas.

use super::build::Built;
use drydock_machinery::{Value, schema};

/// Paths of selectors and pod templates that common labels reach: kind, path of a map.
const SELECTORS: &[(&str, &[&str])] = &[
    ("Service", &["spec", "selector"]),
    ("ReplicationController", &["spec", "selector"]),
    ("Deployment", &["spec", "selector", "matchLabels"]),
    ("ReplicaSet", &["spec", "selector", "matchLabels"]),
    ("DaemonSet", &["spec", "selector", "matchLabels"]),
    ("StatefulSet", &["spec", "selector", "matchLabels"]),
];
/// Where kinds keep pod templates.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("ReplicationController", &["spec", "template"]),
    ("Deployment", &["spec", "template"]),
    ("ReplicaSet", &["spec", "template"]),
    ("DaemonSet", &["spec", "template"]),
    ("StatefulSet", &["spec", "template"]),
    ("Job", &["spec", "template"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template"]),
];

/// Applies them all, in kustomize's order.
pub fn run(kustomization: &Value, objects: &mut [Built]) {
    let text = |field: &str| kustomization[field].text().to_string();
    let (namespace, prefix, suffix) = (text("namespace"), text("namePrefix"), text("nameSuffix"));
    for built in objects.iter_mut() {
        let mut object = built.object.clone();
        if !namespace.is_empty() {
            object = with_namespace(&object, &namespace);
        }
        let renames = !prefix.is_empty() || !suffix.is_empty();
        if renames && !is_unprefixed(&object) {
            let name = format!("{prefix}{}{suffix}", object["metadata"]["name"].text());
            object = object.with_at(&["metadata", "name"], name);
        }
        object = with_labels(&object, &kustomization["commonLabels"], true, true);
        for entry in kustomization["labels"].items() {
            let selectors = entry["includeSelectors"].bool();
            let templates = selectors || entry["includeTemplates"].bool();
            object = with_labels(&object, &entry["pairs"], selectors, templates);
        }
        object = with_annotations(&object, &kustomization["commonAnnotations"]);
        for image in kustomization["images"].items() {
            object = with_image(&object, image, 0);
        }
        for replica in kustomization["replicas"].items() {
            let kinds = ["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"];
            let named = replica["name"].text() == built.original;
            if named && kinds.contains(&object["kind"].text()) {
                object = object.with_at(&["spec", "replicas"], &replica["count"]);
            }
        }
        built.object = object;
    }
}

fn is_unprefixed(object: &Value) -> bool {
    ["Namespace", "CustomResourceDefinition", "APIService"].contains(&object["kind"].text())
}

fn is_cluster_scoped(object: &Value) -> bool {
    const KINDS: &[&str] = &[
        "Namespace",
        "Node",
        "PersistentVolume",
        "ClusterRole",
        "ClusterRoleBinding",
        "StorageClass",
        "PriorityClass",
        "IngressClass",
        "CustomResourceDefinition",
        "RuntimeClass",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "APIService",
        "CSIDriver",
    ];
    KINDS.contains(&object["kind"].text())
}

fn with_namespace(object: &Value, namespace: &str) -> Value {
    if object["kind"] == "Namespace" {
        return object.with_at(&["metadata", "name"], namespace);
    }
    let mut object = object.clone();
    if ["RoleBinding", "ClusterRoleBinding"].contains(&object["kind"].text()) {
        let moved: Value = object["subjects"]
            .items()
            .iter()
            .map(|s| if s["kind"] == "ServiceAccount" { s.with("namespace", namespace) } else { s.clone() })
            .collect();
        if !moved.items().is_empty() {
            object = object.with("subjects", moved);
        }
    }
    if is_cluster_scoped(&object) { object } else { object.with_at(&["metadata", "namespace"], namespace) }
}

fn merge(object: &Value, path: &[&str], pairs: &Value) -> Value {
    let mut map = object.at(path).clone();
    for (key, value) in pairs.entries() {
        map = map.with(*key, value);
    }
    object.with_at(path, map)
}

fn with_labels(object: &Value, pairs: &Value, selectors: bool, templates: bool) -> Value {
    if pairs.is_empty() {
        return object.clone();
    }
    let kind = object["kind"].text().to_string();
    let mut object = merge(object, &["metadata", "labels"], pairs);
    for (_, path) in SELECTORS.iter().filter(|(k, _)| selectors && *k == kind) {
        object = merge(&object, path, pairs);
    }
    for (_, path) in TEMPLATES.iter().filter(|(k, _)| templates && *k == kind) {
        let path: Vec<&str> = path.iter().copied().chain(["metadata", "labels"]).collect();
        object = merge(&object, &path, pairs);
    }
    object
}

fn with_annotations(object: &Value, pairs: &Value) -> Value {
    if pairs.is_empty() {
        return object.clone();
    }
    let kind = object["kind"].text().to_string();
    let mut object = merge(object, &["metadata", "annotations"], pairs);
    for (_, path) in TEMPLATES.iter().filter(|(k, _)| *k == kind) {
        let path: Vec<&str> = path.iter().copied().chain(["metadata", "annotations"]).collect();
        object = merge(&object, &path, pairs);
    }
    object
}

/// Replaces the image everywhere a `containers` or `initContainers` list holds it.
fn with_image(value: &Value, image: &Value, depth: usize) -> Value {
    if depth > drydock_machinery::limits::DEPTH {
        return value.clone();
    }
    match value {
        Value::Map(entries) => entries
            .iter()
            .map(|(key, inner)| {
                let lists = ["containers", "initContainers"].contains(&key.text()) && inner.is_list();
                if !lists {
                    return (*key, with_image(inner, image, depth + 1));
                }
                let changed: Value = inner
                    .items()
                    .iter()
                    .map(|c| match c["image"].as_str() {
                        Some(old) => c.with("image", renamed(old, image)),
                        None => c.clone(),
                    })
                    .collect();
                (*key, changed)
            })
            .collect(),
        Value::List(items) => items.iter().map(|v| with_image(v, image, depth + 1)).collect(),
        _ => value.clone(),
    }
}

fn renamed(old: &str, image: &Value) -> String {
    let (rest, digest) = match old.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (old, None),
    };
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest.get(slash..).and_then(|last| last.split_once(':')) {
        Some((last, tag)) => (format!("{}{last}", rest.get(..slash).unwrap_or("")), Some(tag)),
        None => (rest.to_string(), None),
    };
    if name != image["name"].text() {
        return old.into();
    }
    let new_name = if image["newName"].is_empty() { name } else { image["newName"].text().into() };
    let new_tag = image["newTag"]
        .as_str()
        .map(str::to_string)
        .or_else(|| image["newTag"].as_int().map(|n| n.to_string()));
    let suffix = image["tagSuffix"].text();
    match (image["digest"].text(), new_tag) {
        ("", Some(tag)) => format!("{new_name}:{tag}"),
        ("", None) => match (tag, digest) {
            (_, Some(digest)) => format!("{new_name}@{digest}"),
            (Some(tag), None) => format!("{new_name}:{tag}{suffix}"),
            (None, None) => new_name,
        },
        (digest, _) => format!("{new_name}@{digest}"),
    }
}

/// The schema type of an object, for strategic patches.
#[must_use]
pub fn type_of(object: &Value) -> Option<&'static schema::Type> {
    schema::builtin().kind(object["apiVersion"].text(), object["kind"].text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn images_change_by_name() {
        let to = value!({"name": "nginx", "newTag": "1.27"});
        assert_eq!(renamed("nginx:1.25", &to), "nginx:1.27");
        assert_eq!(renamed("mynginx:1.25", &to), "mynginx:1.25");
        let moved = value!({"name": "reg:5000/a", "newName": "b"});
        assert_eq!(renamed("reg:5000/a:1", &moved), "b:1");
        let pinned = value!({"name": "nginx", "digest": "sha256:0"});
        assert_eq!(renamed("nginx:1.25", &pinned), "nginx@sha256:0");
    }
}
