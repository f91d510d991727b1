//! The shell's grammar (POSIX XCU 2.10) by recursive descent. Depth is bounded by `limits::DEPTH`.

use super::ast::{Command, Item, Join, Kind, Link, Script};
use super::clauses;
use super::lexer::{Fault, Lexer, Parsed, is_meta};
use std::sync::Arc;

const RESERVED: [&str; 18] = [
    "if", "then", "elif", "else", "fi", "while", "until", "do", "done", "for", "case", "esac", "in", "{",
    "}", "!", "function", "[[",
];

/// Whether a text is a complete script, would be with more lines, or is in error.
#[must_use]
pub fn is_complete(text: &str, dialect: super::Dialect) -> Completeness {
    match script(&mut Lexer::new(text, dialect)) {
        Ok(_) if text.ends_with("\\\n") => Completeness::Incomplete,
        Ok(_) => Completeness::Complete,
        Err(Fault::Incomplete { .. }) => Completeness::Incomplete,
        Err(_) => Completeness::Error,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    Complete,
    Incomplete,
    Error,
}

/// The complaint about whatever stands at the cursor.
pub fn unexpected(lexer: &Lexer<'_>, expecting: &'static str) -> Fault {
    let rest = lexer.rest();
    let line = lexer.line;
    let Some(first) = rest.chars().next() else {
        return Fault::Incomplete { matching: None, expecting, line };
    };
    if first == '\n' {
        return Fault::Unexpected { token: "newline".into(), expecting, line, is_word: true };
    }
    const OPERATORS: [&str; 18] = [
        ";;&", "&>>", "<<<", "<<-", "&&", "||", ";;", ";&", "|&", "&>", "<<", "<&", "<>", ">>", ">&", ">|",
        "|", "&",
    ];
    if let Some(operator) = OPERATORS.iter().find(|o| rest.starts_with(**o)) {
        return Fault::Unexpected { token: (*operator).into(), expecting, line, is_word: false };
    }
    if is_meta(first) {
        return Fault::Unexpected { token: first.to_string(), expecting, line, is_word: false };
    }
    let end = rest.find(is_meta).unwrap_or(rest.len());
    let token = rest.get(..end).unwrap_or("").to_string();
    let is_word = !RESERVED.contains(&token.as_str());
    Fault::Unexpected { token, expecting, line, is_word }
}

/// Reads everything.
pub fn script(lexer: &mut Lexer<'_>) -> Parsed<Script> {
    let items = list_until(lexer, &[])?;
    if lexer.peek().is_some() {
        return Err(unexpected(lexer, ""));
    }
    Ok(items)
}

/// Reads the commands of the next line that has any, as an interactive shell does; none at the end.
pub fn next_line(lexer: &mut Lexer<'_>) -> Parsed<Option<Script>> {
    newlines(lexer);
    if lexer.peek().is_none() {
        return Ok(None);
    }
    let mut items = Vec::new();
    loop {
        items.push(item(lexer)?);
        lexer.blanks();
        match lexer.peek() {
            None => return Ok(Some(items.into())),
            Some('\n') => {
                lexer.bump();
                return Ok(Some(items.into()));
            }
            Some(')') => return Err(unexpected(lexer, "")),
            Some(_) => {}
        }
    }
}

pub fn newlines(lexer: &mut Lexer<'_>) {
    loop {
        lexer.blanks();
        if lexer.peek() != Some('\n') {
            return;
        }
        lexer.bump();
    }
}

/// The reserved word at the cursor.
pub(super) fn reserved(lexer: &Lexer<'_>) -> Option<&'static str> {
    let rest = lexer.rest();
    let end = rest.find(|c| is_meta(c) || matches!(c, '\'' | '"' | '\\' | '$' | '`')).unwrap_or(rest.len());
    let word = rest.get(..end)?;
    if !rest.get(end..).is_none_or(|r| r.chars().next().is_none_or(is_meta)) {
        return None;
    }
    let bash_only = matches!(word, "[[" | "function");
    RESERVED.iter().find(|r| **r == word && !(bash_only && lexer.dialect.is_dash())).copied()
}

/// Takes a reserved word, after blanks and newlines.
pub(super) fn expect(lexer: &mut Lexer<'_>, word: &'static str, shown: &'static str) -> Parsed<()> {
    newlines(lexer);
    if reserved(lexer) == Some(word) {
        lexer.take(word);
        return Ok(());
    }
    Err(unexpected(lexer, shown))
}

/// A list up to the end, `)`, `;;` or one of the reserved words.
pub fn list_until(lexer: &mut Lexer<'_>, ends: &[&str]) -> Parsed<Script> {
    let mut items = Vec::new();
    loop {
        newlines(lexer);
        match lexer.peek() {
            None | Some(')') => break,
            Some(';') if lexer.looking_at(";;") || lexer.looking_at(";&") => break,
            _ if reserved(lexer).is_some_and(|r| ends.contains(&r)) => break,
            _ => items.push(item(lexer)?),
        }
    }
    Ok(items.into())
}

/// A list that must hold something.
pub(super) fn body(lexer: &mut Lexer<'_>, ends: &[&str], expecting: &'static str) -> Parsed<Script> {
    let list = list_until(lexer, ends)?;
    if list.is_empty() {
        return Err(unexpected(lexer, if lexer.peek().is_none() { expecting } else { "" }));
    }
    Ok(list)
}

/// One and-or list with its separator.
fn item(lexer: &mut Lexer<'_>) -> Parsed<Item> {
    let start = lexer.at;
    let mut chain = Vec::new();
    let mut join = Join::Always;
    loop {
        chain.push(pipeline(lexer, join)?);
        lexer.blanks();
        join = if lexer.take("&&") {
            Join::And
        } else if lexer.take("||") {
            Join::Or
        } else {
            break;
        };
        newlines(lexer);
    }
    let text = lexer.src.get(start..lexer.at).unwrap_or("").trim().into();
    let mut background = false;
    match lexer.peek() {
        Some(';') if !lexer.looking_at(";;") && !lexer.looking_at(";&") => _ = lexer.bump(),
        Some('&') if !lexer.looking_at("&&") => {
            lexer.bump();
            background = true;
        }
        None | Some('\n' | ')' | ';') => {}
        Some(_) => return Err(unexpected(lexer, "")),
    }
    Ok(Item { chain: chain.into(), background, text })
}

fn pipeline(lexer: &mut Lexer<'_>, join: Join) -> Parsed<Link> {
    lexer.blanks();
    let start = lexer.at;
    let (mut negated, mut timed, mut posix_times) = (false, false, false);
    loop {
        if reserved(lexer) == Some("!") {
            lexer.bump();
            negated = !negated;
        } else if lexer.dialect.is_bash() && is_plain_word(lexer, "time") {
            lexer.take("time");
            lexer.blanks();
            posix_times |= lexer.take("-p");
            timed = true;
        } else {
            break;
        }
        lexer.blanks();
    }
    let mut stages = vec![];
    loop {
        let mut stage = command(lexer)?;
        lexer.blanks();
        if lexer.looking_at("|&") && !lexer.dialect.is_dash() {
            lexer.take("|&");
            stage.redirects.push(super::redirect::both_into_pipe());
            stages.push(Arc::new(stage));
        } else if lexer.looking_at("|") && !lexer.looking_at("||") {
            lexer.bump();
            stages.push(Arc::new(stage));
        } else {
            stages.push(Arc::new(stage));
            break;
        }
        newlines(lexer);
    }
    let text = lexer.src.get(start..lexer.at).unwrap_or("").trim().into();
    Ok(Link { join, negated, timed, posix_times, stages: stages.into(), text })
}

fn is_plain_word(lexer: &Lexer<'_>, word: &str) -> bool {
    lexer.rest().strip_prefix(word).is_some_and(|rest| rest.chars().next().is_none_or(is_meta))
}

fn command(lexer: &mut Lexer<'_>) -> Parsed<Command> {
    lexer.blanks();
    lexer.enter()?;
    super::alias::expand(lexer);
    let line = lexer.line;
    let kind = match reserved(lexer) {
        Some("{") => {
            lexer.bump();
            let list = body(lexer, &["}"], "\"}\"")?;
            expect(lexer, "}", "\"}\"")?;
            Some(Kind::Group(list))
        }
        Some("if") => Some(clauses::if_clause(lexer)?),
        Some(word @ ("while" | "until")) => {
            lexer.take(word);
            let condition = body(lexer, &["do"], "\"do\"")?;
            let body = clauses::do_group(lexer)?;
            Some(Kind::Loop { until: word == "until", condition, body })
        }
        Some("for") => Some(clauses::for_clause(lexer)?),
        Some("case") => Some(clauses::case_clause(lexer)?),
        Some("[[") if !lexer.dialect.is_dash() => {
            lexer.take("[[");
            Some(Kind::Test(super::condition::parse(lexer)?))
        }
        Some("function") => {
            lexer.take("function");
            lexer.blanks();
            let name =
                lexer.word()?.and_then(|w| w.plain().map(Arc::from)).ok_or_else(|| unexpected(lexer, ""))?;
            lexer.blanks();
            if lexer.take("(") {
                lexer.blanks();
                lexer.take(")");
            }
            Some(function(lexer, name)?)
        }
        Some("in") | None => None,
        Some(_) => return Err(unexpected(lexer, "")),
    };
    let kind = match kind {
        Some(kind) => kind,
        None if lexer.looking_at("((") && !lexer.dialect.is_dash() => clauses::arith_command(lexer)?,
        None if lexer.looking_at("(") => clauses::subshell(lexer)?,
        None => {
            let command = super::redirect::simple_command(lexer)?;
            lexer.leave();
            return Ok(command);
        }
    };
    let mut redirects = Vec::new();
    if !matches!(kind, Kind::Function { .. }) {
        lexer.blanks();
        while let Some(redirect) = super::redirect::parse(lexer)? {
            redirects.push(redirect);
            lexer.blanks();
        }
    }
    lexer.leave();
    Ok(Command { kind, redirects, line })
}

pub(super) fn function(lexer: &mut Lexer<'_>, name: Arc<str>) -> Parsed<Kind> {
    newlines(lexer);
    let start = lexer.at;
    let body = Arc::new(command(lexer)?);
    let text = lexer.src.get(start..lexer.at).unwrap_or("").into();
    Ok(Kind::Function { name, body, text })
}
