//! EndpointSlices of services with a selector: which pods are behind a service, at which ports, and
//! whether they are ready, serving, terminating. Follows `pkg/controller/endpointslice` of Kubernetes
//! 1.33. Works per changed pod and writes each slice once per batch, so that a service of many pods is
//! not counted again at every change. The legacy Endpoints object is made from the slices (`endpoints.rs`).

use crate::cluster::{Actor, Cluster};
use crate::controller::Controller;
use crate::controllers::endpoints;
use crate::door::Edit;
use crate::kinds;
use crate::object::{Id, Object};
use crate::store::{Change, Store};
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, value};
use imbl::{OrdMap, OrdSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const NAME: &str = "endpoint-slice-controller";
pub const ACTOR: Actor =
    Actor::system("system:serviceaccount:kube-system:endpointslice-controller", "kube-controller-manager");
/// From this many slices on the Endpoints object follows once in this many milliseconds.
const LARGE: usize = 5;
const REST: u64 = 1_000;
/// Endpoints per slice (`--max-endpoints-per-slice`).
const SLICE: usize = 100;
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";
pub const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";

pub const CONTROLLER: Controller = Controller { name: NAME, latency_ms: 60, observe, reconcile, flush };

/// Where every pod stands, and what the present batch is about.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// (service, pod) to its place.
    at: OrdMap<(Id, Id), Place>,
    /// (pod, service)
    of: OrdSet<(Id, Id)>,
    /// Services to count anew.
    whole: BTreeSet<Id>,
    /// What of each service was counted with: metadata and spec.
    seen: OrdMap<Id, (u64, u64)>,
    /// When the Endpoints object of a large service may be written again.
    rest: OrdMap<Id, u64>,
    /// Services and the pods of theirs that changed.
    pods: BTreeMap<Id, BTreeSet<Id>>,
}

/// An endpoint's slice, and since when its pod is as ready as it was last seen, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    slice: Id,
    since: i64,
}

/// The annotation with the time of what the last change of endpoints came from.
const TRIGGER: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// Metadata with the time of the trigger, or without if nothing of the service or its pods triggered it
/// (`endpointslice/trigger_time_tracker.go`).
#[must_use]
pub fn triggered(metadata: &Value, trigger: Option<i64>) -> Value {
    let stamped = match trigger {
        Some(at) => metadata.with_at(&["annotations", TRIGGER], Timestamp(at).to_rfc3339()),
        None => metadata.without_at(&["annotations", TRIGGER]),
    };
    if stamped["annotations"].is_empty() { stamped.without("annotations") } else { stamped }
}

/// When a pod's readiness last changed; 0 if it never was anything.
fn ready_since(pod: &Object) -> i64 {
    Timestamp::parse(pod.condition("Ready")["lastTransitionTime"].text()).map_or(0, |t| t.0)
}

fn observe(_: &Cluster, change: &Change, mark: &mut dyn FnMut(Id)) {
    let Some(object) = change.object() else { return };
    match object.kind {
        kinds::POD if change.differs(relevant) => mark(object.id),
        kinds::SERVICE if change.differs(|o| (o.spec.hash, o.metadata.hash)) => mark(object.id),
        // Somebody deleted what is ours: it comes back.
        kinds::ENDPOINT_SLICE | kinds::ENDPOINTS if change.is_removed() => {
            if let Some(service) = object.controller {
                mark(service);
            }
        }
        _ => {}
    }
}

/// What of a pod shows in its endpoint.
fn relevant(pod: &Object) -> (bool, bool, u64, Arc<str>, bool) {
    let going = pod.deleting.is_some();
    (pod.is_ready(), going, pod.metadata.hash, pod.status()["podIP"].shared(), pod.is_finished())
}

/// Sorts what changed into the batch.
fn reconcile(cluster: &mut Cluster, _: &mut Machines, id: Id) {
    let known: Vec<Id> = cluster.control.places.of.range((id, 0)..=(id, Id::MAX)).map(|p| p.1).collect();
    let object = cluster.object(id);
    let services: Vec<Id> = match &object {
        Some(o) if o.kind == kinds::SERVICE => {
            let places = &mut cluster.control.places;
            let content = (o.metadata.hash, o.spec.hash);
            // Only looked at again for its Endpoints object when nothing of it has changed.
            if places.seen.insert(id, content) == Some(content) && places.rest.contains_key(&id) {
                places.pods.entry(id).or_default();
            } else {
                places.whole.insert(id);
            }
            return;
        }
        Some(o) => cluster.store.services_for(&o.namespace, o.labels()).iter().map(|s| s.id).collect(),
        None => Vec::new(),
    };
    let places = &mut cluster.control.places;
    for service in services.into_iter().chain(known) {
        places.pods.entry(service).or_default().insert(id);
    }
    if object.is_none() {
        // A service that is gone leaves nothing behind here; its slices go with it.
        places.seen.remove(&id);
        places.rest.remove(&id);
        let pods: Vec<Id> = places.at.range((id, 0)..=(id, Id::MAX)).map(|p| p.0.1).collect();
        for pod in pods {
            places.at.remove(&(id, pod));
            places.of.remove(&(pod, id));
        }
    }
}

fn flush(cluster: &mut Cluster, machines: &mut Machines) {
    let places = &mut cluster.control.places;
    let (whole, mut pods) = (std::mem::take(&mut places.whole), std::mem::take(&mut places.pods));
    for service in &whole {
        let Some(object) = cluster.object(*service) else { continue };
        let selector = &object.spec()["selector"];
        let batch = pods.entry(*service).or_default();
        if !selector.is_empty() {
            let fits = cluster.store.list_in(kinds::POD, &object.namespace);
            batch.extend(fits.filter(|p| crate::index::selects(selector, p.labels())).map(|p| p.id));
        }
        let placed = cluster.control.places.at.range((*service, 0)..=(*service, Id::MAX));
        batch.extend(placed.map(|p| p.0.1));
    }
    for (service, pods) in pods {
        let Some(object) = cluster.object(service) else { continue };
        if object.spec()["type"] == "ExternalName" || object.spec()["selector"].is_empty() {
            endpoints::mirror(cluster, machines, &object);
            continue;
        }
        let trigger = sync(cluster, machines, &object, &pods, whole.contains(&service));
        // A thousand addresses are not written again for every pod.
        let now = machines.clock.now;
        if slices(cluster, service).count() > LARGE {
            if let Some(at) = cluster.control.places.rest.get(&service).copied().filter(|at| *at > now) {
                cluster.mark_later(machines, NAME, service, at - now);
                continue;
            }
            cluster.control.places.rest.insert(service, now + REST);
        } else {
            cluster.control.places.rest.remove(&service);
        }
        endpoints::sync(cluster, machines, &object, trigger);
    }
}

/// A slice's list while a batch is worked on.
struct Draft {
    ports: Value,
    items: Vec<Value>,
    changed: bool,
}

fn slices(cluster: &Cluster, service: Id) -> impl Iterator<Item = &Arc<Object>> + '_ {
    cluster
        .store
        .children(service)
        .filter(|o| o.kind == kinds::ENDPOINT_SLICE && o.label(MANAGED_BY) == MANAGER)
}

/// Gives the time of what triggered the change.
fn sync(
    cluster: &mut Cluster,
    machines: &mut Machines,
    service: &Arc<Object>,
    pods: &BTreeSet<Id>,
    relabel: bool,
) -> Option<i64> {
    // The first time it is the service itself.
    let begins = slices(cluster, service.id).next().is_none();
    let mut trigger = begins.then_some(service.created);
    let mut drafts: BTreeMap<Id, Draft> = slices(cluster, service.id)
        .map(|s| {
            let items = Vec::new();
            (s.id, Draft { ports: s.field("ports").clone(), items, changed: false })
        })
        .collect();
    let mut sizes: BTreeMap<Id, usize> =
        slices(cluster, service.id).map(|s| (s.id, s.field("endpoints").items().len())).collect();
    let open = |cluster: &Cluster, drafts: &mut BTreeMap<Id, Draft>, slice: Id| {
        if let Some(draft) = drafts.get_mut(&slice).filter(|d| !d.changed) {
            draft.items =
                cluster.store.get(slice).map(|s| s.field("endpoints").items().to_vec()).unwrap_or_default();
            draft.changed = true;
        }
    };
    let mut adds: Vec<(Id, Value, Value)> = Vec::new();
    for pod in pods {
        let place = cluster.control.places.at.get(&(service.id, *pod)).copied();
        let object = cluster.store.get(*pod);
        let wanted =
            object.filter(|p| p.kind == kinds::POD).and_then(|p| endpoint(&cluster.store, service, p));
        let since = object.map_or(0, |p| ready_since(p));
        let news = match place {
            Some(place) => since > place.since,
            None => wanted.is_some() && object.is_some_and(|p| p.is_condition("Ready")),
        };
        if news && !begins {
            trigger = Some(trigger.map_or(since, |at| at.min(since)));
        }
        if let Some(place) = place.filter(|p| p.since != since) {
            cluster.control.places.at.insert((service.id, *pod), Place { since, ..place });
        }
        let object = cluster.store.get(*pod);
        let known = place.map(|p| p.slice).filter(|slice| drafts.contains_key(slice));
        let stays = match (&wanted, known.and_then(|slice| drafts.get(&slice))) {
            (Some((ports, _)), Some(draft)) => draft.ports == *ports,
            _ => false,
        };
        if let Some(slice) = known {
            let name = object.map(|o| o.uid.to_string()).unwrap_or_default();
            let about = |e: &Value| e["targetRef"]["uid"] == name.as_str();
            // A pod that is gone is found by elimination: its object is no longer there to ask.
            let gone = |e: &Value| {
                cluster.find(kinds::POD, &service.namespace, e["targetRef"]["name"].text()).is_none()
            };
            let source =
                cluster.store.get(slice).map(|s| s.field("endpoints").items().to_vec()).unwrap_or_default();
            let items = drafts.get(&slice).filter(|d| d.changed).map_or(source, |d| d.items.clone());
            let at = items.iter().position(|e| if object.is_some() { about(e) } else { gone(e) });
            match (at, &wanted) {
                (Some(at), Some((_, endpoint))) if stays => {
                    if items.get(at) != Some(endpoint) {
                        open(cluster, &mut drafts, slice);
                        if let Some(item) = drafts.get_mut(&slice).and_then(|d| d.items.get_mut(at)) {
                            *item = endpoint.clone();
                        }
                    }
                    continue;
                }
                (Some(at), _) => {
                    open(cluster, &mut drafts, slice);
                    if let Some(draft) = drafts.get_mut(&slice) {
                        draft.items.remove(at);
                        sizes.insert(slice, draft.items.len());
                    }
                }
                (None, _) => {}
            }
        }
        cluster.control.places.at.remove(&(service.id, *pod));
        cluster.control.places.of.remove(&(*pod, service.id));
        if let Some((ports, endpoint)) = wanted {
            adds.push((*pod, ports, endpoint));
        }
    }
    let mut fresh: Vec<(Value, Vec<(Id, Value)>)> = Vec::new();
    for (pod, ports, endpoint) in adds {
        let room = |(id, draft): (&Id, &Draft)| {
            let size = sizes.get(id).copied().unwrap_or(0);
            (size < SLICE && (draft.ports == ports || size == 0)).then_some(*id)
        };
        if let Some(slice) = drafts.iter().find_map(room) {
            open(cluster, &mut drafts, slice);
            if let Some(draft) = drafts.get_mut(&slice) {
                draft.ports = ports;
                draft.items.push(endpoint);
                sizes.insert(slice, draft.items.len());
            }
            place(cluster, service.id, pod, slice);
            continue;
        }
        match fresh.iter_mut().find(|(p, list)| *p == ports && list.len() < SLICE) {
            Some((_, list)) => list.push((pod, endpoint)),
            None => fresh.push((ports, vec![(pod, endpoint)])),
        }
    }
    let total: usize = sizes.values().sum::<usize>() + fresh.iter().map(|f| f.1.len()).sum::<usize>();
    // One slice stays when nothing is left, to say so.
    let mut keep = (total == 0).then(|| drafts.keys().next().copied()).flatten();
    for (slice, draft) in drafts {
        let empty = sizes.get(&slice).copied().unwrap_or(0) == 0;
        if empty && keep.take() != Some(slice) && total > 0 {
            cluster.drop_object(machines, NAME, slice);
            continue;
        }
        let Some(object) = cluster.object(slice) else { continue };
        let mut edit = Edit::default();
        if draft.changed {
            edit.rest = Some(body(&draft.ports, draft.items));
        }
        let mut metadata = triggered(&object.metadata.value, trigger);
        if relabel {
            metadata = metadata.with("labels", labels(service));
        }
        edit.metadata = Some(metadata);
        if draft.changed || relabel {
            let _ = cluster.update(machines, &ACTOR, slice, None, edit);
        }
    }
    for (ports, list) in fresh {
        let (ids, items): (Vec<Id>, Vec<Value>) = list.into_iter().unzip();
        if let Some(slice) = create(cluster, machines, service, body(&ports, items), trigger) {
            for pod in ids {
                place(cluster, service.id, pod, slice);
            }
        }
    }
    if total == 0 && slices(cluster, service.id).next().is_none() {
        create(cluster, machines, service, body(&Value::Null, Vec::new()), trigger);
    }
    trigger
}

/// Takes note of a slice that was there before anything moved.
pub fn adopt(cluster: &mut Cluster, slice: &Arc<Object>) {
    let Some(service) = slice
        .controller
        .filter(|_| slice.kind == kinds::ENDPOINT_SLICE && slice.label(MANAGED_BY) == MANAGER)
    else {
        return;
    };
    for endpoint in slice.field("endpoints").items() {
        let name = endpoint["targetRef"]["name"].text();
        if let Some(pod) = cluster.find(kinds::POD, &slice.namespace, name).map(|p| p.id) {
            place(cluster, service, pod, slice.id);
        }
    }
}

fn place(cluster: &mut Cluster, service: Id, pod: Id, slice: Id) {
    let since = cluster.store.get(pod).map_or(0, |p| ready_since(p));
    let places = &mut cluster.control.places;
    places.at.insert((service, pod), Place { slice, since });
    places.of.insert((pod, service));
}

/// The fields of a slice beside its metadata.
#[must_use]
pub fn body(ports: &Value, items: Vec<Value>) -> Value {
    if items.is_empty() {
        return value!({"addressType": "IPv4", "endpoints": null, "ports": null});
    }
    value!({"addressType": "IPv4", "endpoints": items, "ports": ports.clone()})
}

fn labels(service: &Object) -> Value {
    let mut labels = if service.labels().is_null() { Value::empty_map() } else { service.labels().clone() };
    labels = labels.with(SERVICE_NAME, &service.name).with(MANAGED_BY, MANAGER);
    if service.spec()["clusterIP"] == "None" {
        labels = labels.with("service.kubernetes.io/headless", "");
    }
    labels
}

fn create(
    cluster: &mut Cluster,
    machines: &mut Machines,
    service: &Arc<Object>,
    body: Value,
    trigger: Option<i64>,
) -> Option<Id> {
    let metadata = value!({
        "generateName": format!("{}-", service.name),
        "namespace": &service.namespace,
        "labels": labels(service),
        "ownerReferences": [service.controller_reference()],
    });
    let object = body.with("metadata", triggered(&metadata, trigger));
    cluster.create(machines, &ACTOR, kinds::ENDPOINT_SLICE, &service.namespace, object).ok().map(|o| o.id)
}

/// A pod's endpoint with the ports it is reached at; none when it does not belong there.
fn endpoint(store: &Store, service: &Object, pod: &Object) -> Option<(Value, Value)> {
    let ip = &pod.status()["podIP"];
    if ip.is_empty() || pod.is_finished() || !crate::index::selects(&service.spec()["selector"], pod.labels())
    {
        return None;
    }
    let ready = pod.is_condition("Ready");
    let terminating = pod.deleting.is_some();
    let always = service.spec()["publishNotReadyAddresses"].bool();
    let mut result = value!({
        "addresses": [ip.clone()],
        "conditions": {"ready": always || (ready && !terminating), "serving": ready, "terminating": terminating},
        "nodeName": pod.spec()["nodeName"].clone(),
        "targetRef": {"kind": "Pod", "namespace": &pod.namespace, "name": &pod.name, "uid": pod.uid.to_string()},
    });
    let zone = pod.node.and_then(|n| store.get(n)).map(|n| n.labels()["topology.kubernetes.io/zone"].clone());
    if let Some(zone) = zone.filter(|z| !z.is_empty()) {
        result = result.with("zone", zone);
    }
    if !pod.spec()["hostname"].is_empty() && pod.spec()["subdomain"] == *service.name {
        result = result.with("hostname", pod.spec()["hostname"].clone());
    }
    Some((ports(service, pod), result))
}

/// The service's ports as numbers of this pod: names are looked up in its containers.
fn ports(service: &Object, pod: &Object) -> Value {
    let mut list = Vec::new();
    for port in service.spec()["ports"].items() {
        let Some(number) = target_port(port, pod) else { continue };
        let mut entry =
            value!({"name": port["name"].text(), "port": number, "protocol": port["protocol"].clone()});
        if !port["appProtocol"].is_empty() {
            entry = entry.with("appProtocol", port["appProtocol"].clone());
        }
        list.push(entry);
    }
    super::endpoint_ports::slice_order(list).into()
}

/// `targetPort` of a service port on this pod.
#[must_use]
pub fn target_port(port: &Value, pod: &Object) -> Option<i64> {
    match &port["targetPort"] {
        Value::Int(n) if *n != 0 => Some(*n),
        Value::Str(_) | Value::Word(_) => {
            let name = port["targetPort"].text();
            if let Ok(n) = name.parse() {
                return Some(n);
            }
            let containers =
                pod.spec()["containers"].items().iter().chain(pod.spec()["initContainers"].items());
            let ports = containers.flat_map(|c| c["ports"].items());
            let found = ports
                .into_iter()
                .find(|p| p["name"] == name && p["protocol"].text() == port["protocol"].text())?;
            Some(found["containerPort"].int())
        }
        _ => Some(port["port"].int()),
    }
}
