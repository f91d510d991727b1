//! Colours for YAML as it is being typed: a scanner over lines that never fails, because half a
//! manifest is what an editor shows most of the time. It knows keys, scalars, comments, anchors and
//! block scalars; flow collections are coloured by their scalars. It does not judge: the schema does.

/// What a piece of a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// White space and whatever has no colour.
    Plain,
    /// A mapping's key.
    Key,
    /// Text.
    Text,
    /// A number or quantity.
    Number,
    /// `true`, `false`, `null`, `~`.
    Literal,
    /// From `#` to the end of the line.
    Comment,
    /// `-`, `:`, brackets, block indicators.
    Mark,
    /// Anchors, aliases, tags.
    Anchor,
    /// `---` and `...`.
    Document,
}

impl Ink {
    /// The class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Ink::Plain => "",
            Ink::Key => "y-key",
            Ink::Text => "y-str",
            Ink::Number => "y-num",
            Ink::Literal => "y-lit",
            Ink::Comment => "y-com",
            Ink::Mark => "y-pun",
            Ink::Anchor => "y-anc",
            Ink::Document => "y-doc",
        }
    }
}

/// A piece of a line with its colour.
pub type Piece<'a> = (Ink, &'a str);

/// The text as lines of coloured pieces. The pieces of a line, joined, are the line.
pub fn lines(text: &str) -> Vec<Vec<Piece<'_>>> {
    let mut block: Option<usize> = None;
    text.split('\n')
        .map(|line| {
            let indent = line.len() - line.trim_start_matches(' ').len();
            if let Some(parent) = block {
                if line.trim().is_empty() || indent > parent {
                    return vec![(Ink::Text, line)];
                }
                block = None;
            }
            let pieces = one(line);
            if opens_block(&pieces) {
                block = Some(indent + dashes(line.get(indent..).unwrap_or_default()));
            }
            pieces
        })
        .collect()
}

/// The width of `- - ` before a nested item: its block scalar is deeper than that.
fn dashes(rest: &str) -> usize {
    let mut width = 0;
    let mut rest = rest;
    while let Some(tail) = rest.strip_prefix("- ") {
        width += 2;
        rest = tail;
    }
    width
}

/// Whether the line ends in `|` or `>` with its modifiers.
fn opens_block(pieces: &[Piece]) -> bool {
    pieces
        .iter()
        .rev()
        .find(|(ink, text)| *ink != Ink::Comment && !text.trim().is_empty())
        .is_some_and(|(ink, text)| *ink == Ink::Mark && text.starts_with(['|', '>']))
}

fn one(line: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    if line.starts_with("---") || line.starts_with("...") {
        let (mark, rest) = line.split_at(3);
        out.push((Ink::Document, mark));
        value(rest, &mut out);
        return out;
    }
    let mut rest = line;
    loop {
        let space = rest.len() - rest.trim_start().len();
        take(&mut rest, space, Ink::Plain, &mut out);
        if rest == "-" || rest.starts_with("- ") {
            take(&mut rest, 1, Ink::Mark, &mut out);
        } else {
            break;
        }
    }
    if let Some(end) = key_end(rest) {
        take(&mut rest, end, Ink::Key, &mut out);
        take(&mut rest, 1, Ink::Mark, &mut out);
    }
    value(rest, &mut out);
    out
}

fn take<'a>(rest: &mut &'a str, len: usize, ink: Ink, out: &mut Vec<Piece<'a>>) {
    if len > 0 && rest.is_char_boundary(len) {
        let (piece, tail) = rest.split_at(len);
        out.push((ink, piece));
        *rest = tail;
    }
}

/// Where the key at the start of `text` ends: just before a `:` that ends the line or has a space.
fn key_end(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if at == 0 => quote = Some(c),
            (None, '#') if before == ' ' => return None,
            (None, '{' | '[' | '&' | '*' | '!' | '|' | '>') if at == 0 => return None,
            (None, ':') => {
                let tail = text.get(at + 1..).unwrap_or_default();
                if at > 0 && (tail.is_empty() || tail.starts_with([' ', '\t'])) {
                    return Some(at);
                }
            }
            _ => {}
        }
        before = c;
    }
    None
}

fn value<'a>(text: &'a str, out: &mut Vec<Piece<'a>>) {
    let mut rest = text;
    while !rest.is_empty() {
        let space = rest.len() - rest.trim_start().len();
        let started = space > 0 || out.is_empty();
        take(&mut rest, space, Ink::Plain, out);
        let Some(first) = rest.chars().next() else { return };
        let (len, ink) = match first {
            '#' if started => (rest.len(), Ink::Comment),
            '"' | '\'' => (quoted(rest, first), Ink::Text),
            '{' | '}' | '[' | ']' | ',' => (1, Ink::Mark),
            '&' | '*' | '!' => (word(rest), Ink::Anchor),
            '|' | '>' if block_indicator(rest) => (word(rest), Ink::Mark),
            _ => {
                let end = plain(rest);
                let piece = rest.get(..end).unwrap_or_default();
                let flow_key = rest.get(end..).is_some_and(|t| t.starts_with(": ") || t == ":");
                (end, if flow_key { Ink::Key } else { scalar(piece) })
            }
        };
        take(&mut rest, len.max(first.len_utf8()), ink, out);
        if rest.starts_with(": ") {
            take(&mut rest, 1, Ink::Mark, out);
        }
    }
}

fn block_indicator(rest: &str) -> bool {
    let word = rest.get(..word(rest)).unwrap_or_default();
    word.chars().skip(1).all(|c| c.is_ascii_digit() || c == '-' || c == '+')
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}')).unwrap_or(rest.len())
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// A plain scalar: to a flow mark, a comment or `: `, without trailing space.
fn plain(rest: &str) -> usize {
    let mut before = 'x';
    let mut end = rest.len();
    for (at, c) in rest.char_indices() {
        let tail = rest.get(at + c.len_utf8()..).unwrap_or_default();
        let stops = matches!(c, ',' | '[' | ']' | '{' | '}')
            || (c == '#' && before == ' ')
            || (c == ':' && (tail.is_empty() || tail.starts_with(' ')) && at > 0);
        if stops {
            end = at;
            break;
        }
        before = c;
    }
    rest.get(..end).map_or(end, |t| t.trim_end().len())
}

fn scalar(text: &str) -> Ink {
    match text {
        "true" | "false" | "null" | "~" | "True" | "False" | "yes" | "no" | "on" | "off" => Ink::Literal,
        _ => {
            let digits = text.trim_start_matches(['-', '+']);
            let number = digits.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
            let unit = digits.len() - number.len();
            let numeric =
                !number.is_empty() && unit <= 2 && number.chars().all(|c| c.is_ascii_digit() || c == '.');
            if numeric { Ink::Number } else { Ink::Text }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coloured(line: &str) -> Vec<(Ink, &str)> {
        one(line).into_iter().filter(|(ink, _)| *ink != Ink::Plain).collect()
    }

    #[test]
    fn pieces_are_the_text() {
        for text in [
            "a: 'b' # c",
            "- - x: {a: 1, b: [c, \"d\\\"e\"]}",
            "---",
            "key with 한글: 값 # 주석",
            "url: http://web:80/",
            ": - ? # '",
            "\"unclosed",
            "a: &x |-",
            "\t- b",
        ] {
            let joined: String =
                lines(text).into_iter().map(|l| l.into_iter().map(|(_, t)| t).collect::<String>()).collect();
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn scalars_keys_and_comments() {
        assert_eq!(
            coloured("  - cpu: 500m # half"),
            [
                (Ink::Mark, "-"),
                (Ink::Key, "cpu"),
                (Ink::Mark, ":"),
                (Ink::Number, "500m"),
                (Ink::Comment, "# half")
            ]
        );
        assert_eq!(
            coloured("image: nginx:1.27"),
            [(Ink::Key, "image"), (Ink::Mark, ":"), (Ink::Text, "nginx:1.27")]
        );
        assert_eq!(coloured("on: true"), [(Ink::Key, "on"), (Ink::Mark, ":"), (Ink::Literal, "true")]);
    }

    #[test]
    fn block_scalars_hold_their_colour() {
        let text = "data:\n  a: |\n    x: 1\n\n    y\n  b: 2";
        let inks: Vec<Ink> = lines(text)
            .iter()
            .map(|l| l.iter().map(|p| p.0).find(|i| *i != Ink::Plain).unwrap_or(Ink::Plain))
            .collect();
        assert_eq!(inks, [Ink::Key, Ink::Key, Ink::Text, Ink::Text, Ink::Text, Ink::Key]);
    }
}
