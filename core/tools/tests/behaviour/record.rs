//! The recordings: which scenarios are played, and which are not for what reason.

use super::changed::today;
use drydock_machinery::{Value, json};
use std::collections::BTreeMap;

/// One recorded command.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub n: i64,
    /// Seconds since the scenario's beginning.
    pub at: f64,
    pub argv: Vec<String>,
    pub files: BTreeMap<String, String>,
    pub stdin: String,
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
    /// Why the output is not compared: the command is run for what it does.
    pub skip: Option<&'static str>,
}

impl Step {
    /// True for a command that changes nothing: what it sees depends on the moment.
    pub fn is_look(&self) -> bool {
        let word = |n: usize| self.argv.get(n).map_or("", String::as_str);
        match word(1) {
            "get" | "describe" | "events" | "wait" | "top" => true,
            "rollout" => matches!(word(2), "status" | "history"),
            _ => false,
        }
    }
}

/// A sequence of commands in a namespace of its own name.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    pub name: String,
    pub steps: Vec<Step>,
}

impl Scenario {
    /// Everything the scenario says, to find the images in.
    pub fn text(&self) -> String {
        let words = |s: &Step| s.argv.iter().chain(s.files.values()).cloned().collect::<Vec<_>>().join("\n");
        self.steps.iter().map(words).collect::<Vec<_>>().join("\n")
    }
}

/// Scenarios that need what does not exist here, or whose recording is no standard.
pub const EXCLUDED: &[(&str, &str)] = &[
    ("rc-basic", "needs the controller of replication controllers"),
    ("sts-parallel-pvc", "needs the controllers of stateful sets and claims"),
    ("sts-neg-history", "needs the controller of stateful sets; the recorded one crashed"),
    ("hpa-nometrics", "needs the horizontal pod autoscaler"),
    ("hpa-live", "needs the horizontal pod autoscaler"),
    ("pdb-evict", "needs the controller of disruption budgets"),
    ("pvpvc", "needs the binder of volumes"),
    ("ds-nodes", "needs the controller of daemon sets"),
    ("ds-taints", "needs the controller of daemon sets"),
    ("cronjob-miss", "needs the controllers of cron jobs and jobs"),
    ("node-drain", "needs disruption budgets and daemon sets"),
];

/// Commands whose output the recordings hold no standard for.
fn skip(step: &Value, argv: &[String]) -> Option<&'static str> {
    let has = |word: &str| argv.iter().any(|a| a == word);
    if step["kubectl"] == "1.20" {
        return Some("recorded with another client");
    }
    if has("-A") || has("--all-namespaces") {
        return Some("several scenarios shared the cluster");
    }
    if step["scenario"].text().starts_with("val-") && has("events") {
        return Some("events of controllers and of commands that were left out");
    }
    if has("podsecuritypolicies") || has("psp") {
        return Some("removed in v1.25");
    }
    let stderr = step["stderr"].text();
    if stderr.contains("ValidationError(") || stderr.contains("field validation is unsupported") {
        return Some("the client checked what the server leaves to it no more since v1.25");
    }
    if stderr.contains("no matches for kind \"CronJob\" in version \"batch/v1\"") {
        return Some("the recorded server had no batch/v1 CronJob");
    }
    if has("auth") && has("reconcile") {
        return Some("a slip of the recording's script");
    }
    None
}

fn path(name: &str) -> String {
    format!("{}/../../tests/goldens/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[allow(clippy::disallowed_methods)]
pub fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_default()
}

#[allow(clippy::disallowed_methods)]
pub fn write(name: &str, text: &str) {
    std::fs::write(path(name), text).unwrap();
}

/// All scenarios that are played, in the order of the recording.
pub fn scenarios() -> Vec<Scenario> {
    let mut all: Vec<Scenario> = Vec::new();
    let mut files: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let (behaviour, validation) = (read("real-behaviour.jsonl"), read("real-validation.jsonl"));
    for line in behaviour.lines().chain(validation.lines()) {
        let record = json::parse(line.as_bytes()).unwrap();
        let name = record["scenario"].text();
        if EXCLUDED.iter().any(|(excluded, _)| *excluded == name) {
            continue;
        }
        let known = files.entry(name.to_string()).or_default();
        for (file, text) in record["files"].entries() {
            known.insert(file.text().to_string(), today(text.text()));
        }
        let argv: Vec<String> = record["argv"].items().iter().map(|a| today(a.text())).collect();
        let step = Step {
            n: record["n"].int(),
            at: number(&record["t"]),
            skip: skip(&record, &argv),
            argv,
            files: known.clone(),
            stdin: record["stdin"].text().into(),
            rc: record["rc"].int() as i32,
            stdout: record["stdout"].text().into(),
            stderr: record["stderr"].text().into(),
        };
        match all.iter_mut().find(|s| s.name == name) {
            Some(scenario) => scenario.steps.push(step),
            None => all.push(Scenario { name: name.into(), steps: vec![step] }),
        }
    }
    for scenario in &mut all {
        scenario.steps.sort_by_key(|s| s.n);
    }
    all
}

fn number(value: &Value) -> f64 {
    json::to_string(value).parse().unwrap_or(0.0)
}
