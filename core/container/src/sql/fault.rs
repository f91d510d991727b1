//! What goes wrong, in the words of MySQL 8 (`ERROR 1146 (42S02)`) and PostgreSQL 17 (SQLSTATE, place,
//! detail, hint).

use super::Dialect;

/// An error as clients print it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fault {
    /// MySQL's number; 0 in PostgreSQL.
    pub code: u16,
    pub state: String,
    pub text: String,
    /// Byte of the source it is about.
    pub at: Option<usize>,
    pub detail: String,
    pub hint: String,
}

impl Fault {
    #[must_use]
    pub fn at(self, at: usize) -> Fault {
        Fault { at: Some(at), ..self }
    }
    #[must_use]
    pub fn detail(self, detail: String) -> Fault {
        Fault { detail, ..self }
    }
    #[must_use]
    pub fn hint(self, hint: &str) -> Fault {
        Fault { hint: hint.into(), ..self }
    }
}

/// SQLSTATE of MySQL's errors; others are HY000.
const STATES: &[(u16, &str)] = &[
    (1044, "42000"),
    (1045, "28000"),
    (1046, "3D000"),
    (1048, "23000"),
    (1049, "42000"),
    (1050, "42S01"),
    (1051, "42S02"),
    (1052, "23000"),
    (1054, "42S22"),
    (1055, "42000"),
    (1060, "42S21"),
    (1061, "42000"),
    (1062, "23000"),
    (1064, "42000"),
    (1065, "42000"),
    (1066, "42000"),
    (1068, "42000"),
    (1072, "42000"),
    (1075, "42000"),
    (1091, "42000"),
    (1101, "42000"),
    (1102, "42000"),
    (1103, "42000"),
    (1104, "42000"),
    (1111, "HY000"),
    (1136, "21S01"),
    (1140, "42000"),
    (1142, "42000"),
    (1146, "42S02"),
    (1222, "21000"),
    (1227, "42000"),
    (1235, "42000"),
    (1241, "21000"),
    (1242, "21000"),
    (1264, "22003"),
    (1265, "01000"),
    (1292, "22007"),
    (1305, "42000"),
    (1365, "22012"),
    (1406, "22001"),
    (1410, "42000"),
    (1451, "23000"),
    (1452, "23000"),
    (1582, "42000"),
    (1690, "22003"),
];

/// An error of MySQL or MariaDB.
#[must_use]
pub fn mysql(code: u16, text: &str) -> Fault {
    let state = STATES.iter().find(|s| s.0 == code).map_or("HY000", |s| s.1);
    Fault { code, state: state.into(), text: text.into(), ..Fault::default() }
}

/// An error of PostgreSQL.
#[must_use]
pub fn postgres(state: &str, text: &str) -> Fault {
    Fault { state: state.into(), text: text.into(), ..Fault::default() }
}

fn either(dialect: Dialect, code: u16, text: &str, state: &str, other: &str) -> Fault {
    if dialect.is_mysql() { mysql(code, text) } else { postgres(state, other) }
}

/// `near` is PostgreSQL's word; "" for the end of input.
#[must_use]
pub fn syntax(dialect: Dialect, source: &str, at: usize, near: &str) -> Fault {
    if !dialect.is_mysql() {
        let text = match near {
            "" => "syntax error at end of input".into(),
            near => format!("syntax error at or near \"{near}\""),
        };
        return postgres("42601", &text).at(at);
    }
    let rest: String = source.get(at..).unwrap_or("").chars().take(80).collect();
    let line = source.get(..at).unwrap_or("").matches('\n').count() + 1;
    let product = if dialect == Dialect::Mariadb { "MariaDB" } else { "MySQL" };
    mysql(
        1064,
        &format!(
            "You have an error in your SQL syntax; check the manual that corresponds to your {product} server version for the right syntax to use near '{rest}' at line {line}"
        ),
    )
}

/// Something the real server has and the simulated one does not.
#[must_use]
pub fn unsupported(dialect: Dialect, what: &str) -> Fault {
    either(
        dialect,
        1235,
        &format!("This version of MySQL doesn't yet support '{what}'"),
        "0A000",
        &format!("{what} is not supported by the sandbox"),
    )
}

#[must_use]
pub fn no_table(dialect: Dialect, database: &str, name: &str, at: usize) -> Fault {
    either(
        dialect,
        1146,
        &format!("Table '{database}.{name}' doesn't exist"),
        "42P01",
        &format!("relation \"{name}\" does not exist"),
    )
    .at(at)
}

/// `clause` as MySQL names it: `field list`, `where clause`.
#[must_use]
pub fn no_column(dialect: Dialect, name: &str, clause: &str, at: usize) -> Fault {
    let quoted = match name.split_once('.') {
        Some(_) => name.to_string(),
        None => format!("\"{name}\""),
    };
    either(
        dialect,
        1054,
        &format!("Unknown column '{name}' in '{clause}'"),
        "42703",
        &format!("column {quoted} does not exist"),
    )
    .at(at)
}

#[must_use]
pub fn ambiguous(dialect: Dialect, name: &str, clause: &str, at: usize) -> Fault {
    either(
        dialect,
        1052,
        &format!("Column '{name}' in {clause} is ambiguous"),
        "42702",
        &format!("column reference \"{name}\" is ambiguous"),
    )
    .at(at)
}

#[must_use]
pub fn no_database(dialect: Dialect, name: &str) -> Fault {
    either(
        dialect,
        1049,
        &format!("Unknown database '{name}'"),
        "3D000",
        &format!("database \"{name}\" does not exist"),
    )
}

#[must_use]
pub fn division(dialect: Dialect) -> Fault {
    either(dialect, 1365, "Division by 0", "22012", "division by zero")
}

#[must_use]
pub fn out_of_range(dialect: Dialect, expression: &str) -> Fault {
    either(
        dialect,
        1690,
        &format!("BIGINT value is out of range in '{expression}'"),
        "22003",
        "bigint out of range",
    )
}

#[must_use]
pub fn too_much(dialect: Dialect) -> Fault {
    either(
        dialect,
        1104,
        "The SELECT would examine more than MAX_JOIN_SIZE rows; check your WHERE and use SET SQL_BIG_SELECTS=1 or SET MAX_JOIN_SIZE=# if the SELECT is okay",
        "54000",
        "the sandbox's limit of rows is exceeded",
    )
}
