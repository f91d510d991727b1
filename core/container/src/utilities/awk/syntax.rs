//! The syntax tree of an awk program.

use std::collections::BTreeMap;
use std::sync::Arc;

/// What `print` lists, and where it goes.
pub(super) type Printed = (Vec<Expr>, To);

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
    /// Where the line comes from, and what it goes to.
    Getline(From, Option<Box<Expr>>),
}

/// Where getline reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum From {
    Main,
    File(Box<Expr>),
    Command(Box<Expr>),
}

/// Where print goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum To {
    Out,
    /// Added to or not.
    File(bool, Expr),
    Pipe(Expr),
}

/// A function of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    pub parameters: Vec<Arc<str>>,
    pub body: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    Block(Vec<Statement>),
    Expr(Expr),
    Print(Vec<Expr>, To),
    Printf(Vec<Expr>, To),
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
    Return(Option<Expr>),
    NextFile,
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
    pub functions: BTreeMap<Arc<str>, Function>,
    /// It uses getline, system or close.
    pub asks: bool,
}
