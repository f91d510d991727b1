//! Small text arithmetic: edit distance and Go-like case helpers.

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
