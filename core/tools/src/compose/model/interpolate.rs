//! Variables in a compose file: `$V ${V} ${V:-d} ${V-d} ${V:?e} ${V?e} ${V:+a} ${V+a}`, `$$` for a dollar.
//! Follows compose-go's `template` and `interpolation` with their error texts.

use drydock_machinery::{Value, limits};
use std::collections::{BTreeMap, BTreeSet};

/// What interpolating met on its way.
#[derive(Debug, Default)]
pub struct Interpolation {
    pub variables: BTreeMap<String, String>,
    /// Variables that had no value.
    pub unset: BTreeSet<String>,
}

enum Wrong {
    /// Cannot be read.
    Format,
    /// `${V:?…}` without a value.
    Missing(String),
}

impl Interpolation {
    /// A document with every string replaced.
    ///
    /// # Errors
    /// `invalid interpolation format for services.web.image…`.
    pub fn document(&mut self, value: &Value, path: &str) -> Result<Value, String> {
        match value {
            Value::Map(entries) => {
                let mut out = Vec::with_capacity(entries.len());
                for (key, inner) in entries.iter() {
                    let path = if path.is_empty() {
                        key.text().to_string()
                    } else {
                        format!("{path}.{}", key.text())
                    };
                    out.push((*key, self.document(inner, &path)?));
                }
                Ok(Value::from_entries(out))
            }
            Value::List(items) => {
                let items: Result<Vec<Value>, String> =
                    items.iter().map(|i| self.document(i, &format!("{path}.[]"))).collect();
                Ok(Value::from_items(items?))
            }
            other => match other.as_str() {
                Some(text) if text.contains('$') => self.text(text, path).map(Value::from),
                _ => Ok(other.clone()),
            },
        }
    }
    /// One string.
    ///
    /// # Errors
    /// As [`Interpolation::document`].
    pub fn text(&mut self, text: &str, path: &str) -> Result<String, String> {
        self.expand(text, 0).map_err(|wrong| match wrong {
            Wrong::Format => format!(
                "invalid interpolation format for {path}.\nYou may need to escape any $ with another $.\n{text}"
            ),
            Wrong::Missing(why) => format!("error while interpolating {path}: {why}"),
        })
    }
    fn expand(&mut self, text: &str, depth: usize) -> Result<String, Wrong> {
        if depth > limits::DEPTH {
            return Err(Wrong::Format);
        }
        let (mut out, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find('$') {
            let (before, after) = rest.split_at(at);
            out.push_str(before);
            let after = after.get(1..).unwrap_or("");
            if let Some(tail) = after.strip_prefix('$') {
                out.push('$');
                rest = tail;
            } else if let Some(inner) = after.strip_prefix('{') {
                let end = closing(inner).ok_or(Wrong::Format)?;
                let (body, tail) = inner.split_at(end);
                out.push_str(&self.braced(body, depth)?);
                rest = tail.get(1..).unwrap_or("");
            } else {
                let name = name_of(after);
                if name.is_empty() {
                    return Err(Wrong::Format);
                }
                out.push_str(&self.plain(name));
                rest = after.get(name.len()..).unwrap_or("");
            }
        }
        out.push_str(rest);
        Ok(out)
    }
    fn plain(&mut self, name: &str) -> String {
        match self.variables.get(name) {
            Some(value) => value.clone(),
            None => {
                self.unset.insert(name.to_string());
                String::new()
            }
        }
    }
    fn braced(&mut self, body: &str, depth: usize) -> Result<String, Wrong> {
        let name = name_of(body);
        if name.is_empty() {
            return Err(Wrong::Format);
        }
        let rest = body.get(name.len()..).unwrap_or("");
        if rest.is_empty() {
            return Ok(self.plain(name));
        }
        let (colon, rest) = rest.strip_prefix(':').map_or((false, rest), |r| (true, r));
        let mut chars = rest.chars();
        let operator = chars.next();
        let word = chars.as_str();
        let value = self.variables.get(name).cloned().filter(|v| !colon || !v.is_empty());
        match (operator, value) {
            (Some('-'), Some(value)) => Ok(value),
            (Some('-'), None) => self.expand(word, depth + 1),
            (Some('+'), Some(_)) => self.expand(word, depth + 1),
            (Some('+'), None) => Ok(String::new()),
            (Some('?'), Some(value)) => Ok(value),
            (Some('?'), None) => {
                let why = self.expand(word, depth + 1)?;
                let colon = if why.is_empty() { "" } else { ": " };
                Err(Wrong::Missing(format!("required variable {name} is missing a value{colon}{why}")))
            }
            _ => Err(Wrong::Format),
        }
    }
}

fn name_of(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let name = text.get(..end).unwrap_or("");
    if name.starts_with(|c: char| c.is_ascii_digit()) { "" } else { name }
}

/// Where the brace that was opened before `text` is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '{' if before == '$' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_defaults_and_errors() {
        let mut of = Interpolation::default();
        of.variables.insert("A".into(), "1".into());
        of.variables.insert("E".into(), String::new());
        let mut text = |t: &str| of.text(t, "services.web.image");
        assert_eq!(text("x$A-${A}$$A").unwrap(), "x1-1$A");
        assert_eq!(text("${N:-d}${E:-d}${E-d}${A:+y}${N+n}").unwrap(), "ddy");
        assert_eq!(text("${N:-${A}0}").unwrap(), "10");
        assert_eq!(
            text("${N:?set it}").unwrap_err(),
            "error while interpolating services.web.image: required variable N is missing a value: set it"
        );
        assert_eq!(
            text("${N").unwrap_err(),
            "invalid interpolation format for services.web.image.\nYou may need to escape any $ with another $.\n${N"
        );
        assert!(of.unset.is_empty());
        assert_eq!(of.text("${U}", "x").unwrap(), "");
        assert!(of.unset.contains("U"));
    }
}
