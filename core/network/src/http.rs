//! HTTP messages as values. A body may be a [`Value`] that was never turned into bytes: inside the
//! sandbox a kubectl and an API server need no JSON text between them.

use drydock_machinery::{Value, json};
use std::sync::Arc;

/// Request methods a client can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Options => "OPTIONS",
        }
    }
    /// The method of this exact (upper-case) name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Method> {
        use Method::*;
        [Get, Head, Post, Put, Patch, Delete, Options].into_iter().find(|m| m.name() == name)
    }
}

/// A handle to something that goes on: a watch, a followed log, an exec. Who gave it out (see
/// `Outside` in the container crate) reads and writes it, in frames of numbered channels as
/// Kubernetes' `v5.channel.k8s.io`: 0 stdin, 1 stdout, 2 stderr, 3 status, 4 resize.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream(pub u64);

/// What a message carries.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub enum Body {
    #[default]
    Empty,
    Bytes(Arc<[u8]>),
    Json(Value),
    /// Responses only: more follows on the stream.
    Stream(Stream),
}

impl Body {
    #[must_use]
    pub fn text(text: &str) -> Body {
        Body::Bytes(text.as_bytes().into())
    }
    /// The bytes as they would cross a wire; a JSON value is written compactly.
    #[must_use]
    pub fn bytes(&self) -> Arc<[u8]> {
        match self {
            Body::Empty | Body::Stream(_) => Arc::from([]),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Json(value) => json::to_string(value).into_bytes().into(),
        }
    }
    /// The JSON value, parsed where it came as bytes.
    pub fn json(&self) -> Result<Value, json::Error> {
        match self {
            Body::Json(value) => Ok(value.clone()),
            other => json::parse(&other.bytes()),
        }
    }
}

/// Header fields in the order they were added; names compare without case.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Headers(pub Vec<(Arc<str>, Arc<str>)>);

impl Headers {
    /// The first field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|h| h.0.eq_ignore_ascii_case(name)).map(|h| &*h.1)
    }
    pub fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.into(), value.into()));
    }
}

/// A request: path and query are kept apart and decoded.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Request {
    pub method: Method,
    /// Absolute path, percent-decoded.
    pub path: Arc<str>,
    /// Query parameters in order, percent-decoded.
    pub query: Vec<(Arc<str>, Arc<str>)>,
    pub headers: Headers,
    pub body: Body,
    /// The certificate the client showed when the connection was made, as PEM text; `None` where it
    /// showed none. Connections are not encrypted here, so that it travels with the request.
    pub peer: Option<Arc<str>>,
}

impl Request {
    #[must_use]
    pub fn new(method: Method, path: impl Into<Arc<str>>) -> Request {
        Request {
            method,
            path: path.into(),
            query: Vec::new(),
            headers: Headers::default(),
            body: Body::Empty,
            peer: None,
        }
    }
    #[must_use]
    pub fn get(path: impl Into<Arc<str>>) -> Request {
        Request::new(Method::Get, path)
    }
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<Arc<str>>) -> Request {
        self.query.push((name.into(), value.into()));
        self
    }
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.add(name, value);
        self
    }
    #[must_use]
    pub fn body(mut self, body: Body) -> Request {
        self.body = body;
        self
    }
    /// The first query parameter of this name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|q| &*q.0 == name).map(|q| &*q.1)
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Response {
    pub status: u16,
    pub headers: Headers,
    pub body: Body,
}

impl Response {
    #[must_use]
    pub fn new(status: u16, body: Body) -> Response {
        Response { status, headers: Headers::default(), body }
    }
    #[must_use]
    pub fn json(status: u16, value: Value) -> Response {
        Response::new(status, Body::Json(value))
    }
    #[must_use]
    pub fn text(status: u16, text: &str) -> Response {
        Response::new(status, Body::text(text))
    }
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Response {
        self.headers.add(name, value);
        self
    }
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
