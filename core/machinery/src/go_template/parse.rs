//! The parser, after `text/template/parse`: pipelines, branches and definitions, with its error texts.

use super::Dialect;
use super::lex::{self, Item, Token};
use super::tree::{Branch, Kind, Node, Pipe, Term, Tree};
use crate::{Value, limits};
use std::collections::BTreeMap;
use std::sync::Arc;

type Parse<T> = Result<T, String>;
type Defined = BTreeMap<String, Arc<Tree>>;

/// Reads a file: its own text is a template under its name, besides those it defines.
pub(super) fn file(dialect: Dialect, name: &str, text: &str, defined: &mut Defined) -> Parse<()> {
    let mut parser = Parser {
        dialect,
        file: name,
        text,
        items: lex::items(text),
        at: 0,
        variables: vec!["$".into()],
        depth: 0,
        loops: 0,
        defined: BTreeMap::new(),
    };
    let (nodes, _) = parser.list("", true)?;
    let tree = Tree { file: name.to_owned(), text: text.to_owned(), nodes };
    let mut found = parser.defined;
    // An empty body does not replace what another file has put under the name.
    let blank = tree.nodes.iter().all(|n| if let Node::Text(t) = n { t.trim().is_empty() } else { false });
    if !(blank && defined.contains_key(name)) {
        found.insert(name.to_owned(), Arc::new(tree));
    }
    defined.extend(found);
    Ok(())
}

/// A number as Go's constants are written.
pub(super) fn number(text: &str) -> Option<Value> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let body = plain.trim_start_matches(['+', '-']);
    let radix = match body.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => 16,
        Some("0b") => 2,
        Some("0o") => 8,
        _ => 10,
    };
    if radix != 10 {
        let n = i64::from_str_radix(body.get(2..)?, radix).ok()?;
        return Some(Value::Int(if plain.starts_with('-') { -n } else { n }));
    }
    if let Ok(n) = plain.parse::<i64>() {
        return Some(Value::Int(n));
    }
    let ok = plain.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    plain.parse::<f64>().ok().filter(|f| ok && f.is_finite()).map(Value::Float)
}

struct Parser<'a> {
    dialect: Dialect,
    file: &'a str,
    text: &'a str,
    items: Vec<Item>,
    at: usize,
    variables: Vec<String>,
    depth: usize,
    loops: usize,
    defined: Defined,
}

/// What ended a list of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    End,
    Else,
    File,
}

impl Parser<'_> {
    fn peek(&self) -> Token {
        self.items.get(self.at).or(self.items.last()).map_or(Token::End, |item| item.token.clone())
    }
    fn place(&self) -> usize {
        self.items.get(self.at).or(self.items.last()).map_or(0, |item| item.at)
    }
    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }
    fn skip_space(&mut self) {
        while self.peek() == Token::Space {
            self.at += 1;
        }
    }
    fn next_solid(&mut self) -> Token {
        self.skip_space();
        self.next()
    }
    fn error(&self, message: impl std::fmt::Display) -> String {
        // Told at the item read last.
        let at = self.items.get(self.at.saturating_sub(1)).or(self.items.last()).map_or(0, |item| item.at);
        let line = 1 + self.text.get(..at).unwrap_or(self.text).matches('\n').count();
        format!("template: {}:{line}: {message}", self.file)
    }
    fn unexpected(&self, token: &Token, context: &str) -> String {
        match token {
            Token::Error(message) => self.error(message),
            _ => self.error(format!("unexpected {token} in {context}")),
        }
    }
    fn deeper(&mut self) -> Parse<()> {
        self.depth += 1;
        if self.depth > limits::DEPTH { Err(self.error("template is nested too deeply")) } else { Ok(()) }
    }
    /// Nodes up to `{{end}}` or `{{else`, or the end of the file.
    fn list(&mut self, context: &str, top: bool) -> Parse<(Vec<Node>, Stop)> {
        self.deeper()?;
        let mut nodes = Vec::new();
        loop {
            match self.next() {
                Token::Text(text) => nodes.push(Node::Text(text)),
                Token::Open => {
                    let at = self.place();
                    self.skip_space();
                    match self.peek() {
                        Token::Keyword(word) if word == "end" => {
                            self.at += 1;
                            let close = self.next_solid();
                            if close != Token::Close {
                                return Err(self.unexpected(&close, "end"));
                            }
                            if top {
                                return Err(self.error("unexpected {{end}}"));
                            }
                            self.depth -= 1;
                            return Ok((nodes, Stop::End));
                        }
                        Token::Keyword(word) if word == "else" => {
                            self.at += 1;
                            if top {
                                return Err(self.error("unexpected {{else}}"));
                            }
                            self.depth -= 1;
                            return Ok((nodes, Stop::Else));
                        }
                        _ => nodes.extend(self.action(at, top)?),
                    }
                }
                Token::End if top => {
                    self.depth -= 1;
                    return Ok((nodes, Stop::File));
                }
                Token::End => return Err(self.error("unexpected EOF")),
                other => {
                    return Err(self.unexpected(&other, if context.is_empty() { "input" } else { context }));
                }
            }
        }
    }
    fn action(&mut self, at: usize, top: bool) -> Parse<Option<Node>> {
        let Token::Keyword(word) = self.peek() else {
            return Ok(Some(Node::Action(self.pipeline("command", &Token::Close)?)));
        };
        self.at += 1;
        match word.as_str() {
            "if" => Ok(Some(Node::If(self.branch("if")?))),
            "range" => Ok(Some(Node::Range(self.branch("range")?))),
            "with" => Ok(Some(Node::With(self.branch("with")?))),
            "break" | "continue" => {
                let close = self.next_solid();
                if close != Token::Close {
                    return Err(self.unexpected(&close, &format!("{{{{{word}}}}}")));
                }
                if self.loops == 0 {
                    return Err(self.error(format!("{{{{{word}}}}} outside {{{{range}}}}")));
                }
                Ok(Some(if word == "break" { Node::Break } else { Node::Continue }))
            }
            "define" if !top => Err(self.unexpected(&Token::Keyword(word), "command")),
            "define" => {
                let name = self.template_name("define clause")?;
                let close = self.next_solid();
                if close != Token::Close {
                    return Err(self.unexpected(&close, "define clause"));
                }
                self.definition(name, "define clause")?;
                Ok(None)
            }
            "block" => {
                let name = self.template_name("block clause")?;
                let pipe = self.pipeline("block clause", &Token::Close)?;
                self.definition(name.clone(), "block clause")?;
                Ok(Some(Node::Template { at, name, pipe: Some(pipe) }))
            }
            _ => {
                self.skip_space();
                let at = self.place();
                let name = self.template_name("template clause")?;
                self.skip_space();
                let pipe = match self.peek() {
                    Token::Close => {
                        self.at += 1;
                        None
                    }
                    _ => Some(self.pipeline("template clause", &Token::Close)?),
                };
                Ok(Some(Node::Template { at, name, pipe }))
            }
        }
    }
    fn template_name(&mut self, context: &str) -> Parse<String> {
        match self.next_solid() {
            Token::Quoted(text) | Token::Raw(text) => self.unquoted(&text),
            other => Err(self.unexpected(&other, context)),
        }
    }
    fn definition(&mut self, name: String, context: &str) -> Parse<()> {
        let (outer, loops) = (std::mem::replace(&mut self.variables, vec!["$".into()]), self.loops);
        self.loops = 0;
        let (nodes, stop) = self.list(context, false)?;
        if stop == Stop::Else {
            return Err(self.error(format!("unexpected {{{{else}}}} in {context}")));
        }
        (self.variables, self.loops) = (outer, loops);
        let tree = Tree { file: self.file.to_owned(), text: self.text.to_owned(), nodes };
        self.defined.insert(name, Arc::new(tree));
        Ok(())
    }
    fn branch(&mut self, context: &str) -> Parse<Branch> {
        let known = self.variables.len();
        let pipe = self.pipeline(context, &Token::Close)?;
        let in_loop = usize::from(context == "range");
        self.loops += in_loop;
        let (body, stop) = self.list(context, false)?;
        self.loops -= in_loop;
        let mut otherwise = Vec::new();
        if stop == Stop::Else {
            self.skip_space();
            match self.peek() {
                Token::Keyword(word) if word == context && word != "range" => {
                    self.at += 1;
                    self.deeper()?;
                    let inner = self.branch(context)?;
                    self.depth -= 1;
                    otherwise.push(if context == "if" { Node::If(inner) } else { Node::With(inner) });
                }
                Token::Close => {
                    self.at += 1;
                    let (nodes, stop) = self.list(context, false)?;
                    if stop == Stop::Else {
                        return Err(self.error("expected end; found {{else}}"));
                    }
                    otherwise = nodes;
                }
                other => {
                    self.at += 1;
                    let context = if matches!(other, Token::Keyword(_)) { "input" } else { "else" };
                    return Err(self.unexpected(&other, context));
                }
            }
        }
        self.variables.truncate(known);
        Ok(Branch { pipe, body, otherwise })
    }
    fn pipeline(&mut self, context: &str, end: &Token) -> Parse<Pipe> {
        self.deeper()?;
        self.skip_space();
        let mut pipe = Pipe { at: self.place(), ..Pipe::default() };
        while let Token::Variable(name) = self.peek() {
            let back = self.at;
            self.at += 1;
            self.skip_space();
            match self.peek() {
                sign @ (Token::Assign | Token::Declare) => {
                    self.at += 1;
                    pipe.assigns = sign == Token::Assign;
                    pipe.declares.push(name.clone());
                    self.variables.push(name);
                    break;
                }
                Token::Sign(',') => {
                    self.at += 1;
                    pipe.declares.push(name.clone());
                    self.variables.push(name);
                    if context != "range" || pipe.declares.len() > 1 {
                        return Err(self.error(format!("too many declarations in {context}")));
                    }
                    self.skip_space();
                    if !matches!(self.peek(), Token::Variable(_) | Token::Close | Token::RightParen) {
                        return Err(self.error("range can only initialize variables"));
                    }
                }
                _ => {
                    self.at = back;
                    break;
                }
            }
        }
        loop {
            self.skip_space();
            match self.peek() {
                token if token == *end => {
                    self.at += 1;
                    break;
                }
                Token::Bool(_)
                | Token::Char(_)
                | Token::Dot
                | Token::Field(_)
                | Token::Word(_)
                | Token::Number(_)
                | Token::Nil
                | Token::Raw(_)
                | Token::Quoted(_)
                | Token::Variable(_)
                | Token::LeftParen => {
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                other => {
                    self.at += 1;
                    return Err(self.unexpected(&other, context));
                }
            }
        }
        if pipe.commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (stage, command) in pipe.commands.iter().enumerate().skip(1) {
            if matches!(command.first().map(|t| &t.kind), Some(Kind::Dot | Kind::Nil | Kind::Constant(..))) {
                return Err(self.error(format!("non executable command in pipeline stage {}", stage + 1)));
            }
        }
        self.depth -= 1;
        Ok(pipe)
    }
    fn command(&mut self) -> Parse<Vec<Term>> {
        let mut terms = Vec::new();
        loop {
            self.skip_space();
            terms.extend(self.operand()?);
            match self.peek() {
                Token::Space => self.at += 1,
                Token::Close | Token::RightParen => break,
                Token::Pipe => {
                    self.at += 1;
                    break;
                }
                other => {
                    self.at += 1;
                    return Err(self.unexpected(&other, "operand"));
                }
            }
        }
        if terms.is_empty() { Err(self.error("empty command")) } else { Ok(terms) }
    }
    fn operand(&mut self) -> Parse<Option<Term>> {
        let Some(mut term) = self.term()? else { return Ok(None) };
        let mut names = Vec::new();
        let at = self.place();
        while let Token::Field(name) = self.peek() {
            self.at += 1;
            names.push(name);
        }
        if names.is_empty() {
            return Ok(Some(term));
        }
        match &mut term.kind {
            Kind::Field(fields) | Kind::Variable(_, fields) => {
                fields.extend(names);
                term.at = at;
            }
            Kind::Dot | Kind::Nil | Kind::Constant(..) => {
                return Err(
                    self.error(format!("unexpected . after term {}", crate::quote::go(&term.to_string())))
                );
            }
            _ => term = Term { at, kind: Kind::Chain(Box::new(term), names) },
        }
        Ok(Some(term))
    }
    fn term(&mut self) -> Parse<Option<Term>> {
        self.skip_space();
        let at = self.place();
        let kind = match self.next() {
            Token::Word(name) => {
                if !super::dialect::has_function(self.dialect, &name) {
                    return Err(self.error(format!("function {} not defined", crate::quote::go(&name))));
                }
                Kind::Function(name)
            }
            Token::Dot => Kind::Dot,
            Token::Nil => Kind::Nil,
            Token::Variable(name) => {
                if !self.variables.contains(&name) {
                    return Err(self.error(format!("undefined variable {}", crate::quote::go(&name))));
                }
                Kind::Variable(name, Vec::new())
            }
            Token::Field(name) => Kind::Field(vec![name]),
            Token::Bool(b) => Kind::Constant(Value::Bool(b), b.to_string()),
            Token::Number(text) => Kind::Constant(number(&text).unwrap_or_default(), text),
            Token::Char(text) => {
                let inner = self.unquoted(&text)?;
                Kind::Constant(Value::Int(inner.chars().next().map_or(0, |c| i64::from(c as u32))), text)
            }
            Token::Quoted(text) | Token::Raw(text) => Kind::Constant(self.unquoted(&text)?.into(), text),
            Token::LeftParen => Kind::Pipe(self.pipeline("parenthesized pipeline", &Token::RightParen)?),
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Term { at, kind }))
    }
    /// A Go literal without its quotes and escapes.
    fn unquoted(&self, literal: &str) -> Parse<String> {
        let inner = literal.get(1..literal.len().saturating_sub(1)).unwrap_or("");
        if literal.starts_with('`') {
            return Ok(inner.replace('\r', ""));
        }
        let quote = literal.chars().next().unwrap_or('"');
        crate::quote::go_unescape(inner, quote).ok_or_else(|| self.error("invalid syntax"))
    }
}
