//! JSON patch (RFC 6902) with the behaviour and texts of evanphx/json-patch v4: an array index one past
//! the end or `-` appends, negative indexes count from the end, `remove` of what is missing fails.

use crate::{Value, quote};

/// Applies operations in order.
///
/// # Errors
/// The library's texts, e.g. `testing value /spec/replicas failed: test failed`.
pub fn json_patch(target: &Value, ops: &Value) -> Result<Value, String> {
    let Value::List(ops) = ops else {
        return Err(format!(
            "json: cannot unmarshal {} into Go value of type jsonpatch.Patch",
            ops.json_type()
        ));
    };
    ops.iter().try_fold(target.clone(), |document, op| apply(&document, op))
}

fn apply(document: &Value, op: &Value) -> Result<Value, String> {
    let kind = op.get("op").as_str().unwrap_or("unknown");
    if !matches!(kind, "add" | "remove" | "replace" | "move" | "copy" | "test") {
        return Err(format!("Unexpected kind: {kind}"));
    }
    let text = op
        .get("path")
        .as_str()
        .ok_or_else(|| format!("{kind} operation failed to decode path: missing value"))?;
    let path = pointer(text);
    let value = || op.find("value").cloned().unwrap_or_default();
    let missing_path = || {
        format!("{kind} operation does not apply: doc is missing path: {}: missing value", quote::go(text))
    };
    let within = |e: String| format!("error in {kind} for path: '{text}': {e}");
    match kind {
        "add" => {
            if path.is_empty() {
                return Ok(value());
            }
            change(document, &path, &Change::Add(value())).ok_or_else(missing_path)?.map_err(within)
        }
        "remove" => change(document, &path, &Change::Remove).ok_or_else(missing_path)?.map_err(within),
        "replace" => {
            if path.is_empty() {
                return Ok(value());
            }
            let Some(holder) = parent(document, &path) else {
                return Err(format!(
                    "replace operation does not apply: doc is missing path: {text}: missing value"
                ));
            };
            // The library does not notice that a map lacks the key.
            if holder.is_list() && look(document, &path).is_none() {
                return Err(format!(
                    "replace operation does not apply: doc is missing key: {text}: missing value"
                ));
            }
            change(document, &path, &Change::Replace(value())).ok_or_else(missing_path)?.map_err(within)
        }
        "test" => {
            let found = look(document, &path).unwrap_or_default();
            // An absent value equals null.
            if found == value() {
                Ok(document.clone())
            } else {
                Err(format!("testing value {text} failed: test failed"))
            }
        }
        _ => {
            let from_text = op.get("from").text();
            let from = pointer(from_text);
            let Some(moved) = look(document, &from) else {
                let what = if parent(document, &from).is_none() { "from path" } else { "key" };
                return Err(format!(
                    "{kind} operation does not apply: doc is missing {what}: {from_text}: missing value"
                ));
            };
            let rest = if kind == "move" {
                change(document, &from, &Change::Remove).ok_or_else(missing_path)?.map_err(within)?
            } else {
                document.clone()
            };
            if path.is_empty() {
                return Ok(moved);
            }
            let missing = format!(
                "{kind} operation does not apply: doc is missing destination path: {text}: missing value"
            );
            change(&rest, &path, &Change::Add(moved)).ok_or(missing)?.map_err(within)
        }
    }
}

/// The tokens of a JSON pointer.
fn pointer(text: &str) -> Vec<String> {
    text.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

/// The value at a path.
fn look(value: &Value, path: &[String]) -> Option<Value> {
    path.iter().try_fold(value.clone(), |value, token| match &value {
        Value::Map(_) => value.find(token).cloned(),
        Value::List(items) => items.get(index(token, items.len()).ok()?).cloned(),
        _ => None,
    })
}

/// The container that holds the last token's value.
fn parent(value: &Value, path: &[String]) -> Option<Value> {
    let (_, above) = path.split_last()?;
    look(value, above).filter(|v| v.is_map() || v.is_list())
}

fn index(token: &str, length: usize) -> Result<usize, String> {
    let n: i64 = token.parse().map_err(|_| format!("value was not a proper array index: '{token}'"))?;
    let at = if n < 0 { n.saturating_add_unsigned(length as u64) } else { n };
    match usize::try_from(at) {
        Ok(at) if at < length => Ok(at),
        _ => Err(format!("Unable to access invalid index: {n}: invalid index referenced")),
    }
}

enum Change {
    Add(Value),
    Replace(Value),
    Remove,
}

/// The document with a change at a path; nothing if what should hold it does not exist.
fn change(document: &Value, path: &[String], change: &Change) -> Option<Result<Value, String>> {
    let (token, rest) = path.split_first()?;
    if !rest.is_empty() {
        return match document {
            Value::Map(_) => {
                let inner = self::change(document.find(token)?, rest, change)?;
                Some(inner.map(|inner| document.with(token.as_str(), inner)))
            }
            Value::List(items) => {
                let at = index(token, items.len()).ok()?;
                let inner = self::change(items.get(at)?, rest, change)?;
                Some(inner.map(|inner| {
                    items
                        .iter()
                        .enumerate()
                        .map(|(i, v)| if i == at { inner.clone() } else { v.clone() })
                        .collect()
                }))
            }
            _ => None,
        };
    }
    match document {
        Value::Map(_) => Some(match change {
            Change::Add(value) | Change::Replace(value) => Ok(document.with(token.as_str(), value)),
            Change::Remove if document.find(token).is_some() => Ok(document.without(token)),
            Change::Remove => Err(format!("Unable to remove nonexistent key: {token}: missing value")),
        }),
        Value::List(items) => Some(change_list(items, token, change)),
        _ => None,
    }
}

fn change_list(items: &[Value], token: &str, change: &Change) -> Result<Value, String> {
    let mut items = items.to_vec();
    match change {
        Change::Add(value) => {
            // Adding may use the place behind the last item.
            let at = if token == "-" { items.len() } else { index(token, items.len() + 1)? };
            items.insert(at, value.clone());
        }
        Change::Replace(value) => {
            let at = index(token, items.len())?;
            if let Some(item) = items.get_mut(at) {
                *item = value.clone();
            }
        }
        Change::Remove => {
            let at = index(token, items.len())?;
            items.remove(at);
        }
    }
    Ok(Value::from_items(items))
}
