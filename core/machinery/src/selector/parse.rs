//! The grammar of `kubectl -l`: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. A port of the lexer and
//! parser's behaviour, down to how it words what it found.

use super::{Operator, Requirement};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Bang,
    Comma,
    Open,
    Close,
    Op(&'static str),
    End,
    Wrong(String),
}

impl Token {
    fn literal(&self) -> &str {
        match self {
            Token::Word(text) | Token::Wrong(text) => text,
            Token::Bang => "!",
            Token::Comma => ",",
            Token::Open => "(",
            Token::Close => ")",
            Token::Op(text) => text,
            Token::End => "",
        }
    }
}

const SYMBOLS: &str = "=!(),<>";

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = rest.chars().next() else {
            out.push(Token::End);
            return out;
        };
        if SYMBOLS.contains(first) {
            // The longest run of symbols that is a token; `!=` and `==` but never `=!`.
            let (token, length) = match rest.as_bytes() {
                [b'=', b'=', ..] => (Token::Op("=="), 2),
                [b'!', b'=', ..] => (Token::Op("!="), 2),
                [b'=', ..] => (Token::Op("="), 1),
                [b'<', ..] => (Token::Op("<"), 1),
                [b'>', ..] => (Token::Op(">"), 1),
                [b'!', ..] => (Token::Bang, 1),
                [b',', ..] => (Token::Comma, 1),
                [b'(', ..] => (Token::Open, 1),
                [b')', ..] => (Token::Close, 1),
                _ => (Token::Wrong(String::new()), first.len_utf8()),
            };
            out.push(token);
            rest = rest.get(length..).unwrap_or("");
            continue;
        }
        let end = rest.find(|c: char| SYMBOLS.contains(c) || " \t\r\n".contains(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        out.push(match word {
            "in" => Token::Op("in"),
            "notin" => Token::Op("notin"),
            _ => Token::Word(word.to_owned()),
        });
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

/// Reads all requirements, in the order written.
pub(super) fn requirements(text: &str) -> Result<Vec<Requirement>, String> {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    let mut out = Vec::new();
    loop {
        match parser.peek(true) {
            Token::Word(_) | Token::Bang => {
                out.push(parser.requirement().map_err(|e| format!("unable to parse requirement: {e}"))?);
                match parser.next(true) {
                    Token::End => return Ok(out),
                    Token::Comma => match parser.peek(true) {
                        Token::Word(_) | Token::Bang => {}
                        other => {
                            return Err(format!(
                                "found '{}', expected: identifier after ','",
                                other.literal()
                            ));
                        }
                    },
                    other => {
                        return Err(format!("found '{}', expected: ',' or 'end of string'", other.literal()));
                    }
                }
            }
            Token::End => return Ok(out),
            other => {
                return Err(format!(
                    "found '{}', expected: !, identifier, or 'end of string'",
                    other.literal()
                ));
            }
        }
    }
}

impl Parser {
    /// The token at hand; where values stand, `in` and `notin` are words.
    fn peek(&self, values: bool) -> Token {
        match self.tokens.get(self.at).cloned().unwrap_or(Token::End) {
            Token::Op(word @ ("in" | "notin")) if values => Token::Word(word.to_owned()),
            token => token,
        }
    }
    fn next(&mut self, values: bool) -> Token {
        let token = self.peek(values);
        self.at += 1;
        token
    }
    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut operator = None;
        let mut token = self.next(true);
        if token == Token::Bang {
            operator = Some(Operator::DoesNotExist);
            token = self.next(true);
        }
        let Token::Word(key) = token else {
            return Err(format!("found '{}', expected: identifier", token.literal()));
        };
        let wrong = crate::names::is_qualified_name(&key);
        if !wrong.is_empty() {
            // The path of the key is not known to the parser, and it shows.
            return Err(format!("<nil>: Invalid value: {}: {}", crate::quote::go(&key), wrong.join("; ")));
        }
        if matches!(self.peek(true), Token::End | Token::Comma) {
            return Requirement::new(&key, operator.unwrap_or(Operator::Exists), Vec::new());
        }
        if operator.is_some() {
            return Requirement::new(&key, Operator::DoesNotExist, Vec::new());
        }
        let operator = match self.next(false) {
            Token::Op("in") => Operator::In,
            Token::Op("notin") => Operator::NotIn,
            Token::Op("=") => Operator::Equals,
            Token::Op("==") => Operator::DoubleEquals,
            Token::Op("!=") => Operator::NotEquals,
            Token::Op(">") => Operator::GreaterThan,
            Token::Op("<") => Operator::LessThan,
            other => {
                let expected = "in, notin, =, ==, !=, gt, lt";
                return Err(format!("found '{}', expected: {expected}", other.literal()));
            }
        };
        let values = match operator {
            Operator::In | Operator::NotIn => self.values()?,
            _ => vec![self.exact_value()?],
        };
        Requirement::new(&key, operator, values)
    }
    fn exact_value(&mut self) -> Result<String, String> {
        if matches!(self.peek(true), Token::End | Token::Comma) {
            return Ok(String::new());
        }
        match self.next(true) {
            Token::Word(word) => Ok(word),
            other => Err(format!("found '{}', expected: identifier", other.literal())),
        }
    }
    fn values(&mut self) -> Result<Vec<String>, String> {
        let open = self.next(true);
        if open != Token::Open {
            return Err(format!("found '{}' expected: '('", open.literal()));
        }
        match self.peek(true) {
            Token::Word(_) | Token::Comma => {
                let values = self.identifiers()?;
                match self.next(true) {
                    Token::Close => Ok(values),
                    other => Err(format!("found '{}', expected: ')'", other.literal())),
                }
            }
            // Empty brackets hold the empty value.
            Token::Close => {
                self.at += 1;
                Ok(vec![String::new()])
            }
            other => Err(format!("found '{}', expected: ',', ')' or identifier", other.literal())),
        }
    }
    fn identifiers(&mut self) -> Result<Vec<String>, String> {
        let mut out = Vec::new();
        loop {
            match self.next(true) {
                Token::Word(word) => {
                    out.push(word);
                    match self.peek(true) {
                        Token::Comma => {}
                        Token::Close => return Ok(out),
                        other => return Err(format!("found '{}', expected: ',' or ')'", other.literal())),
                    }
                }
                Token::Comma => {
                    if out.is_empty() {
                        out.push(String::new());
                    }
                    match self.peek(true) {
                        Token::Close => {
                            out.push(String::new());
                            return Ok(out);
                        }
                        Token::Comma => {
                            self.at += 1;
                            out.push(String::new());
                        }
                        _ => {}
                    }
                }
                other => return Err(format!("found '{}', expected: ',', or identifier", other.literal())),
            }
        }
    }
}
