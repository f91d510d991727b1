//! Accounts: who may come in, and what each may do where. MySQL's accounts have hosts, PostgreSQL's roles
//! have options.
//!
//! Left out: rights on columns, roles of roles, row security, host patterns beyond `%`.

use super::ast::{Account, Statement};
use super::eval::Env;
use super::fault::{self, Fault};
use super::store::{Grant, Store, Table, User, digest};
use drydock_machinery::sort::Arrange;
use imbl::OrdSet;
use std::sync::Arc;

type Ran<T> = Result<T, Fault>;

fn fits(pattern: &str, host: &str) -> bool {
    pattern == host || super::eval::like(&host.to_lowercase(), &pattern.to_lowercase())
}

/// The account a client from `host` with this name is: the most specific host first.
#[must_use]
pub fn matching<'a>(store: &'a Store, name: &str, host: &str) -> Option<(&'a Account, &'a User)> {
    let mut found: Vec<(&Account, &User)> = store
        .accounts
        .iter()
        .filter(|(a, _)| &*a.name == name && (a.host.is_empty() || fits(&a.host, host)))
        .collect();
    found.arrange_by_key(|(a, _)| &*a.host == "%");
    found.first().copied()
}

/// Whether a password opens an account.
#[must_use]
pub fn opens(user: &User, password: &str) -> bool {
    match &user.password {
        None => password.is_empty(),
        Some(kept) => *kept == digest(password),
    }
}

/// An account that may do everything.
#[must_use]
pub fn superuser(password: Option<&str>) -> User {
    let options = ["superuser", "createdb", "createrole", "login", "replication", "bypassrls"];
    let everything =
        Grant { rights: OrdSet::unit("ALL PRIVILEGES".into()), database: None, table: None, option: true };
    User {
        password: password.filter(|p| !p.is_empty()).map(digest),
        grants: vec![everything],
        options: options.iter().map(|o| Arc::from(*o)).collect(),
    }
}

fn own<'a>(env: &Env<'a>) -> Option<&'a User> {
    matching(env.store, &env.session.user, &env.session.host).map(|a| a.1)
}

fn may(user: &User, right: &str, database: &str, table: Option<&str>) -> bool {
    user.grants.iter().any(|g| {
        let right =
            g.rights.contains("ALL PRIVILEGES") || g.rights.contains("ALL") || g.rights.contains(right);
        let database = g.database.as_deref().is_none_or(|d| super::eval::like(database, d));
        right && database && g.table.as_deref().is_none_or(|t| t == "*" || Some(t) == table)
    })
}

/// Whether the session may do something to a table, or in a database.
///
/// # Errors
/// 1142, 1044; 42501.
pub fn check(env: &Env<'_>, right: &str, database: &str, table: Option<&Table>) -> Ran<()> {
    let Some(user) = own(env) else { return Ok(()) };
    let name = table.map(|t| &*t.name);
    if !env.dialect.is_mysql() {
        let owner = table.is_none_or(|t| t.owner == env.session.user);
        if user.options.contains("superuser") || owner || may(user, right, database, name) {
            return Ok(());
        }
        return Err(fault::postgres("42501", &format!("permission denied for table {}", name.unwrap_or(""))));
    }
    if may(user, right, database, name) {
        return Ok(());
    }
    Err(match name {
        Some(name) => fault::mysql(
            1142,
            &format!(
                "{right} command denied to user '{}'@'{}' for table '{name}'",
                env.session.user, env.session.host
            ),
        ),
        None => denied(env, database),
    })
}

#[must_use]
pub fn denied(env: &Env<'_>, database: &str) -> Fault {
    fault::mysql(
        1044,
        &format!(
            "Access denied for user '{}'@'{}' to database '{database}'",
            env.session.user, env.session.matched
        ),
    )
}

/// Whether the session may use a database at all.
#[must_use]
pub fn sees(env: &Env<'_>, database: &str) -> bool {
    let Some(user) = own(env) else { return true };
    !env.dialect.is_mysql()
        || user.grants.iter().any(|g| {
            let some = g.rights.iter().any(|r| &**r != "USAGE");
            some && g.database.as_deref().is_none_or(|d| super::eval::like(database, d))
        })
}

/// What a statement needs besides its tables' rights.
///
/// # Errors
/// 1044, 1142, 1227; 42501.
pub fn allowed(env: &Env<'_>, statement: &Statement) -> Ran<()> {
    let Some(user) = own(env) else { return Ok(()) };
    let current = env.session.database.clone().unwrap_or_default();
    if !env.dialect.is_mysql() {
        let option = |o: &str| user.options.contains("superuser") || user.options.contains(o);
        let refuse = |text: &str| Err(fault::postgres("42501", text));
        return match statement {
            Statement::CreateDatabase { .. } if !option("createdb") => {
                refuse("permission denied to create database")
            }
            Statement::CreateUser { .. } if !option("createrole") => {
                refuse("permission denied to create role")
            }
            Statement::DropUser { .. } if !option("createrole") => refuse("permission denied to drop role"),
            Statement::DropDatabase { name, .. } => match env.store.databases.get(name) {
                Some(d) if d.owner != env.session.user && !option("superuser") => {
                    refuse(&format!("must be owner of database {name}"))
                }
                _ => Ok(()),
            },
            Statement::CreateTable { name, .. } => {
                // Since version 15 only owners may create in schema public.
                let owner = env.store.databases.get(&*current).is_some_and(|d| d.owner == env.session.user);
                let granted = may(user, "CREATE", &current, Some("")) || may(user, "ALL", &current, Some(""));
                let schema = name.schema.as_deref().unwrap_or("public");
                if owner || granted || option("superuser") || schema != "public" {
                    Ok(())
                } else {
                    Err(fault::postgres("42501", "permission denied for schema public").at(name.at.0))
                }
            }
            Statement::Alter { table, .. } => owned(env, user, &current, &table.name),
            Statement::DropTable { names, .. } => {
                names.iter().try_for_each(|n| owned(env, user, &current, &n.name))
            }
            Statement::Truncate(names) => names.iter().try_for_each(|n| owned(env, user, &current, &n.name)),
            _ => Ok(()),
        };
    }
    let on = |path: &super::ast::Path, right: &str| {
        let database = path.schema.as_deref().unwrap_or(&current);
        if database.is_empty() || may(user, right, database, Some(&path.name)) {
            return Ok(());
        }
        Err(fault::mysql(
            1142,
            &format!(
                "{right} command denied to user '{}'@'{}' for table '{}'",
                env.session.user, env.session.host, path.name
            ),
        ))
    };
    match statement {
        Statement::CreateDatabase { name, .. } if !may(user, "CREATE", name, None) => Err(denied(env, name)),
        Statement::DropDatabase { name, .. } if !may(user, "DROP", name, None) => Err(denied(env, name)),
        Statement::CreateTable { name, .. } => on(name, "CREATE"),
        Statement::CreateView { name, .. } => on(name, "CREATE VIEW"),
        Statement::Alter { table, .. } => on(table, "ALTER"),
        Statement::CreateIndex { table, .. } => on(table, "INDEX"),
        Statement::DropTable { names, .. } => names.iter().try_for_each(|n| on(n, "DROP")),
        Statement::Truncate(names) => names.iter().try_for_each(|n| on(n, "DROP")),
        Statement::CreateUser { .. } | Statement::DropUser { .. } if !may(user, "CREATE USER", "", None) => {
            Err(fault::mysql(
                1227,
                "Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation",
            ))
        }
        Statement::AlterUser { accounts, .. }
            if !may(user, "CREATE USER", "", None)
                && accounts.iter().any(|(a, _)| !a.name.is_empty() && a.name != env.session.user) =>
        {
            Err(fault::mysql(
                1227,
                "Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation",
            ))
        }
        Statement::Grant { .. } if !user.grants.iter().any(|g| g.option) => Err(fault::mysql(
            1045,
            &format!(
                "Access denied for user '{}'@'{}' (using password: YES)",
                env.session.user, env.session.matched
            ),
        )),
        _ => Ok(()),
    }
}

fn owned(env: &Env<'_>, user: &User, database: &str, name: &str) -> Ran<()> {
    match env.store.table(database, name) {
        Some(t) if t.owner != env.session.user && !user.options.contains("superuser") => {
            Err(fault::postgres("42501", &format!("must be owner of table {name}")))
        }
        _ => Ok(()),
    }
}

fn shown(account: &Account) -> String {
    format!("'{}'@'{}'", account.name, account.host)
}

/// CREATE USER, ALTER USER, DROP USER, GRANT, REVOKE; gives notices.
///
/// # Errors
/// Of accounts that are there, or not.
pub fn change(env: &Env<'_>, store: &mut Store, statement: &Statement) -> Ran<Vec<String>> {
    let mysql = env.dialect.is_mysql();
    let mut notices = Vec::new();
    let version = store.fresh();
    let failed = |what: &str, names: &[&Account]| {
        let list: Vec<String> = names.iter().map(|a| shown(a)).collect();
        fault::mysql(1396, &format!("Operation {what} failed for {}", list.join(",")))
    };
    match statement {
        Statement::CreateUser { accounts, if_not_exists, options, role } => {
            let there: Vec<&Account> =
                accounts.iter().map(|a| &a.0).filter(|a| store.accounts.contains_key(*a)).collect();
            match (there.first(), mysql, if_not_exists) {
                (Some(_), true, false) => {
                    return Err(failed(if *role { "CREATE ROLE" } else { "CREATE USER" }, &there));
                }
                (Some(a), false, _) => {
                    return Err(fault::postgres("42710", &format!("role \"{}\" already exists", a.name)));
                }
                _ => {}
            }
            if store.accounts.len() >= drydock_machinery::limits::SQL_TABLES {
                return Err(fault::too_much(env.dialect));
            }
            for (account, password) in
                accounts.iter().filter(|a| !store.accounts.contains_key(&a.0)).cloned().collect::<Vec<_>>()
            {
                let mut user = User {
                    password: password.as_deref().filter(|p| !p.is_empty()).map(digest),
                    ..User::default()
                };
                if mysql {
                    user.grants.push(Grant {
                        rights: OrdSet::unit("USAGE".into()),
                        database: None,
                        table: None,
                        option: false,
                    });
                } else if !role {
                    user.options.insert("login".into());
                }
                options_of(&mut user, options);
                store.accounts.insert(account, user);
            }
        }
        Statement::AlterUser { accounts, options } => {
            for (account, password) in accounts {
                let account = match (account.name.is_empty(), mysql) {
                    (true, _) => matching(store, &env.session.user, &env.session.host)
                        .map(|a| a.0.clone())
                        .unwrap_or_else(|| account.clone()),
                    _ => account.clone(),
                };
                let Some(user) = store.accounts.get_mut(&account) else {
                    return Err(match mysql {
                        true => failed("ALTER USER", &[&account]),
                        false => {
                            fault::postgres("42704", &format!("role \"{}\" does not exist", account.name))
                        }
                    });
                };
                if let Some(password) = password {
                    user.password = Some(password.as_str()).filter(|p| !p.is_empty()).map(digest);
                }
                options_of(user, options);
            }
        }
        Statement::DropUser { accounts, if_exists, role } => {
            for account in accounts {
                let owns = store.databases.iter().find_map(|(name, d)| {
                    if d.owner == account.name {
                        return Some(format!("owner of database {name}"));
                    }
                    d.tables
                        .values()
                        .find(|t| t.owner == account.name)
                        .map(|t| format!("owner of table {}", t.name))
                });
                if let (Some(owns), false) = (owns, mysql) {
                    return Err(fault::postgres(
                        "2BP01",
                        &format!(
                            "role \"{}\" cannot be dropped because some objects depend on it",
                            account.name
                        ),
                    )
                    .detail(owns));
                }
                match (store.accounts.remove(account), if_exists, mysql) {
                    (Some(_), _, _) | (None, true, true) => {}
                    (None, true, false) => {
                        notices.push(format!("NOTICE:  role \"{}\" does not exist, skipping", account.name))
                    }
                    (None, false, true) => {
                        return Err(failed(if *role { "DROP ROLE" } else { "DROP USER" }, &[account]));
                    }
                    (None, false, false) => {
                        return Err(fault::postgres(
                            "42704",
                            &format!("role \"{}\" does not exist", account.name),
                        ));
                    }
                }
            }
        }
        Statement::Grant { rights, on, to, give, option } => {
            grant(env, store, rights, on, to, *give, *option)?
        }
        _ => {}
    }
    store.accounts_version = version;
    Ok(notices)
}

fn options_of(user: &mut User, options: &[String]) {
    for option in options {
        match option.strip_prefix("no") {
            Some(rest)
                if ["superuser", "createdb", "createrole", "login", "inherit", "replication"]
                    .contains(&rest) =>
            {
                user.options.remove(rest);
            }
            _ => _ = user.options.insert(option.as_str().into()),
        }
    }
}

type Place = (Option<Arc<str>>, Option<Arc<str>>);

fn grant(
    env: &Env<'_>,
    store: &mut Store,
    rights: &[String],
    on: &Place,
    to: &[Account],
    give: bool,
    option: bool,
) -> Ran<()> {
    let mysql = env.dialect.is_mysql();
    let current = env.session.database.clone();
    let place: Place = match (mysql, on) {
        (true, (None, Some(table))) => (current.clone(), Some(table.clone())),
        (true, place) => place.clone(),
        (false, (Some(name), Some(schema))) if schema.is_empty() => {
            _ = name;
            (current.clone(), Some("".into()))
        }
        (false, (None, Some(table))) => {
            if &**table != "*" && env.store.table(current.as_deref().unwrap_or(""), table).is_none() {
                return Err(fault::no_table(env.dialect, "", table, 0)).map_err(|f| Fault { at: None, ..f });
            }
            (current.clone(), Some(table.clone()))
        }
        (false, place) => place.clone(),
    };
    let rights: OrdSet<Arc<str>> =
        rights.iter().map(|r| Arc::from(if r == "ALL" { "ALL PRIVILEGES" } else { r.as_str() })).collect();
    for account in to {
        let found = match mysql {
            true => store.accounts.contains_key(account).then(|| account.clone()),
            false => store.accounts.keys().find(|a| a.name == account.name).cloned(),
        };
        let Some(user) = found.and_then(|a| store.accounts.get_mut(&a)) else {
            return Err(match (env.dialect, give) {
                (super::Dialect::Mysql, true) => {
                    fault::mysql(1410, "You are not allowed to create a user with GRANT")
                }
                (super::Dialect::Mysql | super::Dialect::Mariadb, _) => {
                    fault::mysql(1133, "Can't find any matching row in the user table")
                }
                _ => fault::postgres("42704", &format!("role \"{}\" does not exist", account.name)),
            });
        };
        let at = user.grants.iter().position(|g| g.database == place.0 && g.table == place.1);
        match (at.and_then(|at| user.grants.get_mut(at)), give) {
            (Some(g), true) => {
                g.rights = g.rights.clone().union(rights.clone());
                g.rights.remove("USAGE");
                g.option |= option;
            }
            (None, true) => user.grants.push(Grant {
                rights: rights.clone(),
                database: place.0.clone(),
                table: place.1.clone(),
                option,
            }),
            (Some(g), false) => {
                let all = rights.contains("ALL PRIVILEGES");
                g.rights =
                    if all { OrdSet::new() } else { g.rights.clone().relative_complement(rights.clone()) };
                let global = g.database.is_none() && g.table.is_none();
                if g.rights.is_empty() && global && mysql {
                    g.rights.insert("USAGE".into());
                }
            }
            (None, false) if mysql => {
                return Err(fault::mysql(
                    1141,
                    &format!(
                        "There is no such grant defined for user '{}' on host '{}'",
                        account.name, account.host
                    ),
                ));
            }
            (None, false) => {}
        }
        user.grants.retain(|g| !g.rights.is_empty());
    }
    Ok(())
}
