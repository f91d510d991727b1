//! YAML against recordings of kubectl v1.32 (`label --local`): what it reads, what it says of broken
//! text, what it prints.

use drydock_machinery::{json, value, yaml};

#[test]
fn reads_as_kubectl_reads() {
    let mut wrong = Vec::new();
    let cases = include_str!("data/yaml-load.jsonl");
    for line in cases.lines() {
        let case = json::parse(line.as_bytes()).unwrap();
        let text = case["text"].text();
        // kubectl reads one document after another.
        let first = yaml::split(text).first().map_or("", |part| part.1);
        let got = match yaml::load(first) {
            Ok(docs) => json::to_string(&docs.first().map(|d| d.value.clone()).unwrap_or_default()),
            Err(e) => format!("error: {e}"),
        };
        let expected = match case.find("json") {
            Some(v) => json::to_string(v),
            None => format!("error: {}", case["error"].text()),
        };
        if got != expected {
            wrong.push(format!("{text:?}\n   got {got}\n  real {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.lines().count(), wrong.join("\n"));
}

#[test]
fn prints_as_kubectl_prints() {
    let object = json::parse(include_bytes!("data/yaml-emit.json")).unwrap();
    let labelled = object.with_at(&["metadata", "labels"], value!({"zz": "1"}));
    let (got, real) = (yaml::emit(&labelled), include_str!("data/yaml-emit.yaml"));
    for (got, real) in got.lines().zip(real.lines()) {
        assert_eq!(got, real);
    }
    assert_eq!(got, real);
}
