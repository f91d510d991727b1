//! The Kubernetes side of the world as one value. Everything goes through its door (`door.rs`); what
//! lies below containers is in the container crate's `Machines`, handed in at each call.

use crate::auth::{Access, User};
use crate::control::{Control, Dirty};
use crate::events::Events;
use crate::kinds::{self, Kind, KindId};
use crate::object::{Id, Object};
use crate::share::Shares;
use crate::store::Store;
use crate::streams::Streams;
use drydock_machinery::digest::mix;
use imbl::OrdMap;
use std::borrow::Cow;
use std::sync::Arc;

/// Who acts: the user name for access and managed fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user: Cow<'static, str>,
    /// The field manager (`kubectl-create`, `kube-controller-manager`).
    pub manager: Cow<'static, str>,
    /// Who it is to authorization; `None` for the control plane's own components, which may do
    /// everything.
    pub identity: Option<Arc<User>>,
}

impl Actor {
    /// A component of the control plane.
    #[must_use]
    pub const fn system(user: &'static str, manager: &'static str) -> Actor {
        Actor { user: Cow::Borrowed(user), manager: Cow::Borrowed(manager), identity: None }
    }
    /// The person with the kubeconfig.
    #[must_use]
    pub const fn admin() -> Actor {
        Actor::system("kubernetes-admin", "kubectl")
    }
}

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub store: Store,
    pub(crate) events: Events,
    pub(crate) streams: Streams,
    pub(crate) shares: Shares,
    /// Kinds of CustomResourceDefinitions.
    pub(crate) dynamic: OrdMap<KindId, Arc<Kind>>,
    /// Dynamic kinds of which no version is served just now.
    pub(crate) dormant: OrdMap<KindId, Arc<Kind>>,
    /// How many dynamic kinds there ever were.
    pub(crate) defined: u16,
    pub(crate) access: Access,
    pub(crate) dirty: Dirty,
    /// State of the controllers, the scheduler and the kubelets.
    pub control: Control,
    /// False while nothing reconciles: at boot, and in a replayed world.
    pub alive: bool,
    /// A replayed world: the door takes objects as they are, and deletes at once.
    pub replay: bool,
}

impl Default for Cluster {
    fn default() -> Cluster {
        Cluster::empty()
    }
}

impl Cluster {
    /// No objects, no nodes: a control plane at its first moment.
    #[must_use]
    pub fn empty() -> Cluster {
        Cluster {
            store: Store::default(),
            events: Events::default(),
            streams: Streams::default(),
            shares: Shares::default(),
            dynamic: OrdMap::new(),
            dormant: OrdMap::new(),
            defined: 0,
            access: Access::default(),
            dirty: Dirty::default(),
            control: Control::default(),
            alive: true,
            replay: false,
        }
    }
    /// The kind of a number, built in or defined by a CustomResourceDefinition.
    #[must_use]
    pub fn kind(&self, id: KindId) -> Option<&Kind> {
        let made = || self.dynamic.get(&id).or_else(|| self.dormant.get(&id));
        kinds::builtin(id).or_else(|| made().map(|kind| &**kind))
    }
    /// The kind served under this plural name.
    #[must_use]
    pub fn kind_at(&self, group: &str, version: &str, plural: &str) -> Option<(KindId, &Kind)> {
        self.kinds().find(|(_, kind)| kind.plural == plural && kind.serves(group, version))
    }
    /// Every kind: the built-in ones, then the dynamic ones.
    pub fn kinds(&self) -> impl Iterator<Item = (KindId, &Kind)> + '_ {
        let builtin = kinds::BUILTIN.iter().enumerate();
        let builtin = builtin.filter_map(|(at, kind)| Some((KindId(u16::try_from(at).ok()?), kind)));
        builtin.chain(self.dynamic.iter().map(|(id, kind)| (*id, &**kind)))
    }
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&Arc<Object>> {
        self.store.get(id)
    }
    #[must_use]
    pub fn find(&self, kind: KindId, namespace: &str, name: &str) -> Option<&Arc<Object>> {
        self.store.find(kind, namespace, name)
    }
    /// The object an owner reference names, if it is still that very object.
    #[must_use]
    pub fn owner(&self, namespace: &str, reference: &drydock_machinery::Value) -> Option<&Arc<Object>> {
        let (api_version, name) = (reference["apiVersion"].text(), reference["name"].text());
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let wanted = reference["kind"].text();
        let (id, kind) = self.kinds().find(|(_, k)| k.kind == wanted && k.serves(group, version))?;
        let found = self.store.find(id, if kind.namespaced { namespace } else { "" }, name)?;
        (found.uid.to_string() == reference["uid"].text()).then_some(found)
    }
    /// Content hash of the whole, in constant time.
    #[must_use]
    pub fn hash(&self) -> u64 {
        [self.store.hash, self.store.revision, self.events.hash, self.control.hash()].into_iter().fold(0, mix)
    }
}
