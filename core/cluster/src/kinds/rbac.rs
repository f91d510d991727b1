//! Roles and their bindings.

use super::Kind;

pub const CLUSTER_ROLE_BINDING: Kind = Kind {
    group: "rbac.authorization.k8s.io",
    kind: "ClusterRoleBinding",
    plural: "clusterrolebindings",
    singular: "clusterrolebinding",
    namespaced: false,
    name: path_segment,
    ..Kind::BASE
};

pub const CLUSTER_ROLE: Kind = Kind {
    group: "rbac.authorization.k8s.io",
    kind: "ClusterRole",
    plural: "clusterroles",
    singular: "clusterrole",
    namespaced: false,
    name: path_segment,
    ..Kind::BASE
};

pub const ROLE_BINDING: Kind = Kind {
    group: "rbac.authorization.k8s.io",
    kind: "RoleBinding",
    plural: "rolebindings",
    singular: "rolebinding",
    name: path_segment,
    ..Kind::BASE
};

pub const ROLE: Kind = Kind {
    group: "rbac.authorization.k8s.io",
    kind: "Role",
    plural: "roles",
    singular: "role",
    name: path_segment,
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
