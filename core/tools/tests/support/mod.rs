//! Recorded cases, a world to run them in, and what differs.

pub mod known;
mod world;

use drydock_machinery::{Timestamp, Value, json};
use std::collections::BTreeMap;

pub use world::run;

/// One request as the trace keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub method: String,
    pub path: String,
    pub query: String,
}

/// What a run gave.
#[derive(Debug, Default)]
pub struct Run {
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
    pub requests: Vec<Sent>,
    pub files: BTreeMap<String, String>,
}

/// One recorded call.
#[derive(Debug, Default)]
pub struct Case {
    pub name: String,
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub stdin: Option<String>,
    pub files: BTreeMap<String, String>,
    pub files_after: Option<BTreeMap<String, String>>,
    /// None without a server.
    pub objects: Option<Vec<Value>>,
    pub now: i64,
    pub rc: i32,
    pub stdout: String,
    pub stderr: String,
    pub requests: Vec<Sent>,
}

impl Case {
    /// Which parts differ.
    pub fn problems(&self, got: &Run) -> Vec<&'static str> {
        let mut found = Vec::new();
        let mut check = |same: bool, what: &'static str| {
            if !same {
                found.push(what);
            }
        };
        check(self.rc == got.rc, "rc");
        check(self.stdout == masked(&got.stdout), "stdout");
        check(self.stderr == masked(&got.stderr), "stderr");
        if let Some(files) = &self.files_after {
            check(files.iter().all(|(name, text)| got.files.get(name) == Some(text)), "files");
        }
        if self.objects.is_some() {
            check(normal(&self.requests) == normal(&got.requests), "requests");
        }
        found
    }
    /// Expected and actual for people.
    pub fn difference(&self, got: &Run) -> String {
        let mut out = format!("=== {} | kubectl {}\n", self.name, self.argv.join(" "));
        if self.rc != got.rc {
            out += &format!("rc: expected {}, got {}\n", self.rc, got.rc);
        }
        out += &lines("stdout", &self.stdout, &masked(&got.stdout));
        out += &lines("stderr", &self.stderr, &masked(&got.stderr));
        let text = |list: &[Sent]| {
            list.iter().map(|s| format!("{} {}?{}\n", s.method, s.path, s.query)).collect::<String>()
        };
        if self.objects.is_some() {
            out += &lines("requests", &text(&normal(&self.requests)), &text(&normal(&got.requests)));
        }
        if let Some(files) = &self.files_after {
            for (name, text) in files {
                out += &lines(name, text, got.files.get(name).map_or("", String::as_str));
            }
        }
        out
    }
}

/// What differs at every run, as the recordings mask it.
fn masked(text: &str) -> String {
    let mut text = text.replace(world::CWD, "$CWD");
    for (pattern, mask) in [
        (r"(?m)^([WEI])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ ", "$1<TS> <PID> "),
        (r"/tmp/(LIVE|MERGED)-\d+", "/tmp/$1-<N>"),
        (r"/tmp/kubectl-edit-\d+", "/tmp/kubectl-edit-<N>"),
        (r"(?m)^((?:---|\+\+\+) \S+)\t\d{4}-\d\d-\d\d .*$", "$1\t<MTIME>"),
    ] {
        text = regex_lite::Regex::new(pattern).unwrap().replace_all(&text, mask).into_owned();
    }
    text
}

/// The real client builds some field selectors in random order: their terms are compared sorted.
fn normal(requests: &[Sent]) -> Vec<Sent> {
    let sort = |sent: &Sent| {
        let part = |p: &str| match p.strip_prefix("fieldSelector=") {
            Some(terms) => {
                let mut terms: Vec<&str> = terms.split("%2C").collect();
                terms.sort_unstable();
                format!("fieldSelector={}", terms.join("%2C"))
            }
            // A watch's length is drawn at random.
            None if p.starts_with("timeoutSeconds=") => "timeoutSeconds=N".into(),
            None => p.to_string(),
        };
        let query: Vec<String> = sent.query.split('&').map(part).collect();
        Sent { query: query.join("&"), ..sent.clone() }
    };
    requests.iter().filter(|s| !s.path.starts_with("/openapi")).map(sort).collect()
}

fn lines(what: &str, expected: &str, got: &str) -> String {
    if expected == got {
        return String::new();
    }
    let mut out = format!("--- {what}\n");
    let (mut a, mut b) = (expected.lines(), got.lines());
    let mut shown = 0;
    loop {
        let (x, y) = (a.next(), b.next());
        if x.is_none() && y.is_none() || shown > 24 {
            break;
        }
        if x != y {
            shown += 1;
            out += &format!("  want {x:?}\n  got  {y:?}\n");
        }
    }
    if shown == 0 {
        out += &format!("  want end {:?}\n  got end  {:?}\n", tail(expected), tail(got));
    }
    out
}
fn tail(text: &str) -> String {
    text.chars().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect()
}

/// Whether the differences of this case are wanted.
#[allow(clippy::disallowed_methods)]
pub fn show(name: &str) -> bool {
    std::env::var("SHOW").is_ok_and(|wanted| name.contains(&wanted))
}

/// `ALL=1` also runs cases whose texts the recording server made up: to look at, not to judge by.
#[allow(clippy::disallowed_methods)]
pub fn informative() -> bool {
    std::env::var("ALL").is_ok()
}

fn path(name: &str) -> String {
    format!("{}/../../tests/goldens/{name}", env!("CARGO_MANIFEST_DIR"))
}
fn load(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(path(name)).unwrap();
    text.lines().map(|line| json::parse(line.as_bytes()).unwrap()).collect()
}
fn texts(map: &Value) -> BTreeMap<String, String> {
    map.entries().iter().map(|(k, v)| (k.text().to_string(), v.text().to_string())).collect()
}
fn args(list: &Value) -> Vec<String> {
    list.items().iter().map(|v| v.text().to_string()).collect()
}

/// The calls without a server.
pub fn client_cases() -> Vec<Case> {
    let case = |v: &Value| Case {
        name: args(&v["argv"]).join(" "),
        argv: args(&v["argv"]),
        env: texts(&v["env"]),
        stdin: v["stdin"].as_str().map(Into::into),
        files: texts(&v["files"]),
        files_after: v.find("files_after").map(texts),
        rc: v["rc"].int() as i32,
        stdout: v["stdout"].text().into(),
        stderr: v["stderr"].text().into(),
        now: 1_795_000_000,
        ..Case::default()
    };
    load("kubectl-client.jsonl").iter().map(case).collect()
}

/// The calls with one, those whose bytes count.
pub fn server_cases() -> Vec<Case> {
    let text = std::fs::read_to_string(path("kubectl-server.base.json")).unwrap();
    let base = json::parse(text.as_bytes()).unwrap();
    let all = load("kubectl-server.jsonl");
    let shared = &all[0]["shared"];
    let whole = |v: &Value| match v.as_str() {
        Some(key) if key.starts_with('&') => shared[key].clone(),
        _ => v.clone(),
    };
    let case = |v: &Value| {
        let now = Timestamp::parse(v["now"].text()).unwrap().0;
        let changed: Vec<Value> = v["objects_changed"].items().iter().map(whole).collect();
        let gone: Vec<[String; 4]> = v["objects_removed"]
            .items()
            .iter()
            .map(|r| std::array::from_fn(|i| r[i].text().to_string()))
            .collect();
        let mut objects: Vec<Value> = base.items().to_vec();
        objects.retain(|o| !gone.contains(&key(o)));
        for change in changed {
            match objects.iter_mut().find(|o| key(o) == key(&change)) {
                Some(known) => *known = change,
                None => objects.push(change),
            }
        }
        Case {
            name: v["case"].text().into(),
            argv: args(&v["argv"]),
            env: texts(&v["env"]),
            stdin: v["stdin"].as_str().map(Into::into),
            files: texts(&whole(&v["files"])),
            objects: Some(objects.iter().map(|o| dated(o, now)).collect()),
            now,
            rc: v["rc"].int() as i32,
            stdout: v["stdout"].text().into(),
            stderr: v["stderr"].text().into(),
            requests: v["requests"].items().iter().map(sent).collect(),
            ..Case::default()
        }
    };
    all.iter().skip(1).filter(|v| informative() || v["compare"] == "bytes").map(case).collect()
}

fn sent(v: &Value) -> Sent {
    Sent { method: v[0].text().into(), path: v[1].text().into(), query: v[2].text().into() }
}
fn key(o: &Value) -> [String; 4] {
    let m = &o["metadata"];
    [&o["apiVersion"], &o["kind"], &m["namespace"], &m["name"]].map(|v| v.text().to_string())
}

/// Times are kept as `@<seconds from now>`.
fn dated(value: &Value, now: i64) -> Value {
    match value {
        Value::List(items) => items.iter().map(|v| dated(v, now)).collect(),
        Value::Map(entries) => entries.iter().map(|(k, v)| (*k, dated(v, now))).collect(),
        other => match other.text().strip_prefix('@') {
            Some(seconds) if seconds.parse::<f64>().is_ok() => {
                let at = now + seconds.parse::<f64>().unwrap() as i64;
                let text = Timestamp(at).to_rfc3339();
                if seconds.contains('.') { text.replace('Z', ".000000Z").into() } else { text.into() }
            }
            _ => other.clone(),
        },
    }
}
