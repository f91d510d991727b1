//! Raw HTTP exchanges recorded from a real API server, sent again (`tests/data/status.json`): codes,
//! reasons, messages and details must be the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_cluster::boot::Config;
use drydock_cluster::{Actor, Cluster, kinds};
use drydock_container::Machines;
use drydock_container::program::Programs;
use drydock_machinery::{Clock, Value, json, value};
use drydock_network::http::{Body, Method, Request};

fn request(case: &Value) -> Request {
    let target = case["path"].text();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request::new(Method::parse(case["method"].text()).unwrap(), path);
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request = request.query(name, value.replace("%20", " "));
    }
    for (name, key) in [("content-type", "content_type"), ("accept", "accept")] {
        if !case[key].is_null() {
            request = request.header(name, case[key].text());
        }
    }
    let body = match &case["request"] {
        Value::Null => Body::Empty,
        value => match value.as_str() {
            Some(text) => Body::text(text),
            // As bytes, so that reading them is tested too.
            None => Body::text(&json::to_string(value)),
        },
    };
    request.body(body)
}

fn fits(expected: &str, got: &str) -> bool {
    match expected.split_once('…') {
        Some((head, tail)) => got.starts_with(head) && got.ends_with(tail),
        None => expected == got,
    }
}

#[test]
fn refusals_are_the_real_ones() {
    let cases = json::parse(include_bytes!("data/status.json")).unwrap();
    let mut machines = Machines::new(Clock::new(7, 1_795_000_000), Programs::default());
    let mut cluster = Cluster::boot(&mut machines, &Config::default());
    let admin = Actor::admin();
    let named = |name: &str| value!({"metadata": {"name": name}});
    cluster.create(&mut machines, &admin, kinds::NAMESPACE, "", named("raw-http")).unwrap();
    cluster.create(&mut machines, &admin, kinds::SERVICE_ACCOUNT, "raw-http", named("default")).unwrap();
    let mut wrong = Vec::new();
    for case in cases.items() {
        let response = cluster.handle(&mut machines, &request(case));
        let body = response.body.json().unwrap_or_default();
        let mut problems = Vec::new();
        if i64::from(response.status) != case["code"].int() {
            problems.push(format!(
                "code {} instead of {}: {}",
                response.status,
                case["code"].int(),
                body["message"].text()
            ));
        }
        if !case["body_kind"].is_null() && case["body_kind"] != body["kind"] {
            problems.push(format!("kind {}", body["kind"].text()));
        }
        for field in ["reason", "message", "status"] {
            if !case[field].is_null() && !fits(case[field].text(), body[field].text()) {
                problems.push(format!(
                    "{field}\n    want {}\n    got  {}",
                    case[field].text(),
                    body[field].text()
                ));
            }
        }
        let details = case["details"].without("uid");
        if !case["details"].is_null() && details != body["details"].without("uid") {
            problems.push(format!(
                "details\n    want {}\n    got  {}",
                json::to_string(&details),
                json::to_string(&body["details"])
            ));
        }
        if !problems.is_empty() {
            wrong.push(format!("{}: {}", case["title"].text(), problems.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.items().len(), wrong.join("\n"));
}
