//! Namespaces.

use super::fill::Fill;
use super::{Kind, STATUS_VERBS, Subresource};
use crate::field::{Errors, Path};
use crate::table::column;
use drydock_machinery::{Value, names, value};

pub const KIND: Kind = Kind {
    kind: "Namespace",
    plural: "namespaces",
    singular: "namespace",
    short: &["ns"],
    namespaced: false,
    verbs: &["create", "delete", "get", "list", "patch", "update", "watch"],
    status: true,
    name: names::is_dns1123_label,
    subresources: &[
        Subresource { name: "finalize", group: "", version: "", kind: "Namespace", verbs: &["update"] },
        Subresource { name: "status", group: "", version: "", kind: "Namespace", verbs: STATUS_VERBS },
    ],
    default: defaults,
    begin: |_| value!({"phase": "Active"}),
    validate,
    columns: &[column("Status"), column("Age")],
    row: |namespace, view| vec![namespace.status()["phase"].clone(), view.age(namespace.created)],
    selectable: |namespace, field| {
        (field == "status.phase").then(|| namespace.status()["phase"].text().into())
    },
    selectable_fields: &["status.phase"],
    ..Kind::BASE
};

fn defaults(namespace: &Value) -> Value {
    let mut fill = Fill::new(namespace);
    let name = fill.get("metadata")["name"].clone();
    fill.each("metadata", |metadata| {
        if name.is_empty() || metadata["labels"]["kubernetes.io/metadata.name"] == name {
            return metadata.clone();
        }
        metadata.with_at(&["labels", "kubernetes.io/metadata.name"], &name)
    });
    fill.done()
}

fn validate(namespace: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let spec = Path::new("spec");
    let path = spec.child("finalizers");
    for finalizer in namespace["spec"]["finalizers"].items() {
        let text = finalizer.text();
        errors.each(&path, text, names::is_qualified_name(text));
        if !text.contains('/') && !matches!(text, "kubernetes" | "orphan" | "foregroundDeletion") {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&path, text, detail);
        }
    }
}
