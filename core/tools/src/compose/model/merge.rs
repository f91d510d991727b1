//! One compose file over another: mappings are merged, most lists joined, commands replaced; ports and
//! volumes are told apart by what they are about. Follows compose-go's `override`.

use drydock_machinery::Value;

/// Lists that a later file replaces as a whole.
const REPLACED: &[&str] = &["command", "entrypoint", "test"];

/// `over` on top of `base`; `key` is what they are called.
#[must_use]
pub fn merge(base: &Value, over: &Value, key: &str) -> Value {
    match (base, over) {
        (Value::Map(_), Value::Map(entries)) => entries.iter().fold(base.clone(), |out, (name, value)| {
            let merged = match out.find(name.text()) {
                Some(old) => merge(old, value, name.text()),
                None => value.clone(),
            };
            out.with(*name, merged)
        }),
        (Value::List(old), Value::List(new)) if !REPLACED.contains(&key) => {
            let identity = |v: &Value| -> Value {
                match key {
                    "volumes" | "secrets" | "configs" if v.is_map() => {
                        let target = v.find("target").or_else(|| v.find("source"));
                        target.cloned().unwrap_or_default()
                    }
                    "ports" if v.is_map() => Value::from_items(
                        ["host_ip", "target", "published", "protocol"]
                            .iter()
                            .map(|k| v.get(k).clone())
                            .collect(),
                    ),
                    _ => v.clone(),
                }
            };
            let mut out: Vec<Value> = old.to_vec();
            for item in new.iter() {
                match out.iter_mut().find(|o| identity(o) == identity(item)) {
                    Some(slot) => *slot = item.clone(),
                    None => out.push(item.clone()),
                }
            }
            Value::from_items(out)
        }
        (_, Value::Null) if key != "command" && key != "entrypoint" => base.clone(),
        _ => over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn later_files_win_where_they_meet() {
        let base = value!({ "image": "a", "environment": { "A": "1", "B": "2" }, "command": ["x"], "dns": ["1"],
            "volumes": [{ "target": "/d", "source": "old" }] });
        let over = value!({ "image": "b", "environment": { "B": "3" }, "command": ["y"], "dns": ["2"],
            "volumes": [{ "target": "/d", "source": "new" }, { "target": "/e" }] });
        let merged = merge(&base, &over, "web");
        assert_eq!(
            drydock_machinery::json::to_string(&merged),
            r#"{"command":["y"],"dns":["1","2"],"environment":{"A":"1","B":"3"},"image":"b","volumes":[{"source":"new","target":"/d"},{"target":"/e"}]}"#
        );
    }
}
