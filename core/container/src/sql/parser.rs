//! Reads SQL into its tree: what stands at the place, what is expected, and the dialect's words when it
//! is something else. Expressions are in `expression`, SELECT in `query`, tables in `define`, the rest in
//! `admin`.

mod admin;
mod define;
mod expression;
mod query;

use super::Dialect;
use super::ast::{At, Name, Path, Statement};
use super::fault::{self, Fault};
use super::lexer::{Lexed, Token, lex};
use drydock_machinery::limits;
use std::sync::Arc;

pub struct Parser<'a> {
    pub dialect: Dialect,
    source: &'a str,
    tokens: Vec<Lexed>,
    next: usize,
    depth: usize,
}

type Parsed<T> = Result<T, Fault>;

/// Words that cannot be a bare column, table or alias.
const RESERVED: &[&str] = &[
    "select",
    "from",
    "where",
    "group",
    "order",
    "having",
    "limit",
    "offset",
    "union",
    "join",
    "inner",
    "left",
    "right",
    "cross",
    "on",
    "using",
    "and",
    "or",
    "not",
    "as",
    "in",
    "is",
    "null",
    "like",
    "between",
    "case",
    "when",
    "then",
    "else",
    "set",
    "values",
    "insert",
    "update",
    "delete",
    "create",
    "drop",
    "alter",
    "into",
    "table",
    "distinct",
    "by",
    "asc",
    "desc",
    "exists",
    "primary",
    "foreign",
    "references",
    "unique",
    "check",
    "default",
    "for",
    "with",
    "except",
    "intersect",
    "natural",
    "constraint",
    "true",
    "false",
    "grant",
    "to",
];

/// Statements of a source, each with the text it was read from.
///
/// # Errors
/// The first syntax error.
pub fn parse(source: &str, dialect: Dialect) -> Parsed<Vec<(Statement, Arc<str>)>> {
    let tokens = lex(source, dialect)?;
    let mut p = Parser { dialect, source, tokens, next: 0, depth: 0 };
    let mut out = Vec::new();
    loop {
        while p.symbol(";") {}
        if p.peek() == &Token::End {
            return Ok(out);
        }
        let from = p.at();
        let statement = p.statement()?;
        out.push((statement, p.since(from).into()));
        if !p.symbol(";") && p.peek() != &Token::End {
            return p.wrong();
        }
    }
}

impl Parser<'_> {
    pub fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |t| &t.token)
    }
    fn ahead(&self, n: usize) -> &Token {
        self.tokens.get(self.next + n).map_or(&Token::End, |t| &t.token)
    }
    pub fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.source.len(), |t| t.at)
    }
    /// The source from a place up to the last token taken.
    pub fn since(&self, from: usize) -> &str {
        let end = self.next.checked_sub(1).and_then(|n| self.tokens.get(n)).map_or(0, |t| t.end);
        self.source.get(from..end).unwrap_or("")
    }
    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.next = (self.next + 1).min(self.tokens.len());
        token
    }
    /// The dialect's syntax error at the token at hand.
    pub fn wrong<T>(&self) -> Parsed<T> {
        let (at, end) =
            self.tokens.get(self.next).map_or((self.source.len(), self.source.len()), |t| (t.at, t.end));
        Err(fault::syntax(self.dialect, self.source, at, self.source.get(at..end).unwrap_or("")))
    }
    pub fn unsupported<T>(&self, what: &str) -> Parsed<T> {
        Err(fault::unsupported(self.dialect, what))
    }
    /// Guards recursion.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= limits::SQL_DEPTH {
            return match self.dialect.is_mysql() {
                true => Err(fault::mysql(1436, "Thread stack overrun:  Need more stack space")),
                false => Err(fault::postgres("54001", "stack depth limit exceeded")),
            };
        }
        self.depth += 1;
        let out = read(self);
        self.depth -= 1;
        out
    }
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if w.eq_ignore_ascii_case(word))
    }
    fn is_ahead(&self, n: usize, word: &str) -> bool {
        matches!(self.ahead(n), Token::Word(w) if w.eq_ignore_ascii_case(word))
    }
    /// Takes a keyword if it is there.
    pub fn word(&mut self, word: &str) -> bool {
        let there = self.is_word(word);
        self.next += usize::from(there);
        there
    }
    /// Takes several keywords if all are there.
    pub fn words(&mut self, words: &str) -> bool {
        let list: Vec<&str> = words.split(' ').collect();
        let there = list.iter().enumerate().all(|(n, w)| self.is_ahead(n, w));
        self.next += if there { list.len() } else { 0 };
        there
    }
    pub fn expect(&mut self, words: &str) -> Parsed<()> {
        for word in words.split(' ') {
            if !self.word(word) {
                return self.wrong();
            }
        }
        Ok(())
    }
    pub fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(s) if *s == symbol)
    }
    pub fn symbol(&mut self, symbol: &str) -> bool {
        let there = self.is_symbol(symbol);
        self.next += usize::from(there);
        there
    }
    pub fn expect_symbol(&mut self, symbol: &str) -> Parsed<()> {
        if self.symbol(symbol) { Ok(()) } else { self.wrong() }
    }
    fn reserved(&self, word: &str) -> bool {
        let own: &[&str] = match self.dialect.is_mysql() {
            true => &["xor", "div", "regexp", "rlike", "key"],
            false => &["user", "full", "returning", "ilike", "end"],
        };
        RESERVED.iter().chain(own).any(|r| word.eq_ignore_ascii_case(r))
    }
    /// A bare word in the dialect's case, lower for PostgreSQL.
    fn cased(&self, word: &str) -> Arc<str> {
        if self.dialect.is_mysql() { word.into() } else { word.to_lowercase().into() }
    }
    /// An identifier; keywords of `RESERVED` are none.
    pub fn name(&mut self) -> Parsed<Name> {
        let at = At(self.at());
        let text = match self.peek() {
            Token::Word(w) if !self.reserved(w) => self.cased(w),
            Token::Quoted(q) => q.as_str().into(),
            _ => return self.wrong(),
        };
        self.next += 1;
        Ok(Name { text, at })
    }
    /// An identifier that may be any word: after a dot, or as a name no keyword can stand for.
    pub fn any_name(&mut self) -> Parsed<Arc<str>> {
        let text = match self.peek() {
            Token::Word(w) => self.cased(w),
            Token::Quoted(q) => q.as_str().into(),
            Token::Text(t) if self.dialect.is_mysql() => t.as_str().into(),
            _ => return self.wrong(),
        };
        self.next += 1;
        Ok(text)
    }
    pub fn path(&mut self) -> Parsed<Path> {
        let Name { text, at } = self.name()?;
        if self.symbol(".") {
            return Ok(Path { schema: Some(text), name: self.any_name()?, at });
        }
        Ok(Path { schema: None, name: text, at })
    }
    pub fn text(&mut self) -> Parsed<String> {
        match self.peek().clone() {
            Token::Text(t) => {
                self.next += 1;
                Ok(t)
            }
            _ => self.wrong(),
        }
    }
    pub fn number(&mut self) -> Parsed<u32> {
        match self.peek() {
            Token::Number(n) => match n.parse() {
                Ok(n) => {
                    self.next += 1;
                    Ok(n)
                }
                Err(_) => self.wrong(),
            },
            _ => self.wrong(),
        }
    }
    /// `( name, name )`
    pub fn names(&mut self) -> Parsed<Vec<Arc<str>>> {
        self.expect_symbol("(")?;
        let mut out = Vec::new();
        loop {
            out.push(self.name()?.text);
            // MySQL's prefix lengths and directions of index columns.
            if self.symbol("(") {
                self.number()?;
                self.expect_symbol(")")?;
            }
            _ = self.word("asc") || self.word("desc");
            if !self.symbol(",") {
                break;
            }
        }
        self.expect_symbol(")")?;
        Ok(out)
    }
    pub fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut out = vec![one(self)?];
        while self.symbol(",") {
            if out.len() >= limits::SQL_ROWS {
                return Err(fault::too_much(self.dialect));
            }
            out.push(one(self)?);
        }
        Ok(out)
    }
    pub fn if_exists(&mut self) -> bool {
        self.words("if exists")
    }
    pub fn if_not_exists(&mut self) -> bool {
        self.words("if not exists")
    }
    /// Skips to the end of the statement.
    pub fn skip(&mut self) {
        while !self.is_symbol(";") && self.peek() != &Token::End {
            self.next += 1;
        }
    }
}
