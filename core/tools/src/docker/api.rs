//! The Engine API from the client's side: which socket, which version, and the four ways an answer
//! comes: at once, later, message by message, or as a connection taken over (see the daemon's crate).

use super::settings::Settings;
use crate::cli::{Error, Invocation};
use drydock_container::machines::Frame;
use drydock_container::{Sys, Wait};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json};
use drydock_network::http::{Body, Headers, Method, Request, Response, Stream};
use std::sync::Arc;

/// The newest API this client speaks.
pub const API_VERSION: &str = "1.50";
/// Where the daemon listens.
pub const SOCKET: &str = "unix:///var/run/docker.sock";

/// The daemon refused, or nobody answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// Without a newline at its end.
    pub text: String,
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
}

impl Failure {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Failure {
        Failure { text: text.into(), status: 0 }
    }
    /// `Error response from daemon: message`.
    #[must_use]
    pub fn daemon(status: u16, message: &str) -> Failure {
        Failure { text: format!("Error response from daemon: {message}"), status }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        Error::raw(failure.text + "\n")
    }
}

/// A connection to a daemon.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Engine {
    /// `unix:///var/run/docker.sock`.
    pub host: String,
    /// The API version both sides speak.
    pub version: String,
    /// What the daemon said its own newest version is.
    pub server_version: String,
    pub settings: Settings,
}

/// An answer whose body is at hand.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Reply {
    pub status: u16,
    pub headers: Headers,
    pub body: Body,
}

impl Reply {
    /// The body as a value; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        self.body.json().unwrap_or_default()
    }
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body.bytes()).into_owned()
    }
}

/// A request whose answer may take simulated time.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Pending {
    Done(Result<Reply, Failure>),
    Later(Stream),
}

impl Pending {
    /// The answer once it is there.
    pub fn poll(&mut self, sys: &mut Sys<'_>) -> Result<Result<Reply, Failure>, Wait> {
        let stream = match self {
            Pending::Done(result) => return Ok(result.clone()),
            Pending::Later(stream) => *stream,
        };
        let result = match sys.read_stream(stream) {
            Frame::Json(answer) => {
                sys.close_stream(stream);
                let status = u16::try_from(answer["status"].int()).unwrap_or(500);
                let body = match answer.find("body") {
                    Some(Value::Null) | None => Body::Empty,
                    Some(body) => Body::Json(body.clone()),
                };
                checked(Reply { status, headers: Headers::default(), body })
            }
            Frame::Pending => return Err(Wait::Stream(stream)),
            Frame::Bytes { bytes, .. } => {
                let body = Body::Bytes(bytes.into());
                checked(Reply { status: 200, headers: Headers::default(), body })
            }
            Frame::End => Err(Failure::new("unexpected EOF")),
        };
        *self = Pending::Done(result.clone());
        Ok(result)
    }
}

/// One JSON message after another.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Messages {
    /// All came at once; the last stands first.
    Ready(Vec<Value>),
    Stream(Stream),
}

/// What comes next of [`Messages`].
pub enum Next {
    Message(Value),
    Wait(Wait),
    End,
}

impl Messages {
    pub fn next(&mut self, sys: &mut Sys<'_>) -> Next {
        match self {
            Messages::Ready(left) => left.pop().map_or(Next::End, Next::Message),
            Messages::Stream(stream) => {
                let stream = *stream;
                match sys.read_stream(stream) {
                    Frame::Json(message) => Next::Message(message),
                    Frame::Bytes { bytes, .. } => {
                        *self = Messages::Ready(lines(&bytes));
                        // The rest of the stream is not lost: bytes only come from complete answers.
                        self.next(sys)
                    }
                    Frame::Pending => Next::Wait(Wait::Stream(stream)),
                    Frame::End => Next::End,
                }
            }
        }
    }
    /// Ends a stream that is not needed anymore.
    pub fn close(&self, sys: &mut Sys<'_>) {
        if let Messages::Stream(stream) = self {
            sys.close_stream(*stream);
        }
    }
}

/// JSON documents, one a line, last first.
fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty());
    text.rev().filter_map(|l| json::parse(l).ok()).collect()
}

impl Engine {
    /// The daemon the command line and the settings name; greets it and agrees on a version.
    ///
    /// # Errors
    /// An unknown context.
    pub fn connect(invocation: &mut Invocation<'_, '_>) -> Result<Engine, Error> {
        Ok(Engine::open(invocation.sys)?)
    }
    /// As [`Engine::connect`], for machines that go on.
    ///
    /// # Errors
    /// As [`Engine::connect`].
    pub fn open(sys: &mut Sys<'_>) -> Result<Engine, Failure> {
        let settings = Settings::load(sys);
        let level = settings.globals.str("log-level");
        if !matches!(
            level,
            "" | "debug" | "info" | "warn" | "warning" | "error" | "fatal" | "panic" | "trace"
        ) {
            return Err(Failure::new(format!("Unable to parse logging level: {level}")));
        }
        let host = settings.host(sys)?;
        let mut engine =
            Engine { host, version: API_VERSION.into(), server_version: API_VERSION.into(), settings };
        let ping = sys.request(&engine.host, &Request::new(Method::Head, "/_ping"));
        // Nobody there is found out by the first real request.
        if let Some(version) = ping.as_ref().and_then(|p| p.headers.get("Api-Version")) {
            engine.server_version = version.into();
            if older(version, API_VERSION) {
                engine.version = version.into();
            }
        }
        Ok(engine)
    }
    fn unreachable(&self, sys: &Sys<'_>, path: &str) -> Failure {
        if let Some(address) = self.host.strip_prefix("tcp://") {
            let name = address.split(':').next().unwrap_or(address);
            if sys.resolve(name).is_none() {
                let server = "192.168.65.7";
                return Failure::new(format!(
                    "error during connect: Get \"http://{address}{path}\": dial tcp: lookup {name} on {server}:53: no such host"
                ));
            }
        }
        Failure::new(format!(
            "Cannot connect to the Docker daemon at {}. Is the docker daemon running?",
            self.host
        ))
    }
    fn dispatch(&self, sys: &mut Sys<'_>, mut request: Request) -> Result<Response, Failure> {
        request.path = format!("/v{}{}", self.version, request.path).into();
        request.query.arrange_by(|a, b| a.0.cmp(&b.0));
        match sys.request(&self.host, &request) {
            Some(response) => Ok(response),
            None => Err(self.unreachable(sys, &request.path)),
        }
    }
    /// Sends a request whose answer may take time.
    pub fn begin(&self, sys: &mut Sys<'_>, request: Request) -> Pending {
        match self.dispatch(sys, request) {
            Err(failure) => Pending::Done(Err(failure)),
            Ok(Response { body: Body::Stream(stream), .. }) => Pending::Later(stream),
            Ok(Response { status, headers, body }) => Pending::Done(checked(Reply { status, headers, body })),
        }
    }
    /// Sends a request that is answered at once.
    ///
    /// # Errors
    /// The daemon's refusal.
    pub fn call(&self, sys: &mut Sys<'_>, request: Request) -> Result<Reply, Failure> {
        match self.begin(sys, request) {
            Pending::Done(result) => result,
            Pending::Later(stream) => {
                // Nothing that is asked this way waits; what has come already is taken.
                let mut pending = Pending::Later(stream);
                pending.poll(sys).unwrap_or_else(|_| {
                    sys.close_stream(stream);
                    Err(Failure::new("unexpected EOF"))
                })
            }
        }
    }
    /// GET, as a value.
    ///
    /// # Errors
    /// The daemon's refusal.
    pub fn get(&self, sys: &mut Sys<'_>, path: impl Into<Arc<str>>) -> Result<Value, Failure> {
        self.call(sys, Request::get(path)).map(|reply| reply.json())
    }
    /// POST of a JSON body.
    ///
    /// # Errors
    /// The daemon's refusal.
    pub fn post(&self, sys: &mut Sys<'_>, path: impl Into<Arc<str>>, body: Value) -> Result<Value, Failure> {
        self.call(sys, post(path, body)).map(|reply| reply.json())
    }
    /// Sends a request answered by messages.
    ///
    /// # Errors
    /// The daemon's refusal.
    pub fn messages(&self, sys: &mut Sys<'_>, request: Request) -> Result<Messages, Failure> {
        let Response { status, headers, body } = self.dispatch(sys, request)?;
        match body {
            Body::Stream(stream) if status < 300 => Ok(Messages::Stream(stream)),
            Body::Stream(stream) => {
                sys.close_stream(stream);
                Err(Failure::daemon(status, ""))
            }
            body => {
                let reply = checked(Reply { status, headers, body })?;
                Ok(Messages::Ready(lines(&reply.body.bytes())))
            }
        }
    }
    /// Takes a connection over (attach, exec) or follows raw output (logs).
    ///
    /// # Errors
    /// The daemon's refusal.
    pub fn stream(&self, sys: &mut Sys<'_>, request: Request) -> Result<Result<Stream, Reply>, Failure> {
        let Response { status, headers, body } = self.dispatch(sys, request)?;
        match body {
            Body::Stream(stream) => Ok(Ok(stream)),
            body => checked(Reply { status, headers, body }).map(Err),
        }
    }
}

/// A POST with a JSON body.
#[must_use]
pub fn post(path: impl Into<Arc<str>>, body: Value) -> Request {
    let request = Request::new(Method::Post, path);
    if body.is_null() {
        return request;
    }
    request.header("Content-Type", "application/json").body(Body::Json(body))
}

/// A refusal as the client words it, for any status of 400 and more.
fn checked(reply: Reply) -> Result<Reply, Failure> {
    if reply.status < 400 {
        return Ok(reply);
    }
    Err(Failure { text: refusal(&reply), status: reply.status })
}

fn refusal(reply: &Reply) -> String {
    let (status, text) = (reply.status, reply.text());
    let phrase = reason(status);
    if text.is_empty() {
        return format!(
            "request returned {status} {phrase} for API route and version, check if the server supports the requested API version"
        );
    }
    let value = match reply.body.json() {
        Ok(value) => value,
        Err(_) if !text.starts_with(['{', '[', '"']) => {
            let first = text.chars().next().unwrap_or(' ');
            return format!("Error reading JSON: invalid character '{first}' looking for beginning of value");
        }
        Err(error) => return format!("Error reading JSON: {error}"),
    };
    let kind = value.json_type();
    if kind != "object" {
        // The real client names the Go type it cannot fill.
        let kind = if kind == "boolean" { "bool" } else { kind };
        return format!(
            "Error reading JSON: json: cannot unmarshal {kind} into Go value of type types.ErrorResponse"
        );
    }
    match value["message"].text().trim() {
        "" => format!(
            "Error response from daemon: API returned a {status} ({phrase}) but provided no error-message"
        ),
        message => format!("Error response from daemon: {message}"),
    }
}

fn older(a: &str, b: &str) -> bool {
    let numbers = |t: &str| t.split('.').map(|n| n.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
    numbers(a) < numbers(b)
}

/// The words of an HTTP status.
fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}
