//! The order of the ports in Endpoints and EndpointSlices: by the MD5 of each port's Go dump, which puts
//! equal port lists into equal order (`pkg/api/v1/endpoints/util.go` and
//! `endpointslice/util/controller_utils.go`, v1.33). A service's own order is lost in it, as in reality.

use drydock_container::utilities::sums::md5;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

/// How Go's dump shows a field: by value, or by the pointer that may be nil.
fn shown(kind: &str, value: &Value) -> String {
    match value {
        Value::Null => format!("(*{kind})<nil>"),
        Value::Int(n) => format!("({kind}){n}"),
        text => format!("({kind}){}", text.text()),
    }
}

/// Ports of a slice: every field is a pointer.
#[must_use]
pub fn slice_order(ports: Vec<Value>) -> Vec<Value> {
    by_hash(ports, |port| {
        format!(
            "(v1.EndpointPort){{Name:{} Protocol:{} Port:{} AppProtocol:{}}}",
            shown("*string", &port["name"]),
            shown("*v1.Protocol", &port["protocol"]),
            shown("*int32", &port["port"]),
            shown(if port["appProtocol"].is_null() { "string" } else { "*string" }, &port["appProtocol"]),
        )
    })
}

/// Ports of a subset of Endpoints.
#[must_use]
pub fn subset_order(ports: Vec<Value>) -> Vec<Value> {
    by_hash(ports, |port| {
        let name = if port["name"].is_null() { Value::from("") } else { port["name"].clone() };
        format!(
            "(v1.EndpointPort){{Name:{} Port:{} Protocol:{} AppProtocol:{}}}",
            shown("string", &name),
            shown("int32", &port["port"]),
            shown("v1.Protocol", &port["protocol"]),
            shown(if port["appProtocol"].is_null() { "string" } else { "*string" }, &port["appProtocol"]),
        )
    })
}

fn by_hash(ports: Vec<Value>, dump: impl Fn(&Value) -> String) -> Vec<Value> {
    if ports.len() < 2 {
        return ports;
    }
    let mut keyed: Vec<(String, Value)> =
        ports.into_iter().map(|port| (md5(dump(&port).as_bytes()), port)).collect();
    keyed.arrange_by(|a, b| a.0.cmp(&b.0));
    keyed.into_iter().map(|(_, port)| port).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    /// As a real control plane put them (recorded: service `web` with ports `http` and `x`).
    #[test]
    fn ports_stand_in_the_order_of_their_hashes() {
        let ports = vec![
            value!({"name": "http", "port": 8080, "protocol": "TCP"}),
            value!({"name": "x", "port": 9, "protocol": "TCP"}),
        ];
        let names =
            |ports: Vec<Value>| ports.iter().map(|p| p["name"].text().to_string()).collect::<Vec<_>>();
        assert_eq!(names(slice_order(ports.clone())), ["x", "http"]);
        assert_eq!(names(subset_order(ports)), ["x", "http"]);
    }
}
