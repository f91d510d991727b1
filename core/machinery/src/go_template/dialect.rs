//! The functions of kubectl, docker and Helm beside Go's own. Helm's are the part of sprig that charts
//! use; what would draw chance or read a clock is left out.

use super::Dialect;
use super::exec::Held;
use super::functions::{self, Call, printed, truth};
use crate::{Value, hash, json, text, yaml};

/// Name, fewest and most arguments.
type Known = (&'static str, usize, Option<usize>);

const KUBECTL: &[Known] = &[("exists", 1, None), ("base64decode", 1, Some(1))];
const DOCKER: &[Known] = &[
    ("json", 1, Some(1)),
    ("split", 2, Some(2)),
    ("join", 2, Some(2)),
    ("title", 1, Some(1)),
    ("lower", 1, Some(1)),
    ("upper", 1, Some(1)),
    ("pad", 3, Some(3)),
    ("truncate", 2, Some(2)),
];
const HELM: &[Known] = &[
    ("include", 2, Some(2)),
    ("tpl", 2, Some(2)),
    ("required", 2, Some(2)),
    ("fail", 1, Some(1)),
    ("lookup", 4, Some(4)),
    ("default", 1, Some(2)),
    ("empty", 1, Some(1)),
    ("coalesce", 0, None),
    ("ternary", 3, Some(3)),
    ("quote", 0, None),
    ("squote", 0, None),
    ("upper", 1, Some(1)),
    ("lower", 1, Some(1)),
    ("title", 1, Some(1)),
    ("trim", 1, Some(1)),
    ("trimAll", 2, Some(2)),
    ("trimPrefix", 2, Some(2)),
    ("trimSuffix", 2, Some(2)),
    ("trunc", 2, Some(2)),
    ("replace", 3, Some(3)),
    ("contains", 2, Some(2)),
    ("hasPrefix", 2, Some(2)),
    ("hasSuffix", 2, Some(2)),
    ("repeat", 2, Some(2)),
    ("indent", 2, Some(2)),
    ("nindent", 2, Some(2)),
    ("cat", 0, None),
    ("toString", 1, Some(1)),
    ("int", 1, Some(1)),
    ("int64", 1, Some(1)),
    ("float64", 1, Some(1)),
    ("add", 1, None),
    ("add1", 1, Some(1)),
    ("sub", 2, Some(2)),
    ("mul", 1, None),
    ("div", 2, Some(2)),
    ("mod", 2, Some(2)),
    ("max", 1, None),
    ("min", 1, None),
    ("list", 0, None),
    ("dict", 0, None),
    ("get", 2, Some(2)),
    ("hasKey", 2, Some(2)),
    ("keys", 1, None),
    ("values", 1, Some(1)),
    ("pick", 1, None),
    ("omit", 1, None),
    ("merge", 1, None),
    ("first", 1, Some(1)),
    ("last", 1, Some(1)),
    ("rest", 1, Some(1)),
    ("initial", 1, Some(1)),
    ("append", 2, Some(2)),
    ("concat", 0, None),
    ("has", 2, Some(2)),
    ("uniq", 1, Some(1)),
    ("until", 1, Some(1)),
    ("join", 2, Some(2)),
    ("splitList", 2, Some(2)),
    ("sortAlpha", 1, Some(1)),
    ("b64enc", 1, Some(1)),
    ("b64dec", 1, Some(1)),
    ("sha256sum", 1, Some(1)),
    ("toYaml", 1, Some(1)),
    ("fromYaml", 1, Some(1)),
    ("toJson", 1, Some(1)),
    ("fromJson", 1, Some(1)),
    ("kindOf", 1, Some(1)),
    ("kindIs", 2, Some(2)),
    ("typeOf", 1, Some(1)),
];

fn known(dialect: Dialect, name: &str) -> Option<&'static Known> {
    let table = match dialect {
        Dialect::Kubectl => KUBECTL,
        Dialect::Docker => DOCKER,
        Dialect::Helm => HELM,
    };
    table.iter().find(|known| known.0 == name)
}

/// Whether a template may call it.
pub(super) fn has_function(dialect: Dialect, name: &str) -> bool {
    functions::arity(name).is_some() || known(dialect, name).is_some()
}

/// How few and how many arguments it takes.
pub(super) fn arity(dialect: Dialect, name: &str) -> Option<(usize, Option<usize>)> {
    known(dialect, name).map(|known| (known.1, known.2)).or_else(|| functions::arity(name))
}

/// Calls a function whose arguments have been counted.
pub(super) fn call(dialect: Dialect, name: &str, arguments: &[Held]) -> Call {
    if known(dialect, name).is_none() {
        return functions::call(name, arguments);
    }
    match dialect {
        Dialect::Kubectl => kubectl(name, arguments),
        Dialect::Docker => docker(name, arguments),
        Dialect::Helm => super::sprig::call(name, arguments),
    }
}

pub(super) fn string(arguments: &[Held], at: usize) -> String {
    match arguments.get(at) {
        Some(Some(value)) => text::go_print(value),
        _ => String::new(),
    }
}

fn kubectl(name: &str, arguments: &[Held]) -> Call {
    let first = arguments.first().cloned().flatten();
    if name == "exists" {
        // Like `index`, but tells whether the way leads somewhere.
        let found = arguments
            .iter()
            .skip(1)
            .try_fold(first, |item, at| functions::call("index", &[item, at.clone()]));
        return Ok(Some(Value::Bool(found.is_ok_and(|found| found.is_some()))));
    }
    let decoded = hash::base64_decode(first.as_ref().map_or("", Value::text))
        .map_err(|e| format!("base64 decode failed: {e}"))?;
    Ok(Some(String::from_utf8_lossy(&decoded).into_owned().into()))
}

fn docker(name: &str, arguments: &[Held]) -> Call {
    let first = arguments.first().cloned().flatten();
    let shown = string(arguments, 0);
    let number = |at: usize| arguments.get(at).cloned().flatten().map_or(0, |v| v.int());
    Ok(Some(match name {
        "json" => json::to_plain(&first.unwrap_or_default()).into(),
        "split" => shown.split(&string(arguments, 1)).map(Value::from).collect(),
        "join" => {
            let items: Vec<String> = first.iter().flat_map(Value::items).map(text::go_print).collect();
            items.join(&string(arguments, 1)).into()
        }
        "title" => text::title(&shown).into(),
        "lower" => shown.to_lowercase().into(),
        "upper" => shown.to_uppercase().into(),
        "pad" => {
            let blanks = |n: i64| " ".repeat(usize::try_from(n).unwrap_or(0).min(1000));
            if shown.is_empty() {
                shown.into()
            } else {
                (blanks(number(1)) + &shown + &blanks(number(2))).into()
            }
        }
        _ => {
            let most = usize::try_from(number(1)).unwrap_or(0);
            shown.chars().take(most).collect::<String>().into()
        }
    }))
}

/// A value as YAML the way Helm's `toYaml` gives it: without the last newline.
pub(super) fn to_yaml(value: &Held) -> String {
    match value {
        None => "null".into(),
        Some(value) => yaml::emit(value).trim_end_matches('\n').to_owned(),
    }
}

/// Sprig's `default`: the first argument where the last is empty.
pub(super) fn or_default(arguments: &[Held]) -> Held {
    match arguments {
        [default, given] if !truth(given) => default.clone(),
        [.., given] => given.clone(),
        [] => None,
    }
}

/// A value as text for functions that take strings.
pub(super) fn text_of(value: &Held) -> String {
    if value.is_none() { String::new() } else { printed(value) }
}
