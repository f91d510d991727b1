//! curl 8.5: HTTP over exchanges. `-s -S -i -I -v -o -O -w -X -d -H -L -k -f -m --connect-timeout --retry -u
//! -A -e -G -F refused`. HTTPS is a plain exchange to port 443 whose certificate is trusted with `-k` or
//! `--cacert`.

use super::support::{Opts, Spec, ended, own_name};
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use base64::Engine;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::{Body, Headers, Method, Request, Response};
use std::sync::Arc;

/// A URL in its parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url {
    pub scheme: String,
    pub host: String,
    pub port: u16,
    pub path: String,
    pub query: Vec<(Arc<str>, Arc<str>)>,
    pub raw_query: String,
}

/// Decodes `%xx` (and `+` in queries).
#[must_use]
pub fn percent_decode(text: &str, plus: bool) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        let hex = |c: Option<u8>| c.and_then(|c| char::from(c).to_digit(16));
        match b {
            b'%' => {
                let mut ahead = bytes.clone();
                match (hex(ahead.next()), hex(ahead.next())) {
                    (Some(high), Some(low)) => {
                        out.push((high * 16 + low) as u8);
                        bytes = ahead;
                    }
                    _ => out.push(b),
                }
            }
            b'+' if plus => out.push(b' '),
            b => out.push(b),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl Url {
    #[must_use]
    pub fn parse(text: &str) -> Option<Url> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let rest = rest.split('#').next().unwrap_or("");
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or("");
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse::<u16>().ok()?),
            None => (authority, if scheme == "https" { 443 } else { 80 }),
        };
        if host.is_empty() {
            return None;
        }
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        let pairs = query.split('&').filter(|p| !p.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(name, true).into(), percent_decode(value, true).into())
        });
        Some(Url {
            scheme: scheme.to_lowercase(),
            host: host.into(),
            port,
            path: if path.is_empty() { "/".into() } else { path.into() },
            query: pairs.collect(),
            raw_query: query.into(),
        })
    }
    #[must_use]
    pub fn authority(&self) -> String {
        let usual = if self.scheme == "https" { 443 } else { 80 };
        if self.port == usual { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
    /// Path and query as they stand in the request line.
    #[must_use]
    pub fn target(&self) -> String {
        if self.raw_query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.raw_query)
        }
    }
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority(), self.target())
    }
    /// Where a `Location` leads.
    #[must_use]
    pub fn join(&self, location: &str) -> Option<Url> {
        if location.contains("://") {
            return Url::parse(location);
        }
        let path = if location.starts_with('/') {
            location.to_string()
        } else {
            format!("{}/{location}", self.path.rsplit_once('/').map_or("", |p| p.0))
        };
        Url::parse(&format!("{}://{}{path}", self.scheme, self.authority()))
    }
}

/// The reason phrase of a status.
#[must_use]
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Request Entity Too Large",
        418 => "I'm a teapot",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

#[derive(Clone, Debug, PartialEq, Hash)]
enum Stage {
    Start,
    Asked(u64),
    /// Waits before another try.
    Pause(u64),
}

#[derive(Clone, Hash)]
pub struct Curl {
    opts: Opts,
    urls: Vec<Arc<str>>,
    at: usize,
    url: Option<Url>,
    first_url: Option<Url>,
    method: Option<Method>,
    stage: Stage,
    began: u64,
    sent: u64,
    ip: Ip,
    redirects: u32,
    tries: u32,
    code: i32,
    body: Option<Arc<[u8]>>,
}

impl Curl {
    fn fail(&mut self, sys: &mut Sys<'_>, code: i32, text: &str) -> Step {
        if !self.opts.has('s') || self.opts.has('S') {
            if self.meter(sys) {
                sys.eprint(
                    "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0",
                );
                sys.eprint("\n");
            }
            let own = own_name(sys);
            sys.eprint(&format!("{own}: ({code}) {text}\n"));
        }
        if let Some(format) = self.opts.value('w').map(String::from) {
            self.write_out(sys, &format, None, 0);
        }
        self.code = code;
        self.next()
    }
    fn next(&mut self) -> Step {
        self.at += 1;
        self.url = None;
        self.first_url = None;
        self.redirects = 0;
        self.tries = 0;
        self.stage = Stage::Start;
        if self.at >= self.urls.len() { Step::Exit(self.code) } else { Step::Again }
    }
    /// Whether the progress meter is shown.
    fn meter(&self, sys: &Sys<'_>) -> bool {
        let quiet = self.opts.has('s') || self.opts.has('#');
        !quiet && (self.opts.has('o') || self.opts.has('O') || !sys.is_tty(1))
    }
    fn start(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.url.is_none() {
            let text = self.urls.get(self.at).cloned().unwrap_or_default();
            self.began = sys.now();
            let Some(mut url) = Url::parse(&text) else {
                return self.fail(sys, 3, "URL using bad/illegal format or missing URL");
            };
            if self.opts.has('G') {
                let extra = self.data(sys);
                let joined = [url.raw_query.as_str(), &extra]
                    .iter()
                    .filter(|p| !p.is_empty())
                    .copied()
                    .collect::<Vec<_>>()
                    .join("&");
                url = Url::parse(&format!("{}://{}{}?{joined}", url.scheme, url.authority(), url.path))
                    .unwrap_or(url);
            }
            if !matches!(url.scheme.as_str(), "http" | "https") {
                let text = format!("Protocol \"{}\" not supported or disabled in libcurl", url.scheme);
                return self.fail(sys, 1, &text);
            }
            self.first_url = Some(url.clone());
            self.url = Some(url);
            if self.meter(sys) {
                sys.eprint("  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n");
            }
        }
        let Some(url) = self.url.clone() else { return self.next() };
        let mut found = sys.resolve(&url.host);
        for entry in self.opts.values('r') {
            // --resolve host:port:address
            let mut parts = entry.splitn(3, ':');
            if parts.next() == Some(&url.host) && parts.next().and_then(|p| p.parse().ok()) == Some(url.port)
            {
                found = parts.next().and_then(Ip::parse).map(|ip| vec![ip]);
            }
        }
        let Some(ip) = found.and_then(|ips| ips.first().copied()) else {
            if self.opts.has('v') {
                sys.eprint(&format!("* Could not resolve host: {}\n* Closing connection\n", url.host));
            }
            return self.fail(sys, 6, &format!("Could not resolve host: {}", url.host));
        };
        self.ip = ip;
        if self.opts.has('v') {
            if Ip::parse(&url.host).is_none() {
                sys.eprint(&format!(
                    "* Host {}:{} was resolved.\n* IPv6: (none)\n* IPv4: {ip}\n",
                    url.host, url.port
                ));
            }
            sys.eprint(&format!("*   Trying {ip}:{}...\n", url.port));
        }
        let method = self.method.unwrap_or(Method::Get);
        let body = self.data(sys);
        let mut headers = Headers::default();
        headers.add("Host", &url.authority());
        if let Some(user) = self.opts.value('u') {
            let coded = base64::engine::general_purpose::STANDARD.encode(user);
            headers.add("Authorization", &format!("Basic {coded}"));
        }
        headers.add("User-Agent", self.opts.value('A').unwrap_or("curl/8.5.0"));
        headers.add("Accept", "*/*");
        if let Some(referer) = self.opts.value('e') {
            headers.add("Referer", referer);
        }
        if let Some(cookie) = self.opts.value('b') {
            headers.add("Cookie", cookie);
        }
        for header in self.opts.values('H') {
            let Some((name, value)) = header.split_once([':', ';']) else { continue };
            headers.0.retain(|h| !h.0.eq_ignore_ascii_case(name));
            let value = value.trim();
            if !value.is_empty() {
                match name.eq_ignore_ascii_case("host") {
                    true => headers.0.insert(0, ("Host".into(), value.into())),
                    false => headers.add(name, value),
                }
            }
        }
        let sends = !body.is_empty() && !self.opts.has('G') && method != Method::Get
            || (self.opts.has('d') && !self.opts.has('G'));
        if sends {
            headers.add("Content-Length", &body.len().to_string());
            if headers.get("Content-Type").is_none() {
                let kind =
                    if self.opts.has('j') { "application/json" } else { "application/x-www-form-urlencoded" };
                headers.add("Content-Type", kind);
            }
        }
        let request = Request {
            method,
            path: percent_decode(&url.path, false).into(),
            query: url.query.clone(),
            headers,
            body: if sends { Body::text(&body) } else { Body::Empty },
        };
        let limit = |letter: char| self.opts.value(letter).and_then(super::small::duration);
        let spent = sys.now() - self.began;
        let whole = limit('m').map(|ms| ms.saturating_sub(spent));
        let timeout = [whole, limit('c')].into_iter().flatten().min().unwrap_or(134_000);
        if self.opts.has('v') {
            self.body = Some(request_text(&request, &url).into_bytes().into());
        }
        self.sent = sys.now();
        let id = sys.send(Target { ip, port: url.port }, Payload::Http(request), timeout);
        self.stage = Stage::Asked(id);
        Step::wait(Wait::Answer(id))
    }
    fn data(&self, sys: &mut Sys<'_>) -> String {
        let mut parts = Vec::new();
        for (letter, value) in &self.opts.given {
            if !matches!(letter, 'd' | 'D' | 'j') {
                continue;
            }
            let Some(value) = value else { continue };
            let text = match value.strip_prefix('@') {
                Some(file) => {
                    let bytes = sys.read_file(file).unwrap_or_else(|_| Arc::from([]));
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if *letter == 'd' { text.replace(['\n', '\r'], "") } else { text }
                }
                None => value.to_string(),
            };
            parts.push(text);
        }
        parts.join("&")
    }
    fn answered(&mut self, sys: &mut Sys<'_>, answer: Result<Answer, Failure>) -> Step {
        let Some(url) = self.url.clone() else { return self.next() };
        let ms = sys.now() - self.sent;
        let total = sys.now() - self.began;
        let verbose = self.opts.has('v');
        let request = self.body.take();
        let connected = match &answer {
            Ok(_) | Err(Failure::Reset) => true,
            Err(_) => false,
        };
        if verbose && connected {
            sys.eprint(&format!("* Connected to {} ({}) port {}\n", url.host, self.ip, url.port));
            if let Some(request) = &request {
                sys.write(2, request);
            }
        }
        if connected
            && url.scheme == "https"
            && !self.opts.has('k')
            && !self.opts.has('C')
            && is_private(self.ip)
        {
            let text = "SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.";
            return self.fail(sys, 60, text);
        }
        let response = match answer {
            Ok(Answer::Http(response)) => response,
            Ok(Answer::Connected | Answer::Bytes(_)) => {
                return self.fail(sys, 1, "Received HTTP/0.9 when not allowed");
            }
            Err(failure) => {
                let retries: u32 = self.opts.value('R').and_then(|r| r.parse().ok()).unwrap_or(0);
                let again = matches!(failure, Failure::TimedOut) || self.opts.has('Q') || self.opts.has('q');
                if self.tries < retries && again {
                    let seconds = self
                        .opts
                        .value('y')
                        .and_then(|d| d.parse().ok())
                        .unwrap_or(1u64 << self.tries.min(9));
                    self.tries += 1;
                    if !self.opts.has('s') {
                        let left = retries - self.tries + 1;
                        sys.eprint(&format!("Warning: Problem: timeout. Will retry in {seconds} seconds. {left} retries left.\n"));
                    }
                    let until = sys.now() + seconds * 1000;
                    self.stage = Stage::Pause(until);
                    return Step::wait(Wait::Until(until));
                }
                let text = match failure {
                    Failure::Refused => format!(
                        "Failed to connect to {} port {} after {total} ms: Couldn't connect to server",
                        url.host, url.port
                    ),
                    Failure::Unreachable => format!(
                        "Failed to connect to {} port {} after {total} ms: Couldn't connect to server",
                        url.host, url.port
                    ),
                    Failure::TimedOut if self.opts.has('m') || !self.opts.has('c') => {
                        format!("Connection timed out after {} milliseconds", total + 1)
                    }
                    Failure::TimedOut => format!(
                        "Failed to connect to {} port {} after {} ms: Timeout was reached",
                        url.host,
                        url.port,
                        ms + 1
                    ),
                    Failure::Reset => "Empty reply from server".into(),
                };
                if verbose {
                    match failure {
                        Failure::Refused => sys.eprint(&format!("* connect to {} port {} failed: Connection refused\n* {text}\n* Closing connection\n", self.ip, url.port)),
                        Failure::Reset => sys.eprint("* Empty reply from server\n* Closing connection\n"),
                        _ => sys.eprint(&format!("* {text}\n* Closing connection\n")),
                    }
                }
                let code = match failure {
                    Failure::Refused | Failure::Unreachable => 7,
                    Failure::TimedOut => 28,
                    Failure::Reset => 52,
                };
                return self.fail(sys, code, &text);
            }
        };
        self.received(sys, &url, &response)
    }
    fn received(&mut self, sys: &mut Sys<'_>, url: &Url, response: &Response) -> Step {
        let head = response_head(response);
        let body = if self.method == Some(Method::Head) { Arc::from([]) } else { response.body.bytes() };
        let verbose = self.opts.has('v');
        if verbose {
            for line in head.lines() {
                sys.eprint(&format!("< {line}\n"));
            }
        }
        let location = response.headers.get("Location").filter(|_| (300..400).contains(&response.status));
        if let Some(location) = location
            && self.opts.has('L')
        {
            if self.opts.has('i') || self.opts.has('I') {
                self.out(sys, head.replace('\n', "\r\n").as_bytes());
            }
            if verbose {
                sys.eprint("* Ignoring the response-body\n");
                sys.eprint(&format!("* Connection #0 to host {} left intact\n", url.host));
            }
            self.redirects += 1;
            let most: u32 = self.opts.value('M').and_then(|m| m.parse().ok()).unwrap_or(50);
            if self.redirects > most {
                return self.fail(sys, 47, &format!("Maximum ({most}) redirects followed"));
            }
            if verbose && let Some(next) = url.join(location) {
                sys.eprint(&format!("* Issue another request to this URL: '{}'\n", next.text()));
            }
            if matches!(response.status, 301..=303) && self.method == Some(Method::Post) {
                self.method = Some(Method::Get);
                self.opts.given.retain(|g| g.0 != 'd');
            }
            self.url = url.join(location);
            self.stage = Stage::Start;
            return Step::Again;
        }
        let retries: u32 = self.opts.value('R').and_then(|r| r.parse().ok()).unwrap_or(0);
        if self.tries < retries && matches!(response.status, 408 | 429 | 500 | 502 | 503 | 504) {
            let seconds =
                self.opts.value('y').and_then(|d| d.parse().ok()).unwrap_or(1u64 << self.tries.min(9));
            self.tries += 1;
            if !self.opts.has('s') {
                let left = retries - self.tries + 1;
                sys.eprint(&format!(
                    "Warning: Problem: HTTP error. Will retry in {seconds} seconds. {left} retries left.\n"
                ));
            }
            self.stage = Stage::Pause(sys.now() + seconds * 1000);
            return Step::Again;
        }
        if self.opts.has('f') && response.status >= 400 {
            if verbose {
                sys.eprint("* The requested URL returned error: ");
                sys.eprint(&format!("{}\n* Closing connection\n", response.status));
            }
            return self.fail(sys, 22, &format!("The requested URL returned error: {}", response.status));
        }
        if self.opts.has('i') || self.opts.has('I') {
            self.out(sys, head.replace('\n', "\r\n").as_bytes());
        }
        if verbose && !body.is_empty() && !sys.is_tty(1) {
            sys.eprint(&format!("{{ [{} bytes data]\n", body.len()));
        }
        self.out(sys, &body);
        if self.meter(sys) {
            let n = body.len();
            let speed = (n as u64 * 1000).checked_div(sys.now() - self.began).unwrap_or(0);
            sys.eprint(&format!(
                "\r100 {n:5}  100 {n:5}    0     0  {speed:5}      0 --:--:-- --:--:-- --:--:-- {speed:5}\n"
            ));
        }
        if verbose {
            sys.eprint(&format!("* Connection #0 to host {} left intact\n", url.host));
        }
        if let Some(format) = self.opts.value('w').map(String::from) {
            self.write_out(sys, &format, Some(response), body.len());
        }
        self.next()
    }
    /// Writes where `-o` or `-O` say, else to stdout.
    fn out(&self, sys: &mut Sys<'_>, bytes: &[u8]) {
        let file = match (self.opts.values('o').get(self.at), self.opts.has('O')) {
            (Some(file), _) => Some(file.to_string()),
            (None, true) => self.first_url.as_ref().map(|u| super::support::base_of(&u.path).to_string()),
            (None, false) => None,
        };
        match file.as_deref() {
            None | Some("-") => sys.write(1, bytes),
            Some("/dev/null") => {}
            Some(file) => {
                let append = self.opts.has('i');
                if sys.write_file(file, bytes, append).is_err() {
                    sys.eprint(&format!("Warning: Failed to open the file {file}: No such file or directory\ncurl: (23) Failure writing output to destination\n"));
                }
            }
        }
    }
    fn write_out(&self, sys: &mut Sys<'_>, format: &str, response: Option<&Response>, size: usize) {
        let ms = sys.now() - self.began;
        let seconds = |ms: u64| format!("{}.{:06}", ms / 1000, ms % 1000 * 1000);
        let mut out = String::new();
        let mut rest = format;
        while let Some(at) = rest.find("%{") {
            out.push_str(rest.get(..at).unwrap_or(""));
            let after = rest.get(at + 2..).unwrap_or("");
            let Some(end) = after.find('}') else { break };
            let status = response.map_or(0, |r| r.status);
            let value = match after.get(..end).unwrap_or("") {
                "http_code" | "response_code" => format!("{status:03}"),
                "size_download" => size.to_string(),
                "url_effective" | "url" => self.url.as_ref().map(Url::text).unwrap_or_default(),
                "content_type" => {
                    response.and_then(|r| r.headers.get("Content-Type")).unwrap_or("").to_string()
                }
                "num_redirects" => self.redirects.to_string(),
                "redirect_url" => response.and_then(|r| r.headers.get("Location")).unwrap_or("").to_string(),
                "remote_ip" => self.ip.to_string(),
                "remote_port" => self.url.as_ref().map_or(0, |u| u.port).to_string(),
                "time_total" | "time_starttransfer" => seconds(ms),
                "time_connect" => seconds(ms / 2),
                "time_namelookup" => seconds(0),
                "method" => self.method.unwrap_or(Method::Get).name().to_string(),
                "exitcode" => self.code.to_string(),
                "http_version" => "1.1".into(),
                "num_connects" => "1".into(),
                _ => String::new(),
            };
            out.push_str(&value);
            rest = after.get(end + 1..).unwrap_or("");
        }
        out.push_str(rest);
        let (bytes, _) = crate::shell::escape::unescape(&out, crate::shell::escape::Style::Format);
        sys.write(1, &bytes);
    }
}

/// Whether a server there has a certificate of the cluster's own authority.
fn is_private(ip: Ip) -> bool {
    matches!(ip.0 >> 24, 10 | 127) || ip.0 >> 20 == 0xAC1 || ip.0 >> 16 == 0xC0A8
}

fn request_text(request: &Request, url: &Url) -> String {
    let mut out = format!("> {} {} HTTP/1.1\n", request.method.name(), url.target());
    for (name, value) in &request.headers.0 {
        out.push_str(&format!("> {name}: {value}\n"));
    }
    out + "> \n"
}

/// Status line and headers, each with a newline, and the empty line.
#[must_use]
pub fn response_head(response: &Response) -> String {
    let mut out = format!("HTTP/1.1 {} {}\n", response.status, reason(response.status));
    for (name, value) in &response.headers.0 {
        out.push_str(&format!("{name}: {value}\n"));
    }
    out + "\n"
}

impl Behave for Curl {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.stage {
            Stage::Start => self.start(sys),
            Stage::Asked(id) => match sys.answer(id) {
                Some(answer) => self.answered(sys, answer),
                None => Step::wait(Wait::Answer(id)),
            },
            Stage::Pause(until) => {
                if sys.now() < until {
                    return Step::wait(Wait::Until(until));
                }
                self.stage = Stage::Start;
                Step::Again
            }
        }
    }
}

pub fn curl(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "sSiIvo:Ow:X:d:H:Lkfm:u:A:e:Gb:c:#gN46Zx:T:F:pqr:Jl",
        long: &[
            ("silent", 's'),
            ("show-error", 'S'),
            ("include", 'i'),
            ("head", 'I'),
            ("verbose", 'v'),
            ("output=", 'o'),
            ("remote-name", 'O'),
            ("write-out=", 'w'),
            ("request=", 'X'),
            ("data=", 'd'),
            ("data-raw=", 'd'),
            ("data-ascii=", 'd'),
            ("data-binary=", 'D'),
            ("data-urlencode=", 'd'),
            ("json=", 'j'),
            ("header=", 'H'),
            ("location", 'L'),
            ("insecure", 'k'),
            ("cacert=", 'C'),
            ("cert=", 'E'),
            ("key=", 'K'),
            ("fail", 'f'),
            ("fail-with-body", 'f'),
            ("max-time=", 'm'),
            ("connect-timeout=", 'c'),
            ("retry=", 'R'),
            ("retry-delay=", 'y'),
            ("retry-connrefused", 'Q'),
            ("retry-all-errors", 'q'),
            ("retry-max-time=", 'z'),
            ("user=", 'u'),
            ("user-agent=", 'A'),
            ("referer=", 'e'),
            ("get", 'G'),
            ("cookie=", 'b'),
            ("cookie-jar=", 'B'),
            ("max-redirs=", 'M'),
            ("resolve=", 'r'),
            ("progress-bar", '#'),
            ("http1.1", '1'),
            ("http1.0", '1'),
            ("http2", '1'),
            ("compressed", '1'),
            ("no-buffer", 'N'),
            ("no-progress-meter", 's'),
            ("globoff", 'g'),
            ("ipv4", '4'),
            ("url=", 'U'),
            ("location-trusted", 'L'),
            ("path-as-is", '1'),
            ("version", 'V'),
        ],
        code: 2,
    };
    let args: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    if args.is_empty() {
        sys.eprint("curl: try 'curl --help' or 'curl --manual' for more information\n");
        return ended(2);
    }
    if args.iter().any(|a| matches!(&**a, "-V" | "--version")) {
        sys.print("curl 8.5.0 (x86_64-pc-linux-gnu) libcurl/8.5.0 OpenSSL/3.0.13 zlib/1.3\nRelease-Date: 2023-12-06, security patched: 8.5.0-2ubuntu10.6\nProtocols: http https\n");
        return ended(0);
    }
    let trailer = "curl: try 'curl --help' or 'curl --manual' for more information\n";
    let known = |a: &str| match a.strip_prefix("--") {
        Some(long) => {
            let name = long.split('=').next().unwrap_or("");
            SPEC.long.iter().any(|l| l.0.trim_end_matches('=').starts_with(name)) || name == "help"
        }
        None => a.chars().nth(1).is_none_or(|c| SPEC.short.contains(c)),
    };
    // A short option's value may begin with a dash; only words in option position are looked at.
    let mut after_value = false;
    for arg in &args {
        let is_option = arg.starts_with('-') && arg.len() > 1 && !after_value;
        after_value = is_option
            && !arg.starts_with("--")
            && arg.chars().last().is_some_and(|c| SPEC.short.contains(&format!("{c}:")));
        after_value |= is_option
            && arg.starts_with("--")
            && SPEC.long.iter().any(|l| l.0.strip_suffix('=') == arg.strip_prefix("--"));
        if is_option && !known(arg) {
            sys.eprint(&format!("curl: option {arg}: is unknown\n{trailer}"));
            return ended(2);
        }
    }
    if let Some(last) = args.last()
        && after_value
    {
        sys.eprint(&format!("curl: option {last}: requires parameter\n{trailer}"));
        return ended(2);
    }
    let opts = match Opts::parse_words(sys, &SPEC, &args) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut urls = opts.args.clone();
    urls.extend(opts.values('U'));
    if urls.is_empty() {
        sys.eprint(&format!("curl: (2) no URL specified\n{trailer}"));
        return ended(2);
    }
    let has_data = opts.last_of("dDj").is_some();
    let method = match opts.value('X') {
        Some(name) => match Method::parse(&name.to_uppercase()) {
            Some(method) => method,
            None => Method::Get,
        },
        None if opts.has('I') => Method::Head,
        None if has_data && !opts.has('G') => Method::Post,
        None => Method::Get,
    };
    let method = Some(method);
    Box::new(Curl {
        opts,
        urls,
        at: 0,
        url: None,
        first_url: None,
        method,
        stage: Stage::Start,
        began: 0,
        sent: 0,
        ip: Ip::default(),
        redirects: 0,
        tries: 0,
        code: 0,
        body: None,
    })
}
