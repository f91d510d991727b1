//! SHOW and DESCRIBE of MySQL, SHOW of PostgreSQL.

use drydock_machinery::sort::Arrange;
mod create;
pub use create::{create, describe};

use super::Dialect;
use super::ast::{Account, ColumnDef, KeyKind, Path};
use super::datum::Datum;
use super::eval::{Env, Field};
use super::fault::{self, Fault};
use super::select::{self, Rows};
use super::store::Table;
use super::types::{INT, TEXT, Type};
use super::{define, users, variables};
use std::sync::Arc;

/// MySQL's own databases.
pub const SYSTEM: &[&str] = &["information_schema", "mysql", "performance_schema", "sys"];

type Ran<T> = Result<T, Fault>;

/// A table of texts; names that end in `#` are of numbers.
#[must_use]
pub fn rows(columns: &[&str], rows: Vec<Vec<Datum>>) -> Rows {
    let field = |name: &&str| Field {
        table: "".into(),
        name: name.trim_end_matches('#').into(),
        kind: Some(if name.ends_with('#') { INT } else { TEXT }),
        hidden: false,
    };
    Rows { fields: columns.iter().map(field).collect(), rows }
}

/// Names of the databases the session may see, MySQL's own among them.
#[must_use]
pub fn databases(env: &Env<'_>) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> =
        env.store.databases.keys().filter(|n| users::sees(env, n)).cloned().collect();
    if env.dialect.is_mysql() {
        let own = SYSTEM
            .iter()
            .filter(|n| **n == "information_schema" || **n == "performance_schema" || users::sees(env, n));
        names.extend(own.map(|n| Arc::from(*n)));
    }
    names.arrange();
    names
}

/// # Errors
/// Of what is not there, and of what the dialect has no SHOW for.
pub fn run(env: &Env<'_>, what: &str, like: Option<&str>, table: Option<&Path>) -> Ran<Rows> {
    if !env.dialect.is_mysql() {
        return postgres(env, what);
    }
    let fits = |name: &str| like.is_none_or(|p| super::eval::like(&name.to_lowercase(), &p.to_lowercase()));
    let text = |t: &str| Datum::text(t);
    let suffix = like.map(|p| format!(" ({p})")).unwrap_or_default();
    let database = || -> Ran<Arc<str>> {
        match table.and_then(|t| t.schema.clone()).or_else(|| env.session.database.clone()) {
            Some(d) => Ok(d),
            None => Err(fault::mysql(1046, "No database selected")),
        }
    };
    Ok(match what {
        "databases" | "schemas" => {
            let names =
                databases(env).into_iter().filter(|n| fits(n)).map(|n| vec![Datum::Text(n)]).collect();
            rows(&[&format!("Database{suffix}")], names)
        }
        "tables" | "full tables" => {
            let database = database()?;
            let head = format!("Tables_in_{database}{suffix}");
            let mut names: Vec<(Arc<str>, &str)> = match env.store.databases.get(&database) {
                Some(d) => d
                    .tables
                    .keys()
                    .map(|n| (n.clone(), "BASE TABLE"))
                    .chain(d.views.keys().map(|n| (n.clone(), "VIEW")))
                    .collect(),
                None if SYSTEM.contains(&&*database) => Vec::new(),
                None => return Err(fault::no_database(env.dialect, &database)),
            };
            names.arrange();
            let full = what.starts_with("full");
            let list = names.into_iter().filter(|n| fits(&n.0)).map(|(n, kind)| {
                let mut row = vec![Datum::Text(n)];
                row.extend(full.then(|| text(kind)));
                row
            });
            if full { rows(&[&head, "Table_type"], list.collect()) } else { rows(&[&head], list.collect()) }
        }
        "columns" | "fields" | "full columns" => {
            describe(env, table.ok_or_else(|| fault::mysql(1046, "No database selected"))?)?
        }
        "index" | "indexes" | "keys" => {
            let table = find(env, table)?;
            let mut list = Vec::new();
            for key in &table.shape.keys {
                for (n, column) in key.columns.iter().enumerate() {
                    let nullable = table.shape.columns.iter().any(|c| c.name == *column && c.nullable);
                    list.push(vec![
                        Datum::Text(table.name.clone()),
                        Datum::Int((key.kind == KeyKind::Plain).into()),
                        Datum::Text(key.name.clone()),
                        Datum::Int(n as i64 + 1),
                        Datum::Text(column.clone()),
                        text("A"),
                        Datum::Int(table.rows.len() as i64),
                        Datum::Null,
                        Datum::Null,
                        text(if nullable { "YES" } else { "" }),
                        text("BTREE"),
                        text(""),
                        text(""),
                        text("YES"),
                        Datum::Null,
                    ]);
                }
            }
            rows(
                &[
                    "Table",
                    "Non_unique#",
                    "Key_name",
                    "Seq_in_index#",
                    "Column_name",
                    "Collation",
                    "Cardinality#",
                    "Sub_part#",
                    "Packed",
                    "Null",
                    "Index_type",
                    "Comment",
                    "Index_comment",
                    "Visible",
                    "Expression",
                ],
                list,
            )
        }
        "create table" | "create view" => {
            let path = table.ok_or_else(|| fault::mysql(1046, "No database selected"))?;
            let (database, name) = define::locate(env, path)?;
            let view = env.store.databases.get(&database).and_then(|d| d.views.get(&name));
            if let Some(view) = view {
                let sql = format!(
                    "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW `{name}` AS {}",
                    view.source
                );
                return Ok(rows(
                    &["View", "Create View", "character_set_client", "collation_connection"],
                    vec![vec![Datum::Text(name), text(&sql), text("utf8mb4"), text("utf8mb4_0900_ai_ci")]],
                ));
            }
            let found = find(env, table)?;
            rows(
                &["Table", "Create Table"],
                vec![vec![Datum::Text(name), text(&create(env.dialect, &env.info.version, found, true))]],
            )
        }
        "create database" | "create schema" => {
            let name = table.map(|t| t.name.clone()).unwrap_or_default();
            if !env.store.databases.contains_key(&name) {
                return Err(fault::no_database(env.dialect, &name));
            }
            let collate = if env.dialect == Dialect::Mariadb {
                "utf8mb4_uca1400_ai_ci */"
            } else {
                "utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */"
            };
            let sql =
                format!("CREATE DATABASE `{name}` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE {collate}");
            rows(&["Database", "Create Database"], vec![vec![Datum::Text(name), text(&sql)]])
        }
        "variables" | "session variables" | "global variables" => {
            let list = variables::all(env, what.starts_with("global")).into_iter().filter(|v| fits(&v.0));
            rows(&["Variable_name", "Value"], list.map(|(n, v)| vec![text(&n), text(&v)]).collect())
        }
        "status" | "session status" | "global status" => {
            let uptime = (env.now - env.info.started) / super::datum::SECOND;
            let all = [
                ("Aborted_connects", "0".to_string()),
                ("Connections", env.session.id.to_string()),
                ("Max_used_connections", env.info.sessions.len().to_string()),
                ("Queries", (env.store.version + 2).to_string()),
                ("Threads_connected", env.info.sessions.len().to_string()),
                ("Threads_running", "2".into()),
                ("Uptime", uptime.to_string()),
            ];
            rows(
                &["Variable_name", "Value"],
                all.iter().filter(|v| fits(v.0)).map(|(n, v)| vec![text(n), text(v)]).collect(),
            )
        }
        "processlist" | "full processlist" => processes(env),
        "grants" => {
            let wanted = like.filter(|l| *l != "@").map(|l| l.split_once('@').unwrap_or((l, "%")));
            let account = wanted.map(|(n, h)| Account { name: n.into(), host: h.into() });
            let found = match &account {
                Some(a) => env.store.accounts.get(a).map(|u| (a.clone(), u)),
                None => users::matching(env.store, &env.session.user, &env.session.host)
                    .map(|(a, u)| (a.clone(), u)),
            };
            let Some((account, user)) = found else {
                let a = account.unwrap_or(Account { name: env.session.user.clone(), host: "%".into() });
                return Err(fault::mysql(
                    1141,
                    &format!("There is no such grant defined for user '{}' on host '{}'", a.name, a.host),
                ));
            };
            let mut list = Vec::new();
            if !user.grants.iter().any(|g| g.database.is_none() && g.table.is_none()) {
                list.push(vec![text(&format!(
                    "GRANT USAGE ON *.* TO `{}`@`{}`",
                    account.name, account.host
                ))]);
            }
            for g in &user.grants {
                let part = |p: &Option<Arc<str>>| p.as_ref().map_or("*".to_string(), |p| format!("`{p}`"));
                let rights: Vec<&str> = g.rights.iter().map(|r| &**r).collect();
                let option = if g.option { " WITH GRANT OPTION" } else { "" };
                list.push(vec![text(&format!(
                    "GRANT {} ON {}.{} TO `{}`@`{}`{option}",
                    rights.join(", "),
                    part(&g.database),
                    part(&g.table),
                    account.name,
                    account.host
                ))]);
            }
            rows(&[&format!("Grants for {}@{}", account.name, account.host)], list)
        }
        "engines" => rows(
            &["Engine", "Support", "Comment", "Transactions", "XA", "Savepoints"],
            vec![
                [
                    "InnoDB",
                    "DEFAULT",
                    "Supports transactions, row-level locking, and foreign keys",
                    "YES",
                    "YES",
                    "YES",
                ],
                [
                    "MEMORY",
                    "YES",
                    "Hash based, stored in memory, useful for temporary tables",
                    "NO",
                    "NO",
                    "NO",
                ],
                ["MyISAM", "YES", "MyISAM storage engine", "NO", "NO", "NO"],
            ]
            .into_iter()
            .map(|r| r.iter().map(|t| text(t)).collect())
            .collect(),
        ),
        "warnings" | "errors" => rows(&["Level", "Code#", "Message"], Vec::new()),
        "table status" => {
            let database = database()?;
            let list = env.store.databases.get(&database).map(|d| {
                d.tables
                    .values()
                    .filter(|t| fits(&t.name))
                    .map(|t| {
                        let auto = t.shape.columns.iter().find(|c| c.auto).map_or(Datum::Null, |c| {
                            Datum::Int(t.counters.get(&c.name).copied().unwrap_or(0) + 1)
                        });
                        vec![
                            Datum::Text(t.name.clone()),
                            text("InnoDB"),
                            Datum::Int(10),
                            text("Dynamic"),
                            Datum::Int(t.rows.len() as i64),
                            auto,
                        ]
                    })
                    .collect()
            });
            rows(
                &["Name", "Engine", "Version#", "Row_format", "Rows#", "Auto_increment#"],
                list.unwrap_or_default(),
            )
        }
        "master status" | "slave status" | "replica status" | "plugins" | "triggers" | "events"
        | "binary logs" => return Ok(Rows::default()),
        _ => return Err(fault::syntax(env.dialect, what, 0, what)),
    })
}

/// The sessions there are.
#[must_use]
pub fn processes(env: &Env<'_>) -> Rows {
    let list = env.info.sessions.iter().map(|(id, user, database, host, query)| {
        let own = *id == env.session.id;
        let database = if database.is_empty() { Datum::Null } else { Datum::Text(database.clone()) };
        let (command, state, info) = match own {
            true => ("Query", Datum::text("init"), Datum::text(query)),
            false => ("Sleep", Datum::text(""), Datum::Null),
        };
        vec![
            Datum::Int((*id).into()),
            Datum::Text(user.clone()),
            Datum::text(host),
            database,
            Datum::text(command),
            Datum::Int(0),
            state,
            info,
        ]
    });
    rows(&["Id#", "User", "Host", "db", "Command", "Time#", "State", "Info"], list.collect())
}

fn find<'a>(env: &Env<'a>, path: Option<&Path>) -> Ran<&'a Table> {
    let path = path.ok_or_else(|| fault::mysql(1046, "No database selected"))?;
    let (database, name) = define::locate(env, path)?;
    match env.store.table(&database, &name) {
        Some(table) => Ok(table),
        None if !env.store.databases.contains_key(&database) => {
            Err(fault::no_database(env.dialect, &database))
        }
        None => Err(select::no_table(env.dialect, &database, path)),
    }
}

fn postgres(env: &Env<'_>, what: &str) -> Ran<Rows> {
    if what == "all" {
        let list = variables::all(env, false)
            .into_iter()
            .map(|(n, v)| vec![Datum::text(&n), Datum::text(&v), Datum::text("")]);
        return Ok(rows(&["name", "setting", "description"], list.collect()));
    }
    let name =
        what.replace("time zone", "timezone").replace("transaction isolation level", "transaction_isolation");
    let value = variables::system(env, &name, false).ok_or_else(|| variables::unknown(env.dialect, &name))?;
    Ok(rows(&[&name], vec![vec![Datum::text(&value)]]))
}
