//! `.dockerignore`: which files stay out of the build context. Follows moby/patternmatcher: patterns are
//! anchored at the root, `**` spans folders, `!` brings back, the last pattern that matches wins, and
//! what lies in an ignored folder is ignored with it.

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Piece {
    Char(char),
    /// `?`
    One,
    /// `*`
    Part,
    /// `**`
    All,
    /// `**/`
    Folders,
    /// `[a-z]`: ranges, and whether it is the opposite that matches.
    Class(Vec<(char, char)>, bool),
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pattern {
    pieces: Vec<Piece>,
    back: bool,
}

/// A file's patterns in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ignore(Vec<Pattern>);

impl Ignore {
    /// Reads a `.dockerignore`.
    #[must_use]
    pub fn parse(text: &str) -> Ignore {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().filter(|l| !l.starts_with('#')).map(str::trim).filter(|l| !l.is_empty());
        Ignore(lines.filter_map(pattern).collect())
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether a path, relative to the context, is left out.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let chars: Vec<char> = path.chars().collect();
        // The path itself and every folder above it.
        let ends: Vec<usize> = chars
            .iter()
            .enumerate()
            .filter(|(_, c)| **c == '/')
            .map(|(at, _)| at)
            .chain(std::iter::once(chars.len()))
            .collect();
        self.0.iter().fold(false, |ignored, pattern| {
            // A pattern that would not change anything need not be looked at.
            if ignored != pattern.back {
                return ignored;
            }
            let hit = ends.iter().any(|end| chars.get(..*end).is_some_and(|p| fits(&pattern.pieces, p)));
            if hit { !pattern.back } else { ignored }
        })
    }
    /// Whether nothing below an ignored folder can come back, so that it need not be entered.
    #[must_use]
    pub fn brings_back(&self) -> bool {
        self.0.iter().any(|p| p.back)
    }
}

fn pattern(line: &str) -> Option<Pattern> {
    let (back, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
    // As filepath.Clean, then without the leading slash.
    let mut parts: Vec<&str> = Vec::new();
    for part in line.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return None;
    }
    let mut chars = parts.join("/").chars().collect::<Vec<_>>().into_iter().peekable();
    let mut pieces = Vec::new();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                    Piece::Folders
                } else {
                    Piece::All
                }
            }
            '*' => Piece::Part,
            '?' => Piece::One,
            '[' => class(&mut chars),
            '\\' => Piece::Char(chars.next().unwrap_or('\\')),
            c => Piece::Char(c),
        });
    }
    Some(Pattern { pieces, back })
}

fn class(chars: &mut std::iter::Peekable<std::vec::IntoIter<char>>) -> Piece {
    let mut ranges = Vec::new();
    let opposite = chars.peek() == Some(&'^');
    if opposite {
        chars.next();
    }
    while let Some(c) = chars.next() {
        if c == ']' && !ranges.is_empty() {
            break;
        }
        let low = if c == '\\' { chars.next().unwrap_or('\\') } else { c };
        let mut high = low;
        if chars.peek() == Some(&'-') {
            chars.next();
            high = chars.next().unwrap_or(low);
        }
        ranges.push((low, high));
    }
    Piece::Class(ranges, opposite)
}

/// Whether the pieces match the whole text: the set of reachable places is carried along, so that no
/// pattern costs more than its length times the text's.
fn fits(pieces: &[Piece], text: &[char]) -> bool {
    let mut reach: Vec<bool> = (0..=text.len()).map(|n| n == 0).collect();
    for piece in pieces {
        let mut next = vec![false; reach.len()];
        let mut open = false;
        for (at, slot) in next.iter_mut().enumerate() {
            let here = reach.get(at).copied().unwrap_or(false);
            let before = at > 0 && reach.get(at - 1).copied().unwrap_or(false);
            let c = at.checked_sub(1).and_then(|n| text.get(n)).copied();
            *slot = match piece {
                Piece::Char(wanted) => before && c == Some(*wanted),
                Piece::One => before && c.is_some_and(|c| c != '/'),
                Piece::Class(ranges, opposite) => {
                    before
                        && c.is_some_and(|c| {
                            c != '/' && ranges.iter().any(|r| r.0 <= c && c <= r.1) != *opposite
                        })
                }
                Piece::Part => {
                    open = here || (open && c.is_some_and(|c| c != '/'));
                    open
                }
                Piece::All => {
                    open |= here;
                    open
                }
                Piece::Folders => {
                    let ends_folder = open && c == Some('/');
                    open |= here;
                    here || ends_folder
                }
            };
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_that_matches_wins() {
        let ignore =
            Ignore::parse("# no\n*.log\n!keep.log\nnode_modules\n**/tmp\ndocs/**/*.md\n/abs\na?c\nx[0-9]\n");
        for (path, ignored) in [
            ("b.log", true),
            ("keep.log", false),
            ("sub/c.log", false),
            ("node_modules/x/y.js", true),
            ("sub/node_modules", false),
            ("tmp", true),
            ("a/b/tmp/f", true),
            ("docs/r.md", true),
            ("docs/a/b/r.md", true),
            ("docs/a/b/r.txt", false),
            ("abs/f", true),
            ("abc", true),
            ("x7", true),
            ("xy", false),
        ] {
            assert_eq!(ignore.matches(path), ignored, "{path}");
        }
    }
    #[test]
    fn everything_but() {
        let ignore = Ignore::parse("*\n!src\n!Dockerfile\nsrc/secret");
        assert!(ignore.matches("a") && !ignore.matches("src/main.rs") && ignore.matches("src/secret/k"));
        let all = Ignore::parse("**\n!**/*.go");
        assert!(!all.matches("a/b.go") && all.matches("a/b.c"));
    }
}
