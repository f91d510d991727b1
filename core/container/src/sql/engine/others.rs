//! ALTER TABLE, SET and EXPLAIN.

use super::*;

pub(super) fn alter(env: &Env<'_>, store: &mut Store, path: &Path, changes: &[Alter]) -> Ran<Outcome> {
    let d = env.dialect;
    let (database, name) = define::locate(env, path)?;
    let Some(mut table) = env.store.table(&database, &name).cloned() else {
        return Err(select::no_table(d, &database, path));
    };
    let mut renamed = None;
    for change in changes {
        renamed = define::alter(env, &database, &mut table, change)?.or(renamed);
    }
    let copied = changes.iter().any(|c| matches!(c, Alter::Change(..) | Alter::DropPrimary));
    let records = if copied { table.rows.len() } else { 0 };
    match renamed {
        None => keep(store, BTreeMap::from([((database, name), table)])),
        Some(new) => {
            let version = store.fresh();
            let Some(content) = store.databases.get_mut(&database) else {
                return Err(fault::no_database(d, &database));
            };
            if content.tables.contains_key(&new) {
                return Err(match d.is_mysql() {
                    true => fault::mysql(1050, &format!("Table '{new}' already exists")),
                    false => fault::postgres("42P07", &format!("relation \"{new}\" already exists")),
                });
            }
            content.version = version;
            content.tables.remove(&name);
            content.tables.insert(new.clone(), Table { name: new.clone(), version, ..table });
            let children: Vec<Arc<str>> = content.tables.keys().cloned().collect();
            for child in children {
                let Some(child) = content.tables.get_mut(&child) else { continue };
                if child.shape.foreign.iter().any(|f| f.table == name) {
                    child.version = version;
                    Arc::make_mut(&mut child.shape)
                        .foreign
                        .iter_mut()
                        .filter(|f| f.table == name)
                        .for_each(|f| f.table = new.clone());
                }
            }
            return Ok(done("ALTER TABLE", 0));
        }
    }
    Ok(Outcome::Done {
        tag: "ALTER TABLE".into(),
        affected: records as i64,
        info: format!("Records: {records}  Duplicates: 0  Warnings: 0"),
        notices: Vec::new(),
    })
}

pub(super) fn set(
    env: &Env<'_>,
    store: &mut Store,
    session: &mut Session,
    name: &Arc<str>,
    value: &Expr,
) -> Ran<()> {
    let value = eval(env, &bind(env, value, &[], None, "field list")?, &NOTHING)?;
    if let Some(global) = name.strip_prefix("@@global.") {
        if variables::system(env, global, true).is_none() {
            return Err(variables::unknown(env.dialect, global));
        }
        store.fresh();
        store.globals.insert(global.to_lowercase().into(), value.shown(env.dialect).into());
        return Ok(());
    }
    if name.starts_with('@') && !name.starts_with("@@") {
        session.variables.insert(name.clone(), value);
        return Ok(());
    }
    let plain = name.trim_start_matches("@@").trim_start_matches("session.").to_lowercase();
    if variables::system(env, &plain, false).is_none() && !plain.contains('.') {
        // A dump sets and restores what a server of its version has.
        if env.dialect.is_mysql()
            && ["sql_quote_show_create", "character_set_client", "saved_cs_client"].contains(&plain.as_str())
        {
            return Ok(());
        }
        return Err(variables::unknown(env.dialect, &plain));
    }
    let key = if env.dialect.is_mysql() { format!("@@{plain}") } else { plain };
    session.variables.insert(key.into(), value);
    Ok(())
}

pub(super) fn explain(env: &Env<'_>, statement: &Statement) -> Ran<Outcome> {
    let d = env.dialect;
    let Statement::Select(query) = statement else { return Err(fault::unsupported(d, "EXPLAIN of changes")) };
    let mut tables = Vec::new();
    for from in &query.from {
        let crate::sql::ast::Source::Table(path) = &from.source else {
            return Err(fault::unsupported(d, "EXPLAIN of derived tables"));
        };
        let (database, name) = define::locate(env, path)?;
        let Some(table) = env.store.table(&database, &name) else {
            return Err(select::no_table(d, &database, path));
        };
        tables.push(table);
    }
    if let Some(f) = &query.filter {
        let fields: Vec<_> = tables
            .iter()
            .flat_map(|t| {
                t.shape.columns.iter().map(|c| crate::sql::eval::Field {
                    table: t.name.clone(),
                    name: c.name.clone(),
                    kind: Some(c.kind.clone()),
                    hidden: false,
                })
            })
            .collect();
        bind(env, f, &fields, None, "where clause")?;
    }
    if !d.is_mysql() {
        let [table] = *tables.as_slice() else { return Err(fault::unsupported(d, "EXPLAIN of joins")) };
        let rows = table.rows.len().max(1);
        let line = format!(
            "Seq Scan on {}  (cost=0.00..{}.{:02} rows={rows} width=36)",
            table.name,
            rows / 100 + 1,
            rows % 100
        );
        return Ok(sent(d, show::rows(&["QUERY PLAN"], vec![vec![Datum::text(&line)]]), "EXPLAIN"));
    }
    let list = tables.iter().map(|t| {
        let key = t.shape.keys.first().filter(|_| query.filter.is_some()).map(|k| k.columns.clone()).unwrap_or_default();
        let by_key = query.filter.as_ref().is_some_and(|f| matches!(f, Expr::Binary(crate::sql::ast::Op::Equal, a, _, _) if matches!(&**a, Expr::Column { name, .. } if key.contains(name))));
        let text = |t: &str| Datum::text(t);
        let (access, key, rows) = if by_key { ("const", text("PRIMARY"), 1) } else { ("ALL", Datum::Null, t.rows.len() as i64) };
        let extra = if query.filter.is_some() && !by_key { text("Using where") } else { Datum::Null };
        vec![Datum::Int(1), text("SIMPLE"), Datum::Text(t.name.clone()), Datum::Null, text(access), key.clone(), key, Datum::Null, Datum::Null, Datum::Int(rows), text("100.00"), extra]
    });
    let columns = [
        "id#",
        "select_type",
        "table",
        "partitions",
        "type",
        "possible_keys",
        "key",
        "key_len#",
        "ref",
        "rows#",
        "filtered#",
        "Extra",
    ];
    Ok(sent(d, show::rows(&columns, list.collect()), ""))
}
