//! The syntax tree of an awk program.

use std::sync::Arc;

/// What `print` lists, and the file it goes to: whether it is appended to, and its name.
pub(super) type Printed = (Vec<Expr>, Option<(bool, Expr)>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    Number(Arc<str>),
    Text(Arc<str>),
    Regex(Arc<str>),
    Var(Arc<str>),
    Field(Box<Expr>),
    Item(Arc<str>, Vec<Expr>),
    In(Vec<Expr>, Arc<str>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    /// text ~ pattern; true for `!~`.
    Match(Box<Expr>, Box<Expr>, bool),
    Join(Box<Expr>, Box<Expr>),
    Assign(Arc<str>, Box<Expr>, Box<Expr>),
    /// `++` and `--`; true in front.
    Step(Box<Expr>, i8, bool),
    Binary(Arc<str>, Box<Expr>, Box<Expr>),
    Call(Arc<str>, Vec<Expr>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    Block(Vec<Statement>),
    Expr(Expr),
    /// Values and where to: append or not, and the file.
    Print(Vec<Expr>, Option<(bool, Expr)>),
    Printf(Vec<Expr>, Option<(bool, Expr)>),
    If(Expr, Box<Statement>, Option<Box<Statement>>),
    While(Expr, Box<Statement>),
    Do(Box<Statement>, Expr),
    For(Option<Box<Statement>>, Option<Expr>, Option<Box<Statement>>, Box<Statement>),
    ForIn(Arc<str>, Arc<str>, Box<Statement>),
    Delete(Arc<str>, Vec<Expr>),
    Next,
    Break,
    Continue,
    Exit(Option<Expr>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// `BEGIN`, `END` or nothing.
    pub when: &'static str,
    pub pattern: Option<Expr>,
    pub until: Option<Expr>,
    pub body: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Program {
    pub rules: Vec<Rule>,
}
