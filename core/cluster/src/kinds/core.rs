//! Bindings and component statuses of the core group.

use super::{CREATE_ONLY, Kind, READ_ONLY};
use crate::table::column;
use drydock_machinery::Value;

pub const BINDING: Kind =
    Kind { kind: "Binding", plural: "bindings", singular: "binding", verbs: CREATE_ONLY, ..Kind::BASE };

pub const COMPONENT_STATUS: Kind = Kind {
    kind: "ComponentStatus",
    plural: "componentstatuses",
    singular: "componentstatus",
    short: &["cs"],
    namespaced: false,
    verbs: READ_ONLY,
    columns: &[column("Status"), column("Message"), column("Error")],
    row: |status, _| {
        let conditions = status.field("conditions").items();
        let healthy = conditions.iter().find(|c| c["type"] == "Healthy");
        let text = |field: &str| healthy.map_or("", |c| c[field].text()).to_string();
        let state = match text("status").as_str() {
            "True" => "Healthy",
            _ => "Unhealthy",
        };
        vec![state.into(), text("message").into(), Value::from(text("error"))]
    },
    ..Kind::BASE
};
