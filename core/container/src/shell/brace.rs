//! Brace expansion (bash): `a{b,c}d`, `{1..5}`, `{a..e..2}`, before anything else happens to a word.

use super::ast::{Part, Word};

/// Words one brace expression may give; beyond it is left as it stands.
const MOST: usize = 65_536;

#[derive(Clone)]
enum Token {
    Char(char),
    Part(Part),
}

/// The words a word stands for; itself where it has no braces.
#[must_use]
pub fn expand(word: &Word) -> Vec<Word> {
    let has = |p: &Part| matches!(p, Part::Text(t) if t.contains('{'));
    if !word.0.iter().any(has) {
        return vec![word.clone()];
    }
    let mut tokens = Vec::new();
    for part in &word.0 {
        match part {
            Part::Text(text) => tokens.extend(text.chars().map(Token::Char)),
            other => tokens.push(Token::Part(other.clone())),
        }
    }
    alternatives(&tokens, 0).into_iter().map(|tokens| rebuild(&tokens)).collect()
}

fn rebuild(tokens: &[Token]) -> Word {
    let mut parts = Vec::new();
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Char(c) => text.push(*c),
            Token::Part(part) => {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text).into()));
                }
                parts.push(part.clone());
            }
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.into()));
    }
    Word(parts)
}

fn alternatives(tokens: &[Token], depth: usize) -> Vec<Vec<Token>> {
    let is = |t: &Token, wanted: char| matches!(t, Token::Char(c) if *c == wanted);
    for (open, token) in tokens.iter().enumerate() {
        if !is(token, '{') || depth > 32 {
            continue;
        }
        let mut level = 0;
        let mut commas = Vec::new();
        let mut close = None;
        for (at, token) in tokens.iter().enumerate().skip(open) {
            if is(token, '{') {
                level += 1;
            } else if is(token, '}') {
                level -= 1;
                if level == 0 {
                    close = Some(at);
                    break;
                }
            } else if is(token, ',') && level == 1 {
                commas.push(at);
            }
        }
        let Some(close) = close else { continue };
        let inner = tokens.get(open + 1..close).unwrap_or(&[]);
        let middles: Vec<Vec<Token>> = if commas.is_empty() {
            match sequence(inner) {
                Some(items) => items.into_iter().map(|i| i.chars().map(Token::Char).collect()).collect(),
                None => continue,
            }
        } else {
            let ends = commas.iter().copied().chain([close]);
            let starts = [open].into_iter().chain(commas.iter().copied()).map(|s| s + 1);
            let pieces = starts.zip(ends).map(|(s, e)| tokens.get(s..e).unwrap_or(&[]));
            pieces.flat_map(|piece| alternatives(piece, depth + 1)).collect()
        };
        let before = tokens.get(..open).unwrap_or(&[]);
        let tails = alternatives(tokens.get(close + 1..).unwrap_or(&[]), depth + 1);
        if middles.len().saturating_mul(tails.len()) > MOST {
            continue;
        }
        return middles
            .iter()
            .flat_map(|middle| {
                tails.iter().map(move |tail| [before, middle.as_slice(), tail.as_slice()].concat())
            })
            .collect();
    }
    vec![tokens.to_vec()]
}

/// `1..5`, `05..1..2`, `a..e`.
fn sequence(tokens: &[Token]) -> Option<Vec<String>> {
    let text: Option<String> =
        tokens.iter().map(|t| if let Token::Char(c) = t { Some(*c) } else { None }).collect();
    let text = text?;
    let mut parts = text.split("..");
    let (from, to, step) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let step = match step {
        Some(step) => step.parse::<i64>().ok()?,
        None => 1,
    };
    let size = i64::try_from(step.unsigned_abs()).ok()?.max(1);
    let walk = |a: i64, b: i64| -> Vec<i64> {
        let count = a.abs_diff(b) / size.unsigned_abs() + 1;
        let signed = if a <= b { size } else { -size };
        (0..count.min(MOST as u64) as i64).map(|i| a + i * signed).collect()
    };
    if let (Ok(a), Ok(b)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let padded =
            |t: &str| t.trim_start_matches('-').len() > 1 && t.trim_start_matches('-').starts_with('0');
        let width = if padded(from) || padded(to) { from.len().max(to.len()) } else { 0 };
        return Some(walk(a, b).into_iter().map(|n| format!("{n:0width$}")).collect());
    }
    let letter = |t: &str| {
        let mut chars = t.chars();
        let c = chars.next().filter(char::is_ascii_alphabetic)?;
        chars.next().is_none().then_some(i64::from(u32::from(c)))
    };
    let (a, b) = (letter(from)?, letter(to)?);
    Some(walk(a, b).into_iter().filter_map(|n| char::from_u32(n as u32)).map(String::from).collect())
}
