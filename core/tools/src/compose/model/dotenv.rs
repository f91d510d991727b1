//! `.env` and `env_file`: lines of `NAME=value` with quotes, comments and `export`. Follows compose-go's
//! `dotenv`.

use super::interpolate::Interpolation;
use std::collections::BTreeMap;

/// Reads a file. Values may use variables that `known` or lines before give.
///
/// # Errors
/// `unexpected character "…" in variable name near "…"`.
pub fn parse(text: &str, known: &BTreeMap<String, String>) -> Result<Vec<(String, Option<String>)>, String> {
    let mut out: Vec<(String, Option<String>)> = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let line = rest.get(..line_end).unwrap_or(rest);
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            rest = rest.get(line_end..).unwrap_or("");
            continue;
        }
        let start = line.trim_start();
        let start = start.strip_prefix("export ").map_or(start, str::trim_start);
        let skipped = line.len() - start.len();
        let end = start.find(['=', ':', '\n']).unwrap_or(start.len());
        let name = start.get(..end).unwrap_or("").trim();
        if let Some(bad) =
            name.chars().find(|c| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-' | '[' | ']'))
        {
            let near = drydock_machinery::quote::go(trimmed);
            return Err(format!(
                "unexpected character {} in variable name near {near}",
                drydock_machinery::quote::go(&bad.to_string())
            ));
        }
        if start.get(end..end + 1).is_none_or(|c| c == "\n") {
            // A bare name takes its value from outside.
            out.push((name.to_string(), known.get(name).cloned()));
            rest = rest.get(line_end..).unwrap_or("");
            continue;
        }
        let after = rest.get(skipped + end + 1..).unwrap_or("");
        let blank = after.len() - after.trim_start_matches([' ', '\t']).len();
        let body = after.get(blank..).unwrap_or("");
        let (value, used) = match body.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let Some((value, used)) = quoted(body, quote) else {
                    return Err(format!("unterminated quoted value {}", body.lines().next().unwrap_or("")));
                };
                (if quote == '"' { expand(&value, known, &out)? } else { value }, used)
            }
            _ => {
                let line = body.split('\n').next().unwrap_or("");
                let bare = line.split(" #").next().unwrap_or(line);
                let bare = if bare.starts_with('#') { "" } else { bare.trim_end() };
                (expand(bare, known, &out)?, line.len())
            }
        };
        out.push((name.to_string(), Some(value)));
        let tail = body.get(used..).unwrap_or("");
        rest = tail.find('\n').map_or("", |at| tail.get(at + 1..).unwrap_or(""));
    }
    Ok(out)
}

/// A quoted value that may span lines, and the bytes it takes.
fn quoted(body: &str, quote: char) -> Option<(String, usize)> {
    let (mut out, mut escaped) = (String::new(), false);
    for (at, c) in body.char_indices().skip(1) {
        if std::mem::take(&mut escaped) {
            match c {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                '"' | '\\' => out.push(c),
                '$' => out.push_str("$$"),
                c => out.extend(['\\', c]),
            }
        } else if c == quote {
            return Some((out, at + 1));
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else {
            out.push(c);
        }
    }
    None
}

fn expand(
    text: &str,
    known: &BTreeMap<String, String>,
    before: &[(String, Option<String>)],
) -> Result<String, String> {
    if !text.contains('$') {
        return Ok(text.to_string());
    }
    let mut variables = known.clone();
    for (name, value) in before {
        if let Some(value) = value {
            variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Interpolation { variables, ..Interpolation::default() }.text(text, "environment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_kinds() {
        let text =
            "# no\nA=1\nexport B = two words # note\nC='$A'\nD=\"x\\n$A\"\n\nE=\nF=a#b\nG=\"a\nb\"\nH\n";
        let parsed = parse(text, &BTreeMap::new()).unwrap();
        let value = |n: &str| parsed.iter().find(|p| p.0 == n).unwrap().1.clone();
        assert_eq!(value("A").unwrap(), "1");
        assert_eq!(value("B").unwrap(), "two words");
        assert_eq!(value("C").unwrap(), "$A");
        assert_eq!(value("D").unwrap(), "x\n1");
        assert_eq!(value("E").unwrap(), "");
        assert_eq!(value("F").unwrap(), "a#b");
        assert_eq!(value("G").unwrap(), "a\nb");
        assert_eq!(value("H"), None);
        assert!(parse("a b=1", &BTreeMap::new()).unwrap_err().starts_with("unexpected character \" \""));
    }
}
