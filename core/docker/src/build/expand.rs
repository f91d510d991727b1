//! Variables, quotes and escapes in the words of a Dockerfile: `$V ${V} ${V:-d} ${V:+a} ${V:?e} ${V#p}
//! ${V%p} ${V/p/r}`. Follows moby/buildkit `frontend/dockerfile/shell/lex.go` with its error texts.

/// How a word is to be read.
#[derive(Clone, Copy)]
pub struct Expand<'a> {
    pub escape: char,
    /// Value of a variable, if it is set.
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
    /// For display: quotes and escapes stay, unset variables stay as written.
    pub shown: bool,
}

impl Expand<'_> {
    /// One word, whatever it expands to.
    ///
    /// # Errors
    /// `failed to process …` with what is wrong.
    pub fn word(&self, text: &str) -> Result<String, String> {
        self.run(text).map(|w| w.whole)
    }
    /// The words it falls into: what a variable holds is split at blanks unless it was quoted.
    ///
    /// # Errors
    /// As [`Expand::word`].
    pub fn words(&self, text: &str) -> Result<Vec<String>, String> {
        self.run(text).map(Words::finish)
    }
    fn run(&self, text: &str) -> Result<Words, String> {
        let mut reader = Reader { of: self, chars: text.chars().collect(), at: 0, depth: 0 };
        reader
            .until(None, self.shown)
            .map_err(|why| format!("failed to process {}: {why}", drydock_machinery::quote::go(text)))
    }
}

/// A result as a whole and in words.
#[derive(Default)]
struct Words {
    whole: String,
    list: Vec<String>,
    word: String,
    inside: bool,
}

impl Words {
    fn plain(&mut self, c: char) {
        self.whole.push(c);
        if c.is_whitespace() {
            if std::mem::take(&mut self.inside) {
                self.list.push(std::mem::take(&mut self.word));
            }
        } else {
            self.inside = true;
            self.word.push(c);
        }
    }
    fn raw(&mut self, text: &str) {
        self.inside = true;
        self.whole.push_str(text);
        self.word.push_str(text);
    }
    fn finish(mut self) -> Vec<String> {
        if self.inside {
            self.list.push(self.word);
        }
        self.list
    }
}

struct Reader<'a> {
    of: &'a Expand<'a>,
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<Words, String> {
        let mut out = Words::default();
        self.depth += 1;
        if self.depth > drydock_machinery::limits::DEPTH {
            return Err("substitutions are nested too deeply".into());
        }
        while let Some(c) = self.peek() {
            if Some(c) == stop {
                self.at += 1;
                self.depth -= 1;
                return Ok(out);
            }
            match c {
                '$' => {
                    let value = self.dollar()?;
                    value.chars().for_each(|c| out.plain(c));
                }
                '\'' => out.raw(&self.single()?),
                '"' => out.raw(&self.double()?),
                c if c == self.of.escape => {
                    self.at += 1;
                    if raw_escapes {
                        out.raw(&c.to_string());
                    }
                    if let Some(c) = self.next() {
                        out.raw(&c.to_string());
                    }
                }
                c => {
                    self.at += 1;
                    out.plain(c);
                }
            }
        }
        self.depth -= 1;
        match stop {
            None => Ok(out),
            Some(stop) => Err(format!("unexpected end of statement while looking for matching {stop}")),
        }
    }
    fn single(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.next() {
                None => {
                    return Err("unexpected end of statement while looking for matching single-quote".into());
                }
                Some('\'') => return Ok(if self.of.shown { format!("'{out}'") } else { out }),
                Some(c) => out.push(c),
            }
        }
    }
    fn double(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.peek() {
                None => {
                    return Err("unexpected end of statement while looking for matching double-quote".into());
                }
                Some('"') => {
                    self.at += 1;
                    return Ok(if self.of.shown { format!("\"{out}\"") } else { out });
                }
                Some('$') => out.push_str(&self.dollar()?),
                Some(c) if c == self.of.escape => {
                    self.at += 1;
                    let special = matches!(self.peek(), Some(n) if matches!(n, '"' | '$') || n == c);
                    if self.of.shown || !special {
                        out.push(c);
                    }
                    if special && let Some(next) = self.next() {
                        out.push(next);
                    }
                }
                Some(c) => {
                    self.at += 1;
                    out.push(c);
                }
            }
        }
    }
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            let digits = name.starts_with(|c: char| c.is_ascii_digit());
            let fits = if digits { c.is_ascii_digit() } else { c.is_alphanumeric() || c == '_' };
            if name.is_empty() && "@*#?-$!0".contains(c) {
                self.at += 1;
                return c.to_string();
            }
            if !fits {
                break;
            }
            name.push(c);
            self.at += 1;
        }
        name
    }
    fn dollar(&mut self) -> Result<String, String> {
        self.at += 1;
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".into());
            }
            return Ok(match (self.of.lookup)(&name) {
                Some(value) => value,
                None if self.of.shown => format!("${name}"),
                None => String::new(),
            });
        }
        self.at += 1;
        match self.peek() {
            None => return Err("syntax error: missing '}'".into()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".into()),
            _ => {}
        }
        let name = self.name();
        let value = (self.of.lookup)(&name);
        let mut operator = self.next();
        let colon = operator == Some(':');
        if colon {
            operator = self.next();
        }
        let chosen = match operator {
            Some('}') if !colon => {
                return Ok(match value {
                    Some(value) => value,
                    None if self.of.shown => format!("${{{name}}}"),
                    None => String::new(),
                });
            }
            Some(c @ ('+' | '-' | '?')) => c,
            Some(c @ ('#' | '%')) if !colon => c,
            Some('/') if !colon => return self.replace(&name, value),
            None => return Err("syntax error: missing '}'".into()),
            Some(c) => {
                let colon = if colon { ":" } else { "" };
                return Err(format!("unsupported modifier ({colon}{c}) in substitution"));
            }
        };
        let raw = matches!(chosen, '#' | '%');
        let word = self.until(Some('}'), raw).map_err(|e| self.missing(e))?.whole;
        if self.of.shown && value.is_none() {
            let colon = if colon { ":" } else { "" };
            return Ok(format!("${{{name}{colon}{chosen}{word}}}"));
        }
        let unset = value.as_ref().is_none_or(|v| colon && v.is_empty());
        match chosen {
            '-' if unset => Ok(word),
            '+' if unset => Ok(String::new()),
            '+' => Ok(word),
            '?' if unset => {
                let why = if !word.is_empty() {
                    word
                } else if value.is_none() {
                    "is not allowed to be unset".into()
                } else {
                    "is not allowed to be empty".into()
                };
                Err(format!("{name}: {why}"))
            }
            '#' | '%' => {
                let greedy = word.starts_with(chosen);
                let pattern = if greedy { word.get(1..).unwrap_or("") } else { &word };
                Ok(trim(&value.unwrap_or_default(), pattern, chosen == '#', greedy))
            }
            _ => Ok(value.unwrap_or_default()),
        }
    }
    fn missing(&self, error: String) -> String {
        if self.peek().is_none() { "syntax error: missing '}'".into() } else { error }
    }
    fn replace(&mut self, name: &str, value: Option<String>) -> Result<String, String> {
        let all = self.peek() == Some('/');
        if all {
            self.at += 1;
        }
        let pattern = self.until(Some('/'), true).map_err(|e| self.missing(e))?.whole;
        let by = self.until(Some('}'), true).map_err(|e| self.missing(e))?.whole;
        let Some(value) = value else {
            let slash = if all { "//" } else { "/" };
            return Ok(if self.of.shown {
                format!("${{{name}{slash}{pattern}/{by}}}")
            } else {
                String::new()
            });
        };
        let chars: Vec<char> = value.chars().collect();
        let (mut out, mut at, mut done) = (String::new(), 0, false);
        while at < chars.len() {
            let longest = (at + 1..=chars.len())
                .rev()
                .find(|end| chars.get(at..*end).is_some_and(|part| glob(&pattern, part)));
            match longest {
                Some(end) if !done => {
                    out.push_str(&by);
                    at = end;
                    done = !all;
                }
                _ => {
                    out.extend(chars.get(at));
                    at += 1;
                }
            }
        }
        Ok(out)
    }
}

/// Takes what matches a pattern off one end.
fn trim(value: &str, pattern: &str, front: bool, greedy: bool) -> String {
    let chars: Vec<char> = value.chars().collect();
    let count = chars.len();
    let mut lengths: Vec<usize> = (0..=count).collect();
    if greedy {
        lengths.reverse();
    }
    for length in lengths {
        let (part, rest) = if front {
            (chars.get(..length), chars.get(length..))
        } else {
            (chars.get(count - length..), chars.get(..count - length))
        };
        if part.is_some_and(|part| glob(pattern, part)) {
            return rest.unwrap_or_default().iter().collect();
        }
    }
    value.to_string()
}

/// `*` and `?` with backslash escapes; anchored at both ends.
fn glob(pattern: &str, text: &[char]) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    // Which prefixes of the text the pattern read so far matches.
    let mut reach: Vec<bool> = (0..=text.len()).map(|n| n == 0).collect();
    let mut at = 0;
    while let Some(&c) = pattern.get(at) {
        at += 1;
        let (literal, c) = match c {
            '\\' => {
                at += 1;
                (true, pattern.get(at - 1).copied().unwrap_or('\\'))
            }
            c => (false, c),
        };
        if c == '*' && !literal {
            let mut any = false;
            for here in &mut reach {
                any |= *here;
                *here = any;
            }
            continue;
        }
        let next: Vec<bool> = std::iter::once(false)
            .chain(reach.iter().zip(text).map(|(here, t)| *here && ((c == '?' && !literal) || *t == c)))
            .collect();
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, shown: bool) -> Result<String, String> {
        let lookup = |name: &str| match name {
            "A" => Some("one two".to_string()),
            "E" => Some(String::new()),
            "F" => Some("a/b/c.tar.gz".to_string()),
            _ => None,
        };
        Expand { escape: '\\', lookup: &lookup, shown }.word(text)
    }

    #[test]
    fn expands_as_the_builder_does() {
        for (text, expected) in [
            ("$A-${A}", "one two-one two"),
            ("${N:-d} ${E:-d} ${E-d} ${A:+y}${N+n}", "d d  y"),
            (r"\$A '$A' \x", "$A $A x"),
            ("\"$A\\\"\"", "one two\""),
            ("${N:-${A}}", "one two"),
            ("${F#*/} ${F##*/} ${F%.*} ${F%%.*}", "b/c.tar.gz c.tar.gz a/b/c.tar a/b/c"),
            ("${F/b/X} ${F//[/]/-}", "a/X/c.tar.gz a/b/c.tar.gz"),
            ("$ $", "$ $"),
        ] {
            assert_eq!(with(text, false).unwrap(), expected, "{text}");
        }
        assert_eq!(
            with("echo \"$A\" '$A' $N ${N:-x} \\$A", true).unwrap(),
            "echo \"one two\" '$A' $N ${N:-x} \\$A"
        );
    }
    #[test]
    fn refuses_what_the_builder_refuses() {
        for (text, expected) in [
            ("${N:?gone}", "failed to process \"${N:?gone}\": N: gone"),
            ("${A", "failed to process \"${A\": syntax error: missing '}'"),
            ("${}", "failed to process \"${}\": syntax error: bad substitution"),
            ("${A:x}", "failed to process \"${A:x}\": unsupported modifier (:x) in substitution"),
            (
                "'a",
                "failed to process \"'a\": unexpected end of statement while looking for matching single-quote",
            ),
        ] {
            assert_eq!(with(text, false).unwrap_err(), expected);
        }
    }
    #[test]
    fn words_split_only_what_is_not_quoted() {
        let lookup = |_: &str| Some("80 81".to_string());
        let expand = Expand { escape: '\\', lookup: &lookup, shown: false };
        assert_eq!(expand.words("$P").unwrap(), ["80", "81"]);
        assert_eq!(expand.words("\"$P\"").unwrap(), ["80 81"]);
    }
}
