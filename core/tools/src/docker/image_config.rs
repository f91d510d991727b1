//! The configuration of an image as client 28 has it: the OCI image specification's struct, in whose
//! order and with whose omissions templates print it, whatever the engine sent.

use drydock_machinery::{Value, json};

const FIELDS: [&str; 13] = [
    "User",
    "ExposedPorts",
    "Env",
    "Entrypoint",
    "Cmd",
    "Volumes",
    "WorkingDir",
    "Labels",
    "StopSignal",
    "ArgsEscaped",
    "Healthcheck",
    "OnBuild",
    "Shell",
];
const HEALTH: [&str; 6] = ["Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"];

fn object(value: &Value, fields: &[&str]) -> String {
    let empty = |v: &Value| v.is_empty() || v.as_bool() == Some(false) || v.as_int() == Some(0);
    let mut parts = Vec::new();
    for field in fields {
        let Some(inner) =
            value.find(field).filter(|v| !v.is_null() && !empty(v) || v.is_map() && !v.is_empty())
        else {
            continue;
        };
        let text = if *field == "Healthcheck" { object(inner, &HEALTH) } else { json::to_string(inner) };
        parts.push(format!("\"{field}\":{text}"));
    }
    format!("{{{}}}", parts.join(","))
}

/// The engine's text with `Config` in the client's shape, if it is about an image.
#[must_use]
pub fn typed(text: &str) -> String {
    let Ok(document) = json::parse(text.as_bytes()) else { return text.to_string() };
    let config = document.get("Config");
    if document.find("RepoTags").is_none() || !config.is_map() {
        return text.to_string();
    }
    let Some(at) = text.find("\"Config\":") else { return text.to_string() };
    let start = at + "\"Config\":".len();
    let length = super::raw::end_of(text.get(start..).unwrap_or(""));
    let (before, after) = (text.get(..start).unwrap_or(""), text.get(start + length..).unwrap_or(""));
    format!("{before}{}{after}", object(config, &FIELDS))
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_is_set_in_the_order_of_the_struct() {
        let engine = r#"{"Id":"x","RepoTags":[],"Config":{"Hostname":"","Cmd":["a"],"Env":["P=1"],"Healthcheck":{"Test":["NONE"],"Interval":5},"Labels":null},"Os":"linux"}"#;
        assert_eq!(
            super::typed(engine),
            r#"{"Id":"x","RepoTags":[],"Config":{"Env":["P=1"],"Cmd":["a"],"Healthcheck":{"Test":["NONE"],"Interval":5}},"Os":"linux"}"#
        );
    }
}
