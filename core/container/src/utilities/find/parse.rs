//! find's expressions: tests, actions and operators, with the complaints of findutils.

use crate::path::{EXECUTE, READ, WRITE};
use crate::sys::Sys;
use crate::utilities::regex;
use std::sync::Arc;

/// `+n`, `-n`, `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum When {
    More,
    Less,
    Same,
}

/// What `-exec` and `-execdir` run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub words: Vec<Arc<str>>,
    /// `+` instead of `;`.
    pub batch: bool,
    /// In the file's folder.
    pub inside: bool,
}

#[derive(Clone, Debug, Hash)]
pub(super) enum Test {
    /// Pattern, and whether case counts not.
    Name(Arc<str>, bool),
    Path(Arc<str>, bool),
    LinkName(Arc<str>),
    /// In the library's syntax, and whether case counts not.
    Regex(Arc<str>, bool),
    Kind(Vec<char>),
    /// Count and unit in bytes.
    Size(When, u64, u64),
    /// Count and unit in seconds.
    Age(When, u64, i64),
    Newer(i64),
    Empty,
    Perm(char, u16),
    User(u32),
    Group(u32),
    NoUser,
    Links(When, u64),
    Inode(When, u64),
    SameFile(u32, u64),
    May(u16),
    True(bool),
    Print(&'static str),
    PrintTo(Arc<str>),
    Format(Arc<str>),
    List,
    Delete,
    Exec(Run),
    Prune,
    Quit,
    Not(Box<Test>),
    And(Vec<Test>),
    Or(Vec<Test>),
}

impl Test {
    /// Whether it does something, and so must be done once only.
    pub(super) fn acts(&self) -> bool {
        use Test::{Delete, Exec, Format, List, Print, PrintTo, Prune, Quit};
        matches!(self, Print(_) | PrintTo(_) | Format(_) | List | Delete | Exec(_) | Prune | Quit)
    }
}

/// Operators within one another.
const NESTING: usize = 50;

pub(super) struct Parser<'a> {
    words: &'a [Arc<str>],
    at: usize,
    pub most: usize,
    pub least: usize,
    pub depth: bool,
    pub acts: bool,
    pub follow: bool,
    nesting: usize,
    /// `-regextype` is not emacs'.
    extended: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(words: &'a [Arc<str>]) -> Parser<'a> {
        let (most, depth, acts, follow) = (usize::MAX, false, false, false);
        Parser { words, at: 0, most, least: 0, depth, acts, follow, nesting: 0, extended: false }
    }
    /// The whole expression.
    ///
    /// # Errors
    /// findutils' complaints, without the program's name.
    pub(super) fn whole(&mut self, sys: &mut Sys<'_>) -> Result<Test, String> {
        let test = self.or(sys)?;
        if self.at < self.words.len() {
            return Err("invalid expression; you have too many ')'".into());
        }
        Ok(test)
    }
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(|w| &**w)
    }
    fn value(&mut self, name: &str) -> Result<Arc<str>, String> {
        let value = self.words.get(self.at).cloned();
        self.at += 1;
        value.ok_or_else(|| format!("missing argument to `{name}'"))
    }
    fn or(&mut self, sys: &mut Sys<'_>) -> Result<Test, String> {
        self.nesting += 1;
        if self.nesting > NESTING {
            return Err("expression is too deep".into());
        }
        let mut any = vec![self.and(sys)?];
        while let Some(name @ ("-o" | "-or" | ",")) = self.peek() {
            let name = name.to_string();
            self.at += 1;
            let right = self.operand(sys, &name)?;
            if name == "," {
                // The left side is done, whatever it says; the right side is what counts.
                let left = Test::Or(vec![Test::Or(std::mem::take(&mut any)), Test::True(true)]);
                any.push(Test::And(vec![left, right]));
            } else {
                any.push(right);
            }
        }
        self.nesting -= 1;
        Ok(Test::Or(any))
    }
    fn operand(&mut self, sys: &mut Sys<'_>, name: &str) -> Result<Test, String> {
        if matches!(self.peek(), None | Some(")")) {
            return Err(format!("expected an expression after '{name}'"));
        }
        self.and(sys)
    }
    fn and(&mut self, sys: &mut Sys<'_>) -> Result<Test, String> {
        let mut all = Vec::new();
        loop {
            match self.peek() {
                None | Some(")" | ",") => break,
                Some(name @ ("-a" | "-and" | "-o" | "-or")) if all.is_empty() => {
                    return Err(format!(
                        "invalid expression; you have used a binary operator '{name}' with nothing before it."
                    ));
                }
                Some("-o" | "-or") => break,
                Some(name @ ("-a" | "-and")) => {
                    let name = name.to_string();
                    self.at += 1;
                    if matches!(self.peek(), None | Some(")")) {
                        return Err(format!("expected an expression after '{name}'"));
                    }
                }
                Some(_) => all.push(self.primary(sys)?),
            }
        }
        Ok(Test::And(all))
    }
    fn primary(&mut self, sys: &mut Sys<'_>) -> Result<Test, String> {
        let name = self.value("")?;
        Ok(match &*name {
            "!" | "-not" => {
                if matches!(self.peek(), None | Some(")")) {
                    return Err(format!("expected an expression after '{name}'"));
                }
                self.nesting += 1;
                if self.nesting > NESTING {
                    return Err("expression is too deep".into());
                }
                let inner = self.primary(sys)?;
                self.nesting -= 1;
                Test::Not(Box::new(inner))
            }
            "(" => {
                let inner = self.or(sys)?;
                if self.peek() != Some(")") {
                    return Err(
                        "invalid expression; I was expecting to find a ')' somewhere but did not see one."
                            .into(),
                    );
                }
                self.at += 1;
                inner
            }
            "-name" | "-iname" => Test::Name(self.value(&name)?, &*name == "-iname"),
            "-path" | "-wholename" | "-ipath" | "-iwholename" => {
                Test::Path(self.value(&name)?, name.starts_with("-i"))
            }
            "-lname" => Test::LinkName(self.value(&name)?),
            "-regex" | "-iregex" => {
                let text = self.value(&name)?;
                let pattern = if self.extended { regex::extended(&text) } else { regex::emacs(&text) };
                let pattern = format!("^(?:{pattern})$");
                regex::compile(&pattern, &*name == "-iregex")
                    .map_err(|e| format!("failed to compile regular expression '{text}': {e}"))?;
                Test::Regex(pattern.into(), &*name == "-iregex")
            }
            "-regextype" => {
                self.extended = !matches!(&*self.value(&name)?, "emacs" | "findutils-default");
                Test::True(true)
            }
            "-type" | "-xtype" => {
                let kinds = self.value(&name)?;
                for kind in kinds.split(',') {
                    if kind.len() != 1 || !"fdlcbps".contains(kind) {
                        return Err(format!("Unknown argument to {name}: {kinds}"));
                    }
                }
                Test::Kind(kinds.chars().filter(|c| *c != ',').collect())
            }
            "-size" => self.size(&name)?,
            "-mtime" | "-ctime" | "-atime" => self.age(&name, 86_400)?,
            "-mmin" | "-cmin" | "-amin" => self.age(&name, 60)?,
            "-newer" | "-anewer" | "-cnewer" => {
                let file = self.value(&name)?;
                Test::Newer(sys.stat(&file).map_err(|e| format!("'{file}': {e}"))?.mtime)
            }
            "-newermt" | "-newerct" | "-newerat" => {
                let text = self.value(&name)?;
                let time = crate::utilities::date::parse(&text, sys.unix());
                Test::Newer(time.ok_or_else(|| {
                    format!("I cannot figure out how to interpret '{text}' as a date or time")
                })?)
            }
            "-samefile" => {
                let file = self.value(&name)?;
                let stat = sys.stat(&file).map_err(|e| format!("'{file}': {e}"))?;
                Test::SameFile(stat.device, stat.ino)
            }
            "-perm" => {
                let text = self.value(&name)?;
                let (kind, digits) = match text.chars().next() {
                    Some(c @ ('-' | '/')) => (c, text.get(1..).unwrap_or("")),
                    _ => ('=', &*text),
                };
                let mode = crate::utilities::chmod::parse_mode(digits, 0, 0, false);
                Test::Perm(kind, mode.ok_or_else(|| format!("invalid mode '{text}'"))?)
            }
            "-user" | "-uid" => {
                let user = self.value(&name)?;
                let id = crate::utilities::accounts::user_id(sys, &user);
                Test::User(id.ok_or_else(|| format!("'{user}' is not the name of a known user"))?)
            }
            "-group" | "-gid" => {
                let group = self.value(&name)?;
                let id = crate::utilities::accounts::group_id(sys, &group);
                Test::Group(id.ok_or_else(|| format!("'{group}' is not the name of an existing group"))?)
            }
            "-nouser" | "-nogroup" => Test::NoUser,
            "-links" => self.number(&name).map(|(when, n)| Test::Links(when, n))?,
            "-inum" => self.number(&name).map(|(when, n)| Test::Inode(when, n))?,
            "-readable" => Test::May(READ),
            "-writable" => Test::May(WRITE),
            "-executable" => Test::May(EXECUTE),
            "-empty" => Test::Empty,
            "-true" => Test::True(true),
            "-false" => Test::True(false),
            "-maxdepth" | "-mindepth" => {
                let text = self.value(&name)?;
                let depth = text.parse::<usize>().map_err(|_| {
                    format!("Expected a positive decimal integer argument to {name}, but got '{text}'")
                })?;
                *(if &*name == "-maxdepth" { &mut self.most } else { &mut self.least }) = depth;
                Test::True(true)
            }
            "-depth" | "-d" => {
                self.depth = true;
                Test::True(true)
            }
            "-follow" => {
                self.follow = true;
                Test::True(true)
            }
            "-xdev" | "-mount" | "-noleaf" | "-ignore_readdir_race" | "-daystart" | "-warn" | "-nowarn" => {
                Test::True(true)
            }
            "-prune" => Test::Prune,
            "-print" => self.action(Test::Print("\n")),
            "-print0" => self.action(Test::Print("\0")),
            "-ls" => self.action(Test::List),
            "-quit" => Test::Quit,
            "-printf" => {
                let text = self.value(&name)?;
                self.action(Test::Format(text))
            }
            "-fprint" => {
                let file = self.value(&name)?;
                sys.write_file(&file, b"", false).map_err(|e| format!("'{file}': {e}"))?;
                self.action(Test::PrintTo(file))
            }
            "-delete" => {
                self.depth = true;
                self.action(Test::Delete)
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" => self.run(&name)?,
            other if other.starts_with('-') => return Err(format!("unknown predicate `{other}'")),
            other => return Err(format!("paths must precede expression: `{other}'")),
        })
    }
    fn action(&mut self, test: Test) -> Test {
        self.acts = true;
        test
    }
    fn run(&mut self, name: &str) -> Result<Test, String> {
        let (mut words, inside) = (Vec::<Arc<str>>::new(), name.ends_with("dir"));
        loop {
            let word = self.value(name)?;
            let full = words.last().is_some_and(|w| &**w == "{}") && words.len() > 1;
            match &*word {
                ";" if words.is_empty() => return Err(format!("missing argument to `{name}'")),
                ";" => return Ok(self.action(Test::Exec(Run { words, batch: false, inside }))),
                "+" if full => {
                    words.pop();
                    return Ok(self.action(Test::Exec(Run { words, batch: true, inside })));
                }
                _ => words.push(word),
            }
        }
    }
    fn size(&mut self, name: &str) -> Result<Test, String> {
        let text = self.value(name)?;
        let (when, rest) = sign(&text);
        let wrong = || format!("invalid argument `{text}' to `{name}'");
        let (digits, unit) = match rest.char_indices().last().ok_or_else(wrong)? {
            (_, '0'..='9') => (rest, 512),
            (at, letter) => {
                let unit = match letter {
                    'c' => 1,
                    'w' => 2,
                    'b' => 512,
                    'k' => 1024,
                    'M' => 1 << 20,
                    'G' => 1 << 30,
                    _ => return Err(format!("invalid -size type `{letter}'")),
                };
                (rest.get(..at).unwrap_or(""), unit)
            }
        };
        Ok(Test::Size(when, digits.parse().map_err(|_| wrong())?, unit))
    }
    fn age(&mut self, name: &str, unit: i64) -> Result<Test, String> {
        let (when, count) = self.number(name)?;
        Ok(Test::Age(when, count, unit))
    }
    fn number(&mut self, name: &str) -> Result<(When, u64), String> {
        let text = self.value(name)?;
        let (when, digits) = sign(&text);
        // A part of a day or minute counts as none.
        let whole = digits.split_once('.').map_or(digits, |(whole, _)| whole);
        let count = whole.parse().map_err(|_| format!("invalid argument `{text}' to `{name}'"))?;
        Ok((when, count))
    }
}

fn sign(text: &str) -> (When, &str) {
    match text.chars().next() {
        Some('+') => (When::More, text.get(1..).unwrap_or("")),
        Some('-') => (When::Less, text.get(1..).unwrap_or("")),
        _ => (When::Same, text),
    }
}
