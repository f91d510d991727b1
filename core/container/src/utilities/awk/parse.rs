//! awk's grammar: rules and statements.

use super::syntax::{Function, Printed, Program, Rule, Statement, To};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// Within print's list `>` redirects.
    pub(super) printing: bool,
    /// Within `for (… in …)`.
    pub(super) no_in: bool,
    /// getline, system or close was met.
    pub(super) asks: bool,
    /// Functions called.
    pub(super) called: Vec<Arc<str>>,
}

pub(super) type Parsed<T> = Result<T, String>;

/// Reads a program.
///
/// # Errors
/// What awk says after the place.
pub fn parse(text: &str) -> Parsed<Program> {
    let mut parser =
        Parser { text, at: 0, depth: 0, printing: false, no_in: false, asks: false, called: Vec::new() };
    let (mut rules, mut functions) = (Vec::new(), BTreeMap::new());
    loop {
        parser.newlines();
        if parser.peek().is_none() {
            let known = |n: &Arc<str>| functions.contains_key(n) || super::functions::NAMES.contains(&&**n);
            if let Some(missing) = parser.called.iter().find(|n| !known(n)) {
                return Err(format!("fatal: function `{missing}' not defined"));
            }
            return Ok(Program { rules, functions, asks: parser.asks });
        }
        if parser.keyword("function") || parser.keyword("func") {
            let (name, function) = parser.function()?;
            functions.insert(name, function);
            continue;
        }
        rules.push(parser.rule()?);
    }
}

impl Parser<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }
    pub(super) fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with("\\\n") {
                self.at += 2;
            } else if rest.starts_with([' ', '\t', '\r']) {
                self.at += 1;
            } else if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                return;
            }
        }
    }
    fn newlines(&mut self) {
        loop {
            self.blanks();
            if !self.rest().starts_with(['\n', ';']) {
                return;
            }
            self.at += 1;
        }
    }
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.blanks();
            if !self.rest().starts_with('\n') {
                return;
            }
            self.at += 1;
        }
    }
    pub(super) fn peek(&mut self) -> Option<char> {
        self.blanks();
        self.rest().chars().next()
    }
    pub(super) fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        self.blanks();
        let next = self.rest().strip_prefix(word).map(|r| r.chars().next());
        let found = next.is_some_and(|c| c.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_'));
        if found {
            self.at += word.len();
        }
        found
    }
    pub(super) fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.take(token) { Ok(()) } else { Err(self.error()) }
    }
    pub(super) fn error(&mut self) -> String {
        let pad = " ".repeat(self.at.min(200));
        match self.peek() {
            None => format!("{pad}^ unexpected newline or end of string"),
            Some(_) => format!("{pad}^ syntax error"),
        }
    }
    fn function(&mut self) -> Parsed<(Arc<str>, Function)> {
        let name = self.name().ok_or_else(|| self.error())?;
        self.expect("(")?;
        let mut parameters = Vec::new();
        while let Some(parameter) = self.name() {
            parameters.push(parameter);
            self.take(",");
            self.skip_lines();
        }
        self.expect(")")?;
        self.skip_lines();
        let Statement::Block(body) = self.statement()? else { return Err(self.error()) };
        Ok((name, Function { parameters, body }))
    }
    pub(super) fn rule(&mut self) -> Parsed<Rule> {
        let mut rule = Rule { when: "", pattern: None, until: None, body: Vec::new() };
        if self.keyword("BEGIN") {
            rule.when = "BEGIN";
        } else if self.keyword("END") {
            rule.when = "END";
        } else if self.peek() != Some('{') {
            rule.pattern = Some(self.expr()?);
            if self.take(",") {
                self.skip_lines();
                rule.until = Some(self.expr()?);
            }
        }
        if self.peek() == Some('{') {
            let Statement::Block(body) = self.statement()? else { return Err(self.error()) };
            rule.body = body;
        } else if rule.when.is_empty() {
            rule.body = vec![Statement::Print(Vec::new(), To::Out)];
        } else {
            return Err(self.error());
        }
        Ok(rule)
    }
    pub(super) fn statement(&mut self) -> Parsed<Statement> {
        self.depth += 1;
        if self.depth > drydock_machinery::limits::DEPTH {
            return Err("program is too deep".into());
        }
        let statement = self.statement_inner();
        self.depth -= 1;
        statement
    }
    fn statement_inner(&mut self) -> Parsed<Statement> {
        self.skip_lines();
        if self.take("{") {
            let mut body = Vec::new();
            loop {
                self.newlines();
                if self.take("}") {
                    return Ok(Statement::Block(body));
                }
                if self.peek().is_none() {
                    return Err(self.error());
                }
                body.push(self.statement()?);
            }
        }
        if self.take(";") {
            return Ok(Statement::Block(Vec::new()));
        }
        if self.keyword("if") {
            self.expect("(")?;
            let test = self.expr()?;
            self.expect(")")?;
            let yes = self.statement()?;
            let saved = self.at;
            self.newlines();
            if self.keyword("else") {
                return Ok(Statement::If(test, Box::new(yes), Some(Box::new(self.statement()?))));
            }
            self.at = saved;
            return Ok(Statement::If(test, Box::new(yes), None));
        }
        if self.keyword("while") {
            self.expect("(")?;
            let test = self.expr()?;
            self.expect(")")?;
            return Ok(Statement::While(test, Box::new(self.statement()?)));
        }
        if self.keyword("do") {
            let body = self.statement()?;
            self.newlines();
            if !self.keyword("while") {
                return Err(self.error());
            }
            self.expect("(")?;
            let test = self.expr()?;
            self.expect(")")?;
            return Ok(Statement::Do(Box::new(body), test));
        }
        if self.keyword("for") {
            return self.for_statement();
        }
        let statement = self.simple()?;
        match self.peek() {
            None | Some('}') => {}
            Some(';' | '\n') => self.at += 1,
            Some(_) => return Err(self.error()),
        }
        Ok(statement)
    }
    fn for_statement(&mut self) -> Parsed<Statement> {
        self.expect("(")?;
        let saved = self.at;
        if let Some(name) = self.name() {
            if self.keyword("in")
                && let Some(array) = self.name()
                && self.take(")")
            {
                return Ok(Statement::ForIn(name, array, Box::new(self.statement()?)));
            }
            self.at = saved;
        }
        let init = if self.peek() == Some(';') { None } else { Some(Box::new(self.simple()?)) };
        self.expect(";")?;
        let test = if self.peek() == Some(';') { None } else { Some(self.expr()?) };
        self.expect(";")?;
        let step = if self.peek() == Some(')') { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Statement::For(init, test, step, Box::new(self.statement()?)))
    }
    pub(super) fn name(&mut self) -> Option<Arc<str>> {
        self.blanks();
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = Arc::from(rest.get(..end)?);
        self.at += end;
        Some(name)
    }
    fn simple(&mut self) -> Parsed<Statement> {
        if self.keyword("print") {
            let (items, to) = self.print_list()?;
            return Ok(Statement::Print(items, to));
        }
        if self.keyword("printf") {
            let (items, to) = self.print_list()?;
            return Ok(Statement::Printf(items, to));
        }
        if self.keyword("nextfile") {
            return Ok(Statement::NextFile);
        }
        if self.keyword("return") {
            let none = matches!(self.peek(), None | Some(';' | '}' | '\n'));
            return Ok(Statement::Return(if none { None } else { Some(self.expr()?) }));
        }
        if self.keyword("next") {
            return Ok(Statement::Next);
        }
        if self.keyword("break") {
            return Ok(Statement::Break);
        }
        if self.keyword("continue") {
            return Ok(Statement::Continue);
        }
        if self.keyword("exit") {
            let code =
                if matches!(self.peek(), None | Some(';' | '}' | '\n')) { None } else { Some(self.expr()?) };
            return Ok(Statement::Exit(code));
        }
        if self.keyword("delete") {
            let name = self.name().ok_or_else(|| self.error())?;
            let keys = if self.take("[") { self.list("]")? } else { Vec::new() };
            return Ok(Statement::Delete(name, keys));
        }
        Ok(Statement::Expr(self.expr()?))
    }
    fn print_list(&mut self) -> Parsed<Printed> {
        let mut items = Vec::new();
        if !matches!(self.peek(), None | Some(';' | '}' | '\n' | '>' | '|')) {
            // `print (a, b)` is a list; `print (a)(b)` is not.
            let saved = self.at;
            let mut grouped = false;
            if self.take("(")
                && let Ok(list) = self.list(")")
                && matches!(self.peek(), None | Some(';' | '}' | '\n' | '>' | '|'))
            {
                items = list;
                grouped = true;
            }
            if !grouped {
                self.at = saved;
                self.printing = true;
                loop {
                    items.push(self.expr()?);
                    if !self.take(",") {
                        break;
                    }
                    self.skip_lines();
                }
                self.printing = false;
            }
        }
        let append = self.take(">>");
        if append || self.take(">") {
            self.printing = true;
            let file = self.level(5)?;
            self.printing = false;
            return Ok((items, To::File(append, file)));
        }
        if self.take("|") {
            let command = self.level(5)?;
            return Ok((items, To::Pipe(command)));
        }
        Ok((items, To::Out))
    }
}
