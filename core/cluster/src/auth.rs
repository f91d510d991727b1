//! Authentication: who asks (`k8s.io/apiserver/pkg/authentication`, v1.33). A client certificate signed
//! by the cluster's authority, a bearer token (of a service account, or of the static list), or nobody:
//! `system:anonymous`. Requests that come over the loopback interface without any credentials are the
//! administrator's: that is how the page and the headless program look at the cluster.

pub mod authorize;
mod impersonate;
mod node;
pub mod token;
mod user;

use crate::cluster::Cluster;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::x509;
use drydock_network::http::Request;
use imbl::{OrdMap, Vector};
use std::sync::Arc;
pub use user::User;

pub const ADMIN: &str = "kubernetes-admin";
/// The group kubeadm makes its administrator a member of.
pub const ADMINS: &str = "kubeadm:cluster-admins";
/// Members may do everything, whatever roles say.
pub const MASTERS: &str = "system:masters";
pub const AUTHENTICATED: &str = "system:authenticated";
pub const UNAUTHENTICATED: &str = "system:unauthenticated";
pub const ANONYMOUS: &str = "system:anonymous";
const ACCOUNT: &str = "system:serviceaccount:";

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// From outside the world; without credentials it is the administrator's.
    Loopback,
    /// From a machine of the world.
    Network,
}

/// What authentication and authorization remember.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The static token file: who shows this token is this user.
    tokens: OrdMap<Arc<str>, Arc<User>>,
    /// Certificates seen before, with the end of their validity.
    certificates: OrdMap<Arc<str>, (Arc<User>, i64)>,
    /// Who asks over the loopback interface without credentials.
    owner: Option<Arc<User>>,
    /// Users known to be bound to a role that allows everything; void after any write to RBAC.
    superusers: Vector<Arc<User>>,
    /// What is to be said to the client of the request under way.
    pub(crate) warnings: Vec<String>,
}

impl Access {
    pub(crate) fn forget_roles(&mut self) {
        self.superusers = Vector::new();
    }
}

/// The certificate of the administrator that the installer leaves behind; PEM.
#[must_use]
pub fn admin_certificate() -> String {
    x509::client(&x509::Subject::new(ADMIN, &[ADMINS]))
}

pub(crate) fn unauthorized() -> Status {
    Status::new(401, "Unauthorized", "Unauthorized")
}

impl Cluster {
    /// Adds a line to the static token file.
    pub fn add_token(&mut self, token: &str, user: User) {
        self.access.tokens.insert(token.into(), Arc::new(user));
    }

    /// Who asks, before impersonation.
    pub(crate) fn authenticate(
        &mut self,
        machines: &Machines,
        request: &Request,
        door: Door,
    ) -> Result<Arc<User>, Status> {
        let now = machines.clock.unix();
        let mut refused = false;
        if let Some(pem) = &request.peer {
            match self.shown(pem, now) {
                Some(user) => return Ok(user),
                None => refused = true,
            }
        }
        let header = request.headers.get("Authorization").unwrap_or("");
        let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
        let token = token.trim();
        if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
            return match self.bearer(now, token, &[token::ISSUER]) {
                Ok((user, _)) => Ok(user),
                Err(_) => Err(unauthorized()),
            };
        }
        if refused {
            return Err(unauthorized());
        }
        Ok(match door {
            Door::Loopback => self.holder(),
            Door::Network => Arc::new(User::anonymous()),
        })
    }

    /// The administrator as its certificate names it, above all roles: the page and the lessons must see
    /// the cluster even where a learner has locked everybody out.
    fn holder(&mut self) -> Arc<User> {
        if let Some(owner) = &self.access.owner {
            return owner.clone();
        }
        let pem = admin_certificate().into();
        let user = self.shown(&pem, x509::FOREVER.0).map_or_else(User::admin, |user| User::clone(&user));
        let owner = Arc::new(User { unbounded: true, ..user });
        self.access.owner = Some(owner.clone());
        owner
    }

    /// The user of a client certificate.
    fn shown(&mut self, pem: &Arc<str>, now: i64) -> Option<Arc<User>> {
        if let Some((user, until)) = self.access.certificates.get(pem) {
            return (now <= *until).then(|| user.clone());
        }
        let certificate = x509::certificate(pem)?;
        let valid = certificate.trusted && certificate.client && certificate.not_before <= now;
        if !valid || certificate.not_after < now {
            return None;
        }
        let mut groups: Vec<&str> = certificate.subject.organizations.iter().map(String::as_str).collect();
        groups.push(AUTHENTICATED);
        let mut user = User::new(&certificate.subject.common_name, &groups);
        user.extra.push((
            "authentication.kubernetes.io/credential-id".into(),
            vec![format!("X509SHA256={}", certificate.fingerprint).into()],
        ));
        let user = Arc::new(user);
        if self.access.certificates.len() > 256 {
            self.access.certificates = OrdMap::new();
        }
        self.access.certificates.insert(pem.clone(), (user.clone(), certificate.not_after));
        Some(user)
    }

    /// The user of a bearer token and the audiences it is good for, or why it is none's.
    pub(crate) fn bearer(
        &self,
        now: i64,
        token: &str,
        audiences: &[&str],
    ) -> Result<(Arc<User>, Vec<Arc<str>>), String> {
        if let Some(user) = self.access.tokens.get(token) {
            return Ok((user.clone(), audiences.iter().map(|a| (*a).into()).collect()));
        }
        if token == ADMIN {
            return Ok((Arc::new(User::admin()), audiences.iter().map(|a| (*a).into()).collect()));
        }
        match token::verify(self, now, token, audiences) {
            Ok(found) => Ok(found),
            Err(why) if why.is_empty() => Err("invalid bearer token".into()),
            Err(why) => Err(format!("[invalid bearer token, {why}]")),
        }
    }
}

/// The node a user is the kubelet of.
#[must_use]
pub(crate) fn node_name(user: &User) -> Option<&str> {
    node::node_of(user)
}

pub(crate) fn is_node(user: &User) -> bool {
    node_name(user).is_some()
}

/// Namespace and name of `system:serviceaccount:NAMESPACE:NAME`.
#[must_use]
pub fn account_of(user: &str) -> Option<(&str, &str)> {
    user.strip_prefix(ACCOUNT)?.split_once(':').filter(|(ns, name)| !ns.is_empty() && !name.is_empty())
}

/// The user name of a service account.
#[must_use]
pub fn account_user(namespace: &str, name: &str) -> String {
    format!("{ACCOUNT}{namespace}:{name}")
}
