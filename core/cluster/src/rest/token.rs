//! `serviceaccounts/NAME/token`: issues tokens (`pkg/registry/core/serviceaccount/storage/token.go`,
//! v1.33), bound to a pod, a secret or a node where the request says so.

use super::{Call, body, get};
use crate::auth::token::{self, Bound, ISSUER};
use crate::cluster::Cluster;
use crate::field::{Errors, Path};
use crate::kinds::{self, Kind};
use crate::object::Object;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
use drydock_network::http::Response;
use std::sync::Arc;

const TEN_MINUTES: i64 = 600;

pub(super) fn create(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    let request = body::read(call.request, "TokenRequest")?.value;
    let account = get::find(cluster, machines, call)?;
    let spec = &request["spec"];
    let seconds = spec["expirationSeconds"].as_int().unwrap_or(3600);
    let mut errors = Errors::default();
    let path = Path::new("spec");
    if seconds < TEN_MINUTES {
        let detail = "may not specify a duration less than 10 minutes";
        errors.invalid(&path.child("expirationSeconds"), seconds, detail);
    }
    if seconds > 1 << 32 {
        let detail = "may not specify a duration larger than 2^32 seconds";
        errors.invalid(&path.child("expirationSeconds"), seconds, detail);
    }
    let (name, namespace) = (request["metadata"]["name"].text(), request["metadata"]["namespace"].text());
    if !name.is_empty() && *name != *account.name {
        let why = format!(
            "the name of the provided object ({name}) does not match the name on the URL ({})",
            account.name
        );
        return Err(Status::bad_request(why));
    }
    if !namespace.is_empty() && *namespace != *account.namespace {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Status::bad_request(why));
    }
    if !errors.is_empty() {
        let kind = Kind { group: "authentication.k8s.io", kind: "TokenRequest", ..Kind::BASE };
        return Err(Status::invalid(&kind, "", errors));
    }
    let bound = bound(cluster, &account, &spec["boundObjectRef"])?;
    let mut list: Vec<Bound<'_>> = bound.iter().map(|(kind, object)| Bound { kind, object }).collect();
    // A pod's token also tells where the pod runs.
    let node = bound.iter().find_map(|(kind, o)| (*kind == "pod").then(|| cluster.get(o.node?)).flatten());
    list.extend(node.map(|object| Bound { kind: "node", object: object.as_ref() }));
    let now = machines.clock.unix();
    let audiences = match &spec["audiences"] {
        list if list.is_empty() => value!([ISSUER]),
        list => list.clone(),
    };
    let token = token::issue(&account, &audiences, now, seconds, &list, machines.clock.seed);
    let reference = &spec["boundObjectRef"];
    Ok(Response::json(
        201,
        value!({
            "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
            "metadata": {"name": &account.name, "namespace": &account.namespace, "creationTimestamp": null},
            "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": reference},
            "status": {
                "token": token, "expirationTimestamp": Timestamp(now + seconds).to_rfc3339(),
            },
        }),
    ))
}

/// The object a token is to be bound to.
fn bound(
    cluster: &Cluster,
    account: &Object,
    reference: &Value,
) -> Result<Option<(&'static str, Arc<Object>)>, Status> {
    if reference.is_null() {
        return Ok(None);
    }
    let name = reference["name"].text();
    let (word, id, record) = match reference["kind"].text() {
        "Pod" => ("pod", kinds::POD, kinds::builtin(kinds::POD)),
        "Secret" => ("secret", kinds::SECRET, kinds::builtin(kinds::SECRET)),
        "Node" => ("node", kinds::NODE, kinds::builtin(kinds::NODE)),
        kind => {
            let why =
                format!("cannot bind token for serviceaccount \"{}\" to object of kind {kind}", account.name);
            return Err(Status::bad_request(why));
        }
    };
    let namespace = if id == kinds::NODE { "" } else { &*account.namespace };
    let Some(object) = cluster.find(id, namespace, name) else {
        return Err(record.map_or_else(Status::no_such_resource, |r| Status::not_found(r, name)));
    };
    let (uid, own) = (reference["uid"].text(), object.uid.to_string());
    if !uid.is_empty() && uid != own {
        let why = format!(
            "the UID in the bound object reference ({uid}) does not match the UID in record. \
             The object might have been deleted and then recreated"
        );
        let record = record.copied().unwrap_or(Kind::BASE);
        return Err(Status::conflict(&record, name, &why));
    }
    if id == kinds::POD && object.spec()["serviceAccountName"] != *account.name {
        let why = format!(
            "cannot bind token for serviceaccount \"{}\" to pod running with different serviceaccount name.",
            account.name
        );
        return Err(Status::bad_request(why));
    }
    Ok(Some((word, object.clone())))
}
