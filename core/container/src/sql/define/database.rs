//! Databases and views come and go.

use super::*;

/// # Errors
/// When there is one, or there are too many.
pub fn create_database(
    env: &Env<'_>,
    store: &mut Store,
    name: &Arc<str>,
    quiet: bool,
    owner: Option<&Arc<str>>,
) -> Ran<bool> {
    let d = env.dialect;
    if store.databases.contains_key(name) || (d.is_mysql() && crate::sql::show::SYSTEM.contains(&&**name)) {
        return match (quiet, d.is_mysql()) {
            (true, _) => Ok(false),
            (_, true) => Err(fault::mysql(1007, &format!("Can't create database '{name}'; database exists"))),
            (_, false) => Err(fault::postgres("42P04", &format!("database \"{name}\" already exists"))),
        };
    }
    if store.databases.len() >= limits::SQL_TABLES {
        return Err(fault::too_much(d));
    }
    if let Some(owner) = owner.filter(|o| !store.accounts.keys().any(|a| a.name == **o)) {
        return Err(fault::postgres("42704", &format!("role \"{owner}\" does not exist")));
    }
    let version = store.fresh();
    let owner = owner.unwrap_or(&env.session.user).clone();
    store.databases.insert(name.clone(), Database { owner, version, ..Database::default() });
    Ok(true)
}

/// # Errors
/// When there is none, or somebody is in it.
pub fn drop_database(env: &Env<'_>, store: &mut Store, name: &Arc<str>, quiet: bool) -> Ran<Option<usize>> {
    let d = env.dialect;
    if !d.is_mysql() && env.session.database.as_ref() == Some(name) {
        return Err(fault::postgres("55006", "cannot drop the currently open database"));
    }
    let others = env.info.sessions.iter().filter(|s| s.2 == *name && s.0 != env.session.id).count();
    if !d.is_mysql() && others > 0 && store.databases.contains_key(name) {
        let text = if others == 1 {
            "is 1 other session".to_string()
        } else {
            format!("are {others} other sessions")
        };
        return Err(fault::postgres(
            "55006",
            &format!("database \"{name}\" is being accessed by other users"),
        )
        .detail(format!("There {text} using the database.")));
    }
    store.fresh();
    match (store.databases.remove(name), quiet, d.is_mysql()) {
        (Some(gone), _, _) => Ok(Some(gone.tables.len())),
        (None, true, _) => Ok(None),
        (None, false, true) => {
            Err(fault::mysql(1008, &format!("Can't drop database '{name}'; database doesn't exist")))
        }
        (None, false, false) => Err(fault::no_database(d, name)),
    }
}

/// # Errors
/// When one of that name is there.
pub fn create_view(
    env: &Env<'_>,
    store: &mut Store,
    path: &Path,
    replace: bool,
    query: &Query,
    source: &Arc<str>,
) -> Ran<()> {
    let (database, name) = locate(env, path)?;
    select::run(env, query, None)?;
    let version = store.fresh();
    let Some(content) = store.databases.get_mut(&*database) else {
        return Err(fault::no_database(env.dialect, &database));
    };
    if content.tables.contains_key(&*name) || (content.views.contains_key(&*name) && !replace) {
        return Err(exists(env.dialect, &path.name));
    }
    content.version = version;
    content.views.insert(name, View { query: Arc::new(query.clone()), source: source.clone(), version });
    Ok(())
}
