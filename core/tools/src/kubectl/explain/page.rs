//! The page of `kubectl explain`: a schema and its fields as text, in the order and shape of the plaintext
//! template (`k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl`, v1.33).

use drydock_machinery::{Value, json, limits};

/// Columns a description may fill, before its indentation.
const WIDTH: usize = 78;
/// Words of an enumeration that a list of fields shows.
const WORDS: usize = 4;

/// What a page is made of.
pub(super) struct Page<'a> {
    /// `components.schemas` of the document.
    pub schemas: &'a Value,
    /// Names and types of all fields below, without descriptions.
    pub recursive: bool,
}

fn reference(schema: &Value) -> &str {
    schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or("")
}

impl Page<'_> {
    fn resolved<'b>(&'b self, schema: &'b Value) -> &'b Value {
        match reference(schema) {
            "" => schema,
            name => self.schemas.find(name).unwrap_or(schema),
        }
    }
    /// The text about the field a path leads to; `None` if it leads nowhere. `history` holds the types on
    /// the way since the last field.
    pub(super) fn output(
        &self,
        schema: &Value,
        path: &[String],
        history: &[&str],
        depth: usize,
    ) -> Option<String> {
        let (name, resolved) = (reference(schema), self.resolved(schema));
        let Some((first, rest)) = path.split_first() else { return Some(self.described(resolved)) };
        if depth == 0 || !name.is_empty() && history.contains(&name) {
            return None;
        }
        let history: Vec<&str> = history.iter().copied().chain([name]).collect();
        if let Some(field) = resolved["properties"].find(first) {
            let below = self.output(field, rest, &[], depth - 1)?;
            if !rest.is_empty() {
                return Some(below);
            }
            let words: String = words(field).iter().map(|word| format!("\n    {word}")).collect();
            let words = if words.is_empty() { words } else { format!("ENUM:{words}") };
            return Some(format!(
                "FIELD: {first} <{}>\n{words}\n\n{below}",
                self.type_of(field, limits::DEPTH)
            ));
        }
        for inner in ["items", "additionalProperties"].map(|key| &resolved[key]) {
            if inner.is_map() {
                return self.output(inner, path, &history, depth - 1);
            }
        }
        resolved["allOf"].items().iter().find_map(|part| self.output(part, path, &history, depth - 1))
    }
    fn described(&self, resolved: &Value) -> String {
        let mut text = String::new();
        self.description(resolved, &mut text, limits::DEPTH);
        let text = if text.is_empty() { "<empty>" } else { &text };
        let mut out = format!("DESCRIPTION:\n{}\n", indented(&wrapped(text, WIDTH - 2), 4));
        let docs = &resolved["externalDocs"];
        if docs.is_map() {
            out += "\nEXTERNAL DOCS:\n";
            out += &external(docs, WIDTH - 2, 4);
        }
        let mut fields = String::new();
        self.fields(resolved, 1, &[], &mut fields, limits::DEPTH);
        if !fields.is_empty() {
            out += "FIELDS:\n";
            out += &fields;
        }
        out
    }
    /// What is said of a schema and then of what it is made of.
    fn description(&self, schema: &Value, out: &mut String, depth: usize) {
        let schema = self.resolved(schema);
        if depth == 0 {
            return;
        }
        if !schema["description"].text().is_empty() {
            *out += schema["description"].text();
            out.push('\n');
        }
        let below = schema["allOf"].items().iter().chain([&schema["items"], &schema["additionalProperties"]]);
        below.filter(|inner| inner.is_map()).for_each(|inner| self.description(inner, out, depth - 1));
    }
    fn fields(&self, schema: &Value, level: usize, history: &[&str], out: &mut String, depth: usize) {
        let (name, resolved) = (reference(schema), self.resolved(schema));
        if depth == 0 || !name.is_empty() && history.contains(&name) {
            return;
        }
        let history: Vec<&str> = history.iter().copied().chain([name]).collect();
        for (key, field) in resolved["properties"].entries() {
            let required = resolved["required"].items().iter().any(|r| *r == key.text());
            self.field(key.text(), field, required, level, out);
            if self.recursive {
                self.fields(field, level + 1, &history, out, depth - 1);
            }
        }
        let below =
            resolved["allOf"].items().iter().chain([&resolved["items"], &resolved["additionalProperties"]]);
        below
            .filter(|inner| inner.is_map())
            .for_each(|inner| self.fields(inner, level, &history, out, depth - 1));
    }
    fn field(&self, name: &str, field: &Value, required: bool, level: usize, out: &mut String) {
        let indent = level * 2;
        let pad = " ".repeat(indent);
        let required = if required { " -required-" } else { "" };
        *out += &format!("{pad}{name}\t<{}>{required}", self.type_of(field, limits::DEPTH));
        let words = words(field);
        if !words.is_empty() {
            let shown: Vec<&str> = words.iter().take(WORDS).map(String::as_str).collect();
            let more = if words.len() > WORDS { ", ...." } else { "" };
            *out += &format!("\n{pad}enum: {}{more}", shown.join(", "));
        }
        out.push('\n');
        if self.recursive {
            return;
        }
        let text = match field["description"].text() {
            "" => "<no description>",
            text => text,
        };
        *out += &indented(&wrapped(text, WIDTH.saturating_sub(indent)), indent + 2);
        out.push('\n');
        let docs = &field["externalDocs"];
        if docs.is_map() {
            *out += &format!("\n{pad}  EXTERNAL DOCS:\n");
            *out += &external(docs, WIDTH.saturating_sub(indent + 2), indent + 4);
        }
        out.push('\n');
    }
    /// `[]Container`, `map[string]string`, `integer`.
    fn type_of(&self, schema: &Value, depth: usize) -> String {
        let (items, others, all) =
            (&schema["items"], &schema["additionalProperties"], schema["allOf"].items());
        if depth == 0 {
            return "Object".into();
        }
        if items.is_map() {
            return format!("[]{}", self.type_of(items, depth - 1));
        }
        if others.is_map() {
            return format!("map[string]{}", self.type_of(others, depth - 1));
        }
        if let ([only], true) = (all, schema["properties"].is_empty()) {
            return self.type_of(only, depth - 1);
        }
        let name = reference(schema);
        let plain = match name {
            "" => schema["type"].text(),
            name => self.schemas[name]["type"].text(),
        };
        match (plain, name) {
            ("" | "object", "") => "Object".into(),
            ("" | "object", name) => name.rsplit('.').next().unwrap_or("Object").into(),
            (plain, _) => plain.into(),
        }
    }
}

/// The words a field may hold; an empty one is shown as `""`.
fn words(field: &Value) -> Vec<String> {
    let shown = |word: &Value| match word.as_str() {
        Some("") => "\"\"".to_string(),
        Some(text) => text.to_string(),
        None => json::to_string(word),
    };
    field["enum"].items().iter().map(shown).collect()
}

fn external(docs: &Value, width: usize, indent: usize) -> String {
    let mut out = String::new();
    if !docs["description"].text().is_empty() {
        out += &indented(&wrapped(docs["description"].text(), width), indent);
        out.push('\n');
    }
    if !docs["url"].text().is_empty() {
        out += &indented(&format!("URL: {}", docs["url"].text()), indent);
        out.push('\n');
    }
    out
}

fn indented(text: &str, amount: usize) -> String {
    let pad = " ".repeat(amount);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

/// Text in lines of at most `width` characters, broken at blanks; runs of blanks inside of a line stay.
fn wrapped(text: &str, width: usize) -> String {
    let (mut out, mut word, mut blanks) = (String::new(), String::new(), String::new());
    let (mut current, mut word_length, mut blank_length) = (0, 0, 0);
    for c in text.chars() {
        if c == '\n' {
            if word_length == 0 && current + blank_length > width {
                blanks.clear();
            }
            out += &std::mem::take(&mut blanks);
            out += &std::mem::take(&mut word);
            out.push(c);
            (current, word_length, blank_length) = (0, 0, 0);
        } else if c.is_whitespace() && c != '\u{a0}' {
            if blank_length == 0 || word_length > 0 {
                current += blank_length + word_length;
                out += &std::mem::take(&mut blanks);
                out += &std::mem::take(&mut word);
                (word_length, blank_length) = (0, 0);
            }
            blanks.push(c);
            blank_length += 1;
        } else {
            word.push(c);
            word_length += 1;
            if current + word_length + blank_length > width && word_length < width {
                out.push('\n');
                blanks.clear();
                (current, blank_length) = (0, 0);
            }
        }
    }
    if word_length > 0 || current + blank_length <= width {
        out += &blanks;
    }
    out + &word
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn lines_break_at_blanks_and_long_words_stay_whole() {
        assert_eq!(wrapped("aa bb cc", 5), "aa bb\ncc");
        assert_eq!(wrapped("aa  bb\ncc", 80), "aa  bb\ncc");
        assert_eq!(wrapped("x abcdefgh y", 4), "x\nabcdefgh\ny");
    }

    #[test]
    fn fields_tell_their_type_and_a_missing_description() {
        let schema = value!({"type": "object", "required": ["size"], "properties": {
            "size": {"type": "string", "enum": ["S", "M", "L", "XL", "XXL"]},
            "port": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "tags": {"type": "array", "items": {"type": "string"}, "description": "Tags."}}});
        let page = Page { schemas: &Value::Null, recursive: false };
        let text = page.output(&schema, &[], &[], 9).unwrap_or_default();
        let fields = "  port\t<Object>\n    <no description>\n\n  size\t<string> -required-\n  enum: S, M, L, XL, ....\n    <no description>\n\n  tags\t<[]string>\n    Tags.\n\n";
        assert_eq!(text, format!("DESCRIPTION:\n    <empty>\nFIELDS:\n{fields}"));
        assert_eq!(page.output(&schema, &["nope".into()], &[], 9), None);
        let one = page.output(&schema, &["tags".into()], &[], 9).unwrap_or_default();
        assert_eq!(one, "FIELD: tags <[]string>\n\n\nDESCRIPTION:\n    Tags.\n    \n");
    }
}
