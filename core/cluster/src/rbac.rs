//! The RBAC authorizer (`plugin/pkg/auth/authorizer/rbac`, v1.33): bindings give users the rules of
//! roles, for the whole cluster or in one namespace.

pub mod bootstrap;
pub(crate) mod escalation;
pub mod rule;

use crate::auth::User;
use crate::auth::authorize::{Attributes, Verdict};
use crate::cluster::Cluster;
use crate::kinds::{self, KindId};
use crate::object::Object;
use drydock_machinery::{Value, quote};
use std::ops::ControlFlow;
use std::sync::Arc;

pub const GROUP: &str = "rbac.authorization.k8s.io";

/// A write to one of these changes who may do what.
#[must_use]
pub(crate) fn is_policy(kind: KindId) -> bool {
    [kinds::CLUSTER_ROLE, kinds::CLUSTER_ROLE_BINDING, kinds::ROLE, kinds::ROLE_BINDING].contains(&kind)
}

/// Looks at a binding, the subject in it that is the user, and a rule of its role.
type See<'a> = dyn FnMut(&Arc<Object>, &Value, &Value) -> ControlFlow<()> + 'a;

/// Calls `see` with every rule a user has in a namespace ("" for cluster-wide ones only), and the
/// binding and subject that give it. Gives the bindings whose role could not be found, as texts.
pub(crate) fn visit(cluster: &Cluster, user: &User, namespace: &str, see: &mut See<'_>) -> Vec<String> {
    let mut errors = Vec::new();
    let wide = cluster.store.list(kinds::CLUSTER_ROLE_BINDING);
    let narrow = cluster.store.list_in(kinds::ROLE_BINDING, namespace);
    for binding in wide.chain(narrow.filter(|_| !namespace.is_empty())) {
        let mut subjects = binding.field("subjects").items().iter();
        let Some(subject) = subjects.find(|s| applies(user, s, &binding.namespace)) else { continue };
        match role_of(cluster, binding.field("roleRef"), &binding.namespace) {
            Ok(role) => {
                for rule in role.field("rules").items() {
                    if see(binding, subject, rule).is_break() {
                        return errors;
                    }
                }
            }
            Err(why) => errors.push(why),
        }
    }
    errors
}

/// The role a roleRef names, or that it was not found.
pub(crate) fn role_of<'a>(
    cluster: &'a Cluster,
    reference: &Value,
    namespace: &str,
) -> Result<&'a Arc<Object>, String> {
    let name = reference["name"].text();
    let (kind, place, word) = match reference["kind"].text() {
        "Role" => (kinds::ROLE, namespace, "role"),
        _ => (kinds::CLUSTER_ROLE, "", "clusterrole"),
    };
    cluster.find(kind, place, name).ok_or_else(|| format!("{word}.{GROUP} {} not found", quote::go(name)))
}

/// True when a binding's subject is this user.
fn applies(user: &User, subject: &Value, namespace: &str) -> bool {
    let name = subject["name"].text();
    match subject["kind"].text() {
        "User" => *user.name == *name,
        "Group" => user.is_in(name),
        "ServiceAccount" => {
            let place = match subject["namespace"].text() {
                "" => namespace,
                place => place,
            };
            crate::auth::account_of(&user.name) == Some((place, name))
        }
        _ => false,
    }
}

/// `RoleBinding "rb/ns" of Role "reader" to User "bob"`.
fn describe(binding: &Object, subject: &Value) -> String {
    let role = binding.field("roleRef");
    let (kind, name) = match &*binding.namespace {
        "" => ("ClusterRoleBinding", binding.name.to_string()),
        namespace => ("RoleBinding", format!("{}/{namespace}", binding.name)),
    };
    let who = match subject["kind"].text() {
        "ServiceAccount" => {
            let own = subject["namespace"].text();
            let namespace = if own.is_empty() { &*binding.namespace } else { own };
            format!("{}/{namespace}", subject["name"].text())
        }
        _ => subject["name"].text().to_string(),
    };
    format!(
        "{kind} {} of {} {} to {} {}",
        quote::go(&name),
        role["kind"].text(),
        quote::go(role["name"].text()),
        subject["kind"].text(),
        quote::go(&who)
    )
}

pub(crate) fn authorize(cluster: &Cluster, asked: &Attributes<'_>) -> Verdict {
    let mut allowed = None;
    let errors = visit(cluster, asked.user, asked.namespace, &mut |binding, subject, rule| {
        if !rule::allows(rule, asked) {
            return ControlFlow::Continue(());
        }
        allowed = Some(format!("RBAC: allowed by {}", describe(binding, subject)));
        ControlFlow::Break(())
    });
    match allowed {
        Some(reason) => Verdict::Allow(reason),
        None if errors.is_empty() => Verdict::NoOpinion(String::new()),
        None => Verdict::NoOpinion(format!("RBAC: {}", aggregate(&errors))),
    }
}

/// Several errors as one text: equal ones once.
pub(crate) fn aggregate(errors: &[String]) -> String {
    let mut texts: Vec<&str> = Vec::new();
    for error in errors {
        if !texts.contains(&error.as_str()) {
            texts.push(error);
        }
    }
    match texts.as_slice() {
        [one] => (*one).to_string(),
        _ => format!("[{}]", texts.join(", ")),
    }
}

/// Every rule a user has in a namespace, and what could not be resolved.
pub(crate) fn rules_for(cluster: &Cluster, user: &User, namespace: &str) -> (Vec<Value>, Vec<String>) {
    let mut rules = Vec::new();
    let errors = visit(cluster, user, namespace, &mut |_, _, rule| {
        rules.push(rule.clone());
        ControlFlow::Continue(())
    });
    (rules, errors)
}

/// True when a user's cluster-wide rules allow everything, whatever is asked.
pub(crate) fn is_superuser(cluster: &Cluster, user: &User) -> bool {
    let all = |list: &Value| list.items().iter().any(|t| *t == "*");
    let (mut resources, mut paths) = (false, false);
    visit(cluster, user, "", &mut |_, _, rule| {
        let named = !rule["resourceNames"].is_empty();
        resources |= all(&rule["verbs"]) && all(&rule["apiGroups"]) && all(&rule["resources"]) && !named;
        paths |= all(&rule["verbs"]) && all(&rule["nonResourceURLs"]);
        if resources && paths { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    resources && paths
}
