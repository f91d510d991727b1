//! A sed script: commands with their addresses.

use regex_lite::Regex;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[derive(Clone)]
pub(super) struct Pattern {
    pub(super) source: Arc<str>,
    pub(super) regex: Regex,
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
    }
}

#[derive(Clone, Hash)]
pub(super) enum Address {
    Line(u64),
    Last,
    /// first~step
    Step(u64, u64),
    Match(Option<Pattern>),
    /// `+n`, only as a second address.
    More(u64),
}

#[derive(Clone, Hash)]
pub(super) enum Piece {
    Text(Arc<str>),
    Group(usize),
    /// \U \L \u \l \E
    Case(char),
}

#[derive(Clone, Hash)]
pub(super) enum Act {
    Substitute {
        pattern: Option<Pattern>,
        with: Vec<Piece>,
        all: bool,
        nth: usize,
        print: bool,
        file: Option<Arc<str>>,
    },
    Translate(Vec<char>, Vec<char>),
    Text(char, Arc<str>),
    /// Jumps to a label's index; none is the end.
    Jump(char, Option<Arc<str>>),
    Label(Arc<str>),
    Read(Arc<str>),
    Write(Arc<str>),
    Quit(char, i32),
    Open(usize),
    Close,
    Plain(char),
}

#[derive(Clone, Hash)]
pub(super) struct Command {
    pub(super) first: Option<Address>,
    pub(super) second: Option<Address>,
    pub(super) negated: bool,
    pub(super) act: Act,
}
