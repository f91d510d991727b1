//! The REST client: builds requests with the headers and query order of the real one, sends them to
//! the kubeconfig's server, and turns answers into values or failures.

use super::credentials::{self, Credentials};
use super::discovery::{Discovery, Resource};
use super::{Failure, Kubeconfig, Target, wire_log};
use crate::cli::{Flags, Invocation};
use drydock_container::Sys;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Timestamp, Value};
use drydock_network::http::{Body, Method, Request, Response, Stream};
use std::sync::Arc;

/// `Accept` of `get` for people.
pub const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
/// `Accept` of typed clients.
pub const PROTO: &str = "application/vnd.kubernetes.protobuf,application/json";
pub const JSON: &str = "application/json";
/// `Accept` of plain REST calls.
pub const ANY: &str = "application/json, */*";

/// `Content-Type` of bodies.
pub mod content {
    pub const JSON: &str = "application/json";
    /// Typed clients since 1.32; the body stays a JSON value inside the sandbox.
    pub const PROTO: &str = "application/vnd.kubernetes.protobuf";
    pub const STRATEGIC: &str = "application/strategic-merge-patch+json";
    pub const MERGE: &str = "application/merge-patch+json";
    pub const JSON_PATCH: &str = "application/json-patch+json";
    pub const APPLY: &str = "application/apply-patch+yaml";
}

/// A connection's settings; cheap to clone into machines that go on.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Client {
    pub target: Target,
    pub credentials: Credentials,
    /// `-v`.
    pub verbosity: i64,
    /// Fetched once per command.
    pub discovery: Option<Arc<Discovery>>,
    /// Kinds whose OpenAPI was fetched, as the real client caches by group-version.
    pub openapi: bool,
}

impl Client {
    /// Settings from kubeconfig and flags.
    ///
    /// # Errors
    /// A broken kubeconfig, an unknown context, a bad `--request-timeout`.
    pub fn new(invocation: &mut Invocation<'_, '_>) -> Result<Client, Failure> {
        Client::from_flags(invocation.sys, &invocation.flags)
    }
    /// As [`Client::new`] without an invocation: for completion.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn from_flags(sys: &mut Sys<'_>, flags: &Flags) -> Result<Client, Failure> {
        let config = Kubeconfig::load(sys, flags)?;
        let files = config.files.iter().filter(|f| f.value.is_some()).map(|f| f.path.as_str());
        wire_log::loaded(sys, flags.int("v"), files);
        let inside = if config.is_empty(flags) { credentials::in_cluster(sys, flags) } else { None };
        let (target, credentials) = match inside {
            Some(found) => found,
            None => {
                let target = config.target(flags)?;
                let credentials = credentials::load(sys, flags, &config, &target)?;
                (target, credentials)
            }
        };
        check_timeout(flags.str("request-timeout"))?;
        Ok(Client { target, credentials, verbosity: flags.int("v"), ..Client::default() })
    }
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.target.namespace
    }
    /// `10.0.0.1:6443`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.target
            .server
            .split_once("://")
            .map_or(self.target.server.as_str(), |s| s.1)
            .trim_end_matches('/')
    }
    /// Sends a request; the answer whatever its status.
    ///
    /// # Errors
    /// Only when nobody answers.
    pub fn send(&self, sys: &mut Sys<'_>, mut request: Request) -> Result<Response, Failure> {
        // Go's url.Values are written sorted by key.
        request.query.arrange_by(|a, b| a.0.cmp(&b.0));
        request = self.credentials.sign(request);
        wire_log::request(sys, self, &request);
        // Its first word is the field manager of writes that name none.
        request = request.header("User-Agent", wire_log::USER_AGENT);
        let server = self.target.server.clone();
        let Some(response) = sys.request(&server, &request) else {
            return Err(Failure::Refused(self.host().into()));
        };
        wire_log::response(sys, self, &request, &response);
        for (name, text) in &response.headers.0 {
            if name.eq_ignore_ascii_case("warning") {
                sys.eprint(&format!("Warning: {}\n", warning_text(text)));
            }
        }
        Ok(response)
    }
    /// Sends a request; anything but a 2xx becomes a failure.
    ///
    /// # Errors
    /// The server's status, or nobody answering.
    pub fn call(&self, sys: &mut Sys<'_>, request: Request) -> Result<Value, Failure> {
        let subject = subject_of(&request);
        let response = self.send(sys, request)?;
        let value = response.body.json();
        if response.is_success() {
            return Ok(value.unwrap_or_default());
        }
        Err(Failure::Status(status_of(&response, &subject)))
    }
    /// GET of a path.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn get(&self, sys: &mut Sys<'_>, path: &str, accept: &str) -> Result<Value, Failure> {
        self.call(sys, Request::get(path).header("Accept", accept))
    }
    /// Opens a stream (watch, followed log, exec); a refusal is a failure.
    ///
    /// # Errors
    /// As [`Client::call`]; also when the server answers without a stream.
    pub fn open(&self, sys: &mut Sys<'_>, request: Request) -> Result<Stream, Failure> {
        let subject = subject_of(&request);
        let response = self.send(sys, request)?;
        match response.body {
            Body::Stream(stream) => Ok(stream),
            _ => Err(Failure::Status(status_of(&response, &subject))),
        }
    }
    /// A write with a JSON body.
    #[must_use]
    pub fn write(method: Method, path: &str, content_type: &str, body: Value) -> Request {
        let accept = if content_type == content::PROTO { PROTO } else { JSON };
        Request::new(method, path)
            .header("Accept", accept)
            .header("Content-Type", content_type)
            .body(Body::Json(body))
    }
    /// The server's resources, fetched on first use.
    ///
    /// # Errors
    /// When the server does not answer; the complaints of the discovery client are printed then.
    pub fn discover(&mut self, sys: &mut Sys<'_>) -> Result<Arc<Discovery>, Failure> {
        if let Some(known) = &self.discovery {
            return Ok(known.clone());
        }
        // The real client finds this in its cache: it is not among the requests that `-v` shows.
        let silent = Client { verbosity: 0, ..self.clone() };
        let found = Arc::new(Discovery::fetch(&silent, sys)?);
        self.discovery = Some(found.clone());
        Ok(found)
    }
    /// The resource a word stands for: `po`, `deployments.apps`, `pods.v1.`.
    ///
    /// # Errors
    /// `the server doesn't have a resource type "bogus"`.
    pub fn resource(&mut self, sys: &mut Sys<'_>, word: &str) -> Result<Arc<Resource>, Failure> {
        let discovery = self.discover(sys)?;
        discovery.resolve(word).ok_or_else(|| {
            let name = word.split('.').next().unwrap_or(word);
            format!("the server doesn't have a resource type \"{name}\"").into()
        })
    }
}

/// A klog line's head at the present moment: `I1121 13:00:01.000000     123 file.go:1] `.
pub fn klog(sys: &Sys<'_>, place: &str) -> String {
    klog_line(sys, 'I', place)
}
pub(in crate::kubectl) fn klog_line(sys: &Sys<'_>, severity: char, place: &str) -> String {
    let date = Timestamp(sys.unix()).civil();
    let micros = (sys.now() % 1000) * 1000;
    let pid = sys.process().map_or(0, |p| p.ns_pid);
    format!(
        "{severity}{:02}{:02} {:02}:{:02}:{:02}.{micros:06} {pid:>7} {place}] ",
        date.month, date.day, date.hour, date.minute, date.second
    )
}

/// A query as it crosses the wire.
#[must_use]
pub fn encode_query(query: &[(Arc<str>, Arc<str>)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(k, v)| format!("{}={}", escape(k), escape(v))).collect();
    pairs.join("&")
}

/// Go's `url.QueryEscape`.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The text of a `299 - "…"` header.
fn warning_text(header: &str) -> String {
    match (header.find('"'), header.rfind('"')) {
        (Some(from), Some(to)) if from < to => {
            header.get(from + 1..to).unwrap_or(header).replace("\\\"", "\"").replace("\\\\", "\\")
        }
        _ => header.into(),
    }
}

/// What a request is about, as client-go adds it to failures it words itself: ` (get pods web)`; "" for
/// what is no resource.
fn subject_of(request: &Request) -> String {
    let verb = request.method.name().to_lowercase();
    let steps: Vec<&str> = request.path.split('/').skip(1).collect();
    let (group, rest) = match steps.as_slice() {
        // A kind without a version is asked for in none.
        ["api", "namespaces", _, rest @ ..] | ["api", _, rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => return String::new(),
    };
    let rest = match rest {
        ["namespaces", _, rest @ ..] if !rest.is_empty() => rest,
        rest => rest,
    };
    let Some((plural, rest)) = rest.split_first() else { return String::new() };
    let group = if group.is_empty() { String::new() } else { format!(".{group}") };
    let name = rest.first().map_or(String::new(), |name| format!(" {name}"));
    format!(" ({verb} {plural}{group}{name})")
}

/// The failure an answer tells of: the server's Status, or what client-go makes of anything else.
#[must_use]
pub(super) fn status_of(response: &Response, subject: &str) -> Value {
    let value = response.body.json().unwrap_or_default();
    if value["kind"] == "Status" { value } else { worded(response.status, subject) }
}

/// What client-go makes of an answer that is no Status.
fn worded(code: u16, subject: &str) -> Value {
    let (reason, message) = match code {
        404 => ("NotFound", "the server could not find the requested resource"),
        401 => ("Unauthorized", "the server has asked for the client to provide credentials"),
        403 => ("Forbidden", "unknown"),
        405 => ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
        415 => ("UnsupportedMediaType", "the body of the request was in an unknown format"),
        503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
        _ => ("InternalError", "an error on the server has prevented the request from succeeding"),
    };
    drydock_machinery::value!({"kind": "Status", "status": "Failure", "reason": reason, "message": (format!("{message}{subject}")), "code": (i64::from(code))})
}

fn check_timeout(text: &str) -> Result<(), Failure> {
    let good = text.is_empty()
        || text.parse::<i64>().is_ok()
        || drydock_machinery::time::parse_go_duration(text).is_ok();
    if good {
        return Ok(());
    }
    Err("Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)".into())
}
