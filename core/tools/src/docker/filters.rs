//! `--filter`: flags to the Engine API's `filters` parameter.

use super::options::checks;
use crate::cli::Flag;
use drydock_machinery::{Value, json};
use drydock_network::http::Request;

/// `-f, --filter`.
pub const FLAG: Flag =
    Flag::array("filter", 'f', "Only what satisfies this (name=value)").checked("filter", checks::filter);
/// `--filter` of commands whose `-f` is `--force`.
pub const LONG: Flag =
    Flag::array("filter", '\0', "Only what satisfies this (name=value)").checked("filter", checks::filter);
/// What `--format` does, everywhere.
pub const FORMAT_ABOUT: &str =
    "How to print: 'table' with headers, 'table TEMPLATE' with chosen columns, 'json', or a Go template";

/// `name=web` and its like as `{"name": {"web": true}}`.
#[must_use]
pub fn parse(given: &[String]) -> Value {
    let mut filters = Value::empty_map();
    for text in given {
        if let Some((name, value)) = text.split_once('=') {
            let name = name.trim().to_lowercase();
            let set = filters[name.as_str()].with(value.trim(), true);
            filters = filters.with(name.as_str(), set);
        }
    }
    filters
}

/// The request with these filters, if there are any.
#[must_use]
pub fn add(request: Request, filters: &Value) -> Request {
    if filters.is_empty() { request } else { request.query("filters", json::to_plain(filters)) }
}
