//! Statements that read or change tables and definitions, on a store of their own.

use super::*;

pub(super) fn run(
    env: &Env<'_>,
    store: &mut Store,
    session: &mut Session,
    statement: Statement,
) -> Ran<Outcome> {
    let d = env.dialect;
    Ok(match statement {
        Statement::Select(query) => sent(d, select::run(env, &query, None)?, ""),
        Statement::Insert(insert) => {
            let mut changed = change::insert(env, &insert)?;
            keep(store, std::mem::take(&mut changed.tables));
            if let Some(id) = changed.last_id {
                session.last_id = id;
            }
            let many = match &insert.rows {
                crate::sql::ast::Rows::Values(rows) => rows.len(),
                _ => 2,
            };
            let records = changed.affected + changed.duplicates;
            let info = if many > 1 {
                format!(
                    "Records: {records}  Duplicates: {}  Warnings: {}",
                    changed.duplicates, changed.duplicates
                )
            } else {
                String::new()
            };
            let tag = format!("INSERT 0 {}", changed.affected);
            after(d, &mut changed, &tag, info)
        }
        Statement::Update(update) => {
            let mut changed = change::update(env, &update)?;
            keep(store, std::mem::take(&mut changed.tables));
            let info =
                format!("Rows matched: {}  Changed: {}  Warnings: 0", changed.matched, changed.affected);
            let tag = format!("UPDATE {}", changed.affected);
            after(d, &mut changed, &tag, info)
        }
        Statement::Delete(delete) => {
            let mut changed = change::delete(env, &delete)?;
            keep(store, std::mem::take(&mut changed.tables));
            let tag = format!("DELETE {}", changed.affected);
            after(d, &mut changed, &tag, String::new())
        }
        Statement::CreateTable { name, if_not_exists, shape, from, like } => {
            let made =
                define::create_table(env, &name, if_not_exists, &shape, from.as_deref(), like.as_ref())?;
            let Some((database, table)) = made else {
                let notices = vec![format!("NOTICE:  relation \"{}\" already exists, skipping", name.name)];
                return Ok(Outcome::Done {
                    tag: "CREATE TABLE".into(),
                    affected: 0,
                    info: String::new(),
                    notices,
                });
            };
            let version = store.fresh();
            let rows = table.rows.len() as i64;
            if let Some(content) = store.databases.get_mut(&database) {
                content.tables.insert(table.name.clone(), Table { version, ..table });
            }
            match from {
                Some(_) => Outcome::Done {
                    tag: format!("SELECT {rows}"),
                    affected: rows,
                    info: format!("Records: {rows}  Duplicates: 0  Warnings: 0"),
                    notices: Vec::new(),
                },
                None => done("CREATE TABLE", 0),
            }
        }
        Statement::CreateView { name, replace, query, source } => {
            define::create_view(env, store, &name, replace, &query, &source)?;
            done("CREATE VIEW", 0)
        }
        Statement::DropTable { names, if_exists, view, cascade } => {
            let notices = define::drop_tables(env, store, &names, if_exists, view, cascade)?;
            Outcome::Done {
                tag: if view { "DROP VIEW" } else { "DROP TABLE" }.into(),
                affected: 0,
                info: String::new(),
                notices,
            }
        }
        Statement::Alter { table, changes } => alter(env, store, &table, &changes)?,
        Statement::CreateIndex { name, unique, table, columns, if_not_exists } => {
            let (database, key_table) = define::locate(env, &table)?;
            let Some(mut found) = env.store.table(&database, &key_table).cloned() else {
                return Err(select::no_table(d, &database, &table));
            };
            let kind = if unique { KeyKind::Unique } else { KeyKind::Plain };
            let name = name.unwrap_or_default();
            if if_not_exists && found.shape.keys.iter().any(|k| k.name == name) {
                let notices = vec![format!("NOTICE:  relation \"{name}\" already exists, skipping")];
                return Ok(Outcome::Done {
                    tag: "CREATE INDEX".into(),
                    affected: 0,
                    info: String::new(),
                    notices,
                });
            }
            define::add_key(env, &mut found, Key { name, kind, columns })?;
            keep(store, BTreeMap::from([((database, key_table), found)]));
            Outcome::Done {
                tag: "CREATE INDEX".into(),
                affected: 0,
                info: "Records: 0  Duplicates: 0  Warnings: 0".into(),
                notices: Vec::new(),
            }
        }
        Statement::DropIndex { name, table, if_exists } => {
            let (database, key_table) = match &table {
                Some(table) => define::locate(env, table)?,
                None => {
                    let database = env.session.database.clone().unwrap_or_default();
                    let owner = env.store.databases.get(&database).and_then(|c| {
                        c.tables.values().find(|t| t.shape.keys.iter().any(|k| k.name == name))
                    });
                    match owner {
                        Some(t) => (database, t.name.clone()),
                        None if if_exists => return Ok(done("DROP INDEX", 0)),
                        None => {
                            return Err(fault::postgres(
                                "42704",
                                &format!("index \"{name}\" does not exist"),
                            ));
                        }
                    }
                }
            };
            let Some(mut found) = env.store.table(&database, &key_table).cloned() else {
                return Err(fault::no_table(d, &database, &key_table, 0));
            };
            define::alter(env, &database, &mut found, &Alter::DropKey(name))?;
            keep(store, BTreeMap::from([((database, key_table), found)]));
            Outcome::Done {
                tag: "DROP INDEX".into(),
                affected: 0,
                info: "Records: 0  Duplicates: 0  Warnings: 0".into(),
                notices: Vec::new(),
            }
        }
        Statement::Truncate(tables) => {
            for path in &tables {
                let (database, name) = define::locate(env, path)?;
                let mut others = store.databases.get(&database).into_iter().flat_map(|c| c.tables.values());
                let user = others.find_map(|t| {
                    t.shape
                        .foreign
                        .iter()
                        .find(|f| f.table == name && t.name != name)
                        .map(|f| (t.name.clone(), f.clone()))
                });
                if let (Some((child, f)), true) =
                    (user, d.is_mysql() && !variables::off(env, "foreign_key_checks"))
                {
                    return Err(fault::mysql(
                        1701,
                        &format!(
                            "Cannot truncate a table referenced in a foreign key constraint (`{database}`.`{child}`, CONSTRAINT `{}`)",
                            f.name
                        ),
                    ));
                }
                let Some(table) = store.table_mut(&database, &name) else {
                    return Err(select::no_table(d, &database, path));
                };
                table.rows = imbl::OrdMap::new();
                table.index = imbl::OrdMap::new();
                if d.is_mysql() || session.query.to_lowercase().contains("restart identity") {
                    table.counters = imbl::OrdMap::new();
                }
            }
            done("TRUNCATE TABLE", 0)
        }
        Statement::CreateDatabase { name, if_not_exists, owner } => {
            if !d.is_mysql() && session.transaction.is_some() {
                return Err(fault::postgres(
                    "25001",
                    "CREATE DATABASE cannot run inside a transaction block",
                ));
            }
            define::create_database(env, store, &name, if_not_exists, owner.as_ref())?;
            done("CREATE DATABASE", 1)
        }
        Statement::DropDatabase { name, if_exists } => {
            let tables = define::drop_database(env, store, &name, if_exists)?;
            if session.database.as_ref() == Some(&name) {
                session.database = None;
            }
            let notices = if tables.is_none() {
                vec![format!("NOTICE:  database \"{name}\" does not exist, skipping")]
            } else {
                Vec::new()
            };
            Outcome::Done {
                tag: "DROP DATABASE".into(),
                affected: tables.unwrap_or(0) as i64,
                info: String::new(),
                notices,
            }
        }
        Statement::CreateSchema { name, if_not_exists } => {
            let version = store.fresh();
            let database = session.database.clone().unwrap_or_default();
            if let Some(content) = store.databases.get_mut(&database) {
                content.version = version;
                if (content.schemas.insert(name.clone()).is_some() || &*name == "public") && !if_not_exists {
                    return Err(fault::postgres("42P06", &format!("schema \"{name}\" already exists")));
                }
            }
            done("CREATE SCHEMA", 0)
        }
        Statement::DropSchema { name, if_exists } => {
            let version = store.fresh();
            let database = session.database.clone().unwrap_or_default();
            if let Some(content) = store.databases.get_mut(&database) {
                content.version = version;
                if content.schemas.remove(&name).is_none() && !if_exists {
                    return Err(fault::postgres("3F000", &format!("schema \"{name}\" does not exist")));
                }
                let prefix = format!("{name}.");
                content.tables = content
                    .tables
                    .iter()
                    .filter(|t| !t.0.starts_with(&prefix))
                    .map(|t| (t.0.clone(), t.1.clone()))
                    .collect();
            }
            done("DROP SCHEMA", 0)
        }
        Statement::Show { what, like, table } => {
            sent(d, show::run(env, &what, like.as_deref(), table.as_ref())?, "SHOW")
        }
        Statement::Describe(path) => sent(d, show::describe(env, &path)?, ""),
        Statement::Explain(inner, _) => explain(env, &inner)?,
        Statement::Set(sets) => {
            for (name, value) in sets {
                set(env, store, session, &name, &value)?;
            }
            done("SET", 0)
        }
        Statement::CreateUser { role, .. } => {
            let tag = if role || !d.is_mysql() { "CREATE ROLE" } else { "" };
            let notices = users::change(env, store, &statement)?;
            Outcome::Done { tag: tag.into(), affected: 0, info: String::new(), notices }
        }
        Statement::AlterUser { .. } | Statement::DropUser { .. } | Statement::Grant { .. } => {
            let tag = match &statement {
                Statement::AlterUser { .. } => "ALTER ROLE",
                Statement::DropUser { .. } => "DROP ROLE",
                Statement::Grant { give: true, .. } => "GRANT",
                _ => "REVOKE",
            };
            let notices = users::change(env, store, &statement)?;
            Outcome::Done { tag: tag.into(), affected: 0, info: String::new(), notices }
        }
        Statement::Nothing(tag) => done(tag, 0),
        Statement::Begin
        | Statement::Commit
        | Statement::Rollback
        | Statement::Savepoint(_)
        | Statement::RollbackTo(_)
        | Statement::Release(_)
        | Statement::Use(_) => done("", 0),
    })
}

pub(super) fn keep(store: &mut Store, changed: BTreeMap<(Arc<str>, Arc<str>), Table>) {
    for ((database, name), table) in changed {
        if let Some(slot) = store.table_mut(&database, &name) {
            let version = slot.version;
            *slot = Table { version, ..table };
        }
    }
}

pub(super) fn after(d: Dialect, changed: &mut Changed, tag: &str, info: String) -> Outcome {
    match changed.returned.take() {
        Some(rows) => sent(d, rows, tag),
        None => Outcome::Done { tag: tag.into(), affected: changed.affected, info, notices: Vec::new() },
    }
}
