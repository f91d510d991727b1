//! Signs approved requests for the built-in signers (`pkg/controller/certificates/signer`, v1.33), and
//! cleans up old ones (`cleaner.go`). Certificates are of the simulation's authority, see
//! `drydock_machinery::x509`.

use crate::cluster::Cluster;
use crate::controller::Controller;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::Change;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, hash, value, x509};

const NAME: &str = "csrsigning";
const YEAR: i64 = 365 * 24 * 3600;
/// A certificate is valid from a little earlier, for clocks that are behind.
const BACKDATE: i64 = 5 * 60;
const CLIENT: &str = "kubernetes.io/kube-apiserver-client";
const KUBELET_CLIENT: &str = "kubernetes.io/kube-apiserver-client-kubelet";
const SERVING: &str = "kubernetes.io/kubelet-serving";
const LEGACY: &str = "kubernetes.io/legacy-unknown";

pub const CONTROLLER: Controller =
    Controller { name: NAME, latency_ms: 20, observe, reconcile, flush: Controller::NO_FLUSH };

fn observe(_cluster: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.after.as_ref() else { return };
    if object.kind == kinds::CERTIFICATE_SIGNING_REQUEST && change.status_differs() {
        mark(object.id);
    }
}

fn has(request: &Object, condition: &str) -> bool {
    request.status()["conditions"].items().iter().any(|c| c["type"] == condition)
}

fn reconcile(cluster: &mut Cluster, machines: &mut Machines, id: Id) {
    let Some(request) = cluster.object(id).filter(|o| o.kind == kinds::CERTIFICATE_SIGNING_REQUEST) else {
        return;
    };
    let done = !request.status()["certificate"].is_empty() || has(&request, "Failed");
    if done || has(&request, "Denied") || !has(&request, "Approved") {
        return;
    }
    let signer = request.spec()["signerName"].text();
    if ![CLIENT, KUBELET_CLIENT, SERVING, LEGACY].contains(&signer) {
        return;
    }
    let now = machines.clock.unix();
    let status = match sign(&request, signer, now) {
        Ok(pem) => request.status().with("certificate", hash::base64_encode(pem.as_bytes())),
        Err(why) => {
            let stamp = Timestamp(now).to_rfc3339();
            let failed = value!({
                "type": "Failed", "status": "True", "reason": "SignerValidationFailure", "message": why,
                "lastUpdateTime": &stamp, "lastTransitionTime": &stamp,
            });
            request.status().with("conditions", request.status()["conditions"].with_item(failed))
        }
    };
    cluster.write_status(machines, NAME, &request, status);
}

fn sign(object: &Object, signer: &str, now: i64) -> Result<String, String> {
    let spec = object.spec();
    let text = hash::base64_decode(spec["request"].text()).unwrap_or_default();
    let request = x509::request(&String::from_utf8_lossy(&text)).ok_or("unable to parse the request")?;
    let usages = &spec["usages"];
    let asks = |usage: &str| usages.items().iter().any(|u| u == usage);
    check(signer, &request, usages)?;
    let asked = spec["expirationSeconds"].as_int().unwrap_or(YEAR).clamp(600, YEAR);
    Ok(x509::issue(&x509::Order {
        subject_der: &request.subject_der,
        key_der: &request.key_der,
        serial: object.uid.to_string().bytes().fold(7, |n: u64, b| n.rotate_left(5) ^ u64::from(b)) >> 1,
        not_before: now - BACKDATE,
        not_after: now - BACKDATE + asked,
        client: asks("client auth"),
        server: asks("server auth"),
        authority: false,
    }))
}

/// What a signer demands of a request, in its own words.
fn check(signer: &str, request: &x509::Request, usages: &Value) -> Result<(), String> {
    let allowed: &[&str] = match signer {
        CLIENT | KUBELET_CLIENT => &["client auth", "digital signature", "key encipherment"],
        SERVING => &["server auth", "digital signature", "key encipherment"],
        _ => return Ok(()),
    };
    let needed = if signer == SERVING { "server auth" } else { "client auth" };
    let given = usages.items();
    let fits = given.iter().all(|u| allowed.contains(&u.text())) && given.iter().any(|u| u == needed);
    if !fits {
        let texts: Vec<&str> = given.iter().map(Value::text).collect();
        return Err(format!("usages did not match [{}]: [{}]", allowed.join(" "), texts.join(" ")));
    }
    if signer == CLIENT {
        return Ok(());
    }
    let subject = &request.subject;
    if subject.organizations != ["system:nodes"] {
        return Err("subject organization is not system:nodes".into());
    }
    if !subject.common_name.starts_with("system:node:") {
        return Err("subject common name does not begin with system:node:".into());
    }
    Ok(())
}
