//! The scanner's errors in libyaml's words, with the line goyaml would tell.

use super::Error;
use saphyr_parser::ScanError;

/// The scanner's message begins with the first; libyaml says the second; whether it is libyaml's
/// parser that says it, which tells lines from zero.
const WORDS: &[(&str, &str, bool)] = &[
    ("while parsing a block mapping, did not find expected key", "did not find expected key", true),
    ("while parsing a flow mapping, did not find", "did not find expected ',' or '}'", true),
    ("while parsing a flow sequence, expected", "did not find expected ',' or ']'", true),
    ("while parsing a block collection, did not find", "did not find expected '-' indicator", true),
    ("while parsing a node, did not find expected node content", "did not find expected node content", true),
    ("did not find expected <document start>", "did not find expected <document start>", true),
    ("misplaced bracket", "did not find expected node content", true),
    ("simple key expect", "could not find expected ':'", false),
    ("tabs disallowed", "found character that cannot start any token", false),
    ("tab cannot be used as indentation", "found character that cannot start any token", false),
    ("unexpected character", "found character that cannot start any token", false),
    ("did not find expected next token", "found character that cannot start any token", false),
    ("while scanning a plain scalar, found a tab", "found a tab character that violates indentation", false),
    ("invalid trailing content after double-quoted scalar", "did not find expected key", true),
    ("recursion limit exceeded", "exceeded max depth of 100", false),
];

/// An error at a place the loader knows itself; goyaml tells no line for these.
pub(super) fn at(line: usize, column: usize, message: impl Into<String>) -> Error {
    Error { line, column, told_line: 0, message: message.into() }
}

/// An error of the scanner.
pub(super) fn from_scanner(text: &str, error: &ScanError) -> Error {
    let mark = error.marker();
    let (mut line, column) = (mark.line(), mark.col() + 1);
    let info = error.info();
    if info.contains("unknown anchor") {
        let name = alias_name(text, line, mark.col());
        return at(line, column, format!("unknown anchor '{name}' referenced"));
    }
    let known = WORDS.iter().find(|(prefix, _, _)| info.starts_with(prefix));
    let (message, parser) = match known {
        Some((_, message, parser)) => ((*message).to_owned(), *parser),
        None => (info.split_once(", ").map_or(info, |(_, rest)| rest).to_owned(), false),
    };
    let lines = text.lines().count();
    let (message, parser) = match message.as_str() {
        "did not find expected node content" if info == "misplaced bracket" => {
            let before: String = text.lines().nth(line - 1).unwrap_or("").chars().take(mark.col()).collect();
            let open = before.trim_end().ends_with([':', '-']);
            (if open { message } else { "did not find expected key".into() }, true)
        }
        // Once a flow is left open, the rest of the text is read as part of it.
        "invalid indentation in flow construct" => {
            let message = format!("did not find expected ',' or '{}'", closing(text, line, mark.col()));
            return Error { line, column, told_line: lines, message };
        }
        // A flow left open swallows what follows; its second key is one too many.
        "invalid indentation" if flow_is_open(text, line) => {
            let message = format!("did not find expected ',' or '{}'", closing(text, line, mark.col()));
            let second = text.lines().skip(line).position(|l| l.contains(':'));
            let told_line = second.map_or(lines, |below| line + below);
            return Error { line, column, told_line, message };
        }
        "illegal placement of ':' indicator" => {
            (format!("did not find expected ',' or '{}'", closing(text, line, mark.col())), true)
        }
        // A quote that is never closed, found where the next one opens or the text ends.
        "invalid indentation in quoted scalar" | "found unexpected end of stream" => {
            let message = "found unexpected end of stream".into();
            return Error { line, column, told_line: lines + 1, message };
        }
        "did not find expected hexadecimal number" => {
            ("did not find expected hexdecimal number".into(), false)
        }
        _ => (message, parser),
    };
    if message.starts_with("found a tab") {
        let indented = |l: &str| l.trim_start_matches(' ').starts_with('\t');
        let below = text.lines().skip(line).position(indented).unwrap_or(0);
        let line = line + below + 1;
        return Error { line, column, told_line: line, message };
    }
    // At the end of the text libyaml stands on the line after the last.
    let content = text.lines().nth(line.saturating_sub(1)).unwrap_or("");
    if line >= lines && mark.col() >= content.chars().count() && !text.is_empty() {
        line = lines + 1;
    }
    let told = if parser { line - 1 } else { line };
    let told_line = if line == 1 { 0 } else { told };
    Error { line: line.min(lines.max(1)), column, told_line, message }
}

/// Whether a bracket is open at the beginning of a line.
fn flow_is_open(text: &str, line: usize) -> bool {
    brackets(text, line, 0).next_back().is_some()
}

/// The bracket that closes the innermost one open before a place.
fn closing(text: &str, line: usize, column: usize) -> char {
    brackets(text, line, column).next_back().unwrap_or(']')
}

/// The brackets that close what is open before a place, outermost first; quotes are not looked at.
fn brackets(text: &str, line: usize, column: usize) -> std::vec::IntoIter<char> {
    let lines = text.lines().enumerate().take(line).map(|(at, content)| {
        let kept = if at + 1 == line { column } else { usize::MAX };
        content.chars().take(kept)
    });
    let mut open = Vec::new();
    for c in lines.flatten() {
        match c {
            '[' => open.push(']'),
            '{' => open.push('}'),
            ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
    }
    open.into_iter()
}

/// The name behind the `*` at a place.
pub(super) fn alias_name(text: &str, line: usize, column: usize) -> String {
    let content = text.lines().nth(line.saturating_sub(1)).unwrap_or("");
    let rest = content.chars().skip(column).skip_while(|c| *c == '*');
    rest.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}
