//! The loader: parser events to values, with a place for every path, within the limits of depth and
//! nodes (aliases counted by what they stand for, so that laughs do not multiply).

use super::message::{self, at};
use super::{Document, Duplicate, Error, resolve};
use crate::{Sym, Value, limits};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use std::collections::{BTreeMap, BTreeSet};

/// Paths longer than this are not remembered: nobody asks for them, and they could multiply.
const PATH_BYTES: usize = 2048;

/// Reads all documents of a stream.
///
/// # Errors
/// goyaml's syntax errors; the limits of depth and size.
pub fn load(text: &str) -> Result<Vec<Document>, Error> {
    load_as(text, false)
}

/// As [`load`], for files that are read as YAML 1.2 has it (yaml.v3): `yes`, `no`, `on`, `off`, `y` and
/// `n` are strings.
///
/// # Errors
/// As [`load`].
pub fn load_core(text: &str) -> Result<Vec<Document>, Error> {
    load_as(text, true)
}

fn load_as(text: &str, core: bool) -> Result<Vec<Document>, Error> {
    if text.len() > limits::FILE_BYTES {
        return Err(at(1, 1, "document is too large"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.chars().any(|c| !is_allowed(c)) {
        return Err(at(1, 1, "control characters are not allowed"));
    }
    // The scanner refuses a tab behind a colon, which goyaml reads: such tabs become blanks.
    let mut patched: Option<String> = None;
    // Each such tab costs one more reading; long texts get few.
    for _ in 0..(TABS_BYTES / text.len().max(1)).clamp(2, 256) {
        let text = patched.as_deref().unwrap_or(text);
        match documents(text, core) {
            Err(Failure::Tab(line, column)) => match without_tab(text, line, column) {
                Some(text) => patched = Some(text),
                None => return Err(at(line, column, "found character that cannot start any token")),
            },
            Err(Failure::Wrong(e)) => return Err(e),
            Ok(documents) => return Ok(documents),
        }
    }
    Err(at(1, 1, "found character that cannot start any token"))
}

/// Bytes that may be read again and again for the sake of tabs behind colons.
const TABS_BYTES: usize = 4 * 1024 * 1024;

enum Failure {
    Tab(usize, usize),
    Wrong(Error),
}

fn documents(text: &str, core: bool) -> Result<Vec<Document>, Failure> {
    let mut loader = Loader { text, core, ..Loader::default() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| match e.info().starts_with("':' must be followed") {
            true => Failure::Tab(e.marker().line(), e.marker().col() + 1),
            false => Failure::Wrong(message::from_scanner(text, &e)),
        })?;
        loader.event(event, span).map_err(Failure::Wrong)?;
    }
    Ok(loader.documents)
}

/// The text with the first tab at or behind a place of a line turned into a blank.
fn without_tab(text: &str, line: usize, column: usize) -> Option<String> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let content = text.get(start..)?.lines().next()?;
    let from = content.char_indices().nth(column.saturating_sub(2)).map_or(0, |(at, _)| at);
    let tab = start + from + content.get(from..)?.find('\t')?;
    let mut out = String::with_capacity(text.len());
    out.push_str(text.get(..tab)?);
    out.push(' ');
    out.push_str(text.get(tab + 1..)?);
    Some(out)
}

/// libyaml's reader takes no other characters.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

enum Kind {
    List(Vec<Value>),
    Map { entries: Vec<(Sym, Value)>, seen: BTreeSet<Sym>, key: Option<Key> },
}

enum Key {
    Name(Sym),
    Merge,
    /// `~`, which JSON cannot have.
    Null,
}

struct Frame {
    kind: Kind,
    anchor: usize,
    /// Length of the path of this node.
    path: usize,
}

/// A finished node: its value, and for plain scalars their text.
struct Node<'a> {
    value: Value,
    plain: Option<std::borrow::Cow<'a, str>>,
    span: Span,
}

#[derive(Default)]
struct Loader<'a> {
    text: &'a str,
    /// Only `true` and `false` are booleans.
    core: bool,
    documents: Vec<Document>,
    current: Document,
    root: Option<Value>,
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, (Value, usize)>,
    nodes: usize,
    path: String,
}

fn place(span: &Span) -> (usize, usize) {
    (span.start.line(), span.start.col() + 1)
}

/// The number of nodes of a value.
fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|e| size(&e.1)).sum::<usize>(),
        _ => 1,
    }
}

impl<'a> Loader<'a> {
    fn event(&mut self, event: Event<'a>, span: Span) -> Result<(), Error> {
        let (line, column) = place(&span);
        match event {
            Event::DocumentStart(_) => {
                self.current = Document { start_line: line, ..Document::default() };
                self.anchors.clear();
                self.path.clear();
                self.nodes = 0;
            }
            Event::DocumentEnd => {
                self.current.value = self.root.take().unwrap_or_default();
                self.documents.push(std::mem::take(&mut self.current));
            }
            Event::SequenceStart(anchor, _) => {
                return self.open(Kind::List(Vec::new()), anchor, &span);
            }
            Event::MappingStart(anchor, _) => {
                let kind = Kind::Map { entries: Vec::new(), seen: BTreeSet::new(), key: None };
                return self.open(kind, anchor, &span);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.frames.pop() else { return Ok(()) };
                self.path.truncate(frame.path);
                let value = match frame.kind {
                    Kind::List(items) => Value::from_items(items),
                    Kind::Map { entries, .. } => Value::from_entries(entries),
                };
                self.anchor(frame.anchor, &value);
                return self.add(Node { value, plain: None, span });
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.begin(&span);
                let mut value = scalar(&text, style, tag.as_deref()).map_err(|e| at(line, column, e))?;
                if self.core
                    && value.as_bool().is_some()
                    && !matches!(text.as_bytes().first(), Some(b't' | b'T' | b'f' | b'F'))
                {
                    value = Value::from(&*text);
                }
                self.anchor(anchor, &value);
                let plain = (style == ScalarStyle::Plain).then_some(text);
                return self.add(Node { value, plain, span });
            }
            Event::Alias(id) => {
                self.begin(&span);
                let Some((value, size)) = self.anchors.get(&id).cloned() else {
                    let name = message::alias_name(self.text, line, span.start.col());
                    return Err(at(line, column, format!("anchor '{name}' value contains itself")));
                };
                self.nodes += size;
                if self.nodes > limits::NODES {
                    return Err(at(line, column, "document contains excessive aliasing"));
                }
                return self.add(Node { value, plain: None, span });
            }
            _ => {}
        }
        Ok(())
    }
    fn anchor(&mut self, anchor: usize, value: &Value) {
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), size(value)));
        }
    }
    /// Notes the place of a list's item that begins here.
    fn begin(&mut self, span: &Span) {
        if let Some(Frame { kind: Kind::List(items), path, .. }) = self.frames.last() {
            let length = items.len();
            self.path.truncate(*path);
            self.path.push_str(&format!("[{length}]"));
            self.remember(span);
        }
    }
    fn remember(&mut self, span: &Span) {
        if self.path.len() <= PATH_BYTES {
            self.current.spans.0.insert(self.path.clone(), place(span));
        }
    }
    fn open(&mut self, kind: Kind, anchor: usize, span: &Span) -> Result<(), Error> {
        self.begin(span);
        if self.frames.len() >= limits::DEPTH {
            let (line, column) = place(span);
            return Err(at(line, column, format!("exceeded max depth of {}", limits::DEPTH)));
        }
        self.frames.push(Frame { kind, anchor, path: self.path.len() });
        Ok(())
    }
    fn add(&mut self, node: Node<'a>) -> Result<(), Error> {
        let (line, column) = place(&node.span);
        self.nodes += 1;
        if self.nodes > limits::NODES {
            return Err(at(line, column, "document has too many values"));
        }
        if let Value::Float(f) = node.value
            && !f.is_finite()
        {
            let name = if f.is_nan() {
                "NaN"
            } else if f > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(at(line, column, format!("json: unsupported value: {name}")));
        }
        let Some(Frame { kind, path, .. }) = self.frames.last_mut() else {
            self.root = Some(node.value);
            return Ok(());
        };
        let path = *path;
        match kind {
            Kind::List(items) => items.push(node.value),
            Kind::Map { entries, key: slot @ Some(_), .. } => match slot.take() {
                Some(Key::Name(key)) => entries.push((key, node.value)),
                Some(Key::Null) => {
                    let value = go_syntax(&node.value);
                    let what = format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {value}");
                    return Err(at(line, column, what));
                }
                _ => merge(entries, &node.value).map_err(|e| at(line, column, e))?,
            },
            Kind::Map { seen, key: slot, .. } => {
                if node.plain.as_deref() == Some("<<") {
                    *slot = Some(Key::Merge);
                    return Ok(());
                }
                if node.value.is_null() {
                    if node.plain.is_none_or(|text| text.is_empty()) {
                        let told_line = line - 1;
                        let message = "did not find expected key".into();
                        return Err(Error { line, column, told_line, message });
                    }
                    *slot = Some(Key::Null);
                    return Ok(());
                }
                let key = key_of(&node.value).map_err(|e| at(line, column, e))?;
                *slot = Some(Key::Name(key));
                let repeated = !seen.insert(key);
                self.path.truncate(path);
                if path > 0 {
                    self.path.push('.');
                }
                self.path.push_str(key.text());
                if repeated && self.path.len() <= PATH_BYTES {
                    let duplicate = Duplicate { key: key.text().into(), path: self.path.clone(), line };
                    self.current.duplicates.push(duplicate);
                }
                self.remember(&node.span);
            }
        }
        Ok(())
    }
}

/// `<<`: the entries of a map, or of several of which the first wins. Keys further down in the text
/// win over these, keys further up do not.
fn merge(entries: &mut Vec<(Sym, Value)>, value: &Value) -> Result<(), String> {
    const WRONG: &str = "map merge requires map or sequence of maps as the value";
    match value {
        Value::Map(merged) => entries.extend(merged.iter().cloned()),
        Value::List(maps) => {
            for map in maps.iter().rev() {
                let Value::Map(merged) = map else { return Err(WRONG.into()) };
                entries.extend(merged.iter().cloned());
            }
        }
        _ => return Err(WRONG.into()),
    }
    Ok(())
}

/// A key as JSON has it: numbers and booleans become text.
fn key_of(value: &Value) -> Result<Sym, String> {
    match value {
        Value::Str(s) => Ok(Sym::new(s)),
        Value::Int(n) => Ok(n.to_string().into()),
        Value::Float(f) => Ok(resolve::go_g(f64::from(*f as f32)).into()),
        Value::Bool(b) => Ok(b.to_string().into()),
        _ => Err(format!("invalid map key: {}", go_syntax(value))),
    }
}

/// A value as Go's `%#v` prints it.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}:{}", crate::quote::go(key.text()), go_syntax(value)))
                .collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
        Value::Str(s) => crate::quote::go(s),
        _ => crate::json::to_string(value),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let core = tag.and_then(|tag| match tag.suffix.strip_prefix("tag:yaml.org,2002:") {
        Some(name) => Some(name),
        None => tag.is_yaml_core_schema().then_some(tag.suffix.as_str()),
    });
    match core {
        Some("str") => Ok(text.into()),
        Some("binary") => {
            let bytes = crate::hash::base64_decode(text)
                .map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
            Ok(String::from_utf8_lossy(&bytes).into_owned().into())
        }
        Some(name @ ("int" | "float" | "bool" | "null")) => {
            let value = resolve::plain(text);
            let is = match &value {
                Value::Int(_) => "int",
                Value::Float(_) => "float",
                Value::Bool(_) => "bool",
                Value::Null => "null",
                _ => "str",
            };
            if is == name || (name == "float" && is == "int") {
                return Ok(value);
            }
            Err(format!("cannot decode !!{is} `{text}` as a !!{name}"))
        }
        _ if style != ScalarStyle::Plain => Ok(text.into()),
        // A lone `!` says that the scalar is what it looks like: text.
        _ if tag.is_some_and(|tag| core.is_none() && tag.suffix.is_empty()) => Ok(text.into()),
        _ => Ok(resolve::plain(text)),
    }
}
