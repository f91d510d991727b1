//! JSON for people: indented when `?pretty=true` asks for it or a browser, curl or wget does
//! (`k8s.io/apiserver/pkg/endpoints/handlers/negotiation`).

use drydock_machinery::{Value, json};
use drydock_network::http::{Body, Request, Response};

/// The response as this client wants to see it.
pub(super) fn printed(request: &Request, response: Response) -> Response {
    match &response.body {
        Body::Json(value) if wanted(request) => {
            let body = Body::text(&(indented(value) + "\n"));
            Response { body, ..response }.header("Content-Type", "application/json")
        }
        _ => response,
    }
}

fn wanted(request: &Request) -> bool {
    match request.param("pretty") {
        Some(word) => !matches!(word, "0" | "false"),
        None => {
            let agent = request.headers.get("user-agent").unwrap_or("");
            ["curl", "Wget", "Mozilla/5.0"].iter().any(|known| agent.starts_with(known))
        }
    }
}

/// Two blanks a level, as Go's `json.Indent`.
pub(super) fn indented(value: &Value) -> String {
    // No text within JSON spans lines, so that all leading blanks are indentation.
    let halved = |line: &str| {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        line.get(blanks / 2..).unwrap_or(line).to_string()
    };
    json::to_pretty(value).lines().map(halved).collect::<Vec<_>>().join("\n")
}
