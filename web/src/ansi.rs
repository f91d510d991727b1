//! What programs write besides text: colours (SGR) become classes, a cleared screen clears, carriage
//! returns start the line anew. All other control sequences of ECMA-48 are dropped, never shown.

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

#[derive(Clone, Copy, Default, PartialEq)]
struct Pen {
    bold: bool,
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
        class
    }

    fn select(&mut self, parameters: &str) {
        let mut codes = parameters.split(';').map(|p| p.parse::<u16>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Pen::default(),
                1 => self.bold = true,
                22 => self.bold = false,
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

/// Reads `text` as a terminal would.
pub fn paint(text: &str) -> Painted {
    let mut out = Painted::default();
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
                match (end, parameters.as_str()) {
                    (Some('m'), p) => pen.select(p),
                    (Some('J'), "2" | "3") => out = Painted { cleared: true, ..Painted::default() },
                    _ => {}
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
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => start_line_anew(&mut out.spans),
            '\u{8}' => {
                if let Some(last) = out.spans.last_mut() {
                    last.text.pop();
                }
            }
            '\n' | '\t' => push(&mut out.spans, pen, c),
            c if c.is_control() => {}
            c => push(&mut out.spans, pen, c),
        }
    }
    out
}

fn push(spans: &mut Vec<Span>, pen: Pen, c: char) {
    let class = pen.class();
    match spans.last_mut() {
        Some(last) if last.class == class => last.text.push(c),
        _ => spans.push(Span { class, text: c.to_string() }),
    }
}

fn start_line_anew(spans: &mut Vec<Span>) {
    while let Some(last) = spans.last_mut() {
        if let Some(at) = last.text.rfind('\n') {
            last.text.truncate(at + 1);
            return;
        }
        spans.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(seen("\u{1b}]0;title\u{7}x\u{1b}"), "x");
        let cleared = paint("old\u{1b}[H\u{1b}[2Jnew");
        assert!(cleared.cleared);
        assert_eq!(cleared.spans, [Span { class: String::new(), text: "new".into() }]);
    }
}
