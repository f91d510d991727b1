//! The messages of Kubernetes v1.33 as protocol buffers, read from `table.txt`: `=core.v1.Pod v1` begins
//! a message (with the apiVersion of a kind), ` 1 replicas *i` is a field: its number, its name in JSON,
//! how Go holds it, and its type.
//!
//! How Go holds it: `*` a pointer left out of JSON when nil, `&` one that is null then, `?` a value left
//! out when zero, `!` one always there, `~` a struct whose fields stand in the outer one in JSON though
//! protocol buffers nest it. Types: `s`tring, `i`nt32, `l`ong, `b`ool, `y` bytes, `t`ime, `u` MicroTime,
//! `q`uantity, `x` IntOrString, `r`aw JSON, `@` message, `[` list, `{` map of strings, `w` a list that is
//! a message of its own.

use drydock_machinery::sym::Sym;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    Str,
    Int32,
    Int64,
    Bool,
    Bytes,
    Time,
    MicroTime,
    Quantity,
    IntOrString,
    Raw,
    /// Number of a message: [`Table::message`].
    Message(usize),
    List(Box<Ty>),
    Map(Box<Ty>),
    Wrapped(Box<Ty>),
}

/// How Go holds a field; see the module's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Pointer,
    NullPointer,
    Value,
    Always,
    Inline,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub number: u32,
    /// Its name in JSON.
    pub json: Sym,
    pub holds: Holds,
    pub ty: Ty,
}

#[derive(Clone, Debug)]
pub struct Message {
    /// `core.v1.Pod`
    pub name: &'static str,
    pub fields: Vec<Field>,
}

impl Message {
    /// `Pod`
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

#[derive(Debug, Default)]
pub struct Table {
    messages: Vec<Message>,
    /// By apiVersion and kind.
    kinds: BTreeMap<(&'static str, &'static str), usize>,
    names: BTreeMap<&'static str, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| parse(include_str!("table.txt")));

/// The messages of Kubernetes v1.33.
pub fn builtin() -> &'static Table {
    &TABLE
}

impl Table {
    pub fn message(&self, at: usize) -> Option<&Message> {
        self.messages.get(at)
    }
    pub fn by_name(&self, name: &str) -> Option<&Message> {
        self.message(*self.names.get(name)?)
    }
    /// The message of a kind. Options are kinds of every group.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Message> {
        if kind == "DeleteOptions" {
            return self.by_name("meta.v1.DeleteOptions");
        }
        self.message(*self.kinds.get(&(api_version, kind))?)
    }
}

fn parse(text: &'static str) -> Table {
    let mut table = Table::default();
    for head in text.lines().filter_map(|line| line.strip_prefix('=')) {
        let (name, api_version) = head.split_once(' ').unwrap_or((head, ""));
        let message = Message { name, fields: Vec::new() };
        if !api_version.is_empty() {
            table.kinds.insert((api_version, message.short_name()), table.messages.len());
        }
        table.names.insert(name, table.messages.len());
        table.messages.push(message);
    }
    let mut messages = table.messages.iter_mut();
    let mut current = None;
    for line in text.lines() {
        if line.starts_with('=') {
            current = messages.next();
        } else if let Some(message) = &mut current {
            let package = message.name.rsplit_once('.').map_or("", |(package, _)| package);
            message.fields.extend(field(line, package, &table.names));
        }
    }
    table
}

fn field(line: &'static str, package: &str, names: &BTreeMap<&'static str, usize>) -> Option<Field> {
    let mut words = line.split_ascii_whitespace();
    let (number, json, code) = (words.next()?, words.next()?, words.next()?);
    let (mark, code) = code.split_at_checked(1)?;
    let holds = match mark {
        "*" => Holds::Pointer,
        "&" => Holds::NullPointer,
        "?" => Holds::Value,
        "!" => Holds::Always,
        "~" => Holds::Inline,
        _ => return None,
    };
    Some(Field { number: number.parse().ok()?, json: Sym::new(json), holds, ty: ty(code, package, names)? })
}

fn ty(code: &str, package: &str, names: &BTreeMap<&'static str, usize>) -> Option<Ty> {
    let (head, rest) = code.split_at_checked(1)?;
    let inner = || ty(rest, package, names).map(Box::new);
    Some(match head {
        "s" => Ty::Str,
        "i" => Ty::Int32,
        "l" => Ty::Int64,
        "b" => Ty::Bool,
        "y" => Ty::Bytes,
        "t" => Ty::Time,
        "u" => Ty::MicroTime,
        "q" => Ty::Quantity,
        "x" => Ty::IntOrString,
        "r" => Ty::Raw,
        "[" => Ty::List(inner()?),
        "{" => Ty::Map(inner()?),
        "w" => Ty::Wrapped(inner()?),
        "@" if rest.contains('.') => Ty::Message(*names.get(rest)?),
        "@" => Ty::Message(*names.get(format!("{package}.{rest}").as_str())?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Holds, Message, Table, Ty, builtin};
    use drydock_machinery::schema;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_of_the_table_is_understood() {
        let lines = include_str!("table.txt").lines().count();
        let table = builtin();
        let known: usize = table.messages.iter().map(|m| 1 + m.fields.len()).sum();
        assert_eq!(known, lines);
    }

    /// The names a message has in JSON, those of inlined structs among them.
    fn names(table: &Table, message: &Message, out: &mut BTreeSet<&'static str>) {
        for field in &message.fields {
            match (&field.holds, &field.ty) {
                (Holds::Inline, Ty::Message(at)) => names(table, table.message(*at).unwrap(), out),
                _ => assert!(out.insert(field.json.text()), "{}.{} twice", message.name, field.json),
            }
        }
    }

    #[test]
    fn messages_have_the_fields_of_the_schema() {
        let (table, mut compared) = (builtin(), 0);
        for message in &table.messages {
            let Some(ty) = schema::builtin().by_name(message.name) else { continue };
            let mut ours = BTreeSet::new();
            names(table, message, &mut ours);
            let fields = ty.fields.iter().map(|f| f.json);
            let theirs: BTreeSet<&str> =
                fields.filter(|f| ty.gvk.is_none() || !matches!(*f, "kind" | "apiVersion")).collect();
            ours.retain(|f| ty.gvk.is_none() || !matches!(*f, "kind" | "apiVersion"));
            assert_eq!(ours, theirs, "{}", message.name);
            compared += 1;
        }
        assert!(compared > 300, "{compared}");
    }
}
