//! Objects of `kubectl create role|clusterrole|rolebinding|clusterrolebinding`.

use super::names::metadata;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Verbs that are no surprise in a rule.
pub const VERBS: &[&str] = &[
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

/// One resource a rule is about, its group found by discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub group: String,
    /// `pods` or `pods/log`.
    pub resource: String,
}

/// A rule per API group, in the groups' order.
#[must_use]
pub fn rules(verbs: &[String], resources: &[Resource], names: &[String], urls: &[String]) -> Vec<Value> {
    let mut groups: Vec<&str> = resources.iter().map(|r| r.group.as_str()).collect();
    groups.arrange();
    groups.dedup();
    let list = |items: &[String]| items.iter().map(Value::from).collect::<Value>();
    let mut rules: Vec<Value> = groups
        .into_iter()
        .map(|group| {
            let of_group: Value =
                resources.iter().filter(|r| r.group == group).map(|r| Value::from(&r.resource)).collect();
            let rule = value!({"apiGroups": [group], "resources": of_group, "verbs": list(verbs)});
            if names.is_empty() { rule } else { rule.with("resourceNames", list(names)) }
        })
        .collect();
    if !urls.is_empty() {
        rules.push(value!({"nonResourceURLs": list(urls), "verbs": list(verbs)}));
    }
    rules
}

/// A Role or ClusterRole.
#[must_use]
pub fn role(kind: &str, name: &str, namespace: Option<&str>, rules: Vec<Value>) -> Value {
    value!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata(name, namespace),
        "rules": rules
    })
}

/// A ClusterRole that collects the rules of others by their labels.
#[must_use]
pub fn aggregated(name: &str, labels: &Value) -> Value {
    value!({
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": labels}]},
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": metadata(name, None),
        "rules": null
    })
}

/// Users, groups, then service accounts as `namespace:name`.
///
/// # Errors
/// A service account that is not written so.
pub fn subjects(users: &[String], groups: &[String], accounts: &[String]) -> Result<Vec<Value>, String> {
    let named = |kind: &str, name: &String| value!({"apiGroup": GROUP, "kind": kind, "name": name});
    let mut subjects: Vec<Value> = users.iter().map(|u| named("User", u)).collect();
    subjects.extend(groups.iter().map(|g| named("Group", g)));
    for account in accounts {
        match account.split(':').collect::<Vec<_>>().as_slice() {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                subjects.push(value!({"kind": "ServiceAccount", "name": *name, "namespace": *namespace}));
            }
            _ => return Err("serviceaccount must be <namespace>:<name>".into()),
        }
    }
    Ok(subjects)
}

/// A RoleBinding or ClusterRoleBinding.
#[must_use]
pub fn binding(
    kind: &str,
    name: &str,
    namespace: Option<&str>,
    (role_kind, role): (&str, &str),
    subjects: Vec<Value>,
) -> Value {
    let binding = value!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata(name, namespace),
        "roleRef": {"apiGroup": GROUP, "kind": role_kind, "name": role}
    });
    if subjects.is_empty() { binding } else { binding.with("subjects", subjects) }
}
