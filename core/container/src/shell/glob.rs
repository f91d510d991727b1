//! Pattern matching and pathname expansion (POSIX XCU 2.13).

use crate::sys::Sys;

/// A character of a pattern or field, and whether it was quoted.
pub type Mark = (char, bool);

/// Marks text as unquoted.
#[must_use]
pub fn marks(text: &str) -> Vec<Mark> {
    text.chars().map(|c| (c, false)).collect()
}

#[must_use]
pub fn has_pattern(field: &[Mark]) -> bool {
    let unquoted = |wanted: char| field.iter().any(|(c, quoted)| *c == wanted && !quoted);
    unquoted('*') || unquoted('?') || (unquoted('[') && unquoted(']'))
}

/// Whether the whole text matches. Iterative, so that hostile patterns cost at most
/// pattern × text steps.
#[must_use]
pub fn matches(pattern: &[Mark], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let here = pattern.get(p);
        if let Some(('*', false)) = here {
            star = Some((p + 1, t));
            p += 1;
            continue;
        }
        let Some(c) = text.get(t) else {
            if here.is_none() {
                return true;
            }
            return false;
        };
        let step = match here {
            Some(('?', false)) => Some(1),
            Some(('[', false)) => match class(pattern.get(p..).unwrap_or(&[]), *c) {
                Some((true, size)) => Some(size),
                Some((false, _)) => None,
                None => (*c == '[').then_some(1),
            },
            Some((wanted, _)) => (wanted == c).then_some(1),
            None => None,
        };
        match (step, star) {
            (Some(size), _) => {
                p += size;
                t += 1;
            }
            (None, Some((after, from))) => {
                star = Some((after, from + 1));
                p = after;
                t = from + 1;
            }
            (None, None) => return false,
        }
    }
}

/// A bracket expression at the start of `pattern`: whether `c` is in it, and its length.
fn class(pattern: &[Mark], c: char) -> Option<(bool, usize)> {
    let mut at = 1;
    let negated = matches!(pattern.get(at), Some(('!' | '^', false)));
    at += usize::from(negated);
    let first = at;
    let mut found = false;
    loop {
        let (item, quoted) = *pattern.get(at)?;
        if item == ']' && !quoted && at > first {
            return Some((found != negated, at + 1));
        }
        if item == '[' && !quoted && matches!(pattern.get(at + 1), Some((':', _))) {
            let name: String =
                pattern.get(at + 2..)?.iter().map(|m| m.0).take_while(|c| c.is_ascii_alphabetic()).collect();
            let end = at + 2 + name.len();
            if matches!(pattern.get(end), Some((':', _))) && matches!(pattern.get(end + 1), Some((']', _))) {
                found |= in_class(&name, c);
                at = end + 2;
                continue;
            }
        }
        if let (Some(('-', false)), Some((high, _))) = (pattern.get(at + 1), pattern.get(at + 2))
            && *high != ']'
        {
            found |= (item..=*high).contains(&c);
            at += 3;
            continue;
        }
        found |= item == c;
        at += 1;
    }
}

/// POSIX character classes by name, ASCII.
#[must_use]
pub fn in_class(name: &str, c: char) -> bool {
    match name {
        "alpha" => c.is_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_alphanumeric(),
        "upper" => c.is_uppercase(),
        "lower" => c.is_lowercase(),
        "space" => c.is_ascii_whitespace() || c == '\u{b}',
        "blank" => c == ' ' || c == '\t',
        "punct" => c.is_ascii_punctuation(),
        "xdigit" => c.is_ascii_hexdigit(),
        "cntrl" => c.is_ascii_control(),
        "print" => !c.is_control(),
        "graph" => !c.is_control() && c != ' ',
        _ => false,
    }
}

/// Pathnames a field with patterns stands for, sorted; empty if none exist.
pub fn expand(sys: &mut Sys<'_>, field: &[Mark], dot: bool) -> Vec<String> {
    let parts: Vec<&[Mark]> = field.split(|m| m.0 == '/').collect();
    let mut found: Vec<String> = vec![String::new()];
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let literal: String = part.iter().map(|m| m.0).collect();
        let mut next = Vec::new();
        for base in found {
            let join = |name: &str| if at == 0 { name.to_string() } else { format!("{base}/{name}") };
            if !has_pattern(part) {
                let path = join(&literal);
                if !is_last || path.is_empty() || sys.lstat(&path).is_ok() || literal.is_empty() {
                    next.push(path);
                }
                continue;
            }
            let directory = match (at, base.as_str()) {
                (0, _) => ".",
                (_, "") => "/",
                (_, base) => base,
            };
            let hidden = dot || matches!(part.first(), Some(('.', _)));
            let Ok(mut names) = sys.list(directory) else { continue };
            names.sort();
            for name in names {
                let chars: Vec<char> = name.chars().collect();
                if (name.starts_with('.') && !hidden) || !matches(part, &chars) {
                    continue;
                }
                let path = join(&name);
                if is_last || sys.stat(&path).is_ok_and(|s| s.kind == crate::sys_fs::FileKind::Directory) {
                    next.push(path);
                }
            }
            if next.len() > drydock_machinery::limits::FILES {
                return Vec::new();
            }
        }
        found = next;
    }
    found.retain(|p| !p.is_empty());
    found.sort();
    found
}
