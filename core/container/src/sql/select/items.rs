//! The list after SELECT: stars spread out, names of the result.

use super::*;

/// An item of the list, stars spread out.
pub(super) struct Shown {
    pub(super) value: Expr,
    pub(super) alias: Option<Arc<str>>,
    pub(super) name: Arc<str>,
    pub(super) table: Arc<str>,
    pub(super) at: Option<usize>,
}

pub(super) fn expand(env: &Env<'_>, items: &[Item], fields: &[Field]) -> Ran<Vec<Shown>> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Item::All(table) => {
                let before = out.len();
                for (at, field) in fields.iter().enumerate() {
                    let wanted =
                        table.as_ref().map_or(!field.hidden, |t| t.text.eq_ignore_ascii_case(&field.table));
                    if wanted {
                        let (name, table) = (field.name.clone(), field.table.clone());
                        out.push(Shown { value: Expr::Slot(at), alias: None, name, table, at: None });
                    }
                }
                if let (Some(t), true) = (table, out.len() == before) {
                    return Err(match env.dialect.is_mysql() {
                        true => fault::mysql(1051, &format!("Unknown table '{}'", t.text)),
                        false => fault::postgres(
                            "42P01",
                            &format!("missing FROM-clause entry for table \"{}\"", t.text),
                        )
                        .at(t.at.0),
                    });
                }
                if table.is_none() && fields.is_empty() {
                    return Err(match env.dialect.is_mysql() {
                        true => fault::mysql(1096, "No tables used"),
                        false => fault::postgres("42601", "SELECT * with no tables specified is not valid"),
                    });
                }
            }
            Item::Value { value, alias, source } => {
                let (name, at) = named(env.dialect, value, source);
                let table: Arc<str> = match value {
                    Expr::Column { table: Some(t), .. } => t.clone(),
                    Expr::Column { table: None, name, .. } => fields
                        .iter()
                        .find(|f| f.name.eq_ignore_ascii_case(name))
                        .map(|f| f.table.clone())
                        .unwrap_or_default(),
                    _ => "".into(),
                };
                let name = alias.clone().unwrap_or(name);
                out.push(Shown { value: value.clone(), alias: alias.clone(), name, table, at });
            }
        }
    }
    Ok(out)
}

/// The name a column of the result gets on its own.
pub(super) fn named(d: Dialect, value: &Expr, source: &Arc<str>) -> (Arc<str>, Option<usize>) {
    match value {
        Expr::Column { name, at, .. } => (name.clone(), Some(at.0)),
        Expr::Literal(Datum::Text(t)) if d.is_mysql() => (t.clone(), None),
        _ if d.is_mysql() => (source.clone(), None),
        Expr::Call { name, at, .. } => (name.clone(), Some(at.0)),
        Expr::Cast { value, to } => match &**value {
            Expr::Column { name, at, .. } => (name.clone(), Some(at.0)),
            _ => (cast_name(to).into(), None),
        },
        Expr::Case { .. } => ("case".into(), None),
        Expr::Exists(_) => ("exists".into(), None),
        Expr::Query(q) => match q.items.first() {
            Some(Item::Value { alias: Some(a), .. }) => (a.clone(), None),
            Some(Item::Value { value, source, .. }) => named(d, value, source),
            _ => ("?column?".into(), None),
        },
        Expr::Literal(Datum::Bool(_)) => ("bool".into(), None),
        Expr::Literal(Datum::Interval { .. }) => ("interval".into(), None),
        _ => ("?column?".into(), None),
    }
}

pub(super) fn cast_name(to: &Type) -> &'static str {
    match to {
        Type::Int { bytes: 8, .. } => "int8",
        Type::Int { bytes: 2, .. } => "int2",
        Type::Int { .. } => "int4",
        Type::Decimal(_) => "numeric",
        Type::Bool => "bool",
        Type::Date => "date",
        Type::Time => "time",
        Type::Double => "float8",
        Type::Float => "float4",
        Type::Stamp { zone: true, .. } => "timestamptz",
        Type::Stamp { .. } => "timestamp",
        Type::Varchar(_) => "varchar",
        Type::Char(_) => "bpchar",
        Type::Interval => "interval",
        Type::Uuid => "uuid",
        Type::Text(name) | Type::Json(name) => name,
        _ => "?column?",
    }
}
