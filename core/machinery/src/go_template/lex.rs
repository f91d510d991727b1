//! The lexer: text and actions to items, with Go's complaints.

/// An item and where it begins, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub at: usize,
    pub token: Token,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Error(String),
    Text(String),
    Open,
    Close,
    Space,
    Field(String),
    Variable(String),
    Word(String),
    Keyword(String),
    Dot,
    Nil,
    Bool(bool),
    Number(String),
    Char(String),
    Quoted(String),
    Raw(String),
    Pipe,
    Declare,
    Assign,
    LeftParen,
    RightParen,
    /// Any other printable character.
    Sign(char),
    End,
}

const KEYWORDS: [&str; 10] =
    ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

impl std::fmt::Display for Token {
    /// As errors name the item.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = match self {
            Token::End => return f.write_str("EOF"),
            Token::Error(text) => return f.write_str(text),
            Token::Keyword(word) => return write!(f, "<{word}>"),
            Token::Nil => return f.write_str("<nil>"),
            Token::Dot => return f.write_str("<.>"),
            Token::Text(s) | Token::Variable(s) | Token::Word(s) | Token::Number(s) => s.clone(),
            Token::Field(s) => format!(".{s}"),
            Token::Char(s) | Token::Quoted(s) | Token::Raw(s) => s.clone(),
            Token::Open => "{{".into(),
            Token::Close => "}}".into(),
            Token::Space => " ".into(),
            Token::Bool(b) => b.to_string(),
            Token::Pipe => "|".into(),
            Token::Declare => ":=".into(),
            Token::Assign => "=".into(),
            Token::LeftParen => "(".into(),
            Token::RightParen => ")".into(),
            Token::Sign(c) => c.to_string(),
        };
        match text.chars().count() {
            ..=10 => f.write_str(&crate::quote::go(&text)),
            _ => write!(f, "{}...", crate::quote::go(&text.chars().take(10).collect::<String>())),
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    parens: usize,
    items: Vec<Item>,
}

/// All items; the last is `End` or `Error`.
pub(super) fn items(text: &str) -> Vec<Item> {
    let mut lexer = Lexer { text, at: 0, parens: 0, items: Vec::new() };
    if let Err(message) = lexer.run() {
        lexer.items.push(Item { at: lexer.at, token: Token::Error(message) });
    }
    lexer.items
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}
fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }
    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
    fn push(&mut self, length: usize, token: Token) {
        self.items.push(Item { at: self.at, token });
        self.at += length;
    }
    /// The closing delimiter at hand: its length, and whether it trims what follows.
    fn closing(&self) -> Option<(usize, bool)> {
        let rest = self.rest();
        let trimmed =
            rest.chars().next().is_some_and(is_space) && rest.get(1..).is_some_and(|r| r.starts_with("-}}"));
        match () {
            () if trimmed => Some((4, true)),
            () if rest.starts_with("}}") => Some((2, false)),
            () => None,
        }
    }
    fn trim_text(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_space).len();
    }
    fn run(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            let Some(open) = rest.find("{{") else {
                if !rest.is_empty() {
                    self.push(rest.len(), Token::Text(rest.to_owned()));
                }
                self.push(0, Token::End);
                return Ok(());
            };
            let (before, after) = rest.split_at(open);
            let inner = after.get(2..).unwrap_or("");
            let trims =
                inner.starts_with('-') && inner.get(1..).and_then(|r| r.chars().next()).is_some_and(is_space);
            let kept = if trims { before.trim_end_matches(is_space) } else { before };
            if !kept.is_empty() {
                self.items.push(Item { at: self.at, token: Token::Text(kept.to_owned()) });
            }
            self.at += open;
            let marker = if trims { 2 } else { 0 };
            if self.rest().get(2 + marker..).is_some_and(|r| r.starts_with("/*")) {
                self.at += 2 + marker;
                self.comment()?;
                continue;
            }
            self.push(2 + marker, Token::Open);
            self.parens = 0;
            while !self.inside()? {}
        }
    }
    fn comment(&mut self) -> Result<(), String> {
        let Some(end) = self.rest().find("*/") else { return Err("unclosed comment".into()) };
        self.at += end + 2;
        match self.closing() {
            Some((length, trims)) => {
                self.at += length;
                if trims {
                    self.trim_text();
                }
                Ok(())
            }
            None => Err("comment ends before closing delimiter".into()),
        }
    }
    /// Reads one item of an action; true at its end.
    fn inside(&mut self) -> Result<bool, String> {
        if let Some((length, trims)) = self.closing() {
            if self.parens > 0 {
                return Err("unclosed left paren".into());
            }
            if trims {
                self.at += 2;
                self.push(2, Token::Close);
                self.trim_text();
            } else {
                self.push(length, Token::Close);
            }
            return Ok(true);
        }
        let Some(c) = self.peek() else { return Err("unclosed action".into()) };
        let next = self.rest().chars().nth(1);
        match c {
            c if is_space(c) => {
                // A blank that belongs to ` -}}` ends the run.
                let mut length = 0;
                while self.rest().get(length..).and_then(|r| r.chars().next()).is_some_and(is_space) {
                    if self.rest().get(length + 1..).is_some_and(|r| r.starts_with("-}}")) {
                        break;
                    }
                    length += 1;
                }
                self.push(length.max(1), Token::Space);
            }
            '=' => self.push(1, Token::Assign),
            ':' if next == Some('=') => self.push(2, Token::Declare),
            ':' => return Err("expected :=".into()),
            '|' => self.push(1, Token::Pipe),
            '"' => self.quoted('"', "unterminated quoted string", Token::Quoted)?,
            '\'' => self.quoted('\'', "unterminated character constant", Token::Char)?,
            '`' => match self.rest().get(1..).and_then(|r| r.find('`')) {
                Some(end) => {
                    let text = self.rest().get(..end + 2).unwrap_or("").to_owned();
                    self.push(end + 2, Token::Raw(text));
                }
                None => return Err("unterminated raw quoted string".into()),
            },
            '$' => self.name(1, |name| Token::Variable(format!("${name}")))?,
            '.' if next.is_none_or(|c| !c.is_ascii_digit()) => {
                self.name(
                    1,
                    |name| if name.is_empty() { Token::Dot } else { Token::Field(name.to_owned()) },
                )?;
            }
            '.' | '+' | '-' | '0'..='9' => self.number()?,
            '(' => {
                self.parens += 1;
                self.push(1, Token::LeftParen);
            }
            ')' => {
                if self.parens == 0 {
                    return Err("unexpected right paren".into());
                }
                self.parens -= 1;
                self.push(1, Token::RightParen);
            }
            c if is_word(c) => self.name(0, |name| match name {
                "true" | "false" => Token::Bool(name == "true"),
                "nil" => Token::Nil,
                _ if KEYWORDS.contains(&name) => Token::Keyword(name.to_owned()),
                _ => Token::Word(name.to_owned()),
            })?,
            c if c.is_ascii_graphic() => self.push(1, Token::Sign(c)),
            c => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
        }
        Ok(false)
    }
    /// A name after `skip` characters, up to something that may follow a name.
    fn name(&mut self, skip: usize, token: impl Fn(&str) -> Token) -> Result<(), String> {
        let rest = self.rest().get(skip..).unwrap_or("");
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        if let Some(c) = after.chars().next() {
            let may_follow =
                is_space(c) || matches!(c, '.' | ',' | '|' | ':' | ')' | '(') || after.starts_with("}}");
            if !may_follow {
                return Err(format!("bad character U+{:04X} '{c}'", c as u32));
            }
        }
        self.push(skip + length, token(name));
        Ok(())
    }
    fn quoted(&mut self, quote: char, unterminated: &str, token: fn(String) -> Token) -> Result<(), String> {
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => {
                    let text = self.rest().get(..=at).unwrap_or("").to_owned();
                    self.push(at + 1, token(text));
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(unterminated.into())
    }
    fn number(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let mut length = 0;
        let mut last = ' ';
        for c in rest.chars() {
            let sign = matches!(c, '+' | '-') && (length == 0 || matches!(last, 'e' | 'E' | 'p'));
            if !(sign || c == '.' || is_word(c)) {
                break;
            }
            last = c;
            length += c.len_utf8();
        }
        let text = rest.get(..length).unwrap_or("");
        if super::parse::number(text).is_none() {
            return Err(format!("bad number syntax: {}", crate::quote::go(text)));
        }
        self.push(length, Token::Number(text.to_owned()));
        Ok(())
    }
}
