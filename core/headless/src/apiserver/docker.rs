//! The laptop's container engine over HTTP, for real clients with `DOCKER_HOST=tcp://…`: plain answers,
//! answers that come later, streams of messages, and hijacked connections that carry a process' input
//! and output. What a terminal driver does for people (echo, line editing, CR and LF) is done here, as
//! the clients' own terminals are in raw mode.

use super::driver::{Door, Driver, Reply};
use super::http::convert;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use drydock_container::machines::Frame;
use drydock_machinery::json;
use drydock_network::http as sim;
use drydock_network::http::Stream;
use futures_util::StreamExt;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::Receiver;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes of one request: a build's context, an image to load.
const BODY_BYTES: usize = 64 * 1024 * 1024;
/// The channel that closes the input.
const CLOSE: u8 = 255;

/// Every request of every client.
pub async fn answer(State(driver): State<Driver>, mut request: Request) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, body) = request.into_parts();
    let Some(mut asked) = convert(&parts) else { return StatusCode::METHOD_NOT_ALLOWED.into_response() };
    let hijack = parts.headers.contains_key("upgrade");
    if !hijack || asked.path.ends_with("/start") {
        let Ok(bytes) = to_bytes(body, BODY_BYTES).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        if !bytes.is_empty() {
            asked.body = sim::Body::Bytes(bytes.to_vec().into());
        }
    }
    let Some(Reply { response, frames, raw }) = driver.ask(Door::Docker, asked).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (stream, frames) = match (&response.body, frames) {
        (sim::Body::Stream(stream), Some(frames)) => (*stream, frames),
        (body, _) => {
            let bytes = body.bytes().to_vec();
            return head(&response, response.status, Body::from(bytes));
        }
    };
    match response.status {
        102 => later(&response, frames).await,
        101 => {
            tokio::spawn(async move {
                match upgrade.await {
                    Ok(connection) => carry(driver, stream, frames, raw, TokioIo::new(connection)).await,
                    Err(_) => driver.close(stream),
                }
            });
            head(&response, 101, Body::empty())
        }
        status => {
            let chunks = ReceiverStream::new(frames)
                .map(move |frame| Ok::<_, std::io::Error>(Bytes::from(bytes_of(frame, raw))));
            head(&response, status, Body::from_stream(chunks))
        }
    }
}

/// The true answer is the stream's one frame.
async fn later(response: &sim::Response, mut frames: Receiver<Frame>) -> Response {
    while let Some(frame) = frames.recv().await {
        let Frame::Json(value) = frame else { continue };
        let status = u16::try_from(value["status"].int()).unwrap_or(500);
        let body = &value["body"];
        if body.is_null() {
            return head(response, status, Body::empty());
        }
        let mut answer = head(response, status, Body::from(json::to_plain(body) + "\n"));
        answer.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        return answer;
    }
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn head(response: &sim::Response, status: u16, body: Body) -> Response {
    let mut out = Response::new(body);
    *out.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if matches!(response.body, sim::Body::Json(_)) {
        out.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    }
    for (name, value) in &response.headers.0 {
        // BuildKit's session is not spoken here: clients build in the classic way.
        let value = if name.eq_ignore_ascii_case("builder-version") { "1" } else { value };
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(&**name), HeaderValue::try_from(value)) {
            out.headers_mut().insert(name, value);
        }
    }
    out
}

/// A frame on the wire: messages one a line, output behind the header that names its stream.
fn bytes_of(frame: Frame, raw: bool) -> Vec<u8> {
    match frame {
        Frame::Json(value) => (json::to_plain(&value) + "\n").into_bytes(),
        Frame::Bytes { bytes, .. } if raw => with_returns(&bytes),
        Frame::Bytes { channel, bytes } => {
            let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let mut out = vec![channel, 0, 0, 0];
            out.extend_from_slice(&size.to_be_bytes());
            out.extend_from_slice(&bytes);
            out
        }
        Frame::Pending | Frame::End => Vec::new(),
    }
}

/// A line feed goes out as carriage return and line feed.
fn with_returns(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut before = 0;
    for byte in bytes {
        if *byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        before = *byte;
    }
    out
}

/// What a terminal makes of typed bytes: what goes to the process, and what is echoed.
#[derive(Default)]
struct Typed {
    line: Vec<u8>,
}

impl Typed {
    fn take(&mut self, bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (mut out, mut echo) = (Vec::new(), Vec::new());
        for byte in bytes {
            match byte {
                b'\r' | b'\n' => {
                    out.append(&mut self.line);
                    out.push(b'\n');
                    echo.extend_from_slice(b"\r\n");
                }
                0x7f | 8 => {
                    if self.line.pop().is_some() {
                        echo.extend_from_slice(b"\x08 \x08");
                    }
                }
                3 | 26 | 28 => {
                    self.line.clear();
                    out.push(*byte);
                    echo.extend_from_slice(if *byte == 3 { b"^C" } else { b"^Z" });
                }
                4 => {
                    out.append(&mut self.line);
                    out.push(4);
                }
                other => {
                    self.line.push(*other);
                    echo.push(*other);
                }
            }
        }
        (out, echo)
    }
}

/// Carries a hijacked connection until its stream ends or the client goes.
async fn carry(
    driver: Driver,
    stream: Stream,
    mut frames: Receiver<Frame>,
    raw: bool,
    connection: TokioIo<hyper::upgrade::Upgraded>,
) {
    let (mut incoming, mut out) = tokio::io::split(connection);
    let mut typed = Typed::default();
    let mut buffer = vec![0; 32 * 1024];
    let mut open = true;
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => {
                    if out.write_all(&bytes_of(frame, raw)).await.is_err() {
                        break;
                    }
                }
                None => {
                    // The other end sees the end; an error means that it is gone already.
                    _ = out.shutdown().await;
                    return;
                }
            },
            read = incoming.read(&mut buffer), if open => match read {
                Ok(0) => {
                    // Only the input has ended: the output goes on.
                    driver.write(stream, CLOSE, vec![0]);
                    open = false;
                }
                Ok(size) => {
                    let bytes = buffer.get(..size).unwrap_or(&[]);
                    if raw {
                        let (line, echo) = typed.take(bytes);
                        if out.write_all(&echo).await.is_err() {
                            break;
                        }
                        if !line.is_empty() {
                            driver.write(stream, 0, line);
                        }
                    } else {
                        driver.write(stream, 0, bytes.to_vec());
                    }
                }
                Err(_) => break,
            },
        }
    }
    driver.close(stream);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_edit_lines_and_echo() {
        let mut typed = Typed::default();
        assert_eq!(typed.take(b"lx\x7fs"), (Vec::new(), b"lx\x08 \x08s".to_vec()));
        assert_eq!(typed.take(b"\r"), (b"ls\n".to_vec(), b"\r\n".to_vec()));
        assert_eq!(with_returns(b"a\nb\r\n"), b"a\r\nb\r\n");
        let frame = Frame::Bytes { channel: 2, bytes: b"no\n".to_vec() };
        assert_eq!(bytes_of(frame, false), b"\x02\0\0\0\0\0\0\x03no\n");
    }
}
