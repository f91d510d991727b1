//! The Swagger document as a protocol buffer, which real clients ask for: `openapi.v2.Document` of gnostic,
//! as much of it as they read: definitions with their kinds, and the operations of paths.

use drydock_machinery::{Value, limits, yaml};

/// What clients accept, and what the answer is called: an `@` is no part of a media type.
pub const ACCEPT: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
pub const MEDIA: &str = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/// A message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
    fn bytes(&mut self, number: u64, bytes: &[u8]) {
        self.varint(number << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
    fn text(&mut self, number: u64, text: &str) {
        if !text.is_empty() {
            self.bytes(number, text.as_bytes());
        }
    }
    fn flag(&mut self, number: u64, value: bool) {
        if value {
            self.varint(number << 3);
            self.varint(1);
        }
    }
    fn message(&mut self, number: u64, inner: &Message) {
        self.bytes(number, &inner.0);
    }
    /// `Any`: its YAML.
    fn any(&mut self, number: u64, value: &Value) {
        let mut any = Message::default();
        any.text(2, &yaml::emit(value));
        self.message(number, &any);
    }
    /// Extensions (`x-…`) by name.
    fn extensions(&mut self, number: u64, of: &Value) {
        for (name, value) in of.entries().iter().filter(|(name, _)| name.text().starts_with("x-")) {
            let mut named = Message::default();
            named.text(1, name.text());
            named.any(2, value);
            self.message(number, &named);
        }
    }
}

/// The whole document.
#[must_use]
pub fn encode(document: &Value) -> Vec<u8> {
    let mut out = Message::default();
    out.text(1, document["swagger"].text());
    let mut info = Message::default();
    info.text(1, document["info"]["title"].text());
    info.text(2, document["info"]["version"].text());
    out.message(2, &info);
    let mut paths = Message::default();
    for (path, item) in document["paths"].entries() {
        let mut named = Message::default();
        named.text(1, path.text());
        named.message(2, &path_item(item));
        paths.message(2, &named);
    }
    out.message(8, &paths);
    let mut definitions = Message::default();
    for (name, schema) in document["definitions"].entries() {
        definitions.message(1, &named_schema(name.text(), schema, limits::DEPTH));
    }
    out.message(9, &definitions);
    out.0
}

fn path_item(item: &Value) -> Message {
    let mut out = Message::default();
    for (number, verb) in [(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")] {
        let operation = &item[verb];
        if !operation.is_map() {
            continue;
        }
        let mut message = Message::default();
        for parameter in operation["parameters"].items() {
            let mut query = Message::default();
            query.text(2, parameter["in"].text());
            query.text(4, parameter["name"].text());
            query.text(6, parameter["type"].text());
            query.flag(20, parameter["uniqueItems"].bool());
            let (mut plain, mut either, mut any) =
                (Message::default(), Message::default(), Message::default());
            plain.message(3, &query);
            either.message(2, &plain);
            any.message(1, &either);
            message.message(8, &any);
        }
        message.message(9, &Message::default());
        message.extensions(13, operation);
        out.message(number, &message);
    }
    out
}

fn named_schema(name: &str, schema: &Value, depth: usize) -> Message {
    let mut named = Message::default();
    named.text(1, name);
    named.message(2, &self::schema(schema, depth));
    named
}

fn schema(value: &Value, depth: usize) -> Message {
    let mut out = Message::default();
    if depth == 0 {
        return out;
    }
    for (number, field) in [(1, "$ref"), (2, "format"), (3, "title"), (4, "description"), (13, "pattern")] {
        out.text(number, value[field].text());
    }
    for required in value["required"].items() {
        out.bytes(19, required.text().as_bytes());
    }
    for word in value["enum"].items() {
        out.any(20, word);
    }
    if value["additionalProperties"].is_map() {
        let mut item = Message::default();
        item.message(1, &schema(&value["additionalProperties"], depth - 1));
        out.message(21, &item);
    }
    if !value["type"].is_empty() {
        let mut kind = Message::default();
        kind.text(1, value["type"].text());
        out.message(22, &kind);
    }
    if value["items"].is_map() {
        let mut items = Message::default();
        items.message(1, &schema(&value["items"], depth - 1));
        out.message(23, &items);
    }
    if value["properties"].is_map() {
        let mut properties = Message::default();
        for (name, field) in value["properties"].entries() {
            properties.message(1, &named_schema(name.text(), field, depth - 1));
        }
        out.message(25, &properties);
    }
    out.extensions(31, value);
    out
}
