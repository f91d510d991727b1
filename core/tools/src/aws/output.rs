//! How `aws` prints an answer: JSON in the service's order of fields, or text in columns; a part of it with
//! `--query`.
//!
//! Left out of JMESPath: filters, functions, multi-selects; they are refused as a bad expression.

use super::Stop;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json};

/// Fields in the order of the service's shapes; others follow by name.
const ORDER: &[&str] = &[
    "UserId",
    "Account",
    "Arn",
    "repositoryArn",
    "registryId",
    "repositoryName",
    "repositoryUri",
    "createdAt",
    "imageDigest",
    "imageTag",
    "imageTags",
    "imageSizeInBytes",
    "imagePushedAt",
    "imageTagMutability",
    "imageScanningConfiguration",
    "encryptionConfiguration",
    "authorizationToken",
    "expiresAt",
    "proxyEndpoint",
];

/// The answer as text.
///
/// # Errors
/// Unknown formats and expressions.
pub fn shown(answer: &Value, query: Option<&str>, format: &str) -> Result<String, Stop> {
    let part = match query {
        Some(query) => search(answer, query).ok_or_else(|| {
            Stop::new(252, format!("\nBad value for --query {query}: invalid expression\n"))
        })?,
        None => answer.clone(),
    };
    match format {
        "json" => {
            Ok(if part.is_null() && query.is_none() { String::new() } else { indented(&part, 0) + "\n" })
        }
        "text" => Ok(columns(&part, "")),
        other => Err(Stop::new(252, format!("\nUnknown output type: {other}\n"))),
    }
}

fn ordered(value: &Value) -> Vec<(&str, &Value)> {
    let place = |key: &str| ORDER.iter().position(|o| *o == key).unwrap_or(ORDER.len());
    let mut entries: Vec<(&str, &Value)> = value.entries().iter().map(|(k, v)| (k.text(), v)).collect();
    entries.arrange_by_key(|entry| place(entry.0));
    entries
}

/// Python's `json.dumps(indent=4)`.
fn indented(value: &Value, depth: usize) -> String {
    let (pad, end) = ("    ".repeat(depth + 1), "    ".repeat(depth));
    let join = |items: Vec<String>| items.join(&format!(",\n{pad}"));
    if value.is_map() && !value.is_empty() {
        let entry = |(key, v): (&str, &Value)| format!("\"{key}\": {}", indented(v, depth + 1));
        return format!("{{\n{pad}{}\n{end}}}", join(ordered(value).into_iter().map(entry).collect()));
    }
    if value.is_list() && !value.is_empty() {
        let items = value.items().iter().map(|v| indented(v, depth + 1)).collect();
        return format!("[\n{pad}{}\n{end}]", join(items));
    }
    json::to_string(value)
}

fn scalar(value: &Value) -> String {
    match value.as_bool() {
        Some(true) => "True".into(),
        Some(false) => "False".into(),
        None if value.is_null() => "None".into(),
        None => value.as_str().map_or_else(|| json::to_string(value), str::to_string),
    }
}

/// Tab-separated: scalars of a map by their names on one line, each nested part on lines of its own that begin
/// with its field in capitals.
fn columns(value: &Value, label: &str) -> String {
    let head = |label: &str| if label.is_empty() { String::new() } else { format!("{label}\t") };
    if value.is_list() {
        let plain = value.items().iter().all(|v| !v.is_map() && !v.is_list());
        return match (plain, label) {
            (true, "") => {
                let row: Vec<String> = value.items().iter().map(scalar).collect();
                row.join("\t") + "\n"
            }
            (true, label) => value.items().iter().map(|v| format!("{label}\t{}\n", scalar(v))).collect(),
            (false, label) => value.items().iter().map(|v| columns(v, label)).collect(),
        };
    }
    if !value.is_map() {
        return format!("{}{}\n", head(label), scalar(value));
    }
    let nested = |v: &Value| v.is_map() || v.is_list();
    let row: Vec<String> =
        value.entries().iter().filter(|(_, v)| !nested(v)).map(|(_, v)| scalar(v)).collect();
    let mut out = if row.is_empty() { String::new() } else { format!("{}{}\n", head(label), row.join("\t")) };
    for (key, part) in value.entries().iter().filter(|(_, v)| nested(v)) {
        out += &columns(part, &key.text().to_uppercase());
    }
    out
}

/// Fields, `[n]`, `[*]` and `[]` of JMESPath.
fn search(value: &Value, query: &str) -> Option<Value> {
    let query = query.trim();
    if query.is_empty() || query == "@" {
        return Some(value.clone());
    }
    if let Some(rest) = query.strip_prefix('[') {
        let (inside, rest) = rest.split_once(']')?;
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        if matches!(inside, "" | "*") {
            let found: Option<Vec<Value>> = value.items().iter().map(|v| search(v, rest)).collect();
            return Some(Value::from_items(found?.into_iter().filter(|v| !v.is_null()).collect()));
        }
        let index: i64 = inside.parse().ok()?;
        let length = i64::try_from(value.items().len()).ok()?;
        let at = if index < 0 { index + length } else { index };
        let item = usize::try_from(at).ok().and_then(|at| value.items().get(at)).cloned().unwrap_or_default();
        return search(&item, rest);
    }
    let end = query.find(['.', '[']).unwrap_or(query.len());
    let (name, rest) = query.split_at(end);
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    search(value.get(name), rest.strip_prefix('.').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    fn answer() -> Value {
        value!({"repositories": [
            {"repositoryName": "web", "repositoryUri": "x/web"},
            {"repositoryName": "api", "repositoryUri": "x/api"}
        ]})
    }

    #[test]
    fn a_part_is_found_by_its_path() {
        let text = |query: &str| search(&answer(), query).map(|v| json::to_string(&v));
        assert_eq!(text("repositories[].repositoryName").as_deref(), Some("[\"web\",\"api\"]"));
        assert_eq!(text("repositories[0].repositoryUri").as_deref(), Some("\"x/web\""));
        assert_eq!(text("repositories[-1].repositoryName").as_deref(), Some("\"api\""));
        assert_eq!(text("length(repositories)"), None);
    }

    #[test]
    fn text_stands_in_columns_and_json_in_the_services_order() {
        let names = shown(&answer(), Some("repositories[*].repositoryName"), "text").ok();
        assert_eq!(names.as_deref(), Some("web\tapi\n"));
        assert_eq!(columns(&answer(), ""), "REPOSITORIES\tweb\tx/web\nREPOSITORIES\tapi\tx/api\n");
        let first = shown(&answer(), Some("repositories[0]"), "json").ok();
        let expected = "{\n    \"repositoryName\": \"web\",\n    \"repositoryUri\": \"x/web\"\n}\n";
        assert_eq!(first.as_deref(), Some(expected));
    }
}
