//! sed: addresses, `s y d D p P n N g G h H x a i c q Q = b t r w {}`, `-n -e -f -i -E -s`.
//! Left out: `l`, `e`, `W`, `F`, back-references within patterns.

use super::regex;
use super::support::{Filter, Flow, Opts, Spec, done, ended, filtering, own_name};
use crate::sys::Sys;
use regex_lite::Regex;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[derive(Clone)]
struct Pattern {
    source: Arc<str>,
    regex: Regex,
}
impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
    }
}

#[derive(Clone, Hash)]
enum Address {
    Line(u64),
    Last,
    /// first~step
    Step(u64, u64),
    Match(Option<Pattern>),
    /// `+n`, only as a second address.
    More(u64),
}

#[derive(Clone, Hash)]
enum Piece {
    Text(Arc<str>),
    Group(usize),
    /// \U \L \u \l \E
    Case(char),
}

#[derive(Clone, Hash)]
enum Act {
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
struct Command {
    first: Option<Address>,
    second: Option<Address>,
    negated: bool,
    act: Act,
}

#[derive(Clone, Hash)]
pub struct Sed {
    commands: Vec<Command>,
    /// For each command with two addresses: the line its range ends at, or 0 for "until it matches".
    active: Vec<Option<u64>>,
    quiet: bool,
    in_place: Option<Arc<str>>,
    separate: bool,
    files: usize,
    file: Arc<str>,
    output: String,
    hold: String,
    /// The line before the one just read: `$` needs to know whether more follows.
    pending: Option<(String, bool)>,
    number: u64,
    last_pattern: Option<Pattern>,
    /// `N` or `n` waits for the next line: the pattern space and where to go on.
    resume: Option<(String, usize)>,
    code: Option<i32>,
    after: Vec<String>,
    replaced: bool,
}

struct Parser<'a> {
    text: &'a [char],
    at: usize,
    extended: bool,
}

type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }
    fn bump(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }
    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }
    fn number(&mut self) -> Option<u64> {
        let mut value: Option<u64> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(digit)));
            self.at += 1;
        }
        value
    }
    fn error(&self, what: &str) -> String {
        format!("-e expression #1, char {}: {what}", self.at)
    }
    /// Text up to an unescaped delimiter; in a regex brackets protect it.
    fn until(&mut self, delimiter: char, is_regex: bool) -> Option<String> {
        let mut out = String::new();
        let mut in_set = false;
        loop {
            let c = self.bump()?;
            if c == '\\' {
                let next = self.bump()?;
                if next == delimiter && !(is_regex && in_set) {
                    if is_regex && "|+?(){}.*[]^$".contains(delimiter) {
                        out.push('\\');
                    }
                    out.push(next);
                } else if next == '\n' && !is_regex {
                    out.push_str("\\\n");
                } else {
                    out.push('\\');
                    out.push(next);
                }
                continue;
            }
            if is_regex && c == '[' && !in_set {
                in_set = true;
                out.push(c);
                if self.peek() == Some('^') {
                    out.extend(self.bump());
                }
                if self.peek() == Some(']') {
                    out.extend(self.bump());
                }
                continue;
            }
            if c == ']' {
                in_set = false;
            }
            if c == delimiter && !in_set {
                return Some(out);
            }
            out.push(c);
        }
    }
    fn pattern(&self, source: &str, ignore_case: bool) -> Parsed<Option<Pattern>> {
        if source.is_empty() {
            return Ok(None);
        }
        let translated = if self.extended { regex::extended(source) } else { regex::basic(source) };
        let regex = regex::compile(&translated, ignore_case).map_err(|e| self.error(&e))?;
        Ok(Some(Pattern { source: source.into(), regex }))
    }
    fn address(&mut self) -> Parsed<Option<Address>> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some('/') => {
                self.at += 1;
                let source = self.until('/', true).ok_or_else(|| self.error("unterminated address regex"))?;
                let ignore = self.peek() == Some('I');
                self.at += usize::from(ignore);
                Ok(Some(Address::Match(self.pattern(&source, ignore)?)))
            }
            Some('\\') => {
                self.at += 1;
                let delimiter = self.bump().ok_or_else(|| self.error("unterminated address regex"))?;
                let source =
                    self.until(delimiter, true).ok_or_else(|| self.error("unterminated address regex"))?;
                Ok(Some(Address::Match(self.pattern(&source, false)?)))
            }
            Some('+') => {
                self.at += 1;
                Ok(Some(Address::More(self.number().unwrap_or(0))))
            }
            Some(c) if c.is_ascii_digit() => {
                let first = self.number().unwrap_or(0);
                if self.peek() == Some('~') {
                    self.at += 1;
                    let step = self.number().unwrap_or(0);
                    return Ok(Some(Address::Step(first, step)));
                }
                Ok(Some(Address::Line(first)))
            }
            _ => Ok(None),
        }
    }
    fn script(&mut self) -> Parsed<Vec<Command>> {
        let mut out = Vec::new();
        let mut open = Vec::new();
        loop {
            while self.peek().is_some_and(|c| c.is_whitespace() || c == ';') {
                self.at += 1;
            }
            if self.peek().is_none() {
                break;
            }
            if self.peek() == Some('#') {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
                continue;
            }
            let first = self.address()?;
            self.blanks();
            let mut second = None;
            if first.is_some() && self.peek() == Some(',') {
                self.at += 1;
                self.blanks();
                second = self.address()?;
                if second.is_none() {
                    return Err(self.error("unexpected `,'"));
                }
                self.blanks();
            }
            let mut negated = false;
            while self.peek() == Some('!') {
                self.at += 1;
                negated = true;
                self.blanks();
            }
            let Some(name) = self.bump() else { return Err(self.error("missing command")) };
            let act = match name {
                '{' => {
                    open.push(out.len());
                    Act::Open(0)
                }
                '}' => {
                    let Some(start) = open.pop() else { return Err(self.error("unexpected `}'")) };
                    let end = out.len();
                    if let Some(Command { act, .. }) = out.get_mut(start) {
                        *act = Act::Open(end);
                    }
                    Act::Close
                }
                's' => self.substitute()?,
                'y' => {
                    let delimiter = self.bump().ok_or_else(|| self.error("unterminated `y' command"))?;
                    let from =
                        self.until(delimiter, false).ok_or_else(|| self.error("unterminated `y' command"))?;
                    let to =
                        self.until(delimiter, false).ok_or_else(|| self.error("unterminated `y' command"))?;
                    let decode =
                        |t: &str| t.replace("\\n", "\n").replace("\\\\", "\\").chars().collect::<Vec<_>>();
                    let (from, to) = (decode(&from), decode(&to));
                    if from.len() != to.len() {
                        return Err(self.error("strings for `y' command are different lengths"));
                    }
                    Act::Translate(from, to)
                }
                'a' | 'i' | 'c' => {
                    self.blanks();
                    if self.peek() == Some('\\') {
                        self.at += 1;
                        self.blanks();
                        if self.peek() == Some('\n') {
                            self.at += 1;
                        }
                    }
                    if self.peek().is_none() {
                        return Err(self.error("expected \\ after `a', `c' or `i'"));
                    }
                    let mut text = String::new();
                    while let Some(c) = self.bump() {
                        match c {
                            '\n' => break,
                            '\\' => text.extend(self.bump()),
                            c => text.push(c),
                        }
                    }
                    Act::Text(name, text.into())
                }
                ':' | 'b' | 't' | 'T' | 'r' | 'w' => {
                    self.blanks();
                    let ends = if matches!(name, 'r' | 'w') { "\n" } else { "\n;}" };
                    let mut word = String::new();
                    while let Some(c) = self.peek().filter(|c| !ends.contains(*c)) {
                        word.push(c);
                        self.at += 1;
                    }
                    let word: Arc<str> = word.trim().into();
                    match name {
                        ':' if word.is_empty() => return Err(self.error("\":\" lacks a label")),
                        ':' => Act::Label(word),
                        'r' => Act::Read(word),
                        'w' => Act::Write(word),
                        _ => Act::Jump(name, (!word.is_empty()).then_some(word)),
                    }
                }
                'q' | 'Q' => {
                    self.blanks();
                    Act::Quit(name, self.number().unwrap_or(0) as i32)
                }
                'd' | 'D' | 'p' | 'P' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | '=' | 'l' | 'z' => {
                    Act::Plain(name)
                }
                other => return Err(self.error(&format!("unknown command: `{other}'"))),
            };
            self.blanks();
            match self.peek() {
                None | Some('\n' | ';' | '}' | '#') => {}
                _ if matches!(act, Act::Open(_) | Act::Close | Act::Text(..)) => {}
                _ => {
                    self.at += 1;
                    return Err(self.error("extra characters after command"));
                }
            }
            out.push(Command { first, second, negated, act });
        }
        if !open.is_empty() {
            return Err("-e expression #1, char 0: unmatched `{'".into());
        }
        Ok(out)
    }
    fn substitute(&mut self) -> Parsed<Act> {
        let unterminated = "unterminated `s' command";
        let delimiter = self.bump().ok_or_else(|| self.error(unterminated))?;
        let source = self.until(delimiter, true).ok_or_else(|| self.error(unterminated))?;
        let with = self.until(delimiter, false).ok_or_else(|| self.error(unterminated))?;
        let (mut all, mut nth, mut print, mut ignore, mut file) = (false, 1, false, false, None);
        loop {
            match self.peek() {
                Some('g') => all = true,
                Some('p') => print = true,
                Some('i' | 'I') => ignore = true,
                Some('m' | 'M') => {}
                Some('w') => {
                    self.at += 1;
                    self.blanks();
                    let name: String = self.text.iter().skip(self.at).take_while(|c| **c != '\n').collect();
                    self.at += name.chars().count();
                    file = Some(Arc::from(name));
                    break;
                }
                Some(c) if c.is_ascii_digit() => {
                    nth = self.number().unwrap_or(1).max(1) as usize;
                    continue;
                }
                Some(c) if !c.is_whitespace() && !";}#".contains(c) => {
                    self.at += 1;
                    return Err(self.error("unknown option to `s'"));
                }
                _ => break,
            }
            self.at += 1;
        }
        let pattern = self.pattern(&source, ignore)?;
        Ok(Act::Substitute { pattern, with: pieces(&with, delimiter), all, nth, print, file })
    }
}

fn pieces(with: &str, _: char) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut chars = with.chars();
    let flush = |text: &mut String, out: &mut Vec<Piece>| {
        if !text.is_empty() {
            out.push(Piece::Text(std::mem::take(text).into()));
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '&' => {
                flush(&mut text, &mut out);
                out.push(Piece::Group(0));
            }
            '\\' => match chars.next() {
                Some(d) if d.is_ascii_digit() => {
                    flush(&mut text, &mut out);
                    out.push(Piece::Group(d.to_digit(10).unwrap_or(0) as usize));
                }
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(c @ ('U' | 'L' | 'u' | 'l' | 'E')) => {
                    flush(&mut text, &mut out);
                    out.push(Piece::Case(c));
                }
                Some(c) => text.push(c),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    flush(&mut text, &mut out);
    out
}

/// The replacement for one match.
fn replacement(pieces: &[Piece], found: &regex_lite::Captures<'_>) -> String {
    let mut out = String::new();
    let (mut all, mut one) = (None, None);
    for piece in pieces {
        let text = match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Group(n) => found.get(*n).map_or(String::new(), |m| m.as_str().to_string()),
            Piece::Case('E') => {
                all = None;
                continue;
            }
            Piece::Case(c @ ('U' | 'L')) => {
                all = Some(*c);
                continue;
            }
            Piece::Case(c) => {
                one = Some(*c);
                continue;
            }
        };
        let mut text = match all {
            Some('U') => text.to_uppercase(),
            Some(_) => text.to_lowercase(),
            None => text,
        };
        if let Some(c) = one.take_if(|_| !text.is_empty()) {
            let mut chars = text.chars();
            let first = chars
                .next()
                .map(|f| if c == 'u' { f.to_uppercase().to_string() } else { f.to_lowercase().to_string() });
            text = first.unwrap_or_default() + chars.as_str();
        }
        out.push_str(&text);
    }
    out
}

impl Sed {
    fn put(&mut self, sys: &mut Sys<'_>, text: &str) {
        if self.in_place.is_some() {
            self.output.push_str(text);
        } else {
            sys.print(text);
        }
    }
    fn matches(&mut self, address: &Address, text: &str, last: bool) -> bool {
        match address {
            Address::Line(line) => self.number == *line,
            Address::Last => last,
            Address::Step(first, 0) => self.number == *first,
            Address::Step(first, step) => {
                self.number >= *first && (self.number - first).is_multiple_of(*step)
            }
            Address::Match(pattern) => {
                let pattern = pattern.clone().or_else(|| self.last_pattern.clone());
                let found = pattern.as_ref().is_some_and(|p| p.regex.is_match(text));
                self.last_pattern = pattern;
                found
            }
            Address::More(_) => false,
        }
    }
    fn selected(&mut self, at: usize, command: &Command, text: &str, last: bool) -> bool {
        let Some(first) = &command.first else { return true };
        let Some(second) = &command.second else { return self.matches(first, text, last) };
        if let Some(until) = self.active.get(at).copied().flatten() {
            let ends = match second {
                Address::Line(_) | Address::More(_) => self.number >= until,
                second => self.matches(second, text, last),
            };
            if ends && let Some(slot) = self.active.get_mut(at) {
                *slot = None;
            }
            // A line number already passed selects nothing more.
            return !(matches!(second, Address::Line(_)) && self.number > until);
        }
        let zero = matches!(first, Address::Line(0)) && self.number == 1;
        if !zero && !self.matches(first, text, last) {
            return false;
        }
        let until = match second {
            Address::Line(line) => Some(*line).filter(|l| *l > self.number),
            Address::More(more) => Some(self.number + more).filter(|_| *more > 0),
            Address::Last => (!last).then_some(0),
            second if zero => (!self.matches(second, text, last)).then_some(0),
            _ => Some(0),
        };
        if let Some(slot) = self.active.get_mut(at) {
            *slot = until;
        }
        true
    }
    /// Runs the script on a line.
    fn cycle(&mut self, sys: &mut Sys<'_>, line: String, newline: bool, last: bool) -> Flow {
        let end = if newline || !last { "\n" } else { "" };
        let (mut text, mut at) = match self.resume.take() {
            Some((before, at))
                if self
                    .commands
                    .get(at.wrapping_sub(1))
                    .is_some_and(|c| matches!(c.act, Act::Plain('N'))) =>
            {
                (format!("{before}\n{line}"), at)
            }
            Some((_, at)) => (line, at),
            None => (line, 0),
        };
        self.number += 1;
        let commands = self.commands.clone();
        let mut steps = 0u32;
        let mut printed = !self.quiet;
        while let Some(command) = commands.get(at) {
            steps += 1;
            if steps > 100_000 {
                break;
            }
            let index = at;
            at += 1;
            let runs = self.selected(index, command, &text, last) != command.negated;
            if !runs {
                if let Act::Open(end) = command.act {
                    at = end + 1;
                }
                continue;
            }
            match &command.act {
                Act::Open(_) | Act::Close | Act::Label(_) => {}
                Act::Substitute { pattern, with, all, nth, print, file } => {
                    let pattern = pattern.clone().or_else(|| self.last_pattern.clone());
                    self.last_pattern.clone_from(&pattern);
                    let Some(pattern) = pattern else { continue };
                    let mut out = String::new();
                    let mut from = 0;
                    let mut count = 0;
                    for found in pattern.regex.captures_iter(&text) {
                        let Some(whole) = found.get(0) else { continue };
                        count += 1;
                        if count < *nth || (!*all && count > *nth) {
                            continue;
                        }
                        out.push_str(text.get(from..whole.start()).unwrap_or(""));
                        out.push_str(&replacement(with, &found));
                        from = whole.end();
                    }
                    if count < *nth {
                        continue;
                    }
                    out.push_str(text.get(from..).unwrap_or(""));
                    text = out;
                    self.replaced = true;
                    if *print {
                        self.put(sys, &format!("{text}\n"));
                    }
                    if let Some(file) = file {
                        write_to(sys, file, &format!("{text}\n"));
                    }
                }
                Act::Translate(from, to) => {
                    let swap = |c: char| {
                        from.iter().position(|f| *f == c).and_then(|i| to.get(i).copied()).unwrap_or(c)
                    };
                    text = text.chars().map(swap).collect();
                }
                Act::Text('a', added) => self.after.push(format!("{added}\n")),
                Act::Text('i', added) => self.put(sys, &format!("{added}\n")),
                Act::Text(_, added) => {
                    // In a range the text comes once, at its end.
                    if command.second.is_none() || self.active.get(index).copied().flatten().is_none() || last
                    {
                        self.put(sys, &format!("{added}\n"));
                    }
                    printed = false;
                    break;
                }
                Act::Jump(kind, label) => {
                    let jumps = match kind {
                        't' => std::mem::take(&mut self.replaced),
                        'T' => !std::mem::take(&mut self.replaced),
                        _ => true,
                    };
                    if jumps {
                        at = match label {
                            None => commands.len(),
                            Some(label) => commands
                                .iter()
                                .position(|c| matches!(&c.act, Act::Label(l) if l == label))
                                .unwrap_or(commands.len()),
                        };
                    }
                }
                Act::Read(file) => {
                    if let Ok(bytes) = sys.read_file(file) {
                        self.after.push(String::from_utf8_lossy(&bytes).into_owned());
                    }
                }
                Act::Write(file) => write_to(sys, file, &format!("{text}\n")),
                Act::Quit(kind, code) => {
                    if *kind == 'q' && !self.quiet {
                        self.put(sys, &format!("{text}{end}"));
                    }
                    self.flush_after(sys);
                    self.code = Some(*code);
                    return Flow::Stop;
                }
                Act::Plain(name) => match name {
                    'd' => {
                        printed = false;
                        break;
                    }
                    'D' => match text.split_once('\n') {
                        Some((_, rest)) => {
                            text = rest.to_string();
                            at = 0;
                        }
                        None => {
                            printed = false;
                            break;
                        }
                    },
                    'p' => self.put(sys, &format!("{text}\n")),
                    'P' => {
                        let first = text.split('\n').next().unwrap_or("").to_string();
                        self.put(sys, &format!("{first}\n"));
                    }
                    'n' | 'N' => {
                        if last {
                            if *name == 'n' {
                                break;
                            }
                            // GNU sed prints the pattern space when there is no next line.
                            break;
                        }
                        if *name == 'n' && !self.quiet {
                            self.put(sys, &format!("{text}\n"));
                        }
                        self.flush_after(sys);
                        self.resume = Some((text, at));
                        return Flow::More;
                    }
                    'g' => text.clone_from(&self.hold),
                    'G' => text = format!("{text}\n{}", self.hold),
                    'h' => self.hold.clone_from(&text),
                    'H' => self.hold = format!("{}\n{text}", self.hold),
                    'x' => std::mem::swap(&mut text, &mut self.hold),
                    'z' => text.clear(),
                    '=' => {
                        let number = self.number;
                        self.put(sys, &format!("{number}\n"));
                    }
                    _ => self.put(sys, &format!("{text}$\n")),
                },
            }
            if text.len() > drydock_machinery::limits::FILE_BYTES {
                break;
            }
        }
        if printed {
            self.put(sys, &format!("{text}{end}"));
        }
        self.flush_after(sys);
        self.replaced = false;
        Flow::More
    }
    fn flush_after(&mut self, sys: &mut Sys<'_>) {
        for text in std::mem::take(&mut self.after) {
            self.put(sys, &text);
        }
    }
    fn finish_file(&mut self, sys: &mut Sys<'_>) -> Flow {
        let mut flow = Flow::More;
        if let Some((line, newline)) = self.pending.take() {
            flow = self.cycle(sys, line, newline, true);
        }
        self.save(sys);
        flow
    }
    fn save(&mut self, sys: &mut Sys<'_>) {
        if let Some(suffix) = self.in_place.clone()
            && !self.file.is_empty()
        {
            let file = self.file.clone();
            if !suffix.is_empty()
                && let Ok(old) = sys.read_file(&file)
            {
                let _ = sys.write_file(&format!("{file}{suffix}"), &old, false);
            }
            let text = std::mem::take(&mut self.output);
            if let Err(errno) = sys.write_file(&file, text.as_bytes(), false) {
                let own = own_name(sys);
                sys.eprint(&format!("{own}: couldn't open file {file}: {errno}\n"));
                self.code = Some(4);
            }
            self.file = "".into();
        }
    }
}

fn write_to(sys: &mut Sys<'_>, file: &str, text: &str) {
    match file {
        "/dev/stdout" => sys.print(text),
        "/dev/stderr" => sys.eprint(text),
        file => _ = sys.write_file(file, text.as_bytes(), true),
    }
}

impl Filter for Sed {
    fn file(&mut self, sys: &mut Sys<'_>, name: &Arc<str>) {
        if self.separate && self.files > 0 {
            self.finish_file(sys);
            self.number = 0;
        }
        self.files += 1;
        self.file = name.clone();
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        let text = String::from_utf8_lossy(line).into_owned();
        match self.pending.replace((text, newline)) {
            Some((before, newline)) => {
                let flow = self.cycle(sys, before, newline, false);
                if flow == Flow::Stop && self.in_place.is_some() {
                    // The rest of the file is kept as it is.
                    self.pending = None;
                    self.save(sys);
                } else if flow == Flow::Stop {
                    self.pending = None;
                }
                flow
            }
            None => Flow::More,
        }
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: crate::Errno) {
        let own = own_name(sys);
        match errno {
            crate::Errno::Eisdir if self.in_place.is_some() => {
                sys.eprint(&format!("{own}: couldn't edit {name}: not a regular file\n"))
            }
            crate::Errno::Eisdir => sys.eprint(&format!("{own}: couldn't read {name}: {errno}\n")),
            _ => sys.eprint(&format!("{own}: can't read {name}: {errno}\n")),
        }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        if self.code.is_none() {
            self.finish_file(sys);
        }
        self.code.unwrap_or(if failed { 2 } else { 0 })
    }
}

pub fn sed(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "ne:f:Eri::suz",
        long: &[
            ("quiet", 'n'),
            ("silent", 'n'),
            ("expression=", 'e'),
            ("file=", 'f'),
            ("regexp-extended", 'E'),
            ("in-place?", 'i'),
            ("separate", 's'),
            ("unbuffered", 'u'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut files = opts.args.clone();
    let mut script: Vec<String> = opts.values('e').iter().map(|e| e.to_string()).collect();
    for file in opts.values('f') {
        match sys.read_file(&file) {
            Ok(bytes) => script.push(String::from_utf8_lossy(&bytes).into_owned()),
            Err(errno) => return ended(done(sys, 1, &format!("couldn't open file {file}: {errno}"))),
        }
    }
    if script.is_empty() {
        if files.is_empty() {
            sys.eprint("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return ended(1);
        }
        script.push(files.remove(0).to_string());
    }
    let text: Vec<char> = script.join("\n").chars().collect();
    let mut parser = Parser { text: &text, at: 0, extended: opts.has('E') || opts.has('r') };
    let commands = match parser.script() {
        Ok(commands) => commands,
        Err(text) => return ended(done(sys, 1, &text)),
    };
    for command in &commands {
        if let Act::Jump(_, Some(label)) = &command.act
            && !commands.iter().any(|c| matches!(&c.act, Act::Label(l) if l == label))
        {
            return ended(done(
                sys,
                1,
                &format!("-e expression #1, char {}: can't find label for jump to `{label}'", text.len()),
            ));
        }
    }
    let in_place = opts.has('i').then(|| Arc::from(opts.value('i').unwrap_or("")));
    let sed = Sed {
        active: vec![None; commands.len()],
        commands,
        quiet: opts.has('n') || script.first().is_some_and(|s| s.starts_with("#n\n")),
        separate: opts.has('s') || in_place.is_some(),
        in_place,
        files: 0,
        file: "".into(),
        output: String::new(),
        hold: String::new(),
        pending: None,
        number: 0,
        last_pattern: None,
        resume: None,
        code: None,
        after: Vec::new(),
        replaced: false,
    };
    filtering(sed, &files)
}
