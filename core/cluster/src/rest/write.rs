//! Creating, replacing and deleting through REST.

use super::options::Selection;
use super::{Call, body, get, one};
use crate::cluster::Cluster;
use crate::delete::Deleted;
use crate::draft::Draft;
use crate::kinds;
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::{Value, quote, value};
use drydock_network::http::Response;
use std::sync::Arc;

/// Adds `Warning` headers, which kubectl prints on stderr.
pub(super) fn with_warnings(mut response: Response, warnings: &[String]) -> Response {
    for warning in warnings {
        response = response.header("Warning", &format!("299 - {}", quote::go(warning)));
    }
    response
}

pub(super) fn create(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    get::wanted(call.request)?;
    let decoded = body::object(call)?;
    let object = decoded.value;
    let meta = &object["metadata"];
    let namespace = meta["namespace"].text();
    if !namespace.is_empty() && namespace != call.namespace {
        return Err(match call.kind.namespaced {
            true => Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ),
            false => {
                let mut errors = crate::field::Errors::default();
                let path = crate::field::Path::new("metadata");
                errors.forbidden(&path.child("namespace"), "not allowed on this type");
                Status::invalid(&call.kind, meta["name"].text(), errors)
            }
        });
    }
    if call.kind.namespaced && call.namespace.is_empty() {
        return Err(Status::bad_request("an empty namespace may not be set during creation"));
    }
    if !meta["resourceVersion"].is_empty() {
        return Err(Status::new(500, "", "resourceVersion should not be set on objects to be created"));
    }
    if !call.kind.has_verb("get") {
        return super::review::create(cluster, machines, call, &object);
    }
    let dry_run = call.is_dry_run()?;
    let mut warnings = decoded.warnings;
    warnings.extend(crate::warnings::of(&call.kind, &object));
    let (writing, actor) = (call.writing(), &call.actor);
    let created =
        cluster.create_written(machines, actor, call.id, call.namespace, object, writing, dry_run)?;
    Ok(with_warnings(one(cluster, machines, call, 201, &created), &warnings))
}

/// What an update must agree with: name, namespace and uid of the object it replaces.
pub(super) fn check_identity(
    call: &Call<'_>,
    object: &Value,
    old: &crate::Object,
) -> Result<Option<u64>, Status> {
    let meta = &object["metadata"];
    let (name, namespace) = (meta["name"].text(), meta["namespace"].text());
    if !name.is_empty() && name != call.name {
        let url = call.name;
        return Err(Status::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({url})"
        )));
    }
    if !namespace.is_empty() && namespace != call.namespace {
        let asked = call.namespace;
        return Err(Status::bad_request(format!(
            "the namespace of the object ({namespace}) does not match the namespace on the request ({asked})"
        )));
    }
    let (uid, own) = (meta["uid"].text(), old.uid.to_string());
    if !uid.is_empty() && uid != own {
        let plural = call.kind.plural;
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: /registry/{plural}/{}{}, ResourceVersion: 0, \
             AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {own}",
            if call.namespace.is_empty() { String::new() } else { format!("{}/", call.namespace) },
            call.name
        );
        return Err(Status::conflict(&call.kind, call.name, &why));
    }
    let revision = meta["resourceVersion"].text();
    if revision.is_empty() {
        return Ok(None);
    }
    match revision.parse::<u64>() {
        Ok(revision) => Ok(Some(revision)),
        Err(_) => {
            let quoted = quote::go(revision);
            Err(Status::new(500, "", format!("strconv.ParseUint: parsing {quoted}: invalid syntax")))
        }
    }
}

pub(super) fn draft(call: &Call<'_>, object: &Value) -> Draft {
    let draft = Draft::new(object, kinds::builtin(call.id).is_none());
    let writing = crate::Writing { given: draft.writing.given.clone(), ..call.writing() };
    Draft { name: call.name.into(), namespace: call.namespace.into(), writing, ..draft }
}

/// The stored object of a call; an event's row becomes an object before it is changed.
pub(super) fn stored(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Arc<crate::Object>, Status> {
    if call.id == kinds::EVENT && cluster.find(call.id, call.namespace, call.name).is_none() {
        cluster.settle_event(machines, call.namespace, call.name);
    }
    get::find(cluster, machines, call)
}

pub(super) fn delete(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    let options = body::delete_options(call.request)?;
    let old = stored(cluster, machines, call)?;
    let deleted = cluster.delete(machines, &call.actor, old.id, &options)?;
    Ok(match &deleted {
        // Most kinds answer a Status once the object is gone; some still show it.
        Deleted::Gone(object) if !RETURNED.contains(&call.id) => {
            Response::json(200, Status::success(&call.kind, &object.name, &object.uid.to_string()))
        }
        deleted => one(cluster, machines, call, 200, deleted.object()),
    })
}

/// Kinds whose deletion answers the object (`ReturnDeletedObject`).
const RETURNED: &[kinds::KindId] = &[
    kinds::POD,
    kinds::SERVICE,
    kinds::SERVICE_ACCOUNT,
    kinds::PERSISTENT_VOLUME,
    kinds::PERSISTENT_VOLUME_CLAIM,
    kinds::POD_TEMPLATE,
    kinds::RESOURCE_QUOTA,
    kinds::STORAGE_CLASS,
    kinds::CSI_DRIVER,
    kinds::CSI_NODE,
    kinds::VOLUME_ATTACHMENT,
];

pub(super) fn delete_collection(
    cluster: &mut Cluster,
    machines: &mut Machines,
    call: &Call<'_>,
) -> Result<Response, Status> {
    let options = body::delete_options(call.request)?;
    let selection = Selection::parse(&call.kind, call.request)?;
    let all = cluster.listed(machines, call.id, call.namespace);
    let mut gone = Vec::new();
    for object in all.into_iter().filter(|o| selection.matches(&call.kind, o)) {
        if call.id == kinds::EVENT {
            cluster.settle_event(machines, &object.namespace, &object.name);
        }
        let Some(stored) = cluster.find(call.id, &object.namespace, &object.name).cloned() else { continue };
        match cluster.delete(machines, &call.actor, stored.id, &options) {
            Ok(deleted) => gone.push(get::item(cluster, machines, call, deleted.object())),
            // Somebody else was faster: as good as deleted.
            Err(status) if status.is_not_found() => {}
            Err(status) => return Err(status),
        }
    }
    Ok(Response::json(
        200,
        value!({
            "kind": format!("{}List", call.kind.kind),
            "apiVersion": kinds::api_version(call.group, call.version),
            "metadata": {"resourceVersion": cluster.store.revision.to_string()},
            "items": gone,
        }),
    ))
}
