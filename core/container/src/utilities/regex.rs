//! POSIX regular expressions in terms of the regex library: basic (grep, sed) and extended (`-E`, awk,
//! `[[ =~ ]]`). Left out: back-references within a pattern; alternatives match leftmost-first.

use regex_lite::Regex;

/// Bytes one compiled pattern may take.
const SIZE: usize = 1 << 20;

/// Compiles a translated pattern.
///
/// # Errors
/// Text as grep prints it.
pub fn compile(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    let flags = if ignore_case { "(?i)" } else { "" };
    let source = format!("{flags}{pattern}");
    match regex_lite::RegexBuilder::new(&source).size_limit(SIZE).build() {
        Ok(regex) => Ok(regex),
        Err(_) if pattern.ends_with('[') && !pattern.ends_with("\\[") => {
            Err("Invalid regular expression".into())
        }
        Err(error) => Err(complaint(&error.to_string())),
    }
}

fn complaint(error: &str) -> String {
    let known = [
        ("group", "Unmatched ( or \\("),
        ("class", "Unmatched [, [^, [:, [., or [="),
        ("repetition", "Invalid preceding regular expression"),
    ];
    known
        .iter()
        .find(|(what, _)| error.contains(what))
        .map_or("Invalid regular expression", |(_, text)| text)
        .to_string()
}

/// A POSIX extended expression in the library's syntax.
#[must_use]
pub fn extended(pattern: &str) -> String {
    translate(pattern, true)
}

/// A POSIX basic expression (with GNU's `\+`, `\?`, `\|`) in the library's syntax.
#[must_use]
pub fn basic(pattern: &str) -> String {
    translate(pattern, false)
}

/// An Emacs expression, as find has them, in the library's syntax: extended but for `\\(`, `\\)` and `\\|`.
#[must_use]
pub fn emacs(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '(' | ')' | '|' | '{' | '}' => out.extend(['\\', c]),
            '\\' => match chars.next() {
                Some(c @ ('(' | ')' | '|')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    extended(&out)
}

/// A fixed string.
#[must_use]
pub fn fixed(text: &str) -> String {
    regex_lite::escape(text)
}

fn translate(pattern: &str, extended: bool) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    // Whether something precedes that can be repeated.
    let mut repeatable = false;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            '[' => {
                at = bracket(&chars, at, &mut out);
                repeatable = true;
            }
            '\\' => {
                let Some(next) = chars.get(at).copied() else {
                    out.push_str("\\\\");
                    break;
                };
                at += 1;
                match next {
                    '(' | '|' if !extended => {
                        out.push(next);
                        repeatable = false;
                    }
                    ')' if !extended => {
                        out.push(')');
                        repeatable = true;
                    }
                    '{' if !extended => {
                        let end = chars.get(at..).and_then(|r| r.windows(2).position(|w| w == ['\\', '}']));
                        match end {
                            Some(end) => {
                                let inner: String = chars.get(at..at + end).unwrap_or(&[]).iter().collect();
                                out.push_str(&interval(&inner));
                                at += end + 2;
                            }
                            None => out.push_str("\\{"),
                        }
                    }
                    '+' | '?' if !extended => {
                        if repeatable {
                            out.push(next);
                        } else {
                            out.push('\\');
                            out.push(next);
                        }
                    }
                    '<' | '>' | 'b' => out.push_str("\\b"),
                    'B' | 'w' | 'W' | 's' | 'S' | 'd' | 'D' => {
                        out.push('\\');
                        out.push(next);
                        repeatable = true;
                    }
                    'n' => out.push_str("\\n"),
                    't' => out.push_str("\\t"),
                    '/' => {
                        out.push('/');
                        repeatable = true;
                    }
                    next if next.is_ascii_alphanumeric() => {
                        out.push(next);
                        repeatable = true;
                    }
                    next if next.is_ascii_punctuation() => {
                        out.push('\\');
                        out.push(next);
                        repeatable = true;
                    }
                    next => {
                        out.push(next);
                        repeatable = true;
                    }
                }
            }
            '*' if !repeatable => {
                out.push_str("\\*");
                repeatable = true;
            }
            '*' => out.push('*'),
            '^' => {
                let starts = at == 1 || out.ends_with('(') || out.ends_with('|');
                out.push_str(if extended || starts { "^" } else { "\\^" });
                repeatable = !(extended || starts);
            }
            '$' => {
                let rest: String = chars.get(at..).unwrap_or(&[]).iter().collect();
                let ends = rest.is_empty() || rest.starts_with("\\)") || rest.starts_with("\\|");
                out.push_str(if extended || ends { "$" } else { "\\$" });
                repeatable = false;
            }
            '.' => {
                out.push('.');
                repeatable = true;
            }
            '(' | '|' if extended => {
                out.push(c);
                repeatable = false;
            }
            ')' if extended => {
                out.push(')');
                repeatable = true;
            }
            '+' | '?' if extended && repeatable => out.push(c),
            '{' if extended && repeatable => {
                let end = chars.get(at..).and_then(|r| r.iter().position(|c| *c == '}'));
                let inner: String =
                    end.map_or(String::new(), |e| chars.get(at..at + e).unwrap_or(&[]).iter().collect());
                let digits = inner.chars().all(|c| c.is_ascii_digit() || c == ',');
                match end.filter(|_| !inner.is_empty() && digits) {
                    Some(end) => {
                        out.push_str(&interval(&inner));
                        at += end + 1;
                    }
                    None => out.push_str("\\{"),
                }
            }
            // With a backslash these two would be the edges of words.
            c if c.is_ascii_punctuation() && !matches!(c, '<' | '>') => {
                out.push('\\');
                out.push(c);
                repeatable = true;
            }
            c => {
                out.push(c);
                repeatable = true;
            }
        }
    }
    out
}

fn interval(inner: &str) -> String {
    match inner.strip_prefix(',') {
        Some(most) => format!("{{0,{most}}}"),
        None => format!("{{{inner}}}"),
    }
}

/// Translates a bracket expression; `at` is after the `[`. Gives the place after the `]`.
fn bracket(chars: &[char], mut at: usize, out: &mut String) -> usize {
    let start = at;
    let mut set = String::from("[");
    if chars.get(at) == Some(&'^') {
        set.push('^');
        at += 1;
    }
    let mut first = true;
    loop {
        let Some(c) = chars.get(at).copied() else {
            // Unclosed: the library refuses a lone bracket too.
            out.push('[');
            return start;
        };
        at += 1;
        match c {
            ']' if !first => break,
            '[' if chars.get(at) == Some(&':') => {
                let name: String = chars
                    .get(at + 1..)
                    .unwrap_or(&[])
                    .iter()
                    .take_while(|c| c.is_ascii_alphabetic())
                    .collect();
                let ranges = match name.as_str() {
                    "alpha" => "a-zA-Z",
                    "digit" => "0-9",
                    "alnum" => "a-zA-Z0-9",
                    "upper" => "A-Z",
                    "lower" => "a-z",
                    "space" => " \\t\\n\\r\\x0b\\x0c",
                    "blank" => " \\t",
                    "punct" => "!-/:-@\\[-`{-~",
                    "xdigit" => "0-9a-fA-F",
                    "cntrl" => "\\x00-\\x1f\\x7f",
                    "print" => " -~",
                    "graph" => "!-~",
                    _ => "",
                };
                set.push_str(ranges);
                at += name.len() + 3;
            }
            '[' | '&' | '~' | ']' => {
                set.push('\\');
                set.push(c);
            }
            '\\' => match chars.get(at) {
                // GNU tools read \n and \t here; a lone backslash stands for itself.
                Some('n') => {
                    at += 1;
                    set.push_str("\\n");
                }
                Some('t') => {
                    at += 1;
                    set.push_str("\\t");
                }
                Some('\\') => {
                    at += 1;
                    set.push_str("\\\\");
                }
                Some(
                    next @ ('.' | '-' | '/' | '[' | '$' | '*' | '+' | '?' | '(' | ')' | '{' | '}' | '|'),
                ) => {
                    at += 1;
                    set.push('\\');
                    set.push(*next);
                }
                Some(class @ ('w' | 's' | 'd')) => {
                    at += 1;
                    set.push('\\');
                    set.push(*class);
                }
                _ => set.push_str("\\\\"),
            },
            '-' if first || chars.get(at) == Some(&']') => set.push_str("\\-"),
            '^' => set.push_str("\\^"),
            c => set.push(c),
        }
        first = false;
    }
    set.push(']');
    out.push_str(&set);
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translates() {
        assert_eq!(basic(r"\(a\)*+b\{2\}^c$"), r"(a)*\+b{2}\^c$");
        assert_eq!(basic("*a"), r"\*a");
        assert_eq!(basic("<h1>.*</h1>"), "<h1>.*<\\/h1>");
        assert_eq!(extended("(a|b)+{2}[^]x]"), r"(a|b)+{2}[^\]x]");
        assert_eq!(extended("[[:digit:]]{1,3}"), "[0-9]{1,3}");
        assert!(compile(&extended("a(b"), false).is_err());
    }
}
