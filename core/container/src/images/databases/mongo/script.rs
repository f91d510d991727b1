//! The part of JavaScript that people type at mongosh: values, and chains of calls on `db`, `rs`, `sh`.
//! Anything else is told apart, so that it can be refused.

use super::bson::Bson;

/// One link of a chain: `.name`, `["name"]` or `.name(args)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub name: String,
    pub args: Option<Vec<Bson>>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Script {
    Chain(Vec<Link>),
    Value(Bson),
    /// What is JavaScript but not simulated.
    Other(String),
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    /// Milliseconds since 1970.
    now: i64,
    ids: &'a mut dyn FnMut() -> String,
}

/// Reads the statements of a source.
///
/// # Errors
/// The words of Babel's syntax error.
pub fn read(source: &str, now: i64, ids: &mut dyn FnMut() -> String) -> Result<Vec<Script>, String> {
    let mut r = Reader { rest: source, depth: 0, now, ids };
    let mut out = Vec::new();
    loop {
        r.space();
        while r.sign(';') {}
        if r.rest.is_empty() {
            return Ok(out);
        }
        let before = r.rest;
        let statement = r.statement();
        let at = source.len() - r.rest.len();
        match statement {
            Some(statement) => out.push(statement),
            None => {
                let first = before.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
                if [
                    "var", "let", "const", "function", "for", "if", "while", "try", "load", "async",
                    "return", "throw", "await", "new",
                ]
                .contains(&first)
                {
                    out.push(Script::Other(before.to_string()));
                    return Ok(out);
                }
                let line = source.get(..at).map_or(1, |s| s.matches('\n').count() + 1);
                let column = source.get(..at).map_or(0, |s| s.rsplit('\n').next().unwrap_or("").len());
                let text = source.lines().nth(line - 1).unwrap_or("");
                return Err(format!(
                    "SyntaxError: Unexpected token ({line}:{column})\n\n> {line} | {text}\n    | {}^\n",
                    " ".repeat(column)
                ));
            }
        }
    }
}

impl Reader<'_> {
    fn space(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix("//") {
                self.rest = rest.split_once('\n').map_or("", |r| r.1);
            } else if let Some(rest) = self.rest.strip_prefix("/*") {
                self.rest = rest.split_once("*/").map_or("", |r| r.1);
            } else {
                return;
            }
        }
    }
    fn sign(&mut self, c: char) -> bool {
        self.space();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
    fn word(&mut self) -> Option<String> {
        self.space();
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).filter(|w| !w.0.is_empty())?;
        self.rest = rest;
        Some(word.to_string())
    }
    fn statement(&mut self) -> Option<Script> {
        let start = self.rest;
        if let Some(first) = self.word() {
            let root = [
                "db",
                "rs",
                "sh",
                "print",
                "printjson",
                "quit",
                "exit",
                "cls",
                "use",
                "show",
                "version",
                "passwordPrompt",
                "EJSON",
            ]
            .contains(&first.as_str());
            if root {
                return self.chain(first).map(Script::Chain);
            }
        }
        self.rest = start;
        let value = self.value()?;
        self.space();
        if self.rest.is_empty() || self.rest.starts_with(';') || self.rest.starts_with('\n') {
            return Some(Script::Value(value));
        }
        // Sums and products, as people try a shell out.
        let mut value = value.number()?;
        while let Some(op) = ['+', '-', '*', '/'].into_iter().find(|c| self.sign(*c)) {
            let next = self.value()?.number()?;
            value = match op {
                '+' => value + next,
                '-' => value - next,
                '*' => value * next,
                _ => value / next,
            };
            self.space();
        }
        (self.rest.is_empty() || self.rest.starts_with(';')).then(|| Script::Value(Bson::of_number(value)))
    }
    fn chain(&mut self, first: String) -> Option<Vec<Link>> {
        let mut out = Vec::new();
        let mut name = first;
        loop {
            let args = if self.sign('(') { Some(self.list(')')?) } else { None };
            out.push(Link { name, args });
            if self.sign('.') {
                name = self.word()?;
            } else if self.sign('[') {
                let Some(Bson::Text(text)) = self.value() else { return None };
                if !self.sign(']') {
                    return None;
                }
                name = text;
            } else {
                return Some(out);
            }
            if out.len() > 32 {
                return None;
            }
        }
    }
    fn list(&mut self, close: char) -> Option<Vec<Bson>> {
        let mut out = Vec::new();
        while !self.sign(close) {
            out.push(self.value()?);
            if !self.sign(',') && !self.rest.trim_start().starts_with(close) {
                return None;
            }
        }
        Some(out)
    }
    fn value(&mut self) -> Option<Bson> {
        self.space();
        self.depth += 1;
        let value = if self.depth > drydock_machinery::limits::SQL_DEPTH { None } else { self.any() };
        self.depth -= 1;
        value
    }
    fn any(&mut self) -> Option<Bson> {
        let first = self.rest.chars().next()?;
        match first {
            '{' => {
                self.sign('{');
                let mut fields: Vec<(String, Bson)> = Vec::new();
                while !self.sign('}') {
                    let key = match self.rest.chars().next()? {
                        '"' | '\'' => self.text()?,
                        _ => self.word()?,
                    };
                    if !self.sign(':') {
                        return None;
                    }
                    let value = self.value()?;
                    fields.retain(|f| f.0 != key);
                    fields.push((key, value));
                    if !self.sign(',') && !self.rest.trim_start().starts_with('}') {
                        return None;
                    }
                }
                Some(Bson::Doc(fields))
            }
            '[' => {
                self.sign('[');
                self.list(']').map(Bson::Array)
            }
            '"' | '\'' | '`' => self.text().map(Bson::Text),
            '/' => {
                let end = self.rest.get(1..)?.find('/')? + 1;
                let pattern = self.rest.get(1..end)?.to_string();
                self.rest = self.rest.get(end + 1..)?;
                let any_case = self.rest.starts_with('i');
                self.rest = self.rest.trim_start_matches(['i', 'g', 'm']);
                Some(Bson::Regex(pattern, any_case))
            }
            c if c.is_ascii_digit() || matches!(c, '-' | '.' | '+') => {
                let end = self
                    .rest
                    .char_indices()
                    .find(|(at, c)| {
                        !(c.is_ascii_digit()
                            || matches!(c, '.' | 'e' | 'E')
                            || (*at == 0 && matches!(c, '-' | '+')))
                    })
                    .map_or(self.rest.len(), |c| c.0);
                let (number, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                let number = number.trim_start_matches('+');
                match number.parse::<i64>() {
                    Ok(n) => Some(Bson::Int(n)),
                    Err(_) => number.parse().ok().map(Bson::of_number),
                }
            }
            _ => self.named(),
        }
    }
    fn named(&mut self) -> Option<Bson> {
        let mut word = self.word()?;
        if word == "new" {
            word = self.word()?;
        }
        match word.as_str() {
            "true" => return Some(Bson::Bool(true)),
            "false" => return Some(Bson::Bool(false)),
            "null" | "undefined" => return Some(Bson::Null),
            _ => {}
        }
        if word == "Date" && self.rest.starts_with(".now") {
            self.rest = self.rest.strip_prefix(".now")?;
        }
        if !self.sign('(') {
            return None;
        }
        let args = self.list(')')?;
        Some(match (word.as_str(), args.first()) {
            ("ObjectId", Some(Bson::Text(id))) if id.len() == 24 => Bson::Id(id.to_lowercase()),
            ("ObjectId", None) => Bson::Id((self.ids)()),
            ("Date" | "ISODate" | "Timestamp", None) => Bson::Date(self.now),
            ("Date" | "ISODate", Some(Bson::Text(t))) => {
                Bson::Date(crate::sql::datum::parse_stamp(t)? / 1000)
            }
            ("Date", Some(Bson::Int(ms))) => Bson::Date(*ms),
            (
                "NumberInt" | "NumberLong" | "Number" | "NumberDecimal" | "Int32" | "Long" | "Double",
                Some(v),
            ) => match v {
                Bson::Text(t) => Bson::of_number(t.parse().ok()?),
                v => v.clone(),
            },
            ("String", Some(v)) => Bson::Text(v.inspect()),
            ("passwordPrompt", _) => Bson::Text(String::new()),
            _ => return None,
        })
    }
    fn text(&mut self) -> Option<String> {
        let quote = self.rest.chars().next()?;
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = self.rest.get(at + c.len_utf8()..)?;
                    return Some(out);
                }
                '\\' => out.push(match chars.next()?.1 {
                    'n' => '\n',
                    't' => '\t',
                    c => c,
                }),
                c => out.push(c),
            }
        }
        None
    }
}
