//! Values of a row: how they compare, which text they are, what text and numbers they come from.
//!
//! Left out: BIGINT UNSIGNED beyond 63 bits, geometry, arrays, time zones other than UTC.

use super::Dialect;
use super::decimal::Decimal;
use drydock_machinery::time::Timestamp;
use std::cmp::Ordering;
use std::sync::Arc;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Datum {
    Null,
    /// PostgreSQL's boolean; MySQL has numbers for it.
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    /// The bits of a double.
    Float(u64),
    Text(Arc<str>),
    /// Days since 1970-01-01.
    Date(i64),
    /// Microseconds of the day, or a duration in MySQL.
    Time(i64),
    /// Microseconds since 1970-01-01; `digits` of a second are shown by MySQL.
    Stamp {
        micros: i64,
        zone: bool,
        digits: u8,
    },
    /// PostgreSQL's interval, and MySQL's `INTERVAL n unit`.
    Interval {
        months: i64,
        micros: i64,
    },
}

pub const SECOND: i64 = 1_000_000;
pub const DAY: i64 = 86_400 * SECOND;

/// A row as tables keep it.
pub type Row = Arc<[Datum]>;

/// Text that compares as the dialect's default collation does: MySQL's ignores case.
#[must_use]
pub fn folded(dialect: Dialect, text: &str) -> String {
    if dialect.is_mysql() { text.trim_end().to_lowercase() } else { text.to_string() }
}

/// A key for sorting as `en_US.utf8` does: letters and digits first, then case, then the rest.
fn collation_key(text: &str) -> (String, String) {
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    // Lower case sorts before upper case of the same letter.
    let swapped = text.chars().map(|c| match c {
        c if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
        c => c.to_ascii_lowercase(),
    });
    (letters.to_lowercase(), swapped.collect())
}

impl Datum {
    #[must_use]
    pub fn text(text: &str) -> Datum {
        Datum::Text(text.into())
    }
    #[must_use]
    pub fn float(f: f64) -> Datum {
        Datum::Float(f.to_bits())
    }
    /// A truth value in the dialect's own type.
    #[must_use]
    pub fn truth(dialect: Dialect, value: bool) -> Datum {
        if dialect.is_mysql() { Datum::Int(value.into()) } else { Datum::Bool(value) }
    }
    #[must_use]
    pub fn is_null(&self) -> bool {
        *self == Datum::Null
    }
    /// True, false or unknown.
    #[must_use]
    pub fn as_truth(&self) -> Option<bool> {
        match self {
            Datum::Null => None,
            Datum::Bool(b) => Some(*b),
            other => Some(other.as_float() != 0.0),
        }
    }
    /// As a number, as MySQL takes one from the beginning of a text.
    #[must_use]
    pub fn as_float(&self) -> f64 {
        match self {
            Datum::Null => 0.0,
            Datum::Bool(b) => f64::from(u8::from(*b)),
            Datum::Int(n) => *n as f64,
            Datum::Decimal(d) => d.float(),
            Datum::Float(bits) => f64::from_bits(*bits),
            Datum::Text(t) => leading_number(t).parse().unwrap_or(0.0),
            Datum::Date(_) | Datum::Time(_) | Datum::Stamp { .. } => {
                let digits: String =
                    self.shown(Dialect::Mysql).chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
                digits.parse().unwrap_or(0.0)
            }
            Datum::Interval { micros, .. } => *micros as f64 / SECOND as f64,
        }
    }
    /// As a whole number; none if it does not fit.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Datum::Int(n) => Some(*n),
            Datum::Bool(b) => Some((*b).into()),
            Datum::Decimal(d) => d.whole(),
            Datum::Null => None,
            other => {
                let f = other.as_float().round();
                (f.abs() < 9.2e18).then_some(f as i64)
            }
        }
    }
    /// As an exact number, if it is one or reads as one.
    #[must_use]
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Datum::Int(n) => Some(Decimal::of(*n)),
            Datum::Bool(b) => Some(Decimal::of((*b).into())),
            Datum::Decimal(d) => Some(*d),
            Datum::Text(t) => Decimal::parse(t),
            Datum::Float(bits) => Decimal::parse(&format!("{}", f64::from_bits(*bits))),
            _ => None,
        }
    }
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Datum::Int(_) | Datum::Decimal(_) | Datum::Float(_))
    }
    /// The point in time it is or says.
    #[must_use]
    pub fn as_micros(&self) -> Option<i64> {
        match self {
            Datum::Date(days) => Some(days * DAY),
            Datum::Stamp { micros, .. } => Some(*micros),
            Datum::Text(t) => parse_stamp(t),
            Datum::Int(n) => parse_stamp(&n.to_string()),
            _ => None,
        }
    }
    /// The text a client is sent.
    #[must_use]
    pub fn shown(&self, dialect: Dialect) -> String {
        match self {
            Datum::Null => "NULL".into(),
            Datum::Bool(b) => if *b { "t" } else { "f" }.into(),
            Datum::Int(n) => n.to_string(),
            Datum::Decimal(d) => d.to_string(),
            Datum::Float(bits) => float_text(dialect, f64::from_bits(*bits)),
            Datum::Text(t) => t.to_string(),
            Datum::Date(days) => date_text(*days),
            Datum::Time(micros) => time_text(*micros, fraction_digits(*micros)),
            Datum::Stamp { micros, zone, digits } => {
                let digits = if dialect.is_mysql() { *digits } else { fraction_digits(*micros) };
                let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
                let zone = if *zone && !dialect.is_mysql() { "+00" } else { "" };
                format!("{} {}{zone}", date_text(days), time_text(rest, digits))
            }
            Datum::Interval { months, micros } => interval_text(*months, *micros),
        }
    }
    /// Compares two values of like kinds; none if either is null.
    #[must_use]
    pub fn compare(&self, other: &Datum, dialect: Dialect) -> Option<Ordering> {
        use Datum::{Bool, Date, Decimal, Int, Interval, Null, Stamp, Text, Time};
        Some(match (self, other) {
            (Null, _) | (_, Null) => return None,
            (Bool(a), Bool(b)) => a.cmp(b),
            (Int(a), Int(b)) => a.cmp(b),
            (Int(_) | Decimal(_), Int(_) | Decimal(_)) => {
                self.as_decimal().zip(other.as_decimal()).map(|(a, b)| a.compare(b))?
            }
            (Text(a), Text(b)) if dialect.is_mysql() => folded(dialect, a).cmp(&folded(dialect, b)),
            (Text(a), Text(b)) => match a == b {
                true => Ordering::Equal,
                false => collation_key(a).cmp(&collation_key(b)).then_with(|| a.cmp(b)),
            },
            (Date(_) | Stamp { .. }, Date(_) | Stamp { .. } | Text(_))
            | (Text(_), Date(_) | Stamp { .. }) => match (self.as_micros(), other.as_micros()) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => self.shown(dialect).cmp(&other.shown(dialect)),
            },
            (Time(a), Time(b)) => a.cmp(b),
            (Time(_), Text(_)) | (Text(_), Time(_)) => self.shown(dialect).cmp(&other.shown(dialect)),
            (Interval { months, micros }, Interval { months: m, micros: u }) => {
                (months * 30 * DAY + micros).cmp(&(m * 30 * DAY + u))
            }
            (Bool(b), Text(t)) => b.cmp(&parse_bool(t)?),
            (Text(t), Bool(b)) => parse_bool(t)?.cmp(b),
            _ => self.as_float().total_cmp(&other.as_float()),
        })
    }
    /// As [`Datum::compare`], for sorting: nulls are least in MySQL and greatest in PostgreSQL.
    #[must_use]
    pub fn order(&self, other: &Datum, dialect: Dialect) -> Ordering {
        let null = |d: &Datum| d.is_null() != dialect.is_mysql();
        match (self.is_null(), other.is_null()) {
            (false, false) => self.compare(other, dialect).unwrap_or(Ordering::Equal),
            _ => null(self).cmp(&null(other)),
        }
    }
}

/// What of a text MySQL takes as a number.
#[must_use]
pub fn leading_number(text: &str) -> &str {
    let text = text.trim_start();
    let mut seen = (false, false);
    let end = text
        .char_indices()
        .find(|(at, c)| match c {
            '-' | '+' => *at != 0 && !text.get(..*at).is_some_and(|t| t.ends_with(['e', 'E'])),
            '.' => std::mem::replace(&mut seen.0, true),
            'e' | 'E' => *at == 0 || std::mem::replace(&mut seen.1, true),
            c => !c.is_ascii_digit(),
        })
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or("").trim_end_matches(['e', 'E'])
}

#[must_use]
pub fn parse_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "yes" | "y" | "on" | "1" => Some(true),
        "f" | "false" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn float_text(dialect: Dialect, f: f64) -> String {
    if f.is_nan() {
        return "NaN".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    if f == 0.0 || (1e-4..1e15).contains(&f.abs()) {
        return format!("{f}");
    }
    let text = format!("{f:e}");
    // 1e+20 in PostgreSQL, 1e20 in MySQL.
    match text.split_once('e') {
        Some((m, e)) if !dialect.is_mysql() => match e.strip_prefix('-') {
            Some(e) => format!("{m}e-{e:0>2}"),
            None => format!("{m}e+{e:0>2}"),
        },
        _ => text,
    }
}

#[must_use]
pub fn date_text(days: i64) -> String {
    let c = Timestamp(days.saturating_mul(86_400)).civil();
    format!("{:04}-{:02}-{:02}", c.year, c.month, c.day)
}

fn fraction_digits(micros: i64) -> u8 {
    let mut rest = micros.rem_euclid(SECOND);
    let mut digits = 6;
    while digits > 0 && rest % 10 == 0 {
        rest /= 10;
        digits -= 1;
    }
    digits
}

fn time_text(micros: i64, digits: u8) -> String {
    let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.abs());
    let (seconds, rest) = (micros / SECOND, micros % SECOND);
    let fraction = match digits {
        0 => String::new(),
        n => format!(".{}", format!("{rest:06}").get(..usize::from(n.min(6))).unwrap_or("")),
    };
    format!("{sign}{:02}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn interval_text(months: i64, micros: i64) -> String {
    let (days, rest) = (micros / DAY, micros % DAY);
    let plural =
        |n: i64, unit: &str| (n != 0).then(|| format!("{n} {unit}{}", if n == 1 { "" } else { "s" }));
    let mut parts: Vec<String> =
        [plural(months / 12, "year"), plural(months % 12, "mon"), plural(days, "day")]
            .into_iter()
            .flatten()
            .collect();
    if rest != 0 || parts.is_empty() {
        parts.push(time_text(rest, fraction_digits(rest)));
    }
    parts.join(" ")
}

/// Reads `HH:MM[:SS[.fraction]]`.
#[must_use]
pub fn parse_time(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |t| (-1, t));
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':').map(|p| p.parse::<i64>().ok().filter(|n| *n >= 0));
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || minutes > 59 || seconds > 59 || hours > 838 {
        return None;
    }
    let micros: i64 = match fraction {
        "" => 0,
        f => format!("{:0<6}", f.get(..f.len().min(6))?).parse().ok()?,
    };
    Some(sign * ((hours * 3600 + minutes * 60 + seconds) * SECOND + micros))
}

/// Reads a date, with or without a time: `2024-01-02 03:04:05.6+00`, `2024-01-02T03:04:05Z`, `20240102`.
#[must_use]
pub fn parse_stamp(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let time = time.trim().trim_end_matches('Z').trim_end_matches("+00:00").trim_end_matches("+00");
    let digits = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = match digits {
        true => vec![date.get(..4)?, date.get(4..6)?, date.get(6..)?],
        false => date.split(['-', '/']).collect(),
    };
    let [year, month, day] = *parts else { return None };
    let full = format!("{year:0>4}-{month:0>2}-{day:0>2}T00:00:00Z");
    let days = Timestamp::parse(&full)?.0;
    let of_day = if time.is_empty() { 0 } else { parse_time(time).filter(|t| (0..DAY).contains(t))? };
    Some(days * SECOND + of_day)
}

/// Adds months as calendars do: the last day of the month at most.
#[must_use]
pub fn add_months(micros: i64, months: i64) -> i64 {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let c = Timestamp(days * 86_400).civil();
    let all = c.year.saturating_mul(12) + i64::from(c.month) - 1 + months.clamp(-120_000, 120_000);
    let (year, month) = (all.div_euclid(12), all.rem_euclid(12) as u32 + 1);
    let first = Timestamp::from_civil(year, month, 1, 0, 0, 0).0 / 86_400;
    let next = Timestamp::from_civil(year + i64::from(month == 12), month % 12 + 1, 1, 0, 0, 0).0 / 86_400;
    let day = (first + i64::from(c.day) - 1).min(next - 1);
    day * DAY + rest
}
