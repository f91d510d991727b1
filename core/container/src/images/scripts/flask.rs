//! The shape of a Flask application: routes, what they return, the port.

use super::python::{names_of, printed};
use super::text::{Language, Names, bracketed, expression, literal, number, split_top};
use super::{Part, Route, Script, Style};
use crate::sys::Sys;
use drydock_machinery::sort::Arrange;

/// A Flask application's shape.
pub(super) fn read(sys: &Sys<'_>, source: &str, port: Option<u16>) -> Option<Script> {
    source.contains("Flask(").then_some(())?;
    let mut names = names_of(source);
    // A counter in redis, as the compose tutorial has it: the variable that holds what `incr` gave.
    if let Some((before, after)) = source.split_once(".incr(") {
        let (key, _) = bracketed(after)?;
        let key = literal(key)?;
        let host = source.split_once("Redis(").and_then(|(_, r)| bracketed(r)).and_then(|(inner, _)| {
            split_top(inner, ',')
                .into_iter()
                .find_map(|w| literal(w.trim().trim_start_matches("host=").trim()))
        });
        let part = vec![Part::Redis(host.unwrap_or_else(|| "redis".into()).into(), key.into())];
        let function =
            before.rfind("def ").and_then(|at| before.get(at + 4..)).and_then(|t| t.split('(').next());
        if let Some(function) = function {
            names.insert(format!("{function}()"), part.clone());
            for line in source.lines().map(str::trim) {
                if let Some((name, value)) = line.split_once('=')
                    && (value.trim() == format!("{function}()") || value.contains(".incr("))
                {
                    names.insert(name.trim().to_string(), part.clone());
                }
            }
        }
    }
    let port = match port {
        Some(port) => port,
        None => {
            let (_, rest) = source.split_once(".run(")?;
            let (inner, _) = bracketed(rest)?;
            let given = split_top(inner, ',')
                .into_iter()
                .find_map(|w| w.trim().strip_prefix("port=").map(String::from));
            match given {
                Some(text) => {
                    let text = text
                        .strip_prefix("int(")
                        .and_then(|t| t.strip_suffix(')'))
                        .unwrap_or(&text)
                        .to_string();
                    number(sys, &expression(&text, &names, Language::Python)?)?
                }
                None => 5000,
            }
        }
    };
    let mut routes = Vec::new();
    for piece in source.split("@app.").skip(1) {
        let (verb, rest) = piece.split_once('(')?;
        let (inner, body) = bracketed(rest)?;
        let path = literal(split_top(inner, ',').first()?)?;
        if path.contains('<') {
            return None;
        }
        let method = match verb.trim() {
            "route" if inner.contains("POST") && !inner.contains("GET") => "POST",
            "route" => "",
            "get" => "GET",
            "post" => "POST",
            _ => return None,
        };
        let mut local = names.clone();
        let body: String = body
            .lines()
            .skip_while(|l| !l.trim_start().starts_with("def "))
            .skip(1)
            .take_while(|l| l.trim().is_empty() || l.starts_with([' ', '\t']))
            .map(|l| format!("{}\n", l.trim()))
            .collect();
        let joined = body.replace("\n+", " +").replace("\\\n", " ");
        for (name, parts) in names_of_with(&joined, &local) {
            local.insert(name, parts);
        }
        if joined.lines().any(|l| l.starts_with("if ") || l.starts_with("for ") || l.starts_with("while ")) {
            return None;
        }
        let answer = joined.lines().find_map(|l| l.strip_prefix("return "))?;
        let start = joined.find(&format!("return {answer}"))?;
        let whole = joined.get(start + 7..)?.trim();
        let text = if split_top(answer, '\u{0}').len() == 1
            && expression(answer, &local, Language::Python).is_some()
        {
            answer
        } else {
            whole
        };
        let words = split_top(text, ',');
        let (value, status) = match words.as_slice() {
            [value, status] if status.trim().parse::<u16>().is_ok() => (*value, status.trim().parse().ok()?),
            _ => (text, 200),
        };
        let mut log = Vec::new();
        for inner in joined.split("print(").skip(1) {
            log.extend(printed(bracketed(inner)?.0, &local)?);
        }
        let inner = value.trim().strip_prefix("jsonify(").and_then(|v| v.strip_suffix(')'));
        let (body, kind) = match inner.or(Some(value.trim()).filter(|v| v.starts_with('{'))) {
            Some(object) => (json_of(object, &local)?, "application/json"),
            None => (expression(value, &local, Language::Python)?, "text/html; charset=utf-8"),
        };
        routes.push(Route {
            method: method.into(),
            path: path.as_str().into(),
            status,
            kind: kind.into(),
            body,
            log,
        });
    }
    (!routes.is_empty()).then_some(Script { port, hello: Vec::new(), routes, style: Style::Flask })
}

fn names_of_with(source: &str, known: &Names) -> Names {
    let mut names = known.clone();
    for line in source.lines().map(str::trim) {
        if let Some((name, value)) = line.split_once('=')
            && name.trim().chars().all(|c| c.is_alphanumeric() || c == '_')
            && let Some(parts) = expression(value, &names, Language::Python)
        {
            names.insert(name.trim().to_string(), parts);
        }
    }
    names
}

/// A dictionary or keyword arguments as JSON, keys in order as Flask sorts them.
fn json_of(text: &str, names: &Names) -> Option<Vec<Part>> {
    let inner = text.trim().strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
    let mut pairs = Vec::new();
    for pair in split_top(inner, ',').into_iter().filter(|p| !p.trim().is_empty()) {
        let (key, value) = pair.split_once(':').or_else(|| pair.split_once('='))?;
        let key = literal(key).unwrap_or_else(|| key.trim().to_string());
        let value = value.trim();
        let bare = match value {
            "True" => Some("true"),
            "False" => Some("false"),
            "None" => Some("null"),
            v if v.parse::<f64>().is_ok() => Some(v),
            _ => None,
        };
        let parts = match bare {
            Some(bare) => vec![Part::Text(bare.into())],
            None => {
                let parts = expression(value, names, Language::Python)?;
                let quote = Part::Text("\"".into());
                std::iter::once(quote.clone()).chain(parts).chain([quote]).collect()
            }
        };
        pairs.push((key, parts));
    }
    pairs.arrange_by(|a, b| a.0.cmp(&b.0));
    let mut out = vec![Part::Text("{".into())];
    for (n, (key, parts)) in pairs.into_iter().enumerate() {
        out.push(Part::Text(format!("{}\"{key}\":", if n > 0 { "," } else { "" }).into()));
        out.extend(parts);
    }
    out.push(Part::Text("}\n".into()));
    Some(out)
}
