//! Config maps, secrets and service accounts.

use super::{Kind, Subresource};

pub const CONFIG_MAP: Kind =
    Kind { kind: "ConfigMap", plural: "configmaps", singular: "configmap", short: &["cm"], ..Kind::BASE };

pub const SECRET: Kind = Kind { kind: "Secret", plural: "secrets", singular: "secret", ..Kind::BASE };

pub const SERVICE_ACCOUNT: Kind = Kind {
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    singular: "serviceaccount",
    short: &["sa"],
    subresources: &[Subresource {
        name: "token",
        group: "authentication.k8s.io",
        version: "v1",
        kind: "TokenRequest",
        verbs: super::CREATE_ONLY,
    }],
    ..Kind::BASE
};
