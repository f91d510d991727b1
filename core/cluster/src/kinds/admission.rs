//! Admission webhook configurations.

use super::Kind;
use super::fill::Fill;
use crate::table::{column, integer};
use crate::validate;
use drydock_machinery::{Value, value};

fn hooks(configuration: &Value, mutating: bool) -> Value {
    let mut fill = Fill::new(configuration);
    fill.items("webhooks", |hook| {
        let mut fill = Fill::new(hook);
        fill.word("failurePolicy", "Fail");
        fill.word("matchPolicy", "Equivalent");
        fill.or("namespaceSelector", value!({}));
        fill.or("objectSelector", value!({}));
        fill.or("timeoutSeconds", 10);
        if mutating {
            fill.word("reinvocationPolicy", "Never");
        }
        fill.items("rules", |rule| {
            let mut fill = Fill::new(rule);
            fill.word("scope", "*");
            fill.done()
        });
        fill.each("clientConfig", |client| {
            let mut fill = Fill::new(client);
            fill.each("service", |service| {
                let mut fill = Fill::new(service);
                fill.or("port", 443);
                fill.done()
            });
            fill.done()
        });
        fill.done()
    });
    fill.done()
}

pub const MUTATING_WEBHOOK_CONFIGURATION: Kind = Kind {
    group: "admissionregistration.k8s.io",
    kind: "MutatingWebhookConfiguration",
    plural: "mutatingwebhookconfigurations",
    singular: "mutatingwebhookconfiguration",
    categories: &["api-extensions"],
    namespaced: false,
    generation: true,
    default: |configuration| hooks(configuration, true),
    validate: validate::webhook::mutating,
    columns: &[integer("Webhooks"), column("Age")],
    row: |c, view| vec![c.field("webhooks").items().len().into(), view.age(c.created)],
    ..Kind::BASE
};

pub const VALIDATING_WEBHOOK_CONFIGURATION: Kind = Kind {
    kind: "ValidatingWebhookConfiguration",
    plural: "validatingwebhookconfigurations",
    singular: "validatingwebhookconfiguration",
    default: |configuration| hooks(configuration, false),
    validate: validate::webhook::validating,
    ..MUTATING_WEBHOOK_CONFIGURATION
};
