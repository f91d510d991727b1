//! Small kinds of small groups: leases, runtime classes, API services, signing requests.

use super::fill::Fill;
use super::{Kind, STATUS_VERBS, Subresource, status_of};
use crate::table::{column, word};
use crate::validate;
use drydock_machinery::Value;

pub const API_SERVICE: Kind = Kind {
    group: "apiregistration.k8s.io",
    kind: "APIService",
    // The core group's ends with a dot.
    name: super::rbac::path_segment,
    plural: "apiservices",
    singular: "apiservice",
    categories: &["api-extensions"],
    namespaced: false,
    status: true,
    subresources: &[status_of("APIService")],
    default: |service| {
        let mut fill = Fill::new(service);
        fill.each("spec", |spec| {
            let mut fill = Fill::new(spec);
            fill.each("service", |backend| {
                let mut fill = Fill::new(backend);
                fill.or("port", 443);
                fill.done()
            });
            fill.done()
        });
        fill.done()
    },
    validate: validate::api_service::validate,
    columns: &[column("Service"), column("Available"), column("Age")],
    row: |service, view| {
        let backend = &service.spec()["service"];
        let place = match backend.is_map() {
            true => format!("{}/{}", backend["namespace"].text(), backend["name"].text()),
            false => "Local".into(),
        };
        let available = service.condition("Available");
        let state = match (available["status"].text(), available["reason"].text()) {
            ("", _) => "Unknown".to_string(),
            ("True", _) => "True".into(),
            (status, "") => status.into(),
            (status, reason) => format!("{status} ({reason})"),
        };
        vec![place.into(), state.into(), view.age(service.created)]
    },
    ..Kind::BASE
};

pub const CERTIFICATE_SIGNING_REQUEST: Kind = Kind {
    group: "certificates.k8s.io",
    kind: "CertificateSigningRequest",
    name: super::rbac::path_segment,
    plural: "certificatesigningrequests",
    singular: "certificatesigningrequest",
    short: &["csr"],
    namespaced: false,
    status: true,
    subresources: &[
        Subresource {
            name: "approval",
            group: "",
            version: "",
            kind: "CertificateSigningRequest",
            verbs: STATUS_VERBS,
        },
        status_of("CertificateSigningRequest"),
    ],
    validate: validate::signing_request::validate,
    columns: &[
        column("Age"),
        column("SignerName"),
        column("Requestor"),
        column("RequestedDuration"),
        column("Condition"),
    ],
    row: |request, view| {
        let (spec, status) = (request.spec(), request.status());
        let has = |condition: &str| status["conditions"].items().iter().any(|c| c["type"] == condition);
        let mut state: Vec<&str> = Vec::new();
        if has("Denied") {
            state.push("Denied");
        } else if has("Approved") {
            state.push("Approved");
        } else {
            state.push("Pending");
        }
        if has("Failed") {
            state.push("Failed");
        }
        if !status["certificate"].is_empty() {
            state.push("Issued");
        }
        let duration = spec["expirationSeconds"].as_int();
        vec![
            view.age(request.created),
            spec["signerName"].clone(),
            spec["username"].text().into(),
            duration.map_or_else(|| word("<none>"), |s| drydock_machinery::time::human_duration(s).into()),
            state.join(",").into(),
        ]
    },
    ..Kind::BASE
};

pub const LEASE: Kind = Kind {
    group: "coordination.k8s.io",
    kind: "Lease",
    plural: "leases",
    singular: "lease",
    validate: validate::lease::validate,
    columns: &[column("Holder"), column("Age")],
    row: |lease, view| vec![Value::from(lease.spec()["holderIdentity"].text()), view.age(lease.created)],
    ..Kind::BASE
};

pub const RUNTIME_CLASS: Kind = Kind {
    group: "node.k8s.io",
    kind: "RuntimeClass",
    plural: "runtimeclasses",
    singular: "runtimeclass",
    namespaced: false,
    validate: validate::policy::runtime_class,
    columns: &[column("Handler"), column("Age")],
    row: |class, view| vec![class.field("handler").clone(), view.age(class.created)],
    ..Kind::BASE
};
