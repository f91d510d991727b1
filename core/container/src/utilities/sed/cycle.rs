//! Running a sed script on a line.

use super::Sed;
use super::script::{Act, Address, Command, Piece};
use crate::sys::Sys;
use crate::utilities::filter::Flow;
use crate::utilities::support::own_name;

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
    pub(super) fn matches(&mut self, address: &Address, text: &str, last: bool) -> bool {
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
    pub(super) fn cycle(&mut self, sys: &mut Sys<'_>, line: String, newline: bool, last: bool) -> Flow {
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
                Act::Text('a', added) => self.after.push(added.to_string()),
                Act::Text('i', added) => self.put(sys, added),
                Act::Text(_, added) => {
                    // In a range the text comes once, at its end.
                    if command.second.is_none() || self.active.get(index).copied().flatten().is_none() || last
                    {
                        self.put(sys, added);
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
    pub(super) fn finish_file(&mut self, sys: &mut Sys<'_>) -> Flow {
        let mut flow = Flow::More;
        if let Some((line, newline)) = self.pending.take() {
            flow = self.cycle(sys, line, newline, true);
        }
        self.save(sys);
        flow
    }
    pub(super) fn save(&mut self, sys: &mut Sys<'_>) {
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
