//! JSON in and out with the texts and bytes of Go's `encoding/json`, as the API server and kubectl
//! use it: HTML-safe escapes, integers kept apart from floats, duplicate keys reported.
//!
//! Nesting and size are limited; time and memory are linear in the input.

mod read;
mod write;

pub use read::{parse, parse_strict};
pub use write::{float, quote, to_plain, to_pretty, to_string};

/// Where and why a text is no JSON. `Display` gives Go's message alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Bytes from the beginning.
    pub offset: usize,
    pub message: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for Error {}

/// A key that stood more than once in one map; the last value won.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    pub key: String,
    /// The key with everything above it: `spec.template.spec.containers[0].name`.
    pub path: String,
    /// The line of the repetition, from 1.
    pub line: usize,
}

#[cfg(test)]
mod tests;
