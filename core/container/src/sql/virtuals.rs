//! Tables no one made: information_schema, mysql.user, pg_catalog, as far as people ask them.

use super::ast::{KeyKind, Path};
use super::datum::Datum;
use super::eval::{Env, Field};
use super::fault::Fault;
use super::select::Rows;
use super::types::{INT, TEXT};

fn rows(table: &str, columns: &str, rows: Vec<Vec<Datum>>) -> Rows {
    let fields = columns
        .split(' ')
        .map(|name| {
            let number = ["ordinal_position", "table_rows", "pid", "oid"]
                .contains(&name.to_ascii_lowercase().as_str());
            let kind = Some(if number { INT } else { TEXT });
            Field { table: table.into(), name: name.into(), kind, hidden: false }
        })
        .collect();
    Rows { fields, rows }
}

/// The rows of a table of a system schema; none for any other.
pub fn read(env: &Env<'_>, path: &Path) -> Option<Result<Rows, Fault>> {
    let mysql = env.dialect.is_mysql();
    let name = path.name.to_lowercase();
    let current = env.session.database.clone().unwrap_or_default();
    let schema = match &path.schema {
        Some(s) => s.to_lowercase(),
        None if mysql => current.to_lowercase(),
        None if name.starts_with("pg_") => "pg_catalog".into(),
        None => return None,
    };
    let text = |t: &str| Datum::text(t);
    let yes = |b: bool| Datum::text(if b { "YES" } else { "NO" });
    let databases = || env.store.databases.iter().filter(|(name, _)| mysql || **name == current);
    let shown_schema = |database: &str, table: &str| match (mysql, table.split_once('.')) {
        (true, _) => database.to_string(),
        (false, Some((schema, _))) => schema.to_string(),
        _ => "public".into(),
    };
    let bare = |table: &str| match (mysql, table.split_once('.')) {
        (false, Some((_, name))) => name.to_string(),
        _ => table.to_string(),
    };
    let cased = |columns: &str| if mysql { columns.to_uppercase() } else { columns.to_string() };
    Some(Ok(match (schema.as_str(), name.as_str()) {
        ("information_schema", "schemata") => {
            let names = super::show::databases(env);
            rows(
                "schemata",
                &cased("catalog_name schema_name"),
                names.into_iter().map(|n| vec![text("def"), Datum::Text(n)]).collect(),
            )
        }
        ("information_schema", "tables") => {
            let mut out = Vec::new();
            for (database, content) in databases() {
                let catalog = if mysql { "def" } else { database };
                for (name, table) in &content.tables {
                    out.push(vec![
                        text(catalog),
                        text(&shown_schema(database, name)),
                        text(&bare(name)),
                        text("BASE TABLE"),
                        Datum::Int(table.rows.len() as i64),
                    ]);
                }
                for name in content.views.keys() {
                    out.push(vec![
                        text(catalog),
                        text(&shown_schema(database, name)),
                        text(&bare(name)),
                        text("VIEW"),
                        Datum::Null,
                    ]);
                }
            }
            let columns = cased("table_catalog table_schema table_name table_type table_rows");
            rows("tables", &columns, out)
        }
        ("information_schema", "columns") => {
            let mut out = Vec::new();
            for (database, content) in databases() {
                for (name, table) in &content.tables {
                    for (at, c) in table.shape.columns.iter().enumerate() {
                        let kind = c.kind.shown(env.dialect);
                        let base = kind.split('(').next().unwrap_or("").trim().to_string();
                        let default = if c.default_text.is_empty() {
                            Datum::Null
                        } else {
                            Datum::Text(c.default_text.clone())
                        };
                        out.push(vec![
                            text(&shown_schema(database, name)),
                            text(&bare(name)),
                            Datum::Text(c.name.clone()),
                            Datum::Int(at as i64 + 1),
                            default,
                            yes(c.nullable),
                            text(&base),
                            text(&kind),
                        ]);
                    }
                }
            }
            let columns = cased(
                "table_schema table_name column_name ordinal_position column_default is_nullable data_type column_type",
            );
            rows("columns", &columns, out)
        }
        ("information_schema", "processlist") if mysql => super::show::processes(env),
        ("mysql", "user") if mysql => {
            let list = env.store.accounts.iter().map(|(a, u)| {
                let plugin = if env.dialect == super::Dialect::Mariadb {
                    "mysql_native_password"
                } else {
                    "caching_sha2_password"
                };
                vec![
                    Datum::Text(a.host.clone()),
                    Datum::Text(a.name.clone()),
                    text(plugin),
                    u.password.clone().map_or(text(""), Datum::Text),
                ]
            });
            rows("user", "Host User plugin authentication_string", list.collect())
        }
        ("mysql", "db") if mysql => rows("db", "Host Db User", Vec::new()),
        ("pg_catalog", "pg_database") => {
            let list = env.store.databases.iter().enumerate().map(|(n, (name, d))| {
                vec![
                    Datum::Int(5 + n as i64),
                    Datum::Text(name.clone()),
                    Datum::Text(d.owner.clone()),
                    Datum::Bool(name.starts_with("template")),
                ]
            });
            rows("pg_database", "oid datname datdba datistemplate", list.collect())
        }
        ("pg_catalog", "pg_tables") => {
            let mut out = Vec::new();
            for (database, content) in databases() {
                for (name, table) in &content.tables {
                    let keyed =
                        table.shape.keys.iter().any(|k| k.kind != KeyKind::Plain || !k.columns.is_empty());
                    out.push(vec![
                        text(&shown_schema(database, name)),
                        text(&bare(name)),
                        Datum::Text(table.owner.clone()),
                        Datum::Null,
                        Datum::Bool(keyed),
                    ]);
                }
            }
            rows("pg_tables", "schemaname tablename tableowner tablespace hasindexes", out)
        }
        ("pg_catalog", "pg_user" | "pg_roles") => {
            let list = env.store.accounts.iter().map(|(a, u)| {
                let can = |o: &str| Datum::Bool(u.options.contains(o));
                vec![Datum::Text(a.name.clone()), can("superuser"), can("createdb"), can("login")]
            });
            let columns = if name == "pg_user" {
                "usename usesuper usecreatedb uselogin"
            } else {
                "rolname rolsuper rolcreatedb rolcanlogin"
            };
            rows(&name, columns, list.collect())
        }
        ("pg_catalog", "pg_stat_activity") => {
            let list = env.info.sessions.iter().map(|(id, user, database, _, query)| {
                let active = *id == env.session.id;
                vec![
                    Datum::Int((*id).into()),
                    Datum::Text(database.clone()),
                    Datum::Text(user.clone()),
                    text(if active { "active" } else { "idle" }),
                    text(query),
                ]
            });
            rows("pg_stat_activity", "pid datname usename state query", list.collect())
        }
        ("pg_catalog", "pg_indexes") => {
            let mut out = Vec::new();
            for (database, content) in databases() {
                for (name, table) in &content.tables {
                    for key in &table.shape.keys {
                        let unique = if key.kind == KeyKind::Plain { "" } else { "UNIQUE " };
                        let definition = format!(
                            "CREATE {unique}INDEX {} ON public.{name} USING btree ({})",
                            key.name,
                            key.columns.join(", ")
                        );
                        out.push(vec![
                            text(&shown_schema(database, name)),
                            text(&bare(name)),
                            Datum::Text(key.name.clone()),
                            text(&definition),
                        ]);
                    }
                }
            }
            rows("pg_indexes", "schemaname tablename indexname indexdef", out)
        }
        ("pg_catalog", "pg_extension") => {
            rows("pg_extension", "extname extversion", vec![vec![text("plpgsql"), text("1.0")]])
        }
        ("pg_catalog", "pg_stat_replication") => {
            rows("pg_stat_replication", "pid usename application_name state", Vec::new())
        }
        _ => return None,
    }))
}
