//! What a server says about itself and the session; sequences.

use super::*;

/// What a server says about itself and the session.
pub(super) fn own(env: &Env<'_>, name: &str, args: &[Datum]) -> Result<Option<Datum>, Fault> {
    let s = env.session;
    let text = |n: usize| args.get(n).map(|a| text_of(a, env.dialect)).unwrap_or_default();
    let mysql = env.dialect.is_mysql();
    Ok(Some(match name {
        "version" => Datum::text(&env.info.banner),
        "database" | "schema" | "current_database" | "current_catalog" => {
            s.database.as_ref().map_or(Datum::Null, |d| Datum::Text(d.clone()))
        }
        "current_schema" => Datum::text("public"),
        "current_user" if mysql => Datum::text(&format!("{}@{}", s.user, s.matched)),
        "user" | "session_user" | "system_user" if mysql => Datum::text(&format!("{}@{}", s.user, s.host)),
        "current_user" | "user" | "session_user" | "current_role" => Datum::Text(s.user.clone()),
        "connection_id" | "pg_backend_pid" => Datum::Int(s.id.into()),
        "last_insert_id" => Datum::Int(s.last_id),
        "row_count" => Datum::Int(s.row_count),
        "found_rows" => Datum::Int(s.row_count.max(0)),
        "uuid" | "gen_random_uuid" => {
            let (a, b) = (env.draw(), env.draw());
            let hex = format!("{a:016x}{b:016x}");
            let part = |x: usize, y: usize| hex.get(x..y).unwrap_or("");
            Datum::text(&format!(
                "{}-{}-4{}-a{}-{}",
                part(0, 8),
                part(8, 12),
                part(13, 16),
                part(17, 20),
                part(20, 32)
            ))
        }
        "sleep" | "pg_sleep" => {
            let ms = (args.first().map_or(0.0, Datum::as_float).clamp(0.0, 86_400.0) * 1000.0) as u64;
            env.slept.set(env.slept.get() + ms);
            if mysql { Datum::Int(0) } else { Datum::text("") }
        }
        "benchmark" => Datum::Int(0),
        "pg_postmaster_start_time" => Datum::Stamp { micros: env.info.started, zone: true, digits: 0 },
        "pg_is_in_recovery" => Datum::Bool(false),
        "inet_server_port" => Datum::Int(5432),
        "pg_get_userbyid" | "obj_description" => Datum::Null,
        "has_table_privilege" => Datum::Bool(true),
        "pg_database_size" => Datum::Int(
            7_600_000
                + env
                    .store
                    .databases
                    .get(text(0).as_str())
                    .map_or(0, |d| d.tables.values().map(|t| t.rows.len() as i64 * 64).sum()),
        ),
        "pg_total_relation_size" | "pg_table_size" | "pg_relation_size" => {
            let db = s.database.clone().unwrap_or_default();
            let name = text(0);
            match env.store.table(&db, &name) {
                Some(t) => Datum::Int(8192 * (1 + t.rows.len() as i64 / 120)),
                None => return Err(fault::no_table(env.dialect, &db, &name, 0)),
            }
        }
        "pg_size_pretty" => {
            let n = args.first().and_then(Datum::as_int).unwrap_or(0);
            let units = ["bytes", "kB", "MB", "GB", "TB"];
            let (mut n, mut at) = (n, 0);
            while n.abs() >= 10 * 1024 && at < 4 {
                (n, at) = ((n + 512) / 1024, at + 1);
            }
            Datum::text(&format!("{n} {}", units.get(at).unwrap_or(&"")))
        }
        "current_setting" => crate::sql::variables::read(env, &text(0))?,
        "nextval" | "currval" | "setval" => {
            let name_called = name;
            let name = text(0);
            let Some((table, column)) =
                crate::sql::define::sequence_of(env.store, s.database.as_deref().unwrap_or(""), &name)
            else {
                return Err(fault::postgres("42P01", &format!("relation \"{name}\" does not exist")));
            };
            let stored = env
                .store
                .table(s.database.as_deref().unwrap_or(""), &table)
                .and_then(|t| t.counters.get(&*column).copied());
            let current = env.drawn.borrow().get(&name).copied().or(stored);
            let value = match name_called {
                "setval" => args.get(1).and_then(Datum::as_int).unwrap_or(1),
                "nextval" => current.unwrap_or(0) + 1,
                _ => current.unwrap_or(0),
            };
            env.drawn.borrow_mut().insert(name, value);
            Datum::Int(value)
        }
        "lastval" => Datum::Int(s.last_id),
        _ => return Ok(None),
    }))
}
