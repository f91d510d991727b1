//! How the rest of an instruction's line falls into words: flags, JSON lists, `key=value` pairs, words
//! between blanks, or one string. Follows moby/buildkit `parser/line_parsers.go` and `split_command.go`.

use super::dockerfile::Node;
use drydock_machinery::{Value, json, quote};

/// The `--flag` words in front, and what follows them.
///
/// # Errors
/// None today; the signature is the parser's.
pub fn flags(line: &str, escape: char) -> Result<(Vec<String>, &str), String> {
    let (mut flags, mut rest) = (Vec::new(), line);
    while rest.starts_with("--") {
        let (mut word, mut end, mut quote, mut escaped) = (String::new(), rest.len(), None, false);
        for (at, c) in rest.char_indices() {
            match c {
                c if escaped => {
                    word.push(c);
                    escaped = false;
                }
                c if c == escape => escaped = true,
                c if quote == Some(c) => quote = None,
                c if quote.is_some() => word.push(c),
                '"' | '\'' => quote = Some(c),
                c if c.is_whitespace() => {
                    end = at;
                    break;
                }
                c => word.push(c),
            }
        }
        rest = rest.get(end..).unwrap_or("").trim_start();
        if word == "--" {
            break;
        }
        flags.push(word);
    }
    Ok((flags, rest))
}

/// Gives a node its words as its keyword's parser makes them.
///
/// # Errors
/// BuildKit's texts.
pub fn fill(node: &mut Node, rest: &str, escape: char) -> Result<(), String> {
    let rest = rest.trim_end();
    match &*node.keyword.to_ascii_lowercase() {
        "add" | "copy" | "volume" => {
            if !take_json(node, rest)? {
                node.args = blank_words(rest);
            }
        }
        "cmd" | "entrypoint" | "run" | "shell" => {
            if !take_json(node, rest)? && !rest.is_empty() {
                node.args = vec![rest.to_string()];
            }
        }
        "env" => take_pairs(node, rest, "ENV", escape)?,
        "label" => take_pairs(node, rest, "LABEL", escape)?,
        "arg" => node.args = words(rest, escape),
        "expose" | "from" => node.args = blank_words(rest),
        "healthcheck" => {
            let (kind, command) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            if !kind.is_empty() {
                let command = command.trim_start();
                take_json(node, command)?;
                if !node.json && !command.is_empty() {
                    node.args = vec![command.to_string()];
                }
                node.args.insert(0, kind.to_string());
            }
        }
        // MAINTAINER, ONBUILD, STOPSIGNAL, USER, WORKDIR, and whatever will be refused.
        _ if rest.is_empty() => {}
        _ => node.args = vec![rest.to_string()],
    }
    Ok(())
}

/// A list of strings in JSON; anything else that begins like one is an ordinary word.
fn take_json(node: &mut Node, rest: &str) -> Result<bool, String> {
    if !rest.starts_with('[') {
        return Ok(false);
    }
    let Ok(Value::List(items)) = json::parse(rest.as_bytes()) else { return Ok(false) };
    let mut args = Vec::new();
    for item in items.iter() {
        let Some(text) = item.as_str() else {
            return Err("when using JSON array syntax, arrays must be comprised of strings only".into());
        };
        args.push(text.to_string());
    }
    (node.json, node.args) = (true, args);
    Ok(true)
}

/// Words between blanks, quotes meaning nothing.
fn blank_words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_string).collect()
}

/// Name, value, name, value…: `k v` or `k=v k=v`.
fn take_pairs(node: &mut Node, rest: &str, keyword: &str, escape: char) -> Result<(), String> {
    let words = words(rest, escape);
    let Some(first) = words.first() else { return Ok(()) };
    if !first.contains('=') {
        let Some((name, value)) = rest.split_once(char::is_whitespace) else {
            return Err(format!("{keyword} must have two arguments"));
        };
        node.spaced = true;
        node.args = vec![name.to_string(), value.trim_start().to_string()];
        return Ok(());
    }
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            return Err(format!(
                "Syntax error - can't find = in {}. Must be of the form: name=value",
                quote::go(&word)
            ));
        };
        node.args.extend([name.to_string(), value.to_string()]);
    }
    Ok(())
}

/// Words between blanks, quotes and escapes kept as they are.
#[must_use]
pub fn words(text: &str, escape: char) -> Vec<String> {
    let (mut out, mut word, mut inside, mut quote, mut escaped) =
        (Vec::new(), String::new(), false, None, false);
    for c in text.chars() {
        if escaped {
            word.push(c);
            escaped = false;
            continue;
        }
        match (c, quote) {
            (c, None) if c.is_whitespace() => {
                if std::mem::take(&mut inside) {
                    out.push(std::mem::take(&mut word));
                }
                continue;
            }
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(q)) if c == q => quote = None,
            _ => {}
        }
        // Within single quotes the escape character is a character like any other.
        escaped = c == escape && quote != Some('\'');
        inside = true;
        word.push(c);
    }
    if inside {
        out.push(word);
    }
    out
}

/// Words as a shell sees them, quotes kept.
#[must_use]
pub fn shell_words(text: &str, escape: char) -> Vec<String> {
    words(text, escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_end_at_the_first_word() {
        assert_eq!(
            flags("--from=a --chown=\"x y\" src --late dst", '\\').unwrap(),
            (vec!["--from=a".into(), "--chown=x y".into()], "src --late dst")
        );
    }
    #[test]
    fn words_keep_quotes_and_escapes() {
        assert_eq!(words(r#"a="b c" d=e\ f g='h\'"#, '\\'), [r#"a="b c""#, r"d=e\ f", r"g='h\'"]);
    }
}
