//! The Engine API's door: the version in front of a path, the routes behind it, and the headers every
//! answer carries. Follows `api/server` of moby 26.1.

use crate::Docker;
use crate::fault::Fault;
use crate::system;
use drydock_container::Machines;
use drydock_network::http::{Method, Request, Response};

/// The API's version, and the oldest that is still spoken.
pub const VERSION: (u32, u32) = (1, 45);
pub const OLDEST: (u32, u32) = (1, 24);

/// A parsed call: the path's parts behind the version.
pub struct Call<'a> {
    pub docker: &'a mut Docker,
    pub machines: &'a mut Machines,
    pub request: &'a Request,
    pub version: (u32, u32),
}

impl Call<'_> {
    /// A query parameter; "" when it is missing.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.request.param(name).unwrap_or("")
    }
    /// A yes-or-no parameter as `httputils.BoolValue` reads it.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        !matches!(self.param(name).to_ascii_lowercase().trim(), "" | "0" | "no" | "false" | "none")
    }
}

impl Docker {
    /// Answers one request.
    pub fn handle(&mut self, machines: &mut Machines, request: &Request) -> Response {
        let (version, path) = match split_version(&request.path) {
            Ok(found) => found,
            Err(fault) => return dressed(fault.response()),
        };
        let path = path.to_string();
        let mut call = Call { docker: self, machines, request, version };
        let answer = route(&mut call, &path).unwrap_or_else(|fault| fault.response());
        dressed(answer)
    }
}

fn dressed(response: Response) -> Response {
    response
        .header("Api-Version", &format!("{}.{}", VERSION.0, VERSION.1))
        .header("Docker-Experimental", "false")
        .header("Ostype", "linux")
        .header("Server", "Docker/26.1.5 (linux)")
}

/// The version a path names and the rest of it.
fn split_version(path: &str) -> Result<((u32, u32), &str), Fault> {
    let Some((first, rest)) = path.strip_prefix("/v").and_then(|p| p.split_once('/')) else {
        return Ok((VERSION, path));
    };
    let parsed = first.split_once('.').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let Some(version) = parsed else { return Ok((VERSION, path)) };
    let shown = |v: (u32, u32)| format!("{}.{}", v.0, v.1);
    if version > VERSION {
        return Err(Fault::invalid(format!(
            "client version {} is too new. Maximum supported API version is {}",
            shown(version),
            shown(VERSION)
        )));
    }
    if version < OLDEST {
        return Err(Fault::invalid(format!(
            "client version {} is too old. Minimum supported API version is {}, please upgrade your client to a newer version",
            shown(version),
            shown(OLDEST)
        )));
    }
    let at = path.len() - rest.len() - 1;
    Ok((version, path.get(at..).unwrap_or("/")))
}

fn route(call: &mut Call<'_>, path: &str) -> Result<Response, Fault> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (call.request.method, parts.as_slice()) {
        (Method::Get | Method::Head, ["_ping"]) => Ok(system::ping(call)),
        (Method::Get, ["version"]) => Ok(system::version(call)),
        (Method::Get, ["info"]) => Ok(system::info(call)),
        (Method::Get, ["containers", "json"]) => crate::list::list(call.docker, call.machines, call.request),
        (Method::Get, ["images", "json"]) => crate::images::list::list(call.docker, call.request),
        (Method::Post, ["build"]) => crate::build::build(call),
        (Method::Post, ["build", "prune"]) => crate::build::prune::prune(call),
        _ => Err(Fault::not_found("page not found")),
    }
}
