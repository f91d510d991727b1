//! python3: Flask applications, `-m http.server`, `-m json.tool`, `-c print(…)`, versions; and perl's one
//! course job, the digits of pi. Left out: everything else of both languages.

use super::text::{Language, Names, bracketed, expression, literal, number, split_top};
use super::{Part, Route, Script, Style, serve};
use crate::images::serve::{App, Reply, Visit};
use crate::images::web;
use crate::machine::{Machine, Once};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use std::sync::Arc;

fn version(sys: &Sys<'_>) -> String {
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

fn printed(inner: &str, names: &Names) -> Option<Vec<Part>> {
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

fn names_of(source: &str) -> Names {
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

/// A Flask application's shape.
fn read(sys: &Sys<'_>, source: &str, port: Option<u16>) -> Option<Script> {
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
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out = vec![Part::Text("{".into())];
    for (n, (key, parts)) in pairs.into_iter().enumerate() {
        out.push(Part::Text(format!("{}\"{key}\":", if n > 0 { "," } else { "" }).into()));
        out.extend(parts);
    }
    out.push(Part::Text("}\n".into()));
    Some(out)
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

static FILES: App<Arc<str>> = App { name: "http.server", handle: file, on_term: None };

fn http_server(sys: &mut Sys<'_>, words: &[Arc<str>]) -> Box<dyn Machine> {
    let (mut port, mut root, mut given) = (8000u16, sys.cwd(), words.iter());
    while let Some(word) = given.next() {
        match &**word {
            "-d" | "--directory" => root = given.next().cloned().unwrap_or_default(),
            "-b" | "--bind" => _ = given.next(),
            text => match text.parse() {
                Ok(number) => port = number,
                Err(_) => {
                    sys.eprint(&format!("usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: error: argument port: invalid int value: '{text}'\n"));
                    return Box::new(Once(|_| 2));
                }
            },
        }
    }
    let root: Arc<str> = crate::filesystem::normalise(&sys.cwd(), &root).into();
    sys.print(&format!("Serving HTTP on 0.0.0.0 port {port} (http://0.0.0.0:{port}/) ...\n"));
    crate::images::serve::start(sys, &FILES, port, root, "OSError: [Errno 98] Address already in use\n")
}

fn file(root: &mut Arc<str>, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    let uri = crate::filesystem::normalise("/", &visit.request.path);
    let path = format!("{}{uri}", root.trim_end_matches('/'));
    let stat = sys.stat(&path);
    let folder = stat.as_ref().is_ok_and(|s| s.kind == FileKind::Directory);
    let (status, kind, body): (u16, &str, Vec<u8>) = if folder {
        match sys.read_file(&format!("{}/index.html", path.trim_end_matches('/'))) {
            Ok(bytes) => (200, "text/html", bytes.to_vec()),
            Err(_) => {
                let names = sys.list(&path).unwrap_or_default();
                let mut rows = String::new();
                for name in names {
                    let slash = sys
                        .stat(&format!("{}/{name}", path.trim_end_matches('/')))
                        .is_ok_and(|s| s.kind == FileKind::Directory);
                    let name = if slash { format!("{name}/") } else { name };
                    rows.push_str(&format!("<li><a href=\"{name}\">{name}</a></li>\n"));
                }
                let title = format!(
                    "Directory listing for {}",
                    if uri == "/" { "/".into() } else { format!("{uri}/") }
                );
                let html = format!(
                    "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n<hr>\n<ul>\n{rows}</ul>\n<hr>\n</body>\n</html>\n"
                );
                (200, "text/html; charset=utf-8", html.into_bytes())
            }
        }
    } else {
        match sys.read_file(&path) {
            Ok(bytes) => (200, web::media_type(&path).unwrap_or("application/octet-stream"), bytes.to_vec()),
            Err(_) => (404, "text/html;charset=utf-8", b"<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n        <meta charset=\"utf-8\">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: 404</p>\n        <p>Message: File not found.</p>\n        <p>Error code explanation: 404 - Nothing matches the given URI.</p>\n    </body>\n</html>\n".to_vec()),
        }
    };
    let at = web::log_date(sys.unix());
    let at = at.split(" +").next().unwrap_or("").replacen(':', " ", 1);
    if status == 404 {
        sys.eprint(&format!("{} - - [{at}] code 404, message File not found\n", visit.from));
    }
    sys.eprint(&format!(
        "{} - - [{at}] \"{} {} HTTP/1.1\" {status} -\n",
        visit.from,
        visit.request.method.name(),
        web::request_uri(visit.request)
    ));
    let (date, length) = (web::http_date(sys.unix()), body.len().to_string());
    let server = format!("SimpleHTTP/0.6 Python/{}", version(sys));
    let headers =
        [("Server", &*server), ("Date", &*date), ("Content-type", kind), ("Content-Length", &*length)];
    Reply::Now(web::reply(visit.request, status, &headers, &body))
}

/// perl: `-Mbignum=bpi -wle 'print bpi(N)'` and prints of a text.
pub fn perl(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    if args.iter().any(|a| matches!(&**a, "-v" | "--version")) {
        sys.print("\nThis is perl 5, version 40, subversion 3 (v5.40.3) built for x86_64-linux-gnu\n\n");
        return Box::new(Once(|_| 0));
    }
    let code = args.iter().skip(1).find(|a| !a.starts_with('-')).cloned().unwrap_or_default();
    if let Some(digits) = code
        .split_once("bpi(")
        .and_then(|c| c.1.split(')').next())
        .and_then(|n| n.trim().parse::<usize>().ok())
    {
        let text = pi(digits.clamp(1, 10_000));
        sys.print(&format!("{text}\n"));
        return Box::new(Once(|_| 0));
    }
    if let Some(text) = code.strip_prefix("print ").and_then(literal) {
        let end = if args.iter().any(|a| a.starts_with('-') && a.contains('l')) { "\n" } else { "" };
        sys.print(&(text + end));
        return Box::new(Once(|_| 0));
    }
    if code.is_empty() && !args.iter().any(|a| a.contains('d')) {
        return Box::new(Once(|_| 0));
    }
    sys.eprint("perl: this sandbox knows the digits of pi and prints of a text only\n");
    Box::new(Once(|_| 1))
}

/// So many significant digits of pi, the last one rounded: Machin's formula in limbs of nine digits.
fn pi(digits: usize) -> String {
    const BASE: u64 = 1_000_000_000;
    let limbs = digits / 9 + 4;
    // arctan(1/x) times `factor`, as limbs after the point.
    let arctan = |x: u64, factor: u64| -> Vec<u64> {
        let divide = |n: &mut [u64], by: u64| {
            let mut rest = 0u64;
            for limb in n.iter_mut() {
                let now = rest * BASE + *limb;
                *limb = now / by;
                rest = now % by;
            }
        };
        let mut power = vec![0u64; limbs];
        if let Some(first) = power.first_mut() {
            *first = factor;
        }
        divide(&mut power, x);
        let mut sum = power.clone();
        let (mut n, mut plus) = (1u64, false);
        while power.iter().any(|l| *l != 0) {
            divide(&mut power, x * x);
            n += 2;
            let mut term = power.clone();
            divide(&mut term, n);
            if plus {
                add(&mut sum, &term)
            } else {
                subtract(&mut sum, &term)
            }
            plus = !plus;
        }
        sum
    };
    fn add(a: &mut [u64], b: &[u64]) {
        let mut carry = 0;
        for (x, y) in a.iter_mut().zip(b).rev() {
            let sum = *x + y + carry;
            *x = sum % BASE;
            carry = sum / BASE;
        }
    }
    fn subtract(a: &mut [u64], b: &[u64]) {
        let mut borrow = 0;
        for (x, y) in a.iter_mut().zip(b).rev() {
            let need = y + borrow;
            borrow = u64::from(*x < need);
            *x = *x + borrow * BASE - need;
        }
    }
    let mut value = arctan(5, 16);
    subtract(&mut value, &arctan(239, 4));
    let whole = value.first().copied().unwrap_or(3);
    let mut all: Vec<u8> =
        value.iter().skip(1).flat_map(|l| format!("{l:09}").into_bytes()).map(|b| b - b'0').collect();
    let keep = digits.saturating_sub(1);
    let up = all.get(keep).is_some_and(|d| *d >= 5);
    all.truncate(keep);
    if up {
        for digit in all.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                break;
            }
            *digit = 0;
        }
    }
    let tail: String = all.iter().map(|d| char::from(b'0' + d)).collect();
    if tail.is_empty() { whole.to_string() } else { format!("{whole}.{tail}") }
}

#[cfg(test)]
mod tests {
    use super::pi;

    #[test]
    fn pi_has_its_digits() {
        assert_eq!(pi(10), "3.141592654");
        assert_eq!(pi(51), "3.14159265358979323846264338327950288419716939937511");
        let long = pi(2000);
        assert_eq!(long.len(), 2001);
        assert!(long.starts_with("3.14159265358979323846264338327950288419716939937510582097494459230781"));
    }
}
