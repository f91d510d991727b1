//! python3: Flask applications, `-m http.server`, `-m json.tool`, `-c print(…)`, versions; and perl's one
//! course job, the digits of pi. Left out: everything else of both languages.

use super::files::http_server;
use super::flask::read;
use super::text::{Language, Names, expression, split_top};
use super::{Part, serve};
use crate::machine::{Machine, Once};
use crate::sys::Sys;
use std::sync::Arc;

pub(super) fn version(sys: &Sys<'_>) -> String {
    sys.env("PYTHON_VERSION").map_or_else(|| "3.11.2".into(), |v| v.to_string())
}

pub fn start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let own = args.first().map_or(String::new(), |a| crate::filesystem::base_name(a).to_string());
    let words: Vec<Arc<str>> =
        args.iter().skip(1).filter(|a| !matches!(&***a, "-u" | "-B" | "-O" | "-W" | "-s")).cloned().collect();
    match own.as_str() {
        "flask" => return flask(sys, &words),
        "gunicorn" => return gunicorn(sys, &words),
        "uvicorn" => return refused(sys, "uvicorn"),
        _ => {}
    }
    match words.first().map(|w| &**w) {
        Some("-V" | "--version" | "-VV") => {
            let version = version(sys);
            sys.print(&format!("Python {version}\n"));
            Box::new(Once(|_| 0))
        }
        Some("-c") => one_line(sys, &words.get(1).cloned().unwrap_or_default()),
        Some("-m") => module(sys, &words),
        None => {
            if sys.is_tty(0) {
                let version = version(sys);
                sys.print(&format!("Python {version} (main) [GCC 12.2.0] on linux\n"));
                sys.eprint("python3: this sandbox has no interactive Python\n");
            }
            Box::new(Once(|_| 0))
        }
        Some(script) if !script.starts_with('-') => {
            let script = script.to_string();
            run_file(sys, &script, None)
        }
        Some(other) => {
            let text = format!(
                "unknown option {other}\nusage: python3 [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n"
            );
            sys.eprint(&text);
            Box::new(Once(|_| 2))
        }
    }
}

fn refused(sys: &mut Sys<'_>, what: &str) -> Box<dyn Machine> {
    sys.eprint(&format!("{what}: this sandbox runs small Flask applications and http.server only; this program is beyond them\n"));
    Box::new(Once(|_| 1))
}

fn module(sys: &mut Sys<'_>, words: &[Arc<str>]) -> Box<dyn Machine> {
    let rest: Vec<Arc<str>> = words.iter().skip(2).cloned().collect();
    match words.get(1).map_or("", |w| w) {
        "http.server" | "SimpleHTTPServer" => http_server(sys, &rest),
        "flask" => flask(sys, &rest),
        "gunicorn" => gunicorn(sys, &rest),
        "pip" => {
            let argv = std::iter::once(Arc::from("pip")).chain(rest).collect::<Vec<_>>();
            Box::new(crate::machine::ExecAll::new(argv.into(), "python3"))
        }
        "venv" => {
            let dir = rest.iter().find(|r| !r.starts_with('-')).cloned().unwrap_or_default();
            let made = sys.make_folders(&format!("{dir}/bin"));
            _ = sys.write_file(
                &format!("{dir}/bin/activate"),
                format!("VIRTUAL_ENV={dir}\nexport VIRTUAL_ENV\n").as_bytes(),
                false,
            );
            _ = sys.write_file(
                &format!("{dir}/pyvenv.cfg"),
                b"home = /usr/bin\ninclude-system-site-packages = false\n",
                false,
            );
            if made.is_ok() { Box::new(Once(|_| 0)) } else { Box::new(Once(|_| 1)) }
        }
        "json.tool" => crate::utilities::filter::gathering(Default::default(), &rest, |sys, _, data| {
            match drydock_machinery::json::parse(data) {
                Ok(value) => {
                    sys.print(&(indented(&value, 0) + "\n"));
                    0
                }
                Err(error) => {
                    sys.eprint(&format!("{error}\n"));
                    1
                }
            }
        }),
        "" => {
            sys.eprint("Argument expected for the -m option\n");
            Box::new(Once(|_| 2))
        }
        other => {
            sys.eprint(&format!("/usr/bin/python3: No module named {other}\n"));
            Box::new(Once(|_| 1))
        }
    }
}

/// JSON with four blanks, as json.tool prints it.
fn indented(value: &drydock_machinery::Value, depth: usize) -> String {
    use drydock_machinery::{Value, json};
    let (pad, end) = (" ".repeat(depth * 4 + 4), " ".repeat(depth * 4));
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            let rows: Vec<String> = entries
                .iter()
                .map(|e| format!("{pad}{}: {}", json::quote(e.0.text()), indented(&e.1, depth + 1)))
                .collect();
            format!("{{\n{}\n{end}}}", rows.join(",\n"))
        }
        Value::List(items) if !items.is_empty() => {
            let rows: Vec<String> =
                items.iter().map(|i| format!("{pad}{}", indented(i, depth + 1))).collect();
            format!("[\n{}\n{end}]", rows.join(",\n"))
        }
        other => json::to_string(other),
    }
}

/// `print(…)` of understood texts, statements apart by `;` or lines.
fn one_line(sys: &mut Sys<'_>, code: &str) -> Box<dyn Machine> {
    match prints(code) {
        Some(parts) => {
            let out = super::render(sys, &parts, None, 0, None);
            sys.print(&out);
            Box::new(Once(|_| 0))
        }
        None => refused(sys, "python3"),
    }
}

fn prints(code: &str) -> Option<Vec<Part>> {
    let names = names_of(code);
    let mut out = Vec::new();
    for statement in code.split(['\n', ';']).map(|s| s.split(" # ").next().unwrap_or("").trim()) {
        if let Some(inner) = statement.strip_prefix("print(").and_then(|s| s.strip_suffix(')')) {
            out.extend(printed(inner, &names)?);
        } else if !(statement.is_empty()
            || statement.starts_with('#')
            || statement.starts_with("import ")
            || statement.starts_with("from ")
            || is_known_assignment(statement, &names))
        {
            return None;
        }
    }
    Some(out)
}

fn is_known_assignment(statement: &str, names: &Names) -> bool {
    statement.split_once('=').is_some_and(|(name, _)| names.contains_key(name.trim()))
}

pub(super) fn printed(inner: &str, names: &Names) -> Option<Vec<Part>> {
    let mut out = Vec::new();
    let mut first = true;
    for piece in split_top(inner, ',').into_iter().map(str::trim) {
        if piece.starts_with("flush=") || piece.starts_with("file=") || piece.is_empty() {
            continue;
        }
        if !first {
            out.push(Part::Text(" ".into()));
        }
        first = false;
        out.extend(expression(piece, names, Language::Python)?);
    }
    out.push(Part::Text("\n".into()));
    Some(out)
}

pub(super) fn names_of(source: &str) -> Names {
    let mut names = Names::new();
    for line in source.split(['\n', ';']).map(str::trim) {
        if let Some((name, value)) = line.split_once('=')
            && name.trim().chars().all(|c| c.is_alphanumeric() || c == '_')
            && let Some(parts) = expression(value.split(" # ").next().unwrap_or(""), &names, Language::Python)
        {
            names.insert(name.trim().to_string(), parts);
        }
    }
    names
}

fn run_file(sys: &mut Sys<'_>, script: &str, port: Option<u16>) -> Box<dyn Machine> {
    let source = match sys.read_file(script) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).replace("\\\n", " "),
        Err(errno) => {
            let path = crate::filesystem::normalise(&sys.cwd(), script);
            sys.eprint(&format!(
                "python3: can't open file '{path}': [Errno {}] {errno}\n",
                if errno == crate::Errno::Enoent { 2 } else { 13 }
            ));
            return Box::new(Once(|_| 2));
        }
    };
    let known = sys
        .read_file("/usr/local/lib/python3/site-packages/installed.txt")
        .map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    let debian = sys
        .read_file("/var/lib/dpkg/status")
        .map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    for name in ["flask", "redis", "requests", "django", "fastapi", "numpy", "psycopg2", "pymysql", "pymongo"]
    {
        let line = source
            .lines()
            .position(|l| l.starts_with(&format!("import {name}")) || l.starts_with(&format!("from {name}")));
        let there =
            known.lines().any(|k| k == name) || debian.contains(&format!("Package: python3-{name}\n"));
        if let (Some(line), false) = (line, there) {
            let path = crate::filesystem::normalise(&sys.cwd(), script);
            let text = source.lines().nth(line).unwrap_or("").to_string();
            sys.eprint(&format!("Traceback (most recent call last):\n  File \"{path}\", line {}, in <module>\n    {text}\nModuleNotFoundError: No module named '{name}'\n", line + 1));
            return Box::new(Once(|_| 1));
        }
    }
    match read(sys, &source, port) {
        Some(server) => {
            let name = crate::filesystem::base_name(script).trim_end_matches(".py").to_string();
            let debug = source.contains("debug=True");
            sys.print(&format!(
                " * Serving Flask app '{name}'\n * Debug mode: {}\n",
                if debug { "on" } else { "off" }
            ));
            let port = server.port;
            let everywhere = source.contains("0.0.0.0")
                || sys.args().iter().any(|a| a.contains("0.0.0.0"))
                || sys.env("FLASK_RUN_HOST").is_some_and(|h| &*h == "0.0.0.0");
            let own = sys.address().unwrap_or_default();
            let lines = if everywhere {
                format!(
                    " * Running on all addresses (0.0.0.0)\n * Running on http://127.0.0.1:{port}\n * Running on http://{own}:{port}\n"
                )
            } else {
                format!(" * Running on http://127.0.0.1:{port}\n")
            };
            sys.eprint(&format!("WARNING: This is a development server. Do not use it in a production deployment. Use a production WSGI server instead.\n{lines}Press CTRL+C to quit\n"));
            serve(
                sys,
                server,
                &format!(
                    "Address already in use\nPort {port} is in use by another program. Either identify and stop that program, or start the server with a different port.\n"
                ),
            )
        }
        None => match prints(&source) {
            Some(parts) => {
                let out = super::render(sys, &parts, None, 0, None);
                sys.print(&out);
                Box::new(Once(|_| 0))
            }
            None => refused(sys, script),
        },
    }
}

/// `flask run`
fn flask(sys: &mut Sys<'_>, words: &[Arc<str>]) -> Box<dyn Machine> {
    let value = |names: &[&str]| {
        let at = words.iter().position(|w| names.contains(&&**w));
        at.and_then(|a| words.get(a + 1)).cloned().or_else(|| {
            words.iter().find_map(|w| w.split_once('=').filter(|s| names.contains(&s.0)).map(|s| s.1.into()))
        })
    };
    if !words.iter().any(|w| &**w == "run") {
        sys.print("Usage: flask [OPTIONS] COMMAND [ARGS]...\n\nCommands:\n  routes  Show the routes for the app.\n  run     Run a development server.\n  shell   Run a shell in the app context.\n");
        return Box::new(Once(|_| 0));
    }
    let port = value(&["--port", "-p"])
        .or_else(|| sys.env("FLASK_RUN_PORT"))
        .and_then(|p| p.parse().ok())
        .unwrap_or(5000);
    let app = value(&["--app", "-A"]).or_else(|| sys.env("FLASK_APP"));
    let file = match app {
        Some(app) => {
            let app = app.split(':').next().unwrap_or("app");
            if app.ends_with(".py") { app.to_string() } else { format!("{app}.py") }
        }
        None => {
            ["app.py", "wsgi.py"].into_iter().find(|f| sys.stat(f).is_ok()).unwrap_or("app.py").to_string()
        }
    };
    if sys.stat(&file).is_err() {
        sys.eprint("Usage: flask run [OPTIONS]\nTry 'flask run --help' for help.\n\nError: Could not locate a Flask application. Use the 'flask --app' option, 'FLASK_APP' environment variable, or a 'wsgi.py' or 'app.py' file in the current directory.\n");
        return Box::new(Once(|_| 2));
    }
    run_file(sys, &file, Some(port))
}

fn gunicorn(sys: &mut Sys<'_>, words: &[Arc<str>]) -> Box<dyn Machine> {
    let bind = words
        .iter()
        .position(|w| matches!(&**w, "-b" | "--bind"))
        .and_then(|a| words.get(a + 1))
        .cloned()
        .or_else(|| {
            words.iter().find_map(|w| w.strip_prefix("--bind=").or(w.strip_prefix("-b")).map(Arc::from))
        });
    let port =
        bind.as_deref().and_then(|b| b.rsplit(':').next()).and_then(|p| p.parse().ok()).unwrap_or(8000);
    let app =
        words.iter().find(|w| !w.starts_with('-') && w.contains(':') && !w.contains("0.0.0.0")).cloned();
    let file = format!("{}.py", app.as_deref().and_then(|a| a.split(':').next()).unwrap_or("app"));
    run_file(sys, &file, Some(port))
}
