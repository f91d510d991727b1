//! The syntax of nginx' configuration files: words, blocks, includes, and the complaints about them.

use crate::sys::Sys;
use std::sync::Arc;

/// A directive with its place.
pub struct Directive {
    pub words: Vec<String>,
    pub block: Option<Vec<Directive>>,
    pub file: Arc<str>,
    pub line: usize,
}

/// Reads a file and what it includes.
///
/// # Errors
/// nginx' complaint.
pub fn read(sys: &mut Sys<'_>, path: &str, files: &mut usize) -> Result<Vec<Directive>, String> {
    *files += 1;
    let bytes = match sys.read_file(path) {
        Ok(bytes) if *files <= 64 => bytes,
        Ok(_) => return Err("too many included files".into()),
        Err(error) => {
            let number = if error == crate::Errno::Enoent { 2 } else { 13 };
            return Err(format!("open() \"{path}\" failed ({number}: {})", error.text()));
        }
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let tokens = tokens(&text);
    let file: Arc<str> = path.into();
    let mut at = 0;
    let tree = block(sys, &tokens, &mut at, &file, files, 0)?;
    match tokens.get(at) {
        Some((_, line)) => Err(format!("unexpected \"}}\" in {file}:{line}")),
        None => Ok(tree),
    }
}

/// Words, `;`, `{` and `}` with their lines. Quoted words carry a leading NUL so that they stay words.
fn tokens(text: &str) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    let (mut word, mut line, mut in_word) = (String::new(), 1, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' if !in_word => while chars.next_if(|c| *c != '\n').is_some() {},
            '\'' | '"' if !in_word => {
                in_word = true;
                word.push('\0');
                while let Some(inner) = chars.next() {
                    match inner {
                        '\\' => match chars.next() {
                            Some('n') => word.push('\n'),
                            Some('t') => word.push('\t'),
                            Some(other) => word.push(other),
                            None => {}
                        },
                        '\n' => {
                            line += 1;
                            word.push('\n');
                        }
                        end if end == c => break,
                        other => word.push(other),
                    }
                }
            }
            c if c.is_whitespace() || c == ';' || c == '}' || (c == '{' && !word.ends_with('$')) => {
                if in_word {
                    out.push((std::mem::take(&mut word), line));
                    in_word = false;
                }
                if c == '\n' {
                    line += 1;
                } else if !c.is_whitespace() {
                    out.push((c.to_string(), line));
                }
            }
            c => {
                in_word = true;
                word.push(c);
            }
        }
    }
    if in_word {
        out.push((word, line));
    }
    out
}

fn block(
    sys: &mut Sys<'_>,
    tokens: &[(String, usize)],
    at: &mut usize,
    file: &Arc<str>,
    files: &mut usize,
    depth: usize,
) -> Result<Vec<Directive>, String> {
    let mut out = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut last = 1;
    while let Some((token, line)) = tokens.get(*at) {
        last = *line;
        match token.as_str() {
            ";" => {
                if words.is_empty() {
                    return Err(format!("unexpected \";\" in {file}:{line}"));
                }
                let words = std::mem::take(&mut words);
                if words.first().is_some_and(|w| w == "include") {
                    let pattern = words.get(1).map_or("", |w| w);
                    let pattern = crate::filesystem::normalise("/etc/nginx", pattern);
                    for path in matching(sys, &pattern) {
                        if !path.ends_with("mime.types") {
                            out.extend(read(sys, &path, files)?);
                        }
                    }
                }
                out.push(Directive { words, block: None, file: file.clone(), line: *line });
            }
            "{" => {
                let line = *line;
                if words.is_empty() || depth > 16 {
                    return Err(format!("unexpected \"{{\" in {file}:{line}"));
                }
                let words = std::mem::take(&mut words);
                *at += 1;
                let inner = block(sys, tokens, at, file, files, depth + 1)?;
                if tokens.get(*at).is_none() {
                    let end = tokens.last().map_or(1, |t| t.1);
                    return Err(format!("unexpected end of file, expecting \"}}\" in {file}:{}", end + 1));
                }
                out.push(Directive { words, block: Some(inner), file: file.clone(), line });
            }
            "}" => {
                if !words.is_empty() || depth == 0 {
                    return Err(format!("unexpected \"}}\" in {file}:{line}"));
                }
                return Ok(out);
            }
            word => words.push(word.trim_start_matches('\0').to_string()),
        }
        *at += 1;
    }
    if words.is_empty() {
        Ok(out)
    } else {
        Err(format!("unexpected end of file, expecting \";\" or \"}}\" in {file}:{last}"))
    }
}

/// Paths a glob with `*` in its last part stands for.
fn matching(sys: &mut Sys<'_>, pattern: &str) -> Vec<String> {
    let dir = crate::filesystem::parent(pattern).to_string();
    let name = crate::filesystem::base_name(pattern);
    let Some((head, tail)) = name.split_once('*') else { return vec![pattern.to_string()] };
    let names = sys.list(&dir).unwrap_or_default();
    let fits = |n: &&String| n.len() >= head.len() + tail.len() && n.starts_with(head) && n.ends_with(tail);
    names.iter().filter(fits).map(|n| format!("{dir}/{n}")).collect()
}
