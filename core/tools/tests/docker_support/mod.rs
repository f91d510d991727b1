//! Recorded docker runs, a laptop with an engine to play them on, and what does not count.

pub mod canned;
pub mod excluded;
pub mod normal;
pub mod standins;
pub mod world;

use drydock_machinery::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a run gave.
#[derive(Debug, Default)]
pub struct Run {
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
}

/// One recorded call.
#[derive(Debug, Default, Clone)]
pub struct Case {
    pub id: i64,
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub stdin: Option<String>,
    pub tty: bool,
    pub dockerfile: Option<String>,
    pub files: Vec<String>,
    /// What a fixed engine answered, instead of ours.
    pub answer: Option<Value>,
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Case {
    pub fn line(&self) -> String {
        let env = self.env.iter().map(|(k, v)| format!("{k}={v} ")).collect::<String>();
        env + &self.argv.join(" ")
    }
    /// Cases of the image builder's own test.
    pub fn is_build(&self) -> bool {
        matches!(self.argv.get(1).map(String::as_str), Some("build" | "buildx" | "builder" | "compose"))
    }
}

pub fn path(name: &str) -> String {
    format!("{}/../../tests/goldens/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// All recorded calls, in order.
pub fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(path("docker.jsonl")).unwrap();
    let list = |v: &Value| v.items().iter().map(|i| i.text().to_string()).collect::<Vec<_>>();
    text.lines()
        .map(|line| {
            let v = json::parse(line.as_bytes()).unwrap();
            Case {
                id: v["id"].int(),
                argv: list(&v["argv"]),
                env: v["env"].entries().iter().map(|(k, v)| (k.text().into(), v.text().into())).collect(),
                stdin: v["stdin"].as_str().map(Into::into),
                tty: v["tty"].bool(),
                dockerfile: v["dockerfile"].as_str().map(Into::into),
                files: list(&v["files"]),
                answer: v.find("answer").cloned(),
                rc: v["rc"].int() as i32,
                stdout: v["stdout"].text().into(),
                stderr: v["stderr"].text().into(),
            }
        })
        .collect()
}

/// Fails on a regression and on an unexpected pass.
pub fn known(list: &str, failed: &BTreeSet<String>) {
    let path = path(list);
    if std::env::var("UPDATE").is_ok() {
        // Reasons stand above, as comments.
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        let reasons = old.lines().filter(|l| l.starts_with('#')).map(String::from);
        let lines = reasons.chain(failed.iter().cloned());
        std::fs::write(&path, lines.map(|l| l + "\n").collect::<String>()).unwrap();
        return;
    }
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    let known: BTreeSet<String> = text.lines().filter(|l| !l.starts_with('#')).map(Into::into).collect();
    let join = |lines: Vec<&String>| lines.iter().map(|l| format!("  {l}\n")).collect::<String>();
    let new: Vec<&String> = failed.difference(&known).collect();
    let fixed: Vec<&String> = known.difference(failed).collect();
    assert!(new.is_empty(), "{} newly failing:\n{}", new.len(), join(new));
    assert!(
        fixed.is_empty(),
        "{} pass now; take them off the list (UPDATE=1):\n{}",
        fixed.len(),
        join(fixed)
    );
}
