//! Small filters: cat, wc, head, tac, nl, rev, tee, cut, tr, uniq, paste, fold.

use super::support::{Filter, Flavor, Flow, Opts, Spec, ended, filtering, flavor, own_name, usage};
use crate::errno::Errno;
use crate::fd::FdNum;
use crate::shell::escape::{Style, unescape};
use crate::sys::Sys;
use std::sync::Arc;

type Start = Box<dyn crate::Machine>;

/// Reads options or ends the program.
macro_rules! options {
    ($sys:expr, $spec:expr) => {
        match Opts::read($sys, &$spec) {
            Ok(opts) => opts,
            Err(code) => return ended(code),
        }
    };
}
pub(super) use options;

#[derive(Clone, Hash)]
pub struct Cat {
    number: bool,
    number_filled: bool,
    squeeze: bool,
    ends: bool,
    tabs: bool,
    shown: bool,
    count: u64,
    blanks: u64,
}

impl Filter for Cat {
    fn raw(&self) -> bool {
        !(self.number || self.number_filled || self.squeeze || self.ends || self.tabs || self.shown)
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        if let Some(errno) = sys.write_error() {
            let name = own_name(sys);
            sys.eprint(&format!("{name}: write error: {errno}\n"));
            return Flow::Stop;
        }
        if self.raw() {
            sys.write(1, line);
            return Flow::More;
        }
        self.blanks = if line.is_empty() { self.blanks + 1 } else { 0 };
        if self.squeeze && self.blanks > 1 {
            return Flow::More;
        }
        let mut out = Vec::new();
        if self.number_filled && !line.is_empty() || self.number && !self.number_filled {
            self.count += 1;
            out.extend(format!("{:6}\t", self.count).into_bytes());
        }
        for byte in line {
            match byte {
                b'\t' if self.tabs => out.extend(b"^I"),
                b if self.shown && *b < 32 && *b != b'\t' => out.extend([b'^', b + 64]),
                b => out.push(*b),
            }
        }
        if newline {
            if self.ends {
                out.push(b'$');
            }
            out.push(b'\n');
        }
        sys.write(1, &out);
        Flow::More
    }
    fn end(&mut self, _: &mut Sys<'_>, failed: bool) -> i32 {
        i32::from(failed)
    }
}

pub fn cat(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "nbsETAvetu",
        long: &[
            ("number", 'n'),
            ("number-nonblank", 'b'),
            ("squeeze-blank", 's'),
            ("show-ends", 'E'),
            ("show-tabs", 'T'),
            ("show-all", 'A'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let has = |letters: &str| opts.last_of(letters).is_some();
    let cat = Cat {
        number: has("nb"),
        number_filled: has("b"),
        squeeze: has("s"),
        ends: has("EAe"),
        tabs: has("TAt"),
        shown: has("vAet"),
        count: 0,
        blanks: 0,
    };
    filtering(cat, &opts.args)
}

#[derive(Clone, Hash, Default)]
pub struct Wc {
    wanted: String,
    now: [u64; 4],
    total: [u64; 4],
    name: Option<Arc<str>>,
    rows: Vec<([u64; 4], Arc<str>)>,
    in_word: bool,
    files: Vec<Arc<str>>,
    line_length: u64,
    longest: u64,
}

impl Wc {
    fn row(&self, counts: &[u64; 4], width: usize) -> String {
        let names = ["l", "w", "m", "c"];
        let shown: Vec<String> = names
            .iter()
            .zip(counts)
            .filter(|(n, _)| self.wanted.contains(**n))
            .map(|(_, c)| format!("{c:width$}"))
            .collect();
        shown.join(" ")
    }
    fn finish_file(&mut self) {
        if let Some(name) = self.name.take() {
            let now = std::mem::take(&mut self.now);
            for (sum, n) in self.total.iter_mut().zip(now) {
                *sum += n;
            }
            self.in_word = false;
            self.rows.push((now, name));
        }
    }
}

impl Filter for Wc {
    fn raw(&self) -> bool {
        true
    }
    fn file(&mut self, _: &mut Sys<'_>, name: &Arc<str>) {
        self.finish_file();
        self.name = Some(name.clone());
    }
    fn line(&mut self, _: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        let [lines, words, chars, size] = &mut self.now;
        for byte in bytes {
            *lines += u64::from(*byte == b'\n');
            *chars += u64::from(byte & 0xc0 != 0x80);
            let blank = byte.is_ascii_whitespace() || *byte == 11;
            *words += u64::from(!blank && !self.in_word);
            self.in_word = !blank;
            if *byte == b'\n' {
                self.longest = self.longest.max(self.line_length);
                self.line_length = 0;
            } else {
                self.line_length += 1;
            }
        }
        *size += bytes.len() as u64;
        Flow::More
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: Errno) {
        self.finish_file();
        let own = own_name(sys);
        sys.eprint(&format!("{own}: {name}: {errno}\n"));
        if errno == Errno::Eisdir {
            self.rows.push(([0; 4], name.clone()));
        }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        self.finish_file();
        let rows = std::mem::take(&mut self.rows);
        let busybox = flavor(sys) == Flavor::Busybox;
        let several = self.files.len() > 1;
        // coreutils size the columns by the total bytes of regular files; one count stands bare.
        let from_stdin = self.files.is_empty() || self.files.iter().any(|f| &**f == "-");
        let columns = ["l", "w", "m", "c"].iter().filter(|n| self.wanted.contains(**n)).count();
        let digits = self.total.iter().max().map_or(1, |m| m.to_string().len());
        let width = match (busybox, columns, from_stdin) {
            (true, 1, _) if !several => 0,
            (true, _, _) => 9,
            (false, 1, _) if !several => 0,
            (false, _, true) => 7,
            (false, ..) => {
                self.total.get(3).map_or(1, |c| c.to_string().len()).max(if failed { digits } else { 1 })
            }
        };
        if self.wanted == "L" {
            self.longest = self.longest.max(self.line_length);
            for (_, name) in &rows {
                let tail = if self.files.is_empty() { String::new() } else { format!(" {name}") };
                sys.print(&format!("{}{tail}\n", self.longest));
            }
            return i32::from(failed);
        }
        for (counts, name) in &rows {
            let row = self.row(counts, width);
            let tail = if self.files.is_empty() { String::new() } else { format!(" {name}") };
            sys.print(&format!("{row}{tail}\n"));
        }
        if several {
            let row = self.row(&self.total.clone(), width);
            sys.print(&format!("{row} total\n"));
        }
        i32::from(failed)
    }
}

pub fn wc(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "lwcmL",
        long: &[("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm'), ("max-line-length", 'L')],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let wanted: String =
        if opts.given.is_empty() { "lwc".into() } else { opts.given.iter().map(|g| g.0).collect() };
    filtering(Wc { wanted, files: opts.args.clone(), ..Wc::default() }, &opts.args)
}

#[derive(Clone, Hash)]
pub struct Head {
    /// Lines, or bytes.
    most: i64,
    bytes: bool,
    left: i64,
    titles: bool,
    first: bool,
    /// Lines held back for a negative count.
    held: Vec<Vec<u8>>,
}

impl Filter for Head {
    fn raw(&self) -> bool {
        self.bytes
    }
    fn file(&mut self, sys: &mut Sys<'_>, name: &Arc<str>) {
        self.left = self.most;
        self.held.clear();
        if self.titles {
            let gap = if self.first { "" } else { "\n" };
            let shown = if &**name == "-" { "standard input" } else { name };
            sys.print(&format!("{gap}==> {shown} <==\n"));
        }
        self.first = false;
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        if self.bytes {
            let part = line.get(..line.len().min(self.left.max(0) as usize)).unwrap_or(line);
            sys.write(1, part);
            self.left -= part.len() as i64;
            return if self.left <= 0 { Flow::NextFile } else { Flow::More };
        }
        let mut out = line.to_vec();
        if newline {
            out.push(b'\n');
        }
        if self.most < 0 {
            self.held.push(out);
            if self.held.len() as i64 > -self.most {
                let first = self.held.remove(0);
                sys.write(1, &first);
            }
            return Flow::More;
        }
        if self.left > 0 {
            sys.write(1, &out);
            self.left -= 1;
        }
        if self.left <= 0 { Flow::NextFile } else { Flow::More }
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: Errno) {
        let own = own_name(sys);
        match errno {
            Errno::Eisdir => sys.eprint(&format!("{own}: error reading '{name}': {errno}\n")),
            _ if flavor(sys) == Flavor::Busybox => sys.eprint(&format!("{own}: {name}: {errno}\n")),
            _ => sys.eprint(&format!("{own}: cannot open '{name}' for reading: {errno}\n")),
        }
    }
    fn end(&mut self, _: &mut Sys<'_>, failed: bool) -> i32 {
        i32::from(failed)
    }
}

/// `head -5` means `head -n 5`.
pub(super) fn with_count(args: &[Arc<str>]) -> Vec<Arc<str>> {
    let mut out = Vec::new();
    let mut is_value = false;
    for arg in args {
        let digits = arg.strip_prefix('-').filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
        match digits.filter(|_| !is_value) {
            Some(digits) => out.extend([Arc::from("-n"), Arc::from(digits)]),
            None => out.push(arg.clone()),
        }
        is_value = matches!(&**arg, "-n" | "-c" | "-s");
    }
    out
}

/// A count with an optional sign and multiplier.
pub(super) fn count(text: &str) -> Option<i64> {
    let (digits, size) = match text.chars().last() {
        Some('k' | 'K') => (text.get(..text.len() - 1)?, 1024),
        Some('M') => (text.get(..text.len() - 1)?, 1 << 20),
        Some('b') => (text.get(..text.len() - 1)?, 512),
        _ => (text, 1),
    };
    digits.parse::<i64>().ok()?.checked_mul(size)
}

pub fn head(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "n:c:qv",
        long: &[("lines=", 'n'), ("bytes=", 'c'), ("quiet", 'q'), ("silent", 'q'), ("verbose", 'v')],
        code: 1,
    };
    let given = with_count(sys.args().get(1..).unwrap_or(&[]));
    let opts = match Opts::parse_words(sys, &SPEC, &given) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let bytes = opts.last_of("nc") == Some('c');
    let text = opts.value(if bytes { 'c' } else { 'n' }).unwrap_or("10").to_string();
    let Some(most) = count(&text) else {
        let what = if bytes { "bytes" } else { "lines" };
        let name = own_name(sys);
        sys.eprint(&format!("{name}: invalid number of {what}: '{text}'\n"));
        return ended(1);
    };
    if most == 0 {
        return ended(0);
    }
    let titles = (opts.args.len() > 1 && !opts.has('q')) || opts.has('v');
    filtering(Head { most, bytes, left: most, titles, first: true, held: Vec::new() }, &opts.args)
}

/// tac, rev, nl, fold: one line in, something out.
#[derive(Clone, Hash)]
pub struct Each {
    what: &'static str,
    held: Vec<Vec<u8>>,
    width: usize,
    count: u64,
    all: bool,
}

impl Filter for Each {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        let text = String::from_utf8_lossy(line);
        match self.what {
            "tac" => {
                let mut line = line.to_vec();
                if newline {
                    line.push(b'\n');
                }
                self.held.push(line);
            }
            "rev" => {
                let reversed: String = text.chars().rev().collect();
                sys.print(&format!("{reversed}\n"));
            }
            "nl" => {
                if line.is_empty() && !self.all {
                    sys.print("       \n");
                } else {
                    self.count += 1;
                    sys.print(&format!("{:6}\t{text}\n", self.count));
                }
            }
            _ => {
                let chars: Vec<char> = text.chars().collect();
                if chars.is_empty() {
                    sys.print("\n");
                }
                for piece in chars.chunks(self.width.max(1)) {
                    let piece: String = piece.iter().collect();
                    sys.print(&format!("{piece}\n"));
                }
            }
        }
        Flow::More
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        for line in std::mem::take(&mut self.held).into_iter().rev() {
            sys.write(1, &line);
        }
        i32::from(failed)
    }
}

fn each(sys: &mut Sys<'_>, what: &'static str, spec: &Spec) -> Start {
    let opts = match Opts::read(sys, spec) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let width = opts.value('w').and_then(|w| w.parse().ok()).unwrap_or(80);
    let all = opts.value('b') == Some("a");
    filtering(Each { what, held: Vec::new(), width, count: 0, all }, &opts.args)
}
pub fn tac(sys: &mut Sys<'_>) -> Start {
    each(sys, "tac", &Spec { short: "", long: &[], code: 1 })
}
pub fn rev(sys: &mut Sys<'_>) -> Start {
    each(sys, "rev", &Spec { short: "", long: &[], code: 1 })
}
pub fn nl(sys: &mut Sys<'_>) -> Start {
    each(sys, "nl", &Spec { short: "b:", long: &[], code: 1 })
}
pub fn fold(sys: &mut Sys<'_>) -> Start {
    each(sys, "fold", &Spec { short: "w:s", long: &[("width=", 'w')], code: 1 })
}

#[derive(Clone, Hash)]
pub struct Tee {
    to: Vec<FdNum>,
}

impl Filter for Tee {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, sys: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        sys.write(1, bytes);
        for fd in &self.to {
            sys.write(*fd, bytes);
        }
        Flow::More
    }
    fn end(&mut self, _: &mut Sys<'_>, failed: bool) -> i32 {
        i32::from(failed)
    }
}

pub fn tee(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec { short: "aip", long: &[("append", 'a'), ("ignore-interrupts", 'i')], code: 1 };
    let opts = options!(sys, SPEC);
    let mut to = Vec::new();
    let mut failed = false;
    for file in &opts.args {
        let append = opts.has('a');
        let options =
            crate::OpenOptions { write: true, create: true, append, truncate: !append, ..Default::default() };
        match sys.open(file, options) {
            Ok(fd) => to.push(fd),
            Err(errno) => {
                super::support::done(sys, 1, &format!("{file}: {errno}"));
                failed = true;
            }
        }
    }
    let input = super::support::Input::new(&[]);
    Box::new(super::support::Filtering { filter: Tee { to }, input, failed })
}

/// Ranges of `cut`: sorted is not needed, membership is asked.
#[derive(Clone, Hash)]
pub struct Cut {
    /// 'b', 'c' or 'f'.
    by: char,
    ranges: Vec<(usize, usize)>,
    delimiter: u8,
    output: Option<Arc<str>>,
    only: bool,
    complement: bool,
}

impl Cut {
    fn wants(&self, at: usize) -> bool {
        self.ranges.iter().any(|(a, b)| (*a..=*b).contains(&at)) != self.complement
    }
}

impl Filter for Cut {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        let mut out: Vec<u8> = Vec::new();
        if self.by == 'f' {
            if !line.contains(&self.delimiter) {
                if !self.only {
                    sys.write(1, &[line, b"\n"].concat());
                }
                return Flow::More;
            }
            let fields = line.split(|b| *b == self.delimiter).enumerate();
            let chosen: Vec<&[u8]> = fields.filter(|(at, _)| self.wants(at + 1)).map(|(_, f)| f).collect();
            let own = [self.delimiter];
            let separator = self.output.as_ref().map_or(own.as_slice(), |o| o.as_bytes());
            out = chosen.join(separator);
        } else if self.by == 'c' {
            let text = String::from_utf8_lossy(line);
            let chosen = text.chars().enumerate().filter(|(at, _)| self.wants(at + 1)).map(|(_, c)| c);
            out.extend(chosen.collect::<String>().into_bytes());
        } else {
            out.extend(line.iter().enumerate().filter(|(at, _)| self.wants(at + 1)).map(|(_, b)| *b));
        }
        out.push(b'\n');
        sys.write(1, &out);
        Flow::More
    }
    fn end(&mut self, _: &mut Sys<'_>, failed: bool) -> i32 {
        i32::from(failed)
    }
}

fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    list.split(',')
        .map(|part| {
            let (from, to) = match part.split_once('-') {
                Some((from, to)) => (
                    if from.is_empty() { 1 } else { from.parse().ok()? },
                    if to.is_empty() { usize::MAX } else { to.parse().ok()? },
                ),
                None => {
                    let one = part.parse().ok()?;
                    (one, one)
                }
            };
            (from >= 1 && to >= from).then_some((from, to))
        })
        .collect()
}

pub fn cut(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "b:c:f:d:sn",
        long: &[
            ("bytes=", 'b'),
            ("characters=", 'c'),
            ("fields=", 'f'),
            ("delimiter=", 'd'),
            ("only-delimited", 's'),
            ("output-delimiter=", 'o'),
            ("complement", 'C'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let Some(by) = opts.last_of("bcf") else {
        return ended(usage(sys, 1, "you must specify a list of bytes, characters, or fields"));
    };
    let list = opts.value(by).unwrap_or("");
    let Some(ranges) = ranges(list) else {
        let what = if by == 'f' { "field" } else { "byte/character" };
        let text = match list.split(',').any(|p| p == "0" || p.starts_with("0-")) {
            true if by == 'f' => "fields are numbered from 1".to_string(),
            true => "byte/character positions are numbered from 1".to_string(),
            false => format!("invalid {what} value '{list}'"),
        };
        return ended(usage(sys, 1, &text));
    };
    let delimiter = opts.value('d').unwrap_or("\t");
    if delimiter.len() > 1 {
        return ended(usage(sys, 1, "the delimiter must be a single character"));
    }
    let cut = Cut {
        by,
        ranges,
        delimiter: delimiter.bytes().next().unwrap_or(0),
        output: opts.value('o').map(Arc::from),
        only: opts.has('s'),
        complement: opts.has('C'),
    };
    filtering(cut, &opts.args)
}

#[derive(Clone, Hash)]
pub struct Tr {
    from: Vec<char>,
    to: Vec<char>,
    complement: bool,
    delete: bool,
    squeeze: bool,
    last: Option<char>,
    partial: Vec<u8>,
}

/// A set of characters as tr writes it.
fn set(text: &str) -> Vec<char> {
    let (bytes, _) = unescape(text, Style::Format);
    let chars: Vec<char> = String::from_utf8_lossy(&bytes).chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        if c == '[' && chars.get(at + 1) == Some(&':') {
            let name: String = chars.iter().skip(at + 2).take_while(|c| c.is_ascii_alphabetic()).collect();
            let end = at + 2 + name.len();
            if chars.get(end) == Some(&':') && chars.get(end + 1) == Some(&']') {
                out.extend((0u8..128).map(char::from).filter(|c| crate::shell::glob::in_class(&name, *c)));
                at = end + 2;
                continue;
            }
        }
        if chars.get(at + 1) == Some(&'-')
            && let Some(to) = chars.get(at + 2).copied()
            && to >= c
        {
            out.extend(c..=to);
            at += 3;
            continue;
        }
        out.push(c);
        at += 1;
    }
    out
}

impl Tr {
    fn is_in(&self, c: char) -> bool {
        self.from.contains(&c) != self.complement
    }
    fn map(&self, c: char) -> char {
        let last = self.to.last().copied().unwrap_or(c);
        if self.complement {
            return last;
        }
        match self.from.iter().position(|f| *f == c) {
            Some(at) => self.to.get(at).copied().unwrap_or(last),
            None => c,
        }
    }
}

impl Filter for Tr {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, sys: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        self.partial.extend_from_slice(bytes);
        // A character may be cut in two between reads.
        let whole = match std::str::from_utf8(&self.partial) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => self.partial.len(),
        };
        let rest = self.partial.split_off(whole);
        let text = String::from_utf8_lossy(&self.partial).into_owned();
        self.partial = rest;
        let mut out = String::new();
        let translates = !self.to.is_empty() && !self.delete;
        for c in text.chars() {
            let inside = self.is_in(c);
            if self.delete && inside {
                continue;
            }
            let c = if translates && inside { self.map(c) } else { c };
            let squeezes = self.squeeze
                && if translates || (self.delete && !self.to.is_empty()) {
                    self.to.contains(&c)
                } else {
                    inside
                };
            if squeezes && self.last == Some(c) {
                continue;
            }
            self.last = Some(c);
            out.push(c);
        }
        sys.print(&out);
        Flow::More
    }
    fn end(&mut self, _: &mut Sys<'_>, failed: bool) -> i32 {
        i32::from(failed)
    }
}

pub fn tr(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "cCdst",
        long: &[("complement", 'c'), ("delete", 'd'), ("squeeze-repeats", 's'), ("truncate-set1", 't')],
        code: 1,
    };
    let given: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    let opts = match Opts::parse_leading(sys, &SPEC, &given) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let (delete, squeeze) = (opts.has('d'), opts.has('s'));
    let Some(first) = opts.args.first() else { return ended(usage(sys, 1, "missing operand")) };
    if opts.args.len() < 2 && !delete && !squeeze {
        let name = own_name(sys);
        sys.eprint(&format!("{name}: missing operand after '{first}'\nTwo strings must be given when translating.\nTry '{name} --help' for more information.\n"));
        return ended(1);
    }
    let tr = Tr {
        from: set(first),
        to: opts.args.get(1).map(|t| set(t)).unwrap_or_default(),
        complement: opts.has('c') || opts.has('C'),
        delete,
        squeeze,
        last: None,
        partial: Vec::new(),
    };
    filtering(tr, &[])
}

#[derive(Clone, Hash)]
pub struct Uniq {
    count: bool,
    repeated: bool,
    unique: bool,
    ignore_case: bool,
    skip_fields: usize,
    skip_chars: usize,
    last: Option<(Vec<u8>, u64)>,
}

impl Uniq {
    fn key(&self, line: &[u8]) -> String {
        let text = String::from_utf8_lossy(line);
        let mut rest: &str = &text;
        for _ in 0..self.skip_fields {
            rest = rest.trim_start();
            rest = rest.get(rest.find(char::is_whitespace).unwrap_or(rest.len())..).unwrap_or("");
        }
        let key: String = rest.chars().skip(self.skip_chars).collect();
        if self.ignore_case { key.to_lowercase() } else { key }
    }
    fn put(&mut self, sys: &mut Sys<'_>) {
        let Some((line, times)) = self.last.take() else { return };
        if (self.repeated && times < 2) || (self.unique && times > 1) {
            return;
        }
        let mut out = if self.count { format!("{times:7} ").into_bytes() } else { Vec::new() };
        out.extend(line);
        out.push(b'\n');
        sys.write(1, &out);
    }
}

impl Filter for Uniq {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        if let Some((last, _)) = &self.last
            && self.key(last) == self.key(line)
        {
            if let Some((_, times)) = &mut self.last {
                *times += 1;
            }
            return Flow::More;
        }
        self.put(sys);
        self.last = Some((line.to_vec(), 1));
        Flow::More
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        self.put(sys);
        i32::from(failed)
    }
}

pub fn uniq(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "cduif:s:",
        long: &[
            ("count", 'c'),
            ("repeated", 'd'),
            ("unique", 'u'),
            ("ignore-case", 'i'),
            ("skip-fields=", 'f'),
            ("skip-chars=", 's'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let number = |letter| opts.value(letter).and_then(|v| v.parse().ok()).unwrap_or(0);
    let uniq = Uniq {
        count: opts.has('c'),
        repeated: opts.has('d'),
        unique: opts.has('u'),
        ignore_case: opts.has('i'),
        skip_fields: number('f'),
        skip_chars: number('s'),
        last: None,
    };
    filtering(uniq, opts.args.get(..1).unwrap_or(&[]))
}

#[derive(Clone, Hash)]
pub struct Paste {
    serial: bool,
    delimiters: Vec<char>,
    files: Vec<Vec<String>>,
    names: Vec<Arc<str>>,
}

impl Filter for Paste {
    fn file(&mut self, _: &mut Sys<'_>, _: &Arc<str>) {
        self.files.push(Vec::new());
    }
    fn line(&mut self, _: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        if let Some(file) = self.files.last_mut() {
            file.push(String::from_utf8_lossy(line).into_owned());
        }
        Flow::More
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        // `paste - -` takes lines of stdin in turn.
        let dashes = self.names.iter().filter(|n| &***n == "-").count();
        if dashes > 1
            && let Some(lines) = self.files.first().cloned()
        {
            self.files =
                (0..dashes).map(|at| lines.iter().skip(at).step_by(dashes).cloned().collect()).collect();
        }
        let between =
            |at: usize| self.delimiters.get(at.checked_rem(self.delimiters.len()).unwrap_or(0)).copied();
        let join = |items: &[String]| {
            let mut out = String::new();
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.extend(between(at - 1));
                }
                out.push_str(item);
            }
            out + "\n"
        };
        if self.serial {
            for file in &self.files {
                sys.print(&join(file));
            }
        } else {
            let rows = self.files.iter().map(Vec::len).max().unwrap_or(0);
            for row in 0..rows {
                let items: Vec<String> =
                    self.files.iter().map(|f| f.get(row).cloned().unwrap_or_default()).collect();
                sys.print(&join(&items));
            }
        }
        i32::from(failed)
    }
}

pub fn paste(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec { short: "sd:", long: &[("serial", 's'), ("delimiters=", 'd')], code: 1 };
    let opts = options!(sys, SPEC);
    let (bytes, _) = unescape(opts.value('d').unwrap_or("\t"), Style::Format);
    let delimiters = String::from_utf8_lossy(&bytes).chars().collect();
    filtering(
        Paste { serial: opts.has('s'), delimiters, files: Vec::new(), names: opts.args.clone() },
        &opts.args,
    )
}
