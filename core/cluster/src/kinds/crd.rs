//! CustomResourceDefinitions.

use super::{Kind, status_of};
use crate::cluster::Cluster;
use crate::store::Change;

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

impl Cluster {
    /// A definition was written: its kind appears, changes or goes.
    pub(crate) fn redefine(&mut self, _change: &Change) {}
}
