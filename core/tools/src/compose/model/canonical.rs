//! Short forms become long ones, so that files can be merged and services compared: one shape for ports,
//! volumes, environments, commands. Follows compose-go's `transform` and its short syntaxes.

use drydock_container::filesystem::normalise;
use drydock_machinery::{Sym, Value, value};

/// A mapping from pairs.
#[must_use]
pub fn map(pairs: Vec<(String, Value)>) -> Value {
    Value::from_entries(pairs.into_iter().map(|(k, v)| (Sym::from(k.as_str()), v)).collect())
}

/// A scalar as text.
#[must_use]
pub fn text_of(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_string(),
        None if value.is_null() => String::new(),
        None => drydock_machinery::json::to_string(value),
    }
}

/// Whether a scalar says yes, in any of YAML's ways.
#[must_use]
pub fn is_true(value: &Value) -> bool {
    value.bool() || matches!(&*text_of(value).to_ascii_lowercase(), "true" | "yes" | "on" | "y" | "1")
}

/// `A=1` lists and mappings as a mapping of strings; null where there is no value.
#[must_use]
pub fn pairs(value: &Value) -> Value {
    let item = |text: String| match text.split_once('=') {
        Some((name, value)) => (name.to_string(), Value::from(value)),
        None => (text, Value::Null),
    };
    match value {
        Value::List(items) => map(items.iter().map(|i| item(text_of(i))).collect()),
        Value::Map(entries) => map(entries
            .iter()
            .map(|(k, v)| {
                (k.text().to_string(), if v.is_null() { Value::Null } else { Value::from(text_of(v)) })
            })
            .collect()),
        _ => Value::empty_map(),
    }
}

fn texts(items: &[Value]) -> Value {
    Value::from_items(items.iter().map(|i| Value::from(text_of(i))).collect())
}

/// One string or several.
fn list(value: &Value) -> Value {
    match value {
        Value::List(items) => texts(items),
        other => Value::from_items(vec![Value::from(text_of(other))]),
    }
}

/// A command line as words, as a shell splits them.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let (mut out, mut word, mut inside, mut quote, mut escaped) =
        (Vec::new(), String::new(), false, None, false);
    for c in text.chars() {
        match (c, quote) {
            (c, _) if escaped => {
                word.push(c);
                escaped = false;
            }
            ('\\', q) if q != Some('\'') => {
                escaped = true;
                inside = true;
            }
            (c, Some(q)) if c == q => quote = None,
            (c, Some(_)) => word.push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                inside = true;
            }
            (c, None) if c.is_whitespace() => {
                if std::mem::take(&mut inside) {
                    out.push(std::mem::take(&mut word));
                }
            }
            (c, None) => {
                word.push(c);
                inside = true;
            }
        }
    }
    if inside {
        out.push(word);
    }
    out
}

fn command(value: &Value) -> Value {
    match value {
        Value::List(items) => texts(items),
        Value::Null => Value::Null,
        other => Value::from_items(words(&text_of(other)).into_iter().map(Value::from).collect()),
    }
}

/// Ports of the short syntax.
///
/// # Errors
/// go-connections' texts.
fn port(text: &str) -> Result<Vec<Value>, String> {
    let (rest, proto) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    if !matches!(proto, "tcp" | "udp" | "sctp") {
        return Err(format!("invalid proto: {proto}"));
    }
    let (rest, container) = rest.rsplit_once(':').map_or(("", rest), |(r, c)| (r, c));
    let (ip, host) = match rest.rsplit_once(':') {
        Some((ip, host)) => (ip.trim_matches(['[', ']']), host),
        None => ("", rest),
    };
    let range = |text: &str, what: &str| -> Result<(u16, u16), String> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let parse = |n: &str| n.parse::<u16>().map_err(|_| format!("invalid {what}: {text}"));
        let (first, last) = (parse(first)?, parse(last)?);
        if last < first { Err(format!("invalid {what}: {text}")) } else { Ok((first, last)) }
    };
    if container.is_empty() {
        return Err(format!("no port specified: {text}<empty>"));
    }
    let (first, last) = range(container, "containerPort")?;
    let published = if host.is_empty() { None } else { Some(range(host, "hostPort")?) };
    let count = last - first;
    if let Some((low, high)) = published
        && high - low != count
        && count != 0
    {
        return Err(format!("invalid ranges specified for container and host Ports: {container} and {host}"));
    }
    let mut out = Vec::new();
    for n in 0..=count {
        let mut entry = value!({ "mode": "ingress", "target": i64::from(first + n), "protocol": proto });
        if let Some((low, high)) = published {
            let shown = if count == 0 && high != low { host.to_string() } else { (low + n).to_string() };
            entry = entry.with("published", shown);
        }
        if !ip.is_empty() {
            entry = entry.with("host_ip", ip);
        }
        out.push(entry);
    }
    Ok(out)
}

fn ports(value: &Value) -> Result<Value, String> {
    let mut out = Vec::new();
    for item in value.items() {
        if item.is_map() {
            let mut entry = item.clone();
            if entry.find("mode").is_none() {
                entry = entry.with("mode", "ingress");
            }
            if entry.find("protocol").is_none() {
                entry = entry.with("protocol", "tcp");
            }
            if let Some(published) = item.find("published") {
                entry = entry.with("published", text_of(published));
            }
            if let Ok(target) = text_of(&entry["target"]).parse::<i64>() {
                entry = entry.with("target", target);
            }
            out.push(entry);
        } else {
            out.extend(port(&text_of(item))?);
        }
    }
    Ok(Value::from_items(out))
}

/// A path of the project as an absolute one.
#[must_use]
pub fn absolute(folder: &str, home: &str, path: &str) -> String {
    match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => normalise("/", &format!("{home}{rest}")),
        _ => normalise(folder, path),
    }
}

fn volume(item: &Value, folder: &str, home: &str) -> Result<Value, String> {
    if item.is_map() {
        let mut entry = item.clone();
        if entry["type"].text() == "bind" {
            let source = absolute(folder, home, &text_of(&entry["source"]));
            entry = entry.with("source", source);
        }
        return Ok(entry);
    }
    let text = text_of(item);
    if text.is_empty() {
        return Err("invalid empty volume spec".into());
    }
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, modes) = match parts.as_slice() {
        [target] => return Ok(value!({ "type": "volume", "target": *target, "volume": {} })),
        [source, target] => (*source, *target, ""),
        [source, target, modes] => (*source, *target, *modes),
        _ => return Err(format!("invalid spec: {text}: too many colons")),
    };
    if target.is_empty() {
        return Err(format!("invalid spec: {text}: empty section between colons"));
    }
    let is_path = source.starts_with(['.', '/', '~']);
    let mut entry = if is_path {
        let source = absolute(folder, home, source);
        value!({ "type": "bind", "source": source, "target": target, "bind": { "create_host_path": true } })
    } else {
        value!({ "type": "volume", "source": source, "target": target, "volume": {} })
    };
    for mode in modes.split(',').filter(|m| !m.is_empty()) {
        match mode {
            "ro" => entry = entry.with("read_only", true),
            "nocopy" => entry = entry.with("volume", value!({ "nocopy": true })),
            _ => {}
        }
    }
    Ok(entry)
}

fn file_reference(item: &Value) -> Value {
    if item.is_map() { item.clone() } else { value!({ "source": text_of(item) }) }
}

/// A service in its long form. `folder` is what relative paths are relative to.
///
/// # Errors
/// What is wrong with a short form, behind the place.
pub fn service(given: &Value, name: &str, folder: &str, home: &str) -> Result<Value, String> {
    let mut out = Vec::new();
    for (key, value) in given.entries() {
        let key = key.text();
        let place = |why: String| format!("services.{name}.{key}: {why}");
        let long = match key {
            "environment" | "labels" | "sysctls" | "annotations" => pairs(value),
            "extra_hosts" => {
                let list: Vec<Value> = match value {
                    Value::List(items) => items
                        .iter()
                        .map(|i| Value::from(text_of(i).replacen(':', "=", 1).replacen("==", "=", 1)))
                        .collect(),
                    Value::Map(entries) => entries
                        .iter()
                        .map(|(k, v)| Value::from(format!("{}={}", k.text(), text_of(v))))
                        .collect(),
                    _ => Vec::new(),
                };
                Value::from_items(list)
            }
            "command" | "entrypoint" => command(value),
            "dns" | "dns_search" | "tmpfs" => list(value),
            "expose" | "group_add" => list(value),
            "ports" => ports(value).map_err(place)?,
            "volumes" => {
                let items: Result<Vec<Value>, String> =
                    value.items().iter().map(|i| volume(i, folder, home)).collect();
                Value::from_items(items.map_err(place)?)
            }
            "env_file" => {
                let one = |i: &Value| {
                    let entry = if i.is_map() { i.clone() } else { value!({ "path": text_of(i) }) };
                    let path = absolute(folder, home, entry["path"].text());
                    let required = entry.find("required").is_none_or(is_true);
                    value!({ "path": path, "required": required })
                };
                match value {
                    Value::List(items) => Value::from_items(items.iter().map(one).collect()),
                    other => Value::from_items(vec![one(other)]),
                }
            }
            "depends_on" => {
                let entry = |given: &Value| {
                    let condition =
                        given.find("condition").map_or("service_started", Value::text).to_string();
                    let mut out = value!({ "condition": condition, "required": given.find("required").is_none_or(is_true) });
                    if given.find("restart").is_some_and(is_true) {
                        out = out.with("restart", true);
                    }
                    out
                };
                match value {
                    Value::List(items) => {
                        map(items.iter().map(|i| (text_of(i), entry(&Value::Null))).collect())
                    }
                    other => {
                        map(other.entries().iter().map(|(k, v)| (k.text().to_string(), entry(v))).collect())
                    }
                }
            }
            "networks" => match value {
                Value::List(items) => map(items.iter().map(|i| (text_of(i), Value::Null)).collect()),
                other => other.clone(),
            },
            "links" => texts(value.items()),
            "build" => build(value, folder, home),
            "healthcheck" => match value.find("test") {
                Some(test) if test.as_str().is_some() => {
                    value.with("test", value!(["CMD-SHELL", text_of(test)]))
                }
                _ => value.clone(),
            },
            "configs" | "secrets" => Value::from_items(value.items().iter().map(file_reference).collect()),
            "privileged" | "tty" | "stdin_open" | "read_only" | "init" => Value::from(is_true(value)),
            "extends" if value.as_str().is_some() => value!({ "service": text_of(value) }),
            _ => value.clone(),
        };
        out.push((key.to_string(), long));
    }
    Ok(map(out))
}

fn build(value: &Value, folder: &str, home: &str) -> Value {
    let mut entry = if value.is_map() { value.clone() } else { value!({ "context": text_of(value) }) };
    let context = entry.find("context").map_or(".".to_string(), text_of);
    let remote = context.contains("://") || context.starts_with("git@");
    entry = entry.with("context", if remote { context } else { absolute(folder, home, &context) });
    for key in ["args", "labels"] {
        if let Some(given) = entry.find(key) {
            let long = pairs(given);
            entry = entry.with(key, long);
        }
    }
    if entry.find("dockerfile").is_none() && entry.find("dockerfile_inline").is_none() {
        entry = entry.with("dockerfile", "Dockerfile");
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        let given = value!({
            "ports": ["8080:80", "127.0.0.1:53:53/udp", "3000-3001"],
            "volumes": ["./a:/b:ro", "data:/d", "/anon"],
            "environment": ["A=1", "B"],
            "command": "sh -c 'echo hi'",
            "depends_on": ["db"],
            "build": "."
        });
        let long = service(&given, "web", "/p", "/h").unwrap();
        let shown = drydock_machinery::json::to_string(&long);
        assert!(
            shown.contains(r#"{"mode":"ingress","protocol":"tcp","published":"8080","target":80}"#),
            "{shown}"
        );
        assert!(shown.contains(r#""host_ip":"127.0.0.1""#) && shown.contains(r#""target":3001"#), "{shown}");
        assert!(shown.contains(r#""read_only":true,"source":"/p/a","target":"/b","type":"bind""#), "{shown}");
        assert!(shown.contains(r#""environment":{"A":"1","B":null}"#), "{shown}");
        assert!(shown.contains(r#""command":["sh","-c","echo hi"]"#), "{shown}");
        assert!(shown.contains(r#""build":{"context":"/p","dockerfile":"Dockerfile"}"#), "{shown}");
        assert!(
            service(&value!({ "ports": ["abc"] }), "web", "/", "/")
                .unwrap_err()
                .ends_with("invalid containerPort: abc")
        );
    }
}
