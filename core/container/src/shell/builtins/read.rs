//! read, mapfile.

use super::Outcome;
use crate::fd::{Read, STDIN};
use crate::machine::Step;
use crate::shell::Dialect;
use crate::shell::frame::{Frame, Lines, Reading};
use crate::shell::lexer::is_name;
use crate::shell::state::Shell;
use crate::shell::vars::Value;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_machinery::limits;
use std::sync::Arc;

pub(super) fn read(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let mut reading = Reading {
        names: Vec::new(),
        fd: STDIN,
        raw: false,
        array: None,
        text: String::new(),
        deadline: None,
        most: None,
        delimiter: '\n',
    };
    let known = if shell.dialect.is_dash() { "rp" } else { "rpadeinNstu" };
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty()) else {
            reading.names.push(word.clone());
            reading.names.extend(words.by_ref().cloned());
            break;
        };
        if letters == "-" {
            reading.names.extend(words.by_ref().cloned());
            break;
        }
        for (at, letter) in letters.char_indices() {
            if !known.contains(letter) {
                let usage = "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";
                return shell.bad_option(sys, "read", letter, usage);
            }
            if matches!(letter, 'r' | 'e' | 's') {
                reading.raw |= letter == 'r';
                continue;
            }
            let rest = letters.get(at + 1..).unwrap_or("");
            let value: Arc<str> = if rest.is_empty() {
                match words.next() {
                    Some(value) => value.clone(),
                    None => {
                        shell.complain_as(sys, "read", &format!("-{letter}: option requires an argument"));
                        return Outcome::Status(2);
                    }
                }
            } else {
                rest.into()
            };
            match letter {
                'p' if sys.is_tty(STDIN) || !shell.dialect.is_bash() => sys.eprint(&value),
                'a' => reading.array = Some(value),
                'd' => reading.delimiter = value.chars().next().unwrap_or('\0'),
                'n' | 'N' => reading.most = value.parse().ok(),
                't' => {
                    let seconds = value.parse::<f64>().unwrap_or(0.0).max(0.0);
                    reading.deadline = Some(sys.now() + (seconds * 1000.0) as u64);
                }
                'u' => reading.fd = value.parse().unwrap_or(STDIN),
                _ => {}
            }
            break;
        }
    }
    if let Some(bad) = reading.names.iter().find(|n| !is_name(n.split('[').next().unwrap_or(""))) {
        let text = match shell.dialect {
            Dialect::Bash => format!("`{bad}': not a valid identifier"),
            Dialect::Dash => format!("{bad}: bad variable name"),
            Dialect::Ash => {
                shell.complain(sys, &format!("read: '{bad}': bad variable name"));
                return Outcome::Status(2);
            }
        };
        shell.complain_as(sys, "read", &text);
        return Outcome::Status(if shell.dialect.is_bash() { 1 } else { 2 });
    }
    shell.frames.push(Frame::Read(Box::new(reading)));
    Outcome::Pushed
}

/// Reads until the line is whole.
pub fn turn(shell: &mut Shell, sys: &mut Sys<'_>, mut reading: Reading) -> Step {
    loop {
        let bytewise = reading.most.is_some() || reading.delimiter != '\n';
        let read = if bytewise && !sys.is_tty(reading.fd) {
            sys.read(reading.fd, 1)
        } else {
            sys.read_line(reading.fd)
        };
        match read {
            Read::Data(bytes) => {
                reading.text.push_str(&String::from_utf8_lossy(&bytes));
                if reading.text.len() > limits::FILE_BYTES {
                    return done(shell, sys, reading, 1);
                }
                if reading.most.is_some_and(|most| reading.text.chars().count() >= most) {
                    return done(shell, sys, reading, 0);
                }
                if reading.text.ends_with(reading.delimiter) {
                    let escaped = !reading.raw && ends_escaped(reading.text.trim_end_matches('\n'));
                    if escaped && reading.delimiter == '\n' {
                        let kept = reading.text.len() - 2;
                        reading.text.truncate(kept);
                        continue;
                    }
                    reading.text.pop();
                    return done(shell, sys, reading, 0);
                }
            }
            Read::Block => {
                if let Some(deadline) = reading.deadline
                    && sys.now() >= deadline
                {
                    return done(shell, sys, reading, 142);
                }
                let mut waits = vec![Wait::Readable(reading.fd)];
                waits.extend(reading.deadline.map(Wait::Until));
                shell.frames.push(Frame::Read(Box::new(reading)));
                return Step::Wait(waits);
            }
            Read::End => return done(shell, sys, reading, 1),
            Read::Failed(errno) => {
                shell.complain_as(sys, "read", &format!("read error: {}: {errno}", reading.fd));
                shell.status = 1;
                return Step::Again;
            }
        }
    }
}

fn ends_escaped(text: &str) -> bool {
    text.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1
}

/// Splits the line among the variables; the last one gets the rest.
fn done(shell: &mut Shell, sys: &mut Sys<'_>, reading: Reading, status: i32) -> Step {
    shell.status = status;
    let ifs = shell.ifs();
    let blank = |c: char| ifs.contains(c) && c.is_ascii_whitespace();
    // Characters with a mark for those a backslash protects.
    let mut chars: Vec<(char, bool)> = Vec::new();
    let mut source = reading.text.chars();
    while let Some(c) = source.next() {
        if c == '\\' && !reading.raw {
            if let Some(c) = source.next() {
                chars.push((c, true));
            }
        } else {
            chars.push((c, false));
        }
    }
    let is_blank = |m: &(char, bool)| !m.1 && blank(m.0);
    let trim_end = |field: &[(char, bool)]| {
        let keep = field.iter().rposition(|m| !is_blank(m)).map_or(0, |at| at + 1);
        field.iter().take(keep).map(|m| m.0).collect::<String>()
    };
    let names: Vec<Arc<str>> = if reading.names.is_empty() && reading.array.is_none() {
        // Without names nothing is trimmed.
        let text: String = chars.iter().map(|m| m.0).collect();
        shell.vars.set("REPLY", &text);
        return Step::Again;
    } else {
        reading.names.clone()
    };
    let most = if reading.array.is_some() { usize::MAX } else { names.len() };
    let mut values: Vec<String> = Vec::new();
    let mut at = chars.iter().position(|m| !is_blank(m)).unwrap_or(chars.len());
    while at < chars.len() && values.len() + 1 < most {
        let rest = chars.get(at..).unwrap_or(&[]);
        let length = rest.iter().position(|m| !m.1 && ifs.contains(m.0)).unwrap_or(rest.len());
        values.push(rest.iter().take(length).map(|m| m.0).collect());
        at += length;
        while chars.get(at).is_some_and(is_blank) {
            at += 1;
        }
        if chars.get(at).is_some_and(|m| !m.1 && ifs.contains(m.0)) {
            at += 1;
        }
        while chars.get(at).is_some_and(is_blank) {
            at += 1;
        }
    }
    if most != usize::MAX {
        let rest = chars.get(at..).unwrap_or(&[]);
        let mut last = trim_end(rest);
        // A single trailing separator ends the field rather than belonging to it.
        let separators = rest.iter().filter(|m| !m.1 && ifs.contains(m.0) && !blank(m.0)).count();
        if separators == 1 && rest.last().is_some_and(|m| ifs.contains(m.0) && !blank(m.0)) {
            last.pop();
        }
        values.push(last);
    }
    if let Some(array) = &reading.array {
        let list = values.iter().enumerate().map(|(k, v)| (k as i64, Arc::from(v.as_str()))).collect();
        shell.vars.set_value(array, Value::List(list));
        return Step::Again;
    }
    for (at, name) in names.iter().enumerate() {
        let value = values.get(at).map_or("", String::as_str);
        if shell.assign_checked(sys, name, value).is_err() {
            shell.status = 1;
        }
    }
    Step::Again
}

/// `mapfile [-t] [-n count] [-s count] [-O origin] [-d delimiter] [-u fd] array`.
pub(super) fn mapfile(shell: &mut Shell, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Outcome {
    let name: Arc<str> = "MAPFILE".into();
    let mut lines =
        Lines { name, trim: false, fd: STDIN, next: 0, skip: 0, most: 0, delimiter: b'\n', text: Vec::new() };
    let (mut keeps, mut words) = (false, args.iter().skip(1));
    let own = args.first().cloned().unwrap_or_default();
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty() && *l != "-") else {
            lines.name = word.clone();
            break;
        };
        for (at, letter) in letters.char_indices() {
            if letter == 't' {
                lines.trim = true;
                continue;
            }
            if !"nsOduCc".contains(letter) {
                let usage = "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]";
                return shell.bad_option(sys, &own, letter, usage);
            }
            let rest = letters.get(at + 1..).unwrap_or("");
            let value = if rest.is_empty() { words.next().cloned() } else { Some(rest.into()) };
            let Some(value) = value else {
                shell.complain_as(sys, &own, &format!("-{letter}: option requires an argument"));
                return Outcome::Status(2);
            };
            let number = value.parse::<u32>();
            match (letter, number) {
                ('d', _) => lines.delimiter = value.bytes().next().unwrap_or(0),
                ('C' | 'c', _) => {}
                ('n', Ok(n)) => lines.most = n as usize,
                ('s', Ok(n)) => lines.skip = n as usize,
                ('O', Ok(n)) => (lines.next, keeps) = (i64::from(n), true),
                ('u', Ok(n)) => lines.fd = n,
                _ => {
                    let what = if letter == 'u' {
                        "invalid file descriptor specification"
                    } else {
                        "invalid line count"
                    };
                    shell.complain_as(sys, &own, &format!("{value}: {what}"));
                    return Outcome::Status(1);
                }
            }
            break;
        }
    }
    if !keeps {
        shell.vars.set_value(&lines.name, Value::List(imbl::OrdMap::new()));
    }
    lines.most = if lines.most == 0 { usize::MAX } else { lines.most };
    shell.frames.push(Frame::Lines(Box::new(lines)));
    Outcome::Pushed
}

/// One line more for `mapfile`.
pub fn lines_turn(shell: &mut Shell, sys: &mut Sys<'_>, mut lines: Lines) -> Step {
    if lines.most == 0 {
        shell.status = 0;
        return Step::Again;
    }
    let read = match lines.delimiter {
        b'\n' => sys.read_line(lines.fd),
        _ => sys.read(lines.fd, 1),
    };
    match read {
        Read::Data(bytes) => {
            lines.text.extend(bytes);
            if lines.text.last() == Some(&lines.delimiter) {
                keep_line(shell, &mut lines);
            }
            shell.frames.push(Frame::Lines(Box::new(lines)));
            Step::Again
        }
        Read::Block => {
            let fd = lines.fd;
            shell.frames.push(Frame::Lines(Box::new(lines)));
            Step::wait(Wait::Readable(fd))
        }
        Read::End | Read::Failed(_) => {
            if !lines.text.is_empty() {
                keep_line(shell, &mut lines);
            }
            shell.status = 0;
            Step::Again
        }
    }
}

fn keep_line(shell: &mut Shell, lines: &mut Lines) {
    let mut text = std::mem::take(&mut lines.text);
    if lines.skip > 0 {
        lines.skip -= 1;
        return;
    }
    if lines.trim && text.last() == Some(&lines.delimiter) {
        text.pop();
    }
    let index = crate::shell::vars::Index::Number(lines.next);
    shell.vars.set_item(&lines.name, &index, &String::from_utf8_lossy(&text));
    lines.next += 1;
    lines.most -= 1;
}
