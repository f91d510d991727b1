//! What is wrong with a manifest while it is being written: YAML errors, unknown fields and wrong types
//! with their line and column, by the same schema the API server decodes with.

use crate::history::Sandbox;
use drydock_machinery::schema::{self, decode};
use drydock_machinery::sort::Arrange;
use drydock_machinery::yaml;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// A finding in a text. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub line: usize,
    pub column: usize,
    /// Characters it covers; 0 for "to the end of the line".
    pub length: usize,
    pub message: String,
    pub severity: Severity,
}

impl Sandbox {
    /// Findings in a YAML manifest, in reading order.
    #[must_use]
    pub fn diagnose(&self, text: &str) -> Vec<Diagnostic> {
        let documents = match yaml::load(text) {
            Ok(documents) => documents,
            Err(error) => {
                let message = error.message.clone();
                let (line, column) = (error.line.max(1), error.column.max(1));
                return vec![Diagnostic { line, column, length: 0, message, severity: Severity::Error }];
            }
        };
        let mut found: Vec<Diagnostic> = documents.iter().flat_map(check).collect();
        found.arrange_by_key(|d| (d.line, d.column));
        found
    }
}

fn check(document: &yaml::Document) -> Vec<Diagnostic> {
    let value = &document.value;
    let mut found: Vec<Diagnostic> = document
        .duplicates
        .iter()
        .map(|d| Diagnostic {
            line: d.line,
            column: 1,
            length: 0,
            message: format!("key \"{}\" already set in map", d.key),
            severity: Severity::Error,
        })
        .collect();
    if !value.is_map() {
        return found;
    }
    let (version, kind) = (value["apiVersion"].text(), value["kind"].text());
    // Custom resources have their own schema; a kind that is not known at all is the server's to refuse.
    let Some(ty) = schema::builtin().kind(version, kind) else { return found };
    if let Err(messages) = decode::check(schema::builtin(), ty, value, decode::Strictness::Strict) {
        for message in messages {
            let path = message.split('"').nth(1).unwrap_or("");
            let (line, column) = document.spans.get(path).unwrap_or((document.start_line.max(1), 1));
            let length = path.rsplit('.').next().map_or(0, |name| name.chars().count());
            found.push(Diagnostic { line, column, length, message, severity: Severity::Error });
        }
    }
    found
}
