//! Authorization: may this user do that (`k8s.io/apiserver/pkg/authorization`, v1.33, with the modes
//! `Node,RBAC` as kubeadm sets them). Members of `system:masters` may do everything.

use super::{MASTERS, User, node};
use crate::cluster::Cluster;
use crate::kinds::Kind;
use crate::rbac;
use crate::status::Status;
use drydock_machinery::{quote, value};
use drydock_network::http::{Method, Request};
use std::sync::Arc;

/// What is to be done, and by whom. Texts are "" where they do not apply.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    pub user: &'a User,
    pub verb: &'a str,
    pub group: &'a str,
    pub version: &'a str,
    pub resource: &'a str,
    pub subresource: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    /// The path of what is no resource; `resource` is "" then.
    pub path: &'a str,
}

impl<'a> Attributes<'a> {
    #[must_use]
    pub fn of(user: &'a User) -> Attributes<'a> {
        Attributes {
            user,
            verb: "",
            group: "",
            version: "",
            resource: "",
            subresource: "",
            namespace: "",
            name: "",
            path: "",
        }
    }
    /// `User "bob" cannot list resource "pods" in API group "" in the namespace "default"`.
    #[must_use]
    pub fn message(&self) -> String {
        let (user, verb) = (quote::go(&self.user.name), self.verb);
        if self.resource.is_empty() {
            return format!("User {user} cannot {verb} path {}", quote::go(self.path));
        }
        let resource = match self.subresource {
            "" => self.resource.to_string(),
            sub => format!("{}/{sub}", self.resource),
        };
        let (resource, group) = (quote::go(&resource), quote::go(self.group));
        let place = match self.namespace {
            "" => "at the cluster scope".to_string(),
            namespace => format!("in the namespace {}", quote::go(namespace)),
        };
        format!("User {user} cannot {verb} resource {resource} in API group {group} {place}")
    }
    /// The refusal, with what the authorizers had to say.
    #[must_use]
    pub fn forbidden(&self, reason: &str) -> Status {
        let mut why = self.message();
        if !reason.is_empty() {
            why = format!("{why}: {reason}");
        }
        if self.resource.is_empty() {
            return Status::new(403, "Forbidden", format!("forbidden: {why}")).with_details(value!({}));
        }
        // Only names of the group and the resource are looked at.
        let plural = if self.name.is_empty() {
            match self.group {
                "" => format!("{} is forbidden: {why}", self.resource),
                group => format!("{}.{group} is forbidden: {why}", self.resource),
            }
        } else {
            let name = quote::go(self.name);
            match self.group {
                "" => format!("{} {name} is forbidden: {why}", self.resource),
                group => format!("{}.{group} {name} is forbidden: {why}", self.resource),
            }
        };
        let mut details = drydock_machinery::Value::empty_map();
        for (key, text) in [("name", self.name), ("group", self.group), ("kind", self.resource)] {
            if !text.is_empty() {
                details = details.with(key, text);
            }
        }
        Status::new(403, "Forbidden", plural).with_details(details)
    }
}

/// An authorizer's answer; the text is its reason, "" for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow(String),
    NoOpinion(String),
}

impl Cluster {
    /// What the authorizers say.
    #[must_use]
    pub fn authorize(&self, attributes: &Attributes<'_>) -> Verdict {
        if attributes.user.unbounded || attributes.user.is_in(MASTERS) {
            return Verdict::Allow(String::new());
        }
        let mut reasons = Vec::new();
        for authorizer in [node::authorize, rbac::authorize] {
            match authorizer(self, attributes) {
                Verdict::NoOpinion(reason) if reason.is_empty() => {}
                Verdict::NoOpinion(reason) => reasons.push(reason),
                allow => return allow,
            }
        }
        Verdict::NoOpinion(reasons.join("\n"))
    }
    /// True when authorization allows it.
    #[must_use]
    pub fn allows(&self, attributes: &Attributes<'_>) -> bool {
        matches!(self.authorize(attributes), Verdict::Allow(_))
    }
    /// Refuses what is not allowed.
    pub(crate) fn demand(&mut self, attributes: &Attributes<'_>) -> Result<(), Status> {
        match self.authorize(attributes) {
            Verdict::Allow(_) => Ok(()),
            Verdict::NoOpinion(reason) => Err(attributes.forbidden(&reason)),
        }
    }
    /// Refuses a request its user may not make. Whoever is known to be allowed everything passes without
    /// a look at the roles.
    pub(crate) fn admit_request(&mut self, user: &Arc<User>, request: &Request) -> Result<(), Status> {
        if user.unbounded
            || user.is_in(MASTERS)
            || self.access.superusers.iter().any(|u| Arc::ptr_eq(u, user) || u == user)
        {
            return Ok(());
        }
        let verdict = self.demand(&request_info(user, request));
        if verdict.is_ok() && self.access.superusers.len() < 16 && rbac::is_superuser(self, user) {
            self.access.superusers.push_back(user.clone());
        }
        verdict
    }
}

/// What a request asks for, by its path and method alone: it need not exist
/// (`k8s.io/apiserver/pkg/endpoints/request/requestinfo.go`).
pub(crate) fn request_info<'a>(user: &'a User, request: &'a Request) -> Attributes<'a> {
    let base = Attributes::of(user);
    let steps: Vec<&str> = request.path.split('/').filter(|step| !step.is_empty()).collect();
    let (group, version, rest) = match steps.as_slice() {
        ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
        ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
        _ => {
            let verb = match request.method {
                Method::Get => "get",
                Method::Head => "head",
                Method::Post => "post",
                Method::Put => "put",
                Method::Patch => "patch",
                Method::Delete => "delete",
                Method::Options => "options",
            };
            return Attributes { verb, path: &request.path, ..base };
        }
    };
    let base = Attributes { group, version, ..base };
    let mut found = match rest {
        ["namespaces", name, sub @ ("status" | "finalize"), ..] => {
            Attributes { resource: "namespaces", namespace: name, name, subresource: sub, ..base }
        }
        ["namespaces", name] => Attributes { resource: "namespaces", namespace: name, name, ..base },
        ["namespaces", namespace, resource, rest @ ..] => Attributes {
            namespace,
            resource,
            name: rest.first().copied().unwrap_or(""),
            subresource: rest.get(1).copied().unwrap_or(""),
            ..base
        },
        [resource, rest @ ..] => Attributes {
            resource,
            name: rest.first().copied().unwrap_or(""),
            subresource: rest.get(1).copied().unwrap_or(""),
            ..base
        },
        [] => base,
    };
    found.verb = match request.method {
        Method::Post => "create",
        Method::Put => "update",
        Method::Patch => "patch",
        Method::Delete if found.name.is_empty() => "deletecollection",
        Method::Delete => "delete",
        _ if !found.name.is_empty() => "get",
        _ => {
            // A list of one object is about that object.
            let named = request.param("fieldSelector").unwrap_or("").split(',').find_map(|term| {
                let (field, value) = term.split_once('=')?;
                (field == "metadata.name").then(|| value.trim_start_matches('='))
            });
            found.name = named.unwrap_or("");
            match request.param("watch") {
                Some("true" | "1" | "") => "watch",
                _ => "list",
            }
        }
    };
    found
}

/// A refusal in the same words for a kind and an actor, as admission plugins ask authorization.
#[must_use]
pub(crate) fn about<'a>(user: &'a User, kind: &Kind, verb: &'a str) -> Attributes<'a> {
    Attributes { verb, group: kind.group, resource: kind.plural, ..Attributes::of(user) }
}
