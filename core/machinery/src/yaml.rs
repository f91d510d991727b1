//! YAML in kubectl's dialect (`sigs.k8s.io/yaml` over goyaml.v2): 1.1 scalars, merge keys,
//! duplicate keys reported, and the bytes its emitter writes.
//!
//! The scanner is saphyr-parser's; its messages are put into libyaml's words. Comments, anchors and
//! tags are not kept, as kubectl does not keep them.

mod emit;
mod load;
mod message;
mod resolve;
mod style;

use crate::Value;
pub use crate::json::Duplicate;
pub use emit::emit;
pub use load::{load, load_core};
use std::collections::BTreeMap;

/// One document of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub value: Value,
    /// Where each field stands.
    pub spans: Spans,
    /// Keys that stood more than once; the last value won.
    pub duplicates: Vec<Duplicate>,
    /// Line of the document's first content, from 1.
    pub start_line: usize,
}

/// The places of the keys and items of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spans(BTreeMap<String, (usize, usize)>);

impl Spans {
    /// Line and column (from 1) of `spec.containers[0].image`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<(usize, usize)> {
        self.0.get(path).copied()
    }
    /// All paths with their places, in order of path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, (usize, usize))> {
        self.0.iter().map(|(path, at)| (path.as_str(), *at))
    }
}

/// Where and why a text is no YAML; `Display` gives what kubectl prints, e.g.
/// `yaml: line 3: mapping values are not allowed in this context`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where it is, from 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The line goyaml tells, which for some errors is the one before; 0 where it tells none.
    pub told_line: usize,
    pub message: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.message.starts_with("json: ") || self.message.starts_with("unsupported map key") {
            return f.write_str(&self.message);
        }
        match self.told_line {
            0 => write!(f, "yaml: {}", self.message),
            line => write!(f, "yaml: line {line}: {}", self.message),
        }
    }
}
impl std::error::Error for Error {}

/// Splits a stream as kubectl's reader does: at lines of `---` and perhaps a comment. Each part comes
/// with the number of its first line, from 1.
#[must_use]
pub fn split(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut first_line, mut at) = (0, 1, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let separates = line.strip_prefix("---").is_some_and(|rest| {
            let rest = rest.trim();
            rest.is_empty() || rest.starts_with('#')
        });
        // A separator with nothing before it stays part of what follows.
        if separates && at > start {
            parts.push((first_line, text.get(start..at).unwrap_or("")));
            start = at + line.len();
            first_line = number + 2;
        }
        at += line.len();
    }
    if at > start {
        parts.push((first_line, text.get(start..at).unwrap_or("")));
    }
    parts
}

#[cfg(test)]
mod tests;
