//! What the engine refuses: an HTTP status and a message. Follows `errdefs` and its status codes.

use crate::json;
use drydock_network::http::{Body, Response};

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub status: u16,
    pub message: String,
}

impl Fault {
    #[must_use]
    pub fn new(status: u16, message: impl Into<String>) -> Fault {
        Fault { status, message: message.into() }
    }
    /// 400: a parameter makes no sense.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Fault {
        Fault::new(400, message)
    }
    /// 404.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Fault {
        Fault::new(404, message)
    }
    /// 409: the present state does not allow it.
    #[must_use]
    pub fn conflict(message: impl Into<String>) -> Fault {
        Fault::new(409, message)
    }
    /// 403.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Fault {
        Fault::new(403, message)
    }
    /// 500.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Fault {
        Fault::new(500, message)
    }
    #[must_use]
    pub fn no_container(name: &str) -> Fault {
        Fault::not_found(format!("No such container: {name}"))
    }
    #[must_use]
    pub fn no_image(name: &str) -> Fault {
        Fault::not_found(format!("No such image: {name}"))
    }
    /// The answer that says so.
    #[must_use]
    pub fn response(&self) -> Response {
        let text = json!({"message": &self.message}).0 + "\n";
        Response::new(self.status, Body::text(&text)).header("Content-Type", "application/json")
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
