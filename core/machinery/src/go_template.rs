//! Go's `text/template` for `-o go-template`, `docker --format` and Helm charts, with Go's error texts.
//!
//! Values are JSON: there are no methods, channels or functions to call in them. Helm's functions are
//! the subset of sprig that needs neither chance nor a clock.

mod dialect;
mod exec;
mod functions;
mod lex;
mod parse;
mod printf;
mod sprig;
mod tree;

use crate::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whose template it is: decides which functions there are beside Go's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    #[default]
    Kubectl,
    Docker,
    Helm,
}

/// A parsed template with all it defines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    dialect: Dialect,
    name: String,
    /// By name, each with the text it was parsed from (for places in errors).
    defined: BTreeMap<String, Arc<tree::Tree>>,
}

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
    /// Reads a template of kubectl's, which names it `output`.
    ///
    /// # Errors
    /// Go's texts: `template: output:1: unexpected "}" in operand`.
    pub fn parse(text: &str) -> Result<Template, Error> {
        Template::parse_as(Dialect::Kubectl, "output", text)
    }
    /// Reads a template of a dialect under a name (docker's is empty).
    ///
    /// # Errors
    /// Go's texts.
    pub fn parse_as(dialect: Dialect, name: &str, text: &str) -> Result<Template, Error> {
        let mut template = Template { dialect, name: name.to_owned(), defined: BTreeMap::new() };
        template.add(name, text)?;
        Ok(template)
    }
    /// Reads one more file of the same set, e.g. a chart's `_helpers.tpl`.
    ///
    /// # Errors
    /// Go's texts.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), Error> {
        parse::file(self.dialect, name, text, &mut self.defined).map_err(Error)
    }
    /// The text for `value`; what is missing prints `<no value>`.
    ///
    /// # Errors
    /// Go's texts.
    pub fn execute(&self, value: &Value) -> Result<String, Error> {
        self.execute_with(value, true)
    }
    /// The text for `value`; a missing key is an error unless `allow_missing`.
    ///
    /// # Errors
    /// Go's texts, e.g. `map has no entry for key "x"`.
    pub fn execute_with(&self, value: &Value, allow_missing: bool) -> Result<String, Error> {
        self.execute_named(&self.name, value, allow_missing)
    }
    /// The text of one of the templates of the set.
    ///
    /// # Errors
    /// Go's texts.
    pub fn execute_named(&self, name: &str, value: &Value, allow_missing: bool) -> Result<String, Error> {
        exec::run(&self.defined, self.dialect, name, value, allow_missing).map_err(Error)
    }
}

#[cfg(test)]
mod tests;
