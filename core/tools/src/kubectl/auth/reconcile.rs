//! `kubectl auth reconcile`: makes roles and bindings of manifests hold at least what they say
//! (`k8s.io/component-helpers/auth/rbac/reconciliation`).

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::kubectl::builder::Info;
use crate::kubectl::client::{Client, JSON, content};
use crate::kubectl::failure::aggregate;
use crate::kubectl::output::Output;
use crate::kubectl::{Failure, common, manifests, writing};
use crate::printers;
use drydock_cluster::rbac::rule;
use drydock_machinery::{Value, value};
use drydock_network::http::{Method, Request};

pub const COMMAND: Command = Command {
    name: "reconcile",
    usage: "reconcile -f FILENAME",
    short: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
    long: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects.\n\n Missing objects are created, and the containing namespace is created for namespaced objects, if required. Existing roles are updated to include the permissions of the input, existing bindings to include its subjects.",
    examples: "# Reconcile RBAC resources from a file\nkubectl auth reconcile -f my-rbac-rules.yaml",
    flags: &[common::FILES, common::DRY_RUN, printers::FLAGS, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("remove-extra-permissions", '\0', false, "If true, removes extra permissions added to roles"),
    Flag::bool("remove-extra-subjects", '\0', false, "If true, removes extra subjects added to rolebindings"),
];

const GROUP: &str = "rbac.authorization.k8s.io";

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    if !invocation.args.is_empty() {
        return Err(invocation.usage_error("no arguments are allowed"));
    }
    writing::require_filename(invocation)?;
    if output.dry_run == common::DryRun::Server {
        return Err(Error::new("--dry-run=server for command reconcile is not supported yet"));
    }
    let mut client = Client::new(invocation)?;
    let files = manifests::Files::from_flags(invocation);
    let (documents, mut failures) = manifests::read(invocation, &files);
    let bare: Vec<bool> = documents.iter().map(|d| d.value["metadata"]["namespace"].is_empty()).collect();
    let (infos, unmapped) = manifests::map(invocation, &mut client, documents);
    failures.extend(unmapped);
    for (info, bare) in infos.into_iter().zip(bare) {
        match reconcile(invocation, &client, &info, bare, &output) {
            Ok(Some(done)) => {
                output.print(invocation.sys, &done.object, "reconciled")?;
                invocation.eprint(&done.told);
            }
            // Other kinds in the same file are left alone.
            Ok(None) => {}
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

struct Done {
    object: Value,
    told: String,
}

fn reconcile(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    info: &Info,
    bare: bool,
    output: &Output,
) -> Result<Option<Done>, Failure> {
    let wanted = &info.object;
    let kind = wanted["kind"].text();
    if !wanted["apiVersion"].text().starts_with(GROUP) {
        return Ok(None);
    }
    let is_role = matches!(kind, "Role" | "ClusterRole");
    if !is_role && !matches!(kind, "RoleBinding" | "ClusterRoleBinding") {
        return Ok(None);
    }
    if bare && info.resource.namespaced {
        // The real one looks in the namespace of the manifest alone, and there is none.
        return Err("resource name may not be empty".into());
    }
    let dry = output.dry_run;
    let path = info.path();
    let send = |invocation: &mut Invocation<'_, '_>, method: Method, path: &str, body: &Value| {
        if dry == common::DryRun::Client {
            return Ok(body.clone());
        }
        let request = Client::write(method, path, content::JSON, body.clone());
        client.call(invocation.sys, writing::with_dry_run(request, dry))
    };
    let found = client.call(invocation.sys, Request::get(path.as_str()).header("Accept", JSON));
    let existing = match found {
        Ok(existing) => existing,
        Err(failure) if failure.is_not_found() => {
            if info.resource.namespaced {
                ensure_namespace(invocation, client, &info.namespace, &send)?;
            }
            let collection = path.rsplit_once('/').map_or("", |p| p.0);
            let object = send(invocation, Method::Post, collection, wanted)?;
            let mut told = "\treconciliation required create\n".to_string();
            let (field, title) = if is_role { ("rules", "rules") } else { ("subjects", "subjects") };
            let parts = wanted[field].items().iter();
            let lines: Vec<String> = parts.map(if is_role { rule::go_string } else { subject }).collect();
            told.push_str(&listed(&format!("missing {title} added"), &lines));
            return Ok(Some(Done { object, told }));
        }
        Err(failure) => return Err(failure),
    };
    let protected =
        existing["metadata"]["annotations"]["rbac.authorization.kubernetes.io/autoupdate"] == "false";
    let caveat = match protected {
        true => ", but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)",
        false => "",
    };
    let mut new = merged(&existing, wanted);
    let mut told = String::new();
    let mut recreate = false;
    if is_role {
        let (have, want) = (existing["rules"].items(), wanted["rules"].items());
        let (missing, extra) = (rule::missing(have, want), rule::missing(want, have));
        let remove = invocation.bool("remove-extra-permissions");
        if remove && !(missing.is_empty() && extra.is_empty()) {
            new = new.with("rules", &wanted["rules"]);
        } else if !missing.is_empty() {
            new = new.with("rules", have.iter().chain(&missing).cloned().collect::<Value>());
        }
        let lines = |rules: &[Value]| rules.iter().map(rule::go_string).collect::<Vec<_>>();
        told.push_str(&listed("missing rules added", &lines(&missing)));
        if remove {
            told.push_str(&listed("extra rules removed", &lines(&extra)));
        }
    } else {
        let (have, want) = (existing["subjects"].items(), wanted["subjects"].items());
        let lacks = |list: &[Value], of: &[Value]| -> Vec<Value> {
            of.iter().filter(|s| !list.iter().any(|o| same_subject(o, s))).cloned().collect()
        };
        let (missing, extra) = (lacks(have, want), lacks(want, have));
        let remove = invocation.bool("remove-extra-subjects");
        recreate = existing["roleRef"]["name"] != wanted["roleRef"]["name"]
            || existing["roleRef"]["kind"] != wanted["roleRef"]["kind"];
        if recreate {
            new = wanted.clone();
        } else if remove && !(missing.is_empty() && extra.is_empty()) {
            new = new.with("subjects", &wanted["subjects"]);
        } else if !missing.is_empty() {
            new = new.with("subjects", have.iter().chain(&missing).cloned().collect::<Value>());
        }
        let lines = |subjects: &[Value]| subjects.iter().map(subject).collect::<Vec<_>>();
        // Of a binding made anew nothing else is told.
        if !recreate {
            told.push_str(&listed("missing subjects added", &lines(&missing)));
        }
        if remove && !recreate {
            told.push_str(&listed("extra subjects removed", &lines(&extra)));
        }
    }
    if new == existing {
        // Nothing is required, and nothing but what is left alone is told.
        return Ok(Some(Done { object: existing, told: String::new() }));
    }
    let word = if recreate { "recreate" } else { "update" };
    let told = format!("\treconciliation required {word}{caveat}\n{told}");
    if protected {
        return Ok(Some(Done { object: existing, told }));
    }
    let object = if recreate {
        send(invocation, Method::Delete, &path, &value!({}))?;
        let collection = path.rsplit_once('/').map_or("", |p| p.0).to_string();
        send(invocation, Method::Post, &collection, &new)?
    } else {
        send(invocation, Method::Put, &path, &new)?
    };
    Ok(Some(Done { object, told }))
}

/// Sends a write as the dry-run flag says.
type Sending<'a> = dyn Fn(&mut Invocation<'_, '_>, Method, &str, &Value) -> Result<Value, Failure> + 'a;

fn ensure_namespace(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    namespace: &str,
    send: &Sending<'_>,
) -> Result<(), Failure> {
    match client.get(invocation.sys, &format!("/api/v1/namespaces/{namespace}"), JSON) {
        Err(failure) if failure.is_not_found() => {
            let object = value!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
            send(invocation, Method::Post, "/api/v1/namespaces", &object).map(|_| ())
        }
        // Whoever may not look at namespaces may still write in them.
        Err(failure) if failure.reason() == "Forbidden" => Ok(()),
        other => other.map(|_| ()),
    }
}

/// The existing object with the labels and annotations the wanted one adds.
fn merged(existing: &Value, wanted: &Value) -> Value {
    let mut new = existing.clone();
    for field in ["labels", "annotations"] {
        for (key, text) in wanted["metadata"][field].entries() {
            if existing["metadata"][field].find(key.text()).is_none() {
                new = new.with_at(&["metadata", field, key.text()], text.clone());
            }
        }
    }
    new
}

fn same_subject(a: &Value, b: &Value) -> bool {
    ["kind", "name", "namespace"].iter().all(|field| a[*field].text() == b[*field].text())
}

fn listed(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| format!("\t\t{line}\n")).collect();
    format!("\t{title}:\n{lines}")
}

/// How Go prints a subject.
fn subject(subject: &Value) -> String {
    format!(
        "{{Kind:{} APIGroup:{} Name:{} Namespace:{}}}",
        subject["kind"].text(),
        subject["apiGroup"].text(),
        subject["name"].text(),
        subject["namespace"].text()
    )
}
