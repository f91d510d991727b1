//! Scalar functions by name: texts, numbers, choices and the server's own facts. Dates are in `dates`.
//!
//! Left out: window functions, XML, geometry, most of JSON, encryption.

mod server;
use server::own;
mod numbers;
use numbers::numbers;

use super::Dialect;
use super::ast::Expr;
use super::datum::Datum;
use super::eval::{Env, Frame, eval, text_of};
use super::fault::{self, Fault};
use super::types::{BIGINT, INT, TEXT, Type};
use super::{aggregate, dates};
use drydock_machinery::Value;
use std::cmp::Ordering;

/// Names both dialects have, those of MySQL, those of PostgreSQL.
const BOTH: &str = " concat concat_ws length char_length character_length octet_length upper lower substring substr left right trim \
ltrim rtrim replace reverse repeat lpad rpad position ascii abs ceil ceiling floor round mod power pow sqrt sign pi exp ln log \
greatest least coalesce nullif now current_timestamp current_date current_time localtimestamp localtime extract version \
current_user session_user user md5 ";
const MYSQL: &str = " ucase lcase mid instr locate substring_index space field elt strcmp hex format char rand truncate \
log10 log2 if ifnull isnull curdate curtime sysdate utc_timestamp utc_date date time year month day dayofmonth hour minute second \
dayofweek weekday dayofyear dayname monthname date_add adddate date_sub subdate datediff timestampdiff date_format unix_timestamp \
from_unixtime last_day quarter week database schema system_user connection_id last_insert_id row_count found_rows uuid sleep \
sha1 sha2 json_extract json_unquote json_object json_valid values str_to_date time_to_sec benchmark ";
const POSTGRES: &str = " strpos initcap split_part btrim chr to_char to_date to_timestamp date_trunc date_part age clock_timestamp \
statement_timestamp transaction_timestamp make_date random trunc log10 div current_database current_schema current_role \
current_catalog pg_backend_pid pg_sleep gen_random_uuid pg_size_pretty pg_database_size pg_total_relation_size pg_table_size \
pg_relation_size pg_postmaster_start_time pg_is_in_recovery current_setting nextval currval lastval setval inet_server_port \
json_build_object jsonb_build_object to_json to_jsonb quote_ident quote_literal regexp_replace starts_with md5 \
generate_series date pg_get_userbyid obj_description has_table_privilege ";

fn listed(list: &str, name: &str) -> bool {
    list.contains(&format!(" {name} "))
}

/// Whether the dialect has a function.
#[must_use]
pub fn exists(d: Dialect, name: &str) -> bool {
    is_aggregate(name) || listed(BOTH, name) || listed(if d.is_mysql() { MYSQL } else { POSTGRES }, name)
}

#[must_use]
pub fn is_aggregate(name: &str) -> bool {
    aggregate::NAMES.contains(&name)
}

/// What an unknown function is told.
#[must_use]
pub fn unknown(env: &Env<'_>, name: &str, kinds: &[Option<Type>], at: usize) -> Fault {
    if env.dialect.is_mysql() {
        return match &env.session.database {
            Some(db) => fault::mysql(1305, &format!("FUNCTION {db}.{name} does not exist")),
            None => fault::mysql(1046, "No database selected"),
        };
    }
    let types: Vec<String> =
        kinds.iter().map(|k| k.as_ref().map_or("unknown".into(), |k| k.shown(env.dialect))).collect();
    fault::postgres("42883", &format!("function {name}({}) does not exist", types.join(", "))).at(at).hint(
        "No function matches the given name and argument types. You might need to add explicit type casts.",
    )
}

/// The type of a function's result, where its name tells.
#[must_use]
pub fn kind(d: Dialect, name: &str, args: &[Option<Type>]) -> Option<Type> {
    let first = || args.first().cloned().flatten();
    Some(match name {
        "count" => BIGINT,
        "sum" => match first() {
            Some(Type::Int { .. }) if !d.is_mysql() => BIGINT,
            Some(t @ (Type::Float | Type::Double)) => t,
            _ => Type::Decimal(None),
        },
        "avg" => match first() {
            Some(Type::Float | Type::Double) => Type::Double,
            _ => Type::Decimal(None),
        },
        "min" | "max" | "abs" | "any_value" => return first(),
        "round" | "truncate" | "trunc" => return first().or(Some(Type::Decimal(None))),
        "coalesce" | "ifnull" | "greatest" | "least" | "nullif" => {
            return args.iter().flatten().next().cloned();
        }
        "if" => return args.iter().skip(1).flatten().next().cloned(),
        "length" | "char_length" | "character_length" | "octet_length" | "position" | "strpos" | "instr"
        | "locate" | "ascii" | "year" | "month" | "day" | "hour" | "minute" | "second" | "datediff"
        | "timestampdiff" | "dayofweek" | "weekday" | "connection_id" | "pg_backend_pid" | "ceil"
        | "ceiling" | "floor" | "mod" | "sign" | "field" | "last_insert_id" | "row_count"
        | "unix_timestamp" | "dayofmonth" | "sleep" | "quarter" | "week" => INT,
        "nextval"
        | "currval"
        | "lastval"
        | "setval"
        | "pg_database_size"
        | "pg_total_relation_size"
        | "pg_table_size" => BIGINT,
        "random" | "rand" | "pi" | "sqrt" | "power" | "pow" | "exp" | "ln" | "log" => Type::Double,
        "extract" | "date_part" => Type::Decimal(None),
        "bool_and" | "bool_or" | "pg_is_in_recovery" => Type::Bool,
        "now"
        | "current_timestamp"
        | "clock_timestamp"
        | "pg_postmaster_start_time"
        | "transaction_timestamp" => Type::Stamp { zone: true, datetime: true, digits: 0 },
        "localtimestamp" => Type::Stamp { zone: false, datetime: true, digits: 0 },
        "current_date" | "curdate" => Type::Date,
        "concat" | "upper" | "lower" | "version" | "substring" | "substr" | "replace" | "left" | "right"
        | "trim" | "to_char" | "group_concat" | "string_agg" | "md5" | "format" | "date_format" => TEXT,
        _ => return None,
    })
}

/// Calls a function.
///
/// # Errors
/// Of arguments that do not fit.
pub fn call(env: &Env<'_>, name: &str, exprs: &[Expr], frame: &Frame<'_>, at: usize) -> Result<Datum, Fault> {
    let d = env.dialect;
    // Those that do not evaluate all arguments.
    match name {
        "if" => {
            let [test, yes, no] = exprs else { return Err(wrong_count(env, name, at)) };
            let test = eval(env, test, frame)?.as_truth() == Some(true);
            return eval(env, if test { yes } else { no }, frame);
        }
        "coalesce" | "ifnull" => {
            for e in exprs {
                let value = eval(env, e, frame)?;
                if !value.is_null() {
                    return Ok(value);
                }
            }
            return Ok(Datum::Null);
        }
        _ => {}
    }
    let args = exprs.iter().map(|e| eval(env, e, frame)).collect::<Result<Vec<_>, _>>()?;
    if let Some(out) = own(env, name, &args)? {
        return Ok(out);
    }
    if !matches!(
        name,
        "concat_ws"
            | "isnull"
            | "nullif"
            | "concat"
            | "quote_literal"
            | "field"
            | "greatest"
            | "least"
            | "json_build_object"
            | "jsonb_build_object"
            | "json_object"
    ) && args.iter().any(Datum::is_null)
    {
        return Ok(Datum::Null);
    }
    if let Some(out) = dates::call(env, name, &args)? {
        return Ok(out);
    }
    let text = |n: usize| args.get(n).map(|a| text_of(a, d)).unwrap_or_default();
    let int = |n: usize| args.get(n).and_then(Datum::as_int);
    let needed = match name {
        "left" | "right" | "repeat" | "position" | "strpos" | "instr" | "locate" | "mod" | "power"
        | "pow" | "nullif" | "strcmp" | "div" => 2,
        "replace" | "split_part" | "substring_index" => 3,
        "pi" | "concat" | "random" | "rand" | "greatest" | "least" | "json_object" | "json_build_object"
        | "jsonb_build_object" => 0,
        _ => 1,
    };
    if args.len() < needed {
        return Err(wrong_count(env, name, at));
    }
    let chars = |n: usize| text(n).chars().collect::<Vec<char>>();
    let first = args.first().cloned().unwrap_or(Datum::Null);
    Ok(match name {
        "concat" if d.is_mysql() && args.iter().any(Datum::is_null) => Datum::Null,
        "concat" => {
            Datum::text(&args.iter().filter(|a| !a.is_null()).map(|a| text_of(a, d)).collect::<String>())
        }
        "concat_ws" => {
            let parts: Vec<String> =
                args.iter().skip(1).filter(|a| !a.is_null()).map(|a| text_of(a, d)).collect();
            Datum::text(&parts.join(&text(0)))
        }
        "length" | "octet_length" if d.is_mysql() || name == "octet_length" => {
            Datum::Int(text(0).len() as i64)
        }
        "length" | "char_length" | "character_length" => Datum::Int(chars(0).len() as i64),
        "upper" | "ucase" => Datum::text(&text(0).to_uppercase()),
        "lower" | "lcase" => Datum::text(&text(0).to_lowercase()),
        "initcap" => {
            let mut start = true;
            Datum::text(
                &text(0)
                    .chars()
                    .flat_map(|c| {
                        let out =
                            if start { c.to_uppercase().to_string() } else { c.to_lowercase().to_string() };
                        start = !c.is_alphanumeric();
                        out.chars().collect::<Vec<_>>()
                    })
                    .collect::<String>(),
            )
        }
        "substring" | "substr" | "mid" => {
            let all = chars(0);
            let from = int(1).unwrap_or(1);
            let start = match from {
                0 if d.is_mysql() => return Ok(Datum::text("")),
                n if n < 0 && d.is_mysql() => all.len() as i64 + n,
                n => n - 1,
            };
            let length = int(2).unwrap_or(i64::MAX);
            let end = start.saturating_add(length);
            let (start, end) = (start.max(0) as usize, end.max(0) as usize);
            Datum::text(&all.iter().take(end).skip(start).collect::<String>())
        }
        "left" | "right" => {
            let all = chars(0);
            let n = int(1).unwrap_or(0);
            let n = if n < 0 && !d.is_mysql() { (all.len() as i64 + n).max(0) } else { n.max(0) } as usize;
            let skip = if name == "left" { 0 } else { all.len().saturating_sub(n) };
            Datum::text(&all.iter().skip(skip).take(n).collect::<String>())
        }
        "trim" | "btrim" | "ltrim" | "rtrim" => {
            let what: Vec<char> = if args.len() > 1 { chars(1) } else { vec![' '] };
            let all = text(0);
            let side = match name {
                "ltrim" => "leading".to_string(),
                "rtrim" => "trailing".to_string(),
                _ if args.len() > 2 => text(2),
                _ => "both".to_string(),
            };
            let cut = |c: char| what.contains(&c);
            Datum::text(match side.as_str() {
                "leading" => all.trim_start_matches(cut),
                "trailing" => all.trim_end_matches(cut),
                _ => all.trim_matches(cut),
            })
        }
        "replace" => {
            let from = text(1);
            if from.is_empty() { first } else { bounded(d, text(0).replace(&from, &text(2)))? }
        }
        "reverse" => Datum::text(&text(0).chars().rev().collect::<String>()),
        "repeat" | "space" => {
            let (what, n) = if name == "space" { (" ".to_string(), int(0)) } else { (text(0), int(1)) };
            let n = n.unwrap_or(0).max(0) as usize;
            if n.saturating_mul(what.len()) > drydock_machinery::limits::SQL_TEXT {
                return Err(fault::too_much(d));
            }
            Datum::text(&what.repeat(n))
        }
        "lpad" | "rpad" => {
            let (all, n) = (chars(0), int(1).unwrap_or(0).clamp(0, 65_536) as usize);
            let fill = if args.len() > 2 { chars(2) } else { vec![' '] };
            let pad: String = fill.iter().cycle().take(n.saturating_sub(all.len())).collect();
            let kept: String = all.iter().take(n).collect();
            Datum::text(&if name == "lpad" { pad + &kept } else { kept + &pad })
        }
        "position" | "locate" | "instr" | "strpos" => {
            let (inner, outer) =
                if matches!(name, "instr" | "strpos") { (text(1), text(0)) } else { (text(0), text(1)) };
            let (inner, outer) =
                if d.is_mysql() { (inner.to_lowercase(), outer.to_lowercase()) } else { (inner, outer) };
            let at = outer
                .find(&inner)
                .and_then(|at| outer.get(..at))
                .map_or(0, |before| before.chars().count() + 1);
            Datum::Int(at as i64)
        }
        "split_part" | "substring_index" => {
            let (all, by, n) = (text(0), text(1), int(2).unwrap_or(0));
            let parts: Vec<&str> = if by.is_empty() { vec![all.as_str()] } else { all.split(&by).collect() };
            let count = parts.len() as i64;
            if name == "split_part" {
                let at = if n < 0 { count + n } else { n - 1 };
                return Ok(Datum::text(usize::try_from(at).ok().and_then(|at| parts.get(at)).unwrap_or(&"")));
            }
            let kept = match n {
                n if n >= 0 => parts.get(..n.min(count) as usize),
                n => parts.get((count + n).max(0) as usize..),
            };
            Datum::text(&kept.unwrap_or_default().join(&by))
        }
        "starts_with" => Datum::Bool(text(0).starts_with(&text(1))),
        "ascii" => Datum::Int(text(0).bytes().next().unwrap_or(0).into()),
        "chr" | "char" => Datum::text(
            &int(0)
                .and_then(|n| u32::try_from(n).ok())
                .and_then(char::from_u32)
                .map(String::from)
                .unwrap_or_default(),
        ),
        "hex" => match &first {
            Datum::Int(n) => Datum::text(&format!("{n:X}")),
            _ => Datum::text(&text(0).bytes().map(|b| format!("{b:02X}")).collect::<String>()),
        },
        "md5" => Datum::text(&crate::utilities::sums::md5(text(0).as_bytes())),
        "sha1" => Datum::text(&hex(&crate::utilities::sums::sha1(text(0).as_bytes()))),
        "sha2" => {
            use sha2::Digest;
            Datum::text(&hex(&sha2::Sha256::digest(text(0).as_bytes())))
        }
        "strcmp" => Datum::Int(match first.compare(args.get(1).unwrap_or(&Datum::Null), d) {
            Some(Ordering::Less) => -1,
            Some(Ordering::Greater) => 1,
            _ => 0,
        }),
        "field" => Datum::Int(
            args.iter()
                .skip(1)
                .position(|a| a.compare(&first, d) == Some(Ordering::Equal))
                .map_or(0, |n| n as i64 + 1),
        ),
        "elt" => int(0)
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n > 0)
            .and_then(|n| args.get(n))
            .cloned()
            .unwrap_or(Datum::Null),
        "quote_ident" => Datum::text(&text(0)),
        "quote_literal" => Datum::text(&format!("'{}'", text(0).replace('\'', "''"))),
        "regexp_replace" => {
            let regex = regex_lite::RegexBuilder::new(&text(1)).size_limit(1 << 18).build();
            let regex = regex.map_err(|_| fault::postgres("2201B", "invalid regular expression"))?;
            let all = args.len() > 3 && text(3).contains('g');
            let (whole, with) = (text(0), text(2));
            bounded(
                d,
                if all {
                    regex.replace_all(&whole, with.as_str())
                } else {
                    regex.replace(&whole, with.as_str())
                }
                .into_owned(),
            )?
        }
        "isnull" => Datum::Int(first.is_null().into()),
        "nullif" => match first.compare(args.get(1).unwrap_or(&Datum::Null), d) {
            Some(Ordering::Equal) => Datum::Null,
            _ => first,
        },
        "greatest" | "least" => {
            let wanted = if name == "greatest" { Ordering::Greater } else { Ordering::Less };
            if d.is_mysql() && args.iter().any(Datum::is_null) {
                return Ok(Datum::Null);
            }
            let mut best = Datum::Null;
            for arg in &args {
                if !arg.is_null() && (best.is_null() || arg.compare(&best, d) == Some(wanted)) {
                    best = arg.clone();
                }
            }
            best
        }
        "json_object" | "json_build_object" | "jsonb_build_object" => {
            let pairs: Vec<String> = args
                .chunks(2)
                .map(|p| {
                    let key =
                        drydock_machinery::json::quote(&p.first().map(|k| text_of(k, d)).unwrap_or_default());
                    let colon = if name == "json_build_object" { " : " } else { ": " };
                    format!("{key}{colon}{}", json_text(p.get(1).unwrap_or(&Datum::Null), d))
                })
                .collect();
            Datum::text(&format!("{{{}}}", pairs.join(", ")))
        }
        "to_json" | "to_jsonb" => Datum::text(&json_text(&first, d)),
        "json_valid" => Datum::Int(drydock_machinery::json::parse(text(0).as_bytes()).is_ok().into()),
        "json_extract" => arrow(d, &first, args.get(1).unwrap_or(&Datum::Null), false),
        "json_unquote" => match drydock_machinery::json::parse(text(0).as_bytes()) {
            Ok(v) if v.as_str().is_some() => Datum::text(v.text()),
            _ => first,
        },
        _ => return numbers(env, name, &args, at),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn bounded(d: Dialect, text: String) -> Result<Datum, Fault> {
    if text.len() > drydock_machinery::limits::SQL_TEXT {
        Err(fault::too_much(d))
    } else {
        Ok(Datum::text(&text))
    }
}

fn wrong_count(env: &Env<'_>, name: &str, at: usize) -> Fault {
    match env.dialect.is_mysql() {
        true => {
            fault::mysql(1582, &format!("Incorrect parameter count in the call to native function '{name}'"))
        }
        false => unknown(env, name, &[], at),
    }
}

/// `->` and `->>`, and JSON_EXTRACT's `$.a.b[0]`.
#[must_use]
pub fn arrow(d: Dialect, json: &Datum, path: &Datum, as_text: bool) -> Datum {
    let Ok(mut value) = drydock_machinery::json::parse(json.shown(d).as_bytes()) else { return Datum::Null };
    let path = path.shown(d);
    let keys: Vec<String> = match d.is_mysql() {
        true => path
            .trim_start_matches('$')
            .replace('[', ".")
            .replace(']', "")
            .split('.')
            .filter(|k| !k.is_empty())
            .map(|k| k.trim_matches('"').to_string())
            .collect(),
        false => vec![path],
    };
    for key in keys {
        value = match key.parse::<usize>() {
            Ok(n) if value.is_list() => value.items().get(n).cloned().unwrap_or(Value::Null),
            _ => value.find(&key).cloned().unwrap_or(Value::Null),
        };
    }
    match &value {
        Value::Null => Datum::Null,
        v if as_text && v.as_str().is_some() => Datum::text(v.text()),
        v => Datum::text(&drydock_machinery::json::to_plain(v)),
    }
}

fn json_text(value: &Datum, d: Dialect) -> String {
    match value {
        Datum::Null => "null".into(),
        Datum::Bool(b) => b.to_string(),
        v if v.is_number() => v.shown(d),
        v => drydock_machinery::json::quote(&v.shown(d)),
    }
}
