//! Go's `text/template` for `-o go-template`, `docker --format` and Helm charts.

use crate::Value;

/// A parsed template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {}

/// Why a template cannot be parsed or executed; `Display` gives Go's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Error {}

impl Template {
    /// Reads a template named "output", as kubectl names it.
    ///
    /// # Errors
    /// Go's texts: `template: output:1: unexpected "}" in operand`.
    pub fn parse(_text: &str) -> Result<Template, Error> {
        Ok(Template {})
    }
    /// The text for `value`.
    ///
    /// # Errors
    /// Go's texts.
    pub fn execute(&self, _value: &Value) -> Result<String, Error> {
        Ok(String::new())
    }
}
