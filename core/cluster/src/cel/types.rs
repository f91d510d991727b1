//! Types of expressions, and those a schema declares (`apiserver/pkg/cel/common/typeprovider`, v1.33).

use drydock_machinery::Value;

/// See the module's head.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty {
    /// Anything; also what could not be judged.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Time,
    Duration,
    /// A type of Kubernetes' libraries, by name.
    Named(&'static str),
    List(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    Optional(Box<Ty>),
    Type,
    /// An object with the fields of a schema; the flag is set for whole objects.
    Object(Value, bool),
}

pub(crate) const QUANTITY: Ty = Ty::Named("kubernetes.Quantity");
pub(crate) const IP: Ty = Ty::Named("net.IP");
pub(crate) const CIDR: Ty = Ty::Named("net.CIDR");
pub(crate) const URL: Ty = Ty::Named("kubernetes.URL");
pub(crate) const FORMAT: Ty = Ty::Named("kubernetes.NamedFormat");

impl std::fmt::Display for Ty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ty::Dyn => f.write_str("dyn"),
            Ty::Null => f.write_str("null"),
            Ty::Bool => f.write_str("bool"),
            Ty::Int => f.write_str("int"),
            Ty::Uint => f.write_str("uint"),
            Ty::Double => f.write_str("double"),
            Ty::Text => f.write_str("string"),
            Ty::Bytes => f.write_str("bytes"),
            Ty::Time => f.write_str("timestamp"),
            Ty::Duration => f.write_str("duration"),
            Ty::Named(name) => f.write_str(name),
            Ty::List(inner) => write!(f, "list({inner})"),
            Ty::Map(key, value) => write!(f, "map({key}, {value})"),
            Ty::Optional(inner) => write!(f, "optional_type({inner})"),
            Ty::Type => f.write_str("type"),
            Ty::Object(..) => f.write_str("selfType"),
        }
    }
}

impl Ty {
    /// The type of what a schema describes.
    pub(crate) fn of_schema(schema: &Value, root: bool) -> Ty {
        if schema["x-kubernetes-int-or-string"].bool() {
            return Ty::Dyn;
        }
        match schema["type"].text() {
            "array" => Ty::List(Ty::of_schema(&schema["items"], false).into()),
            "object" if schema["additionalProperties"].is_map() => {
                let value = Ty::of_schema(&schema["additionalProperties"], false);
                Ty::Map(Ty::Text.into(), value.into())
            }
            "object" => Ty::Object(schema.clone(), root || schema["x-kubernetes-embedded-resource"].bool()),
            "string" => match schema["format"].text() {
                "byte" => Ty::Bytes,
                "duration" => Ty::Duration,
                "date" | "date-time" => Ty::Time,
                _ => Ty::Text,
            },
            "boolean" => Ty::Bool,
            "number" => Ty::Double,
            "integer" => Ty::Int,
            _ => Ty::Dyn,
        }
    }
    /// The type of a field; `None` if there is no such field.
    pub(crate) fn field(&self, name: &str) -> Option<Ty> {
        let Ty::Object(schema, whole) = self else { return None };
        if *whole {
            match name {
                "apiVersion" | "kind" => return Some(Ty::Text),
                "metadata" => {
                    let names = drydock_machinery::value!({"type": "object", "properties": {
                        "name": {"type": "string"}, "generateName": {"type": "string"}}});
                    return Some(Ty::Object(names, false));
                }
                _ => {}
            }
        }
        Some(Ty::of_schema(schema["properties"].find(name)?, false))
    }
    /// Whether a value of this type may stand where the other is wanted.
    pub(crate) fn fits(&self, wanted: &Ty) -> bool {
        match (self, wanted) {
            (Ty::Dyn, _) | (_, Ty::Dyn) => true,
            (Ty::Null, Ty::Object(..) | Ty::Time | Ty::Duration | Ty::Named(_) | Ty::Optional(_))
            | (Ty::Object(..) | Ty::Time | Ty::Duration | Ty::Named(_) | Ty::Optional(_), Ty::Null) => true,
            (Ty::List(a), Ty::List(b)) | (Ty::Optional(a), Ty::Optional(b)) => a.fits(b),
            (Ty::Map(a, x), Ty::Map(b, y)) => a.fits(b) && x.fits(y),
            // Objects are maps to the functions that take any.
            (Ty::Object(..), Ty::Object(..)) => self == wanted,
            (a, b) => a == b,
        }
    }
}
