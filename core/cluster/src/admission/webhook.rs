//! Admission webhooks (`k8s.io/apiserver/pkg/admission/plugin/webhook`, v1.33): which hooks of which
//! configurations a write concerns, asking them in order, and what their answers do.
//!
//! Left out: under `matchPolicy: Exact` the version of storage counts as the version asked for.

mod answer;
mod call;
mod conditions;

use crate::access::selector_matches;
use crate::cluster::Cluster;
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::Object;
use crate::status::Status;
use answer::Answer;
pub use call::{SERVERS, Server};
pub(crate) use conditions::NAMES;
use drydock_container::Machines;
use drydock_machinery::{Value, patch, value};
use std::sync::Arc;

/// A write on its way, as webhooks see it.
#[derive(Clone, Copy)]
pub(crate) struct Write<'a> {
    pub kind: KindId,
    pub record: &'a Kind,
    /// `CREATE`, `UPDATE`, `DELETE`.
    pub operation: &'static str,
    pub namespace: &'a str,
    pub name: &'a str,
    pub subresource: &'a str,
    /// `userInfo` of whoever writes.
    pub user: &'a Value,
    pub dry_run: bool,
    /// Only rules that name the very version of the write count.
    pub exact: bool,
}

/// True when anybody hooks into writes at all.
pub(crate) fn any(cluster: &Cluster) -> bool {
    let kinds = [kinds::MUTATING_WEBHOOK_CONFIGURATION, kinds::VALIDATING_WEBHOOK_CONFIGURATION];
    kinds.into_iter().any(|kind| cluster.store.list(kind).next().is_some())
}

/// Asks the mutating hooks; gives the object as they left it.
pub(crate) fn mutate(
    cluster: &mut Cluster,
    machines: &mut Machines,
    write: &Write<'_>,
    object: Value,
    old: &Value,
) -> Result<Value, Status> {
    let mut object = object;
    let hooks = hooks(cluster, kinds::MUTATING_WEBHOOK_CONFIGURATION, write, &object, old);
    // The objects as hooks left them that want to see what others changed after them.
    let mut asked: Vec<(&Value, Value)> = Vec::new();
    for hook in &hooks {
        if let Some(changed) = change(cluster, machines, write, hook, &object, old)? {
            object = changed;
        }
        if hook["reinvocationPolicy"] == "IfNeeded" {
            asked.push((hook, object.clone()));
        }
    }
    for (hook, _) in asked.into_iter().filter(|(_, left)| *left != object).collect::<Vec<_>>() {
        if let Some(changed) = change(cluster, machines, write, hook, &object, old)? {
            object = changed;
        }
    }
    Ok(object)
}

/// The object as a hook wants it; nothing if it leaves it alone.
fn change(
    cluster: &mut Cluster,
    machines: &mut Machines,
    write: &Write<'_>,
    hook: &Value,
    object: &Value,
    old: &Value,
) -> Result<Option<Value>, Status> {
    let Some(answer) = ask(cluster, machines, write, hook, object, old)? else { return Ok(None) };
    let Some(ops) = answer.patch else { return Ok(None) };
    patch::json_patch(object, &ops).map(Some).map_err(|why| Status::internal(&why))
}

/// Asks the validating hooks; the first refusal counts.
pub(crate) fn validate(
    cluster: &mut Cluster,
    machines: &mut Machines,
    write: &Write<'_>,
    object: &Value,
    old: &Value,
) -> Result<(), Status> {
    for hook in hooks(cluster, kinds::VALIDATING_WEBHOOK_CONFIGURATION, write, object, old) {
        ask(cluster, machines, write, &hook, object, old)?;
    }
    Ok(())
}

/// The hooks a write concerns: configurations by name, hooks in their order.
fn hooks(cluster: &Cluster, kind: KindId, write: &Write<'_>, object: &Value, old: &Value) -> Vec<Value> {
    // Nobody may lock the configurations themselves.
    let exempt = [kinds::MUTATING_WEBHOOK_CONFIGURATION, kinds::VALIDATING_WEBHOOK_CONFIGURATION];
    if exempt.contains(&write.kind) || write.record.group == "admissionregistration.k8s.io" {
        return Vec::new();
    }
    let mut found = Vec::new();
    for configuration in cluster.store.list(kind) {
        for hook in configuration.field("webhooks").items() {
            let rules = hook["rules"].items();
            let write = &Write { exact: hook["matchPolicy"] == "Exact", ..*write };
            if rules.iter().any(|rule| rule_matches(rule, write))
                && namespace_matches(cluster, hook, write, object)
                && labels_match(&hook["objectSelector"], object, old)
            {
                found.push(hook.clone());
            }
        }
    }
    found
}

fn rule_matches(rule: &Value, write: &Write<'_>) -> bool {
    let has = |field: &str, text: &str| rule[field].items().iter().any(|t| *t == "*" || t == text);
    let scope = match rule["scope"].text() {
        "Namespaced" => write.record.namespaced,
        "Cluster" => !write.record.namespaced,
        _ => true,
    };
    let resource = rule["resources"].items().iter().any(|pattern| match pattern.text().split_once('/') {
        None => write.subresource.is_empty() && (*pattern == "*" || *pattern == write.record.plural),
        Some((of, sub)) => {
            (of == "*" || of == write.record.plural) && (sub == "*" || sub == write.subresource)
        }
    });
    scope
        && resource
        && has("operations", write.operation)
        && has("apiGroups", write.record.group)
        && versions(rule, write)
}

/// A rule about one version of a kind is about all it is served in, unless it wants an exact match.
fn versions(rule: &Value, write: &Write<'_>) -> bool {
    let record = write.record;
    let all = record.served.iter().filter(|s| s.group == record.group).map(|s| s.version);
    let wanted = |version: &str| rule["apiVersions"].items().iter().any(|t| *t == "*" || *t == version);
    wanted(record.version) || !write.exact && all.into_iter().any(wanted)
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let empty = selector["matchLabels"].is_empty() && selector["matchExpressions"].is_empty();
    empty || selector_matches(selector, labels)
}

fn namespace_matches(cluster: &Cluster, hook: &Value, write: &Write<'_>, object: &Value) -> bool {
    let selector = &hook["namespaceSelector"];
    if write.kind == kinds::NAMESPACE {
        return selects(selector, &object["metadata"]["labels"]);
    }
    if write.namespace.is_empty() {
        return true;
    }
    let namespace = cluster.find(kinds::NAMESPACE, "", write.namespace);
    namespace.is_some_and(|namespace| selects(selector, namespace.labels()))
}

fn labels_match(selector: &Value, object: &Value, old: &Value) -> bool {
    let sides = [object, old].into_iter().filter(|side| !side.is_null());
    sides.into_iter().any(|side| selects(selector, &side["metadata"]["labels"]))
}

/// Asks one hook. Nothing for one that may fail and did.
fn ask(
    cluster: &mut Cluster,
    machines: &mut Machines,
    write: &Write<'_>,
    hook: &Value,
    object: &Value,
    old: &Value,
) -> Result<Option<Answer>, Status> {
    let name = hook["name"].text();
    let uid = crate::object::Uid::draw(machines.clock.seed, cluster.store.revision ^ 0x0bad_cafe).to_string();
    let review = review(write, &uid, object, old);
    if !conditions::hold(write, hook, object, old, &review["request"])? {
        return Ok(None);
    }
    if write.dry_run && !matches!(hook["sideEffects"].text(), "None" | "NoneOnDryRun") {
        let why = format!("admission webhook \"{name}\" does not support dry run");
        return Err(Status::bad_request(why));
    }
    let answered = call::post(cluster, machines, hook, &review);
    let failed = |why: String| -> Result<Option<Answer>, Status> {
        if hook["failurePolicy"] == "Ignore" {
            return Ok(None);
        }
        Err(Status::internal(&format!("failed calling webhook \"{name}\": {why}")))
    };
    let answer = match answered.and_then(|body| answer::read(&body, &uid)) {
        Ok(answer) => answer,
        Err(why) => return failed(why),
    };
    cluster.warn_client(answer.warnings.iter().map(String::as_str));
    if !answer.allowed {
        return Err(answer.refusal(name));
    }
    Ok(Some(answer))
}

/// The `AdmissionReview` a hook is sent.
fn review(write: &Write<'_>, uid: &str, object: &Value, old: &Value) -> Value {
    let record = write.record;
    let kind = value!({"group": record.group, "version": record.version, "kind": record.kind});
    let resource = value!({"group": record.group, "version": record.version, "resource": record.plural});
    let mut request = value!({
        "uid": uid, "kind": &kind, "resource": &resource, "requestKind": &kind,
        "requestResource": &resource, "name": write.name, "operation": write.operation,
        "userInfo": write.user, "object": object, "oldObject": old, "dryRun": write.dry_run,
        "options": null,
    });
    if !write.namespace.is_empty() {
        request = request.with("namespace", write.namespace);
    }
    if !write.subresource.is_empty() {
        request =
            request.with("subResource", write.subresource).with("requestSubResource", write.subresource);
    }
    value!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request})
}

impl Cluster {
    /// Lets the mutating hooks change a draft.
    pub(crate) fn mutate_draft(
        &mut self,
        machines: &mut Machines,
        write: &Write<'_>,
        draft: &mut Draft,
        old: Option<&Arc<Object>>,
    ) -> Result<(), Status> {
        let value = self.assemble(write.kind, write.record, draft);
        let before = old.map_or(Value::Null, |o| o.value());
        let after = mutate(self, machines, write, value.clone(), &before)?;
        if after != value {
            let writing = std::mem::take(&mut draft.writing);
            let (name, namespace) = (draft.name.clone(), draft.namespace.clone());
            let full = (write.record.default)(&after);
            let dynamic = kinds::builtin(write.kind).is_none();
            *draft = Draft { name, namespace, writing, ..Draft::new(&full, dynamic) };
        }
        Ok(())
    }
}
