//! Reading `[[ … ]]`.

use super::ast::{Test, Word};
use super::lexer::{Fault, Lexer, Parsed, is_meta};
use super::parser::{newlines, unexpected};

/// After `[[`, up to and with `]]`.
pub(super) fn parse(lexer: &mut Lexer<'_>) -> Parsed<Test> {
    let test = or(lexer)?;
    newlines(lexer);
    if !lexer.take("]]") {
        return Err(match lexer.peek() {
            None => Fault::Incomplete { matching: None, expecting: "]]", line: lexer.line },
            Some(_) => unexpected(lexer, ""),
        });
    }
    Ok(test)
}

fn or(lexer: &mut Lexer<'_>) -> Parsed<Test> {
    let mut left = and(lexer)?;
    loop {
        newlines(lexer);
        if !lexer.take("||") {
            return Ok(left);
        }
        left = Test::Or(Box::new(left), Box::new(and(lexer)?));
    }
}

fn and(lexer: &mut Lexer<'_>) -> Parsed<Test> {
    let mut left = not(lexer)?;
    loop {
        newlines(lexer);
        if !lexer.take("&&") {
            return Ok(left);
        }
        left = Test::And(Box::new(left), Box::new(not(lexer)?));
    }
}

fn not(lexer: &mut Lexer<'_>) -> Parsed<Test> {
    newlines(lexer);
    lexer.enter()?;
    let test = if lexer.looking_at("! ") {
        lexer.bump();
        Test::Not(Box::new(not(lexer)?))
    } else if lexer.take("(") {
        let inner = or(lexer)?;
        newlines(lexer);
        if !lexer.take(")") {
            return Err(unexpected(lexer, ""));
        }
        inner
    } else {
        primary(lexer)?
    };
    lexer.leave();
    Ok(test)
}

fn at_end(lexer: &Lexer<'_>) -> bool {
    lexer.looking_at("]]") || lexer.looking_at("&&") || lexer.looking_at("||") || lexer.looking_at(")")
}

fn primary(lexer: &mut Lexer<'_>) -> Parsed<Test> {
    let first = operand(lexer)?;
    newlines(lexer);
    let unary = first
        .plain()
        .and_then(|p| p.strip_prefix('-'))
        .filter(|p| p.len() == 1)
        .and_then(|p| p.chars().next());
    if let Some(operator) = unary
        && !at_end(lexer)
        && operator.is_ascii_alphabetic()
    {
        return Ok(Test::Unary(operator, operand(lexer)?));
    }
    if at_end(lexer) || lexer.peek().is_none() {
        return Ok(Test::Word(first));
    }
    let operator = match lexer.peek() {
        Some('<') => "<".to_string(),
        Some('>') => ">".to_string(),
        _ => {
            let rest = lexer.rest();
            rest.get(..rest.find(is_meta).unwrap_or(rest.len())).unwrap_or("").to_string()
        }
    };
    let known =
        ["=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];
    if !known.contains(&operator.as_str()) {
        return Err(Fault::Message {
            text: "syntax error in conditional expression".into(),
            line: lexer.line,
        });
    }
    lexer.take(&operator);
    lexer.blanks();
    let second = match operator.as_str() {
        "=~" => regex(lexer)?,
        "=" | "==" | "!=" => {
            // Patterns here are always extended ones.
            let extglob = std::mem::replace(&mut lexer.extglob, true);
            let pattern = operand(lexer);
            lexer.extglob = extglob;
            pattern?
        }
        _ => operand(lexer)?,
    };
    Ok(Test::Binary(first, operator.as_str().into(), second))
}

fn operand(lexer: &mut Lexer<'_>) -> Parsed<Word> {
    newlines(lexer);
    match lexer.word()? {
        Some(word) => Ok(word),
        None => Err(unexpected(lexer, "")),
    }
}

/// The right side of `=~`: parentheses and bars belong to it.
fn regex(lexer: &mut Lexer<'_>) -> Parsed<Word> {
    let depth = std::cell::Cell::new(0i32);
    lexer.parts(&|l| match l.peek() {
        None | Some('\n') => true,
        Some(' ' | '\t') => depth.get() <= 0,
        Some('(') => {
            depth.set(depth.get() + 1);
            false
        }
        Some(')') => {
            depth.set(depth.get() - 1);
            depth.get() < 0
        }
        _ => false,
    })
}
