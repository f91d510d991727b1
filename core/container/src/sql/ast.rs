//! SQL's syntax tree, for both dialects.

use super::datum::Datum;
use super::types::Type;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A place in the source: no part of what an expression is.
#[derive(Clone, Copy, Debug, Default)]
pub struct At(pub usize);
impl PartialEq for At {
    fn eq(&self, _: &At) -> bool {
        true
    }
}
impl Eq for At {}
impl Hash for At {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub text: Arc<str>,
    pub at: At,
}

/// `name` or `schema.name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    pub schema: Option<Arc<str>>,
    pub name: Arc<str>,
    pub at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Or,
    Xor,
    And,
    Equal,
    /// `<=>`, `IS NOT DISTINCT FROM`.
    Same,
    Differs,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Plus,
    Minus,
    Times,
    Divide,
    /// MySQL's DIV.
    Whole,
    Modulo,
    Power,
    Concat,
    BitAnd,
    BitOr,
    ShiftLeft,
    ShiftRight,
    /// `->` and `->>` of JSON.
    Arrow,
    ArrowText,
}

impl Op {
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Op::Or => "or",
            Op::Xor => "xor",
            Op::And => "and",
            Op::Equal => "=",
            Op::Same => "<=>",
            Op::Differs => "<>",
            Op::Less => "<",
            Op::LessEqual => "<=",
            Op::Greater => ">",
            Op::GreaterEqual => ">=",
            Op::Plus => "+",
            Op::Minus => "-",
            Op::Times => "*",
            Op::Divide => "/",
            Op::Whole => "DIV",
            Op::Modulo => "%",
            Op::Power => "^",
            Op::Concat => "||",
            Op::BitAnd => "&",
            Op::BitOr => "|",
            Op::ShiftLeft => "<<",
            Op::ShiftRight => ">>",
            Op::Arrow => "->",
            Op::ArrowText => "->>",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    Literal(Datum),
    Column {
        table: Option<Arc<str>>,
        name: Arc<str>,
        at: At,
    },
    /// A column of the row at hand, after names were looked up.
    Slot(usize),
    /// The result of an aggregate of the group at hand.
    Aggregate(usize),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>, At),
    Call {
        name: Arc<str>,
        args: Vec<Expr>,
        star: bool,
        distinct: bool,
        at: At,
    },
    In {
        value: Box<Expr>,
        list: Vec<Expr>,
        not: bool,
    },
    InQuery {
        value: Box<Expr>,
        query: Box<Query>,
        not: bool,
    },
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        not: bool,
    },
    Like {
        value: Box<Expr>,
        pattern: Box<Expr>,
        not: bool,
        any_case: bool,
    },
    /// REGEXP, RLIKE, `~`, `~*`.
    Matches {
        value: Box<Expr>,
        pattern: Box<Expr>,
        not: bool,
        any_case: bool,
    },
    IsNull {
        value: Box<Expr>,
        not: bool,
    },
    /// IS TRUE, IS FALSE.
    IsTruth {
        value: Box<Expr>,
        truth: bool,
        not: bool,
    },
    Case {
        value: Option<Box<Expr>>,
        arms: Vec<(Expr, Expr)>,
        other: Option<Box<Expr>>,
    },
    Cast {
        value: Box<Expr>,
        to: Type,
    },
    Query(Box<Query>),
    Exists(Box<Query>),
    /// `@x`, `@@x`.
    Variable(Arc<str>),
    /// MySQL's `INTERVAL 1 DAY`.
    Interval {
        value: Box<Expr>,
        unit: Arc<str>,
    },
    /// DEFAULT in VALUES and SET.
    Default,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// `*` or `t.*`.
    All(Option<Name>),
    Value {
        value: Expr,
        alias: Option<Arc<str>>,
        source: Arc<str>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    Inner,
    Left,
    Right,
    Full,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Table(Path),
    Query(Box<Query>),
    /// A function that gives rows: generate_series.
    Call {
        name: Arc<str>,
        args: Vec<Expr>,
        at: At,
    },
    /// VALUES lists.
    Values(Vec<Vec<Expr>>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct From {
    pub source: Source,
    pub alias: Option<Arc<str>>,
    pub columns: Vec<Arc<str>>,
    /// How it joins what stands before it.
    pub join: Join,
    pub on: Option<Expr>,
    pub using: Vec<Arc<str>>,
    pub natural: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    pub value: Expr,
    pub descending: bool,
    /// NULLS FIRST (true), NULLS LAST.
    pub nulls: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query {
    pub with: Vec<(Arc<str>, Vec<Arc<str>>, Query)>,
    pub distinct: bool,
    pub items: Vec<Item>,
    pub from: Vec<From>,
    pub filter: Option<Expr>,
    pub group: Vec<Expr>,
    pub having: Option<Expr>,
    pub order: Vec<Order>,
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
    /// UNION (all), INTERSECT, EXCEPT with what stands after it.
    pub more: Vec<(SetOp, bool, Query)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetOp {
    Union,
    Intersect,
    Except,
}

/// Where a column's value comes from when none is given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnDef {
    pub name: Arc<str>,
    pub kind: Type,
    pub nullable: bool,
    pub default: Option<Expr>,
    /// The default as written.
    pub default_text: Arc<str>,
    /// AUTO_INCREMENT, SERIAL, IDENTITY.
    pub auto: bool,
    /// GENERATED … AS IDENTITY.
    pub identity: bool,
    /// ON UPDATE CURRENT_TIMESTAMP.
    pub touched: bool,
    pub comment: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    Primary,
    Unique,
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// "" until the table names it.
    pub name: Arc<str>,
    pub kind: KeyKind,
    pub columns: Vec<Arc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnDelete {
    Restrict,
    Cascade,
    SetNull,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Foreign {
    pub name: Arc<str>,
    pub columns: Vec<Arc<str>>,
    pub table: Arc<str>,
    pub targets: Vec<Arc<str>>,
    pub on_delete: OnDelete,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    pub name: Arc<str>,
    pub value: Expr,
    pub source: Arc<str>,
}

/// What stands between the parentheses of CREATE TABLE.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    pub columns: Vec<ColumnDef>,
    pub keys: Vec<Key>,
    pub foreign: Vec<Foreign>,
    pub checks: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alter {
    Add(Box<Shape>, Option<Option<Arc<str>>>, bool),
    AddShape(Box<Shape>),
    Drop {
        name: Arc<str>,
        if_exists: bool,
    },
    DropKey(Arc<str>),
    DropPrimary,
    /// MODIFY and CHANGE: the old name and what it becomes.
    Change(Arc<str>, Box<Shape>),
    Type(Arc<str>, Type),
    Default(Arc<str>, Option<(Expr, Arc<str>)>),
    Nullable(Arc<str>, bool),
    RenameColumn(Arc<str>, Arc<str>),
    Rename(Path),
    Owner(Arc<str>),
    Counter(i64),
    /// ENGINE, CHARSET and what else has no effect.
    Nothing,
}

/// What to do about a row whose key is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clash {
    Fail,
    /// INSERT IGNORE, ON CONFLICT DO NOTHING.
    Skip,
    Replace,
    Update {
        sets: Vec<(Name, Expr)>,
        filter: Option<Expr>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    pub table: Path,
    pub columns: Vec<Name>,
    pub rows: Rows,
    pub clash: Clash,
    pub returning: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    Values(Vec<Vec<Expr>>),
    Query(Box<Query>),
    /// DEFAULT VALUES.
    Default,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub table: Path,
    pub alias: Option<Arc<str>>,
    /// Empty for DELETE.
    pub sets: Vec<(Name, Expr)>,
    pub filter: Option<Expr>,
    pub order: Vec<Order>,
    pub limit: Option<Expr>,
    pub returning: Vec<Item>,
}

/// A user as MySQL names one; PostgreSQL's roles have no host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    pub name: Arc<str>,
    pub host: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    Select(Box<Query>),
    Insert(Box<Insert>),
    Update(Box<Change>),
    Delete(Box<Change>),
    CreateTable {
        name: Path,
        if_not_exists: bool,
        shape: Box<Shape>,
        from: Option<Box<Query>>,
        like: Option<Path>,
    },
    CreateView {
        name: Path,
        replace: bool,
        query: Box<Query>,
        source: Arc<str>,
    },
    DropTable {
        names: Vec<Path>,
        if_exists: bool,
        view: bool,
        cascade: bool,
    },
    Alter {
        table: Path,
        changes: Vec<Alter>,
    },
    CreateIndex {
        name: Option<Arc<str>>,
        unique: bool,
        table: Path,
        columns: Vec<Arc<str>>,
        if_not_exists: bool,
    },
    DropIndex {
        name: Arc<str>,
        table: Option<Path>,
        if_exists: bool,
    },
    Truncate(Vec<Path>),
    CreateDatabase {
        name: Arc<str>,
        if_not_exists: bool,
        owner: Option<Arc<str>>,
    },
    DropDatabase {
        name: Arc<str>,
        if_exists: bool,
    },
    CreateSchema {
        name: Arc<str>,
        if_not_exists: bool,
    },
    DropSchema {
        name: Arc<str>,
        if_exists: bool,
    },
    Use(Arc<str>),
    /// What after SHOW, lower case, and its LIKE pattern or table.
    Show {
        what: String,
        like: Option<String>,
        table: Option<Path>,
    },
    Describe(Path),
    Explain(Box<Statement>, bool),
    Set(Vec<(Arc<str>, Expr)>),
    Begin,
    Commit,
    Rollback,
    /// SAVEPOINT, ROLLBACK TO, RELEASE.
    Savepoint(Arc<str>),
    RollbackTo(Arc<str>),
    Release(Arc<str>),
    CreateUser {
        accounts: Vec<(Account, Option<String>)>,
        if_not_exists: bool,
        options: Vec<String>,
        role: bool,
    },
    AlterUser {
        accounts: Vec<(Account, Option<String>)>,
        options: Vec<String>,
    },
    DropUser {
        accounts: Vec<Account>,
        if_exists: bool,
        role: bool,
    },
    /// Privileges, what on, to or from whom; `give` false for REVOKE.
    Grant {
        rights: Vec<String>,
        on: (Option<Arc<str>>, Option<Arc<str>>),
        to: Vec<Account>,
        give: bool,
        option: bool,
    },
    /// Accepted without effect: the tag PostgreSQL says.
    Nothing(&'static str),
}
