//! Aliases: a command's first word gives way to a text before the command is read. A value that ends in a
//! blank lets the next word be an alias too; that is left out.

use super::lexer::{Lexer, is_meta};
use std::borrow::Cow;

/// Aliases that lead to aliases.
const ROUNDS: usize = 16;

/// Replaces an alias at the start of a command by its text.
pub(super) fn expand(lexer: &mut Lexer<'_>) {
    if lexer.aliases.is_empty() {
        return;
    }
    for _ in 0..ROUNDS {
        let rest = lexer.rest();
        let end = rest
            .find(|c| is_meta(c) || matches!(c, '\'' | '"' | '\\' | '$' | '`' | '='))
            .unwrap_or(rest.len());
        let Some(word) = rest.get(..end) else { return };
        let Some((name, value)) = lexer.aliases.get_key_value(word).map(|(n, v)| (n.clone(), v.clone()))
        else {
            return;
        };
        let inside = lexer.alias_end.take().filter(|(until, _)| lexer.at < *until);
        let (until, mut seen) = inside.unwrap_or((lexer.at + end, Vec::new()));
        if seen.contains(&name) {
            lexer.alias_end = Some((until, seen));
            return;
        }
        let mut text = lexer.src.get(..lexer.at).unwrap_or("").to_string();
        text.push_str(&value);
        text.push_str(lexer.src.get(lexer.at + end..).unwrap_or(""));
        // Places in the text are others now.
        lexer.forget_places();
        if let Some((newline, after, lines)) = lexer.bodies {
            let moved = |p: usize| (p + value.len()).saturating_sub(end);
            lexer.bodies = Some((moved(newline), moved(after), lines));
        }
        lexer.src = Cow::Owned(text);
        seen.push(name);
        lexer.alias_end = Some(((until + value.len()).saturating_sub(end), seen));
    }
}
