//! `kubectl diff`: what applying the files would change, as `diff -u -N` of two folders: the live
//! objects and what a server dry run makes of them.
//!
//! Left out: `KUBECTL_EXTERNAL_DIFF` (the diff is made here, byte for byte as GNU diff prints it).

use super::Failure;
use super::builder::Info;
use super::client::{Client, JSON, content, klog_line};
use super::common::{self, field_manager};
use super::failure::aggregate;
use super::manifests::{self, Files};
use super::output::LAST_APPLIED;
use super::validation::Validator;
use super::writing::{self, type_of};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Timestamp, Value, diff, json, patch, schema, yaml};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "diff",
    usage: "diff -f FILENAME",
    short: "Diff the live version against a would-be applied version",
    long: "Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.\n\n The output is always YAML.\n\n Exit status: 0 No differences were found. 1 Differences were found. >1 Kubectl or diff failed with an error.",
    examples: "# Diff resources included in pod.json\nkubectl diff -f pod.json\n\n# Diff file read from stdin\ncat service.yaml | kubectl diff -f -",
    flags: &[common::FILES, common::SELECTOR, FLAGS, &[field_manager("kubectl-client-side-apply")]],
    run: |invocation| run(invocation).map_err(|error| Error { code: error.code + 1, ..error }),
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::new(
        Kind::Int,
        "concurrency",
        '\0',
        "1",
        "Number of objects to process in parallel when diffing against the live version. Larger number = faster, but more memory, I/O and CPU over that shorter period of time.",
    ),
    Flag::bool(
        "force-conflicts",
        '\0',
        false,
        "If true, server-side apply will force the changes against conflicts.",
    ),
    Flag::bool(
        "prune",
        '\0',
        false,
        "Include resources that would be deleted by pruning. Can be used with -l and default shows all resources would be pruned",
    ),
    Flag::bool("server-side", '\0', false, "If true, apply runs in the server instead of the client."),
    Flag::bool("show-managed-fields", '\0', false, "If true, include managed fields in the diff."),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if !invocation.args.is_empty() {
        let args = invocation.args.join(" ");
        return Err(invocation.usage_error(format_args!("Unexpected args: [{args}]")));
    }
    writing::require_filename(invocation)?;
    let mut client = Client::new(invocation)?;
    let mut validator = Validator::off();
    let selector = LabelSelector::parse(invocation.str("selector")).map_err(Error::new)?;
    let (documents, mut failures) = manifests::read(invocation, &Files::from_flags(invocation));
    let (infos, unmapped) = manifests::map(invocation, &mut client, documents);
    failures.extend(unmapped);
    let mut pairs = Vec::new();
    for info in infos.iter().filter(|i| selector.matches(&i.object["metadata"]["labels"])) {
        match compare(invocation, &client, &mut validator, info) {
            Ok((live, merged)) => pairs.push((file_name(info), live, merged)),
            Err(failure) => failures.push(failure),
        }
    }
    if !failures.is_empty() {
        return Err(aggregate(&failures));
    }
    pairs.arrange_by(|a, b| a.0.cmp(&b.0));
    let number =
        1_000_000_000 + invocation.sys.machines.clock.chance(u64::from(invocation.sys.pid), 1_000_000_000);
    let managed = invocation.bool("show-managed-fields");
    let mut differs = false;
    for (name, live, merged) in pairs {
        let (live, merged) = masked(&live, &merged);
        let text = print(invocation, number, &name, &shown(&live, managed), &shown(&merged, managed));
        differs |= !text.is_empty();
        invocation.print(&text);
    }
    Ok(Flow::Done(i32::from(differs)))
}

/// `apps.v1.Deployment.default.web`.
fn file_name(info: &Info) -> String {
    let resource = &info.resource;
    let group = if resource.group.is_empty() { String::new() } else { format!("{}.", resource.group) };
    format!("{group}{}.{}.{}.{}", resource.version, resource.kind, info.namespace, info.name)
}

/// The text of one side; empty where there is no object.
fn shown(object: &Value, managed: bool) -> String {
    if object.is_null() {
        return String::new();
    }
    yaml::emit(&if managed { object.clone() } else { object.without_at(&["metadata", "managedFields"]) })
}

fn print(invocation: &Invocation<'_, '_>, number: u64, name: &str, live: &str, merged: &str) -> String {
    if live == merged {
        return String::new();
    }
    let (old, new) = (format!("/tmp/LIVE-{number}/{name}"), format!("/tmp/MERGED-{number}/{name}"));
    let time = |text: &str| match text.is_empty() {
        // `-N` takes a missing file for an empty one of the epoch.
        true => Timestamp(0),
        false => Timestamp(invocation.sys.unix()),
    };
    let head = |path: &str, text: &str| {
        let stamp = time(text).to_rfc3339().replace('T', " ");
        format!("{path}\t{}.000000000 +0000", stamp.trim_end_matches('Z'))
    };
    format!("diff -u -N {old} {new}\n{}", diff::unified(live, merged, &head(&old, live), &head(&new, merged)))
}

/// The live object (null when there is none) and what it would become.
fn compare(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    validator: &mut Validator,
    info: &Info,
) -> Result<(Value, Value), Failure> {
    let manager = invocation.str("field-manager").to_string();
    let live = match client.get(invocation.sys, &info.path(), JSON) {
        Ok(live) => live,
        Err(failure) if failure.is_not_found() => Value::Null,
        Err(failure) => return Err(failure),
    };
    if invocation.bool("server-side") {
        let force = if invocation.bool("force-conflicts") { "true" } else { "false" };
        let request = Client::write(Method::Patch, &info.path(), content::APPLY, info.object.clone())
            .query("dryRun", "All")
            .query(
                "fieldManager",
                if invocation.changed("field-manager") { manager.as_str() } else { "kubectl" },
            )
            .query("force", force);
        let merged = client.call(invocation.sys, request);
        if merged.as_ref().is_err_and(Failure::is_conflict) {
            // It is tried again as if somebody else had written meanwhile.
            let head = klog_line(invocation.sys, 'W', "diff.go:571");
            let what = format!("{}, Kind={}", info.resource.api_version(), info.resource.kind);
            invocation.eprint(&format!(
                "{head}Object ({what}: {}) keeps changing, diffing without lock\n",
                info.name
            ));
        }
        return Ok((live, merged?));
    }
    if live.is_null() {
        let path = info.resource.path(&info.namespace);
        let request = Client::write(Method::Post, &path, content::JSON, info.object.clone())
            .query("dryRun", "All")
            .query("fieldManager", manager.as_str());
        return Ok((live, client.call(invocation.sys, request)?));
    }
    let original = match live["metadata"]["annotations"][LAST_APPLIED].text() {
        "" => Value::empty_map(),
        text => json::parse(text.as_bytes()).map_err(|e| Failure::Message(e.message))?,
    };
    let annotations = info.object["metadata"]["annotations"].without(LAST_APPLIED);
    let annotations = if annotations.is_map() { annotations } else { Value::empty_map() };
    let modified = info.object.with_at(&["metadata", "annotations"], annotations);
    validator.fetch_for_patch(invocation.sys, client, modified["apiVersion"].text());
    let (change, kind) = match type_of(&modified) {
        Some(ty) => {
            (patch::strategic_diff(&original, &modified, &live, schema::builtin(), ty)?, content::STRATEGIC)
        }
        None => (patch::three_way_json_merge(&original, &modified, &live), content::MERGE),
    };
    if change.is_empty() {
        return Ok((live.clone(), live));
    }
    // Against exactly what was read.
    let change = change.with_at(&["metadata", "resourceVersion"], &live["metadata"]["resourceVersion"]);
    let request = Client::write(Method::Patch, &info.path(), kind, change)
        .query("dryRun", "All")
        .query("fieldManager", manager.as_str());
    let merged = client.call(invocation.sys, request)?;
    Ok((live, merged))
}

/// Secrets show that a value changed, not the value.
fn masked(live: &Value, merged: &Value) -> (Value, Value) {
    let is_secret = |object: &Value| object["kind"] == "Secret" && object["apiVersion"] == "v1";
    if !is_secret(live) && !is_secret(merged) {
        return (live.clone(), merged.clone());
    }
    let (mut before, mut after) = (live.clone(), merged.clone());
    for (key, value) in live["data"].entries() {
        let same = merged["data"].find(key.text());
        let mask = if same.is_some_and(|now| now != value) { "*** (before)" } else { "***" };
        before = before.with_at(&["data", key.text()], mask);
    }
    for (key, value) in merged["data"].entries() {
        let same = live["data"].find(key.text());
        let mask = if same.is_some_and(|old| old != value) { "*** (after)" } else { "***" };
        after = after.with_at(&["data", key.text()], mask);
    }
    (before, after)
}
