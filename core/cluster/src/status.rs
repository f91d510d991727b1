//! The `Status` body: the API's one error, in the words of `k8s.io/apimachinery/pkg/api/errors`.

use crate::field::{Errors, FieldError};
use crate::kinds::Kind;
use drydock_machinery::{Value, value};

/// A refusal: what the client reads as JSON and what the code passes as `Err`.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    pub code: u16,
    /// `NotFound`, `Invalid`, …; "" for none.
    pub reason: &'static str,
    pub message: String,
    /// `details` (name, group, kind, uid, causes, retryAfterSeconds); null for none.
    pub details: Value,
    /// `metadata.continue`: how a list that cannot go on may still go on; "" for none.
    pub resume: String,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// `deployments.apps`, as error texts name a resource.
#[must_use]
pub fn resource(kind: &Kind) -> String {
    qualified(kind.plural, kind.group)
}

fn qualified(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_string() } else { format!("{name}.{group}") }
}

fn about(kind: &Kind, name: &str, shown: &str) -> Value {
    let mut details = Value::empty_map();
    for (key, text) in [("name", name), ("group", kind.group), ("kind", shown)] {
        if !text.is_empty() {
            details = details.with(key, text);
        }
    }
    details
}

impl Status {
    #[must_use]
    pub fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Status {
        Status { code, reason, message: message.into(), details: Value::Null, resume: String::new() }
    }
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Status {
        self.details = details;
        self
    }
    #[must_use]
    pub fn not_found(kind: &Kind, name: &str) -> Status {
        let message = format!("{} \"{name}\" not found", resource(kind));
        Status::new(404, "NotFound", message).with_details(about(kind, name, kind.plural))
    }
    /// What an unknown path answers.
    #[must_use]
    pub fn no_such_resource() -> Status {
        Status::new(404, "NotFound", "the server could not find the requested resource")
            .with_details(value!({}))
    }
    #[must_use]
    pub fn already_exists(kind: &Kind, name: &str) -> Status {
        let message = format!("{} \"{name}\" already exists", resource(kind));
        Status::new(409, "AlreadyExists", message).with_details(about(kind, name, kind.plural))
    }
    #[must_use]
    pub fn conflict(kind: &Kind, name: &str, why: &str) -> Status {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", resource(kind));
        Status::new(409, "Conflict", message).with_details(about(kind, name, kind.plural))
    }
    /// The optimistic lock failed.
    #[must_use]
    pub fn modified(kind: &Kind, name: &str) -> Status {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        Status::conflict(kind, name, why)
    }
    #[must_use]
    pub fn invalid(kind: &Kind, name: &str, errors: Errors) -> Status {
        let mut texts: Vec<String> = Vec::new();
        for text in errors.0.iter().map(FieldError::to_string) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let all = match texts.as_slice() {
            [one] => one.clone(),
            _ => format!("[{}]", texts.join(", ")),
        };
        let message = format!("{} \"{name}\" is invalid: {all}", qualified(kind.kind, kind.group));
        let causes: Value = errors.0.iter().map(FieldError::cause).collect();
        let details = about(kind, name, kind.kind).with("causes", causes);
        Status::new(422, "Invalid", message).with_details(details)
    }
    #[must_use]
    pub fn forbidden(kind: &Kind, name: &str, why: &str) -> Status {
        let message = match name {
            "" => format!("{} is forbidden: {why}", resource(kind)),
            name => format!("{} \"{name}\" is forbidden: {why}", resource(kind)),
        };
        Status::new(403, "Forbidden", message).with_details(about(kind, name, kind.plural))
    }
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Status {
        Status::new(400, "BadRequest", message)
    }
    #[must_use]
    pub fn method_not_allowed() -> Status {
        Status::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )
        .with_details(value!({}))
    }
    #[must_use]
    pub fn unsupported_media_type(accepted: &[&str]) -> Status {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {}",
            accepted.join(", ")
        );
        Status::new(415, "UnsupportedMediaType", message)
    }
    /// A watch or a continue token older than what is kept.
    #[must_use]
    pub fn gone(message: impl Into<String>) -> Status {
        Status::new(410, "Expired", message)
    }
    #[must_use]
    pub fn internal(message: &str) -> Status {
        let details = value!({"causes": [{"message": message}]});
        Status::new(500, "InternalError", format!("Internal error occurred: {message}")).with_details(details)
    }
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.reason == "NotFound"
    }
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        self.reason == "AlreadyExists"
    }
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.reason == "Conflict"
    }
    /// The JSON body.
    #[must_use]
    pub fn value(&self) -> Value {
        let mut body = value!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": &self.message, "code": self.code,
        });
        if !self.resume.is_empty() {
            body = body.with("metadata", value!({"continue": &self.resume}));
        }
        if !self.reason.is_empty() {
            body = body.with("reason", self.reason);
        }
        if !self.details.is_null() {
            body = body.with("details", &self.details);
        }
        body
    }
    /// The `Success` body of a delete.
    #[must_use]
    pub fn success(kind: &Kind, name: &str, uid: &str) -> Value {
        let details = about(kind, name, kind.plural).with("uid", uid);
        value!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
    }
}
