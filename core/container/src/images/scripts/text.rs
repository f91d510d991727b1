//! Reading expressions that make a text: literals, concatenations, templates and the few calls whose
//! meaning is known.

use super::Part;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Names and what they stand for.
pub(super) type Names = BTreeMap<String, Vec<Part>>;

/// Which language's expressions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    JavaScript,
    Python,
}

/// The text between `open` (just read) and the bracket that closes it, quotes respected; what follows it.
pub(super) fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quote, mut escaped) = (1usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') => {
                depth -= 1;
                if depth == 0 {
                    return Some((text.get(..at)?, text.get(at + 1..)?));
                }
            }
            _ => {}
        }
    }
    None
}

/// Pieces of `text` between top-level separators.
pub(super) fn split_top(text: &str, separator: char) -> Vec<&str> {
    let (mut out, mut from, mut depth, mut quote, mut escaped) = (Vec::new(), 0, 0i32, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') => depth -= 1,
            (None, c) if c == separator && depth == 0 => {
                out.push(text.get(from..at).unwrap_or(""));
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    out.push(text.get(from..).unwrap_or(""));
    out
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('\n') => {}
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// A literal in quotes as a whole.
pub(super) fn literal(text: &str) -> Option<String> {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let triple = [quote; 3].iter().collect::<String>();
    let inner = match text
        .strip_prefix(&*triple)
        .and_then(|t| t.strip_suffix(&*triple))
        .filter(|_| text.len() >= 6)
    {
        Some(inner) => inner,
        None => text.strip_prefix(quote)?.strip_suffix(quote)?,
    };
    let ends_escaped = inner.ends_with('\\') && !inner.ends_with("\\\\");
    let inside = inner.replace("\\\\", "").replace(&format!("\\{quote}"), "");
    (!ends_escaped && (!inside.contains(quote) || text.starts_with(&*triple))).then(|| unescape(inner))
}

/// The parts of an expression, or nothing when it is beyond what is understood.
pub(super) fn expression(text: &str, names: &Names, language: Language) -> Option<Vec<Part>> {
    let text = text.trim().trim_end_matches(';').trim();
    let sum = split_top(text, '+');
    if sum.len() > 1 {
        let numbers: Option<Vec<i64>> = sum.iter().map(|s| s.trim().parse().ok()).collect();
        if let Some(numbers) = numbers {
            return Some(vec![Part::Text(numbers.iter().sum::<i64>().to_string().into())]);
        }
        let mut out = Vec::new();
        for piece in sum {
            out.extend(expression(piece, names, language)?);
        }
        return Some(out);
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'))
        && bracketed(text.get(1..)?).is_some_and(|(_, rest)| rest.is_empty())
    {
        return expression(inner, names, language);
    }
    if language == Language::Python
        && let Some(rest) = text.strip_prefix(['f', 'F']).filter(|r| r.starts_with(['"', '\'']))
    {
        return template(&literal(rest)?, "{", names, language);
    }
    if language == Language::JavaScript && text.starts_with('`') {
        return template(&literal(text)?, "${", names, language);
    }
    if let Some(value) = literal(text) {
        return Some(vec![Part::Text(value.into())]);
    }
    if language == Language::Python
        && let Some((format, rest)) = text.split_once(".format(")
    {
        return formatted(format, rest.trim().strip_suffix(')')?, names);
    }
    if language == Language::Python
        && let Some(value) = adjacent(text)
    {
        return Some(vec![Part::Text(value.into())]);
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Some(vec![Part::Text(text.into())]);
    }
    known(text, names, language)
}

/// Texts that stand side by side are one in Python.
fn adjacent(text: &str) -> Option<String> {
    let (mut out, mut rest) = (String::new(), text.trim());
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        })?;
        out.push_str(&literal(rest.get(..=end.0)?)?);
        rest = rest.get(end.0 + 1..)?.trim_start();
    }
    (!out.is_empty()).then_some(out)
}

/// `"… {} {name}".format(…)`
fn formatted(format: &str, values: &str, names: &Names) -> Option<Vec<Part>> {
    let parts = expression(format, names, Language::Python)?;
    let [Part::Text(text)] = parts.as_slice() else { return None };
    let given: Vec<&str> =
        split_top(values, ',').into_iter().map(str::trim).filter(|v| !v.is_empty()).collect();
    let (mut out, mut rest, mut next) = (Vec::new(), &**text, 0);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, more) = after.split_once('}')?;
        out.push(Part::Text(before.into()));
        let value = match name.parse::<usize>() {
            Ok(n) => given.get(n).copied(),
            Err(_) if name.is_empty() => {
                next += 1;
                given.get(next - 1).copied()
            }
            Err(_) => {
                given.iter().find_map(|g| g.split_once('=').filter(|g| g.0.trim() == name).map(|g| g.1))
            }
        };
        out.extend(expression(value?, names, Language::Python)?);
        rest = more;
    }
    out.push(Part::Text(rest.into()));
    Some(out)
}

fn template(text: &str, open: &str, names: &Names, language: Language) -> Option<Vec<Part>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        if open == "{" && after.starts_with('{') {
            out.push(Part::Text(format!("{before}{{").into()));
            rest = after.get(1..)?;
            continue;
        }
        out.push(Part::Text(before.into()));
        let (inner, more) = bracketed(after)?;
        out.extend(expression(inner, names, language)?);
        rest = more;
    }
    out.push(Part::Text(rest.replace("}}", "}").into()));
    Some(out)
}

fn known(text: &str, names: &Names, language: Language) -> Option<Vec<Part>> {
    if let Some(parts) = names.get(text) {
        return Some(parts.clone());
    }
    let one = |part| Some(vec![part]);
    match text {
        "os.hostname()"
        | "hostname()"
        | "socket.gethostname()"
        | "gethostname()"
        | "platform.node()"
        | "require('os').hostname()"
        | "require(\"os\").hostname()" => return one(Part::Host),
        "os.uname()[1]" | "os.uname().nodename" => return one(Part::Host),
        "req.url" | "request.url" | "req.path" | "request.path" | "req.originalUrl" | "self.path" => {
            return one(Part::Path);
        }
        "req.method" | "request.method" => return one(Part::Method),
        "req.connection.remoteAddress" | "request.connection.remoteAddress" | "req.socket.remoteAddress" => {
            return Some(vec![Part::Text("::ffff:".into()), Part::Client]);
        }
        "req.ip" | "request.remote_addr" => return one(Part::Client),
        "new Date()"
        | "new Date().toISOString()"
        | "Date()"
        | "datetime.now()"
        | "datetime.datetime.now()" => return one(Part::Now),
        _ => {}
    }
    match language {
        Language::JavaScript => {
            let (name, or) = match text.split_once("||").or_else(|| text.split_once("??")) {
                Some((name, or)) => (name.trim(), expression(or, names, language)?),
                None => (text, vec![Part::Text("undefined".into())]),
            };
            let [Part::Text(or)] = or.as_slice() else { return None };
            let env = name
                .strip_prefix("process.env.")
                .map(String::from)
                .or_else(|| name.strip_prefix("process.env[")?.strip_suffix(']').and_then(literal))?;
            env.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(())?;
            one(Part::Env(env.into(), or.clone()))
        }
        Language::Python => {
            if let Some(inner) = text.strip_prefix("os.environ[").and_then(|t| t.strip_suffix(']')) {
                return one(Part::Env(literal(inner)?.into(), "".into()));
            }
            if let Some(inner) = text.strip_prefix("str(").and_then(|t| t.strip_suffix(')')) {
                return expression(inner, names, language);
            }
            let inner = ["os.environ.get(", "os.getenv(", "environ.get(", "getenv("]
                .iter()
                .find_map(|call| text.strip_prefix(call)?.strip_suffix(')'))?;
            let words = split_top(inner, ',');
            let or = match words.get(1) {
                Some(or) => literal(or).or_else(|| Some(or.trim().to_string()))?,
                None => "None".into(),
            };
            one(Part::Env(literal(words.first()?)?.into(), Arc::from(or)))
        }
    }
}

/// A number, also one from the environment.
pub(super) fn number(sys: &crate::sys::Sys<'_>, parts: &[Part]) -> Option<u16> {
    match parts {
        [Part::Text(text)] => text.trim().parse().ok(),
        [Part::Env(name, or)] => sys.env(name).unwrap_or_else(|| or.clone()).trim().parse().ok(),
        _ => None,
    }
}
