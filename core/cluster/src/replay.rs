//! A world of exactly these objects, in which nothing reconciles: for replaying recorded calls of a
//! real client. The door then acts as the recording server did: objects are kept as they are sent,
//! uids count up with revisions, deletion is immediate.

use crate::cluster::Cluster;
use crate::draft::Draft;
use crate::kinds::{self, Kind};
use crate::managed::Managed;
use crate::object::{Deleting, Object, Uid};
use crate::table::{CREATED_AT, column, created_at_row, word};
use drydock_container::Machines;
use drydock_machinery::{Timestamp, Value, json};
use drydock_network::address::Ip;

/// The address the recording server gave every new service.
pub(crate) const SERVICE_IP: Ip = Ip::new(10, 96, 77, 7);

/// The suffix it gave every generated name.
pub(crate) const SUFFIX: &str = "x7k2p";

/// How a kind was shown by a server that had no printer for it.
pub(crate) fn shown(kind: &Kind) -> Kind {
    match kind.kind {
        "ComponentStatus" => Kind { columns: CREATED_AT, row: created_at_row, ..*kind },
        _ => *kind,
    }
}

const ISTIO: Kind = Kind {
    group: "networking.istio.io",
    categories: &["istio-io", "networking-istio-io"],
    generation: false,
    ..Kind::BASE
};

fn list_cell(list: &Value) -> Value {
    // A missing list is an empty cell.
    if list.is_null() { word("") } else { json::to_string(list).into() }
}

/// Kinds the recording server had without definitions.
const RECORDED: &[Kind] = &[
    Kind {
        kind: "VirtualService",
        plural: "virtualservices",
        singular: "virtualservice",
        short: &["vs"],
        columns: &[column("Gateways"), column("Hosts"), column("Age")],
        row: |service, view| {
            let spec = service.spec();
            vec![list_cell(&spec["gateways"]), list_cell(&spec["hosts"]), view.age(service.created)]
        },
        ..ISTIO
    },
    Kind {
        kind: "DestinationRule",
        plural: "destinationrules",
        singular: "destinationrule",
        short: &["dr"],
        columns: &[column("Host"), column("Age")],
        row: |rule, view| vec![rule.spec()["host"].clone(), view.age(rule.created)],
        ..ISTIO
    },
    Kind { kind: "Gateway", plural: "gateways", singular: "gateway", short: &["gw"], ..ISTIO },
    Kind {
        kind: "ServiceEntry",
        plural: "serviceentries",
        singular: "serviceentry",
        short: &["se"],
        ..ISTIO
    },
    Kind {
        group: "security.istio.io",
        kind: "PeerAuthentication",
        plural: "peerauthentications",
        singular: "peerauthentication",
        short: &["pa"],
        categories: &["istio-io", "security-istio-io"],
        ..ISTIO
    },
    Kind {
        group: "metrics.k8s.io",
        version: "v1beta1",
        kind: "NodeMetrics",
        plural: "nodes",
        singular: "",
        namespaced: false,
        verbs: kinds::READ_ONLY,
        ..Kind::BASE
    },
    Kind {
        group: "metrics.k8s.io",
        version: "v1beta1",
        kind: "PodMetrics",
        plural: "pods",
        singular: "",
        verbs: kinds::READ_ONLY,
        ..Kind::BASE
    },
];

impl Cluster {
    /// A world of these objects at this moment (unix seconds); uids, times and revisions are kept.
    /// Objects of kinds nobody knows are left out and named in the second value.
    #[must_use]
    pub fn bare(machines: &mut Machines, now: i64, objects: &[Value]) -> (Cluster, Vec<String>) {
        machines.clock.epoch = now - (machines.clock.now / 1000) as i64;
        let mut cluster = Cluster::empty();
        (cluster.alive, cluster.replay) = (false, true);
        for kind in RECORDED {
            cluster.define(*kind);
        }
        let mut unknown = Vec::new();
        let (definitions, others): (Vec<&Value>, Vec<&Value>) =
            objects.iter().partition(|o| o["kind"] == "CustomResourceDefinition");
        for object in definitions.into_iter().chain(others) {
            if !cluster.load(object) {
                unknown.push(format!("{} {}", object["apiVersion"].text(), object["kind"].text()));
            }
        }
        (cluster, unknown)
    }

    /// Puts an object into a replayed world as it is, replacing one of the same name.
    pub fn load(&mut self, object: &Value) -> bool {
        let (api_version, name) = (object["apiVersion"].text(), object["kind"].text());
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let found = self.kinds().find(|(_, k)| k.kind == name && k.serves(group, version));
        let Some((id, kind)) = found.map(|(id, k)| (id, *k)) else { return false };
        let stored = match kind.alternative(group, version) {
            Some(served) => (served.read)(object),
            None => object.clone(),
        };
        let draft = Draft::new(&stored, kinds::builtin(id).is_none());
        let meta = &object["metadata"];
        let time = |field: &str| Timestamp::parse(meta[field].text()).map(|t| t.0);
        let revision = meta["resourceVersion"].text().parse().unwrap_or(0);
        let known = self.find(id, &draft.namespace, &draft.name).map(|o| o.id);
        let number = known.unwrap_or(self.store.next_id + 1);
        self.store.next_id = self.store.next_id.max(number);
        let node = self.find(kinds::NODE, "", draft.spec["nodeName"].text()).map(|node| node.id);
        let deleting = time("deletionTimestamp");
        let grace = meta["deletionGracePeriodSeconds"].int();
        let loaded = Object {
            id: number,
            kind: id,
            controller: self.controller_of(&draft.namespace, &draft.metadata),
            node: node.filter(|_| id == kinds::POD),
            namespace: draft.namespace,
            name: draft.name,
            uid: Uid::parse(meta["uid"].text()),
            revision,
            created: time("creationTimestamp").unwrap_or(0),
            deleting: deleting.map(|at| Deleting { at, grace }),
            metadata: draft.metadata.into(),
            spec: draft.spec.into(),
            status: draft.status.into(),
            rest: draft.rest.into(),
            managed: Managed::default(),
            hash: 0,
        };
        let change = self.store.insert(loaded);
        if id == kinds::CUSTOM_RESOURCE_DEFINITION {
            self.redefine(&change);
        }
        self.store.revision = self.store.revision.max(revision);
        self.store.forget_log();
        true
    }

    /// A scripted change of a replayed world: written as a client's write would be, so that watches see
    /// it. `remove` deletes instead.
    pub fn script(&mut self, machines: &mut Machines, object: &Value, remove: bool) -> bool {
        let (api_version, kind) = (object["apiVersion"].text(), object["kind"].text());
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let found = self.kinds().find(|(_, k)| k.kind == kind && k.serves(group, version));
        let Some(id) = found.map(|(id, _)| id) else { return false };
        let meta = &object["metadata"];
        let known = self.find(id, meta["namespace"].text(), meta["name"].text()).cloned();
        match known {
            Some(old) if remove => self.remove(machines, old.id).is_some(),
            Some(old) => {
                let draft = Draft::new(object, kinds::builtin(id).is_none());
                let new = Object { hash: 0, ..crate::draft::redraft(&old, &draft) };
                self.commit(machines, new).is_ok()
            }
            None if remove => false,
            None => {
                let number = self.store.next_id + 1;
                if !self.load(object) {
                    return false;
                }
                let Some(made) = self.store.get(number).cloned() else { return false };
                self.store.remove(number);
                self.store.revision -= 1;
                self.store.forget_log();
                self.commit(machines, Object::clone(&made)).is_ok()
            }
        }
    }
}
