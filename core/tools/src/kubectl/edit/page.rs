//! The text in the editor: the invitation above the object, and what was wrong the last time.

use crate::kubectl::Failure;

const HEAD: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
";

/// The file as it is opened first.
#[must_use]
pub fn first(body: &str) -> String {
    format!("{HEAD}{body}")
}

/// The file opened again, with the reasons in its head.
#[must_use]
pub fn again(edited: &str, why: &str) -> String {
    let reasons: String = why.lines().map(|line| format!("# {line}\n")).collect();
    format!("{HEAD}{reasons}#\n{edited}")
}

/// Without the lines that begin with `#`.
#[must_use]
pub fn strip_comments(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let mut out = lines.join("\n");
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// What the server found wrong, as lines.
#[must_use]
pub fn reasons(subject: &str, failure: &Failure) -> String {
    let Failure::Status(status) = failure else {
        return format!("{subject} could not be patched: {}", failure.text());
    };
    if status["reason"] != "Invalid" {
        return format!("{subject} could not be patched: {}", failure.text());
    }
    let mut out = format!("{subject} was not valid:");
    for cause in status["details"]["causes"].items() {
        out.push_str(&format!("\n * {}: {}", cause["field"].text(), cause["message"].text()));
    }
    out
}
