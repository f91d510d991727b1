//! The table printer of `get`: rows and columns the server made, decorated with namespaces, kinds,
//! labels and watch events. Follows `cli-runtime/pkg/printers/tableprinter.go`.

use super::go_format;
use drydock_machinery::Value;
use drydock_machinery::tabwriter::TabWriter;

/// What to show beside the server's own columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    pub wide: bool,
    pub no_headers: bool,
    pub with_namespace: bool,
    /// `pod/` in front of names: the kind and group in lower case.
    pub with_kind: Option<String>,
    pub show_labels: bool,
    pub label_columns: Vec<String>,
    /// A column EVENT stands first.
    pub events: bool,
}

/// A table under way: headers are printed once, column widths only grow.
#[derive(Clone, Debug, PartialEq)]
pub struct TablePrinter {
    options: Options,
    writer: TabWriter,
    columns: Vec<(String, bool)>,
    headers_printed: bool,
}

impl TablePrinter {
    #[must_use]
    pub fn new(options: Options) -> TablePrinter {
        TablePrinter { options, writer: TabWriter::kubectl(), columns: Vec::new(), headers_printed: false }
    }
    /// Adds a table's rows. `event` is the type of a watch event.
    pub fn add(&mut self, table: &Value, event: &str) {
        let defined = table["columnDefinitions"].items();
        if !defined.is_empty() {
            let visible = |c: &Value| self.options.wide || c["priority"].int() == 0;
            self.columns = defined.iter().map(|c| (c["name"].text().to_uppercase(), visible(c))).collect();
        }
        let rows = table["rows"].items();
        if rows.is_empty() {
            return;
        }
        if !self.options.no_headers && !self.headers_printed {
            self.headers_printed = true;
            let header = self.header();
            self.writer.write(&header);
        }
        for row in rows {
            let line = self.row(row, event);
            self.writer.write(&line);
        }
    }
    /// What was added since the last time, laid out.
    pub fn flush(&mut self) -> String {
        self.writer.flush()
    }
    fn header(&self) -> String {
        let mut cells: Vec<String> = Vec::new();
        if self.options.events {
            cells.push("EVENT".into());
        }
        if self.options.with_namespace {
            cells.push("NAMESPACE".into());
        }
        cells.extend(self.columns.iter().filter(|c| c.1).map(|c| c.0.clone()));
        let labels = self.options.label_columns.iter();
        cells.extend(labels.map(|l| l.rsplit('/').next().unwrap_or(l).to_uppercase()));
        if self.options.show_labels {
            cells.push("LABELS".into());
        }
        cells.join("\t") + "\n"
    }
    fn row(&self, row: &Value, event: &str) -> String {
        let metadata = &row["object"]["metadata"];
        let mut cells: Vec<String> = Vec::new();
        if self.options.events {
            // As wide as the longest type, so that later events line up.
            cells.push(format!("{event:<8}"));
        }
        if self.options.with_namespace {
            cells.push(metadata["namespace"].text().into());
        }
        let values = row["cells"].items();
        for (at, (value, column)) in values.iter().zip(&self.columns).enumerate() {
            if !column.1 {
                continue;
            }
            let text = cell(value);
            match &self.options.with_kind {
                Some(kind) if at == 0 => cells.push(format!("{kind}/{text}")),
                _ => cells.push(text),
            }
        }
        for label in &self.options.label_columns {
            cells.push(metadata["labels"][label.as_str()].text().into());
        }
        if self.options.show_labels {
            cells.push(labels(&metadata["labels"]));
        }
        cells.join("\t") + "\n"
    }
}

/// One cell; cut at the first line break, without control characters.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Str(_) | Value::Word(_) => {
            let text = value.text();
            let (kept, cut) = match text.find(['\n', '\r', '\x0c']) {
                Some(at) => (text.get(..at).unwrap_or(text), "..."),
                None => (text, ""),
            };
            format!("{}{cut}", kept.replace('\x1b', "^["))
        }
        other => go_format::plain(other),
    }
}

/// `a=b,c=d`, `<none>` without any.
#[must_use]
pub fn labels(labels: &Value) -> String {
    let pairs: Vec<String> = labels.entries().iter().map(|(k, v)| format!("{k}={}", v.text())).collect();
    if pairs.is_empty() { "<none>".into() } else { pairs.join(",") }
}

/// A table of names and ages for a server that made none.
#[must_use]
pub fn fallback(list: &Value, now: i64) -> Value {
    use drydock_machinery::{Timestamp, time, value};
    let objects = if list.find("items").is_some() {
        crate::kubectl::builder::items_of(list)
    } else {
        vec![list.clone()]
    };
    let row = |object: &Value| {
        let created = Timestamp::parse(object["metadata"]["creationTimestamp"].text());
        let age = created.map_or("<unknown>".into(), |t| time::human_duration(now - t.0));
        value!({"cells": [(object["metadata"]["name"].clone()), age], "object": (object.clone())})
    };
    let rows: Vec<Value> = objects.iter().map(row).collect();
    value!({"kind": "Table", "columnDefinitions": [{"name": "Name"}, {"name": "Age"}], "rows": rows, "metadata": (list["metadata"].clone())})
}
