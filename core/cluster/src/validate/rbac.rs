//! Roles and bindings (`pkg/apis/rbac/validation`, v1.33).

use super::common::label_selector;
use crate::field::{Errors, Path};
use crate::kinds::rbac::path_segment;
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::{Value, names};

const GROUP: &str = "rbac.authorization.k8s.io";

pub fn role(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    rules(&new["rules"], true, errors);
}

pub fn cluster_role(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    rules(&new["rules"], false, errors);
    let aggregation = &new["aggregationRule"];
    if aggregation.is_null() {
        return;
    }
    let path = Path::new("aggregationRule");
    let list = path.child("clusterRoleSelectors");
    if aggregation["clusterRoleSelectors"].is_empty() {
        let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        errors.required(&list, detail);
    }
    for (at, selector) in aggregation["clusterRoleSelectors"].items().iter().enumerate() {
        let path = list.index(at);
        label_selector(selector, &path, errors);
        if LabelSelector::from_value(selector).is_err() {
            errors.invalid(&path, "null", "invalid label selector.");
        }
    }
}

fn rules(rules: &Value, namespaced: bool, errors: &mut Errors) {
    let list = Path::new("rules");
    for (at, rule) in rules.items().iter().enumerate() {
        let path = list.index(at);
        if rule["verbs"].is_empty() {
            errors.required(&path.child("verbs"), "verbs must contain at least one value");
        }
        let urls = &rule["nonResourceURLs"];
        if !urls.is_empty() {
            let path = path.child("nonResourceURLs");
            if namespaced {
                errors.invalid(&path, urls, "namespaced rules cannot apply to non-resource URLs");
            }
            if ["apiGroups", "resources", "resourceNames"].iter().any(|field| !rule[*field].is_empty()) {
                let detail = "rules cannot apply to both regular resources and non-resource URLs";
                errors.invalid(&path, urls, detail);
            }
            continue;
        }
        if rule["apiGroups"].is_empty() {
            let detail = "resource rules must supply at least one api group";
            errors.required(&path.child("apiGroups"), detail);
        }
        if rule["resources"].is_empty() {
            let detail = "resource rules must supply at least one resource";
            errors.required(&path.child("resources"), detail);
        }
    }
}

pub fn role_binding(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    binding(new, old, &["Role", "ClusterRole"], true, errors);
}

pub fn cluster_role_binding(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    binding(new, old, &["ClusterRole"], false, errors);
}

fn binding(new: &Value, old: Option<&Value>, kinds: &[&str], namespaced: bool, errors: &mut Errors) {
    let (role, path) = (&new["roleRef"], Path::new("roleRef"));
    if role["apiGroup"] != GROUP {
        errors.unsupported(&path.child("apiGroup"), role["apiGroup"].text(), &[GROUP]);
    }
    if !kinds.contains(&role["kind"].text()) {
        errors.unsupported(&path.child("kind"), role["kind"].text(), kinds);
    }
    let name = role["name"].text();
    if name.is_empty() {
        errors.required(&path.child("name"), "");
    } else {
        errors.each(&path.child("name"), name, path_segment(name));
    }
    let list = Path::new("subjects");
    for (at, given) in new["subjects"].items().iter().enumerate() {
        subject(given, namespaced, &list.index(at), errors);
    }
    if let Some(old) = old
        && old["roleRef"] != *role
    {
        errors.invalid(&path, role, "cannot change roleRef");
    }
}

fn subject(subject: &Value, namespaced: bool, path: &Path<'_>, errors: &mut Errors) {
    let (name, group) = (subject["name"].text(), subject["apiGroup"].text());
    if name.is_empty() {
        errors.required(&path.child("name"), "");
    }
    match subject["kind"].text() {
        "ServiceAccount" => {
            if !name.is_empty() {
                errors.each(&path.child("name"), name, names::is_dns1123_subdomain(name));
            }
            if !group.is_empty() {
                errors.unsupported(&path.child("apiGroup"), group, &[""]);
            }
            if !namespaced && subject["namespace"].is_empty() {
                errors.required(&path.child("namespace"), "");
            }
        }
        "User" | "Group" => {
            if group != GROUP {
                errors.unsupported(&path.child("apiGroup"), group, &[GROUP]);
            }
        }
        other => errors.unsupported(&path.child("kind"), other, &["ServiceAccount", "User", "Group"]),
    }
}
