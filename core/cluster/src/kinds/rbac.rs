//! Roles and their bindings.

use super::Kind;
use super::fill::Fill;
use crate::object::Object;
use crate::table::{CREATED_AT, Column, View, column, created_at_row, wide};
use crate::validate;
use drydock_machinery::Value;

const GROUP: &str = "rbac.authorization.k8s.io";

const BINDING_COLUMNS: &[Column] =
    &[column("Role"), column("Age"), wide("Users"), wide("Groups"), wide("ServiceAccounts")];

fn binding_row(binding: &Object, view: &View<'_>) -> Vec<Value> {
    let role = binding.field("roleRef");
    let names = |kind: &str| {
        let chosen = binding.field("subjects").items().iter().filter(|s| s["kind"] == kind);
        let texts: Vec<String> = chosen
            .map(|s| match s["namespace"].text() {
                namespace if kind == "ServiceAccount" => format!("{namespace}/{}", s["name"].text()),
                _ => s["name"].text().to_string(),
            })
            .collect();
        Value::from(texts.join(", "))
    };
    vec![
        format!("{}/{}", role["kind"].text(), role["name"].text()).into(),
        view.age(binding.created),
        names("User"),
        names("Group"),
        names("ServiceAccount"),
    ]
}

fn binding(binding: &Value) -> Value {
    let mut fill = Fill::new(binding);
    fill.each("roleRef", |role| {
        let mut fill = Fill::new(role);
        fill.word("apiGroup", GROUP);
        fill.done()
    });
    fill.items("subjects", |subject| {
        let mut fill = Fill::new(subject);
        if matches!(fill.get("kind").text(), "User" | "Group") {
            fill.word("apiGroup", GROUP);
        }
        fill.done()
    });
    fill.done()
}

pub const CLUSTER_ROLE_BINDING: Kind = Kind {
    group: GROUP,
    kind: "ClusterRoleBinding",
    plural: "clusterrolebindings",
    singular: "clusterrolebinding",
    namespaced: false,
    name: path_segment,
    default: binding,
    validate: validate::rbac::cluster_role_binding,
    columns: BINDING_COLUMNS,
    row: binding_row,
    ..Kind::BASE
};

pub const CLUSTER_ROLE: Kind = Kind {
    group: GROUP,
    kind: "ClusterRole",
    plural: "clusterroles",
    singular: "clusterrole",
    namespaced: false,
    name: path_segment,
    validate: validate::rbac::cluster_role,
    columns: CREATED_AT,
    row: created_at_row,
    ..Kind::BASE
};

pub const ROLE_BINDING: Kind = Kind {
    group: GROUP,
    kind: "RoleBinding",
    plural: "rolebindings",
    singular: "rolebinding",
    name: path_segment,
    default: binding,
    validate: validate::rbac::role_binding,
    columns: BINDING_COLUMNS,
    row: binding_row,
    ..Kind::BASE
};

pub const ROLE: Kind = Kind {
    group: GROUP,
    kind: "Role",
    plural: "roles",
    singular: "role",
    name: path_segment,
    validate: validate::rbac::role,
    columns: CREATED_AT,
    row: created_at_row,
    ..Kind::BASE
};

/// `ValidatePathSegmentName`: anything that can stand between two slashes.
#[must_use]
pub fn path_segment(name: &str) -> Vec<String> {
    if name == "." || name == ".." {
        return vec![format!("may not be '{name}'")];
    }
    ["/", "%"].iter().filter(|c| name.contains(**c)).map(|c| format!("may not contain '{c}'")).collect()
}
