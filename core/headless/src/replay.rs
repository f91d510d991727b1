//! `drydock replay`: recorded kubectl cases, one JSON line each.

use drydock_machinery::{Timestamp, Value, json};
use drydock_sandbox::replay::{Case, Sent};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// The objects every case begins with, as a JSON list.
    #[arg(long, value_name = "BASE.json")]
    base: Option<PathBuf>,
    /// The cases, one JSON object a line.
    cases: PathBuf,
}

pub fn main(args: &Args) -> Result<ExitCode, String> {
    let base = match &args.base {
        Some(path) => {
            let text = super::read_text(&path.display().to_string())?;
            let value = json::parse(text.as_bytes()).map_err(|e| format!("{}: {e}", path.display()))?;
            Some(value.items().to_vec())
        }
        None => None,
    };
    let text = super::read_text(&args.cases.display().to_string())?;
    let mut shared = Value::Null;
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let value =
            json::parse(line.as_bytes()).map_err(|e| format!("{}:{}: {e}", args.cases.display(), n + 1))?;
        if let Some(parts) = value.find("shared") {
            shared = parts.clone();
            continue;
        }
        let case = case(&value, base.as_deref(), &shared);
        let outcome = case.run();
        let requests: Vec<serde_json::Value> = outcome.requests.iter().map(request).collect();
        let name = value["case"].as_str().map_or_else(|| case.argv.join(" "), String::from);
        let line = json!({
            "case": name, "rc": outcome.rc, "stdout": outcome.stdout, "stderr": outcome.stderr,
            "requests": requests, "files": outcome.files,
        });
        println!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}

fn request(sent: &Sent) -> serde_json::Value {
    json!({
        "method": sent.method, "path": sent.path, "query": sent.query,
        "content_type": sent.content_type, "body": sent.body,
    })
}

/// Reads a case. `&name` in place of a value refers to the file's shared parts.
fn case(value: &Value, base: Option<&[Value]>, shared: &Value) -> Case {
    let whole = |v: &Value| match v.as_str() {
        Some(name) if name.starts_with('&') => shared[name].clone(),
        _ => v.clone(),
    };
    let texts = |v: &Value| -> BTreeMap<String, String> {
        v.entries().iter().map(|(k, v)| (k.to_string(), v.text().to_string())).collect()
    };
    // Without a clock of its own a case does not depend on it.
    let now = Timestamp::parse(value["now"].text()).map_or(1_795_000_000, |t| t.0);
    let objects = base.map(|base| {
        let gone: Vec<[String; 4]> = value["objects_removed"].items().iter().map(removed).collect();
        let mut objects: Vec<Value> = base.iter().filter(|o| !gone.contains(&key(o))).cloned().collect();
        for change in value["objects_changed"].items().iter().map(whole) {
            match objects.iter_mut().find(|o| key(o) == key(&change)) {
                Some(known) => *known = change,
                None => objects.push(change),
            }
        }
        objects.iter().map(|o| dated(o, now)).collect()
    });
    let seconds = match &value["killed_after"] {
        Value::Float(f) => Some(*f),
        Value::Int(n) => Some(*n as f64),
        _ => None,
    };
    Case {
        argv: value["argv"].items().iter().map(|v| v.text().to_string()).collect(),
        env: texts(&value["env"]),
        stdin: value["stdin"].as_str().map(String::from),
        files: texts(&whole(&value["files"])),
        now,
        objects,
        limit_ms: seconds.map(|s| (s * 1000.0) as u64),
    }
}

fn removed(v: &Value) -> [String; 4] {
    if v.is_map() { key(v) } else { std::array::from_fn(|i| v[i].text().to_string()) }
}

/// apiVersion, kind, namespace and name.
fn key(o: &Value) -> [String; 4] {
    let m = &o["metadata"];
    [&o["apiVersion"], &o["kind"], &m["namespace"], &m["name"]].map(|v| v.text().to_string())
}

/// Times inside objects are kept as `@<seconds from now>`; those with a fraction are MicroTimes.
fn dated(value: &Value, now: i64) -> Value {
    match value {
        Value::List(items) => items.iter().map(|v| dated(v, now)).collect(),
        Value::Map(entries) => entries.iter().map(|(k, v)| (*k, dated(v, now))).collect(),
        other => {
            let Some(text) = other.text().strip_prefix('@') else { return other.clone() };
            let Ok(seconds) = text.parse::<f64>() else { return other.clone() };
            let stamp = Timestamp(now + seconds as i64).to_rfc3339();
            if text.contains('.') { stamp.replace('Z', ".000000Z").into() } else { stamp.into() }
        }
    }
}
