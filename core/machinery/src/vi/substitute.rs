//! vi's `:s`: on this line, on some, on all.

pub fn pattern_of(command: &str) -> String {
    let body = command.trim_start_matches('%').trim_start_matches('s');
    let mark = body.chars().next().unwrap_or('/');
    body.split(mark).nth(1).unwrap_or("").to_owned()
}

/// `:s/a/b/`, `:%s/a/b/g`, `:1,5s#a#b#`: the text after it and how many were replaced. Patterns are
/// plain text, with `^` and `$` at their ends.
pub fn substitute(command: &str, text: &str, at: usize) -> Option<(String, usize)> {
    let place = command.find('s')?;
    let (range, body) = command.split_at(place);
    let body = body.get(1..)?;
    let mark = body.chars().next().filter(|c| !c.is_alphanumeric() && *c != ' ')?;
    let mut parts = body.get(mark.len_utf8()..)?.split(mark);
    let (pattern, with) = (parts.next()?, parts.next().unwrap_or(""));
    let all = parts.next().unwrap_or("").contains('g');
    let last = text.split('\n').count();
    let here = text.get(..at)?.matches('\n').count() + 1;
    let line = |word: &str| match word {
        "." => Some(here),
        "$" => Some(last),
        number => number.parse().ok(),
    };
    let (first, last) = match range {
        "" => (here, here),
        "%" => (1, last),
        range => match range.split_once(',') {
            Some((a, b)) => (line(a)?, line(b)?),
            None => (line(range)?, line(range)?),
        },
    };
    let mut count = 0;
    let lines: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(at, line)| {
            if at + 1 < first || at + 1 > last {
                return line.to_owned();
            }
            let (changed, hits) = replaced(line, pattern, with, all);
            count += hits;
            changed
        })
        .collect();
    Some((lines.join("\n"), count))
}

fn replaced(line: &str, pattern: &str, with: &str, all: bool) -> (String, usize) {
    if let Some(start) = pattern.strip_prefix('^') {
        return match line.strip_prefix(start) {
            Some(rest) => (format!("{with}{rest}"), 1),
            None => (line.to_owned(), 0),
        };
    }
    if let Some(end) = pattern.strip_suffix('$') {
        return match line.strip_suffix(end) {
            Some(rest) => (format!("{rest}{with}"), 1),
            None => (line.to_owned(), 0),
        };
    }
    let plain = pattern.replace("\\.", ".").replace("\\/", "/");
    if plain.is_empty() {
        return (line.to_owned(), 0);
    }
    let hits = line.matches(&plain).count();
    if all { (line.replace(&plain, with), hits) } else { (line.replacen(&plain, with, 1), hits.min(1)) }
}
