//! What programs write besides text, as a terminal takes it: colours (SGR) become classes, the cursor moves
//! within a command's own output, lines and the screen are erased. All other control sequences of ECMA-48 are
//! dropped, never shown. A character takes one column, wide ones too.

/// A piece of output with the classes of its colour ("" for none).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub class: String,
    pub text: String,
}

/// Text as spans, and whether the screen was cleared before the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Painted {
    pub spans: Vec<Span>,
    pub cleared: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Pen {
    bold: bool,
    reverse: bool,
    colour: Option<u8>,
}

impl Pen {
    fn class(self) -> String {
        let mut class = String::new();
        if self.bold {
            class.push_str("a-bold");
        }
        if let Some(colour) = self.colour {
            if self.bold {
                class.push(' ');
            }
            class.push_str(&format!("a-{colour}"));
        }
        if self.reverse {
            class.push_str(if class.is_empty() { "a-reverse" } else { " a-reverse" });
        }
        class
    }

    fn select(&mut self, parameters: &str) {
        let mut codes = parameters.split(';').map(|p| p.parse::<u16>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Pen::default(),
                1 => self.bold = true,
                22 => self.bold = false,
                7 => self.reverse = true,
                27 => self.reverse = false,
                30..=37 => self.colour = Some((code - 30) as u8),
                90..=97 => self.colour = Some((code - 90) as u8),
                39 => self.colour = None,
                // 256 colours and direct colours have parameters of their own.
                38 | 48 => match codes.next() {
                    Some(5) => drop(codes.next()),
                    Some(2) => drop((codes.next(), codes.next(), codes.next())),
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

/// The lines a command has written, and where it writes next.
#[derive(Default)]
struct Screen {
    lines: Vec<Vec<(char, Pen)>>,
    row: usize,
    column: usize,
    cleared: bool,
    /// The cursor was put here last and nothing was written since: a program's own cursor.
    shown: bool,
}

/// Further to the right nobody writes; a hostile cursor position must not fill memory.
const MOST_COLUMNS: usize = 4_000;
const MOST_ROWS: usize = 500;
const TAB: usize = 8;

impl Screen {
    fn line(&mut self) -> &mut Vec<(char, Pen)> {
        if self.lines.len() <= self.row {
            self.lines.resize_with(self.row + 1, Vec::new);
        }
        let row = self.row;
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        &mut self.lines[row]
    }

    fn put(&mut self, c: char, pen: Pen) {
        self.shown = false;
        let column = self.column;
        let line = self.line();
        match line.get_mut(column) {
            Some(cell) => *cell = (c, pen),
            None => {
                line.resize(column, (' ', Pen::default()));
                line.push((c, pen));
            }
        }
        self.column += 1;
    }

    fn control(&mut self, end: char, parameters: &str) {
        let number = parameters.split(';').next().and_then(|p| p.parse::<usize>().ok());
        let steps = number.unwrap_or(1).max(1);
        match end {
            'A' => self.row = self.row.saturating_sub(steps),
            // Below the last line there is nothing to move to.
            'B' => self.row = (self.row + steps).min(self.lines.len().saturating_sub(1).max(self.row)),
            'C' => self.column = (self.column + steps).min(MOST_COLUMNS),
            'D' => self.column = self.column.saturating_sub(steps),
            // Only what was cleared has a top from which rows are counted.
            'H' | 'f' if self.cleared => {
                let mut places = parameters.split(';').map(|p| p.parse::<usize>().unwrap_or(1).max(1) - 1);
                self.row = places.next().unwrap_or(0).min(MOST_ROWS);
                self.column = places.next().unwrap_or(0).min(MOST_COLUMNS);
                self.shown = true;
            }
            'G' => self.column = (steps - 1).min(MOST_COLUMNS),
            'K' => {
                let column = self.column;
                let line = self.line();
                match number.unwrap_or(0) {
                    0 => line.truncate(column),
                    1 => line.iter_mut().take(column + 1).for_each(|cell| *cell = (' ', Pen::default())),
                    _ => line.clear(),
                }
            }
            'J' => match number.unwrap_or(0) {
                0 => {
                    let column = self.column;
                    self.line().truncate(column);
                    self.lines.truncate(self.row + 1);
                }
                2 | 3 => *self = Screen { cleared: true, ..Screen::default() },
                _ => {}
            },
            _ => {}
        }
    }

    fn finish(mut self) -> Painted {
        if self.shown {
            let (row, column) = (self.row, self.column);
            let line = self.line();
            if line.len() <= column {
                line.resize(column + 1, (' ', Pen::default()));
            }
            if let Some(cell) = self.lines.get_mut(row).and_then(|l| l.get_mut(column)) {
                cell.1.reverse = true;
            }
        }
        let mut runs: Vec<(Pen, String)> = Vec::new();
        let last = self.lines.len().saturating_sub(1);
        for (at, line) in self.lines.into_iter().enumerate() {
            for (c, pen) in line {
                match runs.last_mut() {
                    Some((same, text)) if *same == pen => text.push(c),
                    _ => runs.push((pen, c.to_string())),
                }
            }
            if at < last {
                match runs.last_mut() {
                    Some((_, text)) => text.push('\n'),
                    None => runs.push((Pen::default(), "\n".to_owned())),
                }
            }
        }
        let spans = runs.into_iter().map(|(pen, text)| Span { class: pen.class(), text }).collect();
        Painted { spans, cleared: self.cleared }
    }
}

/// Reads `text` as a terminal would.
pub fn paint(text: &str) -> Painted {
    // Most output is nothing but lines.
    if !text.chars().any(|c| c.is_control() && c != '\n') {
        let span = Span { class: String::new(), text: text.to_owned() };
        return Painted { spans: if text.is_empty() { Vec::new() } else { vec![span] }, cleared: false };
    }
    let mut screen = Screen::default();
    let mut pen = Pen::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                let mut parameters = String::new();
                let end = loop {
                    match chars.next() {
                        Some(c @ ('0'..='9' | ';' | '?' | '>' | '=')) if parameters.len() < 64 => {
                            parameters.push(c)
                        }
                        other => break other,
                    }
                };
                match end {
                    Some('m') => pen.select(&parameters),
                    Some(end) => screen.control(end, &parameters),
                    None => {}
                }
            }
            '\u{1b}' if chars.peek() == Some(&']') => {
                // A title or the like: up to BEL or ESC \.
                while let Some(c) = chars.next() {
                    if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            '\u{1b}' => drop(chars.next()),
            '\r' => screen.column = 0,
            '\u{8}' => screen.column = screen.column.saturating_sub(1),
            '\n' => {
                screen.line();
                (screen.row, screen.column) = (screen.row + 1, 0);
                screen.line();
            }
            '\t' => {
                let stop = (screen.column / TAB + 1) * TAB;
                while screen.column < stop {
                    screen.put(' ', pen);
                }
            }
            c if c.is_control() => {}
            c => screen.put(c, pen),
        }
    }
    screen.finish()
}

/// What is to be seen of a text, without colours: for where one line of plain text is shown.
pub fn visible(text: &str) -> String {
    paint(text).spans.into_iter().map(|span| span.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_behind_a_cursor_that_is_shown_again_is_only_the_prompt() {
        assert_eq!(visible("\u{1b}[?25hlearner@dock:~$ "), "learner@dock:~$ ");
    }

    fn seen(text: &str) -> String {
        paint(text)
            .spans
            .iter()
            .map(|s| if s.class.is_empty() { s.text.clone() } else { format!("<{}:{}>", s.class, s.text) })
            .collect()
    }

    #[test]
    fn colours_and_control_sequences() {
        assert_eq!(seen("a\u{1b}[1;32mok\u{1b}[0m b"), "a<a-bold a-2:ok> b");
        assert_eq!(seen("\u{1b}[38;5;120mx\u{1b}[?25ly"), "xy");
        assert_eq!(seen("one\n10%\r20%\rdone\n"), "one\ndone\n");
        assert_eq!(seen("a\r\nb"), "a\nb");
        assert_eq!(seen("a\tb\n"), "a       b\n");
        assert_eq!(seen("\u{1b}]0;title\u{7}x\u{1b}"), "x");
        let pull = "a: Waiting\nb: Waiting\n\u{1b}[2A\u{1b}[2K\ra: Done\r\u{1b}[2B\u{1b}[1A\u{1b}[2K\rb: Done\r\u{1b}[1Bend\n";
        assert_eq!(seen(pull), "a: Done\nb: Done\nend\n");
        assert_eq!(seen("abc\u{1b}[2D\u{1b}[Kx\u{8}y"), "ay");
        let cleared = paint("old\u{1b}[H\u{1b}[2Jnew");
        assert!(cleared.cleared);
        assert_eq!(cleared.spans, [Span { class: String::new(), text: "new".into() }]);
    }
}
