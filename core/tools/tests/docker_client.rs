//! Runs calls of the real docker client 28.2.2 through ours, without a daemon or against fixed answers,
//! and compares output, exit codes, the requests sent with their bodies, and the files left behind.
//!
//! `tests/goldens/docker-client.jsonl` was recorded by running the real client with a home folder of
//! its own and a socket that answers by a table. `SHOW=<text>` prints differences, `UPDATE=1` rewrites
//! the list of known failures.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::disallowed_methods, dead_code)]

#[path = "docker_support/mod.rs"]
mod docker_support;

use docker_support::canned::{Played, Sent, Setting, play, table};
use docker_support::normal::masked;
use drydock_machinery::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn texts(map: &Value) -> BTreeMap<String, String> {
    map.entries().iter().map(|(k, v)| (k.text().to_string(), v.text().to_string())).collect()
}

fn sent(v: &Value) -> Sent {
    let pair = |p: &Value| (p[0].text().to_string(), p[1].text().to_string());
    Sent {
        method: v[0].text().into(),
        path: v[1].text().into(),
        query: v[2].items().iter().map(pair).collect(),
        body: v[3].clone(),
    }
}

/// What the two sides may differ in: moments, what was not JSON, and what only the real client asks.
fn comparable(requests: &[Sent]) -> Vec<Sent> {
    let mut all: Vec<Sent> = requests
        .iter()
        .filter(|s| s.path != "/info" || s.query.is_empty())
        .map(|s| {
            let mut s = s.clone();
            for (key, value) in &mut s.query {
                if key == "since" || key == "until" {
                    *value = "T".into();
                }
                // Filters are compared as values.
                if let Ok(parsed) = json::parse(value.as_bytes()) {
                    *value = json::to_string(&parsed);
                }
            }
            s.query.sort();
            if s.body.as_str() == Some("<bytes>") {
                s.body = Value::Null;
            }
            s
        })
        .collect();
    // Several are sent at once, in no order.
    all.sort_by_cached_key(|s| format!("{s:?}"));
    all
}

fn problems(case: &Value, got: &Played) -> Vec<&'static str> {
    let mut found = Vec::new();
    let same = |key: &str, text: &str| masked(case[key].text()) == masked(text);
    if case["rc"].int() != i64::from(got.run.rc) {
        found.push("rc");
    }
    if !same("stdout", &got.run.stdout) {
        found.push("stdout");
    }
    if !same("stderr", &got.run.stderr) {
        found.push("stderr");
    }
    if case.find("answers").is_some() {
        let wanted: Vec<Sent> = case["requests"].items().iter().map(sent).collect();
        if comparable(&wanted) != comparable(&got.requests) {
            found.push("requests");
        }
    }
    if texts(&case["files_after"])
        .iter()
        .any(|(name, text)| got.files.get(name).map(|t| masked(t)) != Some(masked(text)))
    {
        found.push("files");
    }
    found
}

fn difference(case: &Value, got: &Played, line: &str) -> String {
    let mut out = format!("=== {} | docker {line}\n", case["id"].int());
    if case["rc"].int() != i64::from(got.run.rc) {
        out += &format!("rc: want {}, got {}\n", case["rc"].int(), got.run.rc);
    }
    for (key, text) in [("stdout", &got.run.stdout), ("stderr", &got.run.stderr)] {
        let (a, b) = (masked(case[key].text()), masked(text));
        if a != b {
            out += &format!("--- {key}\nwant:\n{a}\ngot:\n{b}\n");
        }
    }
    if case.find("answers").is_some() {
        let wanted: Vec<Sent> = case["requests"].items().iter().map(sent).collect();
        let (a, b) = (comparable(&wanted), comparable(&got.requests));
        for at in 0..a.len().max(b.len()) {
            if a.get(at) != b.get(at) {
                let show = |s: Option<&Sent>| {
                    s.map_or("-".into(), |s| {
                        format!("{} {} {:?} {}", s.method, s.path, s.query, json::to_string(&s.body))
                    })
                };
                out += &format!("--- request\nwant {}\ngot  {}\n", show(a.get(at)), show(b.get(at)));
            }
        }
    }
    for (name, text) in texts(&case["files_after"]) {
        let mine = got.files.get(&name).cloned().unwrap_or_default();
        if masked(&mine) != masked(&text) {
            out += &format!("--- file {name}\nwant:\n{text}\ngot:\n{mine}\n");
        }
    }
    out
}

#[test]
fn recorded_calls() {
    let text = std::fs::read_to_string(docker_support::path("docker-client.jsonl")).unwrap();
    let show = std::env::var("SHOW").unwrap_or_default();
    let (mut failed, mut passed, mut count) = (BTreeSet::new(), 0, 0);
    for line in text.lines() {
        let case = json::parse(line.as_bytes()).unwrap();
        let words: Vec<String> = case["argv"].items().iter().map(|w| w.text().to_string()).collect();
        let name = words.join(" ");
        let setting = Setting {
            argv: std::iter::once("docker".to_string()).chain(words).collect(),
            env: texts(&case["env"]),
            stdin: case["stdin"].text().into(),
            files: texts(&case["files"]),
        };
        let answer = match case.find("answers") {
            Some(answers) => table(answers.clone()),
            None => Box::new(|_: &_| None),
        };
        let got = play(&setting, answer);
        let found = problems(&case, &got);
        count += 1;
        passed += usize::from(found.is_empty());
        if !found.is_empty() {
            failed.insert(format!(
                "{:03} | {} | {}",
                case["id"].int(),
                name.replace('\n', "\\n"),
                found.join(",")
            ));
            if !show.is_empty()
                && (show == "all"
                    || show
                        .split(',')
                        .any(|s| s == case["id"].int().to_string() || (s.len() > 3 && name.contains(s))))
            {
                println!("{}", difference(&case, &got, &name));
            }
        }
    }
    println!("docker client: {passed}/{count} equal");
    docker_support::known("docker-client-known-failures.txt", &failed);
}
