//! DESCRIBE and SHOW CREATE TABLE.

use super::*;

pub(super) fn is_time(text: &str) -> bool {
    let text = text.to_lowercase();
    text.starts_with("current_timestamp") || text.starts_with("now")
}

pub(super) fn column_line(d: Dialect, c: &ColumnDef) -> String {
    let mut line = format!("  `{}` {}", c.name, c.kind.shown(d));
    if !c.nullable {
        line += " NOT NULL";
    } else if matches!(c.kind, Type::Stamp { datetime: false, .. }) {
        line += " NULL";
    }
    let time = if d == Dialect::Mariadb { "current_timestamp()" } else { "CURRENT_TIMESTAMP" };
    let long = matches!(c.kind, Type::Text(_) | Type::Json(_));
    line += &match &c.default {
        None | Some(crate::sql::ast::Expr::Literal(Datum::Null))
            if c.nullable && !(long && d == Dialect::Mysql) =>
        {
            " DEFAULT NULL".into()
        }
        None | Some(crate::sql::ast::Expr::Literal(Datum::Null)) => String::new(),
        Some(_) if is_time(&c.default_text) => format!(" DEFAULT {time}"),
        Some(crate::sql::ast::Expr::Literal(v)) => {
            let number = d == Dialect::Mariadb && v.is_number();
            if number { format!(" DEFAULT {}", v.shown(d)) } else { format!(" DEFAULT '{}'", v.shown(d)) }
        }
        Some(_) => format!(" DEFAULT {}", c.default_text),
    };
    if c.touched {
        line += &format!(" ON UPDATE {time}");
    }
    if c.auto {
        line += " AUTO_INCREMENT";
    }
    if !c.comment.is_empty() {
        line += &format!(" COMMENT '{}'", c.comment);
    }
    line
}

/// SHOW CREATE TABLE's text; without the keys that foreign keys bring when it is to be read again.
#[must_use]
pub fn create(d: Dialect, version: &str, table: &Table, all: bool) -> String {
    let list = |names: &[Arc<str>]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(",");
    let mut lines: Vec<String> = table.shape.columns.iter().map(|c| column_line(d, c)).collect();
    for key in &table.shape.keys {
        lines.push(match key.kind {
            KeyKind::Primary => format!("  PRIMARY KEY ({})", list(&key.columns)),
            KeyKind::Unique => format!("  UNIQUE KEY `{}` ({})", key.name, list(&key.columns)),
            KeyKind::Plain => format!("  KEY `{}` ({})", key.name, list(&key.columns)),
        });
    }
    for f in table.shape.foreign.iter().filter(|_| all) {
        if !table.shape.keys.iter().any(|k| k.columns.starts_with(&f.columns)) {
            lines.push(format!("  KEY `{}` ({})", f.name, list(&f.columns)));
        }
    }
    for f in &table.shape.foreign {
        let action = match f.on_delete {
            crate::sql::ast::OnDelete::Cascade => " ON DELETE CASCADE",
            crate::sql::ast::OnDelete::SetNull => " ON DELETE SET NULL",
            crate::sql::ast::OnDelete::Restrict => "",
        };
        lines.push(format!(
            "  CONSTRAINT `{}` FOREIGN KEY ({}) REFERENCES `{}` ({}){action}",
            f.name,
            list(&f.columns),
            f.table,
            list(&f.targets)
        ));
    }
    for check in &table.shape.checks {
        lines.push(format!("  CONSTRAINT `{}` CHECK (({}))", check.name, check.source));
    }
    let auto = table
        .shape
        .columns
        .iter()
        .find(|c| c.auto)
        .and_then(|c| table.counters.get(&c.name))
        .filter(|n| **n > 0);
    let auto = auto.map(|n| format!(" AUTO_INCREMENT={}", n + 1)).unwrap_or_default();
    let collate = match d {
        Dialect::Mariadb => "utf8mb4_uca1400_ai_ci",
        _ => "utf8mb4_0900_ai_ci",
    };
    let charset =
        if version.starts_with("5.") { "latin1".to_string() } else { format!("utf8mb4 COLLATE={collate}") };
    format!(
        "CREATE TABLE `{}` (\n{}\n) ENGINE=InnoDB{auto} DEFAULT CHARSET={charset}",
        table.name,
        lines.join(",\n")
    )
}

/// # Errors
/// Of a table that is not there.
pub fn describe(env: &Env<'_>, path: &Path) -> Ran<Rows> {
    let table = find(env, Some(path))?;
    let list = table.shape.columns.iter().map(|c| {
        let first = |kind: KeyKind| {
            table.shape.keys.iter().any(|k| k.kind == kind && k.columns.first() == Some(&c.name))
        };
        let in_primary =
            table.shape.keys.iter().any(|k| k.kind == KeyKind::Primary && k.columns.contains(&c.name));
        let foreign = table.shape.foreign.iter().any(|f| f.columns.first() == Some(&c.name));
        let single = |kind: KeyKind| {
            table
                .shape
                .keys
                .iter()
                .any(|k| k.kind == kind && k.columns.len() == 1 && k.columns.first() == Some(&c.name))
        };
        let key = match () {
            () if in_primary => "PRI",
            () if single(KeyKind::Unique) => "UNI",
            () if first(KeyKind::Plain) || first(KeyKind::Unique) || foreign => "MUL",
            () => "",
        };
        let generated = matches!(c.kind, Type::Stamp { .. }) && is_time(&c.default_text);
        let mut extra = Vec::new();
        if c.auto {
            extra.push("auto_increment");
        }
        if generated && env.dialect == Dialect::Mysql {
            extra.push("DEFAULT_GENERATED");
        }
        if c.touched {
            extra.push("on update CURRENT_TIMESTAMP");
        }
        let default = match &c.default {
            None => Datum::Null,
            Some(crate::sql::ast::Expr::Literal(Datum::Null)) => Datum::Null,
            Some(_) if generated => Datum::text(if env.dialect == Dialect::Mariadb {
                "current_timestamp()"
            } else {
                "CURRENT_TIMESTAMP"
            }),
            Some(crate::sql::ast::Expr::Literal(v)) => Datum::text(&v.shown(env.dialect)),
            Some(_) => Datum::Text(c.default_text.clone()),
        };
        vec![
            Datum::Text(c.name.clone()),
            Datum::text(&c.kind.shown(env.dialect)),
            Datum::text(if c.nullable { "YES" } else { "NO" }),
            Datum::text(key),
            default,
            Datum::text(&extra.join(" ")),
        ]
    });
    Ok(rows(&["Field", "Type", "Null", "Key", "Default", "Extra"], list.collect()))
}
