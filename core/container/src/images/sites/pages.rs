//! What the answering functions share.

use crate::images::serve::Visit;
use crate::images::sites::{Outcome, Turn};
use crate::images::web;
use crate::sys::Sys;
use drydock_network::exchange::{Answer, Failure};

/// An answer of this media type with a `Server` field where one is given.
pub(super) fn page(
    sys: &Sys<'_>,
    visit: &Visit<'_>,
    status: u16,
    kind: &str,
    server: &str,
    body: &str,
) -> Turn {
    let (date, length) = (web::http_date(sys.unix()), body.len().to_string());
    let mut headers = vec![("Date", &*date)];
    if !server.is_empty() {
        headers.push(("Server", server));
    }
    headers.extend([("Content-Type", kind), ("Content-Length", &*length)]);
    Turn::Answer(web::reply(visit.request, status, &headers, body.as_bytes()))
}

pub(super) fn json(sys: &Sys<'_>, visit: &Visit<'_>, status: u16, body: &str) -> Turn {
    page(sys, visit, status, "application/json", "", body)
}

pub(super) fn html(sys: &Sys<'_>, visit: &Visit<'_>, status: u16, body: &str) -> Turn {
    page(sys, visit, status, "text/html; charset=utf-8", "", body)
}

pub(super) fn text(sys: &Sys<'_>, visit: &Visit<'_>, status: u16, body: &str) -> Turn {
    page(sys, visit, status, "text/plain; charset=utf-8", "", body)
}

pub(super) fn redirect(sys: &Sys<'_>, visit: &Visit<'_>, to: &str) -> Turn {
    let date = web::http_date(sys.unix());
    let body = format!("<a href=\"{to}\">Found</a>.\n\n");
    let length = body.len().to_string();
    let headers = [
        ("Date", &*date),
        ("Location", to),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", &length),
    ];
    Turn::Answer(web::reply(visit.request, 302, &headers, body.as_bytes()))
}

/// Status and text of a call's answer, or what a client library says about its failure.
pub(super) fn said(outcome: &Outcome) -> Result<(u16, String), &'static str> {
    match outcome {
        Ok(Answer::Http(response)) => {
            Ok((response.status, String::from_utf8_lossy(&response.body.bytes()).into_owned()))
        }
        Ok(Answer::Bytes(bytes)) => Ok((200, String::from_utf8_lossy(bytes).into_owned())),
        Ok(Answer::Connected) => Ok((200, String::new())),
        Err(Failure::Refused) => Err("Connection refused"),
        Err(Failure::TimedOut) => Err("Connection timed out"),
        Err(Failure::Reset) => Err("Connection reset by peer"),
        Err(Failure::Unreachable) => Err("Name or service not known"),
    }
}
