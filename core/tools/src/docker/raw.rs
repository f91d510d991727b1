//! JSON text as it came, with its fields in the engine's order: what `{{json .Config}}` and
//! `{{.Mounts}}` of a template print, where Go looks at structs and we at sorted maps.

use drydock_machinery::sort::Arrange;
use drydock_machinery::{json, quote};

/// Fields that are maps in Go; all other documents are structs.
const MAPS: [&str; 20] = [
    "Labels",
    "Ports",
    "PortBindings",
    "ExposedPorts",
    "Volumes",
    "Networks",
    "Options",
    "Sysctls",
    "Tmpfs",
    "StorageOpt",
    "Annotations",
    "DriverOpts",
    "Containers",
    "Data",
    "IPAMOptions",
    "AuxiliaryAddresses",
    "EndpointsConfig",
    "Runtimes",
    "ContainerState",
    "DeviceInfo",
];
/// Fields that are pointers in Go and print as nothing when they are not set.
const POINTERS: [&str; 8] = [
    "IPAMConfig",
    "Healthcheck",
    "MemorySwappiness",
    "OomKillDisable",
    "PidsLimit",
    "Init",
    "Health",
    "StopTimeout",
];

/// Where the value that begins at the text's start ends.
pub(super) fn end_of(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            if !quoted && depth == 0 {
                return at + 1;
            }
            continue;
        }
        match c {
            '"' => quoted = true,
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 0 => return at,
            '}' | ']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            ',' | ':' if depth == 0 => return at,
            c if c.is_whitespace() && depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The items of a list, or the keys and values of a map one after the other.
fn parts(text: &str) -> Vec<&str> {
    let mut rest = text.trim().get(1..).unwrap_or("");
    let mut out = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == ':');
        if rest.is_empty() || rest.starts_with([']', '}']) {
            return out;
        }
        let (part, after) = rest.split_at(end_of(rest));
        if part.is_empty() {
            return out;
        }
        out.push(part);
        rest = after;
    }
}

fn entries(text: &str) -> Vec<(String, &str)> {
    let parts = parts(text);
    parts.chunks(2).filter_map(|pair| Some((string(pair.first()?), *pair.get(1)?))).collect()
}

fn string(text: &str) -> String {
    json::parse(text.as_bytes()).map(|v| v.text().to_string()).unwrap_or_default()
}

/// The value at a path of field names.
#[must_use]
pub fn find<'a>(text: &'a str, path: &[&str]) -> Option<&'a str> {
    let mut at = text.trim();
    for name in path {
        if !at.starts_with('{') {
            return None;
        }
        at = entries(at).into_iter().find(|(key, _)| key == name)?.1;
    }
    Some(at)
}

/// Without blanks between its parts.
#[must_use]
pub fn compact(text: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::with_capacity(text.len()), false, false);
    for c in text.trim().chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_whitespace() {
            continue;
        } else {
            quoted = c == '"';
        }
        out.push(c);
    }
    out
}

/// As Go's `%v` prints the struct, slice or map of a field.
#[must_use]
pub fn printed(text: &str, field: &str, depth: usize) -> String {
    if depth > drydock_machinery::limits::DEPTH {
        return String::new();
    }
    let is_map = MAPS.contains(&field);
    match text.chars().next() {
        Some('{') if is_map => {
            let mut all = entries(text);
            all.arrange();
            let pairs: Vec<String> = all
                .iter()
                .map(|(key, value)| {
                    // Endpoints are kept behind pointers.
                    let value = if field == "Networks" {
                        "0xc0004a2000".into()
                    } else {
                        printed(value, "", depth + 1)
                    };
                    format!("{key}:{value}")
                })
                .collect();
            format!("map[{}]", pairs.join(" "))
        }
        Some('{') => {
            let all = entries(text);
            let mut values: Vec<String> =
                all.iter().map(|(key, value)| printed(value, key, depth + 1)).collect();
            if field == "State" && !all.iter().any(|(key, _)| key == "Health") {
                values.push("<nil>".into());
            }
            format!("{{{}}}", values.join(" "))
        }
        Some('[') => {
            let items: Vec<String> = parts(text).iter().map(|i| printed(i, "", depth + 1)).collect();
            format!("[{}]", items.join(" "))
        }
        Some('"') => string(text),
        Some('n') if is_map => "map[]".into(),
        Some('n') if POINTERS.contains(&field) => "<nil>".into(),
        Some('n') => "[]".into(),
        _ => text.into(),
    }
}

/// The template with each `{{.A.B}}` and `{{json .A.B}}` that leads to a document, a list or nothing
/// replaced by its text.
#[must_use]
pub fn resolved(template: &str, document: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let end = after.find("}}").map_or(after.len(), |e| e + 2);
        let (action, tail) = after.split_at(end);
        match literal(action, document) {
            Some(text) => out.push_str(&format!("{{{{{}}}}}", quote::go(&text))),
            None => out.push_str(action),
        }
        rest = tail;
        // Inside a block the dot is something else.
        if ["range", "with", "define", "template", "block"].iter().any(|w| action.contains(w)) {
            break;
        }
    }
    out.push_str(rest);
    out
}

fn literal(action: &str, document: &str) -> Option<String> {
    let inner = action.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let (as_json, path) = match inner.strip_prefix("json ") {
        Some(path) => (true, path.trim()),
        None => (false, inner),
    };
    let names = path.strip_prefix('.')?;
    let path: Vec<&str> = if names.is_empty() { Vec::new() } else { names.split('.').collect() };
    if path.iter().any(|n| n.is_empty() || !n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
        return None;
    }
    let text = find(document, &path)?;
    if as_json && path == ["NetworkSettings", "Networks"] {
        let mut all = entries(text);
        all.arrange();
        let ends = all.iter().map(|(name, end)| format!("{}:{}", json::quote(name), endpoint(end)));
        return Some(format!("{{{}}}", ends.collect::<Vec<_>>().join(",")));
    }
    if as_json && path.last().is_some_and(|name| MAPS.contains(name)) && text.starts_with('{') {
        // Maps are printed by their keys in order.
        let mut all = entries(text);
        all.arrange();
        let pairs: Vec<String> =
            all.iter().map(|(key, value)| format!("{}:{}", json::quote(key), compact(value))).collect();
        return Some(format!("{{{}}}", pairs.join(",")));
    }
    if as_json {
        return Some(compact(text));
    }
    let field = path.last()?;
    text.starts_with(['{', '[', 'n']).then(|| printed(text, field, 0))
}

/// An endpoint with the fields of the client's own struct, in their order.
fn endpoint(text: &str) -> String {
    const ORDER: [&str; 15] = [
        "IPAMConfig",
        "Links",
        "Aliases",
        "MacAddress",
        "DriverOpts",
        "GwPriority",
        "NetworkID",
        "EndpointID",
        "Gateway",
        "IPAddress",
        "IPPrefixLen",
        "IPv6Gateway",
        "GlobalIPv6Address",
        "GlobalIPv6PrefixLen",
        "DNSNames",
    ];
    let all = entries(text);
    let fields = ORDER.iter().map(|name| {
        let value = all.iter().find(|(key, _)| key == name).map(|(_, value)| compact(value));
        // Newer than the engine.
        let missing = if *name == "GwPriority" { "0" } else { "null" };
        format!("\"{name}\":{}", value.as_deref().unwrap_or(missing))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"Id": "a", "State": {"Status": "running", "Running": true, "Pid": 7}, "Mounts": [{"Type": "bind", "RW": true}], "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}], "443/tcp": null}}, "Args": null}"#;

    #[test]
    fn templates_see_the_order_of_the_text() {
        let shown = |t: &str| resolved(t, DOCUMENT);
        assert_eq!(shown("{{json .State}}"), r#"{{"{\"Status\":\"running\",\"Running\":true,\"Pid\":7}"}}"#);
        assert_eq!(shown("{{.Mounts}}"), r#"{{"[{bind true}]"}}"#);
        assert_eq!(shown("{{.State}}"), r#"{{"{running true 7 <nil>}"}}"#);
        assert_eq!(shown("{{.NetworkSettings.Ports}}"), r#"{{"map[443/tcp:[] 80/tcp:[{0.0.0.0 80}]]"}}"#);
        assert_eq!(shown("{{.Args}} {{.Id}} {{.Nope}}"), r#"{{"[]"}} {{.Id}} {{.Nope}}"#);
    }
}
