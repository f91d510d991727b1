//! Lists: `table`, `json` and Go templates over rows. Follows `docker/cli` 28's `cli/command/formatter`:
//! headers of a custom table come from the same template run over the columns' names.

use crate::cli::Error;
use drydock_machinery::go_template::{Dialect, Template};
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::{Value, json, quote};
use std::collections::BTreeMap;

/// What can be listed: the type Go names in errors, its fields with their headers.
#[derive(Clone, Copy)]
pub struct Kind {
    /// `*formatter.ContainerContext`.
    pub context: &'static str,
    /// Field and header.
    pub columns: &'static [(&'static str, &'static str)],
}

/// One line of a list.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// All fields, as `{{json .}}` shows them.
    pub fields: Value,
    /// What `.Label "x"` looks into.
    pub labels: BTreeMap<String, String>,
}

impl Row {
    /// A row without labels.
    #[must_use]
    pub fn new(fields: Value) -> Row {
        Row { fields, labels: BTreeMap::new() }
    }
    /// Takes the labels of an object.
    #[must_use]
    pub fn labelled(mut self, labels: &Value) -> Row {
        self.labels =
            labels.entries().iter().map(|(k, v)| (k.text().to_string(), v.text().to_string())).collect();
        self
    }
}

/// The list as text: `format` is `table …`, `json`, `raw`-less template, or empty for `table`.
///
/// # Errors
/// A template that cannot be parsed or does not fit.
pub fn render(kind: &Kind, format: &str, table: &str, rows: &[Row]) -> Result<String, Error> {
    let format = match format {
        "" | "table" => table,
        other => other,
    };
    if format == "json" {
        return Ok(rows.iter().map(|row| json::to_string(&row.fields) + "\n").collect());
    }
    let (is_table, template) = match format.strip_prefix("table") {
        Some(rest) => (true, rest),
        None => (false, format),
    };
    let template = template.trim_matches(' ').replace("\\t", "\t").replace("\\n", "\n");
    // Parsed once for its errors even when there are no rows.
    parse(&template)?;
    let mut out = String::new();
    for row in rows {
        let text = with_methods(&template, &json::to_string(&row.fields), |label| {
            row.labels.get(label).cloned().unwrap_or_default()
        });
        let line = parse(&text)?.execute_with(&row.fields, false).map_err(|e| misfit(kind, &e.0))?;
        out.push_str(&line);
        out.push('\n');
    }
    if !is_table {
        return Ok(out);
    }
    let headers: Value = kind.columns.iter().map(|(field, header)| (*field, Value::from(*header))).collect();
    let text = with_methods(&template, &json::to_string(&headers), label_header);
    let head = parse(&text)?.execute(&headers).unwrap_or_default();
    let mut writer = TabWriter::new(10, 1, 3, ' ', 0);
    writer.write(&format!("{head}\n{out}"));
    Ok(writer.flush())
}

/// Tries a template on a made-up row, as `ps` does to find out what to ask for.
///
/// # Errors
/// `failed to parse template: …`, `failed to execute template: …`.
pub fn check(kind: &Kind, format: &str) -> Result<(), Error> {
    if matches!(format, "" | "table" | "json" | "raw") {
        return Ok(());
    }
    let named = |error: Error, what: &str| {
        Error::raw(error.text.replacen("template parsing error", &format!("failed to {what} template"), 1))
    };
    let template = format.strip_prefix("table").unwrap_or(format);
    let fields: Value = kind.columns.iter().map(|(field, _)| (*field, Value::from(""))).collect();
    let parsed = parse(template).map_err(|e| named(e, "parse"))?;
    match parsed.execute_with(&fields, false) {
        // Functions may not like the made-up values; that is no fault of the template.
        Err(error) if error.0.contains("map has no entry for key") => {
            Err(named(misfit(kind, &error.0), "execute"))
        }
        _ => Ok(()),
    }
}

fn parse(template: &str) -> Result<Template, Error> {
    let text = with_methods(template, "{}", |_| String::new());
    Template::parse_as(Dialect::Docker, "", if text == template { template } else { &text })
        .map_err(|e| Error::raw(format!("template parsing error: {}\n", e.0)))
}

/// What Go says of a field that the type does not have.
fn misfit(kind: &Kind, text: &str) -> Error {
    let text = match text.find(": map has no entry for key ") {
        Some(at) => {
            let (before, key) = text.split_at(at);
            let key = key.trim_start_matches(": map has no entry for key ").trim_matches('"');
            format!("{before}: can't evaluate field {key} in type {}", kind.context)
        }
        None => text.to_string(),
    };
    Error::raw(format!("template parsing error: {text}\n"))
}

/// Methods become literals: `.Label "x"` the label's value, the dot in `json .` the whole row.
fn with_methods(template: &str, row: &str, label: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let end = after.find("}}").map_or(after.len(), |e| e + 2);
        let (action, tail) = after.split_at(end);
        out.push_str(&action_with_methods(action, row, &label));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn action_with_methods(action: &str, row: &str, label: &impl Fn(&str) -> String) -> String {
    let inner = action.trim_start_matches("{{").trim_end_matches("}}").trim();
    if inner == "json ." {
        return format!("{{{{{}}}}}", quote::go(row));
    }
    let mut text = action.to_string();
    while let Some(at) = text.find(".Label ") {
        let (head, tail) = text.split_at(at);
        let argument = tail.trim_start_matches(".Label ").trim_start();
        let Some(mark) = argument.chars().next().filter(|c| *c == '"' || *c == '`') else { break };
        let Some(end) = argument.get(1..).and_then(|a| a.find(mark)) else { break };
        let name = argument.get(1..=end).unwrap_or("");
        let after = argument.get(end + 2..).unwrap_or("");
        text = format!("{head}{}{after}", quote::go(&label(name)));
    }
    text
}

/// The header of a label's column: its last part, with blanks for dashes.
fn label_header(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).replace(['-', '_'], " ")
}

/// `a=1,b=2`, sorted.
#[must_use]
pub fn labels(value: &Value) -> String {
    let pairs: Vec<String> =
        value.entries().iter().map(|(k, v)| format!("{}={}", k.text(), v.text())).collect();
    pairs.join(",")
}

/// At most `width` characters, the last of a longer text `…`.
#[must_use]
pub fn ellipsis(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

/// An id without its `sha256:`, cut to twelve.
#[must_use]
pub fn short_id(id: &str) -> String {
    id.strip_prefix("sha256:").unwrap_or(id).chars().take(12).collect()
}

/// Order of names as people count: `b2` before `b10`. Follows `fvbommel/sortorder`.
#[must_use]
pub fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
        let (da, db) = (digits(a), digits(b));
        if da > 0 && db > 0 {
            let ((na, ra), (nb, rb)) = (a.split_at(da), b.split_at(db));
            let (ta, tb) = (na.trim_start_matches('0'), nb.trim_start_matches('0'));
            let order = ta.len().cmp(&tb.len()).then_with(|| ta.cmp(tb)).then_with(|| da.cmp(&db));
            if order.is_ne() {
                return order;
            }
            (a, b) = (ra, rb);
            continue;
        }
        match (a.chars().next(), b.chars().next()) {
            (Some(x), Some(y)) if x == y => {
                (a, b) = (a.get(x.len_utf8()..).unwrap_or(""), b.get(y.len_utf8()..).unwrap_or(""));
            }
            (x, y) => return x.cmp(&y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    const KIND: Kind = Kind {
        context: "*formatter.ContainerContext",
        columns: &[("ID", "CONTAINER ID"), ("Names", "NAMES")],
    };

    fn rows() -> Vec<Row> {
        vec![Row::new(value!({"ID": "abc", "Names": "web>1"})).labelled(&value!({"com.x.my-role": "front"}))]
    }
    #[test]
    fn tables_templates_and_labels() {
        let table = "table {{.ID}}\t{{.Names}}";
        assert_eq!(render(&KIND, "", table, &[]).unwrap(), "CONTAINER ID   NAMES\n");
        assert_eq!(
            render(&KIND, "", table, &rows()).unwrap(),
            "CONTAINER ID   NAMES\nabc            web>1\n"
        );
        assert_eq!(
            render(&KIND, "json", table, &rows()).unwrap(),
            "{\"ID\":\"abc\",\"Names\":\"web\\u003e1\"}\n"
        );
        assert_eq!(
            render(&KIND, "table {{.Names}}\\t{{.Label \"com.x.my-role\"}}", table, &rows()).unwrap(),
            "NAMES     my role\nweb>1     front\n"
        );
        assert_eq!(
            render(&KIND, "{{.Nope}}", table, &rows()).unwrap_err().text,
            "template parsing error: template: :1:2: executing \"\" at <.Nope>: can't evaluate field Nope in type *formatter.ContainerContext\n"
        );
        assert_eq!(
            render(&KIND, "{{json .}}", table, &rows()).unwrap(),
            "{\"ID\":\"abc\",\"Names\":\"web\\u003e1\"}\n"
        );
    }
}
