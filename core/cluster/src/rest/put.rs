//! PUT: replacing objects and their parts (`k8s.io/apiserver/pkg/registry/generic/registry/store.go`,
//! v1.33): who may be created so, who must name the version it replaces.

use super::write::{check_identity, draft, stored, with_warnings};
use super::{Call, body, get, one};
use crate::cluster::Cluster;
use crate::door::Scope;
use crate::draft::Draft;
use crate::kinds::{self, Kind, KindId};
use crate::object::Object;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Value, value};
use drydock_network::http::Response;

/// Kinds a PUT may create (`AllowCreateOnUpdate`).
const CREATED: &[KindId] = &[
    kinds::CLUSTER_ROLE,
    kinds::CLUSTER_ROLE_BINDING,
    kinds::ENDPOINTS,
    kinds::EVENT,
    kinds::LEASE,
    kinds::LIMIT_RANGE,
    kinds::ROLE,
    kinds::ROLE_BINDING,
    kinds::SERVICE,
];

/// Kinds a PUT must name the replaced version of (no `AllowUnconditionalUpdate`); custom ones too.
const CONDITIONAL: &[KindId] = &[
    kinds::API_SERVICE,
    kinds::CUSTOM_RESOURCE_DEFINITION,
    kinds::CSI_DRIVER,
    kinds::CSI_NODE,
    kinds::LEASE,
    kinds::MUTATING_WEBHOOK_CONFIGURATION,
    kinds::POD_DISRUPTION_BUDGET,
    kinds::RUNTIME_CLASS,
    kinds::VALIDATING_WEBHOOK_CONFIGURATION,
];

/// What a write to the path of a call may change.
pub(super) fn scope(call: &Call<'_>) -> Scope {
    if matches!(call.subresource, "status" | "approval") { Scope::Status } else { Scope::Main }
}

pub(super) fn update(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    get::wanted(call.request)?;
    let decoded = body::object(call)?;
    let dry_run = call.is_dry_run()?;
    let old = match stored(cluster, machines, call) {
        Err(status) if status.is_not_found() && CREATED.contains(&call.id) && call.subresource.is_empty() => {
            let object = decoded.value.with_at(&["metadata", "name"], call.name);
            let (writing, actor, namespace) = (call.writing(), &call.actor, call.namespace);
            let made =
                cluster.create_written(machines, actor, call.id, namespace, object, writing, dry_run)?;
            return Ok(with_warnings(one(cluster, machines, call, 201, &made), &decoded.warnings));
        }
        found => found?,
    };
    let expected = check_identity(call, &decoded.value, &old)?;
    let strict = kinds::builtin(call.id).is_none() || CONDITIONAL.contains(&call.id);
    if expected.is_none() && strict && !call.replay {
        return Err(unconditional(call));
    }
    let draft = part(call, &old, draft(call, &decoded.value));
    let new = cluster.update_draft(machines, &call.actor, &old, expected, draft, scope(call), dry_run)?;
    Ok(with_warnings(one(cluster, machines, call, 200, &new), &decoded.warnings))
}

fn unconditional(call: &Call<'_>) -> Status {
    let why = "Invalid value: 0x0: must be specified for an update";
    let field = "metadata.resourceVersion";
    // The store knows resources, not kinds.
    let kind = Kind { kind: call.kind.plural, ..call.kind };
    let status = Status::invalid(&kind, call.name, Default::default());
    let name = crate::status::resource(&call.kind);
    let causes = value!([{"reason": "FieldValueInvalid", "message": why, "field": field}]);
    let details = status.details.with("causes", causes);
    let message = format!("{name} \"{}\" is invalid: {field}: {why}", call.name);
    Status { message, ..status }.with_details(details)
}

/// What of a draft a write below a pod takes along: its debug containers, its resources.
pub(super) fn part(call: &Call<'_>, old: &Object, draft: Draft) -> Draft {
    let spec = match call.subresource {
        "ephemeralcontainers" => {
            let given = &draft.spec["ephemeralContainers"];
            let spec = old.spec();
            if given.is_null() {
                spec.without("ephemeralContainers")
            } else {
                spec.with("ephemeralContainers", given)
            }
        }
        "resize" => resized(old.spec(), &draft.spec),
        _ => return draft,
    };
    Draft { spec, writing: draft.writing, ..Draft::of(old) }
}

/// A pod's spec with the resources and resize policies of another one's containers.
pub(crate) fn resized(spec: &Value, from: &Value) -> Value {
    let mut spec = spec.clone();
    for list in ["containers", "initContainers"] {
        let containers = spec[list].items();
        if containers.is_empty() {
            continue;
        }
        let containers: Value = containers
            .iter()
            .map(|container| {
                let same = from[list].items().iter().find(|c| c["name"] == container["name"]);
                let Some(same) = same else { return container.clone() };
                let policy = same.find("resizePolicy").or_else(|| container.find("resizePolicy"));
                let sized = container.with("resources", &same["resources"]);
                policy.map_or(sized.clone(), |policy| sized.with("resizePolicy", policy))
            })
            .collect();
        spec = spec.with(list, containers);
    }
    spec
}
