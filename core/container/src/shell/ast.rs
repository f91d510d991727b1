//! The syntax tree of a shell script: POSIX's grammar (XCU 2.10) with bash's arrays, `[[ ]]`, `(( ))`
//! and parameter operators. Plain shared data: a running shell's frames point into it.

use std::sync::Arc;

/// A list of commands.
pub type Script = Arc<[Item]>;

/// An and-or list and how it ended: `;` or newline, or `&`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    pub chain: Arc<[Link]>,
    pub background: bool,
    /// The source text, for `jobs` and `history`.
    pub text: Arc<str>,
}

/// When a pipeline of an and-or list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    Always,
    /// After `&&`.
    And,
    /// After `||`.
    Or,
}

/// One pipeline of an and-or list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    pub join: Join,
    pub negated: bool,
    pub timed: bool,
    /// `time -p`
    pub posix_times: bool,
    /// At least one; each `|` stage is a process of its own.
    pub stages: Arc<[Arc<Command>]>,
    pub text: Arc<str>,
}

/// A command with its redirections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    pub kind: Kind,
    pub redirects: Vec<Redirect>,
    /// Line of the script, from 1.
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Simple {
        assigns: Vec<Assign>,
        words: Vec<Word>,
    },
    Group(Script),
    Subshell(Script),
    If {
        /// Condition and body of `if` and each `elif`.
        arms: Vec<(Script, Script)>,
        otherwise: Option<Script>,
    },
    Loop {
        until: bool,
        condition: Script,
        body: Script,
    },
    /// `for name in words`; without `in`, the positional parameters.
    For {
        name: Arc<str>,
        words: Option<Vec<Word>>,
        body: Script,
    },
    /// `for ((init; condition; step))`.
    ForArith {
        parts: [Word; 3],
        body: Script,
    },
    Case {
        word: Word,
        arms: Vec<Arm>,
    },
    Function {
        name: Arc<str>,
        body: Arc<Command>,
        /// The body as written.
        text: Arc<str>,
    },
    /// `[[ … ]]`.
    Test(Test),
    /// `(( … ))`.
    Arith(Word),
}

/// One `pattern) list ;;` of a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arm {
    pub patterns: Vec<Word>,
    pub body: Script,
    pub end: ArmEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArmEnd {
    /// `;;`
    Break,
    /// `;&`: goes on with the next body.
    Fall,
    /// `;;&`: goes on testing patterns.
    Test,
}

/// The expression of `[[ … ]]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    /// `-f word` and the like.
    Unary(char, Word),
    /// `a == b`, `a -lt b`, `a =~ re`.
    Binary(Word, Arc<str>, Word),
    /// A word alone: not empty.
    Word(Word),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RedirectKind {
    Read,
    Write,
    Append,
    /// `>|`
    Clobber,
    ReadWrite,
    /// `<&` and `>&`
    Duplicate,
    /// `&>` and `&>>`
    Both {
        append: bool,
    },
    /// `<<` and `<<-`; the target is the body.
    Here,
    /// `<<<`
    HereString,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redirect {
    pub fd: Option<u32>,
    /// `{name}>`
    pub var: Option<Arc<str>>,
    pub kind: RedirectKind,
    pub target: Word,
    /// The target as written.
    pub text: Arc<str>,
    /// A here-document's body as written.
    pub body: Arc<str>,
}

/// `name=value`, `name+=value`, `name[index]=value`, `name=(…)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assign {
    /// As written, for `set -x`.
    pub text: Arc<str>,
    pub name: Arc<str>,
    pub index: Option<Word>,
    pub append: bool,
    pub value: AssignValue,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AssignValue {
    Word(Word),
    Array(Vec<(Option<Word>, Word)>),
}

/// A word before expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word(pub Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Unquoted text: pathname patterns and tilde work in it.
    Text(Arc<str>),
    /// Text in single quotes or after a backslash.
    Quoted(Arc<str>),
    /// `"…"`
    Double(Vec<Part>),
    Param(Box<Param>),
    /// `$(…)` and backquotes.
    Command(Script),
    /// `$((…))`
    Arith(Word),
    /// `<(…)` (true) and `>(…)`.
    Process(bool, Script),
}

/// `$name` or `${…}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Param {
    pub name: Arc<str>,
    /// `[…]`; `@` and `*` mean all.
    pub index: Option<Word>,
    /// `${!name}`
    pub indirect: bool,
    pub op: Op,
    /// The text as written, for "bad substitution".
    pub text: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    None,
    /// `${#name}`
    Length,
    /// `-` `=` `?` `+`, with `colon` also for empty values.
    Check {
        what: char,
        colon: bool,
        word: Word,
    },
    /// `#` `##` (front) and `%` `%%`.
    Trim {
        front: bool,
        longest: bool,
        pattern: Word,
    },
    /// `/` `//` `/#` `/%`
    Replace {
        mode: char,
        pattern: Word,
        with: Word,
    },
    /// `:offset:length`
    Slice {
        offset: Word,
        length: Option<Word>,
    },
    /// `^` `^^` `,` `,,` `~` `~~`
    Case {
        /// The operator's character.
        to: char,
        all: bool,
        pattern: Word,
    },
    /// `${!name[@]}`
    Keys,
    /// `${!prefix*}`
    Names,
    /// `${name@Q}` and the like.
    Transform(char),
    /// Not a substitution at all; found out when it is expanded.
    Bad,
}

impl Word {
    #[must_use]
    pub fn text(text: &str) -> Word {
        Word(vec![Part::Text(text.into())])
    }
    /// The text of a word without any quoting or expansion in it.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Text(text)] => Some(text),
            [] => Some(""),
            _ => None,
        }
    }
}
