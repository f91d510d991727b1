//! A Dockerfile's text as nodes: parser directives, comments, continuation lines, here-documents, flags,
//! and the words of each instruction in both of its forms. Follows moby/buildkit
//! `frontend/dockerfile/parser` (v0.13) with its error texts; what the words mean is `instruction`'s.

use super::words;

/// Here-document of an instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Heredoc {
    pub name: String,
    pub content: String,
    /// The delimiter was not quoted: variables in it are expanded (COPY and ADD).
    pub expand: bool,
    /// `<<-`: leading tabs go.
    pub chomp: bool,
}

impl Heredoc {
    /// Its content as the file it becomes.
    #[must_use]
    pub fn text(&self) -> String {
        if self.chomp { chomp(&self.content) } else { self.content.clone() }
    }
}

/// A node: one instruction with the words its keyword's parser made of the rest of its line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Node {
    /// As it was written.
    pub keyword: String,
    /// With their dashes.
    pub flags: Vec<String>,
    pub args: Vec<String>,
    /// The arguments came as a JSON list.
    pub json: bool,
    /// `key value` pairs of ENV, LABEL and ARG written without `=`.
    pub spaced: bool,
    /// The whole logical line, flags and keyword included.
    pub original: String,
    /// Physical lines from 1.
    pub lines: (usize, usize),
    pub heredocs: Vec<Heredoc>,
    /// A continuation was interrupted by an empty line.
    pub empty_continuation: bool,
}

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dockerfile {
    pub nodes: Vec<Node>,
    /// The escape character.
    pub escape: char,
    /// `# syntax=`, `# check=`.
    pub directives: Vec<(String, String)>,
}

/// Why a file cannot be built, and the lines that are to blame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    pub text: String,
    /// 0 for none.
    pub lines: (usize, usize),
}

impl Fault {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Fault {
        Fault { text: text.into(), lines: (0, 0) }
    }
    #[must_use]
    pub fn at(text: impl Into<String>, lines: (usize, usize)) -> Fault {
        Fault { text: text.into(), lines }
    }
}

/// Reads a Dockerfile.
///
/// # Errors
/// The texts of BuildKit's parser; an instruction's own rules are checked later.
pub fn parse(text: &str) -> Result<Dockerfile, Fault> {
    let mut file = Dockerfile { escape: '\\', ..Dockerfile::default() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.split_inclusive('\n').enumerate().map(|(n, line)| (n + 1, line));
    let mut directives_allowed = true;
    while let Some((number, raw)) = lines.next() {
        let line = raw.trim_end_matches(['\r', '\n']).trim_start();
        if directives_allowed {
            match directive(line) {
                Some((name, value)) => {
                    take_directive(&mut file, name, value, number)?;
                    continue;
                }
                None => directives_allowed = false,
            }
        }
        if line.starts_with('#') {
            continue;
        }
        let mut last = number;
        let (mut whole, mut more) = continued(line, file.escape);
        if !more && whole.is_empty() {
            continue;
        }
        let mut empty_continuation = false;
        while more {
            let Some((number, raw)) = lines.next() else { break };
            last = number;
            let line = raw.trim_end_matches(['\r', '\n']);
            if line.trim_start().starts_with('#') {
                continue;
            }
            if line.trim().is_empty() {
                empty_continuation = true;
                continue;
            }
            let (part, goes_on) = continued(line, file.escape);
            whole.push_str(&part);
            more = goes_on;
        }
        if whole.trim().is_empty() {
            continue;
        }
        let mut node = node(&whole, file.escape).map_err(|text| Fault::at(text, (number, last)))?;
        node.empty_continuation = empty_continuation;
        if takes_heredocs(&node) {
            for mut heredoc in heredocs_of(&whole, file.escape) {
                let mut terminated = false;
                for (number, raw) in lines.by_ref() {
                    last = number;
                    let bare = raw.trim_end_matches(['\r', '\n']);
                    let bare = if heredoc.chomp { bare.trim_start_matches('\t') } else { bare };
                    if bare == heredoc.name {
                        terminated = true;
                        break;
                    }
                    heredoc.content.push_str(raw);
                }
                if !terminated {
                    return Err(Fault::at("unterminated heredoc", (number, last)));
                }
                node.heredocs.push(heredoc);
            }
        }
        node.lines = (number, last);
        file.nodes.push(node);
    }
    if file.nodes.is_empty() {
        return Err(Fault::new("file with no instructions"));
    }
    Ok(file)
}

/// `# name=value` of a comment line.
fn directive(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.strip_prefix('#')?.trim_start().split_once('=')?;
    let name = name.trim_end();
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let value = value.trim();
    (word && !value.is_empty()).then(|| (name.to_ascii_lowercase(), value))
}

fn take_directive(file: &mut Dockerfile, name: String, value: &str, line: usize) -> Result<(), Fault> {
    if !matches!(&*name, "escape" | "syntax" | "check") {
        return Ok(());
    }
    if file.directives.iter().any(|d| d.0 == name) {
        return Err(Fault::at(format!("only one {name} parser directive can be used"), (line, line)));
    }
    if name == "escape" {
        file.escape = match value {
            "`" => '`',
            "\\" => '\\',
            other => {
                let text = format!("invalid ESCAPE '{other}' does not match ` or \\");
                return Err(Fault::at(text, (line, line)));
            }
        };
    }
    file.directives.push((name, value.to_string()));
    Ok(())
}

/// A line without its continuation character, and whether it had one.
fn continued(line: &str, escape: char) -> (String, bool) {
    let bare = line.trim_end_matches([' ', '\t']);
    match bare.strip_suffix(escape) {
        Some(rest) if !rest.ends_with(escape) => (rest.to_string(), true),
        _ => (line.to_string(), false),
    }
}

/// Keyword, flags and words of one logical line.
fn node(line: &str, escape: char) -> Result<Node, String> {
    let trimmed = line.trim();
    let (keyword, rest) = trimmed.split_once(char::is_whitespace).unwrap_or((trimmed, ""));
    let (flags, rest) = words::flags(rest.trim_start(), escape)?;
    let mut node = Node {
        keyword: keyword.to_string(),
        flags,
        original: line.trim_end().to_string(),
        ..Node::default()
    };
    words::fill(&mut node, rest, escape)?;
    Ok(node)
}

fn takes_heredocs(node: &Node) -> bool {
    let keyword = node.keyword.to_ascii_lowercase();
    let inner = node.args.first().and_then(|a| a.split_whitespace().next()).map(str::to_ascii_lowercase);
    let of = |k: &str| matches!(k, "add" | "copy" | "run");
    !node.json && (of(&keyword) || (keyword == "onbuild" && inner.is_some_and(|k| of(&k))))
}

/// The here-documents a line announces, their content still missing.
fn heredocs_of(line: &str, escape: char) -> Vec<Heredoc> {
    words::shell_words(line, escape).iter().filter_map(|word| heredoc(word, escape)).collect()
}

/// `<<EOF`, `3<<-"EOF"`: a here-document's head as a word.
#[must_use]
pub fn heredoc(word: &str, escape: char) -> Option<Heredoc> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (chomp, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let expand = !rest.contains(['"', '\'']) && !rest.contains(escape);
    let name: String = rest.chars().filter(|c| !matches!(c, '"' | '\'') && *c != escape).collect();
    let whole = !name.is_empty() && !name.contains(char::is_whitespace);
    whole.then(|| Heredoc { name, content: String::new(), expand, chomp })
}

/// Takes leading tabs off every line.
fn chomp(text: &str) -> String {
    text.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Vec<Vec<String>> {
        parse(text).unwrap().nodes.into_iter().map(|n| n.args).collect()
    }

    #[test]
    fn lines_comments_continuations_and_heredocs() {
        let file = parse(
            "# escape=\\\n# syntax=docker/dockerfile:1\nFROM a AS b\n# no\nRUN one && \\\n  # skipped\n  two\n\nCOPY <<EOF <<-'X' /d/\nhi $A\nEOF\n\tx\n\tX\nCMD [\"a\", \"b\"]\n",
        )
        .unwrap();
        assert_eq!(file.directives.len(), 2);
        assert_eq!(file.nodes[1].args, ["one &&   two"]);
        assert_eq!(file.nodes[1].lines, (5, 7));
        let docs = &file.nodes[2].heredocs;
        assert_eq!((docs[0].content.as_str(), docs[0].expand), ("hi $A\n", true));
        assert_eq!((docs[1].text().as_str(), docs[1].expand), ("x\n", false));
        assert!(file.nodes[3].json && file.nodes[3].args == ["a", "b"]);
    }
    #[test]
    fn backtick_escapes_and_double_backslashes_do_not_continue() {
        assert_eq!(args("# escape=`\nFROM a\nRUN x `\n y\n")[1], ["x  y"]);
        assert_eq!(args("FROM a\nRUN x \\\\\nRUN y\n").len(), 3);
    }
    #[test]
    fn faults() {
        let text = |t: &str| parse(t).unwrap_err().text;
        assert_eq!(text("# only\n"), "file with no instructions");
        assert_eq!(text("FROM a\nRUN <<E\nx\n"), "unterminated heredoc");
        assert_eq!(text("FROM a\nENV x\n"), "ENV must have two arguments");
        assert_eq!(
            text("FROM a\nENV a=1 b\n"),
            "Syntax error - can't find = in \"b\". Must be of the form: name=value"
        );
    }
    #[test]
    fn any_text_is_parsed_or_refused() {
        // A small deterministic fuzz over pieces that matter to the grammar.
        let pieces = [
            "FROM ",
            "RUN ",
            "<<E",
            "\n",
            "\\\n",
            "\"",
            "'",
            "--a=",
            "[",
            "]",
            "=",
            "$",
            "E\n",
            "# escape=`\n",
            "é",
        ];
        let mut seed = 7u64;
        for _ in 0..3_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            if let Ok(file) = parse(&text) {
                assert!(!file.nodes.is_empty());
                _ = super::super::instruction::stages(&file);
            }
        }
    }
}
