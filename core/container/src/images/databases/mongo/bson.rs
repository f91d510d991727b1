//! MongoDB's values: read as the shell's JavaScript writes them, compared as queries do, printed as
//! mongosh (Node's inspect) and the old mongo shell print them.

use drydock_machinery::time::Timestamp;
use std::cmp::Ordering;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bson {
    Null,
    Bool(bool),
    Int(i64),
    /// The bits of a double.
    Double(u64),
    Text(String),
    Id(String),
    /// Milliseconds since 1970.
    Date(i64),
    Regex(String, bool),
    Array(Vec<Bson>),
    Doc(Vec<(String, Bson)>),
}

impl Bson {
    /// A field; dots go down.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Bson> {
        let (key, rest) = path.split_once('.').map_or((path, None), |(k, r)| (k, Some(r)));
        let found = match self {
            Bson::Doc(fields) => &fields.iter().find(|f| f.0 == key)?.1,
            Bson::Array(list) => list.get(key.parse::<usize>().ok()?)?,
            _ => return None,
        };
        rest.map_or(Some(found), |r| found.get(r))
    }
    /// Sets a field; documents on the way are made.
    pub fn set(&mut self, path: &str, value: Bson) {
        let (key, rest) = path.split_once('.').map_or((path, None), |(k, r)| (k, Some(r)));
        if let (Bson::Array(list), Ok(at)) = (&mut *self, key.parse::<usize>()) {
            if let Some(slot) = list.get_mut(at) {
                match rest {
                    Some(rest) => slot.set(rest, value),
                    None => *slot = value,
                }
            }
            return;
        }
        let Bson::Doc(fields) = self else { return };
        if !fields.iter().any(|f| f.0 == key) {
            fields.push((key.into(), if rest.is_some() { Bson::Doc(Vec::new()) } else { Bson::Null }));
        }
        if let Some((_, slot)) = fields.iter_mut().find(|f| f.0 == key) {
            match rest {
                Some(rest) => slot.set(rest, value),
                None => *slot = value,
            }
        }
    }
    pub fn unset(&mut self, path: &str) {
        match path.split_once('.') {
            None => {
                if let Bson::Doc(fields) = self {
                    fields.retain(|f| f.0 != path);
                }
            }
            Some((key, rest)) => {
                if let Bson::Doc(fields) = self
                    && let Some((_, inner)) = fields.iter_mut().find(|f| f.0 == key)
                {
                    inner.unset(rest);
                }
            }
        }
    }
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Bson::Int(n) => Some(*n as f64),
            Bson::Double(bits) => Some(f64::from_bits(*bits)),
            Bson::Bool(b) => Some(f64::from(u8::from(*b))),
            _ => None,
        }
    }
    #[must_use]
    pub fn of_number(f: f64) -> Bson {
        if f.fract() == 0.0 && f.abs() < 9e15 { Bson::Int(f as i64) } else { Bson::Double(f.to_bits()) }
    }
    fn rank(&self) -> u8 {
        match self {
            Bson::Null => 1,
            Bson::Int(_) | Bson::Double(_) => 2,
            Bson::Text(_) => 3,
            Bson::Doc(_) => 4,
            Bson::Array(_) => 5,
            Bson::Id(_) => 7,
            Bson::Bool(_) => 8,
            Bson::Date(_) => 9,
            Bson::Regex(..) => 11,
        }
    }
    /// MongoDB's order over all types.
    #[must_use]
    pub fn order(&self, other: &Bson) -> Ordering {
        match (self, other) {
            (Bson::Text(a), Bson::Text(b)) | (Bson::Id(a), Bson::Id(b)) => a.cmp(b),
            (Bson::Bool(a), Bson::Bool(b)) => a.cmp(b),
            (Bson::Date(a), Bson::Date(b)) => a.cmp(b),
            (Bson::Array(a), Bson::Array(b)) => a
                .iter()
                .zip(b)
                .map(|(x, y)| x.order(y))
                .find(|o| o.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len())),
            (Bson::Doc(a), Bson::Doc(b)) => a
                .iter()
                .zip(b)
                .map(|(x, y)| x.0.cmp(&y.0).then_with(|| x.1.order(&y.1)))
                .find(|o| o.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len())),
            _ => match (self.rank() == other.rank(), self.number(), other.number()) {
                (true, Some(a), Some(b)) => a.total_cmp(&b),
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }
    /// The type as errors and `$type` name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Bson::Null => "null",
            Bson::Bool(_) => "bool",
            Bson::Int(_) => "int",
            Bson::Double(_) => "double",
            Bson::Text(_) => "string",
            Bson::Id(_) => "objectId",
            Bson::Date(_) => "date",
            Bson::Regex(..) => "regex",
            Bson::Array(_) => "array",
            Bson::Doc(_) => "object",
        }
    }
    fn leaf(&self, old: bool) -> String {
        let quote = |t: &str| match old {
            true => drydock_machinery::json::quote(t),
            false => format!("'{}'", t.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")),
        };
        match self {
            Bson::Null => "null".into(),
            Bson::Bool(b) => b.to_string(),
            Bson::Int(n) => n.to_string(),
            Bson::Double(bits) => f64::from_bits(*bits).to_string(),
            Bson::Text(t) => quote(t),
            Bson::Id(id) if old => format!("ObjectId(\"{id}\")"),
            Bson::Id(id) => format!("ObjectId('{id}')"),
            Bson::Date(ms) => {
                let text = Timestamp(ms.div_euclid(1000)).to_rfc3339();
                let text = format!("{}.{:03}Z", text.trim_end_matches('Z'), ms.rem_euclid(1000));
                if old {
                    format!("ISODate(\"{}\")", text.replace(".000Z", "Z"))
                } else {
                    format!("ISODate('{text}')")
                }
            }
            Bson::Regex(pattern, any_case) => format!("/{pattern}/{}", if *any_case { "i" } else { "" }),
            Bson::Array(_) | Bson::Doc(_) => String::new(),
        }
    }
    /// As mongosh prints it.
    #[must_use]
    pub fn inspect(&self) -> String {
        self.inspect_at(0, 0).0
    }
    /// Node's `inspect` with `compact: 3` and lines of 80: the text, and how deep its last object was.
    fn inspect_at(&self, indent: usize, depth: usize) -> (String, usize) {
        let (open, close) = if matches!(self, Bson::Array(_)) { ("[", "]") } else { ("{", "}") };
        let mut deepest = depth;
        let mut parts = Vec::new();
        match self {
            Bson::Array(list) => {
                for item in list {
                    let (text, deep) = item.inspect_at(indent + 2, depth + 1);
                    deepest = if matches!(item, Bson::Array(_) | Bson::Doc(_)) { deep } else { deepest };
                    parts.push(text);
                }
            }
            Bson::Doc(fields) => {
                for (key, item) in fields {
                    let (text, deep) = item.inspect_at(indent + 2, depth + 1);
                    deepest = if matches!(item, Bson::Array(_) | Bson::Doc(_)) { deep } else { deepest };
                    let plain = key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
                        && !key.starts_with(|c: char| c.is_ascii_digit());
                    let key = if plain { key.clone() } else { format!("'{key}'") };
                    parts.push(format!("{key}: {text}"));
                }
            }
            leaf => return (leaf.leaf(false), depth),
        }
        if parts.is_empty() {
            return (if open == "[" { "[]" } else { "{}" }.into(), depth);
        }
        let start = parts.len() + indent + 1 + 10;
        let total = parts.len() + start + parts.iter().map(|p| p.chars().count()).sum::<usize>();
        if deepest - depth < 3 && total <= 80 && !parts.iter().any(|p| p.contains('\n')) {
            return (format!("{open} {} {close}", parts.join(", ")), deepest);
        }
        let line = format!("\n{}", " ".repeat(indent));
        (format!("{open}{line}  {}{line}{close}", parts.join(&format!(",{line}  "))), deepest)
    }
    /// As the old shell prints a document on one line.
    #[must_use]
    pub fn one_line(&self) -> String {
        match self {
            Bson::Array(list) if list.is_empty() => "[ ]".into(),
            Bson::Array(list) => {
                format!("[ {} ]", list.iter().map(Bson::one_line).collect::<Vec<_>>().join(", "))
            }
            Bson::Doc(fields) if fields.is_empty() => "{ }".into(),
            Bson::Doc(fields) => {
                let list: Vec<String> =
                    fields.iter().map(|(k, v)| format!("\"{k}\" : {}", v.one_line())).collect();
                format!("{{ {} }}", list.join(", "))
            }
            leaf => leaf.leaf(true),
        }
    }
    /// As the old shell prints with tabs: `.pretty()` and results.
    #[must_use]
    pub fn tabbed(&self, depth: usize) -> String {
        let tabs = "\t".repeat(depth);
        match self {
            Bson::Array(list) if !list.is_empty() => {
                let list: Vec<String> =
                    list.iter().map(|v| format!("{tabs}\t{}", v.tabbed(depth + 1))).collect();
                format!("[\n{}\n{tabs}]", list.join(",\n"))
            }
            Bson::Doc(fields) if !fields.is_empty() => {
                let list: Vec<String> = fields
                    .iter()
                    .map(|(k, v)| format!("{tabs}\t\"{k}\" : {}", v.tabbed(depth + 1)))
                    .collect();
                format!("{{\n{}\n{tabs}}}", list.join(",\n"))
            }
            other => other.one_line(),
        }
    }
    /// As a line that [`super::script`] reads again.
    #[must_use]
    pub fn kept(&self) -> String {
        match self {
            Bson::Array(list) => format!("[{}]", list.iter().map(Bson::kept).collect::<Vec<_>>().join(",")),
            Bson::Doc(fields) => {
                let list: Vec<String> = fields
                    .iter()
                    .map(|(k, v)| format!("{}:{}", drydock_machinery::json::quote(k), v.kept()))
                    .collect();
                format!("{{{}}}", list.join(","))
            }
            Bson::Date(ms) => format!("Date({ms})"),
            leaf => leaf.leaf(true),
        }
    }
}
