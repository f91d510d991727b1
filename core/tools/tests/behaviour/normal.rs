//! Makes a recorded and our own output comparable: what differs at every run is masked (names, times,
//! uids, addresses, which of several equal nodes), what the recorded fake machines made up is left out,
//! and what changed between the recorded server (v1.20) and ours (v1.33) is put into today's words
//! (`changed.rs`).

use super::changed::today;
use super::data::normal_value;
use drydock_machinery::{json, yaml};
use regex_lite::Regex;
use std::sync::LazyLock;

/// Patterns and masks, in this order.
const MASKS: &[(&str, &str)] = &[
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000)", "<TIME>"),
    (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000", "<TIME>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<UID>"),
    (r"\b10\.\d+\.\d+\.\d+\b", "<IP>"),
    (r"\b172\.18\.\d+\.\d+\b", "<IP>"),
    (r"(pod-template-hash|controller-revision-hash|controller-uid)(: |=)[^\s,]+", "$1$2<HASH>"),
    (r"-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-<HASH>-<ID>"),
    (r"-[bcdfghjklmnpqrstvwxz2456789]{6,10}\b", "-<HASH>"),
    (r"-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-<ID>"),
    (r#"(resourceVersion"?:\s?|Resource Version:\s+)"?\d+"?"#, "$1<RV>"),
    (r"\b3[0-2]\d{3}(/TCP|/UDP)", "<PORT>$1"),
    (r"(?i)(nodeport(: |\d?:  <unset>  |: +\S+ +))3[0-2]\d{3}", "$1<PORT>"),
    (r"(?m)^((?:---|\+\+\+) \S+)\t.*$", "$1\t<TIME>"),
    (r"\S*/(LIVE|MERGED)(-\d+)?/", "/tmp/$1/"),
    (r"(Scaled (?:up|down) replica set \S+) from \d+", "$1"),
    (r"(?m)^[WEI]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ ", "<LOG> "),
    (r"(cannot be handled as a \w+): [^\n]*", "$1: <decoder>"),
    // Since v1.22 the object is named, and the value's type is.
    (r"failed to create typed patch object( \([^)]*\))?:", "failed to create typed patch object:"),
    (r"(expected numeric \(int or float\), got) \S+", "$1 <type>"),
    // Since v1.22 writes of the status and of the scale are owned apart.
    (r"(?m)^\s+subresource: (?:status|scale)\n", ""),
    (r"(Too large resource version: \d+, current:) \d+", "$1 <RV>"),
    (r#"(resourceVersion\\?":\\?")\d+"#, "$1<RV>"),
    // An object that could not be read after a patch: its text holds times, uids and revisions; and what the
    // decoder says of it.
    (
        r#"(patch: Invalid value: )"(?:[^"\\]|\\.)*": (?:v1\.\w+\.|json: cannot )[^\n]*"#,
        "$1<dump>: <decoder>",
    ),
    (r#"(patch: Invalid value: )"(?:[^"\\]|\\.)*""#, "$1<dump>"),
    // The machines: nodes' systems, where the API server listens.
    (r"Debian GNU/Linux \d+ \(\w+\)", "<OS>"),
    (r"\b\d+\.\d+\.\d+-\d+-(amd64|generic)", "<KERNEL>"),
    (r"containerd://[0-9.]+\b", "<RUNTIME>"),
    (r"https://(127\.0\.0\.1:16443|kubernetes)(/|\b)", "<SERVER>$2"),
    // The recorded server had no discovery.k8s.io/v1, of which the client asks for a backend's addresses.
    (
        r"( \S+:\S+ \()(<error: (?:the server could not find the requested resource|services \S+ not found)>|[0-9.:,<>IP]*)\)",
        "$1<endpoints>)",
    ),
];

/// Lengths of time, which data does not hold.
const AGES: &[(&str, &str)] = &[
    (r"\b(\d+d)?(\d+h)?(\d+m)?\d+(\.\d+)?m?s\b", "<AGE>"),
    (r"\b\d+[mhd]\b", "<AGE>"),
    (r"x\d+ over <AGE>", "x<N> over <AGE>"),
    (r" \(<AGE> ago\)", ""),
    (r"(must be (?:less than or )?equal to \S+ limit) of \S+", "$1"),
    (r"(  | )cpu: (<unknown>|\d+%)/", "$1$2/"),
];

pub fn masked(text: &str, patterns: &[(Regex, &str)]) -> String {
    patterns.iter().fold(text.to_string(), |text, (p, mask)| p.replace_all(&text, *mask).into_owned())
}
pub fn compiled(patterns: &[(&str, &'static str)]) -> Vec<(Regex, &'static str)> {
    patterns.iter().map(|(p, m)| (Regex::new(p).unwrap(), *m)).collect()
}

fn mask_data(text: &str) -> String {
    static COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(MASKS));
    masked(text, &COMPILED)
}
fn mask(text: &str) -> String {
    static COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(AGES));
    masked(&mask_data(text), &COMPILED)
}

/// `Invalid value: core.Thing{…}: why` and `Invalid value: {"a":1}: why` name the same dump.
fn without_dumps(text: &str) -> String {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(Invalid value|Unsupported value|Duplicate value): (?:[&*]*(?:\[\])?\*?(?:map\[string\])?[a-z0-9]*\.?[A-Za-z]*(?: \{\})?)?([\{\[\(]|null)",
        )
        .unwrap()
    });
    let mut out = String::new();
    let mut rest = text;
    while let Some(found) = HEAD.captures(rest) {
        let (whole, word) = (found.get(0).unwrap(), found.get(1).unwrap());
        if &found[2] == "null" {
            out += &format!("{}{}: <dump>", &rest[..whole.start()], word.as_str());
            rest = &rest[whole.end()..];
            continue;
        }
        let open = whole.end() - 1;
        let mut depth = 0;
        let mut end = rest.len();
        for (at, c) in rest.char_indices().skip_while(|(at, _)| *at < open) {
            match c {
                '{' | '[' | '(' => depth += 1,
                '}' | ']' | ')' => depth -= 1,
                '\n' => depth = 0,
                _ => {}
            }
            if depth == 0 {
                end = at + c.len_utf8();
                break;
            }
        }
        out += &rest[..word.end()];
        out += ": <dump>";
        rest = &rest[end..];
    }
    out + rest
}

/// The recorded go-cmp difference behind an immutable field's error is not compared, nor is the excerpt
/// behind a decoder's: their first lines are.
fn without_diffs(text: &str) -> String {
    let diff = text.contains("core.");
    let is_diff = |line: &str| {
        let indented = line.starts_with([' ', '\t', '+', '-', '\u{a0}']) || line.is_empty();
        line.starts_with('|') || diff && indented
    };
    text.lines().filter(|l| !is_diff(l)).map(|l| format!("{l}\n")).collect()
}

/// Warnings that the recorded server did not give, and causes in the order of a Go map.
fn settled(text: &str) -> String {
    let fresh = |line: &str| {
        line.starts_with("Warning: unknown field") || line.starts_with("Warning: v1 Endpoints is deprecated")
    };
    let mut lines: Vec<&str> = text.lines().filter(|l| !fresh(l)).collect();
    if lines.iter().any(|l| l.starts_with("* ")) {
        lines.sort_unstable();
    }
    lines.iter().map(|l| format!("{l}\n")).collect()
}

/// Reasons of events the recorded kubelet, being no real one, made in its own way.
const KUBELET: &[&str] = &[
    "Pulled",
    "Pulling",
    "Created",
    "Started",
    "Killing",
    "BackOff",
    "Failed",
    "Unhealthy",
    "Scheduled",
    "FailedKillPod",
    "FailedMount",
    "NodeHasSufficientMemory",
    "Starting",
    "RegisteredNode",
    "NodeReady",
    "NodeAllocatableEnforced",
    "ErrImagePull",
    "LeaderElection",
    // Other scenarios took nodes away.
    "RemovingNode",
    // A race that one of the recorded controllers lost.
    "FailedToUpdateEndpoint",
];

/// How a command's output is compared.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Plain,
    Data,
    Table,
    Events,
    Describe,
}

fn form(argv: &[String], stdout: &str) -> Form {
    let verb = argv.get(1).map_or("", String::as_str);
    let has = |word: &str| argv.iter().any(|a| a == word);
    if stdout.starts_with("apiVersion:") || stdout.starts_with('{') || stdout.starts_with('[') {
        return Form::Data;
    }
    match verb {
        "get" if argv.iter().any(|a| a == "events" || a == "ev" || a.starts_with("events.")) => Form::Events,
        "events" => Form::Events,
        "get" if !has("-o") || has("wide") || has("name") => Form::Table,
        "api-resources" => Form::Table,
        "describe" => Form::Describe,
        _ => Form::Plain,
    }
}

/// Runs of blanks depend on the longest cell.
fn squeezed(line: &str) -> String {
    static BLANKS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" {2,}|\t").unwrap());
    BLANKS.replace_all(line.trim_end(), "  ").into_owned()
}

fn sorted(mut lines: Vec<String>) -> String {
    lines.sort();
    lines.dedup();
    lines.iter().map(|l| format!("{l}\n")).collect()
}

/// The lines of an events table without those of the kubelet and without their times and counts.
fn events(lines: impl Iterator<Item = String>) -> String {
    let lines = lines.filter(|line| !matches!(line.trim(), "" | "<none>"));
    let kept = lines.filter(|line| !KUBELET.iter().any(|r| line.contains(&format!("  {r}  "))));
    static COUNT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^ *(<AGE>|<unknown>|<invalid>)( \(x\d+ over <AGE>\))?  ").unwrap());
    static MIDDLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"  (<AGE>|<unknown>)( \(x(\d+|<N>) over <AGE>\))?  ").unwrap());
    static PREEMPTION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" preemption: .*$").unwrap());
    let kept = kept.map(|line| {
        let line = COUNT.replace(&line, "").into_owned();
        let line = MIDDLE.replace(&line, "  ").into_owned();
        PREEMPTION.replace(&line, "").into_owned()
    });
    sorted(kept.collect())
}

/// A page of `describe` without what the recorded kubelets made up, and without what the client could not
/// ask the recorded server for.
fn described(page: &[String], what: &str, namespace: &str) -> Vec<String> {
    const PODS: &[&str] =
        &["Namespace:", "Container ID:", "Image ID:", "Started:", "Finished:", "Start Time:", "IP:", READY];
    /// A condition since v1.29.
    const READY: &str = "PodReadyToStartContainers";
    /// A service's slices are of discovery.k8s.io/v1; the policy came with v1.22.
    const SERVICES: &[&str] = &["Endpoints:", "Internal Traffic Policy:"];
    const NODES: &[&str] = &[
        "  ephemeral-storage:",
        "  memory:",
        "Machine ID:",
        "Kube-Proxy Version:",
        "Non-terminated Pods:",
        "Annotations:",
        "alpha.kubernetes.io/",
        "volumes.kubernetes.io/",
    ];
    let word = what.split(['/', '.']).next().unwrap_or("");
    let more: &[&str] = match word {
        "svc" | "service" | "services" => SERVICES,
        "node" | "nodes" | "no" => NODES,
        _ => &[],
    };
    let mut section = "";
    let mut out = Vec::new();
    for line in page {
        if !line.starts_with(' ') {
            section = line;
        }
        // Several scenarios shared the nodes.
        let foreign = section.starts_with("Non-terminated Pods:")
            && !line.trim_start().starts_with(namespace)
            && line.starts_with(' ');
        let shared = word.starts_with("no") && section.starts_with("Allocated resources:");
        if let Some(rest) = line.strip_prefix("Node:  node-") {
            out.push(format!("Node:  <CHANCE>{}", rest.trim_start_matches(|c: char| c.is_ascii_digit())));
            continue;
        }
        if word.starts_with("endpointslice") && ["NodeName:", "Zone:"].iter().any(|d| line.contains(d)) {
            out.push(line.split_once(':').map_or(String::new(), |(head, _)| format!("{head}:  <CHANCE>")));
            continue;
        }
        if !foreign && !shared && !PODS.iter().chain(more).any(|d| line.contains(d)) {
            out.push(line.clone());
        }
    }
    out
}

/// Standard output in its comparable form. `recorded` is true for the recorded one.
pub fn stdout(argv: &[String], namespace: &str, text: &str, recorded: bool) -> String {
    let form = form(argv, text);
    let text = if recorded { today(text) } else { text.to_string() };
    match form {
        Form::Data => {
            let keep = argv.iter().any(|a| a == "--show-managed-fields");
            let parsed = if text.starts_with('{') || text.starts_with('[') {
                json::parse(text.as_bytes()).ok().map(|v| vec![v])
            } else {
                yaml::load(&text).ok().map(|d| d.into_iter().map(|d| d.value).collect())
            };
            match parsed {
                Some(values) => {
                    let all: String = values.iter().map(|v| yaml::emit(&normal_value(v, "", keep))).collect();
                    mask_data(&all)
                }
                None => mask(&text),
            }
        }
        Form::Table => {
            static NODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bnode-\d\b").unwrap());
            let pods = argv.iter().any(|a| a.split(',').any(|a| matches!(a, "pods" | "pod" | "po" | "all")));
            let mut lines = text.lines().map(|l| squeezed(&mask(l)));
            // Which of several equal nodes is chosen is chance.
            let free = |l: String| if pods { NODE.replace_all(&l, "<NODE>").into_owned() } else { l };
            let head = lines.next().map(|l| format!("{l}\n")).unwrap_or_default();
            head + &sorted(lines.map(free).filter(|l| !l.contains("default-token-")).collect())
        }
        Form::Events => events(text.lines().map(|l| squeezed(&mask(l)))),
        Form::Describe => {
            let text = mask(&text);
            let (page, listed) = text.split_once("\nEvents:").unwrap_or((&text, ""));
            let page: Vec<String> = page.lines().map(squeezed).collect();
            let what = argv.get(2).map_or("", String::as_str);
            let mut out: String =
                described(&page, what, namespace).iter().map(|l| format!("{l}\n")).collect();
            let rows: Vec<String> = listed.lines().map(squeezed).collect();
            out += &events(rows.into_iter().filter(|l| !l.contains("----") && !l.starts_with("  Type ")));
            out
        }
        Form::Plain => {
            let text = without_dumps(&mask(&text));
            // A revision is another in every cluster.
            if argv.iter().any(|a| a.contains("jsonpath") && a.contains("resourceVersion")) {
                static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+").unwrap());
                return NUMBER.replace_all(&text, "<RV>").into_owned();
            }
            let progress =
                argv.get(1).is_some_and(|a| a == "rollout") && argv.get(2).is_some_and(|a| a == "status");
            // Which steps of a rollout one sees on the way depends on the moment.
            if progress {
                text.lines().next_back().map(|l| format!("{l}\n")).unwrap_or_default()
            } else {
                text
            }
        }
    }
}

/// Standard error in its comparable form.
pub fn stderr(text: &str, recorded: bool) -> String {
    let text = if recorded { today(text) } else { text.to_string() };
    settled(&mask(&without_dumps(&without_diffs(&text))))
}
