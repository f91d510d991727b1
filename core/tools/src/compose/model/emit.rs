//! A project as `docker compose config` prints it: YAML with the fields of ports and volumes in the order
//! of compose-go's structs, everything else by name; sequences indented as yaml.v3 does.

use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

/// Order of fields where it is not that of their names.
const ORDERS: &[&[&str]] = &[
    &["mode", "host_ip", "target", "published", "protocol"],
    &["type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs"],
    &["name", "services", "networks", "volumes", "secrets", "configs"],
    &["name", "driver", "driver_opts", "ipam", "external", "internal", "attachable", "labels"],
    &["condition", "restart", "required"],
    &[
        "context",
        "dockerfile",
        "dockerfile_inline",
        "args",
        "ssh",
        "labels",
        "cache_from",
        "no_cache",
        "pull",
        "extra_hosts",
        "network",
        "target",
        "secrets",
        "shm_size",
        "tags",
        "platforms",
    ],
    &["test", "timeout", "interval", "retries", "start_period", "start_interval", "disable"],
];

fn keys(value: &Value, path: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = value.entries().iter().map(|(k, _)| k.text().to_string()).collect();
    let order: &[&str] = match path {
        [] => ORDERS.get(2).copied().unwrap_or_default(),
        [.., "ports"] => ORDERS.first().copied().unwrap_or_default(),
        [_, _, "volumes"] => ORDERS.get(1).copied().unwrap_or_default(),
        ["networks" | "volumes", _] => ORDERS.get(3).copied().unwrap_or_default(),
        [.., "depends_on", _] => ORDERS.get(4).copied().unwrap_or_default(),
        [.., "build"] => ORDERS.get(5).copied().unwrap_or_default(),
        [.., "healthcheck"] => ORDERS.get(6).copied().unwrap_or_default(),
        _ => &[],
    };
    names.arrange_by_key(|n| (order.iter().position(|o| o == n).unwrap_or(usize::MAX), n.clone()));
    names
}

/// The whole document.
#[must_use]
pub fn emit(value: &Value) -> String {
    let mut out = String::new();
    block(value, &mut Vec::new(), 0, &mut out);
    out
}

fn block<'a>(value: &'a Value, path: &mut Vec<&'a str>, indent: usize, out: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Map(entries) => {
            for name in keys(value, path) {
                let Some((key, inner)) = entries.iter().find(|e| e.0.text() == name) else { continue };
                out.push_str(&format!("{margin}{}:", scalar_text(&name)));
                path.push(key.text());
                under(inner, path, indent, out);
                path.pop();
            }
        }
        Value::List(items) => {
            for item in items.iter() {
                out.push_str(&format!("{margin}-"));
                if item.is_map() && !item.entries().is_empty() {
                    let mut inner = String::new();
                    block(item, path, indent + 2, &mut inner);
                    out.push(' ');
                    out.push_str(inner.trim_start());
                } else {
                    under(item, path, indent, out);
                }
            }
        }
        _ => {}
    }
}

fn under<'a>(value: &'a Value, path: &mut Vec<&'a str>, indent: usize, out: &mut String) {
    match value {
        Value::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Value::List(items) if items.is_empty() => out.push_str(" []\n"),
        Value::Map(_) | Value::List(_) => {
            out.push('\n');
            block(value, path, indent + 2, out);
        }
        scalar => match scalar.as_str() {
            Some(text) if text.contains('\n') => {
                let keep = if text.ends_with('\n') { "|" } else { "|-" };
                out.push_str(&format!(" {keep}\n"));
                for line in text.trim_end_matches('\n').split('\n') {
                    let margin = if line.is_empty() { String::new() } else { " ".repeat(indent + 2) };
                    out.push_str(&format!("{margin}{line}\n"));
                }
            }
            Some(text) => out.push_str(&format!(" {}\n", scalar_text(text))),
            None => out.push_str(&format!(" {}\n", drydock_machinery::json::to_string(scalar))),
        },
    }
}

/// A string as YAML: quoted when it would read as something else.
fn scalar_text(text: &str) -> String {
    let document = drydock_machinery::yaml::emit(&Value::from(text));
    document.trim_end_matches('\n').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn prints_as_compose_config_does() {
        let project = value!({ "name": "app", "services": { "web": {
            "command": null, "environment": { "A": "1" }, "image": "nginx",
            "networks": { "default": null },
            "ports": [{ "mode": "ingress", "protocol": "tcp", "published": "8080", "target": 80 }]
        } }, "networks": { "default": { "name": "app_default" } } });
        assert_eq!(
            emit(&project),
            "name: app\nservices:\n  web:\n    command: null\n    environment:\n      A: \"1\"\n    image: nginx\n    networks:\n      default: null\n    ports:\n      - mode: ingress\n        target: 80\n        published: \"8080\"\n        protocol: tcp\nnetworks:\n  default:\n    name: app_default\n"
        );
    }
}
