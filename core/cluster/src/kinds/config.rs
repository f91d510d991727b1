//! Config maps, secrets and service accounts.

use super::fill::Fill;
use super::{Kind, Subresource};
use crate::object::Object;
use crate::table::{column, integer};
use crate::validate;
use drydock_machinery::{Value, hash};

fn entries(object: &Object) -> Value {
    let count = |field: &str| object.field(field).entries().len();
    (count("data") + count("binaryData")).into()
}

pub const CONFIG_MAP: Kind = Kind {
    kind: "ConfigMap",
    plural: "configmaps",
    singular: "configmap",
    short: &["cm"],
    validate: validate::config::config_map,
    columns: &[column("Data"), column("Age")],
    row: |map, view| vec![entries(map), view.age(map.created)],
    ..Kind::BASE
};

pub const SECRET: Kind = Kind {
    kind: "Secret",
    plural: "secrets",
    singular: "secret",
    default: secret,
    validate: validate::config::secret,
    columns: &[column("Type"), integer("Data"), column("Age")],
    row: |secret, view| vec![secret.field("type").clone(), entries(secret), view.age(secret.created)],
    selectable: |secret, field| (field == "type").then(|| secret.field("type").text().into()),
    selectable_fields: &["type"],
    ..Kind::BASE
};

/// `stringData` is written into `data`; the type is Opaque unless said otherwise.
fn secret(secret: &Value) -> Value {
    let mut fill = Fill::new(secret);
    fill.word("type", "Opaque");
    let texts = fill.get("stringData").clone();
    if !texts.is_empty() {
        let mut data = Fill::new(&secret["data"]);
        for (key, text) in texts.entries() {
            data.set(key.text(), hash::base64_encode(text.text().as_bytes()));
        }
        let data = data.done();
        fill.set("data", data);
    }
    let done = fill.done();
    done.without("stringData")
}

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
    columns: &[integer("Secrets"), column("Age")],
    row: |account, view| vec![account.field("secrets").items().len().into(), view.age(account.created)],
    ..Kind::BASE
};
