//! The syntax tree, which can print itself: errors quote the part they are about.

use crate::Value;

/// One template: its nodes and the text they stand in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tree {
    /// The file it stands in.
    pub file: String,
    pub text: String,
    pub nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Branch),
    Range(Branch),
    With(Branch),
    Template { at: usize, name: String, pipe: Option<Pipe> },
    Break,
    Continue,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    pub pipe: Pipe,
    pub body: Vec<Node>,
    pub otherwise: Vec<Node>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pipe {
    pub at: usize,
    /// Names with their `$`.
    pub declares: Vec<String>,
    pub assigns: bool,
    pub commands: Vec<Vec<Term>>,
}

/// An operand with its place in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub at: usize,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Dot,
    Nil,
    /// The value and how it was written.
    Constant(Value, String),
    Field(Vec<String>),
    /// The name with its `$`, then fields.
    Variable(String, Vec<String>),
    Function(String),
    Chain(Box<Term>, Vec<String>),
    Pipe(Pipe),
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fields = |f: &mut std::fmt::Formatter<'_>, names: &[String]| {
            names.iter().try_for_each(|name| write!(f, ".{name}"))
        };
        match &self.kind {
            Kind::Dot => f.write_str("."),
            Kind::Nil => f.write_str("nil"),
            Kind::Constant(_, text) => f.write_str(text),
            Kind::Field(names) => fields(f, names),
            Kind::Variable(name, names) => {
                f.write_str(name)?;
                fields(f, names)
            }
            Kind::Function(name) => f.write_str(name),
            Kind::Chain(inner, names) => {
                match &inner.kind {
                    Kind::Pipe(pipe) => write!(f, "({pipe})")?,
                    _ => write!(f, "{inner}")?,
                }
                fields(f, names)
            }
            Kind::Pipe(pipe) => write!(f, "({pipe})"),
        }
    }
}

impl std::fmt::Display for Pipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.declares.is_empty() {
            write!(f, "{} {} ", self.declares.join(", "), if self.assigns { "=" } else { ":=" })?;
        }
        for (at, command) in self.commands.iter().enumerate() {
            let terms: Vec<String> = command.iter().map(ToString::to_string).collect();
            write!(f, "{}{}", if at > 0 { " | " } else { "" }, terms.join(" "))?;
        }
        Ok(())
    }
}
