//! How a scalar may be written: libyaml's analysis of its characters and choice of style.

/// The four styles kubectl's output has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// libyaml's idea of printable: no tab, nothing beyond the basic plane.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// What the characters of a scalar allow.
struct Analysis {
    multiline: bool,
    plain: bool,
    single: bool,
    literal: bool,
}

fn analyze(text: &str) -> Analysis {
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut special, mut breaks, mut break_space, mut space_break) = (false, false, false, false);
    let (mut after_space, mut after_break, mut after_blank) = (false, false, true);
    let mut chars = text.chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        let blank_next = chars.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
        indicators |= match c {
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => first,
            '#' => after_blank,
            '?' | '-' => first && blank_next,
            ':' => blank_next,
            _ => false,
        };
        special |= !is_printable(c);
        if c == ' ' {
            break_space |= after_break;
            (after_space, after_break) = (true, false);
        } else if is_break(c) {
            breaks = true;
            space_break |= after_space;
            (after_space, after_break) = (false, true);
        } else {
            (after_space, after_break) = (false, false);
        }
        after_blank = matches!(c, ' ' | '\t') || is_break(c);
        first = false;
    }
    let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
    let ragged = edge(text.chars().next()) || edge(text.chars().next_back());
    let broken = space_break || special;
    Analysis {
        multiline: breaks,
        plain: !(ragged || break_space || broken || breaks || indicators),
        single: !(break_space || broken),
        literal: !(text.ends_with(' ') || broken || text.is_empty()),
    }
}

/// The style of a string; `key` for the key of a map on its own line.
pub(super) fn choose(text: &str, key: bool) -> Style {
    let can = analyze(text);
    let wanted = match () {
        () if text.contains('\n') => Style::Literal,
        () if super::resolve::is_ambiguous(text) => Style::Double,
        () => Style::Plain,
    };
    match wanted {
        _ if key && can.multiline => Style::Double,
        Style::Plain if can.plain => Style::Plain,
        Style::Plain if can.single => Style::Single,
        Style::Literal if can.literal && !key => Style::Literal,
        _ => Style::Double,
    }
}

/// Whether a key fits before its colon; longer ones and those of several lines take a `?`.
pub(super) fn is_simple_key(text: &str) -> bool {
    text.len() <= 128 && !text.chars().any(is_break)
}
