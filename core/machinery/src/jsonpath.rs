//! JSONPath in kubectl's dialect: a port of the behaviour of `k8s.io/client-go/util/jsonpath` (v1.33),
//! used by `-o jsonpath`, `--sort-by`, `custom-columns`, `wait --for=jsonpath` and printer columns.
//!
//! Where the original walks a Go map in random order, this one takes the order of the keys.

mod eval;
mod parse;

use crate::Value;

/// A parsed template: text and actions in turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    nodes: Vec<Node>,
}

/// Why a template cannot be parsed or executed; `Display` gives client-go's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Error {}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    List(Vec<Node>),
    Field(String),
    Slice([Bound; 3]),
    Filter { left: Vec<Node>, operator: String, right: Vec<Node> },
    Constant(Value),
    Wildcard,
    Recursive,
    Union(Vec<Vec<Node>>),
    Identifier(String),
}

/// A number between the colons of `[a:b:c]`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bound {
    value: i64,
    known: bool,
    /// Made from a single index, which reads `[n:n+1]`.
    derived: bool,
}

impl Template {
    /// Reads a template: text with `{expressions}`.
    ///
    /// # Errors
    /// client-go's texts, e.g. `unclosed action`.
    pub fn parse(text: &str) -> Result<Template, Error> {
        parse::template(text).map(|nodes| Template { nodes }).map_err(Error)
    }
    /// The text for `value`: results of one expression parted by blanks, maps and lists as JSON.
    ///
    /// # Errors
    /// client-go's texts, e.g. `nope is not found` unless `allow_missing`.
    pub fn execute(&self, value: &Value, allow_missing: bool) -> Result<String, Error> {
        let groups = self.results(value, allow_missing)?;
        Ok(groups.iter().map(|group| eval::print(group)).collect())
    }
    /// As [`Template::execute`], but every expression's results as one JSON list, indented
    /// (`-o jsonpath-as-json`).
    ///
    /// # Errors
    /// As [`Template::execute`].
    pub fn execute_json(&self, value: &Value, allow_missing: bool) -> Result<String, Error> {
        let groups = self.results(value, allow_missing)?;
        let print = |group: &Vec<Value>| crate::json::to_pretty(&Value::from_items(group.clone())) + "\n";
        Ok(groups.iter().map(print).collect())
    }
    /// The values a template's expressions find, one after another; missing keys find nothing.
    ///
    /// # Errors
    /// As [`Template::execute`].
    pub fn find(&self, value: &Value) -> Result<Vec<Value>, Error> {
        Ok(self.results(value, true)?.into_iter().flatten().collect())
    }
    /// The values of each text and expression in turn.
    ///
    /// # Errors
    /// As [`Template::execute`].
    pub fn results(&self, value: &Value, allow_missing: bool) -> Result<Vec<Vec<Value>>, Error> {
        eval::results(&self.nodes, value, allow_missing).map_err(Error)
    }
}

/// `RelaxedJSONPathExpression`: `metadata.name`, `.metadata.name`, `{metadata.name}` and
/// `{.metadata.name}` are the same.
///
/// # Errors
/// kubectl's text for anything else.
pub fn relaxed(text: &str) -> Result<String, Error> {
    const WRONG: &str = "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or \
                         '{.name1.name2}'";
    if text.is_empty() {
        return Ok(String::new());
    }
    let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
    let path = inner.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(inner);
    if path.is_empty() || path.contains(['{', '}']) {
        return Err(Error(WRONG.into()));
    }
    Ok(format!("{{.{path}}}"))
}

#[cfg(test)]
mod tests;
