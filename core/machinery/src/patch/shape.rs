//! What the schema says of a place in an object, as far as patches ask: how its lists merge and what
//! lies below it. Places the schema does not know merge as plain JSON.

use crate::schema::{Field, Schema, Ty, Type};

/// A place in an object.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    schema: &'a Schema,
    inner: Inner<'a>,
}

#[derive(Clone, Copy)]
enum Inner<'a> {
    Struct(&'a Type),
    Map(Ty),
    Unknown,
}

/// What holds for one field.
#[derive(Clone, Copy)]
pub(super) struct Rule<'a> {
    /// Items of the list, or the value itself.
    pub shape: Shape<'a>,
    pub merges: bool,
    pub replaces: bool,
    pub retains_keys: bool,
    /// Empty for lists of plain values.
    pub merge_key: &'static str,
}

impl<'a> Shape<'a> {
    pub fn of(schema: &'a Schema, ty: &'a Type) -> Shape<'a> {
        Shape { schema, inner: Inner::Struct(ty) }
    }
    fn of_ty(self, ty: Ty) -> Shape<'a> {
        let inner = match ty {
            Ty::Object(at) => self.schema.type_at(at).map_or(Inner::Unknown, Inner::Struct),
            Ty::List(item) => return self.of_ty(*item),
            Ty::Map(value) => Inner::Map(*value),
            _ => Inner::Unknown,
        };
        Shape { schema: self.schema, inner }
    }
    pub fn rule(self, key: &str) -> Rule<'a> {
        let field: Option<&'a Field> = if let Inner::Struct(ty) = self.inner { ty.field(key) } else { None };
        let shape = match (field, self.inner) {
            (Some(field), _) => self.of_ty(field.ty),
            (None, Inner::Map(value)) => self.of_ty(value),
            _ => Shape { schema: self.schema, inner: Inner::Unknown },
        };
        Rule {
            shape,
            merges: field.is_some_and(Field::merges),
            replaces: field.is_some_and(|f| f.patch_strategy.split(',').any(|s| s == "replace")),
            retains_keys: field.is_some_and(Field::retains_keys),
            merge_key: field.map_or("", |f| f.patch_merge_key),
        }
    }
    /// Go's name of the struct, for error texts.
    pub fn name(self) -> &'static str {
        if let Inner::Struct(ty) = self.inner { ty.short_name() } else { "" }
    }
}
