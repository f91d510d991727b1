//! Where vi's motions lead: bytes of the text, never inside a character.

/// Where a motion leads, and whether an operator takes the character there along.
pub fn motion(key: &str, times: usize, counted: bool, text: &str, at: usize) -> Option<(usize, bool)> {
    Some(match key {
        "h" | "ArrowLeft" | "Backspace" => (left(text, at, times), false),
        "l" | "ArrowRight" | " " => (right(text, at, times), false),
        "j" | "ArrowDown" | "Enter" => (lines_away(text, at, times as i64), false),
        "k" | "ArrowUp" => (lines_away(text, at, -(times as i64)), false),
        "0" | "Home" => (line_start(text, at), false),
        "^" => (first_word(text, at), false),
        "$" | "End" => (line_end(text, at), false),
        "G" if counted => (nth_line(text, times), false),
        "G" => (line_start(text, text.trim_end_matches('\n').len()), false),
        "w" | "W" => ((0..times).fold(at, |a, _| next_word(text, a)), false),
        "b" | "B" => ((0..times).fold(at, |a, _| word_before(text, a)), false),
        "e" | "E" => (left(text, (0..times).fold(at, |a, _| word_end(text, right_any(text, a))), 1), true),
        _ => return None,
    })
}

pub fn spliced(text: &str, from: usize, to: usize, with: &str) -> String {
    format!("{}{with}{}", text.get(..from).unwrap_or(""), text.get(to..).unwrap_or(""))
}

pub fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|t| t.chars().next())
}

pub fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1)
}

pub fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|t| t.find('\n')).map_or(text.len(), |i| at + i)
}

pub fn indent(text: &str, at: usize) -> String {
    text.get(line_start(text, at)..).unwrap_or("").chars().take_while(|c| *c == ' ').collect()
}

pub fn first_word(text: &str, at: usize) -> usize {
    line_start(text, at) + indent(text, at).len()
}

pub fn nth_line(text: &str, number: usize) -> usize {
    let start: usize = text.split('\n').take(number.saturating_sub(1)).map(|l| l.len() + 1).sum();
    start.min(line_start(text, text.len()))
}

pub fn right(text: &str, at: usize, times: usize) -> usize {
    (0..times).fold(at, |a, _| a + char_at(text, a).filter(|c| *c != '\n').map_or(0, char::len_utf8))
}

pub fn right_any(text: &str, at: usize) -> usize {
    at + char_at(text, at).map_or(0, char::len_utf8)
}

pub fn left(text: &str, at: usize, times: usize) -> usize {
    (0..times).fold(at, |a, _| {
        a - text.get(..a).and_then(|t| t.chars().next_back()).filter(|c| *c != '\n').map_or(0, char::len_utf8)
    })
}

/// The same column so many lines further down (or up).
pub fn lines_away(text: &str, at: usize, by: i64) -> usize {
    let column = text.get(line_start(text, at)..at).map_or(0, |t| t.chars().count());
    let mut start = line_start(text, at);
    for _ in 0..by.unsigned_abs() {
        if by > 0 {
            let end = line_end(text, start);
            if end >= text.len() {
                break;
            }
            start = end + 1;
        } else if start > 0 {
            start = line_start(text, start - 1);
        }
    }
    let line = text.get(start..line_end(text, start)).unwrap_or("");
    start + line.char_indices().nth(column).map_or(line.len(), |(i, _)| i)
}

fn class(c: char) -> u8 {
    if c.is_whitespace() {
        0
    } else if c.is_alphanumeric() || c == '_' {
        1
    } else {
        2
    }
}

fn next_word(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let first = rest.chars().next().map_or(0, class);
    let past = rest.find(|c| class(c) != first).unwrap_or(rest.len());
    let tail = rest.get(past..).unwrap_or("");
    at + past + tail.find(|c: char| !c.is_whitespace()).unwrap_or(tail.len())
}

pub fn word_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let skip = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
    let word = rest.get(skip..).unwrap_or("");
    let first = word.chars().next().map_or(0, class);
    at + skip + word.find(|c| class(c) != first).unwrap_or(word.len())
}

fn word_before(text: &str, at: usize) -> usize {
    let head = text.get(..at).unwrap_or("").trim_end();
    let last = head.chars().next_back().map_or(0, class);
    head.char_indices().rev().find(|(_, c)| class(*c) != last).map_or(0, |(i, c)| i + c.len_utf8())
}
