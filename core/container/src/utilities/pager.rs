//! less and more: a screenful at a time where a terminal sends single keys; elsewhere they print through, as
//! they do into a pipe. Keys as in less 590: space, b, arrows, d, u, g, G, / ? n N, q, a number before.
//! Left out: marks, several files at once, colours, -S.

use super::filter::{Input, Next, ended};
use super::screen::{self, Key};
use super::support::{base_of, own_name};
use crate::fd::{Read, STDIN, STDOUT};
use crate::machine::{Behave, Handled, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::limits;
use std::sync::Arc;

#[derive(Clone, Hash)]
struct Pager {
    input: Input,
    /// All there is, in rows of the screen.
    rows: Arc<[String]>,
    text: Vec<u8>,
    name: Arc<str>,
    more: bool,
    numbers: bool,
    /// `-F`: print through what fits on one screen.
    quits: bool,
    /// The terminal waits for keys; otherwise all is printed.
    waits: bool,
    loaded: bool,
    top: usize,
    count: usize,
    /// `/` or `?` and what was typed after it.
    typing: Option<(char, String)>,
    pattern: String,
    backward: bool,
    message: String,
    failed: bool,
}

pub fn pager(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let args = sys.args();
    let files: Vec<Arc<str>> = args.iter().skip(1).filter(|a| !a.starts_with(['-', '+'])).cloned().collect();
    let own = own_name(sys);
    let letters: String = args.iter().skip(1).filter_map(|a| a.strip_prefix('-')).collect();
    if files.is_empty() && sys.is_tty(STDIN) {
        let text = if own == "less" {
            "Missing filename (\"less --help\" for help)\n"
        } else {
            "more: bad usage\nTry 'more --help' for more information.\n"
        };
        sys.eprint(text);
        return ended(1);
    }
    if args.iter().any(|a| matches!(&**a, "--version" | "-V")) && own == "less" {
        sys.print("less 590 (GNU regular expressions)\n");
        return ended(0);
    }
    Box::new(Pager {
        input: Input::new(&files),
        rows: Arc::from([]),
        text: Vec::new(),
        name: files.first().map_or_else(|| "".into(), |f| base_of(f).into()),
        more: own != "less",
        numbers: letters.contains('N'),
        quits: letters.contains('F') || own != "less",
        waits: sys.is_tty(STDOUT) && sys.machines.keys,
        loaded: false,
        top: 0,
        count: 0,
        typing: None,
        pattern: args.iter().find_map(|a| a.strip_prefix("+/")).unwrap_or("").into(),
        backward: false,
        message: String::new(),
        failed: false,
    })
}

impl Pager {
    /// Takes in all there is; a step while more has to come.
    fn load(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        loop {
            match self.input.chunk(sys) {
                Next::Line(bytes, _) if !self.waits => sys.write(STDOUT, &bytes),
                Next::Line(bytes, _) if self.text.len() < limits::FILE_BYTES => self.text.extend(bytes),
                Next::Line(..) | Next::File(_) => {}
                Next::Bad(name, errno) => {
                    self.failed = true;
                    sys.eprint(&format!("{name}: {errno}\n"));
                }
                Next::End => return None,
                Next::Wait(step) => return Some(step),
            }
            if sys.unwritten() > limits::PIPE_BYTES {
                return Some(Step::Again);
            }
        }
    }
    fn height(&self, sys: &Sys<'_>) -> usize {
        sys.window().1.saturating_sub(1).max(1)
    }
    fn last_top(&self, sys: &Sys<'_>) -> usize {
        self.rows.len().saturating_sub(self.height(sys))
    }
    fn draw(&mut self, sys: &mut Sys<'_>) {
        let height = self.height(sys);
        let mut lines: Vec<String> = self.rows.iter().skip(self.top).take(height).cloned().collect();
        lines.resize(height, "~".into());
        let ended = self.top + height >= self.rows.len();
        let status = match &self.typing {
            Some((kind, typed)) => format!("{kind}{typed}"),
            None if !self.message.is_empty() => std::mem::take(&mut self.message),
            None if self.more => {
                let shown = (self.top + height).min(self.rows.len()) * 100 / self.rows.len().max(1);
                format!("--More--({shown}%)")
            }
            None if ended => "(END)".into(),
            None if self.top == 0 && !self.name.is_empty() => self.name.to_string(),
            None => ":".into(),
        };
        let column = status.chars().count();
        lines.push(status);
        screen::draw(sys, &lines, (height, column));
    }
    fn search(&mut self, again: bool, backward: bool) {
        let pattern = super::regex::compile(&super::regex::extended(&self.pattern), false);
        let Ok(pattern) = pattern else {
            self.message = "Invalid pattern  (press RETURN)".into();
            return;
        };
        let fits = |at: &usize| self.rows.get(*at).is_some_and(|row| pattern.is_match(row));
        let from = self.top + usize::from(again);
        let found = match backward {
            false => (from..self.rows.len()).find(fits),
            true => (0..self.top).rev().find(fits),
        };
        match found {
            Some(at) => self.top = at,
            None => self.message = "Pattern not found  (press RETURN)".into(),
        }
    }
    /// Does what a key asks; true to leave.
    fn key(&mut self, sys: &Sys<'_>, (key, ctrl): &Key) -> bool {
        if let Some((kind, typed)) = &mut self.typing {
            match key.as_str() {
                "Enter" => {
                    let (kind, typed) = (*kind, std::mem::take(typed));
                    self.typing = None;
                    if kind == ':' {
                        return typed.trim() == "q";
                    }
                    self.backward = kind == '?';
                    if !typed.is_empty() {
                        self.pattern = typed;
                    }
                    self.search(false, self.backward);
                }
                "Escape" => self.typing = None,
                "Backspace" if typed.pop().is_none() => self.typing = None,
                key if key.chars().count() == 1 => typed.push_str(key),
                _ => {}
            }
            return false;
        }
        if let Some(digit) = key.parse::<usize>().ok().filter(|_| key.len() == 1) {
            self.count = (self.count * 10 + digit).min(10_000_000);
            return false;
        }
        let count = std::mem::take(&mut self.count);
        let (page, last, times) = (self.height(sys), self.last_top(sys), count.max(1));
        let down = |top: usize, by: usize| top.saturating_add(by).min(last.max(top));
        match (key.as_str(), ctrl) {
            ("q" | "Q", _) => return true,
            ("c", true) => return self.more,
            (" " | "f" | "PageDown", _) | ("v", true) if self.more && self.top >= last => return true,
            (" " | "f" | "PageDown", _) | ("v", true) => {
                self.top = down(self.top, if count > 0 { count } else { page });
            }
            ("b" | "PageUp", _) => self.top = self.top.saturating_sub(if count > 0 { count } else { page }),
            ("j" | "e" | "ArrowDown" | "Enter", _) | ("n", true) if self.more && self.top >= last => {
                return true;
            }
            ("j" | "e" | "ArrowDown" | "Enter", _) => self.top = down(self.top, times),
            ("k" | "y" | "ArrowUp", _) => self.top = self.top.saturating_sub(times),
            ("d", _) => self.top = down(self.top, page.div_ceil(2)),
            ("u", _) => self.top = self.top.saturating_sub(page.div_ceil(2)),
            ("g" | "<" | "Home", _) => self.top = count.saturating_sub(1).min(last),
            ("G" | ">" | "End", _) => self.top = if count > 0 { (count - 1).min(last) } else { last },
            ("/" | "?" | ":", _) => self.typing = key.chars().next().map(|c| (c, String::new())),
            ("n", _) if !self.pattern.is_empty() => self.search(true, self.backward),
            ("N", _) if !self.pattern.is_empty() => self.search(true, !self.backward),
            ("n" | "N", _) => self.message = "No previous regular expression  (press RETURN)".into(),
            ("=", _) => {
                let (first, height) = (self.top + 1, self.height(sys));
                let shown = (self.top + height).min(self.rows.len());
                self.message = format!("{} lines {first}-{shown}/{}", self.name, self.rows.len());
            }
            _ => {}
        }
        false
    }
    fn leave(&self, sys: &mut Sys<'_>) -> Step {
        screen::leave(sys);
        sys.cooked();
        Step::Exit(i32::from(self.failed))
    }
}

impl Behave for Pager {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if !self.loaded {
            if let Some(step) = self.load(sys) {
                return step;
            }
            self.loaded = true;
            if !self.waits || (self.failed && self.text.is_empty()) {
                return Step::Exit(i32::from(self.failed));
            }
            let text = String::from_utf8_lossy(&std::mem::take(&mut self.text)).into_owned();
            let (columns, height) = (sys.window().0, self.height(sys));
            let numbered = |(n, line): (usize, &str)| match self.numbers {
                true => screen::rows(&format!("{:>7} {line}", n + 1), columns),
                false => screen::rows(line, columns),
            };
            self.rows = text.lines().enumerate().flat_map(numbered).collect();
            if self.quits && self.rows.len() <= height {
                sys.print(&text);
                return Step::Exit(i32::from(self.failed));
            }
            if !sys.raw() {
                return Step::Exit(1);
            }
            screen::enter(sys);
            if !self.pattern.is_empty() {
                self.search(false, false);
            }
            self.draw(sys);
        }
        loop {
            match sys.read(STDOUT, limits::PIPE_BYTES) {
                Read::Data(bytes) => {
                    for key in screen::keys(&bytes) {
                        if self.key(sys, &key) {
                            return self.leave(sys);
                        }
                    }
                    self.draw(sys);
                }
                Read::Block => return Step::wait(Wait::Readable(STDOUT)),
                Read::End | Read::Failed(_) => return self.leave(sys),
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        // less lives through Ctrl-C.
        if signal == Signal::Int && !self.more && self.waits { Handled::Ignored } else { Handled::Default }
    }
}
