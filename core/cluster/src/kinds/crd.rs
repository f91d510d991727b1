//! CustomResourceDefinitions.

use super::fill::Fill;
use super::{Kind, status_of};
use crate::table::{CREATED_AT, created_at_row};
use crate::validate;
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
    validate: validate::definition::validate,
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

/// The name of the version objects are stored in.
pub(crate) fn storage(spec: &Value) -> Option<Value> {
    spec["versions"].items().iter().find(|v| v["storage"].bool()).map(|v| v["name"].clone())
}

/// Nothing is accepted yet: the naming controller comes next.
fn begin(spec: &Value) -> Value {
    let stored: Value = storage(spec).into_iter().collect();
    value!({"acceptedNames": {"kind": "", "plural": ""}, "conditions": null, "storedVersions": stored})
}
