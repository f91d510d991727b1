//! A schema as merging sees it: scalars, lists (whole, sets, by keys) and maps (whole or by key), of
//! built-in types, of structural schemas of CustomResourceDefinitions, and deduced where none is.

use super::atomic;
use super::element::Element;
use crate::schema::{self, Field, Schema, Ty, Type};
use crate::{Sym, Value};

/// The type of a value; see the module's head.
#[derive(Clone, Copy, Debug)]
pub enum Typed<'a> {
    Struct(&'a Schema, &'a Type),
    /// A field's value, or what its list or map holds.
    Builtin(&'a Schema, Ty, Option<(&'a Type, &'a Field)>),
    /// A structural schema; `true` for that of a whole object.
    Open(&'a Value, bool),
    Scalar(Scalar),
    /// Known by its value only.
    Untyped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    Text,
    Number,
    Bool,
    /// Any of them.
    Any,
}

/// How a value is taken apart.
#[derive(Clone, Copy, Debug)]
pub enum Atom<'a> {
    Scalar(Scalar),
    List(List<'a>),
    Map(Map<'a>),
    /// Anything, owned as a whole.
    Whole,
}

#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// Owned as a whole; else a set, or with keys.
    pub atomic: bool,
    pub items: Typed<'a>,
    of: Keys<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Keys<'a> {
    None,
    Builtin(&'a [&'static str]),
    Open(&'a Value),
}

#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    pub atomic: bool,
    typed: Typed<'a>,
}

impl<'a> Typed<'a> {
    /// The type of a built-in kind.
    #[must_use]
    pub fn kind(api_version: &str, kind: &str) -> Option<Typed<'static>> {
        let schema = schema::builtin();
        schema.kind(api_version, kind).map(|ty| Typed::Struct(schema, ty))
    }
    /// How a value of this type is taken apart; a deduced type asks the value.
    #[must_use]
    pub fn atom(self, value: Option<&Value>) -> Atom<'a> {
        match self {
            Typed::Struct(_, ty) => Atom::Map(Map { atomic: atomic::is_struct(ty.name), typed: self }),
            Typed::Builtin(schema, ty, field) => builtin(self, schema, ty, field),
            Typed::Open(schema, root) => open(self, schema, root),
            Typed::Scalar(scalar) => Atom::Scalar(scalar),
            Typed::Untyped => match value {
                Some(Value::Map(_)) => Atom::Map(Map { atomic: false, typed: self }),
                Some(Value::List(_)) => {
                    Atom::List(List { atomic: true, items: Typed::Untyped, of: Keys::None })
                }
                _ => Atom::Scalar(Scalar::Any),
            },
        }
    }
}

fn builtin<'a>(
    typed: Typed<'a>,
    schema: &'a Schema,
    ty: Ty,
    field: Option<(&'a Type, &'a Field)>,
) -> Atom<'a> {
    match ty {
        Ty::Str | Ty::Bytes => Atom::Scalar(Scalar::Text),
        Ty::Int32 | Ty::Int64 | Ty::Float => Atom::Scalar(Scalar::Number),
        Ty::Bool => Atom::Scalar(Scalar::Bool),
        Ty::Time | Ty::MicroTime | Ty::Quantity | Ty::IntOrString => Atom::Scalar(Scalar::Any),
        Ty::Any => Atom::Whole,
        Ty::Object(at) => match schema.type_at(at) {
            Some(ty) => Typed::Struct(schema, ty).atom(None),
            None => Atom::Whole,
        },
        Ty::Map(_) => {
            let atomic = field.is_some_and(|(ty, field)| atomic::is_map(ty.name, field.json));
            Atom::Map(Map { atomic, typed })
        }
        Ty::List(inner) => {
            let (kind, keys) = field.map_or(("", &[][..]), |(_, f)| (f.list_type, &f.list_map_keys));
            let of = if kind == "map" { Keys::Builtin(keys) } else { Keys::None };
            let items = Typed::Builtin(schema, *inner, None);
            Atom::List(List { atomic: !matches!(kind, "map" | "set"), items, of })
        }
    }
}

fn open<'a>(typed: Typed<'a>, schema: &'a Value, root: bool) -> Atom<'a> {
    if root {
        return Atom::Map(Map { atomic: false, typed });
    }
    if schema["x-kubernetes-int-or-string"].bool() {
        return Atom::Scalar(Scalar::Any);
    }
    match schema["type"].text() {
        "object" => Atom::Map(Map { atomic: schema["x-kubernetes-map-type"] == "atomic", typed }),
        "array" => {
            let kind = schema["x-kubernetes-list-type"].text();
            let of = if kind == "map" { Keys::Open(schema) } else { Keys::None };
            let items = Typed::Open(schema.get("items"), false);
            Atom::List(List { atomic: !matches!(kind, "map" | "set"), items, of })
        }
        "string" => Atom::Scalar(Scalar::Text),
        "integer" | "number" => Atom::Scalar(Scalar::Number),
        "boolean" => Atom::Scalar(Scalar::Bool),
        _ => Atom::Whole,
    }
}

impl<'a> Map<'a> {
    /// A struct of a built-in type.
    #[must_use]
    pub fn is_struct(&self) -> bool {
        matches!(self.typed, Typed::Struct(..))
    }
    /// The schema names this field (it is no mere key).
    #[must_use]
    pub fn names(&self, key: Sym) -> bool {
        match self.typed {
            Typed::Struct(_, ty) => ty.field(key.text()).is_some(),
            Typed::Open(schema, root) => {
                schema["properties"].find(key.text()).is_some()
                    || (root || schema["x-kubernetes-embedded-resource"].bool()) && is_common(key.text())
            }
            _ => false,
        }
    }
    /// The schema knows what this key would hold.
    #[must_use]
    pub fn allows(&self, key: Sym) -> bool {
        match self.typed {
            Typed::Struct(..) => self.names(key),
            Typed::Open(schema, _) => {
                let others = schema.get("additionalProperties");
                self.names(key)
                    || others.is_map()
                    || others.bool()
                    || schema["x-kubernetes-preserve-unknown-fields"].bool()
            }
            _ => true,
        }
    }
    /// The type of a key's value.
    #[must_use]
    pub fn of(&self, key: Sym) -> Typed<'a> {
        match self.typed {
            Typed::Struct(schema, ty) => match ty.field(key.text()) {
                Some(field) => Typed::Builtin(schema, field.ty, Some((ty, field))),
                None => Typed::Untyped,
            },
            Typed::Builtin(schema, Ty::Map(inner), _) => Typed::Builtin(schema, *inner, None),
            Typed::Open(schema, root) => {
                let embedded = root || schema["x-kubernetes-embedded-resource"].bool();
                match (key.text(), schema["properties"].find(key.text())) {
                    ("metadata", _) if embedded => metadata(),
                    ("apiVersion" | "kind", None) if embedded => Typed::Scalar(Scalar::Text),
                    (_, Some(property)) => Typed::Open(property, false),
                    _ if schema["additionalProperties"].is_map() => {
                        Typed::Open(schema.get("additionalProperties"), false)
                    }
                    _ => Typed::Untyped,
                }
            }
            _ => Typed::Untyped,
        }
    }
}

fn is_common(key: &str) -> bool {
    matches!(key, "apiVersion" | "kind" | "metadata")
}

fn metadata() -> Typed<'static> {
    let schema = schema::builtin();
    schema.by_name("meta.v1.ObjectMeta").map_or(Typed::Untyped, |ty| Typed::Struct(schema, ty))
}

impl List<'_> {
    /// The path element of an item.
    ///
    /// # Errors
    /// The library's words for an item without its keys.
    pub fn element(&self, item: &Value) -> Result<Element, String> {
        let names: Vec<&str> = match self.of {
            Keys::None => return self.set_element(item),
            Keys::Builtin(keys) => keys.to_vec(),
            Keys::Open(schema) => {
                schema["x-kubernetes-list-map-keys"].items().iter().map(Value::text).collect()
            }
        };
        if item.is_null() {
            return Err("associative list with keys may not have a null element".into());
        }
        if !item.is_map() {
            return Err("associative list with keys may not have non-map elements".into());
        }
        let mut keys = Vec::with_capacity(names.len());
        for name in names {
            let value = item.find(name).filter(|v| !v.is_null()).cloned();
            let Some(value) = value.or_else(|| self.default_key(name)) else {
                return Err(format!(
                    "associative list with keys has an element that omits key field \"{name}\" (and doesn't have default value)"
                ));
            };
            keys.push((Sym::new(name), value));
        }
        Ok(Element::key(Value::from_entries(keys)))
    }
    fn set_element(&self, item: &Value) -> Result<Element, String> {
        match item {
            Value::Map(_) => Err("associative list without keys has an element that's a map type".into()),
            Value::List(_) => Err("not supported: associative list with lists as elements".into()),
            Value::Null => Err("associative list without keys has an element that's an explicit null".into()),
            item => Ok(Element::value(item)),
        }
    }
    /// What a key that is left out stands for.
    fn default_key(&self, name: &str) -> Option<Value> {
        match self.items {
            Typed::Builtin(schema, inner, _) => {
                let field = schema.object_of(inner)?.field(name)?;
                match field.ty {
                    _ if name == "protocol" => Some("TCP".into()),
                    _ if field.omit_empty => None,
                    Ty::Str => Some("".into()),
                    Ty::Int32 | Ty::Int64 => Some(0.into()),
                    _ => None,
                }
            }
            Typed::Open(schema, _) => schema["properties"][name].find("default").cloned(),
            _ => None,
        }
    }
}

/// An object of a built-in type nobody has filled in: the fields Go always writes, lists as null.
#[must_use]
pub fn empty(schema: &Schema, ty: &Type) -> Value {
    schema::go::typed(schema, ty, &Value::empty_map())
}
