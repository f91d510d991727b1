//! Functions of the language, of its extensions for texts, sets and optional values, and of Kubernetes'
//! libraries for lists, quantities and formats.

use super::net;
use super::run::{Outcome, arithmetic, civil};
use super::worth::{Worth, matches, moment, order, overload, same};
use drydock_machinery::quantity::Quantity;
use drydock_machinery::schema::openapi;
use drydock_machinery::{Timestamp, Value, json, names, time};

/// Functions by name; nothing for a name that is none of them.
type Library = fn(&str, &[Worth]) -> Option<Outcome>;

/// Calls a function by its name, qualified by its namespace if it has one.
pub(super) fn function(name: &str, all: &[Worth]) -> Outcome {
    const STEPS: &[Library] =
        &[collections, texts, moments, conversions, quantities, optionals, net::function];
    let found = STEPS.iter().find_map(|step| step(name, all));
    found.unwrap_or_else(|| Err(format!("undeclared reference to '{name}' (in container '')")))
}

fn arg(all: &[Worth], at: usize) -> Result<&Worth, String> {
    all.get(at).ok_or_else(overload)
}

fn position(found: Option<usize>) -> Worth {
    found.map_or(-1, |at| i64::try_from(at).unwrap_or(i64::MAX)).into()
}

fn collections(name: &str, all: &[Worth]) -> Option<Outcome> {
    let first = || arg(all, 0);
    let items = |at: usize| arg(all, at).and_then(Worth::items);
    let has = |list: &[Worth], item: &Worth| list.iter().any(|known| same(known, item));
    let answer = match name {
        "size" => || -> Outcome {
            let count = match first()?.range() {
                Ok(items) => items.len(),
                Err(_) => first()?.text()?.chars().count(),
            };
            Ok(i64::try_from(count).unwrap_or(i64::MAX).into())
        }(),
        "isSorted" => || -> Outcome {
            let items = items(0)?;
            let pairs = items.iter().zip(items.iter().skip(1));
            let sorted: Result<Vec<bool>, String> = pairs.map(|(a, b)| Ok(order(a, b)?.is_le())).collect();
            Ok(sorted?.into_iter().all(|s| s).into())
        }(),
        "sum" => || -> Outcome {
            let items = items(0)?;
            let Some((first, rest)) = items.split_first() else { return Ok(0.into()) };
            rest.iter().try_fold(first.clone(), |sum, item| arithmetic("+", &sum, item))
        }(),
        "min" | "max" => || -> Outcome {
            let mut best: Option<Worth> = None;
            for item in items(0)? {
                let better = match &best {
                    None => true,
                    Some(known) if name == "min" => order(&item, known)?.is_lt(),
                    Some(known) => order(&item, known)?.is_gt(),
                };
                best = if better { Some(item) } else { best };
            }
            best.ok_or_else(|| format!("{name} called on empty list"))
        }(),
        "indexOf" | "lastIndexOf" if items(0).is_ok() => || -> Outcome {
            let (items, wanted) = (items(0)?, arg(all, 1)?);
            Ok(position(match name {
                "indexOf" => items.iter().position(|item| same(item, wanted)),
                _ => items.iter().rposition(|item| same(item, wanted)),
            }))
        }(),
        "sets.contains" => || -> Outcome {
            let (a, b) = (items(0)?, items(1)?);
            Ok(b.iter().all(|item| has(&a, item)).into())
        }(),
        "sets.equivalent" => || -> Outcome {
            let (a, b) = (items(0)?, items(1)?);
            Ok((b.iter().all(|item| has(&a, item)) && a.iter().all(|item| has(&b, item))).into())
        }(),
        "sets.intersects" => || -> Outcome {
            let (a, b) = (items(0)?, items(1)?);
            Ok(b.iter().any(|item| has(&a, item)).into())
        }(),
        _ => return None,
    };
    Some(answer)
}

fn texts(name: &str, all: &[Worth]) -> Option<Outcome> {
    let text = |at: usize| arg(all, at).and_then(Worth::text);
    let number = |at: usize| arg(all, at).and_then(Worth::int);
    let list = |found: Vec<&str>| Worth::list(found.into_iter().map(Worth::from).collect());
    let found = || openapi::found(text(1)?, text(0)?);
    let answer = match name {
        "startsWith" => || -> Outcome { Ok(text(0)?.starts_with(text(1)?).into()) }(),
        "endsWith" => || -> Outcome { Ok(text(0)?.ends_with(text(1)?).into()) }(),
        "contains" => || -> Outcome { Ok(text(0)?.contains(text(1)?).into()) }(),
        "matches" => || -> Outcome { Ok(matches(text(1)?, text(0)?).into()) }(),
        "find" => || -> Outcome { Ok(found()?.into_iter().next().unwrap_or_default().into()) }(),
        "findAll" => || -> Outcome {
            let most = number(2).ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
            Ok(Worth::list(found()?.into_iter().take(most).map(Worth::from).collect()))
        }(),
        "lowerAscii" => || -> Outcome { Ok(text(0)?.to_ascii_lowercase().into()) }(),
        "upperAscii" => || -> Outcome { Ok(text(0)?.to_ascii_uppercase().into()) }(),
        "trim" => || -> Outcome { Ok(text(0)?.trim().into()) }(),
        "reverse" => || -> Outcome { Ok(text(0)?.chars().rev().collect::<String>().into()) }(),
        "strings.quote" => || -> Outcome { Ok(drydock_machinery::quote::go(text(0)?).into()) }(),
        "replace" => || -> Outcome {
            let most = number(3).ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
            Ok(text(0)?.replacen(text(1)?, text(2)?, most).into())
        }(),
        "split" => || -> Outcome {
            let (whole, mark) = (text(0)?, text(1)?);
            Ok(match number(2).ok().and_then(|n| usize::try_from(n).ok()) {
                Some(0) => list(Vec::new()),
                Some(most) => list(whole.splitn(most, mark).collect()),
                None if mark.is_empty() => Worth::list(whole.chars().map(|c| c.to_string().into()).collect()),
                None => list(whole.split(mark).collect()),
            })
        }(),
        "join" => || -> Outcome {
            let items = arg(all, 0)?.items()?;
            let parts = items.iter().map(Worth::text).collect::<Result<Vec<&str>, String>>()?;
            Ok(parts.join(if all.len() > 1 { text(1)? } else { "" }).into())
        }(),
        "substring" | "charAt" => || -> Outcome {
            let chars: Vec<char> = text(0)?.chars().collect();
            let from = number(1)?;
            let to = match (name, number(2)) {
                ("charAt", _) => (from + 1).min(i64::try_from(chars.len()).unwrap_or(from)),
                (_, Ok(to)) => to,
                _ => i64::try_from(chars.len()).unwrap_or(i64::MAX),
            };
            let place = |n: i64| usize::try_from(n).map_err(|_| format!("index out of range: {n}"));
            let found = chars.get(place(from)?..place(to)?);
            found
                .map(|c| c.iter().collect::<String>().into())
                .ok_or_else(|| format!("index out of range: {to}"))
        }(),
        "indexOf" => || -> Outcome { Ok(position(text(0)?.find(text(1)?))) }(),
        "lastIndexOf" => || -> Outcome { Ok(position(text(0)?.rfind(text(1)?))) }(),
        "format" => || -> Outcome { formatted(text(0)?, &arg(all, 1)?.items()?) }(),
        "format.named" => || -> Outcome {
            let known = FORMATS.contains(&text(0)?);
            Ok(Worth::Optional(
                known.then(|| text(0).map(|t| Box::new(Worth::Format(t.into())))).transpose()?,
            ))
        }(),
        "validate" => || -> Outcome {
            let Worth::Format(format) = arg(all, 0)? else { return Err(overload()) };
            let wrong = complaints(format, text(1)?);
            let wrong: Vec<Worth> = wrong.into_iter().map(Worth::from).collect();
            Ok(Worth::Optional((!wrong.is_empty()).then(|| Box::new(Worth::list(wrong)))))
        }(),
        _ => {
            let format = name.strip_prefix("format.").filter(|f| FORMATS.contains(f))?;
            Ok(Worth::Format(format.into()))
        }
    };
    Some(answer)
}

/// Formats that have a name.
const FORMATS: &[&str] = &[
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
];

fn complaints(format: &str, text: &str) -> Vec<String> {
    let prefix = text.strip_suffix('-').map(|t| format!("{t}a")).unwrap_or_else(|| text.to_string());
    match format {
        "dns1123Label" => names::is_dns1123_label(text),
        "dns1123Subdomain" => names::is_dns1123_subdomain(text),
        "dns1035Label" => names::is_dns1035_label(text),
        "qualifiedName" => names::is_qualified_name(text),
        "labelValue" => names::is_label_value(text),
        "dns1123LabelPrefix" => names::is_dns1123_label(&prefix),
        "dns1123SubdomainPrefix" => names::is_dns1123_subdomain(&prefix),
        "dns1035LabelPrefix" => names::is_dns1035_label(&prefix),
        other if crate::custom::fits(other, text) => Vec::new(),
        other => vec![format!("does not match the {other} format")],
    }
}

/// `"%s has %d".format([a, b])`.
fn formatted(text: &str, items: &[Worth]) -> Outcome {
    let (mut out, mut items, mut rest) = (String::new(), items.iter(), text);
    while let Some((before, after)) = rest.split_once('%') {
        out += before;
        let verb_at = after.find(|c: char| !(c == '.' || c.is_ascii_digit())).unwrap_or(0);
        let (width, verb) =
            (after.get(..verb_at).unwrap_or(""), after.get(verb_at..verb_at + 1).unwrap_or(""));
        rest = after.get(verb_at + 1..).unwrap_or("");
        if verb == "%" {
            out.push('%');
            continue;
        }
        let item = items.next().ok_or("index 0 out of range")?;
        let digits = width.trim_start_matches('.').parse().unwrap_or(6);
        out += &match verb {
            "d" => item.int()?.to_string(),
            "f" => format!("{:.digits$}", item.float().ok_or_else(overload)?),
            "x" => format!("{:x}", item.int()?),
            "X" => format!("{:X}", item.int()?),
            "b" => format!("{:b}", item.int()?),
            "o" => format!("{:o}", item.int()?),
            "s" => shown(item)?,
            other => return Err(format!("unrecognized formatting clause \"{other}\"")),
        };
    }
    Ok((out + rest).into())
}

/// A value as `%s` shows it.
fn shown(item: &Worth) -> Result<String, String> {
    if let Ok(items) = item.items() {
        let parts = items.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
        return Ok(format!("[{}]", parts.join(", ")));
    }
    if item.is_null() { Ok("null".into()) } else { item.written() }
}

fn moments(name: &str, all: &[Worth]) -> Option<Outcome> {
    let first = all.first()?;
    if let Worth::Duration(nanos) = first {
        let per = match name {
            "getHours" => 3_600_000_000_000,
            "getMinutes" => 60_000_000_000,
            "getSeconds" => 1_000_000_000,
            "getMilliseconds" => 1_000_000,
            _ => return None,
        };
        return Some(Ok((nanos / per).into()));
    }
    let Worth::Time(seconds, nanos) = first else { return None };
    let at = civil(*seconds);
    let of_year = (*seconds - Timestamp::from_civil(at.year, 1, 1, 0, 0, 0).0) / 86_400;
    Some(Ok(match name {
        "getFullYear" => at.year,
        "getMonth" => i64::from(at.month) - 1,
        "getDate" => i64::from(at.day),
        "getDayOfMonth" => i64::from(at.day) - 1,
        "getDayOfWeek" => i64::from(at.weekday),
        "getDayOfYear" => of_year,
        "getHours" => i64::from(at.hour),
        "getMinutes" => i64::from(at.minute),
        "getSeconds" => i64::from(at.second),
        "getMilliseconds" => i64::from(*nanos / 1_000_000),
        _ => return None,
    }
    .into()))
}

fn conversions(name: &str, all: &[Worth]) -> Option<Outcome> {
    let first = all.first()?;
    let text = first.text().unwrap_or("").to_string();
    let syntax =
        |of: &str| format!("strconv.{of}: parsing {}: invalid syntax", drydock_machinery::quote::go(&text));
    Some(match (name, first) {
        ("int" | "uint", Worth::Data(Value::Float(f))) => Ok((*f as i64).into()),
        ("int" | "uint", Worth::Data(Value::Int(n))) => Ok((*n).into()),
        ("int", Worth::Time(seconds, _)) => Ok((*seconds).into()),
        ("int", Worth::Duration(nanos)) => Ok((*nanos).into()),
        ("int", _) => text.parse::<i64>().map(Worth::from).map_err(|_| syntax("ParseInt")),
        ("uint", _) => text.parse::<i64>().map(Worth::from).map_err(|_| syntax("ParseUint")),
        ("double", _) => match first.float() {
            Some(f) => Ok(Worth::Data(Value::Float(f))),
            None => text.parse().map(|f| Worth::Data(Value::Float(f))).map_err(|_| syntax("ParseFloat")),
        },
        ("string", _) => first.written().map(Worth::from),
        ("bool", Worth::Data(Value::Bool(b))) => Ok((*b).into()),
        ("bool", _) => match text.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true.into()),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false.into()),
            _ => Err(syntax("ParseBool")),
        },
        ("duration", Worth::Duration(_)) | ("timestamp", Worth::Time(..)) | ("dyn", _) => Ok(first.clone()),
        ("duration", _) => time::parse_go_nanos(&text).map(Worth::Duration),
        ("timestamp", Worth::Data(Value::Int(n))) => Ok(Worth::Time(*n, 0)),
        ("timestamp", _) => moment(&text).ok_or_else(|| {
            format!(
                "parsing time {0} as \"2006-01-02T15:04:05Z07:00\": cannot parse {0} as \"2006\"",
                json::to_string(&text.as_str().into())
            )
        }),
        ("type", _) => Ok(Worth::Type(first.type_name().into())),
        _ => return None,
    })
}

fn quantities(name: &str, all: &[Worth]) -> Option<Outcome> {
    let first = all.first()?;
    let read = |worth: &Worth| worth.text().and_then(|t| Quantity::parse(t).map_err(|why| why.to_string()));
    match name {
        "quantity" => return Some(read(first).map(Worth::Quantity)),
        "isQuantity" => return Some(Ok(read(first).is_ok().into())),
        _ => {}
    }
    let Worth::Quantity(own) = first else { return None };
    let other = || match all.get(1) {
        Some(Worth::Quantity(other)) => Ok(*other),
        Some(Worth::Data(Value::Int(n))) => Ok(Quantity::from_int(*n)),
        _ => Err(overload()),
    };
    let whole = own.nano() % 1_000_000_000 == 0;
    Some(match name {
        "isInteger" => Ok(whole.into()),
        "asInteger" if !whole => Err("cannot convert value to integer".into()),
        "asInteger" => Ok(own.value().into()),
        "asApproximateFloat" => Ok(Worth::Data(Value::Float(own.nano() as f64 / 1e9))),
        "sign" => Ok(i64::from(own.sign()).into()),
        "add" => other().map(|other| Worth::Quantity(*own + other)),
        "sub" => other().map(|other| Worth::Quantity(*own - other)),
        "isGreaterThan" => other().map(|other| (*own > other).into()),
        "isLessThan" => other().map(|other| (*own < other).into()),
        "compareTo" => other().map(|other| (own.cmp(&other) as i64).into()),
        _ => return None,
    })
}

fn optionals(name: &str, all: &[Worth]) -> Option<Outcome> {
    let first = all.first()?;
    match name {
        "optional.of" => return Some(Ok(Worth::Optional(Some(Box::new(first.clone()))))),
        "optional.ofNonZeroValue" => {
            let zero = match first {
                Worth::Data(value) => {
                    value.is_empty() || *value == Value::Int(0) || *value == Value::Bool(false)
                }
                _ => false,
            };
            return Some(Ok(Worth::Optional((!zero).then(|| Box::new(first.clone())))));
        }
        _ => {}
    }
    let Worth::Optional(own) = first else { return None };
    Some(match name {
        "hasValue" => Ok(own.is_some().into()),
        "value" => own.as_deref().cloned().ok_or_else(|| "optional.none() dereference".into()),
        "orValue" => {
            Ok(own.as_deref().cloned().unwrap_or_else(|| all.get(1).cloned().unwrap_or(Value::Null.into())))
        }
        "or" if own.is_some() => Ok(first.clone()),
        "or" => arg(all, 1).cloned(),
        _ => return None,
    })
}
