//! The `filters` parameter: a JSON map of names to sets of values, in either of its two encodings
//! (`{"name": {"web": true}}` and the older `{"name": ["web"]}`). Follows `api/types/filters`.

use crate::fault::Fault;
use drydock_machinery::{Value, json};
use drydock_network::http::Request;
use std::collections::{BTreeMap, BTreeSet};

/// Values asked for, by the filter's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters(pub BTreeMap<String, BTreeSet<String>>);

impl Filters {
    /// Reads the parameter; each name must be one of `known`.
    ///
    /// # Errors
    /// `invalid filter 'x'`.
    pub fn of(request: &Request, known: &[&str]) -> Result<Filters, Fault> {
        let text = request.param("filters").unwrap_or("");
        let mut filters = Filters::default();
        if text.is_empty() {
            return Ok(filters);
        }
        let Ok(value) = json::parse(text.as_bytes()) else { return Err(Fault::invalid("invalid filter")) };
        for (name, values) in value.entries() {
            let name = name.text();
            if !known.contains(&name) {
                return Err(Fault::invalid(format!("invalid filter '{name}'")));
            }
            let set = filters.0.entry(name.to_string()).or_default();
            set.extend(values.items().iter().map(|v| v.text().to_string()));
            set.extend(values.entries().iter().filter(|e| e.1.bool()).map(|e| e.0.text().to_string()));
        }
        Ok(filters)
    }
    /// The values of one filter; nothing when it was not given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&BTreeSet<String>> {
        self.0.get(name).filter(|set| !set.is_empty())
    }
    /// The values of one filter.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }
    /// True when the filter was not given, or one of its values is accepted.
    pub fn any(&self, name: &str, accept: impl Fn(&str) -> bool) -> bool {
        self.get(name).is_none_or(|set| set.iter().any(|v| accept(v)))
    }
    /// A yes-or-no filter.
    ///
    /// # Errors
    /// `invalid filter 'dangling=[maybe]'`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Fault> {
        let Some(set) = self.get(name) else { return Ok(None) };
        let values: Vec<&str> = set.iter().map(String::as_str).collect();
        match values.as_slice() {
            ["1" | "true"] => Ok(Some(true)),
            ["0" | "false"] => Ok(Some(false)),
            all => Err(Fault::invalid(format!("invalid filter '{name}=[{}]'", all.join(" ")))),
        }
    }
    /// Whether labels satisfy every `label` (`key` or `key=value`) and no `label!`.
    #[must_use]
    pub fn labels(&self, labels: &Value) -> bool {
        let has = |want: &str| match want.split_once('=') {
            Some((key, value)) => labels.find(key).is_some_and(|v| v.text() == value),
            None => labels.find(want).is_some(),
        };
        self.values("label").all(has) && !self.values("label!").any(has)
    }
}

/// Whether `pattern` matches `text` in any place, with the few operators people use in name filters:
/// `^`, `$`, `.`, `.*`. The engine takes Go regular expressions here.
#[must_use]
pub fn name_matches(pattern: &str, text: &str) -> bool {
    let (anchored, pattern) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let starts = if anchored { vec![0] } else { starts };
    starts.into_iter().any(|at| text.get(at..).is_some_and(|rest| match_here(pattern, rest, 0)))
}

fn match_here(pattern: &str, text: &str, depth: usize) -> bool {
    if depth > 256 {
        return false;
    }
    let mut chars = pattern.chars();
    let Some(first) = chars.next() else { return true };
    if pattern == "$" {
        return text.is_empty();
    }
    let (first, rest) = match (first, chars.as_str()) {
        ('\\', rest) => match rest.chars().next() {
            Some(c) => (Some(c), rest.get(c.len_utf8()..).unwrap_or("")),
            None => (Some('\\'), ""),
        },
        ('.', rest) => (None, rest),
        (c, rest) => (Some(c), rest),
    };
    let one = |text: &str| text.chars().next().filter(|c| first.is_none_or(|f| f == *c)).map(char::len_utf8);
    let star = rest.strip_prefix('*').map(|r| (0, r)).or_else(|| rest.strip_prefix('+').map(|r| (1, r)));
    if let Some((least, rest)) = star {
        let (mut at, mut count) = (0, 0);
        loop {
            if count >= least && text.get(at..).is_some_and(|t| match_here(rest, t, depth + 1)) {
                return true;
            }
            match text.get(at..).and_then(one) {
                Some(size) => (at, count) = (at + size, count + 1),
                None => return false,
            }
        }
    }
    one(text).is_some_and(|size| text.get(size..).is_some_and(|t| match_here(rest, t, depth + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_are_read_and_unknown_names_refused() {
        let ask = |text: &str| Filters::of(&Request::get("/").query("filters", text), &["name", "dangling"]);
        let a = ask(r#"{"name":{"web":true,"db":false}}"#).unwrap();
        assert_eq!(a.values("name").collect::<Vec<_>>(), ["web"]);
        assert_eq!(ask(r#"{"name":["web"]}"#).unwrap(), ask(r#"{"name":{"web":true}}"#).unwrap());
        assert_eq!(ask(r#"{"bad":["1"]}"#).unwrap_err().message, "invalid filter 'bad'");
        assert!(ask(r#"{"dangling":["x"]}"#).unwrap().flag("dangling").is_err());
    }
    #[test]
    fn names_match_as_regular_expressions() {
        assert!(name_matches("web", "/web4") && name_matches("^/web$", "/web"));
        assert!(!name_matches("^/web$", "/web4") && name_matches("w.b", "/web"));
        assert!(name_matches("^/a.*z$", "/abcz") && !name_matches("x+", "/abc"));
    }
}
