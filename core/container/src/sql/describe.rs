//! psql's backslash commands about what there is: `\l`, `\d`, `\dt`, `\du`, `\dn`, `\di`, `\dv`, `\ds`.
//! The real ones query the catalogue; here the server makes their tables, with titles and notes.

use super::ast::{ColumnDef, Expr, KeyKind};
use super::datum::Datum;
use super::engine::Engine;
use super::store::{Database, Table};
use super::types::Type;
use super::{Dialect, dump};
use drydock_machinery::sort::Arrange;

/// A table as psql draws it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    pub title: String,
    /// Empty for none at all.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Lines below.
    pub notes: Vec<String>,
}

const D: Dialect = Dialect::Postgres;

/// A column's default as the catalogue shows it.
#[must_use]
pub fn default_of(c: &ColumnDef) -> String {
    let cast = match &c.kind {
        Type::Varchar(_) => "::character varying",
        Type::Text("text") => "::text",
        Type::Char(_) => "::bpchar",
        Type::Json("jsonb") => "::jsonb",
        Type::Json(_) => "::json",
        Type::Date => "::date",
        Type::Decimal(_) => "::numeric",
        _ => "",
    };
    match &c.default {
        Some(Expr::Literal(Datum::Text(t))) => format!("'{}'{cast}", t.replace('\'', "''")),
        Some(Expr::Literal(Datum::Bool(b))) => b.to_string(),
        Some(Expr::Literal(v @ (Datum::Int(_) | Datum::Decimal(_)))) => v.shown(D),
        Some(Expr::Call { name, args, .. }) if args.is_empty() => match &**name {
            name @ ("current_timestamp" | "current_date" | "current_user" | "localtimestamp"
            | "current_time") => name.to_uppercase(),
            name => format!("{name}()"),
        },
        _ => c.default_text.to_string(),
    }
}

fn schema_of(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or(("public", name))
}

/// What a command shows; an error is a line.
///
/// # Errors
/// Of a relation that is not there, and of commands psql does not have.
pub fn run(engine: &Engine, session: u32, command: &str) -> Result<Vec<Drawn>, String> {
    let mut words = command.split_whitespace();
    let name = words.next().unwrap_or("");
    let pattern = words.next().map(|w| w.trim_end_matches(';').trim_matches('"'));
    let current = engine.sessions.get(&session).and_then(|s| s.database.clone()).unwrap_or_default();
    let empty = Database::default();
    let content = engine
        .sessions
        .get(&session)
        .and_then(|s| s.transaction.as_ref())
        .map_or(&engine.store, |t| &t.work)
        .databases
        .get(&current)
        .unwrap_or(&empty);
    let plus = name.ends_with('+');
    let short = name.trim_end_matches('+').trim_start_matches('\\');
    let texts = |names: &[&str]| names.iter().map(|n| (*n).to_string()).collect::<Vec<_>>();
    let fits = |n: &str| {
        pattern.is_none_or(|p| {
            let wanted = p.rsplit('.').next().unwrap_or(p).replace('*', "%").replace('?', "_");
            super::eval::like(schema_of(n).1, &wanted)
        })
    };
    let missing = |kind: &str| match pattern {
        Some(p) => format!("Did not find any {kind} named \"{p}\"."),
        None => format!("Did not find any {kind}."),
    };
    match short {
        "l" | "list" => {
            let mut drawn = Drawn {
                title: "List of databases".into(),
                columns: texts(&[
                    "Name",
                    "Owner",
                    "Encoding",
                    "Locale Provider",
                    "Collate",
                    "Ctype",
                    "Locale",
                    "ICU Rules",
                    "Access privileges",
                ]),
                ..Drawn::default()
            };
            for (name, d) in engine
                .store
                .databases
                .iter()
                .filter(|d| pattern.is_none_or(|p| super::eval::like(d.0, &p.replace('*', "%"))))
            {
                let rights = if name.starts_with("template") {
                    format!("=c/{0}\n{0}=CTc/{0}", d.owner)
                } else {
                    String::new()
                };
                drawn.rows.push(vec![
                    name.to_string(),
                    d.owner.to_string(),
                    "UTF8".into(),
                    "libc".into(),
                    "en_US.utf8".into(),
                    "en_US.utf8".into(),
                    String::new(),
                    String::new(),
                    rights,
                ]);
            }
            Ok(vec![drawn])
        }
        "du" | "dg" => {
            let mut drawn = Drawn {
                title: "List of roles".into(),
                columns: texts(&["Role name", "Attributes"]),
                ..Drawn::default()
            };
            for (account, user) in &engine.store.accounts {
                let mut list = Vec::new();
                for (option, text) in
                    [("superuser", "Superuser"), ("createrole", "Create role"), ("createdb", "Create DB")]
                {
                    if user.options.contains(option) {
                        list.push(text);
                    }
                }
                if !user.options.contains("login") {
                    list.push("Cannot login");
                }
                for (option, text) in [("replication", "Replication"), ("bypassrls", "Bypass RLS")] {
                    if user.options.contains(option) {
                        list.push(text);
                    }
                }
                drawn.rows.push(vec![account.name.to_string(), list.join(", ")]);
            }
            Ok(vec![drawn])
        }
        "dn" => {
            let mut drawn = Drawn {
                title: "List of schemas".into(),
                columns: texts(&["Name", "Owner"]),
                ..Drawn::default()
            };
            let mut names: Vec<(String, String)> =
                content.schemas.iter().map(|s| (s.to_string(), content.owner.to_string())).collect();
            names.push(("public".into(), "pg_database_owner".into()));
            names.arrange();
            drawn.rows.extend(names.into_iter().map(|(n, o)| vec![n, o]));
            Ok(vec![drawn])
        }
        "dx" => Ok(vec![Drawn {
            title: "List of installed extensions".into(),
            columns: texts(&["Name", "Version", "Schema", "Description"]),
            rows: vec![texts(&["plpgsql", "1.0", "pg_catalog", "PL/pgSQL procedural language"])],
            notes: Vec::new(),
        }]),
        "d" if pattern.is_some_and(|p| !p.contains('*')) => {
            let wanted = pattern.unwrap_or("").trim_start_matches("public.");
            if let Some(table) = content.tables.get(wanted) {
                return Ok(vec![table_of(content, table, plus)]);
            }
            if let Some(view) = content.views.get(wanted) {
                let mut drawn = Drawn {
                    title: format!("View \"public.{wanted}\""),
                    columns: texts(&["Column", "Type", "Collation", "Nullable", "Default"]),
                    ..Drawn::default()
                };
                for item in &view.query.items {
                    if let super::ast::Item::Value { alias, source, .. } = item {
                        drawn.rows.push(vec![
                            alias.as_ref().unwrap_or(source).to_string(),
                            String::new(),
                            String::new(),
                            String::new(),
                            String::new(),
                        ]);
                    }
                }
                return Ok(vec![drawn]);
            }
            Err(format!("Did not find any relation named \"{}\".", pattern.unwrap_or("")))
        }
        "d" | "dt" | "di" | "dv" | "ds" => {
            let mut found: Vec<(String, &str, String, String)> = Vec::new();
            for (name, table) in content.tables.iter().filter(|t| fits(t.0)) {
                if short != "di" && short != "dv" && short != "ds" {
                    found.push((name.to_string(), "table", table.owner.to_string(), String::new()));
                }
                let column = table.shape.columns.iter().filter(|c| c.auto && matches!(short, "d" | "ds"));
                found.extend(column.map(|c| {
                    (format!("{name}_{}_seq", c.name), "sequence", table.owner.to_string(), String::new())
                }));
                let keys = table.shape.keys.iter().filter(|_| short == "di");
                found.extend(
                    keys.map(|k| (k.name.to_string(), "index", table.owner.to_string(), name.to_string())),
                );
            }
            let views = content.views.keys().filter(|v| fits(v) && matches!(short, "d" | "dv"));
            found.extend(views.map(|v| (v.to_string(), "view", content.owner.to_string(), String::new())));
            found.arrange_by(|a, b| schema_of(&a.0).cmp(&schema_of(&b.0)));
            if found.is_empty() {
                return Err(missing(match short {
                    "dt" if engine.version.starts_with("18") => "tables",
                    "di" if engine.version.starts_with("18") => "indexes",
                    "dv" if engine.version.starts_with("18") => "views",
                    "ds" if engine.version.starts_with("18") => "sequences",
                    _ if pattern.is_some() => "relation",
                    _ => "relations",
                }));
            }
            let mut columns = texts(&["Schema", "Name", "Type", "Owner"]);
            if short == "di" {
                columns.push("Table".into());
            }
            let rows = found.into_iter().map(|(name, kind, owner, table)| {
                let (schema, bare) = schema_of(&name);
                let mut row = vec![schema.to_string(), bare.to_string(), kind.to_string(), owner];
                row.extend((short == "di").then_some(table));
                row
            });
            let title = match short {
                "dt" if engine.version.starts_with("18") => "List of tables",
                _ => "List of relations",
            };
            Ok(vec![Drawn { title: title.into(), columns, rows: rows.collect(), notes: Vec::new() }])
        }
        "df" | "dp" | "z" | "dT" | "db" | "do" | "dD" => Ok(vec![Drawn {
            title: match short {
                "df" => "List of functions",
                "db" => "List of tablespaces",
                "dT" => "List of data types",
                _ => "Access privileges",
            }
            .into(),
            columns: texts(&["Schema", "Name"]),
            ..Drawn::default()
        }]),
        _ => Err(format!("invalid command \\{}\nTry \\? for help.", name.trim_start_matches('\\'))),
    }
}

fn table_of(content: &Database, table: &Table, plus: bool) -> Drawn {
    let (schema, bare) = schema_of(&table.name);
    let head: &[&str] = match plus {
        true => &[
            "Column",
            "Type",
            "Collation",
            "Nullable",
            "Default",
            "Storage",
            "Compression",
            "Stats target",
            "Description",
        ],
        false => &["Column", "Type", "Collation", "Nullable", "Default"],
    };
    let mut drawn = Drawn {
        title: format!("Table \"{schema}.{bare}\""),
        columns: head.iter().map(|h| (*h).to_string()).collect(),
        ..Drawn::default()
    };
    for c in &table.shape.columns {
        let default = match (c.auto, c.identity) {
            (true, true) => "generated by default as identity".into(),
            (true, false) => format!("nextval('{}_{}_seq'::regclass)", table.name, c.name),
            _ => default_of(c),
        };
        let mut row = vec![
            c.name.to_string(),
            c.kind.shown(D),
            String::new(),
            if c.nullable { "" } else { "not null" }.into(),
            default,
        ];
        if plus {
            let storage = match c.kind {
                Type::Text(_) | Type::Varchar(_) | Type::Char(_) | Type::Json(_) => "extended",
                Type::Decimal(_) => "main",
                _ => "plain",
            };
            row.extend([storage.to_string(), String::new(), String::new(), String::new()]);
        }
        drawn.rows.push(row);
    }
    let mut keys: Vec<_> = table.shape.keys.iter().collect();
    keys.arrange_by_key(|k| (k.kind != KeyKind::Primary, k.kind == KeyKind::Plain, k.name.clone()));
    if !keys.is_empty() {
        drawn.notes.push("Indexes:".into());
    }
    for key in keys {
        let kind = match key.kind {
            KeyKind::Primary => "PRIMARY KEY, btree",
            KeyKind::Unique => "UNIQUE CONSTRAINT, btree",
            KeyKind::Plain => "btree",
        };
        drawn.notes.push(format!("    \"{}\" {kind} ({})", key.name, key.columns.join(", ")));
    }
    if !table.shape.checks.is_empty() {
        drawn.notes.push("Check constraints:".into());
        drawn
            .notes
            .extend(table.shape.checks.iter().map(|c| format!("    \"{}\" CHECK ({})", c.name, c.source)));
    }
    if !table.shape.foreign.is_empty() {
        drawn.notes.push("Foreign-key constraints:".into());
        drawn
            .notes
            .extend(table.shape.foreign.iter().map(|f| format!("    \"{}\" {}", f.name, dump::foreign(f))));
    }
    let by: Vec<String> = content
        .tables
        .values()
        .flat_map(|t| {
            t.shape.foreign.iter().filter(|f| f.table == table.name).map(move |f| {
                format!("    TABLE \"{}\" CONSTRAINT \"{}\" {}", t.name, f.name, dump::foreign(f))
            })
        })
        .collect();
    if !by.is_empty() {
        drawn.notes.push("Referenced by:".into());
        drawn.notes.extend(by);
    }
    if plus {
        drawn.notes.push("Access method: heap".into());
    }
    drawn
}
