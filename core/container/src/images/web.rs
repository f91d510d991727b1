//! What the simulated web servers share: dates, media types, log lines, plain responses.

use drydock_machinery::time::Timestamp;
use drydock_network::exchange::Answer;
use drydock_network::http::{Body, Method, Request, Response};
use std::sync::Arc;

/// `Sat, 21 Nov 2026 13:00:00 GMT`.
#[must_use]
pub fn http_date(unix: i64) -> String {
    let t = Timestamp(unix).civil();
    format!(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
        t.day_name(),
        t.day,
        t.month_name(),
        t.year,
        t.hour,
        t.minute,
        t.second
    )
}

/// `21/Nov/2026:13:00:00 +0000`, as the common log format has it.
#[must_use]
pub fn log_date(unix: i64) -> String {
    let t = Timestamp(unix).civil();
    format!("{:02}/{}/{}:{:02}:{:02}:{:02} +0000", t.day, t.month_name(), t.year, t.hour, t.minute, t.second)
}

/// `2026/11/21 13:00:00`, as nginx' error log and Go's logger begin a line.
#[must_use]
pub fn stamp(unix: i64) -> String {
    let t = Timestamp(unix).civil();
    format!("{}/{:02}/{:02} {:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second)
}

/// The request's path and query as they crossed the wire.
#[must_use]
pub fn request_uri(request: &Request) -> String {
    let mut uri = request.path.to_string();
    for (n, (name, value)) in request.query.iter().enumerate() {
        uri.push(if n == 0 { '?' } else { '&' });
        uri.push_str(name);
        if !value.is_empty() {
            uri.push('=');
            uri.push_str(value);
        }
    }
    uri
}

/// The media type of a file name, as nginx' `mime.types` gives it; `None` for unknown ones.
#[must_use]
pub fn media_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.').filter(|(_, e)| !e.contains('/'))?;
    Some(match extension {
        "html" | "htm" | "shtml" => "text/html",
        "css" => "text/css",
        "xml" => "text/xml",
        "gif" => "image/gif",
        "jpeg" | "jpg" => "image/jpeg",
        "png" => "image/png",
        "svg" | "svgz" => "image/svg+xml",
        "ico" => "image/x-icon",
        "js" => "application/javascript",
        "json" => "application/json",
        "txt" => "text/plain",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        _ => return None,
    })
}

/// A response with the headers in the order given and the body's length; a HEAD request gets no body.
#[must_use]
pub fn reply(request: &Request, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let body = if request.method == Method::Head || body.is_empty() {
        Body::Empty
    } else {
        Body::Bytes(body.into())
    };
    let mut response = Response::new(status, body);
    response.headers.0.reserve(headers.len());
    for (name, value) in headers {
        response.headers.0.push((Arc::from(*name), Arc::from(*value)));
    }
    Answer::Http(response)
}

/// A plain text answer as Go's and Node's small servers give it.
#[must_use]
pub fn text(request: &Request, unix: i64, status: u16, body: &str) -> Answer {
    let length = body.len().to_string();
    let headers = [
        ("Date", &*http_date(unix)),
        ("Content-Length", &*length),
        ("Content-Type", "text/plain; charset=utf-8"),
    ];
    reply(request, status, &headers, body.as_bytes())
}

/// The reason phrase of a status.
#[must_use]
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Request Entity Too Large",
        418 => "I'm a teapot",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
