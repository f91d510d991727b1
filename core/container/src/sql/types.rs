//! Column types of both dialects: how they are written, printed by DESCRIBE and `\d`, and what values
//! they take.

use super::Dialect;
use super::datum::{DAY, Datum, SECOND, parse_bool, parse_stamp, parse_time};
use super::decimal::Decimal;
use super::fault::{self, Fault};
use std::sync::Arc;

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    Bool,
    /// Bytes; MySQL's `unsigned` and display width of tinyint(1).
    Int {
        bytes: u8,
        unsigned: bool,
        narrow: bool,
    },
    Decimal(Option<(u8, u8)>),
    Float,
    Double,
    Char(u32),
    Varchar(Option<u32>),
    /// text, mediumtext, blob, bytea, …
    Text(&'static str),
    Date,
    Time,
    /// MySQL's datetime is `datetime`; its timestamp and PostgreSQL's two are not.
    Stamp {
        zone: bool,
        datetime: bool,
        digits: u8,
    },
    Year,
    Enum(Vec<Arc<str>>),
    /// json or jsonb.
    Json(&'static str),
    Uuid,
    Interval,
}

pub const INT: Type = Type::Int { bytes: 4, unsigned: false, narrow: false };
pub const BIGINT: Type = Type::Int { bytes: 8, unsigned: false, narrow: false };
pub const TEXT: Type = Type::Text("text");

/// Names that are no more than a name: MySQL's and PostgreSQL's.
const PLAIN: &[(&str, Type)] = &[
    ("text", TEXT),
    ("tinytext", Type::Text("tinytext")),
    ("mediumtext", Type::Text("mediumtext")),
    ("longtext", Type::Text("longtext")),
    ("blob", Type::Text("blob")),
    ("mediumblob", Type::Text("mediumblob")),
    ("longblob", Type::Text("longblob")),
    ("tinyblob", Type::Text("tinyblob")),
    ("bytea", Type::Text("bytea")),
    ("inet", Type::Text("inet")),
    ("citext", Type::Text("citext")),
    ("name", Type::Text("name")),
    ("bool", Type::Bool),
    ("boolean", Type::Bool),
    ("date", Type::Date),
    ("year", Type::Year),
    ("json", Type::Json("json")),
    ("jsonb", Type::Json("jsonb")),
    ("uuid", Type::Uuid),
    ("interval", Type::Interval),
    ("real", Type::Float),
    ("float4", Type::Float),
    ("double", Type::Double),
    ("float8", Type::Double),
    ("int", INT),
    ("integer", INT),
    ("int4", INT),
    ("bigint", BIGINT),
    ("int8", BIGINT),
    ("serial", INT),
    ("serial4", INT),
    ("bigserial", BIGINT),
    ("serial8", BIGINT),
    ("smallint", Type::Int { bytes: 2, unsigned: false, narrow: false }),
    ("int2", Type::Int { bytes: 2, unsigned: false, narrow: false }),
    ("smallserial", Type::Int { bytes: 2, unsigned: false, narrow: false }),
    ("mediumint", Type::Int { bytes: 3, unsigned: false, narrow: false }),
    ("tinyint", Type::Int { bytes: 1, unsigned: false, narrow: false }),
];

impl Type {
    /// The type of a name and its numbers in parentheses; `words` are what may follow the name.
    #[must_use]
    pub fn named(dialect: Dialect, name: &str, numbers: &[u32]) -> Option<Type> {
        let first = numbers.first().copied();
        let digits = first.unwrap_or(0).min(6) as u8;
        let mysql = dialect.is_mysql();
        Some(match name {
            "bool" | "boolean" if mysql => Type::Int { bytes: 1, unsigned: false, narrow: true },
            "tinyint" if first == Some(1) => Type::Int { bytes: 1, unsigned: false, narrow: true },
            "real" if mysql => Type::Double,
            "float" if mysql => Type::Float,
            "float" => {
                if first.unwrap_or(53) <= 24 {
                    Type::Float
                } else {
                    Type::Double
                }
            }
            "decimal" | "numeric" | "dec" => match (first, mysql) {
                (None, true) => Type::Decimal(Some((10, 0))),
                (None, false) => Type::Decimal(None),
                (Some(p), _) => {
                    Type::Decimal(Some((p.min(65) as u8, numbers.get(1).copied().unwrap_or(0).min(30) as u8)))
                }
            },
            "char" | "character" | "bpchar" => Type::Char(first.unwrap_or(1)),
            "varchar" | "varying" => Type::Varchar(first),
            "binary" | "varbinary" if mysql => Type::Varchar(first),
            "time" => Type::Time,
            "datetime" if mysql => Type::Stamp { zone: false, datetime: true, digits },
            "timestamp" => Type::Stamp { zone: false, datetime: false, digits },
            "timestamptz" => Type::Stamp { zone: true, datetime: false, digits },
            name => PLAIN.iter().find(|p| p.0 == name)?.1.clone(),
        })
    }
    /// As DESCRIBE, SHOW CREATE TABLE and `\d` print it.
    #[must_use]
    pub fn shown(&self, dialect: Dialect) -> String {
        let mysql = dialect.is_mysql();
        let pick = |a: &str, b: &str| if mysql { a } else { b }.to_string();
        match self {
            Type::Bool => pick("tinyint(1)", "boolean"),
            Type::Int { bytes, unsigned, narrow } => {
                let (name, width) = match (bytes, mysql) {
                    (1, _) => ("tinyint", 4),
                    (2, _) => ("smallint", 6),
                    (3, _) => ("mediumint", 9),
                    (8, _) => ("bigint", 20),
                    (_, true) => ("int", 11),
                    _ => ("integer", 0),
                };
                let sign = if *unsigned { " unsigned" } else { "" };
                let less = u8::from(*unsigned && *bytes != 8);
                match (*narrow, dialect) {
                    (true, _) => format!("{name}(1){sign}"),
                    // MariaDB still has display widths.
                    (_, Dialect::Mariadb) => format!("{name}({}){sign}", width - less),
                    _ => format!("{name}{sign}"),
                }
            }
            Type::Decimal(None) => pick("decimal(10,0)", "numeric"),
            Type::Decimal(Some((p, s))) => format!("{}({p},{s})", pick("decimal", "numeric")),
            Type::Float => pick("float", "real"),
            Type::Double => pick("double", "double precision"),
            Type::Char(n) => format!("{}({n})", pick("char", "character")),
            Type::Varchar(Some(n)) => format!("{}({n})", pick("varchar", "character varying")),
            Type::Varchar(None) => pick("varchar(255)", "character varying"),
            Type::Text(name) | Type::Json(name) => (*name).into(),
            Type::Date => "date".into(),
            Type::Time => pick("time", "time without time zone"),
            Type::Stamp { zone, datetime, digits } => {
                let name = if *datetime { "datetime" } else { "timestamp" };
                let digits = if *digits > 0 { format!("({digits})") } else { String::new() };
                let zone = match (mysql, zone) {
                    (true, _) => "",
                    (_, true) => " with time zone",
                    _ => " without time zone",
                };
                format!("{name}{digits}{zone}")
            }
            Type::Year => pick("year", "integer"),
            Type::Enum(names) => {
                let list: Vec<String> = names.iter().map(|n| format!("'{n}'")).collect();
                format!("enum({})", list.join(","))
            }
            Type::Uuid => "uuid".into(),
            Type::Interval => "interval".into(),
        }
    }
    /// Whether clients align its values to the right.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Type::Int { .. } | Type::Decimal(_) | Type::Float | Type::Double | Type::Year)
    }
    /// The type an expression's value shows.
    #[must_use]
    pub fn of(value: &Datum) -> Type {
        match value {
            Datum::Bool(_) => Type::Bool,
            Datum::Int(n) if i32::try_from(*n).is_ok() => INT,
            Datum::Int(_) => BIGINT,
            Datum::Decimal(_) => Type::Decimal(None),
            Datum::Float(_) => Type::Double,
            Datum::Date(_) => Type::Date,
            Datum::Time(_) => Type::Time,
            Datum::Stamp { zone, digits, .. } => Type::Stamp { zone: *zone, datetime: true, digits: *digits },
            Datum::Interval { .. } => Type::Interval,
            Datum::Null | Datum::Text(_) => TEXT,
        }
    }
    /// A value as this type keeps it. `column` is for the words of errors.
    ///
    /// # Errors
    /// Of what does not fit (1264, 1366, 1406, 1292; 22P02, 22001, 22003).
    pub fn take(&self, dialect: Dialect, value: Datum, column: &str, row: usize) -> Result<Datum, Fault> {
        if value.is_null() {
            return Ok(value);
        }
        let mysql = dialect.is_mysql();
        let shown = value.shown(dialect);
        let bad = |kind: &str| match (mysql, kind) {
            (true, "date" | "datetime" | "time") => fault::mysql(
                1292,
                &format!("Incorrect {kind} value: '{shown}' for column '{column}' at row {row}"),
            ),
            (true, kind) => fault::mysql(
                1366,
                &format!("Incorrect {kind} value: '{shown}' for column '{column}' at row {row}"),
            ),
            (false, "date" | "datetime" | "time") => fault::postgres(
                "22007",
                &format!(
                    "invalid input syntax for type {}: \"{shown}\"",
                    self.shown(dialect).split(" with").next().unwrap_or("")
                ),
            ),
            (false, _) => fault::postgres(
                "22P02",
                &format!(
                    "invalid input syntax for type {}: \"{shown}\"",
                    self.shown(dialect).split('(').next().unwrap_or("")
                ),
            ),
        };
        let range = || match mysql {
            true => fault::mysql(1264, &format!("Out of range value for column '{column}' at row {row}")),
            false => fault::postgres("22003", &format!("{} out of range", self.shown(dialect))),
        };
        let number = |kind: &str| -> Result<Decimal, Fault> {
            match &value {
                Datum::Text(t) => match t.trim().parse::<f64>() {
                    Ok(f) => {
                        Decimal::parse(t).or_else(|| Decimal::parse(&format!("{f:.6}"))).ok_or_else(range)
                    }
                    Err(_) => Err(bad(kind)),
                },
                other => other.as_decimal().ok_or_else(|| bad(kind)),
            }
        };
        Ok(match self {
            Type::Bool => match &value {
                Datum::Text(t) => Datum::Bool(parse_bool(t).ok_or_else(|| bad("boolean"))?),
                Datum::Bool(_) | Datum::Int(_) => Datum::Bool(value.as_truth().unwrap_or(false)),
                _ => return Err(bad("boolean")),
            },
            Type::Int { bytes, unsigned, .. } => {
                if matches!(&value, Datum::Text(t) if !mysql && t.trim().parse::<i64>().is_err() && number("integer")?.scale > 0)
                {
                    return Err(bad("integer"));
                }
                let n = number("integer")?.whole().ok_or_else(range)?;
                let bits = u32::from(*bytes) * 8 - u32::from(!*unsigned);
                let (low, high) = match (unsigned, bits) {
                    (true, _) => {
                        (0, 1i64.checked_shl(bits).filter(|_| bits < 63).map_or(i64::MAX, |m| m - 1))
                    }
                    (false, 63) => (i64::MIN, i64::MAX),
                    (false, _) => (-(1i64 << bits), (1i64 << bits) - 1),
                };
                if !(low..=high).contains(&n) {
                    return Err(range());
                }
                Datum::Int(n)
            }
            Type::Decimal(size) => {
                let d = number("decimal")?;
                let Some((precision, scale)) = size else { return Ok(Datum::Decimal(d)) };
                let d = d.rescale(*scale).ok_or_else(range)?;
                let digits = d.mantissa.unsigned_abs().to_string().len();
                if digits > usize::from(*precision) {
                    return Err(match mysql {
                        true => range(),
                        false => fault::postgres("22003", "numeric field overflow").detail(format!(
                            "A field with precision {precision}, scale {scale} must round to an absolute value less than 10^{}.",
                            precision.saturating_sub(*scale)
                        )),
                    });
                }
                Datum::Decimal(d)
            }
            Type::Float => Datum::float(
                f64::from(self.real(&value, &bad)? as f32).to_string().parse::<f64>().map_or(0.0, |f| {
                    // The shortest text of the narrow number is what is kept.
                    format!("{}", f as f32).parse().unwrap_or(f)
                }),
            ),
            Type::Double => Datum::float(self.real(&value, &bad)?),
            Type::Char(_) | Type::Varchar(_) | Type::Text(_) => {
                let text = match &value {
                    Datum::Bool(b) if !mysql => b.to_string(),
                    _ => shown.clone(),
                };
                let limit = match self {
                    Type::Char(n) | Type::Varchar(Some(n)) => Some(*n as usize),
                    Type::Text("tinytext" | "tinyblob") => Some(255),
                    Type::Text("text" | "blob") if mysql => Some(65_535),
                    _ => None,
                };
                let trimmed = text.trim_end_matches(' ');
                match limit {
                    Some(limit) if trimmed.chars().count() > limit => {
                        return Err(match mysql {
                            true => fault::mysql(
                                1406,
                                &format!("Data too long for column '{column}' at row {row}"),
                            ),
                            false => fault::postgres(
                                "22001",
                                &format!("value too long for type {}", self.shown(dialect)),
                            ),
                        });
                    }
                    Some(limit) => Datum::text(&text.chars().take(limit).collect::<String>()),
                    None => Datum::text(&text),
                }
            }
            Type::Date => {
                let micros = match &value {
                    Datum::Text(t) if t.eq_ignore_ascii_case("today") => None,
                    other => other.as_micros(),
                };
                Datum::Date(micros.ok_or_else(|| bad("date"))?.div_euclid(DAY))
            }
            Type::Time => match &value {
                Datum::Time(_) => value,
                Datum::Stamp { micros, .. } => Datum::Time(micros.rem_euclid(DAY)),
                other => Datum::Time(parse_time(&other.shown(dialect)).ok_or_else(|| bad("time"))?),
            },
            Type::Stamp { zone, digits, .. } => {
                let micros = match &value {
                    Datum::Text(t) => parse_stamp(t),
                    other => other.as_micros(),
                };
                let micros = micros.ok_or_else(|| bad("datetime"))?;
                let unit = if mysql { 10i64.pow(6 - u32::from(*digits)) } else { 1 };
                Datum::Stamp {
                    micros: (micros + unit / 2).div_euclid(unit) * unit,
                    zone: *zone,
                    digits: *digits,
                }
            }
            Type::Year => Datum::Int(
                number("integer")?
                    .whole()
                    .filter(|y| *y == 0 || (1901..=2155).contains(y))
                    .ok_or_else(range)?,
            ),
            Type::Enum(names) => match names.iter().find(|n| n.eq_ignore_ascii_case(&shown)) {
                Some(name) => Datum::Text(name.clone()),
                None if mysql => {
                    return Err(fault::mysql(
                        1265,
                        &format!("Data truncated for column '{column}' at row {row}"),
                    ));
                }
                None => {
                    return Err(fault::postgres(
                        "22P02",
                        &format!("invalid input value for enum: \"{shown}\""),
                    ));
                }
            },
            Type::Json(_) => match drydock_machinery::json::parse(shown.as_bytes()) {
                Ok(_) => Datum::text(&shown),
                Err(_) if mysql => {
                    return Err(fault::mysql(
                        3140,
                        &format!(
                            "Invalid JSON text: \"Invalid value.\" at position 0 in value for column '{column}'."
                        ),
                    ));
                }
                Err(_) => {
                    return Err(fault::postgres("22P02", "invalid input syntax for type json").detail(
                        format!("Token \"{}\" is invalid.", shown.split_whitespace().next().unwrap_or("")),
                    ));
                }
            },
            Type::Uuid => {
                let plain: String = shown.to_ascii_lowercase().chars().filter(|c| *c != '-').collect();
                let hex = plain.len() == 32 && plain.bytes().all(|b| b.is_ascii_hexdigit());
                let part = |a: usize, b: usize| plain.get(a..b).unwrap_or("");
                if !hex {
                    return Err(bad("uuid"));
                }
                Datum::text(&[part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"))
            }
            Type::Interval => match &value {
                Datum::Interval { .. } => value,
                other => parse_interval(&other.shown(dialect)).ok_or_else(|| bad("interval"))?,
            },
        })
    }
    fn real(&self, value: &Datum, bad: &dyn Fn(&str) -> Fault) -> Result<f64, Fault> {
        match value {
            Datum::Text(t) => t.trim().parse().map_err(|_| bad("double")),
            other => Ok(other.as_float()),
        }
    }
}

/// `1 day`, `2 hours 30 minutes`, `1 mon`, `01:30:00`.
#[must_use]
pub fn parse_interval(text: &str) -> Option<Datum> {
    let (mut months, mut micros) = (0i64, 0i64);
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if let Some(time) = word.contains(':').then(|| parse_time(word)) {
            micros += time?;
            continue;
        }
        let split = word.find(|c: char| c.is_alphabetic()).unwrap_or(word.len());
        let (number, glued) = word.split_at_checked(split)?;
        let number: f64 = number.parse().ok().filter(|n: &f64| n.abs() < 1e9)?;
        let unit = if glued.is_empty() { words.next()? } else { glued };
        match unit_of(unit)? {
            (true, m) => months += (number * m as f64) as i64,
            (false, u) => micros = micros.checked_add((number * u as f64) as i64)?,
        }
    }
    Some(Datum::Interval { months, micros })
}

/// Months (true) or microseconds (false) of a unit's name.
#[must_use]
pub fn unit_of(unit: &str) -> Option<(bool, i64)> {
    let unit = unit.to_ascii_lowercase();
    Some(match unit.trim_end_matches('s') {
        "year" | "y" => (true, 12),
        "quarter" => (true, 3),
        "month" | "mon" => (true, 1),
        "week" | "w" => (false, 7 * DAY),
        "day" | "d" => (false, DAY),
        "hour" | "h" => (false, 3600 * SECOND),
        "minute" | "min" | "m" => (false, 60 * SECOND),
        "second" | "sec" | "" => (false, SECOND),
        "millisecond" => (false, 1000),
        "microsecond" => (false, 1),
        _ => return None,
    })
}
