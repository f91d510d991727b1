//! PodSecurity (`k8s.io/pod-security-admission`, v1.33): the levels a namespace's labels ask for. What
//! `enforce` forbids is refused, what `warn` would forbid is said; `audit` has nobody to tell.

use drydock_machinery::sort::Arrange;
mod baseline;
mod restricted;

use crate::cluster::Cluster;
use crate::draft::Draft;
use crate::field::{Errors, Path};
use crate::kinds::{self, KindId};
use crate::object::Object;
use crate::status::Status;
use drydock_machinery::{Value, quote};
use std::sync::Arc;

const PREFIX: &str = "pod-security.kubernetes.io/";

/// How strict a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Privileged,
    Baseline,
    Restricted,
}

/// A level and the release whose idea of it counts: `restricted:latest`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Policy {
    level: Level,
    /// Minor of 1.x; the newest for `latest`.
    minor: u32,
    version: String,
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = match self.level {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        };
        write!(f, "{level}:{}", self.version)
    }
}

/// One thing a pod violates: what, and where exactly.
pub(super) struct Violation {
    pub reason: &'static str,
    pub detail: String,
}

impl Violation {
    pub(super) fn new(reason: &'static str, detail: impl Into<String>) -> Violation {
        Violation { reason, detail: detail.into() }
    }
}

const LATEST: u32 = 33;

/// The policy of a mode by a namespace's labels; what cannot be read counts as the strictest.
fn policy(labels: &Value, mode: &str) -> Policy {
    let level = match labels[format!("{PREFIX}{mode}").as_str()].text() {
        "" | "privileged" => Level::Privileged,
        "baseline" => Level::Baseline,
        _ => Level::Restricted,
    };
    let text = labels[format!("{PREFIX}{mode}-version").as_str()].text();
    let minor = text.strip_prefix("v1.").and_then(|m| m.parse().ok());
    match minor {
        Some(minor) => Policy { level, minor, version: text.to_string() },
        None => Policy { level, minor: LATEST, version: "latest".into() },
    }
}

/// What is wrong with a namespace's labels.
pub(super) fn check_labels(record: &kinds::Kind, draft: &Draft) -> Result<(), Status> {
    let labels = &draft.metadata["labels"];
    let mut errors = Errors::default();
    let (metadata, levels) = (Path::new("metadata"), ["privileged", "baseline", "restricted"]);
    let path = metadata.child("labels");
    for mode in ["enforce", "audit", "warn"] {
        let key = format!("{PREFIX}{mode}");
        let text = labels[key.as_str()].text();
        if labels.find(&key).is_some() && !levels.contains(&text) {
            errors.invalid(&path.key(&key), text, "must be one of privileged, baseline, restricted");
        }
        let key = format!("{key}-version");
        let text = labels[key.as_str()].text();
        let known = text == "latest" || text.strip_prefix("v1.").is_some_and(|m| m.parse::<u32>().is_ok());
        if labels.find(&key).is_some() && !known {
            errors.invalid(&path.key(&key), text, "must be \"latest\" or \"v1.x\"");
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid(record, &draft.name, errors)) }
}

/// What a pod violates of a policy: baseline's first, each in the order of their names.
fn violations(policy: &Policy, metadata: &Value, spec: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    if policy.level >= Level::Baseline {
        baseline::check(metadata, spec, policy.level == Level::Restricted, &mut found);
    }
    if policy.level == Level::Restricted {
        restricted::check(spec, policy.minor, &mut found);
    }
    found
}

fn told(found: &[Violation]) -> String {
    let texts: Vec<String> =
        found
            .iter()
            .map(|v| {
                if v.detail.is_empty() {
                    v.reason.to_string()
                } else {
                    format!("{} ({})", v.reason, v.detail)
                }
            })
            .collect();
    texts.join(", ")
}

/// Judges a new or changed object that is a pod or makes pods. Gives warnings.
pub(super) fn judge(cluster: &Cluster, kind: KindId, draft: &Draft) -> Result<Vec<String>, Status> {
    let mut warnings = Vec::new();
    let Some(namespace) = cluster.find(kinds::NAMESPACE, "", &draft.namespace) else { return Ok(warnings) };
    let labels = namespace.labels();
    if labels.entries().iter().all(|(key, _)| !key.text().starts_with(PREFIX)) {
        return Ok(warnings);
    }
    let template = match kind {
        kinds::POD => None,
        kinds::DEPLOYMENT
        | kinds::REPLICA_SET
        | kinds::DAEMON_SET
        | kinds::STATEFUL_SET
        | kinds::JOB
        | kinds::REPLICATION_CONTROLLER => Some(draft.spec["template"].clone()),
        kinds::CRON_JOB => Some(draft.spec.at(&["jobTemplate", "spec", "template"]).clone()),
        kinds::POD_TEMPLATE => Some(draft.rest["template"].clone()),
        _ => return Ok(warnings),
    };
    let (metadata, spec) = match &template {
        Some(template) => (&template["metadata"], &template["spec"]),
        None => (&draft.metadata, &draft.spec),
    };
    let (enforce, warn) = (policy(labels, "enforce"), policy(labels, "warn"));
    if template.is_none() {
        let found = violations(&enforce, metadata, spec);
        if !found.is_empty() {
            let why = format!("violates PodSecurity {}: {}", quote::go(&enforce.to_string()), told(&found));
            return Err(Status::forbidden(&kinds::POD_KIND, &draft.name, &why));
        }
    }
    // What is enforced has been refused already, so that it need not be said.
    let found =
        if template.is_none() && warn == enforce { Vec::new() } else { violations(&warn, metadata, spec) };
    if !found.is_empty() {
        warnings.push(format!(
            "would violate PodSecurity {}: {}",
            quote::go(&warn.to_string()),
            told(&found)
        ));
    }
    Ok(warnings)
}

/// Pods that are there already and violate a namespace's new enforced level.
pub(super) fn existing(cluster: &Cluster, old: &Object, draft: &Draft) -> Vec<String> {
    let (before, after) = (policy(old.labels(), "enforce"), policy(&draft.metadata["labels"], "enforce"));
    if before == after || after.level <= Level::Privileged {
        return Vec::new();
    }
    // Equal violations are told once, by the first pod and how many others there are.
    let mut groups: Vec<(String, Vec<Arc<str>>)> = Vec::new();
    for pod in cluster.store.list_in(kinds::POD, &old.name) {
        let found = violations(&after, &pod.metadata.value, pod.spec());
        if found.is_empty() {
            continue;
        }
        let reasons: Vec<&str> = found.iter().map(|v| v.reason).collect();
        let text = reasons.join(", ");
        match groups.iter_mut().find(|g| g.0 == text) {
            Some(group) => group.1.push(pod.name.clone()),
            None => groups.push((text, vec![pod.name.clone()])),
        }
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let (namespace, policy) = (quote::go(&old.name), quote::go(&after.to_string()));
    let head =
        format!("existing pods in namespace {namespace} violate the new PodSecurity enforce level {policy}");
    let mut lines: Vec<String> = groups
        .into_iter()
        .map(|(text, pods)| {
            let first = pods.first().map_or("", |p| p);
            match pods.len() {
                1 => format!("{first}: {text}"),
                2 => format!("{first} (and 1 other pod): {text}"),
                n => format!("{first} (and {} other pods): {text}", n - 1),
            }
        })
        .collect();
    lines.arrange();
    lines.insert(0, head);
    lines
}

/// `container "a"`, `containers "a", "b"`.
pub(super) fn named(what: &str, names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| quote::go(n)).collect();
    format!("{what}{} {}", if names.len() == 1 { "" } else { "s" }, quoted.join(", "))
}

/// Names of the containers of which something is true.
pub(super) fn containers(spec: &Value, bad: impl Fn(&Value) -> bool) -> Vec<&str> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let all = lists.iter().flat_map(|list| spec[*list].items());
    all.filter(|c| bad(c)).map(|c| c["name"].text()).collect()
}
