//! Secrets of type `kubernetes.io/service-account-token`: filled with a token where their service
//! account exists, deleted where it does not (`pkg/controller/serviceaccount/tokens_controller.go`,
//! v1.33). Since 1.24 no such secret is made by itself.

use crate::access::actor;
use crate::auth::token;
use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::door::Edit;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::{Value, hash};

const NAME: &str = "tokens-controller";
const TYPE: &str = "kubernetes.io/service-account-token";
const ACCOUNT: &str = "kubernetes.io/service-account.name";
const UID: &str = "kubernetes.io/service-account.uid";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 10, observe, reconcile, flush: Controller::NO_FLUSH };

fn is_token(secret: &Object) -> bool {
    secret.field("type") == TYPE
}

fn observe(cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        kinds::SECRET if !change.is_removed() && is_token(object) => mark(object.id),
        kinds::SERVICE_ACCOUNT if change.is_removed() || change.is_created() => {
            let secrets = cluster.store.list_in(kinds::SECRET, &object.namespace);
            for secret in secrets.filter(|s| is_token(s) && *s.annotation(ACCOUNT) == *object.name) {
                mark(secret.id);
            }
        }
        _ => {}
    }
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(secret) = cluster.object(id).filter(|o| o.kind == kinds::SECRET && o.deleting.is_none()) else {
        return;
    };
    if !is_token(&secret) {
        return;
    }
    let name = secret.annotation(ACCOUNT);
    let account = cluster.find(kinds::SERVICE_ACCOUNT, &secret.namespace, name).cloned();
    let uid = secret.annotation(UID);
    let Some(account) = account.filter(|a| uid.is_empty() || a.uid.to_string() == uid) else {
        cluster.drop_object(machines, NAME, id);
        return;
    };
    let mut data = secret.field("data").clone();
    if !data.is_map() {
        data = Value::empty_map();
    }
    let coded = |text: &str| hash::base64_encode(text.as_bytes());
    let root = crate::boot::root_certificate();
    for (key, text) in [
        ("ca.crt", root["data"]["ca.crt"].text().to_string()),
        ("namespace", secret.namespace.to_string()),
        ("token", token::for_secret(&account, &secret.name)),
    ] {
        if data[key].is_empty() {
            data = data.with(key, coded(&text));
        }
    }
    if uid.is_empty() || data != *secret.field("data") {
        let metadata = secret.metadata.value.with_at(&["annotations", UID], account.uid.to_string());
        let rest = secret.rest.value.with("data", data);
        let edit = Edit { metadata: Some(metadata), rest: Some(rest), ..Edit::default() };
        // Gone meanwhile is as good as written.
        let _ = cluster.update(machines, &actor(NAME), id, None, edit);
    }
}
