//! Words of SQL: identifiers, texts, numbers, signs, with their places in the source, as MySQL's and
//! PostgreSQL's scanners cut them.

use super::Dialect;
use super::fault::{self, Fault};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A keyword or a bare identifier, as written.
    Word(String),
    /// An identifier in quotes.
    Quoted(String),
    Text(String),
    Number(String),
    /// `@x`, `@@x`, `@@session.x`.
    Variable(String),
    Symbol(&'static str),
    End,
}

#[derive(Clone, Debug)]
pub struct Lexed {
    pub token: Token,
    /// Bytes of the source it stands at.
    pub at: usize,
    pub end: usize,
}

const SYMBOLS: &[&str] = &[
    "<=>", "->>", "!~*", "!~~", "||", "&&", "<=", ">=", "<>", "!=", ":=", "::", "->", "<<", ">>", "!~", "~*",
    "~~", "@>", "~", "(", ")", ",", ";", ".", "=", "<", ">", "+", "-", "*", "/", "%", "^", "&", "|", "!",
    "[", "]", ":",
];

/// Cuts a source into words; the last one is [`Token::End`].
///
/// # Errors
/// Of a text or comment that does not end, and of a sign no dialect has.
pub fn lex(source: &str, dialect: Dialect) -> Result<Vec<Lexed>, Fault> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut versioned = false;
    while let Some(rest) = source.get(at..).filter(|r| !r.is_empty()) {
        let c = rest.chars().next().unwrap_or(' ');
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        if let Some(skip) = comment(rest, dialect, &mut versioned) {
            at += skip.unwrap_or(rest.len());
            if skip.is_none() && !dialect.is_mysql() {
                return Err(fault::postgres("42601", "unterminated /* comment").at(at - rest.len()));
            }
            continue;
        }
        let (token, length) = word(rest, c, dialect).ok_or_else(|| {
            let near = rest.chars().take_while(|c| !c.is_whitespace()).collect::<String>();
            match (dialect.is_mysql(), c) {
                (false, '\'') => {
                    fault::postgres("42601", &format!("unterminated quoted string at or near \"{rest}\""))
                }
                (false, '"') => {
                    fault::postgres("42601", &format!("unterminated quoted identifier at or near \"{rest}\""))
                }
                _ => fault::syntax(dialect, source, at, &near),
            }
            .at(at)
        })?;
        out.push(Lexed { token, at, end: at + length });
        at += length;
    }
    out.push(Lexed { token: Token::End, at: source.len(), end: source.len() });
    Ok(out)
}

/// How many bytes a comment takes; inner none for one without an end.
fn comment(rest: &str, dialect: Dialect, versioned: &mut bool) -> Option<Option<usize>> {
    let line = |r: &str| Some(Some(r.find('\n').map_or(r.len(), |n| n + 1)));
    if rest.starts_with("--") && (!dialect.is_mysql() || rest.get(2..3).is_none_or(|c| c.trim().is_empty())) {
        return line(rest);
    }
    if dialect.is_mysql() && rest.starts_with('#') {
        return line(rest);
    }
    // MySQL runs what stands in /*!40101 … */.
    if dialect.is_mysql() && rest.starts_with("/*!") {
        *versioned = true;
        let digits = rest.bytes().skip(3).take_while(u8::is_ascii_digit).count();
        return Some(Some(3 + digits));
    }
    if *versioned && rest.starts_with("*/") {
        *versioned = false;
        return Some(Some(2));
    }
    rest.starts_with("/*").then(|| rest.find("*/").map(|n| n + 2))
}

fn word(rest: &str, c: char, dialect: Dialect) -> Option<(Token, usize)> {
    let mysql = dialect.is_mysql();
    match c {
        '\'' => quoted(rest, '\'', mysql).map(|(t, n)| (Token::Text(t), n)),
        '"' if mysql => quoted(rest, '"', true).map(|(t, n)| (Token::Text(t), n)),
        '"' => quoted(rest, '"', false).map(|(t, n)| (Token::Quoted(t), n)),
        '`' if mysql => quoted(rest, '`', false).map(|(t, n)| (Token::Quoted(t), n)),
        'E' | 'e' if !mysql && rest.get(1..2) == Some("'") => {
            quoted(rest.get(1..)?, '\'', true).map(|(t, n)| (Token::Text(t), n + 1))
        }
        '$' if !mysql => {
            let tag_end = rest.get(1..)?.find('$')? + 2;
            let tag = rest.get(..tag_end)?;
            let inner = rest.get(tag_end..)?;
            let end = inner.find(tag)?;
            Some((Token::Text(inner.get(..end)?.into()), tag_end + end + tag.len()))
        }
        '@' if mysql => {
            let name = rest.trim_start_matches('@');
            let ats = rest.len() - name.len();
            let length =
                name.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$')).count();
            Some((Token::Variable(rest.get(..ats + length)?.into()), ats + length))
        }
        c if c.is_ascii_digit() || (c == '.' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit)) => {
            let length = super::datum::leading_number(rest).len();
            // `1a` is an identifier in MySQL.
            let more = rest.get(length..)?.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count();
            match more {
                0 => Some((Token::Number(rest.get(..length)?.into()), length)),
                _ if mysql && c.is_ascii_digit() => {
                    Some((Token::Word(rest.get(..length + more)?.into()), length + more))
                }
                _ => Some((Token::Number(rest.get(..length)?.into()), length)),
            }
        }
        c if c.is_alphabetic() || c == '_' => {
            let length: usize = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
                .map(char::len_utf8)
                .sum();
            Some((Token::Word(rest.get(..length)?.into()), length))
        }
        _ => SYMBOLS.iter().find(|s| rest.starts_with(**s)).map(|s| (Token::Symbol(s), s.len())),
    }
}

/// A text in quotes: doubled quotes stand for one, and a backslash escapes where the dialect has it so.
fn quoted(rest: &str, quote: char, escapes: bool) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|n| n.1 == quote) {
                chars.next();
                out.push(quote);
                continue;
            }
            return Some((out, at + 1));
        }
        if c == '\\' && escapes {
            match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                '0' => out.push('\0'),
                // LIKE's own escapes stay.
                e @ ('%' | '_') => out.extend(['\\', e]),
                e => out.push(e),
            }
            continue;
        }
        out.push(c);
    }
    None
}

/// The statements of a script: where each ends, quotes and comments respected. What is left without its
/// `;` comes last with `false`.
#[must_use]
pub fn split(source: &str, dialect: Dialect, delimiter: &str) -> Vec<(String, bool)> {
    let mut out = Vec::new();
    let (mut at, mut from, mut versioned) = (0, 0, false);
    while let Some(rest) = source.get(at..).filter(|r| !r.is_empty()) {
        let c = rest.chars().next().unwrap_or(' ');
        if rest.starts_with(delimiter) {
            out.push((source.get(from..at).unwrap_or("").to_string(), true));
            at += delimiter.len();
            from = at;
        } else if matches!(c, '\'' | '"' | '`' | '$') {
            at += match word(rest, c, dialect) {
                Some((_, n)) => n,
                // A quote that does not end takes the rest.
                None if c != '$' => rest.len(),
                None => 1,
            };
        } else if let Some(skip) = comment(rest, dialect, &mut versioned) {
            at += skip.unwrap_or(rest.len());
        } else {
            at += c.len_utf8();
        }
    }
    let rest = source.get(from..).unwrap_or("");
    if !rest.trim().is_empty() {
        out.push((rest.to_string(), false));
    }
    out
}
