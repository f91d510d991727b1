//! The small services of the mesh lessons: customer → preference → recommendation of the Istio tutorial,
//! and the four of Bookinfo. They call each other by name and pass the client's headers on.

use super::pages::{html, json, said, text};
use super::{Outcome, Site, Turn, no_check};
use crate::images::serve::Visit;
use crate::sys::Sys;
use drydock_network::exchange::Payload;
use drydock_network::http::Request;

macro_rules! service {
    ($name:literal, $commands:expr, $port:literal, $ready:literal, $answer:path) => {
        Site {
            name: $name,
            commands: $commands,
            ports: &[$port],
            starting: "",
            ready: $ready,
            ready_ms: 2_000,
            on_term: Some(143),
            check: no_check,
            answer: $answer,
        }
    };
}

pub const SITES: &[Site] = &[
    service!(
        "customer",
        &["run-java.sh"],
        8080,
        "%s INFO  [io.quarkus] Listening on: http://0.0.0.0:8080\n",
        customer
    ),
    service!(
        "preference",
        &["run-java.sh"],
        8080,
        "%s INFO  [io.quarkus] Listening on: http://0.0.0.0:8080\n",
        preference
    ),
    service!(
        "recommendation",
        &["run-java.sh"],
        8080,
        "%s INFO  [io.quarkus] Listening on: http://0.0.0.0:8080\n",
        recommendation
    ),
    service!(
        "productpage",
        &["productpage.py", "gunicorn"],
        9080,
        "[%s +0000] [1] [INFO] Listening at: http://[::]:9080 (1)\n",
        productpage
    ),
    service!(
        "details",
        &["details.rb"],
        9080,
        "[%s] INFO  WEBrick::HTTPServer#start: pid=1 port=9080\n",
        details
    ),
    service!("ratings", &["ratings.js"], 9080, "Server listening on: http://0.0.0.0:9080\n", ratings),
    service!(
        "reviews",
        &["server"],
        9080,
        "[AUDIT   ] CWWKF0011I: The defaultServer server is ready to run a smarter planet.\n",
        reviews
    ),
];

/// A request to a neighbour that carries the headers which tracing and routing need.
fn onward(visit: &Visit<'_>, host: &str, port: u16, path: &str) -> Turn {
    let mut request = Request::get(path)
        .header("Host", &if port == 80 { host.to_string() } else { format!("{host}:{port}") });
    for (name, value) in &visit.request.headers.0 {
        let lower = name.to_lowercase();
        let kept = lower.starts_with("x-")
            || lower.starts_with("baggage")
            || matches!(&*lower, "user-preference" | "end-user" | "cookie" | "authorization" | "traceparent");
        if kept {
            request = request.header(name, value);
        }
    }
    // The first service gives the client's agent on as baggage: its own client has a name of its own.
    if let Some(agent) = visit.request.headers.get("User-Agent")
        && visit.request.headers.get("baggage-user-agent").is_none()
    {
        request = request.header("baggage-user-agent", agent);
    }
    Turn::Call { host: host.into(), port, payload: Payload::Http(request) }
}

fn health(sys: &Sys<'_>, visit: &Visit<'_>) -> Option<Turn> {
    visit
        .request
        .path
        .starts_with("/health")
        .then(|| json(sys, visit, 200, "{\"status\":\"UP\",\"checks\":[]}"))
}

/// What a service makes of its neighbour's answer: the body passed on, or what went wrong.
fn passed(sys: &Sys<'_>, visit: &Visit<'_>, own: &str, next: &str, outcome: &Outcome) -> Turn {
    match said(outcome) {
        Ok((status, body)) if status < 400 => {
            // Only the first of the chain trims what it got.
            let body = if own == "customer" { body.trim_end() } else { &*body };
            let end = if own == "customer" { "\n" } else { "" };
            text(sys, visit, 200, &format!("{own} => {body}{end}"))
        }
        Ok((status, body)) => text(sys, visit, 503, &format!("{own} => Error: {status} - {body}\n")),
        Err("Name or service not known") => {
            text(sys, visit, 503, &format!("{own} => UnknownHostException: {next}\n"))
        }
        Err("Connection timed out") => {
            text(sys, visit, 503, &format!("{own} => SocketTimeoutException: connect timed out\n"))
        }
        Err(why) => text(sys, visit, 503, &format!("{own} => ConnectException: {why}\n")),
    }
}

fn customer(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, calls: &[Outcome]) -> Turn {
    if let Some(turn) = health(sys, visit) {
        return turn;
    }
    match calls.first() {
        None => onward(visit, "preference", 8080, "/"),
        Some(outcome) => passed(sys, visit, "customer", "preference", outcome),
    }
}

fn preference(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, calls: &[Outcome]) -> Turn {
    if let Some(turn) = health(sys, visit) {
        return turn;
    }
    match calls.first() {
        None => onward(visit, "recommendation", 8080, "/"),
        Some(outcome) => passed(sys, visit, "preference", "recommendation", outcome),
    }
}

/// Whether it misbehaves is kept in a file of its container, as its state is the process'.
fn recommendation(sys: &mut Sys<'_>, visit: &Visit<'_>, count: u64, calls: &[Outcome]) -> Turn {
    const BAD: &str = "/tmp/.misbehaves";
    if let Some(turn) = health(sys, visit) {
        return turn;
    }
    let host = sys.hostname();
    let version = sys.env("SITE_VERSION").unwrap_or_else(|| "v1".into());
    match &*visit.request.path {
        "/misbehave" => {
            _ = sys.write_file(BAD, b"", false);
            return text(sys, visit, 200, "Following requests to / will return a 503\n");
        }
        "/behave" => {
            _ = sys.unlink(BAD);
            return text(sys, visit, 200, "Following requests to / will return 200\n");
        }
        _ => {}
    }
    let asks = sys.env("SITE_ASKS_TIME").is_some();
    if asks && calls.is_empty() {
        const CLOCK: &str = "worldclockapi.com";
        let request = Request::get("/api/json/cet/now").header("Host", CLOCK);
        return Turn::Call { host: CLOCK.into(), port: 80, payload: Payload::Http(request) };
    }
    sys.print(&format!("recommendation request from {host}: {count}\n"));
    if asks {
        let told = calls
            .first()
            .and_then(|c| said(c).ok())
            .and_then(|(_, body)| drydock_machinery::json::parse(body.as_bytes()).ok());
        return match told.as_ref().map(|v| v["currentDateTime"].text()).filter(|t| !t.is_empty()) {
            Some(at) => {
                text(sys, visit, 200, &format!("recommendation {version} {at} from '{host}': {count}\n"))
            }
            None => html(
                sys,
                visit,
                500,
                "<html><head><title>Error</title></head><body>Internal Server Error</body></html>",
            ),
        };
    }
    if sys.stat(BAD).is_ok() {
        return text(sys, visit, 503, &format!("recommendation misbehavior from '{host}'\n"));
    }
    let turn = text(sys, visit, 200, &format!("recommendation {version} from '{host}': {count}\n"));
    match (turn, sys.env("SITE_SLOW_MS").and_then(|ms| ms.parse().ok())) {
        (Turn::Answer(answer), Some(ms)) => Turn::Later(answer, ms),
        (turn, _) => turn,
    }
}

fn details(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    match &*visit.request.path {
        "/health" => json(sys, visit, 200, "{\"status\":\"Details is healthy\"}"),
        path => match path.strip_prefix("/details/").and_then(|n| n.parse::<u32>().ok()) {
            Some(id) => json(
                sys,
                visit,
                200,
                &format!(
                    "{{\"id\":{id},\"author\":\"William Shakespeare\",\"year\":1595,\"type\":\"paperback\",\"pages\":200,\"publisher\":\"PublisherA\",\"language\":\"English\",\"ISBN-10\":\"1234567890\",\"ISBN-13\":\"123-1234567890\"}}"
                ),
            ),
            None => json(sys, visit, 400, "{\"error\":\"please provide numeric product id\"}"),
        },
    }
}

fn ratings(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    match &*visit.request.path {
        "/health" => json(sys, visit, 200, "{\"status\":\"Ratings is healthy\"}"),
        path => match path.strip_prefix("/ratings/").and_then(|n| n.parse::<u32>().ok()) {
            Some(id) => json(
                sys,
                visit,
                200,
                &format!("{{\"id\":{id},\"ratings\":{{\"Reviewer1\":5,\"Reviewer2\":4}}}}"),
            ),
            None => json(sys, visit, 400, "{\"error\":\"please provide numeric product ID\"}"),
        },
    }
}

fn reviews(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, calls: &[Outcome]) -> Turn {
    if &*visit.request.path == "/health" {
        return json(sys, visit, 200, "{\"status\": \"Reviews is healthy\"}");
    }
    let Some(id) = visit.request.path.strip_prefix("/reviews/").and_then(|n| n.parse::<u32>().ok()) else {
        return text(sys, visit, 404, "Not Found\n");
    };
    let version = sys.env("SERVICE_VERSION").unwrap_or_else(|| "v1".into());
    let colour = match &*version {
        "v1" => None,
        "v2" => Some("black"),
        _ => Some("red"),
    };
    if colour.is_some() && calls.is_empty() {
        return onward(visit, "ratings", 9080, &format!("/ratings/{id}"));
    }
    let stars = |who: usize| match (colour, calls.first().map(said)) {
        (Some(colour), Some(Ok((200, _)))) => {
            format!(", \"rating\": {{\"stars\": {}, \"color\": \"{colour}\"}}", if who == 1 { 5 } else { 4 })
        }
        (Some(_), _) => ", \"rating\": {\"error\": \"Ratings service is currently unavailable\"}".into(),
        _ => String::new(),
    };
    let host = sys.hostname();
    json(
        sys,
        visit,
        200,
        &format!(
            "{{\"id\": \"{id}\",\"podname\": \"{host}\",\"clustername\": \"null\",\"reviews\": [{{  \"reviewer\": \"Reviewer1\",  \"text\": \"An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!\"{}}},{{  \"reviewer\": \"Reviewer2\",  \"text\": \"Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays by Shakespeare.\"{}}}]}}",
            stars(1),
            stars(2)
        ),
    )
}

fn productpage(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, calls: &[Outcome]) -> Turn {
    match &*visit.request.path {
        "/health" => return text(sys, visit, 200, "Product page is healthy"),
        "/" => {
            return html(
                sys,
                visit,
                200,
                "<html><head><title>Simple Bookstore App</title></head><body><h3>Hello! This is a simple bookstore application</h3></body></html>\n",
            );
        }
        "/productpage" | "/api/v1/products/0" => {}
        _ => return text(sys, visit, 404, "Not Found\n"),
    }
    match calls {
        [] => onward(visit, "details", 9080, "/details/0"),
        [_] => onward(visit, "reviews", 9080, "/reviews/0"),
        [details, reviews, ..] => {
            let details = match said(details) {
                Ok((200, body)) => format!("<h4>Book Details</h4>\n<pre>{body}</pre>"),
                _ => "<h4>Error fetching product details!</h4>\n<p>Sorry, product details are currently unavailable for this book.</p>".into(),
            };
            let reviews = match said(reviews) {
                Ok((200, body)) => {
                    let stars = match (body.contains("\"color\": \"red\""), body.contains("\"color\": \"black\"")) {
                        (true, _) => "<font color=\"red\">★★★★★</font>",
                        (_, true) => "<font color=\"black\">★★★★★</font>",
                        _ if body.contains("Ratings service is currently unavailable") => "<p><i>Ratings service is currently unavailable</i></p>",
                        _ => "",
                    };
                    format!("<h4>Book Reviews</h4>\n<blockquote>An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!<small>Reviewer1</small></blockquote>\n{stars}\n<blockquote>Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays by Shakespeare.<small>Reviewer2</small></blockquote>\n{stars}")
                }
                _ => "<h4>Error fetching product reviews!</h4>\n<p>Sorry, product reviews are currently unavailable for this book.</p>".into(),
            };
            html(
                sys,
                visit,
                200,
                &format!(
                    "<!DOCTYPE html>\n<html>\n  <head>\n    <title>Simple Bookstore App</title>\n  </head>\n  <body>\n<h3>The Comedy of Errors</h3>\n{details}\n{reviews}\n  </body>\n</html>\n"
                ),
            )
        }
    }
}
