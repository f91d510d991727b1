//! Signing requests (`plugin/pkg/admission/certificates` and
//! `pkg/registry/certificates/certificates/strategy.go`, v1.33): who asked is written down, approving and
//! signing need rights on the signer, and no client may ask to be of `system:masters`.

use crate::auth::User;
use crate::auth::authorize::Attributes;
use crate::cluster::{Actor, Cluster};
use crate::draft::Draft;
use crate::object::Object;
use crate::status::Status;
use drydock_machinery::{Value, hash, value, x509};

const CLIENT: &str = "kubernetes.io/kube-apiserver-client";

/// Of a new request: the requester's name, and what its subject may not be.
pub(super) fn create(actor: &Actor, draft: &mut Draft) -> Result<(), Status> {
    if let Some(user) = actor.identity.as_deref() {
        let mut spec = draft.spec.with("username", &user.name);
        spec = spec.without("uid").without("groups").without("extra");
        if !user.uid.is_empty() {
            spec = spec.with("uid", &user.uid);
        }
        if !user.groups.is_empty() {
            spec = spec.with("groups", user.groups.iter().map(Value::from).collect::<Value>());
        }
        if !user.extra.is_empty() {
            spec = spec.with("extra", user.extra());
        }
        draft.spec = spec;
    }
    if draft.spec["signerName"] == CLIENT {
        let text = hash::base64_decode(draft.spec["request"].text()).unwrap_or_default();
        let subject = x509::request(&String::from_utf8_lossy(&text)).map(|r| r.subject);
        let masters = |s: &x509::Subject| s.organizations.iter().any(|o| o == crate::auth::MASTERS);
        if subject.as_ref().is_some_and(masters) {
            let why = format!("use of {CLIENT} signer with system:masters group is not allowed");
            return Err(Status::forbidden(&crate::kinds::CSR_KIND, &draft.name, &why));
        }
    }
    Ok(())
}

/// Of an update: the spec stays as it was; a new condition needs the verb `approve`, a certificate the
/// verb `sign`.
pub(super) fn update(
    cluster: &Cluster,
    actor: &Actor,
    old: &Object,
    draft: &mut Draft,
) -> Result<(), Status> {
    draft.spec = old.spec().clone();
    let Some(user) = actor.identity.as_deref() else { return Ok(()) };
    let decision = |status: &Value| -> Vec<Value> {
        let list = status["conditions"].items().iter();
        list.filter(|c| c["type"] == "Approved" || c["type"] == "Denied").map(|c| c["type"].clone()).collect()
    };
    let signer = old.spec()["signerName"].text();
    let refuse = |why: String| Err(Status::forbidden(&crate::kinds::CSR_KIND, &old.name, &why));
    if decision(old.status()) != decision(&draft.status) && !may(cluster, user, "approve", signer) {
        return refuse(format!("user not permitted to approve requests with signerName \"{signer}\""));
    }
    if old.status()["certificate"] != draft.status["certificate"] && !may(cluster, user, "sign", signer) {
        return refuse(format!("user not permitted to sign requests with signerName \"{signer}\""));
    }
    Ok(())
}

/// True when a user may do this with requests for a signer, or for all of the signer's domain.
fn may(cluster: &Cluster, user: &User, verb: &str, signer: &str) -> bool {
    let wild = signer.split_once('/').map(|(domain, _)| format!("{domain}/*"));
    [Some(signer), wild.as_deref()].into_iter().flatten().any(|name| {
        cluster.allows(&Attributes {
            verb,
            group: "certificates.k8s.io",
            resource: "signers",
            name,
            ..Attributes::of(user)
        })
    })
}

/// A decision's condition as the approval subresource completes it.
pub(super) fn stamped(draft: &mut Draft, old: &Object, now: &str) {
    let conditions: Value = draft.status["conditions"]
        .items()
        .iter()
        .map(|condition| {
            let mut condition = condition.clone();
            let before = old.status()["conditions"].items().iter().find(|c| c["type"] == condition["type"]);
            if condition["lastTransitionTime"].is_null() {
                let since = before.map_or(value!(now), |c| c["lastTransitionTime"].clone());
                condition = condition.with("lastTransitionTime", since);
            }
            if condition["lastUpdateTime"].is_null() {
                condition = condition.with("lastUpdateTime", now);
            }
            condition
        })
        .collect();
    if !conditions.is_empty() {
        draft.status = draft.status.with("conditions", conditions);
    }
}
