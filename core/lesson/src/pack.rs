//! Reading lessons from their folders: `lesson.yaml`, `text.<language>.md`, `files/`. Runs where there
//! are files: in the page's build and in the native binary.

use crate::course::{Course, Lesson};
use crate::text::{Action, Block, QuizText, Section, Span, Text};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};
use std::collections::BTreeMap;
use std::path::Path;

/// Bytes one file of a lesson may have.
const FILE_BYTES: u64 = 256 * 1024;

/// Reads `index.yaml` and every lesson it lists.
///
/// # Errors
/// The first file that cannot be read, with its path.
pub fn course(dir: &Path) -> Result<Course, String> {
    let index = read(&dir.join("index.yaml"))?;
    let ids: Vec<String> = serde_yaml::from_str(&index).map_err(|e| format!("index.yaml: {e}"))?;
    let lessons = ids.iter().map(|id| lesson(&dir.join(id))).collect::<Result<_, _>>()?;
    Ok(Course { lessons })
}

/// Reads one lesson's folder.
///
/// # Errors
/// As [`course`].
pub fn lesson(dir: &Path) -> Result<Lesson, String> {
    let name = dir.display();
    let source = read(&dir.join("lesson.yaml"))?;
    let value: serde_json::Value =
        serde_yaml::from_str(&source).map_err(|e| format!("{name}/lesson.yaml: {e}"))?;
    let mut lesson: Lesson = serde_json::from_value(value).map_err(|e| format!("{name}/lesson.yaml: {e}"))?;
    for language in lesson.languages.clone() {
        let file = format!("text.{language}.md");
        let text = text(&read(&dir.join(&file))?).map_err(|e| format!("{name}/{file}: {e}"))?;
        lesson.text.insert(language, text);
    }
    let files = dir.join("files");
    if files.is_dir() {
        let entries = std::fs::read_dir(&files).map_err(|e| format!("{}: {e}", files.display()))?;
        for entry in entries.flatten() {
            let key = format!("files/{}", entry.file_name().to_string_lossy());
            lesson.files.insert(key, read(&entry.path())?);
        }
    }
    Ok(lesson)
}

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?.len();
    if size > FILE_BYTES {
        return Err(format!("{}: larger than {FILE_BYTES} bytes", path.display()));
    }
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Reads the prose of a lesson: front matter with title and summary, `## Title {#step}` sections, and
/// directives that begin a line: `::task{id=x} words`, `::hint{id=x.1} words`, `::quiz{id=x} question`
/// with `- [a] option` lines, `::explain{quiz=x} words`, `::note words`.
///
/// # Errors
/// What is malformed, with its line.
pub fn text(source: &str) -> Result<Text, String> {
    let mut text = Text::default();
    let rest = front_matter(source, &mut text)?;
    let mut plain = String::new();
    let mut quiz: Option<String> = None;
    for (n, line) in rest.lines().enumerate() {
        let fail = |what: &str| format!("line {}: {what}: {line}", n + 1);
        if let Some((id, option)) = quiz.as_ref().and_then(|q| Some((q.clone(), option_line(line)?))) {
            if let Some(entry) = text.quizzes.get_mut(&id) {
                entry.options.insert(option.0, spans_of(option.1));
            }
            continue;
        }
        quiz = None;
        if let Some(heading) = line.strip_prefix("## ") {
            flush(&mut text, &mut plain);
            let (title, id) = heading
                .trim()
                .strip_suffix('}')
                .and_then(|h| h.rsplit_once("{#"))
                .ok_or_else(|| fail("a section needs {#id}"))?;
            text.sections.push(Section {
                id: id.trim().into(),
                title: title.trim().into(),
                blocks: Vec::new(),
            });
        } else if let Some(directive) = line.strip_prefix("::") {
            flush(&mut text, &mut plain);
            let (name, attributes, words) = split_directive(directive);
            let id = attributes.get("id").or(attributes.get("quiz")).cloned().unwrap_or_default();
            let blocks = text
                .sections
                .last_mut()
                .map(|s| &mut s.blocks)
                .ok_or_else(|| fail("before the first section"))?;
            match name {
                "task" => {
                    blocks.push(Block::Task(id.clone()));
                    text.tasks.insert(id, spans_of(words));
                }
                "hint" => _ = text.hints.insert(id, spans_of(words)),
                "quiz" => {
                    blocks.push(Block::Quiz(id.clone()));
                    text.quizzes
                        .insert(id.clone(), QuizText { question: spans_of(words), ..QuizText::default() });
                    quiz = Some(id);
                }
                "explain" => {
                    text.quizzes.get_mut(&id).ok_or_else(|| fail("no such question"))?.explain =
                        spans_of(words);
                }
                "note" | "tip" | "warn" => {
                    blocks.push(Block::Note {
                        kind: name.into(),
                        blocks: vec![Block::Paragraph(spans_of(words))],
                    });
                }
                _ => return Err(fail("unknown directive")),
            }
        } else {
            plain.push_str(line);
            plain.push('\n');
        }
    }
    flush(&mut text, &mut plain);
    Ok(text)
}

fn front_matter<'a>(source: &'a str, text: &mut Text) -> Result<&'a str, String> {
    let body = source.strip_prefix("---\n").ok_or("needs front matter")?;
    let (head, rest) = body.split_once("\n---\n").ok_or("front matter has no end")?;
    let fields: BTreeMap<String, String> = serde_yaml::from_str(head).map_err(|e| e.to_string())?;
    text.title = fields.get("title").cloned().unwrap_or_default();
    text.summary = fields.get("summary").cloned().unwrap_or_default();
    Ok(rest)
}

fn option_line(line: &str) -> Option<(String, &str)> {
    let rest = line.trim_start().strip_prefix("- [")?;
    let (key, words) = rest.split_once(']')?;
    Some((key.to_string(), words.trim()))
}

fn split_directive(directive: &str) -> (&str, BTreeMap<String, String>, &str) {
    let end = directive.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(directive.len());
    let (name, rest) = directive.split_at(end);
    let (inside, words) = match rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
        Some((inside, words)) => (inside, words),
        None => ("", rest),
    };
    (name, attributes(inside), words.trim())
}

fn attributes(text: &str) -> BTreeMap<String, String> {
    text.split_whitespace()
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key.to_string(), value.trim_matches('"').to_string())
        })
        .collect()
}

/// Turns collected Markdown into blocks of the present section.
fn flush(text: &mut Text, plain: &mut String) {
    let source = std::mem::take(plain);
    if let Some(section) = text.sections.last_mut() {
        section.blocks.extend(blocks_of(&source));
    }
}

fn blocks_of(source: &str) -> Vec<Block> {
    let source = mark_strong(source);
    let mut events = Parser::new(&source).peekable();
    blocks(&mut events, None)
}

/// Stand for `**` while the Markdown is parsed.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// CommonMark does not see the end of `**파드(Pod)**예요`, because a letter follows the bracket without a
/// space, as it does in Korean all the time. So strong text is found here: `**` in pairs, outside code.
fn mark_strong(source: &str) -> String {
    let mut out = String::new();
    let mut open = false;
    let mut code = false;
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if c == '`' {
            code = !code;
        }
        if !code && let Some(after) = rest.strip_prefix("**") {
            out.push(if open { CLOSE } else { OPEN });
            open = !open;
            rest = after;
            continue;
        }
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    out
}

/// Turns marked stretches into [`Span::Strong`].
fn strong(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let mut inside: Option<Vec<Span>> = None;
    for span in spans {
        let Span::Text(text) = span else {
            inside.as_mut().unwrap_or(&mut out).push(span);
            continue;
        };
        for part in text.split_inclusive([OPEN, CLOSE]) {
            let plain = part.trim_end_matches([OPEN, CLOSE]);
            if !plain.is_empty() {
                inside.as_mut().unwrap_or(&mut out).push(Span::Text(plain.to_string()));
            }
            if part.ends_with(OPEN) {
                inside = Some(Vec::new());
            } else if part.ends_with(CLOSE) {
                out.extend(inside.take().map(Span::Strong));
            }
        }
    }
    out.extend(inside.into_iter().flatten());
    out
}

type Events<'a> = std::iter::Peekable<Parser<'a>>;

fn blocks(events: &mut Events<'_>, until: Option<TagEnd>) -> Vec<Block> {
    let mut out = Vec::new();
    while let Some(event) = events.next() {
        match event {
            Event::End(end) if Some(end) == until => break,
            Event::Start(Tag::Paragraph) => out.push(Block::Paragraph(spans(events, TagEnd::Paragraph))),
            Event::Start(Tag::Heading { level, .. }) => {
                let inner = spans(events, TagEnd::Heading(level));
                out.push(if level <= HeadingLevel::H3 {
                    Block::Heading(inner)
                } else {
                    Block::Paragraph(inner)
                });
            }
            Event::Start(Tag::List(first)) => {
                let mut items = Vec::new();
                while let Some(event) = events.next() {
                    match event {
                        Event::Start(Tag::Item) => items.push(blocks(events, Some(TagEnd::Item))),
                        Event::End(TagEnd::List(_)) => break,
                        _ => {}
                    }
                }
                out.push(Block::List { ordered: first.is_some(), items });
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let mut text = String::new();
                for event in events.by_ref() {
                    match event {
                        Event::Text(part) => text.push_str(&part),
                        Event::End(TagEnd::CodeBlock) => break,
                        _ => {}
                    }
                }
                let info =
                    if let CodeBlockKind::Fenced(info) = kind { info.to_string() } else { String::new() };
                let (language, rest) = info.split_once(' ').unwrap_or((info.as_str(), ""));
                let action = rest.trim().strip_prefix('{').and_then(|r| r.strip_suffix('}')).and_then(action);
                out.push(Block::Code { language: language.into(), text, action });
            }
            // A tight list's item has its words without a paragraph.
            Event::Text(_)
            | Event::Code(_)
            | Event::Start(Tag::Strong | Tag::Emphasis | Tag::Link { .. }) => {
                let mut inline = Vec::new();
                span(event, events, &mut inline);
                while let Some(next) = events.next_if(|e| {
                    matches!(
                        e,
                        Event::Text(_)
                            | Event::Code(_)
                            | Event::SoftBreak
                            | Event::Start(Tag::Strong | Tag::Emphasis | Tag::Link { .. })
                    )
                }) {
                    span(next, events, &mut inline);
                }
                out.push(Block::Paragraph(strong(inline)));
            }
            _ => {}
        }
    }
    out
}

fn spans(events: &mut Events<'_>, until: TagEnd) -> Vec<Span> {
    let mut out = Vec::new();
    while let Some(event) = events.next() {
        if event == Event::End(until) {
            break;
        }
        span(event, events, &mut out);
    }
    strong(out)
}

fn span(event: Event<'_>, events: &mut Events<'_>, out: &mut Vec<Span>) {
    match event {
        Event::Text(text) => {
            let mut text = text.to_string();
            // `code`{run}: the braces belong to the code before them.
            if let Some(Span::Code { action: slot @ None, .. }) = out.last_mut()
                && let Some((inside, rest)) = text.strip_prefix('{').and_then(|t| t.split_once('}'))
                && let Some(found) = action(inside)
            {
                *slot = Some(found);
                text = rest.to_string();
            }
            match out.last_mut() {
                Some(Span::Text(before)) => before.push_str(&text),
                _ if text.is_empty() => {}
                _ => out.push(Span::Text(text)),
            }
        }
        Event::Code(code) => out.push(Span::Code { text: code.to_string(), action: None }),
        Event::SoftBreak | Event::HardBreak => match out.last_mut() {
            Some(Span::Text(before)) => before.push(' '),
            _ => out.push(Span::Text(" ".into())),
        },
        Event::Start(Tag::Strong) => out.push(Span::Strong(spans(events, TagEnd::Strong))),
        Event::Start(Tag::Emphasis) => out.push(Span::Emphasis(spans(events, TagEnd::Emphasis))),
        Event::Start(Tag::Link { dest_url, .. }) => {
            let inner = spans(events, TagEnd::Link);
            match dest_url.strip_prefix("focus:") {
                Some(target) => out.push(Span::Focus { target: target.to_string(), spans: inner }),
                None if dest_url.starts_with("https://") => {
                    out.push(Span::Link { url: dest_url.to_string(), spans: inner })
                }
                None => out.extend(inner),
            }
        }
        _ => {}
    }
}

fn spans_of(words: &str) -> Vec<Span> {
    blocks_of(words)
        .into_iter()
        .flat_map(|b| if let Block::Paragraph(spans) = b { spans } else { Vec::new() })
        .collect()
}

fn action(inside: &str) -> Option<Action> {
    let (name, rest) = inside.split_once([' ', '=']).unwrap_or((inside, ""));
    let more = attributes(rest);
    match name {
        "run" => Some(Action::Run),
        "type" => Some(Action::Type),
        "copy" => Some(Action::Copy),
        "open" => Some(Action::Open {
            path: more.get("path").cloned().unwrap_or_default(),
            line: more.get("line").and_then(|l| l.parse().ok()).unwrap_or(1),
        }),
        "save" => Some(Action::Save { path: rest.trim().trim_matches('"').to_string() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Block, Span, text};

    #[test]
    fn korean_strong_text_and_commands_are_found() {
        let source = "---\ntitle: t\nsummary: s\n---\n## 시작 {#a}\n타일이 **파드(Pod)**예요. `kubectl get **`{run} 끝.\n\n::task{id=x} `ls`를 **해** 보세요.\n";
        let text = text(source).unwrap();
        let section = &text.sections[0];
        assert_eq!((section.id.as_str(), section.title.as_str()), ("a", "시작"));
        let Block::Paragraph(spans) = &section.blocks[0] else { panic!("{section:?}") };
        let word = |t: &str| Span::Text(t.into());
        let run = Span::Code { text: "kubectl get **".into(), action: Some(Action::Run) };
        assert_eq!(
            spans,
            &[word("타일이 "), Span::Strong(vec![word("파드(Pod)")]), word("예요. "), run, word(" 끝.")]
        );
        assert_eq!(section.blocks[1], Block::Task("x".into()));
        assert_eq!(text.tasks["x"][2], Span::Strong(vec![word("해")]));
    }
}
