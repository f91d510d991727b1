//! Reads the table: `=core.v1.Container` begins a type (with group/version if it is a kind), ` name! s`
//! is a field: `?` left out when empty, `!` required, then its type (`[` list, `{` map, `@` object,
//! `s:v1.PullPolicy` a named string), `p=` patch strategy and merge key, `l=` list type and keys.

use super::{Field, Schema, Ty, Type};
use std::collections::BTreeMap;

pub(super) fn parse(text: &'static str) -> Schema {
    let heads = text.lines().filter_map(|line| line.strip_prefix('='));
    let names: BTreeMap<&'static str, u16> =
        heads.enumerate().map(|(at, head)| (head.split(' ').next().unwrap_or(head), at as u16)).collect();
    let mut schema = Schema { names, ..Schema::default() };
    for line in text.lines() {
        if let Some(head) = line.strip_prefix('=') {
            let (name, api_version) = head.split_once(' ').unwrap_or((head, ""));
            let kind = name.rsplit('.').next().unwrap_or(name);
            let gvk = match api_version.split_once('/') {
                _ if api_version.is_empty() => None,
                Some((group, version)) => Some((group, version, kind)),
                None => Some(("", api_version, kind)),
            };
            if gvk.is_some() {
                schema.kinds.entry(kind).or_default().push(schema.types.len() as u16);
            }
            schema.types.push(Type { name, gvk, fields: Vec::new() });
        } else if let Some(ty) = schema.types.last_mut() {
            let package = ty.name.rsplit_once('.').map_or("", |(package, _)| package);
            let order = ty.fields.len() as u16;
            ty.fields.extend(field(line.trim_start(), package, order, &schema.names));
        }
    }
    schema
}

fn field(
    line: &'static str,
    package: &str,
    go_order: u16,
    names: &BTreeMap<&'static str, u16>,
) -> Option<Field> {
    let mut words = line.split(' ');
    let (name, code) = (words.next()?, words.next()?);
    let json = name.trim_end_matches(['?', '!']);
    let marks = name.get(json.len()..)?;
    let (code, go_type) = code.split_once(':').unwrap_or((code, ""));
    let mut field = Field {
        json,
        ty: ty(code, package, names),
        required: marks.contains('!'),
        omit_empty: marks.contains('?'),
        go_type,
        patch_strategy: "",
        patch_merge_key: "",
        list_type: "",
        list_map_keys: Vec::new(),
        go_order,
    };
    for word in words {
        let (tag, rest) = word.split_once('=')?;
        let (first, second) = rest.split_once(':').unwrap_or((rest, ""));
        if tag == "p" {
            (field.patch_strategy, field.patch_merge_key) = (first, second);
        } else {
            field.list_type = first;
            field.list_map_keys = second.split(',').filter(|key| !key.is_empty()).collect();
        }
    }
    Some(field)
}

fn ty(code: &'static str, package: &str, names: &BTreeMap<&'static str, u16>) -> Ty {
    let inner = || -> &'static Ty { Box::leak(Box::new(ty(code.get(1..).unwrap_or(""), package, names))) };
    match code.as_bytes().first() {
        Some(b's') => Ty::Str,
        Some(b'i') => Ty::Int32,
        Some(b'l') => Ty::Int64,
        Some(b'f') => Ty::Float,
        Some(b'b') => Ty::Bool,
        Some(b'B') => Ty::Bytes,
        Some(b'T') => Ty::Time,
        Some(b'M') => Ty::MicroTime,
        Some(b'Q') => Ty::Quantity,
        Some(b'I') => Ty::IntOrString,
        Some(b'[') => Ty::List(inner()),
        Some(b'{') => Ty::Map(inner()),
        Some(b'@') => {
            let name = code.get(1..).unwrap_or("");
            let full = if name.contains('.') { name.to_owned() } else { format!("{package}.{name}") };
            names.get(full.as_str()).map_or(Ty::Any, |at| Ty::Object(*at))
        }
        _ => Ty::Any,
    }
}
