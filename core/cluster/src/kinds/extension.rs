//! Small kinds of small groups: leases, runtime classes, API services, signing requests.

use super::{Kind, status_of};

pub const API_SERVICE: Kind = Kind {
    group: "apiregistration.k8s.io",
    kind: "APIService",
    plural: "apiservices",
    singular: "apiservice",
    categories: &["api-extensions"],
    namespaced: false,
    status: true,
    subresources: &[status_of("APIService")],
    ..Kind::BASE
};

pub const CERTIFICATE_SIGNING_REQUEST: Kind = Kind {
    group: "certificates.k8s.io",
    kind: "CertificateSigningRequest",
    plural: "certificatesigningrequests",
    singular: "certificatesigningrequest",
    short: &["csr"],
    namespaced: false,
    status: true,
    subresources: &[
        super::Subresource {
            name: "approval",
            group: "",
            version: "",
            kind: "CertificateSigningRequest",
            verbs: super::STATUS_VERBS,
        },
        status_of("CertificateSigningRequest"),
    ],
    ..Kind::BASE
};

pub const LEASE: Kind =
    Kind { group: "coordination.k8s.io", kind: "Lease", plural: "leases", singular: "lease", ..Kind::BASE };

pub const RUNTIME_CLASS: Kind = Kind {
    group: "node.k8s.io",
    kind: "RuntimeClass",
    plural: "runtimeclasses",
    singular: "runtimeclass",
    namespaced: false,
    ..Kind::BASE
};
