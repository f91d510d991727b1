//! The page a describer writes: tab-separated cells by level of indentation, and the blocks nearly
//! every kind has. Follows `k8s.io/kubectl/pkg/describe` v0.33.

use crate::printers::table;
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::{Quantity, Timestamp, Value, time};

/// What `apply` keeps for itself is not shown.
const HIDDEN: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Longer annotations go on lines of their own.
const ANNOTATION_WIDTH: usize = 140;

/// A page under way.
#[derive(Debug)]
pub struct Page {
    writer: TabWriter,
    out: String,
    /// Tabs stay tabs.
    raw: bool,
    /// Unix seconds, for ages.
    pub now: i64,
}

/// `line!(page, level, "Name:\t{}", name)`: one line with its newline.
macro_rules! line {
    ($page:expr, $level:expr, $($format:tt)*) => { $page.line($level, &format!($($format)*)) };
}
pub(super) use line;

impl Page {
    #[must_use]
    pub fn new(now: i64) -> Page {
        Page { writer: TabWriter::new(0, 8, 2, ' ', 0), out: String::new(), raw: false, now }
    }
    /// A page whose columns nobody lays out, as `rollout history` prints templates.
    #[must_use]
    pub fn raw(now: i64) -> Page {
        Page { raw: true, ..Page::new(now) }
    }
    /// Text without a newline.
    pub fn put(&mut self, level: usize, text: &str) {
        let text = "  ".repeat(level) + text;
        if self.raw {
            self.out.push_str(&text);
        } else {
            self.writer.write(&text);
        }
    }
    pub fn line(&mut self, level: usize, text: &str) {
        self.put(level, text);
        self.put(0, "\n");
    }
    /// Lays out what was written; columns begin anew.
    pub fn flush(&mut self) {
        let text = self.writer.flush();
        self.out.push_str(&text);
    }
    #[must_use]
    pub fn finish(mut self) -> String {
        self.flush();
        self.out
    }
    /// Name, namespace, labels and annotations, as most kinds begin.
    pub fn head(&mut self, object: &Value) {
        let metadata = &object["metadata"];
        line!(self, 0, "Name:\t{}", metadata["name"].text());
        line!(self, 0, "Namespace:\t{}", metadata["namespace"].text());
        self.labels("Labels", &metadata["labels"]);
        self.annotations("Annotations", &metadata["annotations"]);
    }
    /// One `k=v` a line.
    pub fn labels(&mut self, title: &str, labels: &Value) {
        self.labels_indented("", title, labels);
    }
    pub fn labels_indented(&mut self, indent: &str, title: &str, labels: &Value) {
        self.put(0, &format!("{indent}{title}:\t"));
        let mut first = true;
        for (key, value) in labels.entries() {
            if !std::mem::take(&mut first) {
                self.put(0, &format!("{indent}\t"));
            }
            line!(self, 0, "{key}={}", value.text());
        }
        if first {
            self.line(0, "<none>");
        }
    }
    /// One `k: v` a line, long ones below their key.
    pub fn annotations(&mut self, title: &str, annotations: &Value) {
        self.put(0, &format!("{title}:\t"));
        let mut first = true;
        for (key, value) in annotations.entries().iter().filter(|e| e.0.text() != HIDDEN) {
            if !std::mem::take(&mut first) {
                self.put(0, "\t");
            }
            let value = value.text();
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.text().len() + 2 > ANNOTATION_WIDTH || value.contains('\n') {
                line!(self, 0, "{key}:");
                for part in value.split('\n') {
                    line!(self, 0, "\t  {}", shorten(part, ANNOTATION_WIDTH - 2));
                }
            } else {
                line!(self, 0, "{key}: {value}");
            }
        }
        if first {
            self.line(0, "<none>");
        }
    }
    /// Conditions with type, status and reason, as workloads show them.
    pub fn conditions(&mut self, conditions: &Value) {
        if conditions.items().is_empty() {
            return;
        }
        self.line(0, "Conditions:\n  Type\tStatus\tReason");
        self.line(1, "----\t------\t------");
        for c in conditions.items() {
            line!(self, 1, "{} \t{}\t{}", c["type"].text(), c["status"].text(), c["reason"].text());
        }
    }
    /// `5d`, `<unknown>` for no time.
    #[must_use]
    pub fn since(&self, timestamp: &Value) -> String {
        since(timestamp, self.now)
    }
}

fn shorten(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or(text)),
        None => text.into(),
    }
}

/// Age of a timestamp.
#[must_use]
pub fn since(timestamp: &Value, now: i64) -> String {
    match seconds(timestamp) {
        Some(then) => time::human_duration(now - then),
        None => "<unknown>".into(),
    }
}

/// Unix seconds of a timestamp, with or without microseconds.
#[must_use]
pub fn seconds(timestamp: &Value) -> Option<i64> {
    let text = timestamp.text();
    Timestamp::parse(text)
        .map(|t| t.0)
        .or_else(|| time::parse_micro(text).map(|micros| micros.div_euclid(1_000_000)))
}

/// `Sun, 15 Nov 2026 09:37:10 +0000`.
#[must_use]
pub fn date(timestamp: &Value) -> String {
    match seconds(timestamp) {
        Some(then) => Timestamp(then).rfc1123z(),
        None => "Mon, 01 Jan 0001 00:00:00 +0000".into(),
    }
}

/// `True`, `False`.
#[must_use]
pub fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// The value as text, `<unset>` when absent.
#[must_use]
pub fn or_unset(value: &Value) -> String {
    if value.is_null() { "<unset>".into() } else { plain(value) }
}

/// Numbers, texts and int-or-strings alike.
#[must_use]
pub fn plain(value: &Value) -> String {
    if value.is_null() { String::new() } else { crate::printers::go_format::plain(value) }
}

/// A quantity in canonical form; `0` for none.
#[must_use]
pub fn quantity(value: &Value) -> String {
    Quantity::from_value(value)
        .map_or_else(|| if value.is_null() { "0".into() } else { plain(value) }, |q| q.canonical())
}

/// A label selector as text, `<none>` when it is empty.
#[must_use]
pub fn selector(value: &Value) -> String {
    let text = selector_text(value);
    if text.is_empty() { "<none>".into() } else { text }
}

/// A label selector as a query.
#[must_use]
pub fn selector_text(value: &Value) -> String {
    LabelSelector::from_value(value).map(|s| s.to_string()).unwrap_or_default()
}

/// `a=b,c=d` of a plain map, `<none>` when it is empty.
#[must_use]
pub fn pairs(map: &Value) -> String {
    table::labels(map)
}

/// `Kind/name` of the controlling owner.
#[must_use]
pub fn controller(object: &Value) -> Option<String> {
    let owners = object["metadata"]["ownerReferences"].items();
    let owner = owners.iter().find(|o| o["controller"].bool())?;
    Some(format!("{}/{}", owner["kind"].text(), owner["name"].text()))
}

/// Texts joined.
#[must_use]
pub fn join(list: &Value, separator: &str) -> String {
    let parts: Vec<String> = list.items().iter().map(plain).collect();
    parts.join(separator)
}

/// `[a b]`, Go's `%v` of a list of texts.
#[must_use]
pub fn bracketed(list: &Value) -> String {
    format!("[{}]", join(list, " "))
}

/// `RWO,ROX`.
#[must_use]
pub fn access_modes(modes: &Value) -> String {
    let has = |mode: &str| modes.items().iter().any(|m| *m == mode);
    let short = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let found: Vec<&str> = short.iter().filter(|s| has(s.0)).map(|s| s.1).collect();
    found.join(",")
}
