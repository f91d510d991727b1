//! Filters that make one line of one: tac, rev, nl, fold, expand, unexpand.

use super::filter::{Filter, Flow, Start, ended, filtering, options};
use super::support::{Opts, Spec, done};
use crate::sys::Sys;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Tac(Vec<Vec<u8>>);

impl Filter for Tac {
    fn file(&mut self, sys: &mut Sys<'_>, _: &Arc<str>) {
        self.flush(sys);
    }
    fn line(&mut self, _: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        let mut line = line.to_vec();
        if newline {
            line.push(b'\n');
        }
        self.0.push(line);
        Flow::More
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: crate::Errno) {
        let text = match (super::support::flavor(sys), errno) {
            (super::support::Flavor::Busybox, _) => format!("tac: {name}: {errno}\n"),
            (_, crate::Errno::Eisdir) => format!("tac: {name}: read error: {errno}\n"),
            _ => format!("tac: failed to open '{name}' for reading: {errno}\n"),
        };
        sys.eprint(&text);
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        self.flush(sys);
        i32::from(failed)
    }
}

impl Tac {
    /// Each file is turned around on its own.
    fn flush(&mut self, sys: &mut Sys<'_>) {
        for line in std::mem::take(&mut self.0).into_iter().rev() {
            sys.write(1, &line);
        }
    }
}

pub fn tac(sys: &mut Sys<'_>) -> Start {
    let opts = options!(sys, Spec { short: "br", long: &[("before", 'b')], code: 1 });
    filtering(Tac(Vec::new()), &opts.args)
}

#[derive(Clone, Hash)]
pub struct Rev;

impl Filter for Rev {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        let mut reversed: String = String::from_utf8_lossy(line).chars().rev().collect();
        if newline {
            reversed.push('\n');
        }
        sys.print(&reversed);
        Flow::More
    }
}

pub fn rev(sys: &mut Sys<'_>) -> Start {
    let opts = options!(sys, Spec { short: "", long: &[], code: 1 });
    filtering(Rev, &opts.args)
}

/// Sections of `nl`: header, body, footer.
#[derive(Clone, Hash)]
pub struct Nl {
    styles: [Arc<str>; 3],
    section: usize,
    next: i64,
    first: i64,
    by: i64,
    width: usize,
    format: Arc<str>,
    separator: Arc<str>,
    keep: bool,
    join: u64,
    blanks: u64,
}

impl Filter for Nl {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        let text = String::from_utf8_lossy(line);
        let section = match &*text {
            "\\:\\:\\:" => Some(0),
            "\\:\\:" => Some(1),
            "\\:" => Some(2),
            _ => None,
        };
        if let Some(section) = section {
            self.section = section;
            if !self.keep {
                self.next = self.first;
            }
            sys.print("\n");
            return Flow::More;
        }
        let numbered = match self.styles.get(self.section).map_or("n", |s| s) {
            "a" => {
                self.blanks = if text.is_empty() { self.blanks + 1 } else { 0 };
                let counts = self.join <= 1 || !text.is_empty() || self.blanks == self.join;
                if self.blanks == self.join {
                    self.blanks = 0;
                }
                counts
            }
            "t" => !text.is_empty(),
            style => style
                .strip_prefix('p')
                .and_then(|p| regex_lite::Regex::new(&super::regex::basic(p)).ok())
                .is_some_and(|r| r.is_match(&text)),
        };
        if numbered {
            let (n, width, separator) = (self.next, self.width, &self.separator);
            sys.print(&match &*self.format {
                "ln" => format!("{n:<width$}{separator}{text}\n"),
                "rz" => format!("{n:0width$}{separator}{text}\n"),
                _ => format!("{n:width$}{separator}{text}\n"),
            });
            self.next += self.by;
        } else {
            sys.print(&format!("{:1$}{text}\n", "", self.width + self.separator.chars().count()));
        }
        Flow::More
    }
}

pub fn nl(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "b:f:h:i:l:n:ps:v:w:d:",
        long: &[
            ("body-numbering=", 'b'),
            ("footer-numbering=", 'f'),
            ("header-numbering=", 'h'),
            ("line-increment=", 'i'),
            ("join-blank-lines=", 'l'),
            ("number-format=", 'n'),
            ("no-renumber", 'p'),
            ("number-separator=", 's'),
            ("starting-line-number=", 'v'),
            ("number-width=", 'w'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    for (letter, what) in [('b', "body"), ('h', "header"), ('f', "footer")] {
        if let Some(style) = opts.value(letter)
            && !(matches!(style, "a" | "t" | "n") || style.starts_with('p'))
        {
            let text = format!("invalid {what} numbering style: '{style}'");
            return ended(super::support::usage(sys, 1, &text));
        }
    }
    let number = |letter, or| opts.value(letter).and_then(|v| v.parse().ok()).unwrap_or(or);
    if let Some(width) = opts.value('w')
        && width.parse::<u32>().ok().filter(|w| *w > 0 && *w < 10_000).is_none()
    {
        return ended(done(sys, 1, &format!("invalid line number field width: '{width}'")));
    }
    let style = |letter, or: &str| Arc::from(opts.value(letter).unwrap_or(or));
    let first = number('v', 1i64);
    let filter = Nl {
        styles: [style('h', "n"), style('b', "t"), style('f', "n")],
        section: 1,
        next: first,
        first,
        by: number('i', 1),
        width: number('w', 6i64).max(1) as usize,
        format: style('n', "rn"),
        separator: style('s', "\t"),
        keep: opts.has('p'),
        join: number('l', 1i64).max(1) as u64,
        blanks: 0,
    };
    filtering(filter, &opts.args)
}

#[derive(Clone, Hash)]
pub struct Fold {
    width: usize,
    spaces: bool,
    bytes: bool,
}

impl Filter for Fold {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        let text = String::from_utf8_lossy(line);
        let (mut out, mut row, mut column) = (String::new(), String::new(), 0);
        for c in text.chars() {
            let wide = |column: usize| match c {
                _ if self.bytes => column + c.len_utf8(),
                '\t' => (column / 8 + 1) * 8,
                '\u{8}' => column.saturating_sub(1),
                '\r' => 0,
                _ => column + 1,
            };
            if wide(column) > self.width && !row.is_empty() {
                let blank = row.rfind([' ', '\t']).filter(|_| self.spaces);
                let rest = blank.map_or(String::new(), |at| row.split_off(at + 1));
                out.push_str(&row);
                out.push('\n');
                column = rest.chars().count();
                row = rest;
            }
            column = wide(column);
            row.push(c);
        }
        out.push_str(&row);
        if newline {
            out.push('\n');
        }
        sys.print(&out);
        Flow::More
    }
}

pub fn fold(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec =
        Spec { short: "bsw:", long: &[("width=", 'w'), ("spaces", 's'), ("bytes", 'b')], code: 1 };
    // `fold -20` is `fold -w 20`.
    let mut words: Vec<Arc<str>> = Vec::new();
    for word in sys.args().iter().skip(1) {
        match word.strip_prefix('-').filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())) {
            Some(width) if words.last().is_none_or(|l| &**l != "-w") => {
                words.extend([Arc::from("-w"), Arc::from(width)]);
            }
            _ => words.push(word.clone()),
        }
    }
    let opts = match Opts::parse_words(sys, &SPEC, &words) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let text = opts.value('w').unwrap_or("80");
    let Some(width) = text.parse::<usize>().ok().filter(|w| *w > 0) else {
        return ended(done(sys, 1, &format!("invalid number of columns: '{text}'")));
    };
    filtering(Fold { width, spaces: opts.has('s'), bytes: opts.has('b') }, &opts.args)
}

/// Tab stops: every so many columns, or at these places.
#[derive(Clone, Hash)]
pub struct Tabs {
    stops: Vec<usize>,
    initial: bool,
    /// `unexpand`, and whether all blanks count.
    back: Option<bool>,
}

impl Tabs {
    fn next(&self, column: usize) -> usize {
        match self.stops.as_slice() {
            [every] => (column / (*every).max(1) + 1) * (*every).max(1),
            stops => stops.iter().copied().find(|s| *s > column).unwrap_or(column + 1),
        }
    }
    fn expanded(&self, text: &str) -> String {
        let (mut out, mut column, mut leading) = (String::new(), 0, true);
        for c in text.chars() {
            match c {
                '\t' if leading || !self.initial => {
                    let to = self.next(column);
                    out.extend(std::iter::repeat_n(' ', to - column));
                    column = to;
                    continue;
                }
                '\u{8}' => column = column.saturating_sub(1),
                _ => column += 1,
            }
            leading &= c == ' ' || c == '\t';
            out.push(c);
        }
        out
    }
    fn unexpanded(&self, text: &str, all: bool) -> String {
        let (mut out, mut column, mut blanks, mut leading) = (String::new(), 0usize, String::new(), true);
        for c in text.chars() {
            if (c == ' ' || c == '\t') && (leading || all) {
                let to = self.next(column);
                column = if c == '\t' { to } else { column + 1 };
                blanks.push(c);
                // A lone blank before a stop stays one, in the middle of a line.
                if column == to && (c == '\t' || blanks.len() > 1 || leading) {
                    out.push('\t');
                    blanks.clear();
                }
                continue;
            }
            out.push_str(&blanks);
            blanks.clear();
            leading = false;
            column += 1;
            out.push(c);
        }
        out + &blanks
    }
}

impl Filter for Tabs {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        let text = String::from_utf8_lossy(line);
        let mut out = match self.back {
            Some(all) => self.unexpanded(&text, all),
            None => self.expanded(&text),
        };
        if newline {
            out.push('\n');
        }
        sys.print(&out);
        Flow::More
    }
}

/// expand and unexpand, told apart by name.
pub fn expand(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "it:af",
        long: &[("initial", 'i'), ("tabs=", 't'), ("all", 'a'), ("first-only", 'f')],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let mut stops = Vec::new();
    for part in opts.value('t').unwrap_or("8").split([',', ' ']) {
        match part.parse::<usize>() {
            Ok(0) => return ended(done(sys, 1, "tab size cannot be 0")),
            Ok(n) if stops.last().is_none_or(|l| *l < n) => stops.push(n),
            Ok(_) => return ended(done(sys, 1, "tab sizes must be ascending")),
            Err(_) => {
                return ended(done(sys, 1, &format!("tab size contains invalid character(s): '{part}'")));
            }
        }
    }
    let back = super::support::own_name(sys) == "unexpand";
    let all = (opts.has('a') || opts.has('t')) && !opts.has('f');
    filtering(Tabs { stops, initial: opts.has('i'), back: back.then_some(all) }, &opts.args)
}
