//! Makes a recorded and our own output comparable: what differs at every run is masked, what changed
//! between the recorded server (v1.20) and ours (v1.33) is put into today's words.

use drydock_machinery::{Value, json, yaml};
use regex_lite::{Captures, Regex};
use std::sync::LazyLock;

/// Old words of the server and today's.
const CHANGED: &[(&str, &str)] = &[
    ("v1.20.2", "v1.33.1"),
    ("must have at most 1048576 bytes", "may not be more than 1048576 bytes"),
    ("v1beta1.batch", "v1.batch"),
    ("v1beta1.policy", "v1.policy"),
    ("v1beta1.discovery", "v1.discovery"),
    ("v2beta2.autoscaling", "v2.autoscaling"),
    ("policy/v1beta1", "policy/v1"),
    ("discovery.k8s.io/v1beta1", "discovery.k8s.io/v1"),
    ("batch/v1beta1", "batch/v1"),
    ("autoscaling/v2beta2", "autoscaling/v2"),
    (
        "`spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)",
        "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    ),
    (
        "other than 'replicas', 'template', and 'updateStrategy' are forbidden",
        "other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
];

/// More of them: one line of another.
const REPHRASED: &[(&str, &str)] = &[
    ("(127.0.0.0/8)", "(127.0.0.0/8, ::1/128)"),
    ("(169.254.0.0/16)", "(169.254.0.0/16, fe80::/10)"),
    ("(224.0.0.0/24)", "(224.0.0.0/24, ff02::/10)"),
    ("may not be unspecified (0.0.0.0)", "may not be unspecified (0.0.0.0 or ::)"),
    ("must be valid IP address", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
    ("not a valid CIDR", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
    ("must contain at least one letter or number (a-z, 0-9)", "must contain at least one letter (a-z)"),
    ("\"ReadWriteMany\", \"ReadWriteOnce\"", "\"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\""),
    (
        "except resources.requests for bound",
        "except resources.requests and volumeAttributesClassName for bound",
    ),
    (
        "can not be set when the class field is also set",
        "must match `ingressClassName` when both are specified",
    ),
    (
        "ResourceQuotaScopeBestEffort and ResourceQuotaScopeNotBestEffort",
        "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
    ),
    (
        "ExternalTrafficPolicy can only be set on NodePort and LoadBalancer service",
        "may only be set for externally-accessible services",
    ),
    (
        "Invalid value: \"Foo\": ExternalTrafficPolicy must be empty, Cluster or Local",
        "Unsupported value: \"Foo\": supported values: \"Cluster\", \"Local\"",
    ),
    (
        "Cluster is not configured for dual stack services",
        "this cluster is not configured for dual-stack services",
    ),
    ("ipfamily IPv6 is not configured on cluster", "not configured on this cluster"),
    ("(<error: the server could not find the requested resource>)", "(<error: services \"svc\" not found>)"),
];

/// As [`CHANGED`], by patterns.
const REWORDED: &[(&str, &str)] = &[
    (r#"intstr\.IntOrString\{Type:0, IntVal:(-?\d+), StrVal:""\}"#, "$1"),
    (r#"intstr\.IntOrString\{Type:1, IntVal:0, StrVal:("[^"]*")\}"#, "$1"),
    (r#"resource\.Quantity\{i:.*?, s:("[^"]+"), Format:"[A-Za-z]+"\}"#, "$1"),
    (
        r#"resource\.Quantity\{i:resource.int64Amount\{value:(-?\d+), scale:-1\}.*?, s:"", Format:"DecimalSI"\}"#,
        r#""${1}00m""#,
    ),
    (r"Expected exactly 5 fields, found (\d+): ([^\n]*)", "expected exactly 5 fields, found $1: [$2]"),
    (r"End of range \(", "end of range ("),
    (r"Unrecognized descriptor", "unrecognized descriptor"),
    (
        r"Value: Forbidden: may not be changed in an update",
        "value: Forbidden: may not be changed in an update",
    ),
];

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
    // Since v1.22 writes of the status are owned apart.
    (r"(?m)^\s+subresource: status\n", ""),
    (r"(Too large resource version: \d+, current:) \d+", "$1 <RV>"),
    (r#"(resourceVersion\\?":\\?")\d+"#, "$1<RV>"),
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

fn masked(text: &str, patterns: &[(Regex, &str)]) -> String {
    patterns.iter().fold(text.to_string(), |text, (p, mask)| p.replace_all(&text, *mask).into_owned())
}
fn compiled(patterns: &[(&str, &'static str)]) -> Vec<(Regex, &'static str)> {
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

/// What the recorded server would say today.
pub fn today(text: &str) -> String {
    static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(REWORDED));
    let words = CHANGED.iter().chain(REPHRASED);
    let text = words.fold(text.to_string(), |text, (old, new)| text.replace(old, new));
    masked(&text, &PATTERNS)
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

/// Fields that a fake kubelet made, that time makes, or that the recorded server did not have.
const DROPPED: &[&str] = &[
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "selfLink",
    "containerStatuses",
    "initContainerStatuses",
    "podIP",
    "podIPs",
    "hostIP",
    "hostIPs",
    "startTime",
    "internalTrafficPolicy",
    "completionMode",
    "podReplacementPolicy",
    "manualSelector",
    "persistentVolumeClaimRetentionPolicy",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "kubernetes.io/metadata.name",
    "uncountedTerminatedPods",
    "lastUpdateTime",
    "lastTransitionTime",
    "lastHeartbeatTime",
    "nodeInfo",
    "collisionCount",
    "terminating",
    "unhealthyPodEvictionPolicy",
    "observedGeneration",
    "hash",
    "endpoints.kubernetes.io/managed-by",
    "controller-uid",
    "job-name",
    "requiresRepublish",
    "seLinuxMount",
    "storageCapacity",
];

fn normal_value(value: &Value, keep: bool) -> Value {
    match value {
        Value::Map(entries) => entries
            .iter()
            .filter(|(key, _)| !DROPPED.contains(&key.text()) && (keep || key.text() != "managedFields"))
            .filter(|(key, v)| key.text() != "suspend" || v.bool())
            .filter(|(key, v)| !matches!(key.text(), "availableReplicas" | "maxSurge") || *v != Value::Int(0))
            .map(|(key, v)| (*key, normal_value(v, keep)))
            .collect(),
        Value::List(items) => items
            .iter()
            .filter(|v| v["type"] != "PodReadyToStartContainers")
            .map(|v| normal_value(v, keep))
            .collect(),
        other => other.clone(),
    }
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
    let kept = lines.filter(|line| !KUBELET.iter().any(|r| line.contains(&format!("  {r}  "))));
    static COUNT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^ *(<AGE>|<unknown>|<invalid>)( \(x\d+ over <AGE>\))?  ").unwrap());
    static MIDDLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"  (<AGE>|<unknown>)( \(x(\d+|<N>) over <AGE>\))?  ").unwrap());
    static PREEMPTION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" preemption: .*$").unwrap());
    static TAINT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"had taint (\{[^}]*\}), that the pod didn't tolerate").unwrap());
    let kept = kept.map(|line| {
        let line = COUNT.replace(&line, "").into_owned();
        let line = MIDDLE.replace(&line, "  ").into_owned();
        let line = PREEMPTION.replace(&line, "").into_owned();
        TAINT.replace_all(&line, |c: &Captures<'_>| format!("had untolerated taint {}", &c[1])).into_owned()
    });
    sorted(kept.collect())
}

/// Columns that came after the recording.
const NEW_COLUMNS: &[&str] = &[
    "TIMEZONE",
    "STATUS",
    "STORAGECAPACITY",
    "TOKENREQUESTS",
    "REQUIRESREPUBLISH",
    "REQUESTEDDURATION",
    "VOLUMEATTRIBUTESCLASS",
    "PREEMPTIONPOLICY",
];

/// Our table without columns that the recorded one does not have and could not have.
pub fn without_new_columns(got: &str, recorded: &str) -> String {
    static CELL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\S+(?: \S+)*").unwrap());
    let wanted = recorded.lines().next().unwrap_or("");
    let mut out = String::new();
    let mut cut: Vec<(usize, usize)> = Vec::new();
    for line in got.lines() {
        if line.starts_with("NAME ") || line.starts_with("NAMESPACE ") {
            let cells: Vec<_> = CELL.find_iter(line).collect();
            let ends = cells.iter().skip(1).map(|c| c.start()).chain([usize::MAX]);
            let extra = cells.iter().zip(ends).filter(|(c, _)| {
                NEW_COLUMNS.contains(&c.as_str()) && !wanted.split_whitespace().any(|w| w == c.as_str())
            });
            cut = extra.map(|(c, end)| (c.start(), end)).collect();
        }
        let kept = line.char_indices().filter(|(at, _)| !cut.iter().any(|(a, b)| a <= at && at < b));
        out.extend(kept.map(|(_, c)| c));
        out.push('\n');
    }
    out
}

/// Lists of what several scenarios made, or of what commands left out of the recording would have
/// changed: only rows that both have are compared.
pub fn is_partial(argv: &[String], scenario: &str) -> bool {
    const CLUSTER_WIDE: &[&str] = &[
        "namespaces",
        "clusterroles",
        "clusterrole",
        "clusterrolebindings",
        "clusterrolebinding",
        "customresourcedefinitions",
        "apiservices",
        "storageclasses",
        "priorityclasses",
        "persistentvolumes",
        "crd",
        "ingressclasses",
        "runtimeclasses",
        "flowschemas",
        "prioritylevelconfigurations",
        "nodes",
        "mutatingwebhookconfigurations",
        "certificatesigningrequests",
    ];
    let list =
        argv.get(1).is_some_and(|v| v == "get") && argv.get(2).is_some_and(|k| !k.contains(['/', ',']));
    let named = argv.get(3).is_some_and(|name| !name.starts_with('-'));
    let wide = argv.get(2).is_some_and(|k| CLUSTER_WIDE.contains(&k.as_str()));
    list && !named && (wide || scenario.starts_with("val-"))
}

/// Both tables with the rows whose first cell both have; all of both if they are no tables.
pub fn common_rows(a: &str, b: &str) -> (String, String) {
    let name = |line: &str| line.split("  ").next().unwrap_or("").to_string();
    let names = |text: &str| text.lines().map(name).collect::<Vec<_>>();
    let (in_a, in_b) = (names(a), names(b));
    let keep = |text: &str, others: &[String]| {
        text.lines().filter(|l| others.contains(&name(l))).map(|l| format!("{l}\n")).collect::<String>()
    };
    (keep(a, &in_b), keep(b, &in_a))
}

/// Standard output in its comparable form. `recorded` is true for the recorded one.
pub fn stdout(argv: &[String], text: &str, recorded: bool) -> String {
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
                    let all: String = values.iter().map(|v| yaml::emit(&normal_value(v, keep))).collect();
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
            let dropped =
                ["Namespace:", "Container ID:", "Image ID:", "Started:", "Finished:", "Start Time:", "IP:"];
            let lines = page.lines().map(squeezed).filter(|l| !dropped.iter().any(|d| l.contains(d)));
            let mut out: String = lines.map(|l| format!("{l}\n")).collect();
            let rows: Vec<String> = listed.lines().map(squeezed).collect();
            out += &events(rows.into_iter().filter(|l| !l.contains("----") && !l.starts_with("  Type ")));
            out
        }
        Form::Plain => without_dumps(&mask(&text)),
    }
}

/// Standard error in its comparable form.
pub fn stderr(text: &str, recorded: bool) -> String {
    let text = if recorded { today(text) } else { text.to_string() };
    settled(&mask(&without_dumps(&without_diffs(&text))))
}
