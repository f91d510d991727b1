//! `kubectl label` and the machinery it shares with annotate: a merge patch of one metadata map.

use super::client::content;
use super::common::{self, DryRun, field_manager};
use super::failure::aggregate;
use super::local::{self, Targets};
use super::output::Output;
use super::writing::{merge_patch, patch_request};
use super::{Failure, Info};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, json, names, quote};

pub const COMMAND: Command = Command {
    name: "label",
    usage: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the labels on a resource",
    long: "Update the labels on a resource.\n\n  *  A label key and value must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters each.\n  *  Optionally, the key can begin with a DNS subdomain prefix and a single '/', like example.com/my-app.\n  *  If --overwrite is true, then existing labels can be overwritten, otherwise attempting to overwrite a label will result in an error.",
    examples: "# Update pod 'foo' with the label 'unhealthy' and the value 'true'\nkubectl label pods foo unhealthy=true\n\n# Update all pods in the namespace\nkubectl label pods --all status=unhealthy\n\n# Update pod 'foo' by removing a label named 'bar' if it exists\nkubectl label pods foo bar-",
    flags: FLAGS,
    run: |invocation| run(invocation, &LABELS),
    ..Command::BASE
};

/// The flags of label; annotate has its own field manager.
const FLAGS: &[&[Flag]] = &[
    common::FILES,
    common::SELECTOR,
    common::FIELD_SELECTOR,
    common::ALL_NAMESPACES,
    common::ALL,
    common::LOCAL,
    common::DRY_RUN,
    printers::FLAGS,
    OWN,
    &[field_manager("kubectl-label")],
    super::record::RECORD,
];
pub const OWN: &[Flag] = &[
    Flag::bool(
        "overwrite",
        '\0',
        false,
        "If true, allow existing values to be overwritten, otherwise reject updates that overwrite them.",
    ),
    Flag::bool("list", '\0', false, "If true, display them for a given resource."),
    Flag::string(
        "resource-version",
        '\0',
        "",
        "If non-empty, the update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.",
    ),
];

/// What differs between labels and annotations.
pub struct Subject {
    /// `label`, `annotation`.
    pub what: &'static str,
    /// Field of metadata.
    pub field: &'static str,
    /// Checks a value that is to be set.
    check: fn(&str, &str) -> Result<(), String>,
    /// The complaint about values that are there already.
    clash: fn(&[(String, String)]) -> Failure,
    /// The word for what was done, from old and new object.
    done: fn(&Value, &Value, bool) -> &'static str,
}

const LABELS: Subject = Subject {
    what: "label",
    field: "labels",
    check: |pair, text| {
        let faults = names::is_label_value(text);
        if faults.is_empty() {
            return Ok(());
        }
        Err(format!("invalid label value: {}: {}", quote::go(pair), faults.join(";")))
    },
    clash: |taken| {
        let all: Vec<String> = taken
            .iter()
            .map(|(key, value)| format!("'{key}' already has a value ({value}), and --overwrite is false"))
            .collect();
        if let [one] = all.as_slice() {
            return Failure::Message(one.clone());
        }
        Failure::Message(format!("[{}]", all.join(", ")))
    },
    done: |old, new, overwrite| {
        if old == new {
            "not labeled"
        } else if !overwrite && json::to_string(new).len() < json::to_string(old).len() {
            "unlabeled"
        } else {
            "labeled"
        }
    },
};

pub const ANNOTATIONS: Subject = Subject {
    what: "annotation",
    field: "annotations",
    check: |_, _| Ok(()),
    clash: |taken| {
        let all: Vec<String> =
            taken.iter().map(|(key, value)| format!("'{key}' already has a value ({value})")).collect();
        let all = all.join("; ");
        Failure::Message(format!(
            "--overwrite is false but found the following declared annotation(s): {all}"
        ))
    },
    done: |_, _, _| "annotated",
};

/// The changes on the command line.
#[derive(Default)]
struct Changes {
    resources: Vec<String>,
    set: Vec<(String, String)>,
    removed: Vec<String>,
}

impl Changes {
    fn parse(args: &[String], subject: &Subject) -> Result<Changes, Error> {
        let what = subject.what;
        let mut changes = Changes::default();
        let mut pairs = Vec::new();
        for arg in args {
            let is_pair = (arg.contains('=') && !arg.starts_with('=')) || (arg.ends_with('-') && arg != "-");
            if is_pair {
                pairs.push(arg);
            } else if pairs.is_empty() {
                changes.resources.push(arg.clone());
            } else {
                return Err(Error::new(format_args!(
                    "all resources must be specified before {what} changes: {arg}"
                )));
            }
        }
        for pair in pairs {
            match pair.split_once('=') {
                Some((_, value)) if what == "label" && value.contains('=') => {
                    return Err(Error::new(format_args!("invalid label spec: {pair}")));
                }
                Some((key, value)) => {
                    (subject.check)(pair, value).map_err(Error::new)?;
                    changes.set.retain(|s| s.0 != key);
                    changes.set.push((key.into(), value.into()));
                }
                None => changes.removed.push(pair.trim_end_matches('-').into()),
            }
        }
        let mut both: Vec<&str> = changes
            .removed
            .iter()
            .filter(|key| changes.set.iter().any(|s| s.0 == **key))
            .map(String::as_str)
            .collect();
        both.arrange();
        match (both.is_empty(), what) {
            (true, _) => Ok(changes),
            (false, "label") => Err(Error::new("can not both modify and remove a label in the same command")),
            (false, _) => Err(Error::new(format_args!(
                "can not both modify and remove the following {what}(s) in the same command: {}",
                both.join(", ")
            ))),
        }
    }
}

/// Runs label or annotate.
pub fn run(invocation: &mut Invocation<'_, '_>, subject: &Subject) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let changes = Changes::parse(&invocation.args, subject)?;
    let list = invocation.bool("list");
    if invocation.bool("all") && !invocation.str("selector").is_empty() {
        return Err(Error::new("cannot set --all and --selector at the same time"));
    }
    if changes.resources.is_empty()
        && invocation.list("filename").is_empty()
        && invocation.str("kustomize").is_empty()
    {
        return Err(Error::new(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    if changes.set.is_empty() && changes.removed.is_empty() && !list {
        return Err(Error::new(format_args!("at least one {} update is required", subject.what)));
    }
    let targets = local::targets(invocation, &changes.resources)?;
    let Targets { client, infos, mut failures, local } = targets;
    if !invocation.str("resource-version").is_empty() && infos.len() > 1 {
        return Err(Error::new("--resource-version may only be used with a single resource"));
    }
    let single = infos.len() == 1;
    for info in infos {
        if list {
            print_list(invocation, subject, &info, single);
            continue;
        }
        let changed = match change(invocation, subject, &changes, &info) {
            Ok(changed) => changed,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let done = (subject.done)(&info.object, &changed, invocation.bool("overwrite"));
        let changed = super::record::recorded(invocation, changed);
        let shown = if local || output.dry_run == DryRun::Client {
            changed
        } else {
            let patch = merge_patch(&info.object, &changed);
            let manager = invocation.str("field-manager");
            let request = patch_request(&info.path(), content::MERGE, patch, output.dry_run, manager);
            match client.call(invocation.sys, request) {
                Ok(object) => object,
                Err(failure) => {
                    failures.push(failure);
                    continue;
                }
            }
        };
        output.print(invocation.sys, &shown, done)?;
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

fn change(
    invocation: &mut Invocation<'_, '_>,
    subject: &Subject,
    changes: &Changes,
    info: &Info,
) -> Result<Value, Failure> {
    let old = &info.object["metadata"][subject.field];
    if !invocation.bool("overwrite") {
        let mut taken: Vec<(String, String)> = changes
            .set
            .iter()
            .filter(|(key, value)| {
                let free = subject.what == "annotation" && key == "kubernetes.io/change-cause";
                !free && old.find(key).is_some_and(|now| now != value.as_str())
            })
            .map(|(key, _)| (key.clone(), old[key.as_str()].text().to_string()))
            .collect();
        taken.arrange();
        if !taken.is_empty() {
            return Err((subject.clash)(&taken));
        }
    }
    let mut new = if old.is_map() { old.clone() } else { Value::empty_map() };
    for (key, value) in &changes.set {
        new = new.with(key, value);
    }
    for key in &changes.removed {
        if subject.what == "label" && old.find(key).is_none() {
            invocation.eprint(&format!("label {} not found.\n", quote::go(key)));
        }
        new = new.without(key);
    }
    let mut object = info.object.clone();
    if !(new.is_empty() && old.is_null()) {
        object = object.with_at(&["metadata", subject.field], new);
    }
    let version = invocation.str("resource-version");
    if !version.is_empty() {
        object = object.with_at(&["metadata", "resourceVersion"], version);
    }
    Ok(object)
}

fn print_list(invocation: &mut Invocation<'_, '_>, subject: &Subject, info: &Info, single: bool) {
    let indent = if single { "" } else { " " };
    if !single {
        let kind = info.resource.kind.to_lowercase();
        let head = format!("Listing {} for {kind}.{}/{}:\n", subject.field, info.resource.group, info.name);
        invocation.eprint(&head);
    }
    for (key, value) in info.object["metadata"][subject.field].entries() {
        invocation.print(&format!("{indent}{key}={}\n", value.text()));
    }
}
