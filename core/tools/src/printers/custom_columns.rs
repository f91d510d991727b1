//! `-o custom-columns=NAME:.metadata.name,…` and its file form.

use super::go_format;
use crate::kubectl::Failure;
use crate::kubectl::builder::items_of;
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::{Value, jsonpath};

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub header: String,
    pub template: jsonpath::Template,
}

fn column(header: &str, path: &str) -> Result<Column, Failure> {
    let spec = jsonpath::relaxed(path).map_err(|e| Failure::Message(e.to_string()))?;
    let template = jsonpath::Template::parse(&spec).map_err(|e| Failure::Message(e.to_string()))?;
    Ok(Column { header: header.into(), template })
}

/// Reads `HEADER:PATH,HEADER:PATH`. Commas inside brackets do not separate.
///
/// # Errors
/// A part without a colon, a path that is none.
pub fn parse(spec: &str) -> Result<Vec<Column>, Failure> {
    let mut columns = Vec::new();
    for part in split_outside_brackets(spec) {
        let Some((header, path)) = part.split_once(':') else {
            return Err(format!(
                "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
            )
            .into());
        };
        columns.push(column(header, path)?);
    }
    Ok(columns)
}

fn split_outside_brackets(spec: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth) = (Vec::new(), String::new(), 0_i32);
    for c in spec.chars() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts
}

/// Reads the two lines of a template file: headers, then paths.
///
/// # Errors
/// Lines of different length, paths that are none.
pub fn parse_file(text: &str) -> Result<Vec<Column>, Failure> {
    let mut lines = text.lines();
    let words = |line: Option<&str>| -> Vec<String> {
        line.unwrap_or("").split_whitespace().map(Into::into).collect()
    };
    let (headers, paths) = (words(lines.next()), words(lines.next()));
    if headers.len() != paths.len() {
        return Err(format!(
            "number of headers ({}) and field specifications ({}) don't match",
            headers.len(),
            paths.len()
        )
        .into());
    }
    headers.iter().zip(&paths).map(|(h, p)| column(h, p)).collect()
}

/// The rows of an object or list.
///
/// # Errors
/// A path that fails on an object.
pub fn print(columns: &[Column], no_headers: bool, value: &Value) -> Result<String, Failure> {
    let mut out = TabWriter::kubectl();
    if !no_headers {
        let headers: Vec<&str> = columns.iter().map(|c| c.header.as_str()).collect();
        out.write(&(headers.join("\t") + "\n"));
    }
    let is_list = value.find("items").is_some() && value["kind"].text().ends_with("List");
    let objects = if is_list { items_of(value) } else { vec![value.clone()] };
    for object in &objects {
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            let found = column.template.find(object).unwrap_or_default();
            let texts: Vec<String> = found
                .iter()
                .map(|v| if v.is_null() { "<nil>".into() } else { go_format::plain(v) })
                .collect();
            cells.push(if texts.is_empty() { "<none>".into() } else { texts.join(",") });
        }
        out.write(&(cells.join("\t") + "\n"));
    }
    Ok(out.flush())
}
