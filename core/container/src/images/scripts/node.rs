//! node: servers on `http` or express, `-e` with console.log, versions; the servers of its own images.

use super::text::{Language, Names, bracketed, expression, literal, number, split_top};
use super::{Part, Route, Script, Style, serve};
use crate::machine::{Machine, Once};
use crate::sys::Sys;
use std::sync::Arc;

/// `docker-entrypoint.sh`: node's own flags and scripts go to node, commands run as they are.
pub fn entrypoint(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let rest: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    let paths = sys.env("PATH").unwrap_or_else(|| crate::life::DEFAULT_PATH.into());
    let is_program = rest.first().is_some_and(|f| {
        !f.starts_with('-')
            && (f.contains('/') || paths.split(':').any(|dir| sys.stat(&format!("{dir}/{f}")).is_ok()))
    });
    let argv = if is_program { rest } else { [Arc::from("node")].into_iter().chain(rest).collect() };
    Box::new(crate::machine::ExecAll::new(argv.into(), "/usr/local/bin/docker-entrypoint.sh: 8: exec"))
}

pub fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let mut words =
        args.iter().skip(1).skip_while(|a| a.starts_with("--") && !matches!(&***a, "--version" | "--eval"));
    let version = sys.env("NODE_VERSION").unwrap_or_else(|| "22.20.0".into());
    let script = match words.next().map(|a| &**a) {
        Some("-v" | "--version") => {
            sys.print(&format!("v{version}\n"));
            return Box::new(Once(|_| 0));
        }
        Some("-e" | "--eval" | "-p" | "--print") => {
            let code = words.next().cloned().unwrap_or_default();
            let print = args.iter().any(|a| matches!(&**a, "-p" | "--print"));
            return eval(sys, &code, print);
        }
        None => {
            if sys.is_tty(0) {
                sys.print(&format!("Welcome to Node.js v{version}.\n"));
                sys.eprint("node: this sandbox has no interactive JavaScript\n");
            }
            return Box::new(Once(|_| 0));
        }
        Some(script) => script.to_string(),
    };
    let cwd = sys.cwd();
    let mut path = crate::filesystem::normalise(&cwd, &script);
    for tail in ["", ".js", "/index.js"] {
        let at = format!("{path}{tail}");
        if sys.stat(&at).is_ok_and(|s| s.kind == crate::sys_fs::FileKind::File) {
            path = at;
            break;
        }
    }
    let Ok(bytes) = sys.read_file(&path) else {
        let old = version.split('.').next().and_then(|m| m.parse::<u32>().ok()).is_some_and(|m| m < 12);
        sys.eprint(&if old {
            format!("module.js:471\n    throw err;\n    ^\n\nError: Cannot find module '{path}'\n    at Function.Module._resolveFilename (module.js:469:15)\n")
        } else {
            format!("node:internal/modules/cjs/loader:1386\n  throw err;\n  ^\n\nError: Cannot find module '{path}'\n    at Function._resolveFilename (node:internal/modules/cjs/loader:1383:15)\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}}\n\nNode.js v{version}\n")
        });
        return Box::new(Once(|_| 1));
    };
    let source = String::from_utf8_lossy(&bytes).into_owned();
    if let Some(family) =
        source.strip_prefix("// ").and_then(|s| s.lines().next()).filter(|l| l.starts_with("kubia"))
    {
        return crate::images::kubia::start_family(sys, family);
    }
    for module in ["express", "redis", "mongoose", "mysql", "pg", "body-parser", "cors"] {
        let asks = [
            format!("require('{module}')"),
            format!("require(\"{module}\")"),
            format!("from '{module}'"),
            format!("from \"{module}\""),
        ]
        .iter()
        .any(|a| source.contains(a.as_str()));
        let folder = crate::filesystem::parent(&path).to_string();
        let mut at = folder.as_str();
        let mut found = sys.stat(&format!("/usr/local/lib/node_modules/{module}")).is_ok();
        loop {
            found |= sys
                .stat(&super::super::super::utilities::support::join(at, &format!("node_modules/{module}")))
                .is_ok();
            if at == "/" {
                break;
            }
            at = crate::filesystem::parent(at);
        }
        if asks && !found {
            sys.eprint(&format!("node:internal/modules/cjs/loader:1386\n  throw err;\n  ^\n\nError: Cannot find module '{module}'\nRequire stack:\n- {path}\n    at Function._resolveFilename (node:internal/modules/cjs/loader:1383:15)\n  code: 'MODULE_NOT_FOUND',\n  requireStack: [ '{path}' ]\n}}\n\nNode.js v{version}\n"));
            return Box::new(Once(|_| 1));
        }
    }
    match read(sys, &source) {
        Some(script) => {
            let taken = format!(
                "node:events:497\n      throw er; // Unhandled 'error' event\n      ^\n\nError: listen EADDRINUSE: address already in use :::{0}\n  code: 'EADDRINUSE',\n  port: {0}\n",
                script.port
            );
            serve(sys, script, &taken)
        }
        None => match plain(&without_comments(&source)) {
            Some(parts) => {
                let out = super::render(sys, &parts, None, 0, None);
                sys.print(&out);
                Box::new(Once(|_| 0))
            }
            None => {
                sys.eprint(&format!("node: {script}: this sandbox runs small http and express servers only; this program is beyond them\n"));
                Box::new(Once(|_| 1))
            }
        },
    }
}

fn eval(sys: &mut Sys<'_>, code: &str, print: bool) -> Box<dyn Machine> {
    let parts = if print {
        expression(code, &names_of(""), Language::JavaScript).map(|mut p| {
            p.push(Part::Text("\n".into()));
            p
        })
    } else {
        plain(code)
    };
    match parts {
        Some(parts) => {
            let out = super::render(sys, &parts, None, 0, None);
            sys.print(&out);
            Box::new(Once(|_| 0))
        }
        None => {
            sys.eprint("node: this sandbox evaluates texts only\n");
            Box::new(Once(|_| 1))
        }
    }
}

/// A program of nothing but declarations and console.log.
fn plain(source: &str) -> Option<Vec<Part>> {
    let names = names_of(source);
    let mut out = Vec::new();
    for statement in source.split([';', '\n']).map(str::trim).filter(|s| !s.is_empty()) {
        if let Some(inner) = statement.strip_prefix("console.log(").and_then(|s| s.strip_suffix(')')) {
            out.extend(logged(inner, &names)?);
        } else if !(statement.starts_with("const ")
            || statement.starts_with("let ")
            || statement.starts_with("var ")
            || statement.starts_with("'use strict'"))
        {
            return None;
        }
    }
    Some(out)
}

/// console.log's arguments, with blanks between them and the end of the line.
fn logged(inner: &str, names: &Names) -> Option<Vec<Part>> {
    let mut out = Vec::new();
    for (n, piece) in split_top(inner, ',').into_iter().enumerate() {
        if n > 0 {
            out.push(Part::Text(" ".into()));
        }
        out.extend(expression(piece, names, Language::JavaScript)?);
    }
    out.push(Part::Text("\n".into()));
    Some(out)
}

fn without_comments(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |r| r.1);
    }
    out.push_str(rest);
    out.lines()
        .map(|l| match l.find("//").filter(|at| !l.get(..*at).is_some_and(|b| b.ends_with(':'))) {
            Some(at) => l.get(..at).unwrap_or(l),
            None => l,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Constants whose values are understood.
fn names_of(source: &str) -> Names {
    let mut names = Names::new();
    for statement in source.split([';', '\n']).map(str::trim) {
        let Some(rest) = ["const ", "let ", "var "].iter().find_map(|k| statement.strip_prefix(k)) else {
            continue;
        };
        if let Some((name, value)) = rest.split_once('=')
            && let Some(parts) = expression(value, &names, Language::JavaScript)
        {
            names.insert(name.trim().to_string(), parts);
        }
    }
    names
}

/// The counter a handler raises: `count++`, `requests += 1`.
fn counters(source: &str, names: &mut Names) {
    for at in source.match_indices("++").map(|m| m.0).chain(source.match_indices("+= 1").map(|m| m.0)) {
        let before = source.get(..at).unwrap_or("").trim_end();
        let name: String = before.chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let name: String = name.chars().rev().collect();
        if !name.is_empty() {
            names.insert(name.clone(), vec![Part::Count]);
            names.insert(format!("{name}++"), vec![Part::Count]);
        }
    }
}

/// A server's shape.
fn read(sys: &Sys<'_>, source: &str) -> Option<Script> {
    let source = without_comments(source);
    let mut names = names_of(&source);
    counters(&source, &mut names);
    let (before, after) = source.split_once(".listen(")?;
    let (arguments, _) = bracketed(after)?;
    let words = split_top(arguments, ',');
    let port = number(sys, &expression(words.first()?, &names, Language::JavaScript)?)?;
    let mut hello = Vec::new();
    // What stands outside of handlers and in the callback of listen is printed at the start.
    for text in [before, arguments] {
        for line in text.lines().chain(std::iter::once(text)) {
            let line = line.trim().trim_end_matches(';');
            let top = !text.contains("createServer(") || text == arguments;
            if let Some(inner) = line.strip_prefix("console.log(").and_then(|l| bracketed(l)).map(|b| b.0)
                && (top || !within_handler(before, line))
            {
                hello.extend(logged(inner, &names)?);
            }
        }
    }
    if arguments.contains("console.log(") && hello.is_empty() {
        let (_, rest) = arguments.split_once("console.log(")?;
        hello.extend(logged(bracketed(rest)?.0, &names)?);
    }
    let mut routes = Vec::new();
    let express = source.contains("express");
    if express {
        for verb in ["get", "post", "put", "delete", "use", "all"] {
            for piece in source.split(&format!("app.{verb}(")).skip(1) {
                let (inner, _) = bracketed(piece)?;
                let words = split_top(inner, ',');
                let Some(path) = words.first().and_then(|w| literal(w)) else {
                    // Middleware: understood ones do nothing to these answers.
                    let known = [
                        "express.json",
                        "express.static",
                        "express.urlencoded",
                        "cors",
                        "bodyParser",
                        "morgan",
                    ];
                    if known.iter().any(|k| inner.contains(k)) {
                        continue;
                    }
                    return None;
                };
                let handler = words.get(1..).unwrap_or(&[]).join(",");
                let method = if matches!(verb, "use" | "all") { String::new() } else { verb.to_uppercase() };
                routes.push(route(&handler, &method, &path, &names, true)?);
            }
        }
    } else {
        let marker = source.split_once("createServer(").map(|s| s.1);
        let handler = match marker {
            Some(rest) => {
                let (inner, _) = bracketed(rest)?;
                let name = inner.trim();
                // A handler by name: `var handler = function(request, response) {…}`.
                match name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    true => {
                        let from = ["var", "const", "let"]
                            .iter()
                            .find_map(|k| source.split_once(&format!("{k} {name} =")))
                            .or_else(|| source.split_once(&format!("function {name}")))?;
                        let open = from.1.split_once('{')?.1;
                        bracketed(open)?.0.to_string()
                    }
                    false => inner.to_string(),
                }
            }
            None => return None,
        };
        if handler.contains("if (") || handler.contains("if(") || handler.contains("switch") {
            return None;
        }
        routes.push(route(&handler, "", "*", &names, false)?);
    }
    if routes.is_empty() {
        return None;
    }
    let style = if express { Style::Express } else { Style::Node };
    Some(Script { port, hello, routes, style })
}

fn within_handler(before: &str, line: &str) -> bool {
    let at = before.find(line).unwrap_or(0);
    let text = before.get(..at).unwrap_or("");
    text.matches('{').count() > text.matches('}').count()
}

fn route(handler: &str, method: &str, path: &str, names: &Names, express: bool) -> Option<Route> {
    let (mut body, mut status, mut kind, mut json) = (Vec::new(), 200, String::new(), false);
    let mut found = false;
    let mut log = Vec::new();
    let mut local = names.clone();
    for (name, parts) in names_of(handler) {
        local.insert(name, parts);
    }
    for inner in handler.split("console.log(").skip(1) {
        log.extend(logged(bracketed(inner)?.0, &local)?);
    }
    for call in ["writeHead(", "status(", "sendStatus("] {
        if let Some((_, rest)) = handler.split_once(call) {
            let (inner, _) = bracketed(rest)?;
            let words = split_top(inner, ',');
            status = words.first()?.trim().parse().ok()?;
        }
    }
    if let Some(at) = handler.find("statusCode") {
        let rest = handler.get(at..)?.split_once('=')?.1;
        status = rest.split([';', '\n']).next()?.trim().parse().ok()?;
    }
    for mark in ["'Content-Type'", "\"Content-Type\"", "'content-type'", "\"content-type\""] {
        if let Some((_, rest)) = handler.split_once(mark) {
            kind = literal(rest.trim_start_matches([':', ',', ' ']).split([',', '}', ')']).next()?)?;
        }
    }
    for (call, is_json) in [(".write(", false), (".send(", false), (".json(", true), (".end(", false)] {
        for rest in handler.split(call).skip(1) {
            let (inner, _) = bracketed(rest)?;
            found = true;
            if inner.trim().is_empty() {
                continue;
            }
            let object = inner.trim().starts_with('{') || inner.trim().starts_with('[');
            if is_json || object {
                json = true;
                body.extend(json_of(inner.trim(), &local)?);
            } else if let Some(inner) =
                inner.trim().strip_prefix("JSON.stringify(").and_then(|i| i.strip_suffix(')'))
            {
                body.extend(json_of(inner.trim(), &local)?);
            } else {
                body.extend(expression(inner, &local, Language::JavaScript)?);
            }
        }
    }
    if !found {
        return None;
    }
    if express && kind.is_empty() {
        kind = if json { "application/json; charset=utf-8" } else { "text/html; charset=utf-8" }.into();
    }
    let arc = |t: &str| Arc::<str>::from(t);
    Some(Route { method: arc(method), path: arc(path), status, kind: arc(&kind), body, log })
}

/// An object literal as JSON.
fn json_of(text: &str, names: &Names) -> Option<Vec<Part>> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut out = vec![Part::Text("{".into())];
    for (n, pair) in split_top(inner, ',').into_iter().filter(|p| !p.trim().is_empty()).enumerate() {
        let (key, value) = pair.split_once(':').unwrap_or((pair, pair));
        let key = literal(key).unwrap_or_else(|| key.trim().to_string());
        let comma = if n > 0 { "," } else { "" };
        let value = value.trim();
        let bare = matches!(value, "true" | "false" | "null") || value.parse::<f64>().is_ok();
        out.push(Part::Text(format!("{comma}\"{key}\":").into()));
        if bare {
            out.push(Part::Text(value.into()));
        } else if value.starts_with('{') {
            out.extend(json_of(value, names)?);
        } else {
            let parts = expression(value, names, Language::JavaScript)?;
            let number = parts == [Part::Count];
            let quote = Part::Text(if number { "" } else { "\"" }.into());
            out.push(quote.clone());
            out.extend(parts);
            out.push(quote);
        }
    }
    out.push(Part::Text("}".into()));
    Some(out)
}
