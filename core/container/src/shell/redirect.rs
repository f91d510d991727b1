//! Simple commands as written: assignments, words and redirections.

use super::ast::{Assign, AssignValue, Command, Kind, Part, Redirect, RedirectKind, Word};
use super::lexer::{Fault, Lexer, Parsed, is_name, is_name_char};
use super::parser::{newlines, unexpected};
use std::sync::Arc;

/// What an array without its closing parenthesis expects.
pub(super) const ARRAY: &str = "array";

/// `2>&1`, as `|&` means it.
pub(super) fn both_into_pipe() -> Redirect {
    Redirect {
        fd: Some(2),
        var: None,
        kind: RedirectKind::Duplicate,
        target: Word::text("1"),
        text: "1".into(),
        body: "".into(),
    }
}

/// Reads a redirection if one stands at the cursor.
pub(super) fn parse(lexer: &mut Lexer<'_>) -> Parsed<Option<Redirect>> {
    let rest = lexer.rest();
    // `{name}>` has a descriptor chosen.
    let named = rest.strip_prefix('{').filter(|_| lexer.dialect.is_bash()).and_then(|r| r.split_once('}'));
    let var =
        named.filter(|(name, rest)| is_name(name) && rest.starts_with(['<', '>'])).map(|(name, _)| name);
    let digits = match var {
        Some(name) => name.len() + 2,
        None => rest.bytes().take_while(u8::is_ascii_digit).count(),
    };
    let var: Option<Arc<str>> = var.map(Arc::from);
    let after = rest.get(digits..).unwrap_or("");
    let bash = lexer.dialect.is_bash();
    let not_dash = !lexer.dialect.is_dash();
    let first = after.chars().next();
    if !(matches!(first, Some('<' | '>')) || (digits == 0 && not_dash && after.starts_with("&>"))) {
        return Ok(None);
    }
    if digits == 0 && bash && (after.starts_with("<(") || after.starts_with(">(")) {
        return Ok(None);
    }
    let fd = rest.get(..digits).filter(|d| !d.is_empty()).and_then(|d| d.parse::<u32>().ok());
    const OPERATORS: [(&str, RedirectKind); 12] = [
        ("&>>", RedirectKind::Both { append: true }),
        ("&>", RedirectKind::Both { append: false }),
        ("<<<", RedirectKind::HereString),
        ("<<-", RedirectKind::Here),
        ("<<", RedirectKind::Here),
        ("<&", RedirectKind::Duplicate),
        ("<>", RedirectKind::ReadWrite),
        (">>", RedirectKind::Append),
        (">&", RedirectKind::Duplicate),
        (">|", RedirectKind::Clobber),
        ("<", RedirectKind::Read),
        (">", RedirectKind::Write),
    ];
    let usable = |kind: &RedirectKind| bash || *kind != RedirectKind::HereString;
    let Some((text, kind)) = OPERATORS.iter().find(|(o, k)| after.starts_with(o) && usable(k)) else {
        return Ok(None);
    };
    let (text, kind) = (*text, *kind);
    for _ in 0..digits {
        lexer.bump();
    }
    // For `<&` and `>&` the descriptor's default differs.
    let fd = fd.or(match text {
        "<&" => Some(0),
        _ => None,
    });
    lexer.take(text);
    lexer.blanks();
    let before = lexer.at;
    let Some(word) = lexer.word()? else { return Err(unexpected(lexer, "")) };
    let written: Arc<str> = lexer.src.get(before..lexer.at).unwrap_or("").into();
    if kind == RedirectKind::Here {
        let quoted = !matches!(word.0.as_slice(), [Part::Text(_)]);
        let raw = lexer.src.get(before..lexer.at).unwrap_or("");
        let delimiter: String = raw.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
        let (target, body) = lexer.here_body(&delimiter, text == "<<-", quoted)?;
        return Ok(Some(Redirect { fd, var, kind, target, text: written, body }));
    }
    let mut kind = kind;
    // `>& file` is bash's other way to write `&> file`.
    if text == ">&"
        && fd.is_none()
        && bash
        && word.plain().is_some_and(|w| w != "-" && w.parse::<u32>().is_err())
    {
        kind = RedirectKind::Both { append: false };
    }
    Ok(Some(Redirect { fd, var, kind, target: word, text: written, body: "".into() }))
}

/// Reads a simple command or a function definition.
pub(super) fn simple_command(lexer: &mut Lexer<'_>) -> Parsed<Command> {
    let line = lexer.line;
    let (mut assigns, mut words, mut redirects) = (Vec::new(), Vec::<Word>::new(), Vec::new());
    loop {
        lexer.blanks();
        if let Some(redirect) = parse(lexer)? {
            redirects.push(redirect);
            continue;
        }
        if words.is_empty()
            && let Some(assign) = assignment(lexer)?
        {
            assigns.push(assign);
            continue;
        }
        // `declare a=(1 2)` takes array values as arguments too.
        if lexer.dialect.is_bash() && words.first().and_then(Word::plain).is_some_and(is_declaration) {
            let saved = lexer.clone();
            match assignment(lexer)? {
                Some(assign) if matches!(assign.value, AssignValue::Array(_)) => {
                    words.push(Word::text(&assign.name));
                    assigns.push(assign);
                    continue;
                }
                _ => *lexer = saved,
            }
        }
        let Some(word) = lexer.word()? else { break };
        if words.is_empty() && assigns.is_empty() && redirects.is_empty() {
            let name: Option<Arc<str>> = word.plain().filter(|n| !n.is_empty()).map(Arc::from);
            let after = lexer.rest().trim_start_matches([' ', '\t']);
            if let Some(name) = name
                && after.starts_with('(')
            {
                lexer.blanks();
                lexer.bump();
                lexer.blanks();
                if !lexer.take(")") {
                    return Err(unexpected(lexer, if lexer.dialect.is_bash() { "" } else { "\")\"" }));
                }
                let kind = super::parser::function(lexer, name)?;
                return Ok(Command { kind, redirects, line });
            }
        }
        words.push(word);
    }
    if words.is_empty() && assigns.is_empty() && redirects.is_empty() {
        return Err(unexpected(lexer, ""));
    }
    Ok(Command { kind: Kind::Simple { assigns, words }, redirects, line })
}

fn is_declaration(name: &str) -> bool {
    matches!(name, "declare" | "typeset" | "local" | "export" | "readonly")
}

/// Reads `name=value` and its relatives, if they stand at the cursor.
pub(super) fn assignment(lexer: &mut Lexer<'_>) -> Parsed<Option<Assign>> {
    let (start, first_line) = (lexer.at, lexer.line);
    let rest = lexer.rest();
    let length = rest.bytes().take_while(|b| is_name_char(char::from(*b))).count();
    let Some(name) = rest.get(..length).filter(|n| is_name(n)) else { return Ok(None) };
    let name: Arc<str> = name.into();
    let after = rest.get(length..).unwrap_or("");
    let bash = lexer.dialect.is_bash();
    let plain = after.starts_with('=') || (bash && after.starts_with("+="));
    let mut index = None;
    if bash && after.starts_with('[') {
        let saved = lexer.clone();
        lexer.take(&name);
        lexer.bump();
        let word = lexer.parts(&|l| l.looking_at("]") || l.looking_at("\n"))?;
        if !(lexer.looking_at("]=") || lexer.looking_at("]+=")) {
            *lexer = saved;
            return Ok(None);
        }
        lexer.bump();
        index = Some(word);
    } else if plain {
        lexer.take(&name);
    } else {
        return Ok(None);
    }
    let append = lexer.take("+=");
    if !append {
        lexer.take("=");
    }
    if bash && index.is_none() && lexer.take("(") {
        let mut items = Vec::new();
        loop {
            newlines(lexer);
            if lexer.take(")") {
                break;
            }
            let mut key = None;
            if lexer.looking_at("[") {
                let saved = lexer.clone();
                lexer.bump();
                let word = lexer.parts(&|l| l.looking_at("]") || l.looking_at("\n"))?;
                if lexer.take("]=") {
                    key = Some(word);
                } else {
                    *lexer = saved;
                }
            }
            match lexer.word()? {
                Some(word) => items.push((key, word)),
                None if key.is_some() => items.push((key, Word::default())),
                None if lexer.peek().is_none() => {
                    let (matching, expecting) = (Some(')'), ARRAY);
                    return Err(Fault::Incomplete { matching, expecting, line: first_line });
                }
                None => return Err(unexpected(lexer, "")),
            }
        }
        let text = lexer.src.get(start..lexer.at).unwrap_or("").into();
        return Ok(Some(Assign { text, name, index, append, value: AssignValue::Array(items) }));
    }
    let word = lexer.word()?.unwrap_or_default();
    let text = lexer.src.get(start..lexer.at).unwrap_or("").into();
    Ok(Some(Assign { text, name, index, append, value: AssignValue::Word(word) }))
}

/// The three expressions of `for ((a; b; c))`.
pub(super) fn split_at_semicolons(word: &Word) -> [Word; 3] {
    let mut parts = [Word::default(), Word::default(), Word::default()];
    let mut at = 0;
    for part in &word.0 {
        match part {
            Part::Quoted(text) | Part::Text(text) => {
                for (i, piece) in text.split(';').enumerate() {
                    at += usize::from(i > 0);
                    if let Some(into) = parts.get_mut(at) {
                        into.0.push(Part::Quoted(piece.trim().into()));
                    }
                }
            }
            other => {
                if let Some(into) = parts.get_mut(at) {
                    into.0.push(other.clone());
                }
            }
        }
    }
    parts
}

/// How bash and dash say what is wrong with a script.
#[must_use]
pub fn complaint(fault: &Fault, dialect: super::Dialect, at_end: u32) -> (u32, String) {
    let bash = dialect.is_bash();
    let ash = dialect.is_ash();
    match fault {
        Fault::Incomplete { matching: Some(c), expecting, line } => match (bash, *c) {
            (true, ')') if *expecting == ARRAY => {
                (*line, "unexpected EOF while looking for matching `)'".into())
            }
            (true, ')') => (at_end + 1, "unexpected EOF while looking for matching `)'".into()),
            (true, c) => (*line, format!("unexpected EOF while looking for matching `{c}'")),
            (false, '\'' | '"' | '`') if ash => (*line, "syntax error: unterminated quoted string".into()),
            (false, '\'' | '"' | '`') => (at_end, "Syntax error: Unterminated quoted string".into()),
            (false, '}') if ash => (*line, "syntax error: missing '}'".into()),
            (false, '}') => (at_end, "Syntax error: Missing '}'".into()),
            (false, _) => {
                let expecting = if expecting.is_empty() { ")" } else { expecting };
                end_of_file(&format!("\"{expecting}\""), dialect, at_end)
            }
        },
        Fault::Incomplete { expecting, .. } if bash => {
            let _ = expecting;
            (at_end + 1, "syntax error: unexpected end of file".into())
        }
        Fault::Incomplete { expecting, .. } => end_of_file(expecting, dialect, at_end),
        Fault::Unexpected { token, line, .. } if bash => {
            (*line, format!("syntax error near unexpected token `{token}'"))
        }
        Fault::Unexpected { token, expecting, line, is_word } => {
            let token = match (*is_word, token.as_str()) {
                (true, "newline") => "newline".to_string(),
                (false, token) if token.starts_with(['<', '>']) && !ash => "redirection".to_string(),
                (true, _) => "word".to_string(),
                (false, token) => format!("\"{token}\""),
            };
            let tail = if expecting.is_empty() { String::new() } else { format!(" (expecting {expecting})") };
            let text = match ash {
                true => format!("syntax error: unexpected {token}{tail}"),
                false => format!("Syntax error: {token} unexpected{tail}"),
            };
            (*line, text)
        }
        Fault::Message { text, line } => (*line, text.clone()),
    }
}

fn end_of_file(expecting: &str, dialect: super::Dialect, at_end: u32) -> (u32, String) {
    let tail = if expecting.is_empty() || expecting == "<<" {
        String::new()
    } else {
        format!(" (expecting {expecting})")
    };
    let text = match dialect.is_ash() {
        true => format!("syntax error: unexpected end of file{tail}"),
        false => format!("Syntax error: end of file unexpected{tail}"),
    };
    (at_end, text)
}
