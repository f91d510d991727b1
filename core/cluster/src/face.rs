//! What a person looking at the cluster asks of it: whose address that is, what a note of the trace
//! says, where a request can be sent from. Reads only.

use crate::cluster::Cluster;
use crate::control::FIRST_ACTOR;
use crate::door::DOOR;
use crate::kinds;
use drydock_container::Machines;
use drydock_container::space::NetId;
use drydock_machinery::Value;
use drydock_machinery::clock::Note;
use drydock_machinery::queue::Actor;
use drydock_network::address::Ip;

impl Cluster {
    /// The name of the actor of a task or note: a controller's own.
    #[must_use]
    pub fn actor_name(&self, actor: Actor) -> &'static str {
        if actor == DOOR {
            return "apiserver";
        }
        let number = actor.0.checked_sub(FIRST_ACTOR).map(usize::from);
        number.and_then(|n| crate::controllers::CONTROLLERS.get(n)).map_or("", |c| c.name)
    }
    /// The object a note is about: `Pod default/web`; empty once it is gone.
    #[must_use]
    pub fn subject_of(&self, note: &Note) -> String {
        let object = u32::try_from(note.about).ok().and_then(|id| self.get(id));
        match object.and_then(|o| Some((o, self.kind(o.kind)?))) {
            Some((object, kind)) if object.namespace.is_empty() => format!("{} {}", kind.kind, object.name),
            Some((object, kind)) => format!("{} {}/{}", kind.kind, object.namespace, object.name),
            None => String::new(),
        }
    }
    /// The path to which an object of a manifest is posted; `None` for a kind that is not served.
    #[must_use]
    pub fn collection_path(&self, object: &Value) -> Option<String> {
        let (api_version, wanted) = (object["apiVersion"].text(), object["kind"].text());
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let (_, kind) = self.kinds().find(|(_, k)| k.kind == wanted && k.serves(group, version))?;
        let root =
            if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        if !kind.namespaced {
            return Some(format!("{root}/{}", kind.plural));
        }
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
        Some(format!("{root}/namespaces/{namespace}/{}", kind.plural))
    }
    /// The network namespace a request starts from: `pod` is any ready pod of a namespace, `node` the
    /// first worker.
    #[must_use]
    pub fn vantage(&self, machines: &Machines, from: &str, namespace: &str) -> Option<NetId> {
        let address = match from {
            "pod" => {
                let pod = self.store.list_in(kinds::POD, namespace).find(|p| p.is_ready())?;
                Ip::parse(pod.status()["podIP"].text())?
            }
            "node" => {
                let node = self.store.list(kinds::NODE).last()?;
                let addresses = node.status()["addresses"].items();
                let internal = addresses.iter().find(|a| a["type"] == "InternalIP")?;
                Ip::parse(internal["address"].text())?
            }
            _ => return None,
        };
        machines.addresses.get(&address).copied()
    }
}
