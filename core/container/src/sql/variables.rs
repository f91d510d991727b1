//! System and user variables, as far as scripts and people read and set them.

use super::Dialect;
use super::datum::Datum;
use super::eval::Env;
use super::fault::{self, Fault};
use drydock_machinery::sort::Arrange;

/// MySQL's, with what a fresh server says.
const MYSQL: &[(&str, &str)] = &[
    ("autocommit", "ON"),
    ("basedir", "/usr/"),
    ("bind_address", "*"),
    ("binlog_format", "ROW"),
    ("character_set_client", "utf8mb4"),
    ("character_set_connection", "utf8mb4"),
    ("character_set_database", "utf8mb4"),
    ("character_set_results", "utf8mb4"),
    ("character_set_server", "utf8mb4"),
    ("character_set_system", "utf8mb3"),
    ("collation_connection", "utf8mb4_0900_ai_ci"),
    ("collation_database", "utf8mb4_0900_ai_ci"),
    ("collation_server", "utf8mb4_0900_ai_ci"),
    ("datadir", "/var/lib/mysql/"),
    ("default_storage_engine", "InnoDB"),
    ("foreign_key_checks", "ON"),
    ("general_log", "OFF"),
    ("innodb_buffer_pool_size", "134217728"),
    ("innodb_flush_log_at_trx_commit", "1"),
    ("log_bin", "ON"),
    ("lower_case_table_names", "0"),
    ("max_allowed_packet", "67108864"),
    ("max_connections", "151"),
    ("pid_file", "/var/run/mysqld/mysqld.pid"),
    ("port", "3306"),
    ("read_only", "OFF"),
    ("server_id", "1"),
    ("slow_query_log", "OFF"),
    ("socket", "/var/run/mysqld/mysqld.sock"),
    (
        "sql_mode",
        "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
    ),
    ("sql_notes", "ON"),
    ("sql_safe_updates", "OFF"),
    ("system_time_zone", "UTC"),
    ("time_zone", "SYSTEM"),
    ("tmpdir", "/tmp"),
    ("transaction_isolation", "REPEATABLE-READ"),
    ("unique_checks", "ON"),
    ("wait_timeout", "28800"),
    ("interactive_timeout", "28800"),
    ("tx_isolation", "REPEATABLE-READ"),
    ("sql_log_bin", "ON"),
    ("hostname", ""),
    ("version", ""),
    ("version_comment", ""),
];
const POSTGRES: &[(&str, &str)] = &[
    ("application_name", "psql"),
    ("client_encoding", "UTF8"),
    ("client_min_messages", "notice"),
    ("config_file", "/var/lib/postgresql/data/postgresql.conf"),
    ("data_directory", "/var/lib/postgresql/data"),
    ("datestyle", "ISO, MDY"),
    ("default_transaction_isolation", "read committed"),
    ("hba_file", "/var/lib/postgresql/data/pg_hba.conf"),
    ("is_superuser", "on"),
    ("listen_addresses", "*"),
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("log_destination", "stderr"),
    ("log_statement", "none"),
    ("max_connections", "100"),
    ("max_wal_size", "1GB"),
    ("password_encryption", "scram-sha-256"),
    ("port", "5432"),
    ("row_security", "on"),
    ("search_path", "\"$user\", public"),
    ("server_encoding", "UTF8"),
    ("server_version", ""),
    ("shared_buffers", "128MB"),
    ("ssl", "off"),
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "0"),
    ("synchronous_commit", "on"),
    ("timezone", "UTC"),
    ("transaction_isolation", "read committed"),
    ("wal_level", "replica"),
    ("work_mem", "4MB"),
    ("xmloption", "content"),
    ("default_table_access_method", "heap"),
    ("default_tablespace", ""),
    ("check_function_bodies", "on"),
    ("extra_float_digits", "1"),
    ("transaction_timeout", "0"),
    ("max_wal_senders", "10"),
    ("hot_standby", "on"),
    ("autovacuum", "on"),
];

fn table(d: Dialect) -> &'static [(&'static str, &'static str)] {
    if d.is_mysql() { MYSQL } else { POSTGRES }
}

/// A system variable's text: of the session, of the server, as built in.
#[must_use]
pub fn system(env: &Env<'_>, name: &str, global: bool) -> Option<String> {
    let name = name.to_lowercase();
    let built = table(env.dialect).iter().find(|v| v.0 == name)?.1;
    if let Some(value) = env
        .session
        .variables
        .get(format!("@@{name}").as_str())
        .or_else(|| env.session.variables.get(name.as_str()))
        .filter(|_| !global)
    {
        return Some(value.shown(env.dialect));
    }
    if let Some(value) = env.store.globals.get(name.as_str()) {
        return Some(value.to_string());
    }
    Some(match name.as_str() {
        "hostname" => env.info.hostname.clone(),
        "version" | "server_version" => env.info.version.clone(),
        "version_comment" => match env.dialect {
            Dialect::Mariadb => "mariadb.org binary distribution".into(),
            _ => "MySQL Community Server - GPL".into(),
        },
        "character_set_server" | "character_set_database" if env.info.version.starts_with("5.") => {
            "latin1".into()
        }
        "collation_server" | "collation_database" if env.dialect == Dialect::Mariadb => {
            "utf8mb4_uca1400_ai_ci".into()
        }
        _ => built.into(),
    })
}

/// `@x`, `@@x`, and what current_setting is asked for.
///
/// # Errors
/// Of an unknown system variable.
pub fn read(env: &Env<'_>, name: &str) -> Result<Datum, Fault> {
    if let (Some(user), false) = (name.strip_prefix('@'), name.starts_with("@@")) {
        return Ok(env.session.variables.get(format!("@{user}").as_str()).cloned().unwrap_or(Datum::Null));
    }
    let plain = name.trim_start_matches('@').to_lowercase();
    let (scope, plain) = match plain.split_once('.') {
        Some((scope @ ("global" | "session" | "local" | "persist"), rest)) => {
            (scope.to_string(), rest.to_string())
        }
        _ => (String::new(), plain),
    };
    let text = system(env, &plain, scope == "global").ok_or_else(|| unknown(env.dialect, &plain))?;
    Ok(match text.as_str() {
        "ON" if env.dialect.is_mysql() => Datum::Int(1),
        "OFF" if env.dialect.is_mysql() => Datum::Int(0),
        t => t.parse().map_or_else(|_| Datum::text(t), Datum::Int),
    })
}

#[must_use]
pub fn unknown(d: Dialect, name: &str) -> Fault {
    match d.is_mysql() {
        true => fault::mysql(1193, &format!("Unknown system variable '{name}'")),
        false => fault::postgres("42704", &format!("unrecognized configuration parameter \"{name}\"")),
    }
}

/// Whether the session switched a check off.
#[must_use]
pub fn off(env: &Env<'_>, name: &str) -> bool {
    env.dialect.is_mysql()
        && system(env, name, false)
            .is_some_and(|v| matches!(v.to_uppercase().as_str(), "0" | "OFF" | "FALSE"))
}

/// All of them, for SHOW VARIABLES and SHOW ALL.
#[must_use]
pub fn all(env: &Env<'_>, global: bool) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = table(env.dialect)
        .iter()
        .filter(|v| v.0 != "tx_isolation")
        .map(|v| (v.0.to_string(), system(env, v.0, global).unwrap_or_default()))
        .collect();
    out.arrange();
    out
}
