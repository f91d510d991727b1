//! Tokens of service accounts (`pkg/serviceaccount`, v1.33): JSON Web Tokens with audience, expiry and
//! what they are bound to, issued by the TokenRequest subresource and for pods' volumes, and the older
//! ones kept in secrets. The signature is the authority's keyed digest in the place of RSA.

use super::{User, account_user};
use crate::cluster::Cluster;
use crate::kinds;
use crate::object::{Object, Uid};
use drydock_machinery::digest::hash_bytes;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Clock, Value, hash, json, value, x509};
use std::sync::Arc;

pub const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";
/// The issuer of tokens kept in secrets.
const LEGACY: &str = "kubernetes/serviceaccount";
const KEY: &str = "Yo7dRydOckQm3k1ZbJfU0cQe4nWvB2xHt5sLpKaE9gI";
const YEAR: i64 = 365 * 24 * 3600;

/// What a token is bound to, beside its service account.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    /// `pod`, `secret`, `node`.
    pub kind: &'static str,
    pub object: &'a Object,
}

fn url(bytes: &[u8]) -> String {
    hash::base64_encode(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

fn unurl(text: &str) -> Option<Vec<u8>> {
    let mut text = text.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    hash::base64_decode(&text).ok()
}

fn sign(claims: &Value) -> String {
    let head = format!("{{\"alg\":\"RS256\",\"kid\":\"{KEY}\"}}");
    let signed = format!("{}.{}", url(head.as_bytes()), url(json::to_string(claims).as_bytes()));
    let signature = url(&x509::signature(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Issues a token. `now` and `seconds` decide its times; `draw` makes its id.
#[must_use]
pub fn issue(
    account: &Object,
    audiences: &Value,
    now: i64,
    seconds: i64,
    bound: &[Bound<'_>],
    seed: u64,
) -> String {
    let mut kubernetes = value!({
        "namespace": &account.namespace,
        "serviceaccount": {"name": &account.name, "uid": account.uid.to_string()},
    });
    let mut about = hash_bytes(account.uid.to_string().as_bytes()) ^ (now as u64).rotate_left(20);
    for Bound { kind, object } in bound {
        kubernetes = kubernetes.with(*kind, value!({"name": &object.name, "uid": object.uid.to_string()}));
        about ^= hash_bytes(object.uid.to_string().as_bytes()).rotate_left(7);
    }
    sign(&value!({
        "aud": audiences, "exp": now + seconds, "iat": now, "iss": ISSUER,
        "jti": Uid::draw(seed, about ^ seconds as u64).to_string(),
        "kubernetes.io": kubernetes, "nbf": now,
        "sub": account_user(&account.namespace, &account.name),
    }))
}

/// The token of a pod's volume. The kubelet asks for an hour; tokens for the API server live a year, so
/// that clients which never read the file again go on working. Pods of an account share theirs, so that
/// it is bound to the account alone.
#[must_use]
pub fn for_volume(
    cluster: &Cluster,
    pod: &Object,
    audience: &str,
    seconds: i64,
    clock: &Clock,
) -> Option<String> {
    let name = pod.spec()["serviceAccountName"].text();
    let account = cluster.find(kinds::SERVICE_ACCOUNT, &pod.namespace, name)?;
    let own = audience.is_empty() || audience == ISSUER;
    let audiences = value!([if audience.is_empty() { ISSUER } else { audience }]);
    let seconds = if own && seconds == 3607 { YEAR } else { seconds.max(600) };
    Some(issue(account, &audiences, clock.unix(), seconds, &[], clock.seed))
}

/// The token of a secret of type `kubernetes.io/service-account-token`; it never expires.
#[must_use]
pub fn for_secret(account: &Object, secret: &str) -> String {
    sign(&value!({
        "iss": LEGACY,
        "kubernetes.io/serviceaccount/namespace": &account.namespace,
        "kubernetes.io/serviceaccount/secret.name": secret,
        "kubernetes.io/serviceaccount/service-account.name": &account.name,
        "kubernetes.io/serviceaccount/service-account.uid": account.uid.to_string(),
        "sub": account_user(&account.namespace, &account.name),
    }))
}

/// The claims of a token with the authority's signature.
fn claims(token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    if unurl(signature)? != x509::signature(signed.as_bytes()) {
        return None;
    }
    json::parse(&unurl(signed.split_once('.')?.1)?).ok()
}

/// The user of a token and those of `audiences` it is good for. The error is the authenticator's text,
/// "" where the token is none of its own.
pub(super) fn verify(
    cluster: &Cluster,
    now: i64,
    token: &str,
    audiences: &[&str],
) -> Result<(Arc<User>, Vec<Arc<str>>), String> {
    let claims = claims(token).ok_or("")?;
    if claims["iss"] == LEGACY {
        return verify_secret(cluster, token, &claims, audiences);
    }
    let own = &claims["kubernetes.io"];
    let meant: Vec<Arc<str>> = audiences
        .iter()
        .filter(|a| claims["aud"].items().iter().any(|c| c == **a))
        .map(|a| (*a).into())
        .collect();
    if meant.is_empty() {
        let list = |texts: &mut dyn Iterator<Item = String>| {
            format!("[{}]", texts.map(|t| drydock_machinery::quote::go(&t)).collect::<Vec<_>>().join(" "))
        };
        return Err(format!(
            "token audiences {} is invalid for the target audiences {}",
            list(&mut claims["aud"].items().iter().map(|a| a.text().to_string())),
            list(&mut audiences.iter().map(ToString::to_string))
        ));
    }
    // The real one allows a minute of leeway for what has begun, and 10 s for what has ended.
    if now > claims["exp"].int() {
        return Err("service account token has expired".into());
    }
    if now + 60 < claims["nbf"].int() {
        return Err("service account token is not valid yet".into());
    }
    let (namespace, account) = (own["namespace"].text(), &own["serviceaccount"]);
    account_of(cluster, namespace, account["name"].text(), account["uid"].text())?;
    let mut user = User::account(namespace, account["name"].text(), account["uid"].text());
    let mut extra = |key: &str, text: &Value| {
        if !text.is_empty() {
            user.extra.push((format!("authentication.kubernetes.io/{key}").into(), vec![text.shared()]));
        }
    };
    extra("credential-id", &format!("JTI={}", claims["jti"].text()).into());
    for (kind, id, names) in [
        ("node", kinds::NODE, ["node-name", "node-uid"]),
        ("pod", kinds::POD, ["pod-name", "pod-uid"]),
        ("secret", kinds::SECRET, ["", ""]),
    ] {
        let bound = &own[kind];
        if bound.is_null() {
            continue;
        }
        let place = if id == kinds::NODE { "" } else { namespace };
        let found = cluster.find(id, place, bound["name"].text());
        // A pod's token may outlive its node's object, not its pod.
        let same = found.is_some_and(|o| o.uid.to_string() == bound["uid"].text());
        if !same && id != kinds::NODE {
            return Err("service account token has been invalidated".into());
        }
        for (name, field) in names.iter().zip(["name", "uid"]).filter(|n| !n.0.is_empty()) {
            extra(name, &bound[field]);
        }
    }
    user.extra.arrange();
    Ok((Arc::new(user), meant))
}

fn account_of<'a>(
    cluster: &'a Cluster,
    namespace: &str,
    name: &str,
    uid: &str,
) -> Result<&'a Arc<Object>, String> {
    let Some(account) = cluster.find(kinds::SERVICE_ACCOUNT, namespace, name) else {
        return Err(format!("serviceaccounts \"{name}\" not found"));
    };
    let own = account.uid.to_string();
    if own != uid {
        return Err(format!("service account UID ({own}) does not match claim ({uid})"));
    }
    if account.deleting.is_some() {
        return Err("service account token has been invalidated".into());
    }
    Ok(account)
}

fn verify_secret(
    cluster: &Cluster,
    token: &str,
    claims: &Value,
    audiences: &[&str],
) -> Result<(Arc<User>, Vec<Arc<str>>), String> {
    let claim = |name: &str| claims[format!("kubernetes.io/serviceaccount/{name}").as_str()].text();
    let (namespace, name) = (claim("namespace"), claim("service-account.name"));
    let (uid, secret) = (claim("service-account.uid"), claim("secret.name"));
    let Some(kept) = cluster.find(kinds::SECRET, namespace, secret) else {
        return Err("service account token has been invalidated".into());
    };
    let same = kept.field("data")["token"].text() == hash::base64_encode(token.as_bytes());
    if !same || kept.deleting.is_some() {
        return Err("service account token has been invalidated".into());
    }
    account_of(cluster, namespace, name, uid)?;
    let user = User::account(namespace, name, uid);
    Ok((Arc::new(user), audiences.iter().map(|a| (*a).into()).collect()))
}
