//! The types of the built-in kinds of Kubernetes v1.33 as one table: fields in Go's order, what is
//! required, list keys and patch strategies. It drives strict decoding, patches, explain, completion
//! and printing in the order of Go's structs.
//!
//! `table.txt` is written by `cargo xtask schema` from the OpenAPI document of the release.

pub mod decode;
mod describe;
mod enums;
pub mod go;
pub mod openapi;
mod table;
pub mod unstructured;

pub use describe::description;
pub use enums::enumeration;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    Str,
    Int32,
    Int64,
    Float,
    Bool,
    /// Base64 in JSON.
    Bytes,
    Time,
    MicroTime,
    Quantity,
    IntOrString,
    /// Any JSON.
    Any,
    List(&'static Ty),
    Map(&'static Ty),
    /// Number of a type: [`Schema::type_at`].
    Object(u16),
}

/// A field of a [`Type`].
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub json: &'static str,
    pub ty: Ty,
    /// The API refuses an object without it.
    pub required: bool,
    /// Go leaves the field out of JSON when it is empty.
    pub omit_empty: bool,
    /// The name of a string type in Go, e.g. `v1.PullPolicy`; empty for a plain string.
    pub go_type: &'static str,
    /// `merge`, `replace`, `retainKeys` or several with commas; empty for none.
    pub patch_strategy: &'static str,
    pub patch_merge_key: &'static str,
    /// `map`, `set`, `atomic` or empty.
    pub list_type: &'static str,
    pub list_map_keys: Vec<&'static str>,
    /// Place among the fields of the Go struct.
    pub go_order: u16,
}

impl Field {
    /// Whether lists of this field are merged item by item in a strategic merge patch.
    #[must_use]
    pub fn merges(&self) -> bool {
        self.patch_strategy.split(',').any(|s| s == "merge")
    }
    /// Whether a strategic merge patch of this field names the keys that stay.
    #[must_use]
    pub fn retains_keys(&self) -> bool {
        self.patch_strategy.split(',').any(|s| s == "retainKeys")
    }
}

/// A struct of the API.
#[derive(Clone, Debug)]
pub struct Type {
    /// Group, version and name: `apps.v1.DeploymentSpec`.
    pub name: &'static str,
    /// Group, version, kind of a type that is a kind.
    pub gvk: Option<(&'static str, &'static str, &'static str)>,
    /// In the order of the Go struct.
    pub fields: Vec<Field>,
}

impl Type {
    /// The field with this JSON name.
    #[must_use]
    pub fn field(&self, json: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.json == json)
    }
    /// `DeploymentSpec`.
    #[must_use]
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
    /// Go's name: `v1.DeploymentSpec`.
    #[must_use]
    pub fn go_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, rest)| rest)
    }
    /// The name in OpenAPI: `io.k8s.api.apps.v1.DeploymentSpec`.
    #[must_use]
    pub fn full_name(&self) -> String {
        let package = match self.name.split('.').next().unwrap_or("") {
            "meta" => "io.k8s.apimachinery.pkg.apis",
            "apiextensions" => "io.k8s.apiextensions-apiserver.pkg.apis",
            "apiregistration" => "io.k8s.kube-aggregator.pkg.apis",
            _ => "io.k8s.api",
        };
        format!("{package}.{}", self.name)
    }
}

/// All types.
#[derive(Debug, Default)]
pub struct Schema {
    types: Vec<Type>,
    /// By kind; few kinds stand in several groups.
    kinds: BTreeMap<&'static str, Vec<u16>>,
    names: BTreeMap<&'static str, u16>,
}

static BUILTIN: LazyLock<Schema> = LazyLock::new(|| table::parse(include_str!("schema/table.txt")));

/// The schema of the built-in kinds of Kubernetes v1.33.
#[must_use]
pub fn builtin() -> &'static Schema {
    &BUILTIN
}

impl Schema {
    /// The type of a kind, e.g. `("apps/v1", "Deployment")`.
    #[must_use]
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Type> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let same = self.kinds.get(kind)?.iter().filter_map(|at| self.type_at(*at));
        same.into_iter().find(|t| t.gvk.is_some_and(|(g, v, _)| g == group && v == version))
    }
    /// The type of a name: `core.v1.PodSpec`, `io.k8s.api.core.v1.PodSpec`, or just `PodSpec` (the
    /// first of that name, core before the others).
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Type> {
        let parts: Vec<&str> = name.split('.').collect();
        if let [short] = parts.as_slice() {
            let core = self.names.get(format!("core.v1.{short}").as_str());
            let found = core
                .copied()
                .or_else(|| self.types.iter().position(|t| t.short_name() == *short).map(|at| at as u16));
            return self.type_at(found?);
        }
        let tail = parts.get(parts.len().saturating_sub(3)..).unwrap_or_default().join(".");
        self.type_at(*self.names.get(tail.as_str())?)
    }
    /// The type of a [`Ty::Object`].
    #[must_use]
    pub fn type_at(&self, number: u16) -> Option<&Type> {
        self.types.get(usize::from(number))
    }
    /// The struct a field holds, itself or as the items of its list or map.
    #[must_use]
    pub fn object_of(&self, ty: Ty) -> Option<&Type> {
        match ty {
            Ty::Object(at) => self.type_at(at),
            Ty::List(inner) | Ty::Map(inner) => self.object_of(*inner),
            _ => None,
        }
    }
    /// The field at a path of JSON names, e.g. `["spec", "template", "spec", "containers", "image"]`.
    #[must_use]
    pub fn field_at<'a>(&'a self, ty: &'a Type, path: &[&str]) -> Option<(&'a Type, &'a Field)> {
        let (first, rest) = path.split_first()?;
        let field = ty.field(first)?;
        if rest.is_empty() { Some((ty, field)) } else { self.field_at(self.object_of(field.ty)?, rest) }
    }
    /// All types, by name.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.types.iter()
    }
}

/// Place of a field among the fields of its Go struct; fields it does not know come last.
#[must_use]
pub fn go_order(ty: &Type, json: &str) -> u16 {
    ty.field(json).map_or(u16::MAX, |field| field.go_order)
}

#[cfg(test)]
mod tests;
