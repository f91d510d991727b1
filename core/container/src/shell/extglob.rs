//! bash's extended patterns: `?(a|b)`, `*(…)`, `+(…)`, `@(…)`, `!(…)`. Matching tries every way there is, to a
//! bounded number of steps; what needs more does not match.

use super::glob::{Mark, class};

/// Steps one match may take.
const STEPS: usize = 200_000;

/// Whether a pattern has a group of alternatives.
#[must_use]
pub fn has_group(pattern: &[Mark]) -> bool {
    pattern.windows(2).any(|w| matches!(w, [('?' | '*' | '+' | '@' | '!', false), ('(', false)]))
}

/// Whether the whole text matches.
#[must_use]
pub fn matches(pattern: &[Mark], text: &[char]) -> bool {
    Matcher { left: STEPS }.all(pattern, text)
}

/// Operator, alternatives, and what follows.
type Group<'a> = (char, Vec<&'a [Mark]>, &'a [Mark]);

/// The group that begins `pattern`.
fn group(pattern: &[Mark]) -> Option<Group<'_>> {
    let [(operator @ ('?' | '*' | '+' | '@' | '!'), false), ('(', false), rest @ ..] = pattern else {
        return None;
    };
    let (mut alternatives, mut depth, mut from) = (Vec::new(), 0usize, 0);
    for (at, mark) in rest.iter().enumerate() {
        match mark {
            ('(', false) => depth += 1,
            (')', false) if depth == 0 => {
                alternatives.push(rest.get(from..at)?);
                return Some((*operator, alternatives, rest.get(at + 1..)?));
            }
            (')', false) => depth -= 1,
            ('|', false) if depth == 0 => {
                alternatives.push(rest.get(from..at)?);
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

struct Matcher {
    left: usize,
}

impl Matcher {
    fn all(&mut self, pattern: &[Mark], text: &[char]) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        if let Some((operator, alternatives, rest)) = group(pattern) {
            return self.group(operator, &alternatives, pattern, rest, text);
        }
        let Some(((c, quoted), after)) = pattern.split_first() else { return text.is_empty() };
        match (c, quoted) {
            ('*', false) => (0..=text.len()).any(|n| self.all(after, text.get(n..).unwrap_or(&[]))),
            ('?', false) => text.split_first().is_some_and(|(_, tail)| self.all(after, tail)),
            ('[', false) => {
                let Some((first, tail)) = text.split_first() else { return false };
                match class(pattern, *first) {
                    Some((true, size)) => self.all(pattern.get(size..).unwrap_or(&[]), tail),
                    Some((false, _)) => false,
                    None => *first == '[' && self.all(after, tail),
                }
            }
            _ => text.split_first().is_some_and(|(first, tail)| first == c && self.all(after, tail)),
        }
    }
    fn group(
        &mut self,
        operator: char,
        alternatives: &[&[Mark]],
        pattern: &[Mark],
        rest: &[Mark],
        text: &[char],
    ) -> bool {
        if matches!(operator, '?' | '*') && self.all(rest, text) {
            return true;
        }
        for length in 0..=text.len() {
            let (head, tail) = text.split_at(length);
            let fits = alternatives.iter().any(|a| self.all(a, head));
            let goes_on = match operator {
                '!' => !fits && self.all(rest, tail),
                '?' | '@' => fits && self.all(rest, tail),
                // Once more, or on with what follows.
                _ => {
                    fits && (self.all(rest, tail)
                        || length > 0 && self.again(alternatives, pattern, rest, tail))
                }
            };
            if goes_on {
                return true;
            }
        }
        false
    }
    fn again(&mut self, alternatives: &[&[Mark]], pattern: &[Mark], rest: &[Mark], text: &[char]) -> bool {
        self.left > 0 && self.group('+', alternatives, pattern, rest, text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::glob::marks;
    use super::*;

    #[test]
    fn groups() {
        let fits = |p: &str, t: &str| matches(&marks(p), &t.chars().collect::<Vec<_>>());
        assert!(fits("*.@(txt|md)", "a.b.txt") && !fits("*.@(txt|md)", "a.rs"));
        assert!(fits("+(ab|c)", "abcab") && !fits("+(ab|c)", "") && fits("*(ab)", ""));
        assert!(fits("!(*.txt)", "a.md") && !fits("!(*.txt)", "a.txt"));
        assert!(fits("?(a)b", "b") && fits("?(a)b", "ab") && !fits("?(a)b", "aab"));
        // Hostile ones end.
        _ = fits(&"*(*(a|b)|+(a))".repeat(6), &"a".repeat(60));
    }
}
