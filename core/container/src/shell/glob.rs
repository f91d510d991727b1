//! Pattern matching and pathname expansion (POSIX XCU 2.13).

use crate::sys::Sys;
use crate::sys_fs::FileKind;
use drydock_machinery::limits;
use drydock_machinery::sort::Arrange;

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
    unquoted('*') || unquoted('?') || (unquoted('[') && unquoted(']')) || super::extglob::has_group(field)
}

/// Whether the whole text matches. Iterative, so that hostile patterns cost at most
/// pattern × text steps.
#[must_use]
pub fn matches(pattern: &[Mark], text: &[char]) -> bool {
    if super::extglob::has_group(pattern) {
        return super::extglob::matches(pattern, text);
    }
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
pub(super) fn class(pattern: &[Mark], c: char) -> Option<(bool, usize)> {
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

/// How pathnames are looked for: hidden files too, `**` through all folders, without regard to case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    pub dot: bool,
    pub deep: bool,
    pub any_case: bool,
}

/// Pathnames a field with patterns stands for, sorted; empty if none exist.
pub fn expand(sys: &mut Sys<'_>, field: &[Mark], how: How) -> Vec<String> {
    let parts: Vec<&[Mark]> = field.split(|m| m.0 == '/').collect();
    // What is found so far, each with its slash.
    let mut found: Vec<String> = vec![String::new()];
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let literal: String = part.iter().map(|m| m.0).collect();
        let mut next = Vec::new();
        for base in found {
            if !has_pattern(part) {
                let path = format!("{base}{literal}");
                if !is_last {
                    next.push(path + "/");
                } else if literal.is_empty() || sys.lstat(&path).is_ok() {
                    next.push(path);
                }
            } else if how.deep && matches!(part, [('*', false), ('*', false)]) {
                every(sys, &base, is_last, how, &mut next, 0);
            } else {
                for name in names(sys, &base, how.dot || matches!(part.first(), Some(('.', _)))) {
                    let fold = |c: char| if how.any_case { c.to_ascii_lowercase() } else { c };
                    let chars: Vec<char> = name.chars().map(fold).collect();
                    let pattern: Vec<Mark> = part.iter().map(|(c, quoted)| (fold(*c), *quoted)).collect();
                    let path = format!("{base}{name}");
                    if matches(&pattern, &chars) && (is_last || is_folder(sys, &path)) {
                        next.push(if is_last { path } else { path + "/" });
                    }
                }
            }
            if next.len() > limits::FILES {
                return Vec::new();
            }
        }
        found = next;
    }
    found.retain(|p| !p.is_empty());
    found.arrange();
    found
}

fn is_folder(sys: &mut Sys<'_>, path: &str) -> bool {
    sys.stat(path).is_ok_and(|s| s.kind == FileKind::Directory)
}

fn names(sys: &mut Sys<'_>, base: &str, hidden: bool) -> Vec<String> {
    let mut names = sys.list(if base.is_empty() { "." } else { base }).unwrap_or_default();
    names.retain(|name| hidden || !name.starts_with('.'));
    names.arrange();
    names
}

/// `**`: a folder and all below it; files too where it stands last. Links are not followed.
fn every(sys: &mut Sys<'_>, base: &str, files: bool, how: How, out: &mut Vec<String>, depth: usize) {
    if depth > limits::DEPTH || out.len() > limits::FILES {
        return;
    }
    if depth == 0 || !files {
        out.push(base.to_string());
    }
    for name in names(sys, base, how.dot) {
        let path = format!("{base}{name}");
        let folder = sys.lstat(&path).is_ok_and(|s| s.kind == FileKind::Directory);
        if files {
            out.push(path.clone());
        }
        if folder {
            every(sys, &(path + "/"), files, how, out, depth + 1);
        }
    }
}
