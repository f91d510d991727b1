//! Forwarded ports. Traffic in the sandbox is whole messages, so a forwarded connection is one message in
//! and one answer out: the client posts a message to `pods/NAME/portforward?ports=N` and reads the answer
//! from the stream it gets. Both are JSON documents, made and read by [`encode`] and [`decode`].

use crate::cluster::Cluster;
use crate::object::{Id, Object};
use crate::status::Status;
use crate::streams::StreamState;
use drydock_container::Machines;
use drydock_container::machines::Frame;
use drydock_container::wait::Key;
use drydock_machinery::{Value, hash, value};
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::{Body, Headers, Method, Request, Response, Stream};
use std::sync::Arc;

/// How long an answer is waited for, milliseconds.
const TIMEOUT: u64 = 60_000;

/// A message as JSON.
#[must_use]
pub fn encode(payload: &Payload) -> Value {
    match payload {
        Payload::Connect => value!({"connect": true}),
        Payload::Bytes(bytes) => value!({"bytes": hash::base64_encode(bytes)}),
        Payload::Http(request) => {
            let query: Vec<Value> = request.query.iter().map(|(k, v)| value!([k, v])).collect();
            value!({
                "method": request.method.name(), "path": &request.path, "query": query,
                "headers": headers(&request.headers), "body": hash::base64_encode(&request.body.bytes()),
            })
        }
    }
}

fn headers(headers: &Headers) -> Value {
    headers.0.iter().map(|(k, v)| value!([k, v])).collect()
}

fn pairs(value: &Value) -> Vec<(Arc<str>, Arc<str>)> {
    value.items().iter().map(|p| (p[0].shared(), p[1].shared())).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    hash::base64_decode(value.text()).unwrap_or_default()
}

fn message(value: &Value) -> Payload {
    if value["connect"].bool() || value.is_null() {
        return Payload::Connect;
    }
    if !value["bytes"].is_null() {
        return Payload::Bytes(bytes(&value["bytes"]).into());
    }
    let method = Method::parse(value["method"].text()).unwrap_or(Method::Get);
    let mut request = Request::new(method, value["path"].shared());
    request.query = pairs(&value["query"]);
    request.headers = Headers(pairs(&value["headers"]));
    let body = bytes(&value["body"]);
    if !body.is_empty() {
        request.body = Body::Bytes(body.into());
    }
    Payload::Http(request)
}

/// The answer of a forwarded message, from the document the stream gave.
///
/// # Errors
/// Why nothing came back.
pub fn decode(value: &Value) -> Result<Answer, Failure> {
    if !value["failure"].is_null() {
        return Err(match value["failure"].text() {
            "refused" => Failure::Refused,
            "reset" => Failure::Reset,
            "unreachable" => Failure::Unreachable,
            _ => Failure::TimedOut,
        });
    }
    if !value["bytes"].is_null() {
        return Ok(Answer::Bytes(bytes(&value["bytes"]).into()));
    }
    if value["status"].is_null() {
        return Ok(Answer::Connected);
    }
    let mut response = Response::new(u16::try_from(value["status"].int()).unwrap_or(502), Body::Empty);
    response.headers = Headers(pairs(&value["headers"]));
    response.body = Body::Bytes(bytes(&value["body"]).into());
    Ok(Answer::Http(response))
}

fn document(answer: Result<Answer, Failure>) -> Value {
    match answer {
        Ok(Answer::Connected) => value!({"connected": true}),
        Ok(Answer::Bytes(bytes)) => value!({"bytes": hash::base64_encode(&bytes)}),
        Ok(Answer::Http(response)) => value!({
            "status": i64::from(response.status), "headers": headers(&response.headers),
            "body": hash::base64_encode(&response.body.bytes()),
        }),
        Err(failure) => {
            let word = match failure {
                Failure::Refused => "refused",
                Failure::TimedOut => "timed out",
                Failure::Reset => "reset",
                Failure::Unreachable => "unreachable",
            };
            value!({"failure": word})
        }
    }
}

/// One forwarded message, or the tunnel as such: it lasts as long as the pod runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Forward {
    pub pod: Id,
    /// 0 for a tunnel.
    pub exchange: u64,
    pub answer: Option<Value>,
}

/// Opens a tunnel to a pod.
///
/// # Errors
/// When the pod does not run.
pub fn tunnel(cluster: &mut Cluster, machines: &mut Machines, pod: &Arc<Object>) -> Result<Stream, Status> {
    if !is_running(cluster, pod.id) {
        return Err(not_running(pod));
    }
    let state = Forward { pod: pod.id, exchange: 0, answer: None };
    Ok(cluster.open_stream(machines, StreamState::Forward(Arc::new(state))))
}

fn is_running(cluster: &Cluster, pod: Id) -> bool {
    let worker = cluster.control.kubelets.worker(pod);
    worker.is_some_and(|w| w.units.iter().any(super::Unit::is_running) && !cluster.is_node_stopped(w.node))
}

fn not_running(pod: &Object) -> Status {
    let phase = pod.status()["phase"].text();
    Status::bad_request(format!("unable to forward port because pod is not running. Current status={phase}"))
}

/// Sends a message to a port of a pod, on its own loopback.
///
/// # Errors
/// When the pod does not run.
pub fn forward(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    port: u16,
    body: &Value,
) -> Result<Stream, Status> {
    let worker = cluster.control.kubelets.worker(pod.id).filter(|_| is_running(cluster, pod.id));
    let Some(worker) = worker else { return Err(not_running(pod)) };
    let (net, ip) = (worker.net, worker.ip);
    let exchange = machines.probe(net, Target { ip, port }, message(body), TIMEOUT);
    let stream = cluster.open_stream(
        machines,
        StreamState::Forward(Arc::new(Forward { pod: pod.id, exchange, answer: None })),
    );
    cluster.control.kubelets.forwards.insert(exchange, stream.0);
    Ok(stream)
}

/// An exchange is over that may be a forwarded one.
pub fn answered(cluster: &mut Cluster, machines: &mut Machines, exchange: u64) {
    let Some(stream) = cluster.control.kubelets.forwards.remove(&exchange) else { return };
    let Some(answer) = machines.take_exchange(exchange) else { return };
    if let Some(StreamState::Forward(forward)) = cluster.stream_state(stream) {
        let state = Forward { answer: Some(document(answer)), ..Forward::clone(&forward) };
        cluster.set_stream(stream, StreamState::Forward(Arc::new(state)));
    }
    machines.wake(Key::Streams);
}

/// The answer, once it is there; then the end.
#[must_use]
pub fn read(cluster: &Cluster, forward: &Forward) -> (Frame, bool) {
    match &forward.answer {
        _ if !is_running(cluster, forward.pod) => (Frame::End, true),
        Some(answer) => (Frame::Json(answer.clone()), true),
        None => (Frame::Pending, false),
    }
}
