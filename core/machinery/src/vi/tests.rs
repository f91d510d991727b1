//! What a learner types, and what becomes of the text.
use super::*;

/// Types `keys` (special ones in <>), inserting as the field would; returns text with `|` at the cursor.
fn typed(start: &str, keys: &str) -> String {
    let mut at = start.find('|').unwrap_or(0);
    let mut text = start.replacen('|', "", 1);
    let mut vi = Vi::default();
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let key = if c == '<' && rest.contains('>') && rest.len() > 3 {
            let end = rest.find('>').unwrap();
            let key = rest[1..end].to_owned();
            rest = &rest[end + 1..];
            key
        } else {
            rest = &rest[c.len_utf8()..];
            c.to_string()
        };
        match vi.key(&key, false, &text, at) {
            Effect::Native => {
                text.insert_str(at, &key);
                at += key.len();
            }
            Effect::Text { text: t, cursor } => (text, at) = (t, cursor),
            other => return format!("{other:?}"),
        }
    }
    text.insert(at, '|');
    text
}

#[test]
fn edits_a_learner_makes() {
    assert_eq!(typed("replicas: |3", "r5"), "replicas: |5");
    assert_eq!(typed("|a\nb\nc", "jdd"), "a\n|c");
    assert_eq!(typed("|a\nb\nc", "2dd"), "|c");
    assert_eq!(typed("a|\n  b", "joc: 1<Escape>"), "a\n  b\n  c: |1");
    assert_eq!(typed("|one two", "cwnew<Escape>"), "ne|w two");
    assert_eq!(typed("|one two", "dw"), "|two");
    assert_eq!(typed("|a\nb", "yyp"), "a\n|a\nb");
    assert_eq!(typed("|x: wbe", "fA"), "x: wbe|");
    assert_eq!(typed("|ab\nab", ":%s/b/c/g<Enter>"), "|ac\nac");
    assert_eq!(typed("|ab\nab", "/b<Enter>n"), "ab\na|b");
    assert_eq!(typed("|abc", "xxu"), "|bc");
    assert_eq!(typed("|a\nb\nc", "G"), "a\nb\n|c");
    assert_eq!(typed("|한글", "x"), "|글");
    assert_eq!(typed("a\n|b", "dd"), "|a");
}

#[test]
fn leaving() {
    assert_eq!(typed("a", ":wq<Enter>"), "WriteQuit");
    assert_eq!(typed("a", ":q!<Enter>"), "Quit { force: true }");
    assert_eq!(typed("a", "ZZ"), "WriteQuit");
}

#[test]
fn nothing_typed_can_break_it() {
    let text = "a: 한\n\n  - b";
    let keys = [
        "d", "y", "c", "$", "j", "k", "w", "b", "e", "p", "P", "x", "u", "G", "J", "~", "o", "Escape", "0",
        "9", "/", "Enter", "r", "글", ">", "<",
    ];
    let (mut vi, mut now, mut at) = (Vi::default(), text.to_owned(), 0);
    for step in 0..4000_usize {
        let key = keys[(step * 7 + step / 13) % keys.len()];
        if let Effect::Text { text, cursor } = vi.key(key, step % 37 == 0, &now, at) {
            assert!(text.is_char_boundary(cursor), "{key} at {cursor} in {text:?}");
            (now, at) = (text, cursor);
        }
        if now.len() > 10_000 {
            now.clear();
            at = 0;
        }
    }
}
