//! Nobody grants what they do not hold (`pkg/registry/rbac/*/policybased/storage.go`, v1.33): checks of
//! roles and bindings that somebody writes through the API, unless they may `escalate` or `bind`.

use super::{aggregate, role_of, rule, rules_for};
use crate::auth::authorize::about;
use crate::auth::{MASTERS, User};
use crate::cluster::{Actor, Cluster};
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::Object;
use crate::status::Status;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};
use std::sync::Arc;

/// Checks a role or binding about to be written; `old` is the one it replaces.
pub(crate) fn check(
    cluster: &Cluster,
    actor: &Actor,
    kind: KindId,
    record: &Kind,
    draft: &Draft,
    old: Option<&Arc<Object>>,
) -> Result<(), Status> {
    let Some(user) = actor.identity.as_deref() else { return Ok(()) };
    if !super::is_policy(kind) || user.unbounded || user.is_in(MASTERS) {
        return Ok(());
    }
    let same = |field: &str| old.is_some_and(|old| *old.field(field) == draft.rest[field]);
    if kind == kinds::ROLE || kind == kinds::CLUSTER_ROLE {
        if same("rules") && same("aggregationRule") {
            return Ok(());
        }
        let asked = about(user, record, "escalate");
        let asked =
            crate::auth::authorize::Attributes { namespace: &draft.namespace, name: &draft.name, ..asked };
        if cluster.allows(&asked) {
            return Ok(());
        }
        // Whoever writes a selector of roles grants whatever will ever match it.
        let everything = value!([
            {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
            {"nonResourceURLs": ["*"], "verbs": ["*"]},
        ]);
        let aggregates = !draft.rest["aggregationRule"].is_empty() && !same("aggregationRule");
        let wanted = if aggregates { everything.items() } else { draft.rest["rules"].items() };
        return held(cluster, user, record, draft, wanted);
    }
    if same("roleRef") && same("subjects") {
        return Ok(());
    }
    let reference = &draft.rest["roleRef"];
    let plural = if reference["kind"] == "Role" { &kinds::rbac::ROLE } else { &kinds::rbac::CLUSTER_ROLE };
    let asked = crate::auth::authorize::Attributes {
        namespace: &draft.namespace,
        name: reference["name"].text(),
        ..about(user, plural, "bind")
    };
    if cluster.allows(&asked) {
        return Ok(());
    }
    match role_of(cluster, reference, &draft.namespace) {
        Ok(role) => held(cluster, user, record, draft, role.field("rules").items()),
        Err(_) => {
            Err(Status::not_found(&Kind { plural: plural.singular, ..*plural }, reference["name"].text()))
        }
    }
}

fn held(
    cluster: &Cluster,
    user: &User,
    record: &Kind,
    draft: &Draft,
    wanted: &[Value],
) -> Result<(), Status> {
    let (owned, errors) = rules_for(cluster, user, &draft.namespace);
    let missing = rule::missing(&owned, wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<String> = rule::compact(&missing).iter().map(rule::short).collect();
    lines.arrange();
    lines.dedup();
    let mut why = format!(
        "user {} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}",
        drydock_machinery::quote::go(&user.name),
        rule::quoted(user.groups.iter().map(|g| &**g)),
        lines.join("\n")
    );
    if !errors.is_empty() {
        let texts = aggregate(&errors);
        let texts = texts.trim_start_matches('[').trim_end_matches(']');
        why.push_str(&format!("; resolution errors: [{texts}]"));
    }
    Err(Status::forbidden(record, &draft.name, &why))
}
