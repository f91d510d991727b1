//! Functions of dates and times; formats of DATE_FORMAT and to_char.

use super::datum::{DAY, Datum, SECOND, add_months, parse_stamp};
use super::eval::{Env, text_of};
use super::fault::{self, Fault};
use drydock_machinery::time::{Civil, Timestamp};

fn civil(micros: i64) -> Civil {
    Timestamp(micros.div_euclid(SECOND)).civil()
}
fn day_of_year(micros: i64) -> i64 {
    let c = civil(micros);
    micros.div_euclid(DAY) - Timestamp::from_civil(c.year, 1, 1, 0, 0, 0).0 / 86_400 + 1
}

/// A part by its name; seconds with their fraction in PostgreSQL.
fn part(name: &str, micros: i64) -> Option<f64> {
    let c = civil(micros);
    let fraction = micros.rem_euclid(SECOND) as f64 / SECOND as f64;
    Some(match name.to_ascii_lowercase().as_str() {
        "year" => c.year as f64,
        "quarter" => f64::from(c.month.div_ceil(3)),
        "month" => f64::from(c.month),
        "week" => ((day_of_year(micros) + 6 - i64::from((c.weekday + 6) % 7)) / 7) as f64,
        "day" => f64::from(c.day),
        "hour" => f64::from(c.hour),
        "minute" => f64::from(c.minute),
        "second" => f64::from(c.second) + fraction,
        "dow" => f64::from(c.weekday),
        "isodow" => f64::from((c.weekday + 6) % 7 + 1),
        "doy" => day_of_year(micros) as f64,
        "epoch" => micros as f64 / SECOND as f64,
        _ => return None,
    })
}

/// Calls one of these functions, if the name is one.
///
/// # Errors
/// Of what is no date in PostgreSQL.
#[allow(clippy::too_many_lines)] // one table of functions
pub fn call(env: &Env<'_>, name: &str, args: &[Datum]) -> Result<Option<Datum>, Fault> {
    let d = env.dialect;
    let mysql = d.is_mysql();
    let digits = args.first().and_then(Datum::as_int).unwrap_or(0).clamp(0, 6) as u8;
    let stamp = |micros: i64, zone: bool| Datum::Stamp { micros, zone, digits: 0 };
    let whole = env.now.div_euclid(SECOND) * SECOND;
    let text = |n: usize| args.get(n).map(|a| text_of(a, d)).unwrap_or_default();
    let constant = match name {
        "now"
        | "current_timestamp"
        | "sysdate"
        | "clock_timestamp"
        | "statement_timestamp"
        | "transaction_timestamp"
        | "localtimestamp"
        | "localtime"
        | "utc_timestamp" => Some(match mysql {
            true if digits > 0 => Datum::Stamp { micros: env.now, zone: false, digits },
            true => stamp(whole, false),
            false => stamp(env.now, name != "localtimestamp"),
        }),
        "curdate" | "current_date" | "utc_date" => Some(Datum::Date(env.now.div_euclid(DAY))),
        "curtime" | "current_time" => Some(Datum::Time(whole.rem_euclid(DAY))),
        "unix_timestamp" if args.is_empty() => Some(Datum::Int(env.now.div_euclid(SECOND))),
        _ => None,
    };
    if constant.is_some() {
        return Ok(constant);
    }
    if !matches!(
        name,
        "date"
            | "time"
            | "year"
            | "month"
            | "day"
            | "dayofmonth"
            | "hour"
            | "minute"
            | "second"
            | "dayofweek"
            | "weekday"
            | "dayofyear"
            | "dayname"
            | "monthname"
            | "date_add"
            | "adddate"
            | "date_sub"
            | "subdate"
            | "datediff"
            | "timestampdiff"
            | "date_format"
            | "unix_timestamp"
            | "from_unixtime"
            | "last_day"
            | "quarter"
            | "week"
            | "extract"
            | "date_part"
            | "date_trunc"
            | "age"
            | "to_char"
            | "to_date"
            | "to_timestamp"
            | "make_date"
            | "str_to_date"
            | "time_to_sec"
    ) {
        return Ok(None);
    }
    // Where the date stands among the arguments.
    let place = match name {
        "extract" | "date_part" | "date_trunc" | "timestampdiff" => 1,
        _ => 0,
    };
    let given = args.get(place).cloned().unwrap_or(Datum::Null);
    let micros = match &given {
        Datum::Time(t) => Some(*t),
        Datum::Interval { months, micros } => Some(months * 30 * DAY + micros),
        other => other.as_micros(),
    };
    let only_number = matches!(
        name,
        "to_char" | "from_unixtime" | "to_timestamp" | "make_date" | "to_date" | "str_to_date"
    );
    let micros = match micros {
        Some(micros) => micros,
        None if only_number => 0,
        None if mysql => return Ok(Some(Datum::Null)),
        None => {
            return Err(fault::postgres(
                "22007",
                &format!("invalid input syntax for type timestamp: \"{}\"", text(place)),
            ));
        }
    };
    let c = civil(micros);
    let int = |n: u32| Datum::Int(n.into());
    Ok(Some(match name {
        "date" => Datum::Date(micros.div_euclid(DAY)),
        "time" => Datum::Time(micros.rem_euclid(DAY)),
        "time_to_sec" => Datum::Int(micros.rem_euclid(DAY) / SECOND),
        "year" => Datum::Int(c.year),
        "month" => int(c.month),
        "day" | "dayofmonth" => int(c.day),
        "hour" => int(c.hour),
        "minute" => int(c.minute),
        "second" => int(c.second),
        "quarter" => int(c.month.div_ceil(3)),
        "week" => Datum::Int(part("week", micros).unwrap_or(0.0) as i64),
        "dayofweek" => int(c.weekday + 1),
        "weekday" => int((c.weekday + 6) % 7),
        "dayofyear" => Datum::Int(day_of_year(micros)),
        "dayname" => Datum::text(c.day()),
        "monthname" => Datum::text(c.month()),
        "date_add" | "adddate" | "date_sub" | "subdate" => {
            let by = match args.get(1) {
                Some(Datum::Int(n)) => Datum::Interval { months: 0, micros: n.saturating_mul(DAY) },
                other => other.cloned().unwrap_or(Datum::Null),
            };
            let op = if name.ends_with("add") || name == "adddate" {
                super::ast::Op::Plus
            } else {
                super::ast::Op::Minus
            };
            super::eval::binary(env, op, given, by)?
        }
        "datediff" => {
            let other = args.get(1).and_then(Datum::as_micros);
            other.map_or(Datum::Null, |o| Datum::Int(micros.div_euclid(DAY) - o.div_euclid(DAY)))
        }
        "timestampdiff" => {
            let Some(other) = args.get(2).and_then(Datum::as_micros) else { return Ok(Some(Datum::Null)) };
            match super::types::unit_of(&text(0)) {
                Some((false, unit)) => Datum::Int((other - micros) / unit),
                Some((true, months)) => {
                    let o = civil(other);
                    let mut n = (o.year - c.year) * 12 + i64::from(o.month) - i64::from(c.month);
                    if n > 0 && add_months(micros, n) > other {
                        n -= 1;
                    } else if n < 0 && add_months(micros, n) < other {
                        n += 1;
                    }
                    Datum::Int(n / months)
                }
                None => Datum::Null,
            }
        }
        "unix_timestamp" => Datum::Int(micros.div_euclid(SECOND)),
        "from_unixtime" => stamp((args.first().map_or(0.0, Datum::as_float) * SECOND as f64) as i64, false),
        "to_timestamp" if args.len() == 1 => {
            stamp((args.first().map_or(0.0, Datum::as_float) * SECOND as f64) as i64, true)
        }
        "last_day" => {
            let first = micros.div_euclid(DAY) - i64::from(c.day) + 1;
            Datum::Date(add_months(first * DAY, 1).div_euclid(DAY) - 1)
        }
        "extract" | "date_part" => match part(&text(0), micros) {
            Some(f)
                if mysql
                    || (name == "extract"
                        && f.fract() == 0.0
                        && text(0) != "second"
                        && text(0) != "epoch") =>
            {
                Datum::Int(f as i64)
            }
            Some(f) if name == "extract" => {
                Datum::Decimal(super::decimal::Decimal { mantissa: (f * 1e6).round() as i128, scale: 6 })
            }
            Some(f) => Datum::float(f),
            None => {
                return Err(fault::postgres(
                    "22023",
                    &format!("unit \"{}\" not recognized for type timestamp with time zone", text(0)),
                ));
            }
        },
        "date_trunc" => {
            let start = |month: u32| Timestamp::from_civil(c.year, month, 1, 0, 0, 0).0 * SECOND;
            let cut = match text(0).to_ascii_lowercase().as_str() {
                "year" => start(1),
                "quarter" => start((c.month - 1) / 3 * 3 + 1),
                "month" => start(c.month),
                "week" => (micros.div_euclid(DAY) - i64::from((c.weekday + 6) % 7)) * DAY,
                unit => match super::types::unit_of(unit) {
                    Some((false, unit)) => micros.div_euclid(unit) * unit,
                    _ => {
                        return Err(fault::postgres(
                            "22023",
                            &format!("unit \"{unit}\" not recognized for type timestamp with time zone"),
                        ));
                    }
                },
            };
            stamp(cut, !matches!(given, Datum::Stamp { zone: false, .. }))
        }
        "age" => {
            let (to, from) = match args.get(1).and_then(Datum::as_micros) {
                Some(from) => (micros, from),
                None => (env.now.div_euclid(DAY) * DAY, micros),
            };
            let (a, b) = (civil(to), civil(from));
            let mut months = (a.year - b.year) * 12 + i64::from(a.month) - i64::from(b.month);
            if add_months(from, months) > to {
                months -= 1;
            }
            Datum::Interval { months, micros: to - add_months(from, months) }
        }
        "make_date" => {
            let n = |at: usize| args.get(at).and_then(Datum::as_int).unwrap_or(1);
            Datum::Date(
                Timestamp::from_civil(n(0), n(1).clamp(1, 12) as u32, n(2).clamp(1, 31) as u32, 0, 0, 0).0
                    / 86_400,
            )
        }
        "to_date" => parse_stamp(&text(0)).map_or(Datum::Null, |m| Datum::Date(m.div_euclid(DAY))),
        "str_to_date" => parse_stamp(&text(0)).map_or(Datum::Null, |m| match text(1).contains("%H") {
            true => stamp(m, false),
            false => Datum::Date(m.div_euclid(DAY)),
        }),
        "to_timestamp" => parse_stamp(&text(0)).map_or(Datum::Null, |m| stamp(m, true)),
        "date_format" => Datum::text(&percent_format(&text(1), micros)),
        _ => Datum::text(&match given.is_number() {
            true => number_format(&given, &text(1)),
            false => letter_format(&text(1), micros),
        }),
    }))
}

/// DATE_FORMAT's `%Y-%m-%d`.
fn percent_format(format: &str, micros: i64) -> String {
    let c = civil(micros);
    let mut out = String::new();
    let mut chars = format.chars();
    let twelve = if c.hour.is_multiple_of(12) { 12 } else { c.hour % 12 };
    while let Some(ch) = chars.next() {
        if ch != '%' {
            out.push(ch);
            continue;
        }
        let half = if c.hour < 12 { "AM" } else { "PM" };
        out += &match chars.next().unwrap_or('%') {
            'Y' => format!("{:04}", c.year),
            'y' => format!("{:02}", c.year % 100),
            'm' => format!("{:02}", c.month),
            'c' => c.month.to_string(),
            'd' => format!("{:02}", c.day),
            'e' => c.day.to_string(),
            'D' => format!(
                "{}{}",
                c.day,
                match c.day {
                    1 | 21 | 31 => "st",
                    2 | 22 => "nd",
                    3 | 23 => "rd",
                    _ => "th",
                }
            ),
            'H' => format!("{:02}", c.hour),
            'k' => c.hour.to_string(),
            'h' | 'I' => format!("{twelve:02}"),
            'l' => twelve.to_string(),
            'i' => format!("{:02}", c.minute),
            's' | 'S' => format!("{:02}", c.second),
            'f' => format!("{:06}", micros.rem_euclid(SECOND)),
            'p' => half.into(),
            'M' => c.month().into(),
            'b' => c.month_name().into(),
            'W' => c.day().into(),
            'a' => c.day_name().into(),
            'w' => c.weekday.to_string(),
            'j' => format!("{:03}", day_of_year(micros)),
            'T' => format!("{:02}:{:02}:{:02}", c.hour, c.minute, c.second),
            'r' => format!("{twelve:02}:{:02}:{:02} {half}", c.minute, c.second),
            other => other.to_string(),
        };
    }
    out
}

/// to_char's `YYYY-MM-DD HH24:MI:SS`.
fn letter_format(format: &str, micros: i64) -> String {
    let c = civil(micros);
    let padded = |name: &str| format!("{name:<9}");
    let twelve = if c.hour.is_multiple_of(12) { 12 } else { c.hour % 12 };
    let parts: [(&str, String); 24] = [
        ("YYYY", format!("{:04}", c.year)),
        ("HH24", format!("{:02}", c.hour)),
        ("HH12", format!("{twelve:02}")),
        ("FMMonth", c.month().into()),
        ("FMDay", c.day().into()),
        ("MONTH", padded(&c.month().to_uppercase())),
        ("Month", padded(c.month())),
        ("month", padded(&c.month().to_lowercase())),
        ("DDD", format!("{:03}", day_of_year(micros))),
        ("Mon", c.month_name().into()),
        ("MON", c.month_name().to_uppercase()),
        ("Day", padded(c.day())),
        ("DAY", padded(&c.day().to_uppercase())),
        ("Dy", c.day_name().into()),
        ("YY", format!("{:02}", c.year % 100)),
        ("MM", format!("{:02}", c.month)),
        ("DD", format!("{:02}", c.day)),
        ("HH", format!("{twelve:02}")),
        ("MI", format!("{:02}", c.minute)),
        ("SS", format!("{:02}", c.second)),
        ("MS", format!("{:03}", micros.rem_euclid(SECOND) / 1000)),
        ("US", format!("{:06}", micros.rem_euclid(SECOND))),
        ("AM", if c.hour < 12 { "AM" } else { "PM" }.into()),
        ("TZ", "UTC".into()),
    ];
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let hit = parts.iter().find_map(|(letters, text)| Some((rest.strip_prefix(letters)?, text)));
        match hit {
            Some((after, text)) => {
                out += text;
                rest = after;
            }
            None => {
                out.extend((first != '"').then_some(first));
                rest = rest.get(first.len_utf8()..).unwrap_or("");
            }
        }
    }
    out
}

/// to_char's `FM999,990.00` of a number.
fn number_format(value: &Datum, format: &str) -> String {
    let (fill, format) = format.strip_prefix("FM").map_or((true, format), |f| (false, f));
    let scale = format
        .split_once(['.', 'D'])
        .map_or(0, |(_, f)| f.chars().filter(|c| matches!(c, '9' | '0')).count());
    let text =
        value.as_decimal().and_then(|x| x.rescale(scale as u8)).map_or_else(String::new, |x| x.to_string());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |p| p);
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |w| ("-", w));
    let mut digits: Vec<char> = digits.chars().collect();
    let whole_format = format.split(['.', 'D']).next().unwrap_or("");
    let least = whole_format.chars().skip_while(|c| *c != '0').filter(|c| matches!(c, '9' | '0')).count();
    if digits == ['0'] && least == 0 {
        digits.clear();
    }
    let mut out: Vec<char> = Vec::new();
    for slot in whole_format.chars().rev() {
        match slot {
            '9' | '0' => out.extend(digits.pop().or(
                (slot == '0' || out.iter().filter(|c| c.is_ascii_digit()).count() < least).then_some('0'),
            )),
            ',' | 'G' => out.extend((!digits.is_empty()).then_some(',')),
            other => out.push(other),
        }
    }
    let body: String = sign.chars().chain(out.into_iter().rev()).collect();
    let body = if scale > 0 { format!("{body}.{fraction}") } else { body };
    if fill { format!("{body:>width$}", width = format.chars().count() + 1) } else { body }
}
