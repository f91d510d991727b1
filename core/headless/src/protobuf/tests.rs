//! Bodies of the real kubectl 1.33 become what the real kubectl 1.31 sends for the same commands.

use super::{Method, to_json};
use drydock_machinery::{Value, json};

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn recorded() -> Vec<Value> {
    include_str!("recorded.jsonl").lines().map(|line| json::parse(line.as_bytes()).unwrap()).collect()
}

#[test]
fn bodies_of_the_real_kubectl_become_the_json_it_sent_before() {
    for case in recorded() {
        let object = to_json(Method::Post, case["path"].text(), &unhex(case["protobuf"].text()));
        let object = object.unwrap_or_else(|status| panic!("{}: {status}", case["path"].text()));
        assert_eq!(json::to_pretty(&object), json::to_pretty(&case["json"]), "{}", case["path"].text());
    }
}

#[test]
fn a_broken_body_is_refused_and_never_more() {
    for case in recorded() {
        let (path, whole) = (case["path"].text(), unhex(case["protobuf"].text()));
        for at in 0..whole.len() {
            // A cut may end between two fields of the wrapper, where it is whole again.
            if let Err(status) = to_json(Method::Post, path, &whole[..at]) {
                assert_eq!(status.code, 400, "{path} cut at {at}: {status}");
            }
            for bit in 0..8 {
                let mut bent = whole.clone();
                bent[at] ^= 1 << bit;
                if let Err(status) = to_json(Method::Post, path, &bent) {
                    assert_eq!(status.code, 400, "{path} bent at {at}: {status}");
                }
            }
        }
    }
}

#[test]
fn refusals_are_the_servers() {
    let message = |path: &str, body: &[u8]| to_json(Method::Post, path, body).unwrap_err().message;
    let pods = "/api/v1/namespaces/default/pods";
    assert_eq!(
        message(pods, b""),
        "the object provided is unrecognized (must be of type Pod): empty data (<empty>)"
    );
    assert_eq!(
        message(pods, b"{}"),
        "the object provided is unrecognized (must be of type Pod): provided data does not appear to be a \
         protobuf message, expected prefix [107 56 115 0] (7b7d)"
    );
    assert_eq!(
        message(pods, b"k8s\0"),
        "the object provided is unrecognized (must be of type Pod): empty body (6b387300)"
    );
    assert_eq!(
        message("/api/v1/namespaces/default/pods/p/eviction", b"k8s\0\x0a"),
        "the object provided is unrecognized (must be of type Eviction): unexpected EOF (6b3873000a)"
    );
    assert_eq!(
        message(pods, b"k8s\0\x0a\x09\x0a\x02v1\x12\x03Foo"),
        "Foo in version \"v1\" cannot be handled as a Pod: no kind \"Foo\" is registered for version \"v1\" \
         in scheme \"pkg/api/legacyscheme/scheme.go:30\""
    );
    assert_eq!(
        message(pods, b"k8s\0\x0a\x09\x0a\x02v1\x12\x03Pod\x12\x02\x12\x05"),
        "Pod in version \"v1\" cannot be handled as a Pod: unexpected EOF"
    );
    let custom =
        to_json(Method::Post, "/apis/example.com/v1/namespaces/default/things", b"k8s\0").unwrap_err();
    assert_eq!(custom.code, 415);
}

#[test]
fn few_bytes_cannot_become_many_values() {
    // A pod with as many empty containers as fit: each would be a struct with its own fields.
    let mut spec = Vec::new();
    for _ in 0..100_000 {
        spec.extend_from_slice(&[0x12, 0x00]);
    }
    let mut pod = vec![0x12, 0xc0, 0x9a, 0x0c];
    pod.extend(spec);
    let mut body = b"k8s\0\x0a\x09\x0a\x02v1\x12\x03Pod\x12\xc4\x9a\x0c".to_vec();
    body.extend(pod);
    let status = to_json(Method::Post, "/api/v1/namespaces/default/pods", &body).unwrap_err();
    assert!(status.message.ends_with("more than 200000 values"), "{status}");
}
