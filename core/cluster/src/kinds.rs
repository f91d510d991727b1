//! The kinds the API server knows: how they are named in paths and discovery, and what is done to
//! their objects on the way in (defaults, validation) and out (columns of `kubectl get`).
//!
//! One file per kind (or group of plain kinds) plus one line in the registry below. Kinds of
//! CustomResourceDefinitions are made at run time and live in the cluster.

use crate::field::Errors;
use crate::object::Object;
use crate::table::{Column, View};
use drydock_machinery::{Value, names};

mod admission;
mod apps;
mod batch;
mod config;
mod core;
pub(crate) mod crd;
mod events;
mod extension;
pub mod fill;
pub(crate) mod flow_control;
mod namespace;
mod networking;
mod node;
pub mod pod;
mod policy;
pub mod rbac;
mod reviews;
mod service;
mod storage;
pub mod workload;

pub use extension::CERTIFICATE_SIGNING_REQUEST as CSR_KIND;
pub use namespace::KIND as NAMESPACE_KIND;
pub use node::{KIND as NODE_KIND, TAINT_EFFECTS as NODE_TAINT_EFFECTS};
pub use pod::KIND as POD_KIND;
pub use service::KIND as SERVICE_KIND;

/// A kind's number: of this registry below [`FIRST_DYNAMIC`], of a cluster's own from there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u16);

/// Kinds of CustomResourceDefinitions are numbered from here in order of their creation.
pub const FIRST_DYNAMIC: u16 = 1000;

/// What can be done with a whole resource.
pub type Verbs = &'static [&'static str];
pub const ALL_VERBS: Verbs =
    &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
pub const CREATE_ONLY: Verbs = &["create"];
pub const READ_ONLY: Verbs = &["get", "list"];
/// The verbs of a status subresource.
pub const STATUS_VERBS: Verbs = &["get", "patch", "update"];

/// A path below an object, such as `pods/log`.
#[derive(Clone, Copy, Debug)]
pub struct Subresource {
    pub name: &'static str,
    /// Group, version and kind of what is exchanged; "" group and version for the parent's own.
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub verbs: Verbs,
}

/// `autoscaling/v1 Scale`.
pub const SCALE: Subresource =
    Subresource { name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs: STATUS_VERBS };

/// The status subresource of a kind.
#[must_use]
pub const fn status_of(kind: &'static str) -> Subresource {
    Subresource { name: "status", group: "", version: "", kind, verbs: STATUS_VERBS }
}

/// Another version under which the same objects are served.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    pub group: &'static str,
    pub version: &'static str,
    /// From the storage version to this one; both without apiVersion's change, which the door does.
    pub show: fn(&Value) -> Value,
    /// From this version to the storage version.
    pub read: fn(&Value) -> Value,
}

/// See the module's head.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// "" for the core group.
    pub group: &'static str,
    /// The storage version, which is also the preferred one.
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    pub verbs: Verbs,
    pub subresources: &'static [Subresource],
    /// `status` is written through its subresource only, and ignored elsewhere.
    pub status: bool,
    /// `metadata.generation` counts changes of the desired state.
    pub generation: bool,
    /// What is wrong with a name.
    pub name: fn(&str) -> Vec<String>,
    /// Fills in defaults. Gives the very same value back where there is nothing to fill in.
    pub default: fn(&Value) -> Value,
    /// The status of an object just created with this spec.
    pub begin: fn(&Value) -> Value,
    /// Checks a new object, or a new against an old one.
    pub validate: fn(&Value, Option<&Value>, &mut Errors),
    /// The first column's cell; `None` for kinds whose table does not begin with the name.
    pub title: Option<fn(&Object) -> String>,
    /// Columns after the name.
    pub columns: &'static [Column],
    /// Cells after the name, one per column.
    pub row: fn(&Object, &View<'_>) -> Vec<Value>,
    /// The value of a field a fieldSelector may use beside metadata.name and metadata.namespace.
    pub selectable: fn(&Object, &str) -> Option<String>,
    /// Names [`Kind::selectable`] knows.
    pub selectable_fields: &'static [&'static str],
    pub served: &'static [Served],
}

impl Kind {
    /// A plain namespaced kind; the registry's entries say how they differ.
    pub const BASE: Kind = Kind {
        group: "",
        version: "v1",
        kind: "",
        plural: "",
        singular: "",
        short: &[],
        categories: &[],
        namespaced: true,
        verbs: ALL_VERBS,
        subresources: &[],
        status: false,
        generation: false,
        name: names::is_dns1123_subdomain,
        default: Value::clone,
        begin: |_| Value::empty_map(),
        validate: |_, _, _| {},
        title: Some(|object| object.name.to_string()),
        columns: crate::table::AGE,
        row: crate::table::age_row,
        selectable: |_, _| None,
        selectable_fields: &[],
        served: &[],
    };
    /// `v1`, `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        api_version(self.group, self.version)
    }
    #[must_use]
    pub fn has_verb(&self, verb: &str) -> bool {
        self.verbs.contains(&verb)
    }
    #[must_use]
    pub fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|s| s.name == name)
    }
    /// True when `group/version` is one of the served ones.
    #[must_use]
    pub fn serves(&self, group: &str, version: &str) -> bool {
        (self.group == group && self.version == version)
            || self.served.iter().any(|s| s.group == group && s.version == version)
    }
    /// The entry for a version that is not the storage version.
    #[must_use]
    pub fn alternative(&self, group: &str, version: &str) -> Option<&Served> {
        self.served.iter().find(|s| s.group == group && s.version == version)
    }
}

/// `group/version`, or just the version for the core group.
#[must_use]
pub fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_string() } else { format!("{group}/{version}") }
}

macro_rules! registry {
    ($($name:ident = $path:path,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Number { $($name,)* }
        $(pub const $name: KindId = KindId(Number::$name as u16);)*
        /// Every built-in kind; a [`KindId`] is an index into it.
        pub static BUILTIN: &[Kind] = &[$($path,)*];
    };
}

// The order decides between equal short names (`ev`) as the order of groups does in a real server.
registry! {
    BINDING = core::BINDING,
    COMPONENT_STATUS = core::COMPONENT_STATUS,
    CONFIG_MAP = config::CONFIG_MAP,
    ENDPOINTS = networking::ENDPOINTS,
    EVENT = events::KIND,
    LIMIT_RANGE = policy::LIMIT_RANGE,
    NAMESPACE = namespace::KIND,
    NODE = node::KIND,
    PERSISTENT_VOLUME_CLAIM = storage::PERSISTENT_VOLUME_CLAIM,
    PERSISTENT_VOLUME = storage::PERSISTENT_VOLUME,
    POD = pod::KIND,
    POD_TEMPLATE = apps::POD_TEMPLATE,
    REPLICATION_CONTROLLER = apps::REPLICATION_CONTROLLER,
    RESOURCE_QUOTA = policy::RESOURCE_QUOTA,
    SECRET = config::SECRET,
    SERVICE_ACCOUNT = config::SERVICE_ACCOUNT,
    SERVICE = service::KIND,
    MUTATING_WEBHOOK_CONFIGURATION = admission::MUTATING_WEBHOOK_CONFIGURATION,
    VALIDATING_WEBHOOK_CONFIGURATION = admission::VALIDATING_WEBHOOK_CONFIGURATION,
    CUSTOM_RESOURCE_DEFINITION = crd::KIND,
    API_SERVICE = extension::API_SERVICE,
    CONTROLLER_REVISION = apps::CONTROLLER_REVISION,
    DAEMON_SET = apps::DAEMON_SET,
    DEPLOYMENT = apps::DEPLOYMENT,
    REPLICA_SET = apps::REPLICA_SET,
    STATEFUL_SET = apps::STATEFUL_SET,
    SELF_SUBJECT_REVIEW = reviews::SELF_SUBJECT_REVIEW,
    TOKEN_REVIEW = reviews::TOKEN_REVIEW,
    LOCAL_SUBJECT_ACCESS_REVIEW = reviews::LOCAL_SUBJECT_ACCESS_REVIEW,
    SELF_SUBJECT_ACCESS_REVIEW = reviews::SELF_SUBJECT_ACCESS_REVIEW,
    SELF_SUBJECT_RULES_REVIEW = reviews::SELF_SUBJECT_RULES_REVIEW,
    SUBJECT_ACCESS_REVIEW = reviews::SUBJECT_ACCESS_REVIEW,
    HORIZONTAL_POD_AUTOSCALER = batch::HORIZONTAL_POD_AUTOSCALER,
    CRON_JOB = batch::CRON_JOB,
    JOB = batch::JOB,
    CERTIFICATE_SIGNING_REQUEST = extension::CERTIFICATE_SIGNING_REQUEST,
    LEASE = extension::LEASE,
    ENDPOINT_SLICE = networking::ENDPOINT_SLICE,
    FLOW_SCHEMA = flow_control::FLOW_SCHEMA,
    PRIORITY_LEVEL_CONFIGURATION = flow_control::PRIORITY_LEVEL_CONFIGURATION,
    INGRESS_CLASS = networking::INGRESS_CLASS,
    INGRESS = networking::INGRESS,
    NETWORK_POLICY = networking::NETWORK_POLICY,
    RUNTIME_CLASS = extension::RUNTIME_CLASS,
    POD_DISRUPTION_BUDGET = policy::POD_DISRUPTION_BUDGET,
    CLUSTER_ROLE_BINDING = rbac::CLUSTER_ROLE_BINDING,
    CLUSTER_ROLE = rbac::CLUSTER_ROLE,
    ROLE_BINDING = rbac::ROLE_BINDING,
    ROLE = rbac::ROLE,
    PRIORITY_CLASS = policy::PRIORITY_CLASS,
    CSI_DRIVER = storage::CSI_DRIVER,
    CSI_NODE = storage::CSI_NODE,
    STORAGE_CLASS = storage::STORAGE_CLASS,
    VOLUME_ATTACHMENT = storage::VOLUME_ATTACHMENT,
}

/// The built-in kind of this number.
#[must_use]
pub fn builtin(id: KindId) -> Option<&'static Kind> {
    BUILTIN.get(usize::from(id.0))
}

/// The built-in kind of this name; `api_version` may be any served one.
#[must_use]
pub fn find(api_version: &str, kind: &str) -> Option<KindId> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let at = BUILTIN.iter().position(|k| k.kind == kind && k.serves(group, version))?;
    u16::try_from(at).ok().map(KindId)
}
