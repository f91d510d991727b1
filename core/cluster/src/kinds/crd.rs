//! CustomResourceDefinitions.

use super::{Kind, status_of};

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
    ..Kind::BASE
};
