//! Small web servers that learners write themselves, in JavaScript (http, express) and Python (Flask,
//! http.server), recognised by their shape: a port, routes, and answers put together from texts, the host
//! name, the environment and a counter in redis. Anything else is refused, never half run.

mod files;
mod flask;
pub mod node;
pub mod perl;
pub mod python;
mod text;

use crate::images::serve::Visit;
use crate::images::{redis::resp::Reply, web};
use crate::machine::{Behave, Handled, Machine, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Payload, Target};
use drydock_network::http::Request;
use std::sync::Arc;

pub const PROGRAMS: &[Program] = &[
    Program { name: "node", about: "JavaScript runtime", start: node::start },
    Program { name: "node-entrypoint", about: "start script of the node image", start: node::entrypoint },
    Program { name: "python3", about: "Python interpreter", start: python::start },
    Program { name: "perl", about: "Perl interpreter", start: perl::perl },
];

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Text(Arc<str>),
    Host,
    /// A variable of the environment and what stands in for it.
    Env(Arc<str>, Arc<str>),
    Path,
    Method,
    /// The client's address.
    Client,
    /// Requests so far, this one included.
    Count,
    /// A counter in redis: host and key.
    Redis(Arc<str>, Arc<str>),
    /// Now, RFC 3339.
    Now,
}

/// What one path answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// Upper case; "" for any.
    pub method: Arc<str>,
    /// `*` for any.
    pub path: Arc<str>,
    pub status: u16,
    pub kind: Arc<str>,
    pub body: Vec<Part>,
    /// Printed for each request.
    pub log: Vec<Part>,
}

/// A server read from its source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Script {
    pub port: u16,
    /// Printed when it starts.
    pub hello: Vec<Part>,
    pub routes: Vec<Route>,
    pub style: Style,
}

/// Whose manners the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    Node,
    Express,
    Flask,
}

#[derive(Clone, Hash)]
struct Waiting {
    id: u64,
    call: u64,
    route: usize,
    request: Request,
    from: Ip,
}

/// The server at work.
#[derive(Clone, Hash)]
pub struct Serving {
    script: Arc<Script>,
    count: u64,
    waiting: Vec<Waiting>,
    told: Option<i32>,
}

/// Takes the port and serves.
pub fn serve(sys: &mut Sys<'_>, script: Script, taken: &str) -> Box<dyn Machine> {
    if sys.listen(script.port).is_err() {
        sys.eprint(taken);
        return Box::new(crate::machine::Once(|_| 1));
    }
    let hello = render(sys, &script.hello, None, 0, None);
    sys.print(&hello);
    Box::new(Serving { script: Arc::new(script), count: 0, waiting: Vec::new(), told: None })
}

fn render(
    sys: &mut Sys<'_>,
    parts: &[Part],
    visit: Option<(&Request, Ip)>,
    count: u64,
    redis: Option<&str>,
) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Host => out.push_str(&sys.hostname()),
            Part::Env(name, or) => out.push_str(&sys.env(name).unwrap_or_else(|| or.clone())),
            Part::Path => out.push_str(&visit.map_or(String::new(), |v| web::request_uri(v.0))),
            Part::Method => out.push_str(visit.map_or("", |v| v.0.method.name())),
            Part::Client => out.push_str(&visit.map_or(String::new(), |v| v.1.to_string())),
            Part::Count => out.push_str(&count.to_string()),
            Part::Redis(..) => out.push_str(redis.unwrap_or("")),
            Part::Now => out.push_str(&drydock_machinery::time::Timestamp(sys.unix()).to_rfc3339()),
        }
    }
    out
}

impl Serving {
    fn answer(
        &self,
        sys: &mut Sys<'_>,
        visit: &Visit<'_>,
        route: Option<&Route>,
        redis: Option<&str>,
    ) -> Answer {
        let style = self.script.style;
        let view = Some((visit.request, visit.from));
        let (status, kind, body) = match route {
            Some(route) => {
                let log = render(sys, &route.log, view, self.count, redis);
                sys.print(&log);
                (route.status, route.kind.to_string(), render(sys, &route.body, view, self.count, redis))
            }
            None => (404, "text/html; charset=utf-8".into(), not_found(style, visit)),
        };
        self.reply(sys, visit, status, &kind, &body)
    }
    fn reply(&self, sys: &mut Sys<'_>, visit: &Visit<'_>, status: u16, kind: &str, body: &str) -> Answer {
        let (date, length) = (web::http_date(sys.unix()), body.len().to_string());
        let mut headers: Vec<(&str, &str)> = Vec::new();
        match self.script.style {
            Style::Flask => {
                headers.extend([("Server", "Werkzeug/3.1.3 Python/3.13.9"), ("Date", &*date)]);
                headers.extend([
                    ("Content-Type", kind),
                    ("Content-Length", &*length),
                    ("Connection", "close"),
                ]);
                sys.eprint(&format!(
                    "{} - - [{}] \"{} {} HTTP/1.1\" {status} -\n",
                    visit.from,
                    web::log_date(sys.unix()).split(" +").next().unwrap_or("").replacen(':', " ", 1),
                    visit.request.method.name(),
                    web::request_uri(visit.request)
                ));
            }
            Style::Express => {
                headers.extend([
                    ("X-Powered-By", "Express"),
                    ("Content-Type", kind),
                    ("Content-Length", &*length),
                ]);
                headers.extend([("Date", &*date), ("Connection", "keep-alive")]);
            }
            Style::Node => {
                if !kind.is_empty() {
                    headers.push(("Content-Type", kind));
                }
                headers.extend([
                    ("Date", &*date),
                    ("Connection", "keep-alive"),
                    ("Content-Length", &*length),
                ]);
            }
        }
        web::reply(visit.request, status, &headers, body.as_bytes())
    }
}

fn not_found(style: Style, visit: &Visit<'_>) -> String {
    match style {
        Style::Flask => "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n".into(),
        _ => format!("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot {} {}</pre>\n</body>\n</html>\n", visit.request.method.name(), visit.request.path),
    }
}

impl Behave for Serving {
    fn signal(&mut self, signal: Signal) -> Handled {
        // Neither runtime handles SIGTERM by itself; Python ends on SIGINT.
        if self.script.style == Style::Flask && signal == Signal::Int {
            self.told = Some(130);
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(code) = self.told {
            return Step::Exit(code);
        }
        let script = self.script.clone();
        while let Some(incoming) = sys.accept() {
            let Payload::Http(request) = incoming.payload else {
                sys.respond(incoming.id, Answer::Connected);
                continue;
            };
            self.count += 1;
            let at = script.routes.iter().position(|r| {
                (r.method.is_empty()
                    || *r.method == *request.method.name()
                    || (&*r.method == "GET" && request.method.name() == "HEAD"))
                    && (&*r.path == "*" || *r.path == *request.path)
            });
            let redis = at.and_then(|a| script.routes.get(a)).and_then(|r| {
                r.body.iter().find_map(|p| match p {
                    Part::Redis(host, key) => Some((host.clone(), key.clone())),
                    _ => None,
                })
            });
            let visit =
                Visit { from: incoming.from, from_port: 40_000, port: incoming.port, request: &request };
            match redis {
                None => {
                    let answer = self.answer(sys, &visit, at.and_then(|a| script.routes.get(a)), None);
                    sys.respond(incoming.id, answer);
                }
                Some((host, key)) => match sys.resolve(&host).and_then(|ips| ips.first().copied()) {
                    None => {
                        sys.eprint(&format!("redis.exceptions.ConnectionError: Error -2 connecting to {host}:6379. Name or service not known.\n"));
                        let answer = self.reply(sys, &visit, 500, "text/html; charset=utf-8", INTERNAL);
                        sys.respond(incoming.id, answer);
                    }
                    Some(ip) => {
                        let words = [&b"INCR"[..], key.as_bytes()];
                        let bytes =
                            Reply::Many(words.iter().map(|w| Reply::Bulk(w.to_vec())).collect()).encode();
                        let call = sys.send(Target { ip, port: 6379 }, Payload::Bytes(bytes.into()), 30_000);
                        let route = at.unwrap_or(0);
                        self.waiting.push(Waiting {
                            id: incoming.id,
                            call,
                            route,
                            request,
                            from: incoming.from,
                        });
                    }
                },
            }
        }
        let mut still = Vec::new();
        for waiting in std::mem::take(&mut self.waiting) {
            let Some(outcome) = sys.answer(waiting.call) else {
                still.push(waiting);
                continue;
            };
            let visit =
                Visit { from: waiting.from, from_port: 40_000, port: script.port, request: &waiting.request };
            let number = match outcome {
                Ok(Answer::Bytes(bytes)) => match Reply::decode(&bytes) {
                    Some((Reply::Number(n), _)) => Some(n.to_string()),
                    _ => None,
                },
                _ => None,
            };
            let answer = match number {
                Some(n) => self.answer(sys, &visit, script.routes.get(waiting.route), Some(&n)),
                None => {
                    sys.eprint("redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.\n");
                    self.reply(sys, &visit, 500, "text/html; charset=utf-8", INTERNAL)
                }
            };
            sys.respond(waiting.id, answer);
        }
        self.waiting = still;
        let calls = self.waiting.iter().map(|w| Wait::Answer(w.call));
        Step::Wait(std::iter::once(Wait::Accept).chain(calls).collect())
    }
}

const INTERNAL: &str = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.</p>\n";
