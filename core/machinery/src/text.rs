//! Small text arithmetic: edit distance, Go's ways of printing values and cases of letters.

use crate::Value;

/// Levenshtein distance over characters, as cobra's "Did you mean this?" counts it.
#[must_use]
pub fn levenshtein(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for ((above_left, above), cb) in row.iter().zip(row.iter().skip(1)).zip(&b) {
            left = (above + 1).min(left + 1).min(above_left + usize::from(ca != *cb));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// cobra's suggestions for a mistyped command: distance at most 2 without regard to case, or a
/// command that begins with what was typed; in the order given.
#[must_use]
pub fn suggestions<'a>(typed: &str, commands: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_lowercase();
    let close = |command: &&str| {
        let command = command.to_lowercase();
        levenshtein(&typed, &command) <= 2 || command.starts_with(&typed)
    };
    commands.into_iter().filter(close).collect()
}

/// Go's old `strings.Title`: the first letter of each word in upper case.
#[must_use]
pub fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut within = false;
    for c in text.chars() {
        if within {
            out.push(c)
        } else {
            out.extend(c.to_uppercase())
        }
        within = c.is_alphanumeric() || c == '_' || c == '\'';
    }
    out
}

/// A value as Go's `%v` prints it: `map[image:nginx ports:[map[containerPort:80]]]`.
#[must_use]
pub fn go_print(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::Str(_) | Value::Word(_) => value.text().to_owned(),
        Value::Float(f) => go_float(*f),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(go_print).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(k, v)| format!("{k}:{}", go_print(v))).collect();
            format!("map[{}]", entries.join(" "))
        }
        _ => crate::json::to_string(value),
    }
}

/// A float as Go's `%v` prints it: exponents from 1e+06 up and below 1e-4.
#[must_use]
pub fn go_float(f: f64) -> String {
    if f.is_nan() {
        return "NaN".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let scientific = format!("{f:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{f}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, n) in [("kitten", "sitting", 3), ("", "abc", 3), ("ge", "get", 1), ("파드", "파다", 1)]
        {
            assert_eq!(levenshtein(a, b), n);
        }
        assert_eq!(suggestions("ge", ["create", "set", "get", "cp"]), ["set", "get", "cp"]);
        assert_eq!(title("hello wide-world"), "Hello Wide-World");
    }
}
