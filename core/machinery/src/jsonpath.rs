//! JSONPath in kubectl's dialect (`k8s.io/client-go/util/jsonpath`).

use crate::Value;

/// A parsed template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {}

/// Why a template cannot be parsed or executed; `Display` gives client-go's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Error {}

impl Template {
    /// Reads a template: text with `{expressions}`.
    ///
    /// # Errors
    /// client-go's texts.
    pub fn parse(_text: &str) -> Result<Template, Error> {
        Ok(Template {})
    }
    /// The text for `value`.
    ///
    /// # Errors
    /// client-go's texts, e.g. for a missing key unless `allow_missing`.
    pub fn execute(&self, _value: &Value, _allow_missing: bool) -> Result<String, Error> {
        Ok(String::new())
    }
    /// The values a template's expressions find.
    ///
    /// # Errors
    /// As [`Template::execute`].
    pub fn find(&self, _value: &Value) -> Result<Vec<Value>, Error> {
        Ok(Vec::new())
    }
}

/// `RelaxedJSONPathExpression`: `metadata.name`, `.metadata.name` and `{.metadata.name}` are the same.
///
/// # Errors
/// kubectl's text for anything else.
pub fn relaxed(text: &str) -> Result<String, Error> {
    Ok(text.into())
}
