//! The terminal's screen for programs that fill it: keys as they come, and whole pictures drawn at once.

use crate::sys::Sys;
use std::fmt::Write;

/// A key by its name (as `KeyboardEvent.key`), and whether Ctrl was held.
pub type Key = (String, bool);

/// The keys in what a terminal sent.
#[must_use]
pub fn keys(bytes: &[u8]) -> Vec<Key> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Vec::new();
    let mut rest = &*text;
    const SEQUENCES: [(&str, &str); 20] = [
        ("\u{1b}[A", "ArrowUp"),
        ("\u{1b}[B", "ArrowDown"),
        ("\u{1b}[C", "ArrowRight"),
        ("\u{1b}[D", "ArrowLeft"),
        ("\u{1b}OA", "ArrowUp"),
        ("\u{1b}OB", "ArrowDown"),
        ("\u{1b}OC", "ArrowRight"),
        ("\u{1b}OD", "ArrowLeft"),
        ("\u{1b}[H", "Home"),
        ("\u{1b}[F", "End"),
        ("\u{1b}[1~", "Home"),
        ("\u{1b}[4~", "End"),
        ("\u{1b}[3~", "Delete"),
        ("\u{1b}[5~", "PageUp"),
        ("\u{1b}[6~", "PageDown"),
        ("\u{1b}", "Escape"),
        ("\r", "Enter"),
        ("\n", "Enter"),
        ("\t", "Tab"),
        ("\u{7f}", "Backspace"),
    ];
    while let Some(c) = rest.chars().next() {
        let (length, key) = match SEQUENCES.iter().find(|s| rest.starts_with(s.0)) {
            Some((sequence, name)) => (sequence.len(), ((*name).to_string(), false)),
            None if c == '\u{8}' => (1, ("Backspace".to_string(), false)),
            None if c < ' ' => (1, (char::from(c as u8 + 96).to_string(), true)),
            None => (c.len_utf8(), (c.to_string(), false)),
        };
        out.push(key);
        rest = rest.get(length..).unwrap_or("");
    }
    out
}

/// Leaves the scrolling text for a screen of its own.
pub fn enter(sys: &mut Sys<'_>) {
    sys.print("\u{1b}[?1049h");
}

/// Back to the text.
pub fn leave(sys: &mut Sys<'_>) {
    sys.print("\u{1b}[H\u{1b}[2J\u{1b}[?1049l");
}

/// Draws a whole picture: lines from the top, with the cursor (row and column from 0) where it belongs.
pub fn draw(sys: &mut Sys<'_>, lines: &[String], cursor: (usize, usize)) {
    let mut out = String::from("\u{1b}[H\u{1b}[2J");
    out.push_str(&lines.join("\n"));
    _ = write!(out, "\u{1b}[{};{}H", cursor.0 + 1, cursor.1 + 1);
    sys.print(&out);
}

/// The parts of a line that stand in rows of their own on a screen so many columns wide; tabs as blanks.
#[must_use]
pub fn rows(line: &str, columns: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut column = 0;
    for c in line.chars() {
        let wide = if c == '\t' { 8 - column % 8 } else { 1 };
        if column + wide > columns.max(8) {
            out.push(String::new());
            column = 0;
        }
        let Some(row) = out.last_mut() else { break };
        match c {
            '\t' => row.push_str(&" ".repeat(wide)),
            c if c.is_control() => row.push('?'),
            c => row.push(c),
        }
        column += wide;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_names() {
        let names: Vec<String> = keys(b"a\x1b[A\r\x03\x1b[5~\x1b").into_iter().map(|k| k.0).collect();
        assert_eq!(names, ["a", "ArrowUp", "Enter", "c", "PageUp", "Escape"]);
        assert_eq!(rows("abcdefghij\tx", 10), ["abcdefghij", "      x"]);
    }
}
