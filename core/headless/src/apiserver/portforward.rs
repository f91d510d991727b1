//! `pods/NAME/portforward` for real clients: SPDY/3.1 in the binary messages of a WebSocket
//! (`SPDY/3.1+portforward.k8s.io`, kubectl 1.31 and later). Each connection is an error and a data stream
//! with the same `requestid`; its messages go one by one through the world.

use super::driver::{Driver, Reply};
use super::message::{self, Cut};
use super::spdy::{self, Event};
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use drydock_cluster::kubelet::portforward as wire;
use drydock_container::machines::Frame;
use drydock_network::exchange::{Answer, Failure, Payload};
use drydock_network::http::{Body, Method, Request, Stream};
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

/// The WebSocket protocol's name.
pub const PROTOCOL: &str = "SPDY/3.1+portforward.k8s.io";
/// Messages that wait in either direction of a connection.
const WAITING: usize = 64;
/// Connections of one tunnel.
const CONNECTIONS: usize = 1_000;

/// A pod's tunnel in the world.
pub struct Tunnel {
    pub driver: Driver,
    pub stream: Stream,
    pub frames: mpsc::Receiver<Frame>,
    /// The request that opened it: path and credentials are those of each message, too.
    pub asked: Request,
}

/// One forwarded connection.
#[derive(Default)]
struct Connection {
    error: Option<u32>,
    port: Option<u16>,
    input: Option<mpsc::Sender<Vec<u8>>>,
}

/// Serves a tunnel until the client leaves or the pod ends.
pub async fn serve(mut tunnel: Tunnel, socket: WebSocket) {
    let (out, mut incoming) = socket.split();
    // A writer of its own: reading may wait for a connection, which may wait for the client to read.
    let (answers, to_send) = mpsc::channel::<Vec<u8>>(WAITING);
    let writer = tokio::spawn(write(out, to_send));
    let mut reader = spdy::Reader::new();
    let mut connections: BTreeMap<String, Connection> = BTreeMap::new();
    // Which connection a data stream belongs to.
    let mut data: BTreeMap<u32, String> = BTreeMap::new();
    let mut replied = false;
    loop {
        tokio::select! {
            frame = tunnel.frames.recv() => match frame {
                Some(Frame::End) | None => break,
                Some(_) => {}
            },
            message = incoming.next() => {
                let bytes = match message {
                    Some(Ok(Message::Binary(bytes))) => bytes,
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                };
                let Ok(events) = reader.feed(&bytes) else { break };
                for event in events {
                    match event {
                        Event::Open { stream, headers, .. } => {
                            let first = !std::mem::replace(&mut replied, true);
                            _ = answers.send(spdy::reply(stream, first)).await;
                            if connections.len() < CONNECTIONS {
                                let id = open(&mut connections, stream, &headers, &tunnel, &answers);
                                data.extend(id.map(|id| (stream, id)));
                            }
                        }
                        Event::Data { stream, bytes, fin } => {
                            let Some(id) = data.get(&stream) else { continue };
                            let Some(connection) = connections.get_mut(id) else { continue };
                            // A connection whose task has ended wants nothing more.
                            if let Some(input) = &connection.input && !bytes.is_empty() {
                                _ = input.send(bytes).await;
                            }
                            if fin {
                                connection.input = None;
                            }
                        }
                        Event::Reset(stream) => {
                            if let Some(id) = data.remove(&stream) {
                                connections.remove(&id);
                            }
                        }
                        Event::Ping(id) => {
                            _ = answers.send(spdy::ping(id)).await;
                        }
                        Event::GoAway => {}
                    }
                }
            }
        }
    }
    tunnel.driver.close(tunnel.stream);
    // Nothing is left to say; an error means that the client is gone already.
    _ = answers.send(Vec::new()).await;
    _ = writer.await;
}

/// Sends what the connections answer, until there is an empty piece.
async fn write(mut out: SplitSink<WebSocket, Message>, mut to_send: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = to_send.recv().await.filter(|bytes| !bytes.is_empty()) {
        if out.send(Message::Binary(bytes.into())).await.is_err() {
            return;
        }
    }
    // An error here means that the client is gone already.
    _ = out.send(Message::Close(Some(CloseFrame { code: close_code::NORMAL, reason: "".into() }))).await;
}

/// A new stream: the error or the data stream of a connection. Gives the connection of a data stream.
fn open(
    connections: &mut BTreeMap<String, Connection>,
    stream: u32,
    headers: &[(String, String)],
    tunnel: &Tunnel,
    answers: &mpsc::Sender<Vec<u8>>,
) -> Option<String> {
    let header = |name: &str| headers.iter().find(|h| h.0.eq_ignore_ascii_case(name)).map(|h| h.1.as_str());
    let id = header("requestid").unwrap_or("").to_string();
    let connection = connections.entry(id.clone()).or_default();
    connection.port = connection.port.or_else(|| header("port")?.parse().ok());
    if header("streamtype") == Some("error") {
        connection.error = Some(stream);
        return None;
    }
    let (input, arrived) = mpsc::channel(WAITING);
    connection.input = Some(input);
    let asked = Request::new(Method::Post, tunnel.asked.path.clone())
        .header("Upgrade", "websocket")
        .query("ports", connection.port.unwrap_or(0).to_string());
    let credentials = tunnel.asked.headers.0.iter().filter(|h| !h.0.eq_ignore_ascii_case("content-length"));
    let asked = credentials.fold(asked, |asked, (name, value)| asked.header(name, value));
    let task = Task {
        driver: tunnel.driver.clone(),
        asked,
        port: connection.port.unwrap_or(0),
        stream,
        error: connection.error,
        answers: answers.clone(),
    };
    tokio::spawn(task.run(arrived));
    Some(id)
}

/// One connection's messages, in order.
struct Task {
    driver: Driver,
    asked: Request,
    port: u16,
    stream: u32,
    error: Option<u32>,
    answers: mpsc::Sender<Vec<u8>>,
}

impl Task {
    async fn run(self, mut arrived: mpsc::Receiver<Vec<u8>>) {
        let mut waiting: Vec<u8> = Vec::new();
        let mut trouble = String::new();
        'connection: while let Some(bytes) = arrived.recv().await {
            waiting.extend(bytes);
            while let Cut::Whole { payload, length, last } = message::cut(&waiting) {
                waiting.drain(..length);
                match self.exchange(&payload).await {
                    Ok(answer) => {
                        let bytes = match (&payload, answer) {
                            (_, Answer::Connected) => Vec::new(),
                            (_, Answer::Bytes(bytes)) => bytes.to_vec(),
                            (Payload::Http(asked), Answer::Http(response)) => {
                                message::write(asked, &response)
                            }
                            (_, Answer::Http(response)) => message::write(&Request::get("/"), &response),
                        };
                        self.say(self.stream, &bytes, false).await;
                        if last {
                            break 'connection;
                        }
                    }
                    Err(why) => {
                        trouble = self.trouble(why);
                        break 'connection;
                    }
                }
                if waiting.is_empty() {
                    break;
                }
            }
        }
        self.say(self.stream, &[], true).await;
        if let Some(error) = self.error {
            self.say(error, trouble.as_bytes(), true).await;
        }
    }
    async fn say(&self, stream: u32, bytes: &[u8], fin: bool) {
        if fin || !bytes.is_empty() {
            // The tunnel has ended if nobody takes it.
            _ = self.answers.send(spdy::data(stream, bytes, fin)).await;
        }
    }
    async fn exchange(&self, payload: &Payload) -> Result<Answer, Failure> {
        let asked = self.asked.clone().body(Body::Json(wire::encode(payload)));
        let Some(Reply { frames: Some(mut frames), .. }) = self.driver.request(asked).await else {
            return Err(Failure::Reset);
        };
        while let Some(frame) = frames.recv().await {
            if let Frame::Json(answer) = frame {
                return wire::decode(&answer);
            }
        }
        Err(Failure::Reset)
    }
    /// What the container runtime says of a connection it cannot make.
    fn trouble(&self, why: Failure) -> String {
        let pod =
            self.asked.path.trim_end_matches("/portforward").rsplit('/').next().unwrap_or("").to_string();
        let port = self.port;
        match why {
            Failure::Refused => format!(
                "error forwarding port {port} to pod {pod}, uid : failed to execute portforward in network namespace: failed to connect to localhost:{port} inside namespace, IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused IPv6 dial tcp6 [::1]:{port}: connect: connection refused "
            ),
            _ => String::new(),
        }
    }
}
