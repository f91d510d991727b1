//! Impersonation (`k8s.io/apiserver/pkg/endpoints/filters/impersonation.go`, v1.33): the headers behind
//! `--as`, `--as-group`, `--as-uid`. Each of them needs the verb `impersonate` on what is asked for.

use super::authorize::Attributes;
use super::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, User, account_of};
use crate::cluster::Cluster;
use crate::status::Status;
use drydock_machinery::quote;
use drydock_network::http::Request;
use std::sync::Arc;

const EXTRA: &str = "impersonate-extra-";
const AUTHENTICATION: &str = "authentication.k8s.io";

impl Cluster {
    /// Whom a request is to be taken for.
    pub(crate) fn impersonate(&mut self, who: Arc<User>, request: &Request) -> Result<Arc<User>, Status> {
        let mut wanted = User::default();
        for (name, value) in &request.headers.0 {
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "impersonate-user" => wanted.name = value.clone(),
                "impersonate-uid" => wanted.uid = value.clone(),
                "impersonate-group" => wanted.groups.push(value.clone()),
                _ => {
                    let Some(key) = name.strip_prefix(EXTRA) else { continue };
                    let key = percent_decode(key);
                    match wanted.extra.iter_mut().find(|e| *e.0 == *key) {
                        Some(entry) => entry.1.push(value.clone()),
                        None => wanted.extra.push((key.into(), vec![value.clone()])),
                    }
                }
            }
        }
        if wanted == User::default() {
            return Ok(who);
        }
        if wanted.name.is_empty() {
            let message = format!("requested {} without impersonating a user", quote::go(&request.path));
            return Err(Status::new(500, "InternalError", message));
        }
        let account = account_of(&wanted.name).map(|(ns, name)| (ns.to_string(), name.to_string()));
        let ask = |resource, group, namespace, name| Attributes {
            verb: "impersonate",
            resource,
            group,
            namespace,
            name,
            ..Attributes::of(&who)
        };
        match &account {
            Some((namespace, name)) => self.demand(&ask("serviceaccounts", "", namespace, name))?,
            None => self.demand(&ask("users", "", "", &wanted.name))?,
        }
        for group in &wanted.groups {
            self.demand(&ask("groups", "", "", group))?;
        }
        for (key, values) in &wanted.extra {
            for value in values {
                let extra = ask("userextras", AUTHENTICATION, "", value);
                self.demand(&Attributes { subresource: key, ..extra })?;
            }
        }
        if !wanted.uid.is_empty() {
            self.demand(&ask("uids", AUTHENTICATION, "", &wanted.uid))?;
        }
        if let Some((namespace, _)) = &account
            && wanted.groups.is_empty()
        {
            wanted.groups = ["system:serviceaccounts".into(), format!("system:serviceaccounts:{namespace}")]
                .into_iter()
                .map(Arc::from)
                .collect();
        }
        if *wanted.name == *ANONYMOUS {
            if !wanted.is_in(UNAUTHENTICATED) {
                wanted.groups.push(UNAUTHENTICATED.into());
            }
        } else if !wanted.is_in(AUTHENTICATED) && !wanted.is_in(UNAUTHENTICATED) {
            wanted.groups.push(AUTHENTICATED.into());
        }
        Ok(Arc::new(wanted))
    }
}

fn percent_decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |b: u8| char::from(b).to_digit(16);
        let mut ahead = bytes.clone();
        match (byte, ahead.next().and_then(hex), ahead.next().and_then(hex)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
