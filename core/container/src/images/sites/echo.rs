//! Servers that tell a client about its request: httpbin, echoserver, the small ones of old tutorials.

use super::pages::{page, redirect, text};
use super::{Outcome, Site, Turn, no_check};
use crate::images::serve::Visit;
use crate::images::web;
use crate::sys::Sys;
use drydock_machinery::sort::Arrange;
use drydock_network::http::Request;

pub const SITES: &[Site] = &[
    Site {
        name: "httpbin",
        commands: &["gunicorn", "go-httpbin"],
        ports: &[80],
        starting: "[%s +0000] [1] [INFO] Starting gunicorn 19.9.0\n",
        ready: "[%s +0000] [1] [INFO] Listening at: http://0.0.0.0:80 (1)\n[%s +0000] [1] [INFO] Using worker: gevent\n[%s +0000] [9] [INFO] Booting worker with pid: 9\n",
        ready_ms: 400,
        on_term: Some(0),
        check: no_check,
        answer: httpbin,
    },
    Site {
        name: "echoserver",
        commands: &["nginx", "run.sh"],
        ports: &[8080],
        starting: "",
        ready: "Generating self-signed cert\nStarting nginx\n",
        ready_ms: 200,
        on_term: Some(0),
        check: no_check,
        answer: echoserver,
    },
    Site {
        name: "jwilder-whoami",
        commands: &["http"],
        ports: &[8000],
        starting: "Listening on :8000\n",
        ready: "",
        ready_ms: 0,
        on_term: Some(2),
        check: no_check,
        answer: |sys, visit, _, _| {
            let host = sys.hostname();
            sys.print(&format!("I'm {host}\n"));
            text(sys, visit, 200, &format!("I'm {host}\n"))
        },
    },
    Site {
        name: "webapp",
        commands: &["python"],
        ports: &[5000],
        starting: " * Running on http://0.0.0.0:5000/ (Press CTRL+C to quit)\n",
        ready: "",
        ready_ms: 100,
        on_term: None,
        check: no_check,
        answer: |sys, visit, _, _| {
            let provider = sys.env("PROVIDER").unwrap_or_else(|| "world".into());
            page(
                sys,
                visit,
                200,
                "text/html; charset=utf-8",
                "Werkzeug/0.8.3 Python/2.7.6",
                &format!("Hello {provider}!"),
            )
        },
    },
    Site {
        name: "goproxy",
        commands: &["goproxy"],
        ports: &[8080],
        starting: "",
        ready: "",
        ready_ms: 0,
        on_term: Some(2),
        check: no_check,
        answer: |sys, visit, _, _| text(sys, visit, 400, "400 Bad Request"),
    },
];

fn quoted(text: &str) -> String {
    drydock_machinery::json::quote(text)
}

/// An object of name and value as httpbin prints it, names in order.
fn object(mut pairs: Vec<(String, String)>, indent: usize) -> String {
    if pairs.is_empty() {
        return "{}".into();
    }
    pairs.arrange();
    let space = " ".repeat(indent);
    let rows: Vec<String> =
        pairs.iter().map(|(k, v)| format!("{space}  {}: {}", quoted(k), quoted(v))).collect();
    format!("{{\n{}\n{space}}}", rows.join(", \n"))
}

fn fields(request: &Request) -> Vec<(String, String)> {
    let title = |name: &str| {
        name.split('-')
            .map(|part| {
                let (first, rest) = part.split_at_checked(1).unwrap_or((part, ""));
                first.to_uppercase() + &rest.to_lowercase()
            })
            .collect::<Vec<_>>()
            .join("-")
    };
    request.headers.0.iter().map(|(n, v)| (title(n), v.to_string())).collect()
}

fn httpbin(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    const SERVER: &str = "gunicorn/19.9.0";
    let request = visit.request;
    let method = request.method.name();
    let host = request.headers.get("Host").unwrap_or("localhost").to_string();
    let url = format!("http://{host}{}", web::request_uri(request));
    let args: Vec<(String, String)> =
        request.query.iter().map(|q| (q.0.to_string(), q.1.to_string())).collect();
    let origin = visit.from.to_string();
    let answer = |status: u16, body: &str| page(sys, visit, status, "application/json", SERVER, body);
    let parts: Vec<&str> = request.path.split('/').filter(|p| !p.is_empty()).collect();
    let number = |at: usize| parts.get(at).and_then(|p| p.parse::<u64>().ok());
    match (parts.first().copied().unwrap_or(""), parts.len()) {
        ("get" | "delay" | "post" | "put" | "patch" | "delete" | "anything", _) => {
            let what = parts.first().copied().unwrap_or("");
            if matches!(what, "get" | "post" | "put" | "patch" | "delete")
                && !what.eq_ignore_ascii_case(method)
                && !(what == "get" && method == "HEAD")
            {
                return page(
                    sys,
                    visit,
                    405,
                    "text/html",
                    SERVER,
                    "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n<p>The method is not allowed for the requested URL.</p>\n",
                );
            }
            let body = String::from_utf8_lossy(&request.body.bytes()).into_owned();
            let kind = request.headers.get("Content-Type").unwrap_or("");
            let mut rows = vec![format!("  \"args\": {}", object(args, 2))];
            if what != "get" {
                let form = kind.starts_with("application/x-www-form-urlencoded");
                let pairs = body
                    .split('&')
                    .filter_map(|p| p.split_once('='))
                    .map(|(k, v)| (k.to_string(), v.to_string()));
                rows.push(format!("  \"data\": {}", quoted(if form { "" } else { &body })));
                rows.push("  \"files\": {}".into());
                rows.push(format!(
                    "  \"form\": {}",
                    object(if form { pairs.collect() } else { Vec::new() }, 2)
                ));
            }
            rows.push(format!("  \"headers\": {}", object(fields(request), 2)));
            if what != "get" && what != "delay" {
                let value = drydock_machinery::json::parse(body.as_bytes()).ok();
                rows.push(format!(
                    "  \"json\": {}",
                    value.map_or("null".into(), |v| drydock_machinery::json::to_string(&v))
                ));
            }
            if what == "anything" {
                rows.push(format!("  \"method\": \"{method}\""));
            }
            rows.push(format!("  \"origin\": {}", quoted(&origin)));
            rows.push(format!("  \"url\": {}", quoted(&url)));
            let text = format!("{{\n{}\n}}\n", rows.join(", \n"));
            match (answer(200, &text), what) {
                (Turn::Answer(answer), "delay") => Turn::Later(answer, number(1).unwrap_or(0).min(10) * 1000),
                (turn, _) => turn,
            }
        }
        ("headers", 1) => answer(200, &format!("{{\n  \"headers\": {}\n}}\n", object(fields(request), 2))),
        ("ip", 1) => answer(200, &format!("{{\n  \"origin\": {}\n}}\n", quoted(&origin))),
        ("user-agent", 1) => {
            let agent = request.headers.get("User-Agent").unwrap_or("");
            answer(200, &format!("{{\n  \"user-agent\": {}\n}}\n", quoted(agent)))
        }
        ("uuid", 1) => {
            let uuid = sys.machines.clock.random.uuid();
            page(sys, visit, 200, "application/json", SERVER, &format!("{{\n  \"uuid\": \"{uuid}\"\n}}\n"))
        }
        ("status", 2) => match number(1) {
            Some(418) => page(sys, visit, 418, "text/plain", SERVER, "\n    -=[ teapot ]=-\n"),
            Some(status @ 100..=599) => {
                page(sys, visit, status as u16, "text/html; charset=utf-8", SERVER, "")
            }
            _ => page(sys, visit, 400, "text/html", SERVER, "Invalid status code"),
        },
        ("html", 1) => page(
            sys,
            visit,
            200,
            "text/html; charset=utf-8",
            SERVER,
            "<!DOCTYPE html>\n<html>\n  <head>\n  </head>\n  <body>\n      <h1>Herman Melville - Moby-Dick</h1>\n  </body>\n</html>",
        ),
        ("json", 1) => answer(
            200,
            "{\n  \"slideshow\": {\n    \"author\": \"Yours Truly\", \n    \"date\": \"date of publication\", \n    \"slides\": [], \n    \"title\": \"Sample Slide Show\"\n  }\n}\n",
        ),
        ("redirect-to", 1) => {
            let to = request.param("url").unwrap_or("/get").to_string();
            redirect(sys, visit, &to)
        }
        ("basic-auth" | "hidden-basic-auth", 3) => {
            use base64::Engine;
            let wanted = format!("{}:{}", parts.get(1).unwrap_or(&""), parts.get(2).unwrap_or(&""));
            let given =
                request.headers.get("Authorization").and_then(|a| a.strip_prefix("Basic ")).unwrap_or("");
            let user = parts.get(1).unwrap_or(&"");
            if base64::engine::general_purpose::STANDARD.encode(wanted) == given {
                answer(200, &format!("{{\n  \"authenticated\": true, \n  \"user\": \"{user}\"\n}}\n"))
            } else {
                page(sys, visit, 401, "text/html; charset=utf-8", SERVER, "")
            }
        }
        ("", _) => page(
            sys,
            visit,
            200,
            "text/html; charset=utf-8",
            SERVER,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n    <meta charset=\"UTF-8\">\n    <title>httpbin.org</title>\n</head>\n<body><h2 class=\"title\">httpbin.org</h2></body>\n</html>",
        ),
        _ => page(
            sys,
            visit,
            404,
            "text/html",
            SERVER,
            "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server.  If you entered the URL manually please check your spelling and try again.</p>\n",
        ),
    }
}

fn echoserver(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    let request = visit.request;
    let mut names: Vec<(String, String)> =
        request.headers.0.iter().map(|(n, v)| (n.to_lowercase(), v.to_string())).collect();
    names.arrange();
    let headers: String = names.iter().map(|(n, v)| format!("\t{n}={v}\n")).collect();
    let host = request.headers.get("Host").unwrap_or("localhost").to_string();
    let body = String::from_utf8_lossy(&request.body.bytes()).into_owned();
    let body = if body.is_empty() { "\t-no body in request-".to_string() } else { body };
    let out = format!(
        "\n\nHostname: {}\n\nPod Information:\n\t-no pod information available-\n\nServer values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\nRequest Information:\n\tclient_address={}\n\tmethod={}\n\treal path={}\n\tquery={}\n\trequest_version=1.1\n\trequest_scheme=http\n\trequest_uri=http://{host}:8080{}\n\nRequest Headers:\n{headers}\nRequest Body:\n{body}\n\n",
        sys.hostname(),
        visit.from,
        request.method.name(),
        web::request_uri(request),
        request.query.iter().map(|q| format!("{}={}", q.0, q.1)).collect::<Vec<_>>().join("&"),
        web::request_uri(request),
    );
    page(sys, visit, 200, "text/plain", "echoserver", &out)
}
