//! Bytes of a forwarded connection and whole messages of the sandbox: HTTP/1.1 requests are cut out of
//! what arrives, answers are written as a server would. What is no HTTP passes as it comes.

use super::http;
use drydock_machinery::limits;
use drydock_network::exchange::Payload;
use drydock_network::http::{Body, Method, Request, Response};

/// Bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// What the bytes so far are.
pub enum Cut {
    /// More must come.
    Partial,
    /// A message and the bytes it took; whether the connection ends after the answer.
    Whole { payload: Payload, length: usize, last: bool },
}

/// The first message of what arrived.
pub fn cut(bytes: &[u8]) -> Cut {
    let raw = || Cut::Whole { payload: Payload::Bytes(bytes.into()), length: bytes.len(), last: false };
    let word = bytes.split(|b| *b == b' ').next().unwrap_or_default();
    let method = std::str::from_utf8(word).ok().and_then(Method::parse);
    let Some(method) = method.filter(|_| word.len() < bytes.len()) else {
        let may_become = |m: &[u8]| m.starts_with(bytes) && !bytes.is_empty();
        let verbs: [&[u8]; 7] = [b"GET ", b"HEAD ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"OPTIONS "];
        return if bytes.is_empty() || verbs.into_iter().any(may_become) { Cut::Partial } else { raw() };
    };
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
        return if bytes.len() > HEAD_BYTES { raw() } else { Cut::Partial };
    };
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (target, version) = (first.nth(1).unwrap_or("/"), first.next().unwrap_or("HTTP/1.1"));
    let mut request = http::request(method, target);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        request.headers.add(name.trim(), value.trim());
    }
    let rest = bytes.get(end + 4..).unwrap_or_default();
    let chunked = request.headers.get("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked"));
    let body = if chunked {
        unchunk(rest)
    } else {
        let length = request.headers.get("content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
        rest.get(..length).map(|body| (body.to_vec(), length))
    };
    let Some((body, length)) = body else {
        return if bytes.len() > HEAD_BYTES + limits::BODY_BYTES { raw() } else { Cut::Partial };
    };
    if !body.is_empty() {
        request.body = Body::Bytes(body.into());
    }
    let word = request.headers.get("connection").unwrap_or("").to_ascii_lowercase();
    let last = word == "close" || (version == "HTTP/1.0" && word != "keep-alive");
    Cut::Whole { payload: Payload::Http(request), length: end + 4 + length, last }
}

/// A chunked body and the bytes it took; `None` while it is not all there.
fn unchunk(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let line = bytes.get(at..)?.windows(2).position(|w| w == b"\r\n")?;
        let size = std::str::from_utf8(bytes.get(at..at + line)?).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        at += line + 2;
        body.extend_from_slice(bytes.get(at..at.checked_add(size)?)?);
        at += size + 2;
        if size == 0 {
            return (at <= bytes.len()).then_some((body, at));
        }
    }
}

/// A response as it crosses a wire.
pub fn write(asked: &Request, response: &Response) -> Vec<u8> {
    let body = response.body.bytes();
    let phrase = axum::http::StatusCode::from_u16(response.status).ok();
    let phrase = phrase.and_then(|s| s.canonical_reason()).unwrap_or("");
    let mut head = format!("HTTP/1.1 {} {phrase}\r\n", response.status);
    for (name, value) in &response.headers.0 {
        // The length is told once, of what is really sent.
        if !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("transfer-encoding") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    if !matches!(response.status, 204 | 304) {
        let told = response.headers.get("content-length").filter(|_| asked.method == Method::Head);
        head.push_str(&format!("Content-Length: {}\r\n", told.unwrap_or(&body.len().to_string())));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    if asked.method != Method::Head {
        bytes.extend_from_slice(&body);
    }
    bytes
}
