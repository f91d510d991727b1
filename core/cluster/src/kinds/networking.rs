//! Services, endpoints, ingresses and network policies.

use super::{Kind, status_of};
use drydock_machinery::names;

pub const SERVICE: Kind = Kind {
    kind: "Service",
    plural: "services",
    singular: "service",
    short: &["svc"],
    categories: &["all"],
    status: true,
    name: names::is_dns1035_label,
    subresources: &[
        super::Subresource {
            name: "proxy",
            group: "",
            version: "",
            kind: "ServiceProxyOptions",
            verbs: &["create", "delete", "get", "patch", "update"],
        },
        status_of("Service"),
    ],
    ..Kind::BASE
};

pub const ENDPOINTS: Kind =
    Kind { kind: "Endpoints", plural: "endpoints", singular: "endpoints", short: &["ep"], ..Kind::BASE };

pub const ENDPOINT_SLICE: Kind = Kind {
    group: "discovery.k8s.io",
    kind: "EndpointSlice",
    plural: "endpointslices",
    singular: "endpointslice",
    generation: true,
    ..Kind::BASE
};

pub const INGRESS_CLASS: Kind = Kind {
    group: "networking.k8s.io",
    kind: "IngressClass",
    plural: "ingressclasses",
    singular: "ingressclass",
    namespaced: false,
    generation: true,
    ..Kind::BASE
};

pub const INGRESS: Kind = Kind {
    group: "networking.k8s.io",
    kind: "Ingress",
    plural: "ingresses",
    singular: "ingress",
    short: &["ing"],
    status: true,
    generation: true,
    subresources: &[status_of("Ingress")],
    ..Kind::BASE
};

pub const NETWORK_POLICY: Kind = Kind {
    group: "networking.k8s.io",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    singular: "networkpolicy",
    short: &["netpol"],
    generation: true,
    ..Kind::BASE
};
