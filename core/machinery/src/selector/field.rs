//! Field selectors: `metadata.name=web,status.phase!=Running`, with `\` before `,`, `=` and `\`.

use std::fmt::Write;

/// Requirements on fields, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector {
    /// Field, whether it must be equal, value.
    pub terms: Vec<(String, bool, String)>,
}

impl FieldSelector {
    /// Reads the grammar of `--field-selector`.
    ///
    /// # Errors
    /// The texts of `k8s.io/apimachinery/pkg/fields`.
    pub fn parse(text: &str) -> Result<FieldSelector, String> {
        let mut terms = Vec::new();
        for term in split_terms(text) {
            if term.is_empty() {
                continue;
            }
            let Some((field, equal, value)) = split_term(term) else {
                return Err(format!("invalid selector: '{text}'; can't understand '{term}'"));
            };
            terms.push((field.to_owned(), equal, unescape(value)?));
        }
        Ok(FieldSelector { terms })
    }
    /// Whether every term holds; `field` gives the text of a path, empty when absent.
    pub fn matches<'a>(&self, mut field: impl FnMut(&str) -> &'a str) -> bool {
        self.terms.iter().all(|(path, equal, value)| (field(path) == value) == *equal)
    }
    /// The value a field must have, if it must have one.
    #[must_use]
    pub fn requires(&self, field: &str) -> Option<&str> {
        self.terms.iter().find(|(path, equal, _)| path == field && *equal).map(|(_, _, value)| value.as_str())
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// At commas that no backslash stands before.
fn split_terms(text: &str) -> Vec<&str> {
    let (mut out, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                out.push(text.get(start..at).unwrap_or(""));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(text.get(start..).unwrap_or(""));
    out
}

fn split_term(term: &str) -> Option<(&str, bool, &str)> {
    for (at, _) in term.char_indices() {
        let rest = term.get(at..)?;
        for (operator, equal) in [("!=", false), ("==", true), ("=", true)] {
            if let Some(value) = rest.strip_prefix(operator) {
                return Some((term.get(..at)?, equal, value));
            }
        }
    }
    None
}

fn unescape(value: &str) -> Result<String, String> {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | ',' | '=')) => out.push(c),
                Some(c) => return Err(format!("invalid field selector: invalid escape sequence: \\{c}")),
                None => return Err("invalid field selector: invalid escape sequence: \\".into()),
            },
            ',' | '=' => {
                return Err(format!("invalid field selector: unescaped character in value: {c} in {value}"));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

impl std::fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (field, equal, value)) in self.terms.iter().enumerate() {
            if at > 0 {
                f.write_char(',')?;
            }
            let value = value.replace('\\', "\\\\").replace(',', "\\,").replace('=', "\\=");
            write!(f, "{field}{}{value}", if *equal { "=" } else { "!=" })?;
        }
        Ok(())
    }
}
