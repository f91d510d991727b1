//! What can go wrong between kubectl and its servers, and the words `util.CheckErr`
//! (`k8s.io/kubectl/pkg/cmd/util/helpers.go`) has for it.

use crate::cli::Error;
use drydock_machinery::Value;

/// A failed call or step. Turns into a [`cli::Error`](Error) with `?`.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The server's `Status`.
    Status(Value),
    /// Nobody listens at this address.
    Refused(String),
    /// Any other message: `error: …`.
    Message(String),
    /// Already whole.
    Error(Error),
}

impl Failure {
    #[must_use]
    pub fn message(text: impl Into<String>) -> Failure {
        Failure::Message(text.into())
    }
    /// The status' reason, `""` for what is no status.
    #[must_use]
    pub fn reason(&self) -> &str {
        if let Failure::Status(status) = self { status["reason"].text() } else { "" }
    }
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.reason() == "NotFound"
    }
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.reason() == "Conflict"
    }
    /// The bare message, as `err.Error()` gives it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Failure::Status(status) => status["message"].text().into(),
            Failure::Refused(host) => format!("dial tcp {host}: connect: connection refused"),
            Failure::Message(message) => message.clone(),
            Failure::Error(error) => {
                error.text.trim_end_matches('\n').trim_start_matches("error: ").to_string()
            }
        }
    }
    /// What stands on stderr for it, without the final newline. `prefix` is put in front of the
    /// message as some verbs do.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Failure::Status(status) if status["reason"] == "Invalid" => invalid(status),
            Failure::Status(status) if status["reason"] == "Unauthorized" && status["details"].is_null() => {
                format!("error: You must be logged in to the server ({})", status["message"].text())
            }
            Failure::Status(status) => match status["reason"].text() {
                "" => format!("Error from server: {}", status["message"].text()),
                reason => format!("Error from server ({reason}): {}", status["message"].text()),
            },
            Failure::Refused(host) => {
                format!(
                    "The connection to the server {host} was refused - did you specify the right host or port?"
                )
            }
            Failure::Message(message) if message.starts_with("error: ") => message.clone(),
            Failure::Message(message) => format!("error: {message}"),
            Failure::Error(error) => error.text.trim_end_matches('\n').into(),
        }
    }
}

/// `The Deployment "web" is invalid: spec.x: …`, several causes as a list.
fn invalid(status: &Value) -> String {
    let details = &status["details"];
    let subject = if details["kind"].is_empty() {
        "The request is invalid".to_string()
    } else {
        format!(
            "The {} {} is invalid",
            details["kind"].text(),
            drydock_machinery::quote::go(details["name"].text())
        )
    };
    let mut causes: Vec<String> = Vec::new();
    for cause in details["causes"].items() {
        let text = match cause["field"].text() {
            "" => cause["message"].text().to_string(),
            field => format!("{field}: {}", cause["message"].text()),
        };
        // What was said once is not said again.
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    match causes.as_slice() {
        [] => match status["message"].text() {
            "" => subject,
            message => format!("{subject}: {message}"),
        },
        [one] => format!("{subject}: {one}"),
        many => {
            let lines: Vec<String> = many.iter().map(|m| format!("* {m}")).collect();
            format!("{subject}: \n{}", lines.join("\n"))
        }
    }
}

/// Several failures as kubectl's aggregate prints them: one after the other when all come from the
/// server, else as a list after one `error:`.
#[must_use]
pub fn aggregate(failures: &[Failure]) -> Error {
    // client-go's aggregate names equal messages once.
    let mut lines: Vec<String> = Vec::new();
    for failure in failures {
        let line = failure.describe();
        if matches!(failure, Failure::Status(_)) || !lines.contains(&line) {
            lines.push(line);
        }
    }
    let code = failures
        .iter()
        .find_map(|f| if let Failure::Error(e) = f { Some(e.code) } else { None })
        .unwrap_or(1);
    Error { text: lines.iter().map(|l| format!("{l}\n")).collect(), code }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        if let Failure::Error(error) = failure {
            return error;
        }
        Error::raw(failure.describe() + "\n")
    }
}
impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Error(error)
    }
}
impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::Message(message)
    }
}
impl From<&str> for Failure {
    fn from(message: &str) -> Failure {
        Failure::Message(message.into())
    }
}
