//! `kubectl explain --output=plaintext-openapiv2`: the page of old, from the server's Swagger document. Follows
//! `k8s.io/kubectl/pkg/explain` (v1.33): models are kinds, lists, maps, primitives and references.

use drydock_machinery::{Value, limits};

const WIDTH: usize = 80;

/// The definitions of a Swagger document.
pub(super) struct Old<'a> {
    pub definitions: &'a Value,
    pub recursive: bool,
}

/// A model and what was said of it on the way.
struct Found<'a> {
    model: &'a Value,
    said: Vec<&'a str>,
    name: String,
}

impl<'a> Old<'a> {
    /// The definition of a kind.
    pub(super) fn of_kind(&self, group: &str, version: &str, kind: &str) -> Option<&'a Value> {
        let is_it = |gvk: &Value| gvk["group"] == group && gvk["version"] == version && gvk["kind"] == kind;
        let mut all = self.definitions.entries().iter().map(|entry| &entry.1);
        all.find(|model| model["x-kubernetes-group-version-kind"].items().iter().any(is_it))
    }
    fn target(&self, model: &'a Value) -> Option<&'a Value> {
        let name = model["$ref"].as_str()?.rsplit('/').next()?;
        self.definitions.find(name)
    }
    /// What a model is once references, lists and maps are looked through, with their descriptions.
    fn settled(&self, model: &'a Value, name: &str) -> Found<'a> {
        let mut found = Found { model, said: Vec::new(), name: self.type_name(model, limits::DEPTH) };
        for _ in 0..limits::DEPTH {
            let inner = match self.target(found.model) {
                Some(target) => target,
                None if found.model["items"].is_map() => &found.model["items"],
                None if found.model["additionalProperties"].is_map() => &found.model["additionalProperties"],
                None => break,
            };
            found.said.push(found.model["description"].text());
            found.model = inner;
        }
        found.said.push(found.model["description"].text());
        if name.is_empty() {
            found.name = String::new();
        }
        found
    }
    fn type_name(&self, model: &Value, depth: usize) -> String {
        if depth == 0 {
            return String::new();
        }
        if let Some(name) = model["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            return self.type_name(&self.definitions[name], depth - 1);
        }
        if model["items"].is_map() {
            return format!("[]{}", self.type_name(&model["items"], depth - 1));
        }
        if model["additionalProperties"].is_map() {
            return format!("map[string]{}", self.type_name(&model["additionalProperties"], depth - 1));
        }
        match model["type"].text() {
            _ if model["properties"].is_map() => "Object".into(),
            "" | "object" => "Object".into(),
            plain => plain.into(),
        }
    }
    /// The page about what a path below a kind leads to; the error names the field that is none.
    pub(super) fn page(&self, top: &'a Value, path: &[String], head: &str) -> Result<String, String> {
        let mut at = top;
        for name in path {
            let found = self.settled(at, "");
            let field = found.model["properties"].find(name);
            at = field.ok_or_else(|| format!("field \"{name}\" does not exist"))?;
        }
        let name = path.last().map_or("", String::as_str);
        let found = self.settled(at, name);
        let mut out = head.to_string();
        let fields = found.model["properties"].entries();
        if found.model["properties"].is_map() {
            if !name.is_empty() {
                out += &format!("RESOURCE: {name} <{}>\n\n", found.name);
            }
        } else {
            let kind = self.type_name(at, limits::DEPTH);
            out += &format!("FIELD:    {name} <{kind}>\n\n");
        }
        out += "DESCRIPTION:\n";
        for (place, text) in found.said.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            if place > 0 {
                out.push('\n');
            }
            out += &wrapped(text, 5);
        }
        if !found.model["properties"].is_map() {
            return Ok(out);
        }
        out += "\nFIELDS:\n";
        if self.recursive {
            self.names(found.model, 3, &mut out, limits::DEPTH);
            return Ok(out);
        }
        for (key, field) in fields {
            let required = self.required(found.model, key.text());
            out += &format!("   {}\t<{}>{required}\n", key.text(), self.type_name(field, limits::DEPTH));
            out += &wrapped(field["description"].text(), 5);
            out.push('\n');
        }
        Ok(out)
    }
    fn required(&self, model: &Value, key: &str) -> &'static str {
        if model["required"].items().iter().any(|r| *r == key) { " -required-" } else { "" }
    }
    /// Names and types of all fields below.
    fn names(&self, model: &'a Value, indent: usize, out: &mut String, depth: usize) {
        if depth == 0 {
            return;
        }
        for (key, field) in model["properties"].entries() {
            let kind = self.type_name(field, limits::DEPTH);
            *out += &format!("{}{}\t<{kind}>\n", " ".repeat(indent), key.text());
            self.names(self.settled(field, "").model, indent + 3, out, depth.saturating_sub(1).min(12));
        }
    }
}

/// Words in lines of the page's width.
fn wrapped(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let (mut out, mut line) = (String::new(), String::new());
    for word in text.split_whitespace() {
        if !line.is_empty() && line.len() + 1 + word.len() > WIDTH - indent {
            out += &format!("{pad}{line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    out + &format!("{pad}{line}\n")
}
