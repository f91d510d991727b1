//! `aws ecr` and `aws sts get-caller-identity`: one request each to the cloud's address.

use super::arguments::Arguments;
use super::profile::{self, Profile};
use super::{Stop, output};
use drydock_container::Sys;
use drydock_machinery::{Value, hash};
use drydock_network::http::{Body, Method, Request};

/// `get-caller-identity`.
///
/// # Errors
/// No credentials.
pub fn identity(sys: &mut Sys<'_>, arguments: &Arguments) -> Result<String, Stop> {
    arguments.only(&[])?;
    let profile = profile::load(sys, arguments)?;
    let answer = call(sys, &profile, "sts", "GetCallerIdentity", Value::empty_map())?;
    output::shown(&answer, arguments.get("query"), &profile.output)
}

/// The operations on repositories.
///
/// # Errors
/// Wrong command lines, no credentials, the service's refusals.
pub fn run(sys: &mut Sys<'_>, arguments: &Arguments, operation: &str) -> Result<String, Stop> {
    let known: &[&str] = match operation {
        "get-login-password" | "get-authorization-token" => &[],
        "create-repository" => &["repository-name", "image-scanning-configuration", "image-tag-mutability"],
        "describe-repositories" => &["repository-names", "registry-id"],
        "delete-repository" => &["repository-name", "registry-id", "force"],
        "list-images" | "describe-images" => &["repository-name", "registry-id"],
        other => {
            return Err(Stop::usage(&format!("argument operation: Found invalid choice '{other}'")));
        }
    };
    if known.contains(&"repository-name") {
        arguments.require("repository-name")?;
    }
    arguments.only(known)?;
    let profile = profile::load(sys, arguments)?;
    let mut body = Value::empty_map();
    if let Some(name) = arguments.get("repository-name") {
        body = body.with("repositoryName", name);
    }
    let names = arguments.list("repository-names");
    if !names.is_empty() {
        body = body
            .with("repositoryNames", Value::from_items(names.iter().map(|n| n.as_str().into()).collect()));
    }
    if arguments.has("force") {
        body = body.with("force", true);
    }
    if operation == "get-login-password" {
        let answer = call(sys, &profile, "ecr", "GetAuthorizationToken", body)?;
        let token = answer["authorizationData"].items().first().map(|d| d["authorizationToken"].shared());
        let pair = hash::base64_decode(&token.unwrap_or_default()).unwrap_or_default();
        let pair = String::from_utf8_lossy(&pair).into_owned();
        return Ok(format!("{}\n", pair.strip_prefix("AWS:").unwrap_or_default()));
    }
    let answer = call(sys, &profile, "ecr", &camel(operation), body)?;
    output::shown(&answer, arguments.get("query"), &profile.output)
}

/// `create-repository` as the service calls it.
fn camel(operation: &str) -> String {
    let word = |w: &str| {
        let mut letters = w.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    operation.split('-').map(word).collect()
}

fn call(
    sys: &mut Sys<'_>,
    profile: &Profile,
    service: &str,
    operation: &str,
    body: Value,
) -> Result<Value, Stop> {
    let host = match service {
        "ecr" => format!("https://api.ecr.{}.amazonaws.com", profile.region),
        other => format!("https://{other}.{}.amazonaws.com", profile.region),
    };
    let request = Request::new(Method::Post, "/")
        .header("X-Amz-Target", &format!("AmazonEC2ContainerRegistry_V20150921.{operation}"))
        .header("Authorization", &format!("AWS4-HMAC-SHA256 Credential={}", profile.key))
        .body(Body::Json(body));
    let Some(response) = sys.request(&host, &request) else {
        return Err(Stop::new(255, format!("\nCould not connect to the endpoint URL: \"{host}/\"\n")));
    };
    let answer = response.body.json().unwrap_or_default();
    if response.is_success() {
        return Ok(answer);
    }
    let (name, text) = (answer["__type"].text(), answer["message"].text());
    Err(Stop::new(
        254,
        format!("\nAn error occurred ({name}) when calling the {operation} operation: {text}\n"),
    ))
}
