//! The reader: recursive descent over bytes, at most [`limits::DEPTH`] deep.

use super::{Duplicate, Error};
use crate::{Sym, Value, limits};

/// Reads one JSON value; of repeated keys the last wins.
///
/// # Errors
/// Go's syntax errors; the limits of depth and size.
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
    Reader::new(bytes, false).document().map(|(value, _)| value)
}

/// Reads one JSON value and lists the repeated keys.
///
/// # Errors
/// As [`parse`].
pub fn parse_strict(bytes: &[u8]) -> Result<(Value, Vec<Duplicate>), Error> {
    Reader::new(bytes, true).document()
}

enum Step {
    Key(Sym),
    Item(usize),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    nodes: usize,
    strict: bool,
    path: Vec<Step>,
    duplicates: Vec<Duplicate>,
}

type Read<T> = Result<T, Error>;

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], strict: bool) -> Reader<'a> {
        Reader { bytes, at: 0, depth: 0, nodes: 0, strict, path: Vec::new(), duplicates: Vec::new() }
    }
    fn document(mut self) -> Read<(Value, Vec<Duplicate>)> {
        if self.bytes.len() > limits::FILE_BYTES {
            return Err(self.error("json: document is too large".into()));
        }
        let value = self.value()?;
        match self.peek_token() {
            None => Ok((value, self.duplicates)),
            Some(_) => Err(self.unexpected("after top-level value")),
        }
    }
    fn error(&self, message: String) -> Error {
        let before = self.bytes.get(..self.at.min(self.bytes.len())).unwrap_or(&[]);
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        let column = 1 + String::from_utf8_lossy(before.get(start..).unwrap_or(&[])).chars().count();
        Error { line, column, offset: self.at, message }
    }
    /// The error of a byte that cannot stand here, in Go's words.
    fn unexpected(&self, context: &str) -> Error {
        match self.bytes.get(self.at) {
            None => self.error("unexpected end of JSON input".into()),
            Some(b) => {
                // Go's scanner sees bytes: a byte of a longer character prints as Latin-1.
                let quoted = crate::quote::go_rune(char::from(*b));
                self.error(format!("invalid character {quoted} {context}"))
            }
        }
    }
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
    fn peek_token(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }
    fn value(&mut self) -> Read<Value> {
        self.nodes += 1;
        if self.nodes > limits::NODES * 4 {
            return Err(self.error("json: document has too many values".into()));
        }
        match self.peek_token() {
            Some(b'{') => self.nested(Self::map),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(Value::from),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }
    fn nested(&mut self, read: fn(&mut Self) -> Read<Value>) -> Read<Value> {
        self.depth += 1;
        if self.depth > limits::DEPTH {
            return Err(self.error("exceeded max depth".into()));
        }
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }
    fn word(&mut self, word: &str, value: Value) -> Read<Value> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let context = format!("in literal {word} (expecting '{}')", char::from(expected));
                return Err(self.unexpected(&context));
            }
            self.at += 1;
        }
        Ok(value)
    }
    fn list(&mut self) -> Read<Value> {
        let mut items = Vec::new();
        if self.peek_token() == Some(b']') {
            self.at += 1;
            return Ok(Value::from_items(items));
        }
        loop {
            if self.strict {
                self.path.push(Step::Item(items.len()));
            }
            items.push(self.value()?);
            if self.strict {
                self.path.pop();
            }
            match self.peek_token() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::from_items(items));
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }
    fn map(&mut self) -> Read<Value> {
        let mut entries: Vec<(Sym, Value)> = Vec::new();
        let mut lines: Vec<usize> = Vec::new();
        if self.peek_token() == Some(b'}') {
            self.at += 1;
            return Ok(Value::from_entries(entries));
        }
        loop {
            if self.peek_token() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = Sym::from(self.string()?);
            if self.peek_token() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            if self.strict {
                self.path.push(Step::Key(key));
                lines.push(self.at);
            }
            let value = self.value()?;
            if self.strict {
                self.path.pop();
            }
            entries.push((key, value));
            match self.peek_token() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    if self.strict {
                        self.find_duplicates(&entries, &lines);
                    }
                    return Ok(Value::from_entries(entries));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }
    fn find_duplicates(&mut self, entries: &[(Sym, Value)], offsets: &[usize]) {
        let mut seen = std::collections::BTreeSet::new();
        for ((key, _), offset) in entries.iter().zip(offsets) {
            // Finding the line costs; a hundred repetitions are complaint enough.
            if !seen.insert(*key) && self.duplicates.len() < 100 {
                self.path.push(Step::Key(*key));
                let before = self.bytes.get(..*offset).unwrap_or(&[]);
                let line = 1 + before.iter().filter(|b| **b == b'\n').count();
                self.duplicates.push(Duplicate { key: key.text().into(), path: self.path_text(), line });
                self.path.pop();
            }
        }
    }
    fn path_text(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(key.text());
                }
                Step::Item(at) => out.push_str(&format!("[{at}]")),
            }
        }
        out
    }
    fn string(&mut self) -> Read<String> {
        self.at += 1; // the opening quote
        let start = self.at;
        while let Some(b) = self.peek() {
            match b {
                b'"' => {
                    let text = String::from_utf8_lossy(self.bytes.get(start..self.at).unwrap_or(&[]));
                    self.at += 1;
                    return Ok(text.into_owned());
                }
                b'\\' => return self.escaped_string(start),
                ..0x20 => return Err(self.unexpected("in string literal")),
                _ => self.at += 1,
            }
        }
        Err(self.unexpected("in string literal"))
    }
    fn escaped_string(&mut self, start: usize) -> Read<String> {
        let mut out: Vec<u8> = self.bytes.get(start..self.at).unwrap_or(&[]).to_vec();
        while let Some(b) = self.peek() {
            match b {
                b'"' => {
                    self.at += 1;
                    return Ok(String::from_utf8_lossy(&out).into_owned());
                }
                b'\\' => {
                    self.at += 1;
                    let c = self.escape()?;
                    let mut buffer = [0; 4];
                    out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
                }
                ..0x20 => return Err(self.unexpected("in string literal")),
                _ => {
                    out.push(b);
                    self.at += 1;
                }
            }
        }
        Err(self.unexpected("in string literal"))
    }
    fn escape(&mut self) -> Read<char> {
        let plain = match self.peek() {
            Some(b @ (b'"' | b'\\' | b'/')) => char::from(b),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        Ok(plain)
    }
    fn hex4(&mut self) -> Read<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|b| char::from(b).to_digit(16)) else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
    fn unicode_escape(&mut self) -> Read<char> {
        let first = self.hex4()?;
        if (0xd800..0xdc00).contains(&first)
            && self.bytes.get(self.at..self.at + 2) == Some(b"\\u".as_slice())
        {
            let back = self.at;
            self.at += 2;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            self.at = back; // a lone surrogate; what follows is read on its own
        }
        Ok(char::from_u32(first).unwrap_or('\u{fffd}'))
    }
    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start
    }
    fn number(&mut self) -> Read<Value> {
        let start = self.at;
        let mut integral = true;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if !self.digits() {
            return Err(self.unexpected("in numeric literal"));
        }
        if self.peek() == Some(b'.') {
            integral = false;
            self.at += 1;
            if !self.digits() {
                return Err(self.unexpected("after decimal point in numeric literal"));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            integral = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if !self.digits() {
                return Err(self.unexpected("in exponent of numeric literal"));
            }
        }
        let text = std::str::from_utf8(self.bytes.get(start..self.at).unwrap_or(&[])).unwrap_or("");
        if integral && let Ok(n) = text.parse() {
            return Ok(Value::Int(n));
        }
        match text.parse::<f64>() {
            Ok(f) if f.is_finite() => Ok(Value::Float(f)),
            _ => {
                self.at = start;
                Err(self.error(format!("json: cannot unmarshal number {text} into Go value of type float64")))
            }
        }
    }
}
