//! The Common Expression Language, as rules of schemas and match conditions use it
//! (`cel-go` with `k8s.io/apiserver/pkg/cel/library`, v1.33): reading an expression (`parse.rs`), judging its
//! types (`check.rs`), evaluating it (`run.rs`) with the language's and Kubernetes' own functions
//! (`library.rs`, `net.rs`).
//!
//! Left out: message construction, namespaces, bytes, comprehensions of two variables, the estimated cost.

pub(crate) mod check;
mod library;
mod net;
mod parse;
pub(crate) mod run;
mod signatures;
pub(crate) mod types;
pub(crate) mod worth;

use drydock_machinery::Value;
pub(crate) use parse::parse;

/// A read expression and where it stands: at its operator, as messages point to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub at: usize,
    pub node: Node,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Literal(Value),
    Name(String),
    /// A field; with `?` one that may be missing.
    Member(Box<Expr>, String, bool),
    Index(Box<Expr>, Box<Expr>, bool),
    /// A function, with its receiver if it is a method.
    Call(String, Option<Box<Expr>>, Vec<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
}

/// Macros that ask something of each item.
pub(crate) const COMPREHENSIONS: &[&str] = &["all", "exists", "exists_one", "existsOne", "map", "filter"];
/// Functions that live in a namespace: `optional.of(x)` is no method of a variable.
const NAMESPACES: &[&str] = &["optional", "sets", "format", "ip", "strings"];

impl Expr {
    /// `sets.contains(a, b)`: the function's whole name, if this is one of a namespace.
    pub(crate) fn qualified(&self) -> Option<String> {
        let Node::Call(name, Some(receiver), _) = &self.node else { return None };
        let Node::Name(space) = &receiver.node else { return None };
        NAMESPACES.contains(&space.as_str()).then(|| format!("{space}.{name}"))
    }
    /// Whether the expression speaks of a name.
    pub(crate) fn mentions(&self, wanted: &str) -> bool {
        let any = |list: &[Expr]| list.iter().any(|e| e.mentions(wanted));
        match &self.node {
            Node::Literal(_) => false,
            Node::Name(name) => name == wanted,
            Node::Member(inner, ..) | Node::Not(inner) | Node::Negate(inner) => inner.mentions(wanted),
            Node::Index(a, b, _) | Node::Binary(_, a, b) => a.mentions(wanted) || b.mentions(wanted),
            Node::Call(_, receiver, list) => {
                receiver.as_ref().is_some_and(|r| r.mentions(wanted)) || any(list)
            }
            Node::Choice(a, b, c) => a.mentions(wanted) || b.mentions(wanted) || c.mentions(wanted),
            Node::List(list) => any(list),
            Node::Map(entries) => entries.iter().any(|(k, v)| k.mentions(wanted) || v.mentions(wanted)),
        }
    }
}

/// A problem and where it is: `ERROR: <input>:1:5: undefined field 'x'` with the line and a pointer below.
pub(crate) fn located(text: &str, at: usize, what: &str) -> String {
    let before = text.get(..at).unwrap_or(text);
    let number = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count();
    let line = text.lines().nth(number - 1).unwrap_or("").replace('\t', " ");
    format!("ERROR: <input>:{number}:{}: {what}\n | {line}\n | {}^", column + 1, ".".repeat(column))
}
