//! Commands whose answer is another one in v1.33, with that answer: `tests/goldens/behaviour-changed.jsonl`.
//! Each line has `scenario`, `n`, `why`, and what is expected instead: `rc`, `stdout`, `stderr` as texts,
//! or as `{"-": [lines gone], "+": [lines come]}` upon the normal form of the recorded ones.

use super::record;
use drydock_machinery::{Value, json};
use std::collections::BTreeMap;

/// By scenario and number.
pub struct Amendments(BTreeMap<(String, i64), Value>);

impl Amendments {
    pub fn read() -> Amendments {
        let text = record::read("behaviour-changed.jsonl");
        let lines = text.lines().filter(|l| !l.trim().is_empty());
        let parsed = lines.map(|l| json::parse(l.as_bytes()).unwrap_or_else(|e| panic!("{l}: {e:?}")));
        Amendments(parsed.map(|v| ((v["scenario"].text().to_string(), v["n"].int()), v)).collect())
    }
    pub fn of(&self, scenario: &str, n: i64) -> Option<&Value> {
        self.0.get(&(scenario.to_string(), n))
    }
    pub fn all(&self) -> impl Iterator<Item = (&(String, i64), &Value)> {
        self.0.iter()
    }
}

/// The recorded text's normal form with the lines of `change` gone and come; the order counts no more.
/// None when a line that goes is not there.
pub fn amend(normal: &str, change: &Value) -> Option<String> {
    let mut lines: Vec<String> = normal.lines().map(String::from).collect();
    for gone in change["-"].items() {
        let at = lines.iter().position(|l| l == gone.text())?;
        lines.remove(at);
    }
    lines.extend(change["+"].items().iter().map(|l| l.text().to_string()));
    Some(unordered(&lines.iter().map(|l| format!("{l}\n")).collect::<String>()))
}

/// Lines in the order of the alphabet.
pub fn unordered(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.iter().map(|l| format!("{l}\n")).collect()
}
