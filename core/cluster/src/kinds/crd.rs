//! CustomResourceDefinitions.

use super::fill::Fill;
use super::{Kind, status_of};
use crate::table::{CREATED_AT, created_at_row};
use drydock_machinery::{Value, value};

pub const KIND: Kind = Kind {
    group: "apiextensions.k8s.io",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    singular: "customresourcedefinition",
    short: &["crd", "crds"],
    categories: &["api-extensions"],
    namespaced: false,
    status: true,
    generation: true,
    subresources: &[status_of("CustomResourceDefinition")],
    default: defaults,
    begin,
    columns: CREATED_AT,
    row: created_at_row,
    ..Kind::BASE
};

fn defaults(definition: &Value) -> Value {
    let mut fill = Fill::new(definition);
    fill.each("spec", |spec| {
        let mut fill = Fill::new(spec);
        fill.each("names", |names| {
            let mut fill = Fill::new(names);
            let kind = fill.get("kind").text().to_string();
            if !kind.is_empty() {
                fill.or("listKind", format!("{kind}List"));
                fill.or("singular", kind.to_lowercase());
            }
            fill.done()
        });
        fill.or("conversion", value!({"strategy": "None"}));
        fill.done()
    });
    fill.done()
}

/// The naming controller's work is done at once: names never collide here.
fn begin(spec: &Value) -> Value {
    let stored = spec["versions"].items().iter().filter(|v| v["storage"].bool());
    let stored: Value = stored.map(|v| v["name"].clone()).collect();
    value!({
        "acceptedNames": &spec["names"], "storedVersions": stored,
        "conditions": [
            {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"},
            {"type": "Established", "status": "True", "reason": "InitialNamesAccepted", "message": "the initial names have been accepted"},
        ],
    })
}
