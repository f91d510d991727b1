//! The keys of vi over a text: enough for the edits a Kubernetes learner makes. Motions, insert, delete,
//! yank and put, undo, search, `:s`, `:w`, `:q`. No visual mode, registers, macros or windows; POSIX vi
//! is the model, messages are vim's.

mod motion;
mod substitute;
#[cfg(test)]
mod tests;

use motion::{
    char_at, first_word, indent, left, line_end, line_start, lines_away, motion, nth_line, right, right_any,
    spliced, word_end,
};
use substitute::{pattern_of, substitute};

/// What a key comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The text field handles the key itself.
    Native,
    /// The text and cursor (bytes) from now on.
    Text {
        text: String,
        cursor: usize,
    },
    Write,
    WriteQuit,
    Quit {
        force: bool,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Mode {
    #[default]
    Normal,
    Insert,
    /// After `:`, `/` or `?`, with what was typed so far.
    Line(char, String),
}

/// See the module's head.
#[derive(Clone, Debug, Default, Hash)]
pub struct Vi {
    mode: Mode,
    count: usize,
    /// `d`, `y`, `c`, `g`, `r`, `Z` waiting for the next key.
    operator: Option<char>,
    register: String,
    linewise: bool,
    undo: Vec<(String, usize)>,
    redo: Vec<(String, usize)>,
    search: String,
    message: String,
    /// `:set number`
    numbers: bool,
}

/// Undo steps that are kept.
const MOST_UNDO: usize = 200;
/// Bytes they may hold together.
const MOST_BYTES: usize = 4 * crate::limits::FILE_BYTES;

impl Vi {
    /// Whether typing goes into the text.
    #[must_use]
    pub fn inserts(&self) -> bool {
        self.mode == Mode::Insert
    }

    /// Whether lines are shown with their numbers.
    #[must_use]
    pub fn numbers(&self) -> bool {
        self.numbers
    }

    /// The last line of the screen.
    #[must_use]
    pub fn status(&self) -> String {
        match &self.mode {
            Mode::Insert => "-- INSERT --".to_owned(),
            Mode::Line(kind, typed) => format!("{kind}{typed}"),
            Mode::Normal => self.message.clone(),
        }
    }

    /// Shows a message.
    pub fn complain(&mut self, message: &str) {
        self.message = message.to_owned();
    }

    /// Handles one key (as in `KeyboardEvent.key`).
    pub fn key(&mut self, key: &str, ctrl: bool, text: &str, at: usize) -> Effect {
        let stay = |cursor: usize| Effect::Text { text: text.to_owned(), cursor };
        match &mut self.mode {
            Mode::Insert => match key {
                "Escape" => {
                    self.mode = Mode::Normal;
                    let back = text.get(..at).and_then(|t| t.chars().next_back());
                    stay(at - back.filter(|c| *c != '\n').map_or(0, char::len_utf8))
                }
                _ => Effect::Native,
            },
            Mode::Line(kind, typed) => {
                let kind = *kind;
                match key {
                    "Escape" => self.mode = Mode::Normal,
                    "Backspace" if typed.pop().is_none() => self.mode = Mode::Normal,
                    "Backspace" => {}
                    "Enter" => {
                        let typed = std::mem::take(typed);
                        self.mode = Mode::Normal;
                        return self.line_command(kind, &typed, text, at);
                    }
                    key if key.chars().count() == 1 && !ctrl => typed.push_str(key),
                    _ => {}
                }
                stay(at)
            }
            Mode::Normal => self.normal(key, ctrl, text, at),
        }
    }

    fn normal(&mut self, key: &str, ctrl: bool, text: &str, at: usize) -> Effect {
        let stay = |cursor: usize| Effect::Text { text: text.to_owned(), cursor };
        if ctrl {
            return match key {
                "r" => self.travel(text, at, false),
                "d" | "f" => stay(lines_away(text, at, 15)),
                "u" | "b" => stay(lines_away(text, at, -15)),
                _ => stay(at),
            };
        }
        if let Some(digit) = key
            .parse::<usize>()
            .ok()
            .filter(|d| key.len() == 1 && (*d > 0 || self.count > 0) && self.operator != Some('r'))
        {
            self.count = (self.count * 10 + digit).min(10_000);
            return stay(at);
        }
        self.message.clear();
        let count = std::mem::take(&mut self.count);
        let times = count.max(1);
        if let Some(operator) = self.operator.take() {
            return self.operate(operator, key, times, text, at);
        }
        match key {
            "d" | "y" | "c" | "g" | "r" | "Z" | ">" | "<" => {
                self.operator = key.chars().next();
                self.count = count;
                stay(at)
            }
            ":" | "/" | "?" => {
                self.mode = Mode::Line(key.chars().next().unwrap_or(':'), String::new());
                stay(at)
            }
            "i" => self.insert(text, at, text.to_owned(), at),
            "a" => {
                let cursor = at + char_at(text, at).filter(|c| *c != '\n').map_or(0, char::len_utf8);
                self.insert(text, at, text.to_owned(), cursor)
            }
            "I" => self.insert(text, at, text.to_owned(), first_word(text, at)),
            "A" => self.insert(text, at, text.to_owned(), line_end(text, at)),
            "o" => {
                let end = line_end(text, at);
                let indent = indent(text, at);
                self.insert(text, at, spliced(text, end, end, &format!("\n{indent}")), end + 1 + indent.len())
            }
            "O" => {
                let start = line_start(text, at);
                let indent = indent(text, at);
                self.insert(
                    text,
                    at,
                    spliced(text, start, start, &format!("{indent}\n")),
                    start + indent.len(),
                )
            }
            "x" => self.delete(text, at, at, right(text, at, times), at),
            "X" => {
                let from = left(text, at, times);
                self.delete(text, at, from, at, from)
            }
            "D" => self.delete(text, at, at, line_end(text, at), at),
            "C" => {
                self.register(text, at, line_end(text, at), false);
                self.insert(text, at, spliced(text, at, line_end(text, at), ""), at)
            }
            "J" => {
                let end = line_end(text, at);
                let next = end + 1;
                let gap = text.get(next..).map_or(0, |t| t.len() - t.trim_start_matches(' ').len());
                if next > text.len() {
                    stay(at)
                } else {
                    self.change(text, at, spliced(text, end, next + gap, " "), end)
                }
            }
            "~" => match char_at(text, at).filter(|c| *c != '\n') {
                Some(c) => {
                    let flipped: String = if c.is_lowercase() {
                        c.to_uppercase().collect()
                    } else {
                        c.to_lowercase().collect()
                    };
                    let to = at + c.len_utf8();
                    self.change(text, at, spliced(text, at, to, &flipped), at + flipped.len())
                }
                None => stay(at),
            },
            "p" | "P" => self.put(text, at, key == "p", times),
            "u" => self.travel(text, at, true),
            "n" => stay(self.found(text, at, true)),
            "N" => stay(self.found(text, at, false)),
            "Escape" => stay(at),
            key => stay(motion(key, times, count > 0, text, at).map_or(at, |m| m.0)),
        }
    }

    fn operate(&mut self, operator: char, key: &str, times: usize, text: &str, at: usize) -> Effect {
        let stay = |cursor: usize| Effect::Text { text: text.to_owned(), cursor };
        match (operator, key) {
            ('g', "g") => stay(0),
            ('Z', "Z") => Effect::WriteQuit,
            ('Z', "Q") => Effect::Quit { force: true },
            ('r', key) if key.chars().count() == 1 => match char_at(text, at).filter(|c| *c != '\n') {
                Some(c) => self.change(text, at, spliced(text, at, at + c.len_utf8(), key), at),
                None => stay(at),
            },
            ('>', ">") => {
                let start = line_start(text, at);
                self.change(text, at, spliced(text, start, start, "  "), at + 2)
            }
            ('<', "<") => {
                let start = line_start(text, at);
                let spaces = indent(text, at).len().min(2);
                self.change(
                    text,
                    at,
                    spliced(text, start, start + spaces, ""),
                    at.saturating_sub(spaces).max(start),
                )
            }
            ('d' | 'y' | 'c', key) => {
                let whole_lines = key.starts_with(operator) || matches!(key, "j" | "k" | "G");
                let (from, to) = if whole_lines {
                    let extra = if key == "j" || key == "k" { times } else { times - 1 };
                    let other = match key {
                        "k" => lines_away(text, at, -(extra as i64)),
                        "G" => text.len(),
                        _ => lines_away(text, at, extra as i64),
                    };
                    let (a, b) = (at.min(other), at.max(other));
                    (line_start(text, a), (line_end(text, b) + 1).min(text.len()))
                } else {
                    let Some((other, inclusive)) = motion(key, times, false, text, at) else {
                        return stay(at);
                    };
                    // `cw` changes to the end of the word, not the space after it.
                    let other = if operator == 'c' && key == "w" { word_end(text, at) } else { other };
                    let (a, b) = (at.min(other), at.max(other));
                    (a, if inclusive { right(text, b, 1) } else { b })
                };
                self.register(text, from, to, whole_lines);
                match operator {
                    'y' => stay(if whole_lines { at } else { from }),
                    'd' => {
                        let mut left = spliced(text, from, to, "");
                        // The last line takes the line break before it along.
                        if whole_lines && to == text.len() && !text.ends_with('\n') && left.ends_with('\n') {
                            left.pop();
                        }
                        let cursor = if whole_lines { first_word(&left, from.min(left.len())) } else { from };
                        self.change(text, at, left, cursor)
                    }
                    _ => {
                        let to = if whole_lines && text.get(from..to).is_some_and(|t| t.ends_with('\n')) {
                            to - 1
                        } else {
                            to
                        };
                        let from = if whole_lines { from + indent(text, from).len() } else { from };
                        self.insert(text, at, spliced(text, from.min(to), to, ""), from.min(to))
                    }
                }
            }
            _ => stay(at),
        }
    }

    fn line_command(&mut self, kind: char, typed: &str, text: &str, at: usize) -> Effect {
        let stay = |cursor: usize| Effect::Text { text: text.to_owned(), cursor };
        if kind != ':' {
            if !typed.is_empty() {
                self.search = typed.to_owned();
            }
            return stay(self.found(text, at, kind == '/'));
        }
        match typed.trim() {
            "w" | "write" | "w!" => Effect::Write,
            "wq" | "x" | "wq!" | "x!" => Effect::WriteQuit,
            "q" | "quit" => Effect::Quit { force: false },
            "q!" | "quit!" => Effect::Quit { force: true },
            "" => stay(at),
            "$" => stay(line_start(text, text.len())),
            number if number.parse::<usize>().is_ok() => {
                stay(nth_line(text, number.parse::<usize>().unwrap_or(1)))
            }
            "set nu" | "set number" => {
                self.numbers = true;
                stay(at)
            }
            "set nonu" | "set nonumber" | "set nu!" => {
                self.numbers = false;
                stay(at)
            }
            command if command.starts_with("set ") || command == "noh" || command == "nohlsearch" => stay(at),
            command => match substitute(command, text, at) {
                Some((changed, 0)) => {
                    let _ = changed;
                    self.message = format!("E486: Pattern not found: {}", pattern_of(command));
                    stay(at)
                }
                Some((changed, count)) => {
                    self.message = if count > 2 { format!("{count} substitutions") } else { String::new() };
                    let cursor = at.min(changed.len());
                    self.change(text, at, changed, cursor)
                }
                None => {
                    self.message = format!("E492: Not an editor command: {command}");
                    stay(at)
                }
            },
        }
    }

    fn remember(&mut self, text: &str, at: usize) {
        self.undo.push((text.to_owned(), at));
        self.redo.clear();
        let held = |undo: &[(String, usize)]| undo.iter().map(|u| u.0.len()).sum::<usize>();
        while self.undo.len() > MOST_UNDO || (self.undo.len() > 1 && held(&self.undo) > MOST_BYTES) {
            self.undo.remove(0);
        }
    }

    fn change(&mut self, before: &str, at: usize, text: String, cursor: usize) -> Effect {
        self.remember(before, at);
        let mut cursor = cursor.min(text.len());
        while !text.is_char_boundary(cursor) {
            cursor -= 1;
        }
        Effect::Text { text, cursor }
    }

    fn insert(&mut self, before: &str, at: usize, text: String, cursor: usize) -> Effect {
        self.mode = Mode::Insert;
        self.change(before, at, text, cursor)
    }

    fn register(&mut self, text: &str, from: usize, to: usize, linewise: bool) {
        self.register = text.get(from..to).unwrap_or("").to_owned();
        self.linewise = linewise;
        if linewise && !self.register.ends_with('\n') {
            self.register.push('\n');
        }
    }

    fn delete(&mut self, text: &str, at: usize, from: usize, to: usize, cursor: usize) -> Effect {
        self.register(text, from, to, false);
        self.change(text, at, spliced(text, from, to, ""), cursor)
    }

    fn put(&mut self, text: &str, at: usize, after: bool, times: usize) -> Effect {
        let most = crate::limits::FILE_BYTES.saturating_sub(text.len()) / self.register.len().max(1);
        let what = self.register.repeat(times.min(most));
        if !self.linewise {
            let place = if after { right(text, at, 1) } else { at };
            return self.change(
                text,
                at,
                spliced(text, place, place, &what),
                (place + what.len()).saturating_sub(1),
            );
        }
        let end = line_end(text, at);
        match (after, end < text.len()) {
            (false, _) => {
                let start = line_start(text, at);
                self.change(text, at, spliced(text, start, start, &what), start)
            }
            (true, true) => self.change(text, at, spliced(text, end + 1, end + 1, &what), end + 1),
            (true, false) => {
                let what = format!("\n{}", what.trim_end_matches('\n'));
                self.change(text, at, spliced(text, end, end, &what), end + 1)
            }
        }
    }

    fn travel(&mut self, text: &str, at: usize, back: bool) -> Effect {
        let (from, to) =
            if back { (&mut self.undo, &mut self.redo) } else { (&mut self.redo, &mut self.undo) };
        match from.pop() {
            Some((old, cursor)) => {
                to.push((text.to_owned(), at));
                // Entering insert mode and typing nothing is not a step of its own.
                if old == text { self.travel(text, at, back) } else { Effect::Text { text: old, cursor } }
            }
            None => {
                self.message =
                    if back { "Already at oldest change" } else { "Already at newest change" }.to_owned();
                Effect::Text { text: text.to_owned(), cursor: at }
            }
        }
    }

    fn found(&mut self, text: &str, at: usize, forward: bool) -> usize {
        if self.search.is_empty() {
            return at;
        }
        let after = right_any(text, at);
        let hit = if forward {
            text.get(after..)
                .and_then(|t| t.find(&self.search))
                .map(|i| i + after)
                .or_else(|| text.find(&self.search))
        } else {
            text.get(..at).and_then(|t| t.rfind(&self.search)).or_else(|| text.rfind(&self.search))
        };
        if hit.is_none() {
            self.message = format!("E486: Pattern not found: {}", self.search);
        }
        hit.unwrap_or(at)
    }
}
