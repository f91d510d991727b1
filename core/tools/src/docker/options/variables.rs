//! `-e`, `--env-file`, `--label`, `--label-file`.

use drydock_container::Sys;
use drydock_machinery::Value;

/// The variables of files and flags in that order; a name alone takes the caller's value.
///
/// # Errors
/// A file that cannot be read, a line without a name.
pub fn environment(sys: &mut Sys<'_>, files: &[String], given: &[String]) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for file in files {
        all.extend(from_file(sys, file, true)?);
    }
    for text in given {
        all.push(with_value(sys, text));
    }
    Ok(all)
}

/// `B` becomes `B=value` when the caller has it.
fn with_value(sys: &Sys<'_>, text: &str) -> String {
    if text.contains('=') {
        return text.into();
    }
    sys.env(text).map_or_else(|| text.to_string(), |value| format!("{text}={value}"))
}

/// The lines of a file of `key=value`.
fn from_file(sys: &mut Sys<'_>, file: &str, environment: bool) -> Result<Vec<String>, String> {
    let bytes = sys.read_file(file).map_err(|e| format!("open {file}: {}", e.text().to_lowercase()))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut out = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.split('=').next().unwrap_or("");
        if name.contains([' ', '\t']) {
            return Err(format!("invalid env file ({file}): variable '{name}' contains whitespaces"));
        }
        if name.is_empty() {
            return Err(format!("invalid env file ({file}): no variable name on line '{line}'"));
        }
        if line.contains('=') {
            out.push(line.to_string());
        } else if !environment {
            // A label alone has no value in a file.
        } else if let Some(value) = sys.env(name) {
            out.push(format!("{name}={value}"));
        }
    }
    Ok(out)
}

/// Labels of files and flags.
///
/// # Errors
/// A file that cannot be read.
pub fn labels(sys: &mut Sys<'_>, files: &[String], given: &[String]) -> Result<Value, String> {
    let mut all = Vec::new();
    for file in files {
        all.extend(from_file(sys, file, false)?);
    }
    all.extend(given.iter().cloned());
    Ok(pairs(&all))
}

/// `a=b` and `c` as a map of texts.
#[must_use]
pub fn pairs(items: &[String]) -> Value {
    items
        .iter()
        .map(|item| {
            let (key, value) = item.split_once('=').unwrap_or((item, ""));
            (key, Value::from(value))
        })
        .collect()
}
