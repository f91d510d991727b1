//! The compound commands of the grammar: subshells, if, for, case and what stands between do and done.

use super::ast::{Arm, ArmEnd, Kind, Script, Word};
use super::lexer::{Fault, Lexer, Parsed, is_name};
use super::parser::{body, expect, list_until, newlines, reserved, unexpected};
use std::sync::Arc;

pub(super) fn subshell(lexer: &mut Lexer<'_>) -> Parsed<Kind> {
    lexer.bump();
    let list = body(lexer, &[], "\")\"")?;
    if !lexer.take(")") {
        return Err(unexpected(lexer, "\")\""));
    }
    Ok(Kind::Subshell(list))
}

pub(super) fn arith_command(lexer: &mut Lexer<'_>) -> Parsed<Kind> {
    let saved = (lexer.at, lexer.line, lexer.bodies);
    lexer.take("((");
    if let Some(word) = lexer.arith_text()? {
        return Ok(Kind::Arith(word));
    }
    (lexer.at, lexer.line, lexer.bodies) = saved;
    subshell(lexer)
}

pub(super) fn do_group(lexer: &mut Lexer<'_>) -> Parsed<Script> {
    expect(lexer, "do", "\"do\"")?;
    let list = body(lexer, &["done"], "\"done\"")?;
    expect(lexer, "done", "\"done\"")?;
    Ok(list)
}

pub(super) fn if_clause(lexer: &mut Lexer<'_>) -> Parsed<Kind> {
    lexer.take("if");
    let mut arms = Vec::new();
    loop {
        let condition = body(lexer, &["then", "fi", "else", "elif"], "\"then\"")?;
        expect(lexer, "then", "\"then\"")?;
        let then = body(lexer, &["elif", "else", "fi"], "\"fi\"")?;
        arms.push((condition, then));
        newlines(lexer);
        match reserved(lexer) {
            Some("elif") => _ = lexer.take("elif"),
            Some("else") => {
                lexer.take("else");
                let otherwise = body(lexer, &["fi"], "\"fi\"")?;
                expect(lexer, "fi", "\"fi\"")?;
                return Ok(Kind::If { arms, otherwise: Some(otherwise) });
            }
            _ => {
                expect(lexer, "fi", "\"fi\"")?;
                return Ok(Kind::If { arms, otherwise: None });
            }
        }
    }
}

pub(super) fn for_clause(lexer: &mut Lexer<'_>) -> Parsed<Kind> {
    lexer.take("for");
    lexer.blanks();
    if lexer.dialect.is_bash() && lexer.take("((") {
        let text = lexer.arith_text()?.unwrap_or_default();
        let parts = super::redirect::split_at_semicolons(&text);
        lexer.blanks();
        lexer.take(";");
        newlines(lexer);
        if reserved(lexer) == Some("{") {
            lexer.bump();
            let list = body(lexer, &["}"], "\"}\"")?;
            expect(lexer, "}", "\"}\"")?;
            return Ok(Kind::ForArith { parts, body: list });
        }
        return Ok(Kind::ForArith { parts, body: do_group(lexer)? });
    }
    let at = lexer.clone();
    let name = match lexer.word()? {
        Some(word) => match word.plain() {
            Some(name) if is_name(name) => Arc::from(name),
            other => {
                let text = match lexer.dialect.is_bash() {
                    true => format!("`{}': not a valid identifier", other.unwrap_or("$")),
                    false => "Syntax error: Bad for loop variable".into(),
                };
                return Err(Fault::Message { text, line: lexer.line });
            }
        },
        None => return Err(unexpected(&at, "")),
    };
    newlines(lexer);
    let mut words = None;
    if reserved(lexer) == Some("in") {
        lexer.take("in");
        let mut list = Vec::new();
        loop {
            lexer.blanks();
            let Some(word) = lexer.word()? else { break };
            list.push(word);
        }
        words = Some(list);
        if !matches!(lexer.peek(), Some(';' | '\n')) || lexer.looking_at(";;") {
            return Err(unexpected(lexer, ""));
        }
        lexer.bump();
    } else {
        lexer.take(";");
    }
    Ok(Kind::For { name, words, body: do_group(lexer)? })
}

pub(super) fn case_clause(lexer: &mut Lexer<'_>) -> Parsed<Kind> {
    lexer.take("case");
    lexer.blanks();
    let word = lexer.word()?.ok_or_else(|| unexpected(lexer, "word"))?;
    expect(lexer, "in", "\"in\"")?;
    let mut arms = Vec::new();
    loop {
        newlines(lexer);
        if reserved(lexer) == Some("esac") {
            break;
        }
        lexer.take("(");
        let mut patterns: Vec<Word> = Vec::new();
        loop {
            lexer.blanks();
            patterns.push(lexer.word()?.ok_or_else(|| unexpected(lexer, "\")\""))?);
            lexer.blanks();
            if !lexer.take("|") {
                break;
            }
        }
        if !lexer.take(")") {
            return Err(unexpected(lexer, "\")\""));
        }
        let body = list_until(lexer, &["esac"])?;
        let end = if lexer.take(";;&") {
            ArmEnd::Test
        } else if lexer.take(";;") {
            ArmEnd::Break
        } else if lexer.take(";&") {
            ArmEnd::Fall
        } else {
            ArmEnd::Break
        };
        arms.push(Arm { patterns, body, end });
        newlines(lexer);
        if lexer.peek().is_none() {
            return Err(unexpected(lexer, "\";;\""));
        }
        if lexer.peek() == Some(')') {
            return Err(unexpected(lexer, ""));
        }
    }
    expect(lexer, "esac", "\"esac\"")?;
    Ok(Kind::Case { word, arms })
}
