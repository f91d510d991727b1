//! What `-v=6` to `-v=10` print of the requests that are really sent: client-go's debugging round tripper
//! (`k8s.io/client-go/transport`, v0.33) in klog's lines. Left out: discovery, which a real kubectl finds in
//! its cache; times, as the simulated connection takes none.

use super::client::{Client, encode_query, klog};
use drydock_container::Sys;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Timestamp, quote};
use drydock_network::http::{Body, Request, Response};

/// Who kubectl says it is.
pub const USER_AGENT: &str = "kubectl/v1.33.1 (linux/amd64) kubernetes/8adc0f0";

/// client-go's switches and how they stand.
const GATES: &[(&str, bool)] = &[
    ("ClientsAllowCBOR", false),
    ("ClientsPreferCBOR", false),
    ("InOrderInformers", true),
    ("InformerResourceVersion", false),
    ("WatchListClient", false),
];

/// The files a configuration came from.
pub fn loaded<'a>(sys: &mut Sys<'_>, verbosity: i64, files: impl Iterator<Item = &'a str>) {
    if verbosity < 6 {
        return;
    }
    for path in files {
        let path = if path.starts_with('/') { path.to_string() } else { format!("{}/{path}", sys.cwd()) };
        line(sys, "loader.go:402", &format!("Config loaded from file:  {path}"));
    }
    for (name, enabled) in GATES {
        let text = format!("\"Feature gate default state\" feature=\"{name}\" enabled={enabled}");
        line(sys, "envvar.go:172", &text);
    }
}

/// A request before it is sent.
pub fn request(sys: &mut Sys<'_>, client: &Client, request: &Request) {
    let level = client.verbosity;
    if level >= 8 {
        let body = request.body.bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        line(sys, "helper.go:105", &format!("\"Request Body\" body={}", field(&cut(&text, level))));
    }
    let url = url(client, request);
    let mut headers: Vec<(String, String)> =
        request.headers.0.iter().map(|(name, value)| (canonical(name), value.to_string())).collect();
    // What only a simulated server reads is not told.
    headers.retain(|(name, _)| !name.starts_with("X-Drydock"));
    headers.push(("User-Agent".into(), USER_AGENT.into()));
    headers.arrange();
    for (_, value) in headers.iter_mut().filter(|(name, _)| name == "Authorization") {
        *value = "Bearer <masked>".into();
    }
    let verb = request.method.name();
    match level {
        7 | 8 => {
            let lines: String = headers.iter().map(|(n, v)| format!("\t{n}: {v}\n")).collect();
            let text = format!("\"Request\" verb=\"{verb}\" url=\"{url}\" headers=<\n{lines} >");
            line(sys, "round_trippers.go:527", &text);
        }
        9.. => {
            let flags: String = headers.iter().map(|(n, v)| format!(" -H \"{n}: {v}\"")).collect();
            let text = format!("\"Request\" curlCommand=<\n\tcurl -v -X{verb} {flags} '{url}'\n >");
            line(sys, "round_trippers.go:527", &text);
        }
        _ => {}
    }
}

/// What came back.
pub fn response(sys: &mut Sys<'_>, client: &Client, request: &Request, response: &Response) {
    let level = client.verbosity;
    if level < 6 {
        return;
    }
    let status = format!("status=\"{} {}\"", response.status, phrase(response.status));
    let asked = format!("verb=\"{}\" url=\"{}\"", request.method.name(), url(client, request));
    let stream = matches!(response.body, Body::Stream(_));
    let headers = || {
        let mut lines: Vec<String> =
            response.headers.0.iter().map(|(n, v)| format!("\t{}: {v}\n", canonical(n))).collect();
        if response.headers.get("content-type").is_none() {
            lines.push("\tContent-Type: application/json\n".into());
        }
        if !stream {
            lines.push(format!("\tContent-Length: {}\n", response.body.bytes().len()));
        }
        lines.push(format!("\tDate: {}\n", http_date(sys.unix())));
        lines.arrange();
        format!("headers=<\n{} >", lines.concat())
    };
    let text = match level {
        6 => format!("{asked} {status} milliseconds=0"),
        7 => format!("{status} milliseconds=0"),
        8 => format!("{status} {} milliseconds=0", headers()),
        _ => format!(
            "{asked} {status} {} milliseconds=0 getConnectionMilliseconds=0 serverProcessingMilliseconds=0",
            headers()
        ),
    };
    line(sys, "round_trippers.go:632", &format!("\"Response\" {text}"));
    if level >= 8 && !stream {
        let body = response.body.bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        line(sys, "helper.go:105", &format!("\"Response Body\" body={}", field(&cut(&text, level))));
    }
}

fn line(sys: &mut Sys<'_>, place: &str, text: &str) {
    let head = klog(sys, place);
    sys.eprint(&format!("{head}{text}\n"));
}

fn url(client: &Client, request: &Request) -> String {
    let query = encode_query(&request.query);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{}{mark}{query}", client.target.server.trim_end_matches('/'), request.path)
}

/// klog's form of a text: quoted, or between brackets where it has several lines.
fn field(text: &str) -> String {
    if !text.contains('\n') {
        return quote::go(text);
    }
    let lines: String = text.trim_end_matches('\n').split('\n').map(|l| format!("\t{l}\n")).collect();
    format!("<\n{lines} >")
}

/// As much of a body as a level shows.
fn cut(text: &str, level: i64) -> String {
    let most = match level {
        8 => 1024,
        9 => 10_240,
        _ => return text.into(),
    };
    let shown: String = text.chars().take(most).collect();
    match text.len() - shown.len() {
        0 => shown,
        rest => format!("{shown} [truncated {rest} chars]"),
    }
}

/// A header's name as Go writes it.
fn canonical(name: &str) -> String {
    let word = |w: &str| {
        let mut letters = w.chars();
        letters.next().map_or_else(String::new, |c| {
            c.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
        })
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// `Mon, 05 Jan 2026 09:00:00 GMT`.
fn http_date(unix: i64) -> String {
    Timestamp(unix).rfc1123z().replace("+0000", "GMT")
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        101 => "Switching Protocols",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
