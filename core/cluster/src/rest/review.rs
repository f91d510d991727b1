//! Reviews: questions asked by creating an object. Authorization is not simulated yet: everybody with
//! a kubeconfig is an administrator, and that is what is answered.

use super::Call;
use crate::cluster::Cluster;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Value, value};
use drydock_network::http::Response;

pub(super) fn create(
    _cluster: &mut Cluster,
    _machines: &mut Machines,
    call: &Call<'_>,
    object: &Value,
) -> Result<Response, Status> {
    let status = match call.kind.kind {
        "SelfSubjectAccessReview" | "SubjectAccessReview" | "LocalSubjectAccessReview" => {
            value!({"allowed": true})
        }
        "SelfSubjectRulesReview" => value!({
            "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            "incomplete": false,
        }),
        "SelfSubjectReview" => value!({"userInfo": {
            "username": call.actor.user.to_string(),
            "groups": ["kubeadm:cluster-admins", "system:authenticated"],
        }}),
        "TokenReview" => value!({"user": {}, "error": "invalid bearer token"}),
        "Binding" => {
            return super::subresource::bind(
                _cluster,
                _machines,
                call,
                object["metadata"]["name"].text(),
                object,
            );
        }
        _ => return Err(Status::method_not_allowed()),
    };
    let metadata = value!({"creationTimestamp": null});
    let answer = object.with("metadata", metadata).with("status", status);
    Ok(Response::json(201, answer))
}
