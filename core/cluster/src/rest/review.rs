//! Reviews: questions asked by creating an object that is never stored
//! (`pkg/registry/authorization`, `pkg/registry/authentication`, v1.33).

use super::Call;
use crate::auth::User;
use crate::auth::authorize::{Attributes, Verdict};
use crate::auth::token::ISSUER;
use crate::cluster::Cluster;
use crate::field::{Errors, Path};
use crate::kinds::Kind;
use crate::rbac;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Value, value};
use drydock_network::http::Response;
use std::sync::Arc;

pub(super) fn create(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
    object: &Value,
) -> Result<Response, Status> {
    // A world without a past has one user, who may do everything.
    let asking = match &call.actor.identity {
        Some(user) => user.clone(),
        None => Arc::new(User::admin()),
    };
    let trusted = call.actor.identity.is_none();
    let mut answer = object.clone();
    let status = match call.kind.kind {
        "SelfSubjectAccessReview" => {
            check(&object["spec"], false)?;
            access(cluster, &asking, &object["spec"], trusted)
        }
        "SubjectAccessReview" | "LocalSubjectAccessReview" => {
            let spec = &object["spec"];
            check(spec, true)?;
            let namespace = call.namespace;
            if call.kind.namespaced && spec["resourceAttributes"]["namespace"] != namespace {
                return Err(Status::bad_request(format!(
                    "spec.resourceAttributes.namespace must match namespace: {namespace}"
                )));
            }
            access(cluster, &User::read(spec, "user"), spec, trusted)
        }
        "SelfSubjectRulesReview" => {
            answer = answer.with("spec", Value::empty_map());
            let namespace = object["spec"]["namespace"].text();
            if namespace.is_empty() {
                return Err(Status::bad_request("no namespace on request"));
            }
            if trusted { all_rules() } else { rules(cluster, &asking, namespace) }
        }
        "SelfSubjectReview" => value!({"userInfo": asking.info()}),
        "TokenReview" => token(cluster, machines, &object["spec"])?,
        "Binding" => {
            let name = object["metadata"]["name"].text();
            return super::subresource::bind(cluster, machines, call, name, object);
        }
        _ => return Err(Status::method_not_allowed()),
    };
    let metadata = value!({"creationTimestamp": null});
    let answer = answer.with("metadata", metadata).with("status", status);
    Ok(Response::json(201, answer))
}

fn check(spec: &Value, others: bool) -> Result<(), Status> {
    let mut errors = Errors::default();
    let path = Path::new("spec");
    let (resource, other) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    if !resource.is_null() && !other.is_null() {
        let detail = "cannot be specified in combination with resourceAttributes";
        errors.invalid(&path.child("nonResourceAttributes"), other, detail);
    }
    if resource.is_null() && other.is_null() {
        let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
        errors.invalid(&path.child("resourceAttributes"), Value::Null, detail);
    }
    if others && spec["user"].is_empty() && spec["groups"].is_empty() {
        errors.invalid(&path.child("user"), "", "at least one of user or group must be specified");
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid(&Kind { group: "authorization.k8s.io", kind: "", ..Kind::BASE }, "", errors))
}

fn access(cluster: &Cluster, user: &User, spec: &Value, trusted: bool) -> Value {
    if trusted {
        return value!({"allowed": true});
    }
    let (resource, other) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    let base = Attributes::of(user);
    let asked = match other.is_null() {
        false => Attributes { verb: other["verb"].text(), path: other["path"].text(), ..base },
        true => Attributes {
            verb: resource["verb"].text(),
            group: resource["group"].text(),
            version: resource["version"].text(),
            resource: resource["resource"].text(),
            subresource: resource["subresource"].text(),
            namespace: resource["namespace"].text(),
            name: resource["name"].text(),
            ..base
        },
    };
    let (allowed, reason) = match cluster.authorize(&asked) {
        Verdict::Allow(reason) => (true, reason),
        Verdict::NoOpinion(reason) => (false, reason),
    };
    let status = value!({"allowed": allowed});
    if reason.is_empty() { status } else { status.with("reason", reason) }
}

fn all_rules() -> Value {
    value!({
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        "incomplete": false,
    })
}

fn rules(cluster: &Cluster, user: &User, namespace: &str) -> Value {
    let (rules, errors) = rbac::rules_for(cluster, user, namespace);
    let pick = |fields: &[&str]| -> Value {
        let key = fields.get(1).copied().unwrap_or("");
        let of = rules.iter().filter(|rule| !rule[key].is_empty());
        of.map(|rule| {
            let mut picked = Value::empty_map();
            for field in fields.iter().filter(|field| !rule[**field].is_empty()) {
                picked = picked.with(*field, &rule[*field]);
            }
            picked
        })
        .collect()
    };
    let mut status = value!({
        "resourceRules": (pick(&["verbs", "resources", "apiGroups", "resourceNames"])),
        "nonResourceRules": (pick(&["verbs", "nonResourceURLs"])),
        "incomplete": false,
    });
    let node = crate::auth::is_node(user);
    let mut texts = errors;
    if node {
        texts.insert(0, "node authorizer does not support user rule resolution".into());
    }
    if !texts.is_empty() {
        status = status.with("incomplete", true).with("evaluationError", rbac::aggregate(&texts));
    }
    status
}

fn token(cluster: &Cluster, machines: &Machines, spec: &Value) -> Result<Value, Status> {
    let token = spec["token"].text();
    if token.is_empty() {
        return Err(Status::bad_request("token is required for TokenReview in authentication"));
    }
    let mut audiences: Vec<&str> = spec["audiences"].items().iter().map(Value::text).collect();
    if audiences.is_empty() {
        audiences.push(ISSUER);
    }
    Ok(match cluster.bearer(machines.clock.unix(), token, &audiences) {
        Ok((user, audiences)) => value!({
            "authenticated": true, "user": user.info(),
            "audiences": (audiences.iter().map(Value::from).collect::<Value>()),
        }),
        Err(why) => value!({"user": {}, "error": why}),
    })
}
