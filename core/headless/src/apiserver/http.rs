//! HTTP to and from the door: paths and queries decoded, watches and logs as chunks, exec and attach
//! over WebSocket in `v5.channel.k8s.io` frames.

use super::driver::{Driver, Reply};
use super::portforward::{self, Tunnel};
use crate::protobuf;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use drydock_container::machines::Frame;
use drydock_machinery::{json, limits};
use drydock_network::http as sim;
use drydock_network::http::Stream;
use futures_util::{SinkExt, StreamExt};
use percent_encoding::percent_decode_str;
use tokio::sync::mpsc::Receiver;
use tokio_stream::wrappers::ReceiverStream;

/// The channel whose one byte names the channel to close.
const CLOSE: u8 = 255;
/// The channel of a session's closing status.
const STATUS: u8 = 3;

/// Every request of every client.
pub async fn answer(State(driver): State<Driver>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok();
    let Some(mut asked) = convert(&parts) else { return StatusCode::METHOD_NOT_ALLOWED.into_response() };
    let Ok(bytes) = to_bytes(body, limits::BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let media = asked.headers.get("content-type").unwrap_or("").split(';').next().unwrap_or("").trim();
    if media == protobuf::MEDIA && !(bytes.is_empty() && asked.method == sim::Method::Delete) {
        match protobuf::to_json(asked.method, &asked.path, &bytes) {
            Ok(object) => {
                asked.body = sim::Body::Json(object);
                asked.headers.0.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            }
            Err(status) => return refusal(&status),
        }
    } else if !bytes.is_empty() {
        asked.body = sim::Body::Bytes(bytes.to_vec().into());
    }
    let accepts = asked.headers.get("accept").unwrap_or("");
    let wants_swagger =
        asked.path.trim_end_matches('/') == "/openapi/v2" && accepts.contains(protobuf::swagger::ACCEPT);
    let tunnels = asked.path.ends_with("/portforward").then(|| asked.clone());
    let Some(Reply { response, frames, .. }) = driver.request(asked).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match (response.body.clone(), frames, upgrade, tunnels) {
        (sim::Body::Stream(stream), Some(frames), Some(upgrade), Some(asked)) => {
            let tunnel = Tunnel { driver, stream, frames, asked };
            upgrade
                .protocols([portforward::PROTOCOL])
                .on_upgrade(move |socket| portforward::serve(tunnel, socket))
        }
        (sim::Body::Stream(stream), Some(frames), Some(upgrade), None) => upgrade
            .protocols(["v5.channel.k8s.io", "v4.channel.k8s.io"])
            .on_upgrade(move |socket| bridge(driver, stream, frames, socket)),
        (sim::Body::Stream(stream), Some(frames), None, _) => {
            if response.status == 101 {
                driver.close(stream);
                return refusal(&drydock_cluster::Status::bad_request("Upgrade request required"));
            }
            let chunks = ReceiverStream::new(frames).map(|frame| Ok::<_, std::io::Error>(chunk(frame)));
            head(&response, Body::from_stream(chunks))
        }
        // Asked for by clients that read nothing else.
        (sim::Body::Json(document), _, _, _) if wants_swagger => {
            let response = response.header("Content-Type", protobuf::swagger::MEDIA);
            head(&response, Body::from(protobuf::swagger::encode(&document)))
        }
        (body, _, _, _) => {
            let mut bytes = body.bytes().to_vec();
            // Go's encoder ends an object's line.
            if matches!(body, sim::Body::Json(_)) {
                bytes.push(b'\n');
            }
            head(&response, Body::from(bytes))
        }
    }
}

fn refusal(status: &drydock_cluster::Status) -> Response {
    let response = sim::Response::json(status.code, status.value());
    let body = Body::from(response.body.bytes().to_vec());
    head(&response, body)
}

pub(super) fn convert(parts: &axum::http::request::Parts) -> Option<sim::Request> {
    let method = sim::Method::parse(parts.method.as_str())?;
    let mut asked = request(method, parts.uri.path_and_query().map_or("/", |target| target.as_str()));
    for (name, value) in &parts.headers {
        asked.headers.add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    Some(asked)
}

/// A request of a target as it stands in an HTTP head: path and query decoded.
pub fn request(method: sim::Method, target: &str) -> sim::Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut asked = sim::Request::new(method, decode(path, false));
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        asked.query.push((decode(name, true).into(), decode(value, true).into()));
    }
    asked
}

fn decode(text: &str, form: bool) -> String {
    let text = if form { text.replace('+', " ") } else { text.to_string() };
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

fn head(response: &sim::Response, body: Body) -> Response {
    let mut out = Response::new(body);
    *out.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if matches!(response.body, sim::Body::Json(_) | sim::Body::Stream(_))
        && response.headers.get("content-type").is_none()
    {
        out.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    }
    for (name, value) in &response.headers.0 {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(&**name), HeaderValue::try_from(&**value)) {
            out.headers_mut().append(name, value);
        }
    }
    out
}

fn chunk(frame: Frame) -> Bytes {
    match frame {
        Frame::Json(value) => (json::to_string(&value) + "\n").into(),
        Frame::Bytes { bytes, .. } => bytes.into(),
        Frame::Pending | Frame::End => Bytes::new(),
    }
}

/// Carries frames between a WebSocket and a stream of the world until one of them ends.
async fn bridge(driver: Driver, stream: Stream, mut frames: Receiver<Frame>, socket: WebSocket) {
    let (mut out, mut incoming) = socket.split();
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(Frame::Bytes { channel, bytes }) => {
                    let mut message = vec![channel];
                    message.extend_from_slice(&bytes);
                    if out.send(Message::Binary(message.into())).await.is_err() {
                        break;
                    }
                }
                // A session's last word is its status, on the error channel.
                Some(Frame::Json(status)) => {
                    let mut message = vec![STATUS];
                    message.extend_from_slice(json::to_string(&status).as_bytes());
                    if out.send(Message::Binary(message.into())).await.is_err() {
                        break;
                    }
                }
                Some(Frame::Pending | Frame::End) => {}
                None => break,
            },
            message = incoming.next() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    if let Some((channel, rest)) = bytes.split_first() {
                        driver.write(stream, *channel, rest.to_vec());
                    }
                }
                // A text begins with its channel, too: the Python client types so.
                Some(Ok(Message::Text(text))) => {
                    if let Some((channel, rest)) = text.as_bytes().split_first() {
                        driver.write(stream, *channel, rest.to_vec());
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    driver.write(stream, CLOSE, vec![0]);
                    driver.close(stream);
                    return;
                }
            },
        }
    }
    // The client sees a clean end; an error here means that it is gone already.
    let normal = CloseFrame { code: close_code::NORMAL, reason: "".into() };
    _ = out.send(Message::Close(Some(normal))).await;
}
