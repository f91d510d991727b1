//! `user.Info` of `k8s.io/apiserver/pkg/authentication/user`: a name, a uid, groups and extra fields.

use super::{ADMIN, ADMINS, ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED};
use drydock_machinery::{Sym, Value, value};
use std::sync::Arc;

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub name: Arc<str>,
    /// "" for none.
    pub uid: Arc<str>,
    pub groups: Vec<Arc<str>>,
    pub extra: Vec<(Arc<str>, Vec<Arc<str>>)>,
    /// Authorization does not apply.
    pub unbounded: bool,
}

impl User {
    #[must_use]
    pub fn new(name: &str, groups: &[&str]) -> User {
        let groups = groups.iter().map(|g| (*g).into()).collect();
        User { name: name.into(), groups, ..User::default() }
    }
    /// The administrator kubeadm makes.
    #[must_use]
    pub fn admin() -> User {
        User::new(ADMIN, &[ADMINS, AUTHENTICATED])
    }
    #[must_use]
    pub fn anonymous() -> User {
        User::new(ANONYMOUS, &[UNAUTHENTICATED])
    }
    /// A service account with its implied groups.
    #[must_use]
    pub fn account(namespace: &str, name: &str, uid: &str) -> User {
        let all = format!("system:serviceaccounts:{namespace}");
        let groups = ["system:serviceaccounts", &all, AUTHENTICATED];
        User { uid: uid.into(), ..User::new(&super::account_user(namespace, name), &groups) }
    }
    #[must_use]
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|g| **g == *group)
    }
    /// A user as an access review, a signing request or an AdmissionReview names it.
    #[must_use]
    pub fn read(spec: &Value, name: &str) -> User {
        let texts = |list: &Value| list.items().iter().map(Value::shared).collect::<Vec<_>>();
        User {
            name: spec[name].shared(),
            uid: spec["uid"].shared(),
            groups: texts(&spec["groups"]),
            extra: spec["extra"].entries().iter().map(|(k, v)| (k.text().into(), texts(v))).collect(),
            unbounded: false,
        }
    }
    /// `authentication.k8s.io/v1 UserInfo`.
    #[must_use]
    pub fn info(&self) -> Value {
        let mut info = value!({"username": &self.name});
        if !self.uid.is_empty() {
            info = info.with("uid", &self.uid);
        }
        if !self.groups.is_empty() {
            info = info.with("groups", self.groups.iter().map(Value::from).collect::<Value>());
        }
        if !self.extra.is_empty() {
            info = info.with("extra", self.extra());
        }
        info
    }
    #[must_use]
    pub fn extra(&self) -> Value {
        let entry = |(key, values): &(Arc<str>, Vec<Arc<str>>)| {
            (Sym::new(key), values.iter().map(Value::from).collect::<Value>())
        };
        Value::from_entries(self.extra.iter().map(entry).collect())
    }
}
