//! The Engine API's door: the version in front of a path, the routes behind it, and the headers every
//! answer carries. Follows `api/server` of moby 26.1.

use crate::fault::Fault;
use crate::json::Json;
use crate::{
    Docker, archive, control, create, events, exec, images, inspect, list, logs, network, registry, system,
    usage, volumes, watch,
};
use drydock_container::Machines;
use drydock_machinery::Value;
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
    /// The body as JSON; null when there is none.
    ///
    /// # Errors
    /// What is no JSON.
    pub fn body(&self) -> Result<Value, Fault> {
        if self.request.body.bytes().is_empty() {
            return Ok(Value::Null);
        }
        self.request.body.json().map_err(|e| Fault::invalid(format!("invalid JSON: {e}")))
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
    let parts: Vec<&str> = path.trim_start_matches('/').trim_end_matches('/').split('/').collect();
    match parts.as_slice() {
        ["containers", rest @ ..] => containers(call, rest),
        ["images", rest @ ..] => images(call, rest),
        ["networks", rest @ ..] => networks(call, rest),
        ["volumes", rest @ ..] => volumes(call, rest),
        ["exec", rest @ ..] => execs(call, rest),
        rest => others(call, rest),
    }
}

fn missing() -> Fault {
    Fault::not_found("page not found")
}

fn containers(call: &mut Call<'_>, path: &[&str]) -> Result<Response, Fault> {
    match (call.request.method, path) {
        (Method::Get, ["json"]) => list::list(call.docker, call.machines, call.request),
        (Method::Post, ["create"]) => create::create(call),
        (Method::Post, ["prune"]) => control::prune(call),
        (Method::Delete, [id]) => control::remove(call, id),
        (Method::Get, [id, "json"]) => inspect::inspect(call, id),
        (Method::Get, [id, "logs"]) => logs::logs(call, id),
        (Method::Post, [id, "attach"]) => logs::attach(call, id),
        (Method::Get, [id, "top"]) => watch::top(call, id),
        (Method::Get, [id, "stats"]) => watch::stats(call, id),
        (Method::Get, [id, "changes"]) => watch::changes(call, id),
        (Method::Get, [id, "export"]) => archive::export(call, id),
        (Method::Head, [id, "archive"]) => archive::stat(call, id),
        (Method::Get, [id, "archive"]) => archive::get(call, id),
        (Method::Put, [id, "archive"]) => archive::put(call, id),
        (Method::Post, [id, "start"]) => control::start(call, id),
        (Method::Post, [id, "stop"]) => control::stop(call, id),
        (Method::Post, [id, "restart"]) => control::restart(call, id),
        (Method::Post, [id, "kill"]) => control::kill(call, id),
        (Method::Post, [id, "pause"]) => control::pause(call, id, true),
        (Method::Post, [id, "unpause"]) => control::pause(call, id, false),
        (Method::Post, [id, "wait"]) => control::wait(call, id),
        (Method::Post, [id, "rename"]) => control::rename(call, id),
        (Method::Post, [id, "update"]) => control::update(call, id),
        (Method::Post, [id, "resize"]) => watch::resize(call, id),
        (Method::Post, [id, "exec"]) => exec::make(call, id),
        _ => Err(missing()),
    }
}

/// Names of images may have slashes: the last part says what is asked.
fn images(call: &mut Call<'_>, path: &[&str]) -> Result<Response, Fault> {
    match (call.request.method, path) {
        (Method::Get, ["json"]) => images::list::list(call.docker, call.request),
        (Method::Get, ["search"]) => images::search::search(call),
        (Method::Get, ["get"]) => {
            let names: Vec<String> =
                call.request.query.iter().filter(|q| &*q.0 == "names").map(|q| q.1.to_string()).collect();
            images::archive::save(call, &names)
        }
        (Method::Post, ["create"]) => images::pull::create(call),
        (Method::Post, ["load"]) => images::archive::load(call),
        (Method::Post, ["prune"]) => images::remove::prune(call),
        (Method::Get, [name @ .., "json"]) => images::inspect::inspect(call, &name.join("/")),
        (Method::Get, [name @ .., "history"]) => images::inspect::history(call, &name.join("/")),
        (Method::Get, [name @ .., "get"]) => images::archive::save(call, &[name.join("/")]),
        (Method::Post, [name @ .., "tag"]) => images::inspect::tag(call, &name.join("/")),
        (Method::Post, [name @ .., "push"]) => images::push::push(call, &name.join("/")),
        (Method::Delete, name) if !name.is_empty() => images::remove::remove(call, &name.join("/")),
        _ => Err(missing()),
    }
}

fn networks(call: &mut Call<'_>, path: &[&str]) -> Result<Response, Fault> {
    match (call.request.method, path) {
        (Method::Get, []) => network::api::list_all(call),
        (Method::Post, ["create"]) => network::api::create(call),
        (Method::Post, ["prune"]) => network::api::prune(call),
        (Method::Get, [id]) => network::api::inspect(call, id),
        (Method::Delete, [id]) => network::api::remove(call, id),
        (Method::Post, [id, "connect"]) => network::api::connect(call, id),
        (Method::Post, [id, "disconnect"]) => network::api::disconnect(call, id),
        _ => Err(missing()),
    }
}

fn volumes(call: &mut Call<'_>, path: &[&str]) -> Result<Response, Fault> {
    match (call.request.method, path) {
        (Method::Get, []) => volumes::list(call),
        (Method::Post, ["create"]) => volumes::create(call),
        (Method::Post, ["prune"]) => volumes::prune(call),
        (Method::Get, [name]) => volumes::inspect(call, name),
        (Method::Delete, [name]) => volumes::remove(call, name),
        _ => Err(missing()),
    }
}

fn execs(call: &mut Call<'_>, path: &[&str]) -> Result<Response, Fault> {
    match (call.request.method, path) {
        (Method::Post, [id, "start"]) => exec::start(call, id),
        (Method::Post, [id, "resize"]) => exec::resize(call, id),
        (Method::Get, [id, "json"]) => exec::inspect(call, id),
        _ => Err(missing()),
    }
}

fn others(call: &mut Call<'_>, path: &[&str]) -> Result<Response, Fault> {
    match (call.request.method, path) {
        (Method::Get | Method::Head, ["_ping"]) => Ok(system::ping(call)),
        (Method::Get, ["version"]) => Ok(system::version(call)),
        (Method::Get, ["info"]) => Ok(system::info(call)),
        (Method::Get, ["events"]) => events::follow(call),
        (Method::Get, ["system", "df"]) => Ok(usage::usage(call)),
        (Method::Post, ["auth"]) => registry::login(call),
        (Method::Post, ["commit"]) => images::commit::commit(call),
        (Method::Post, ["build"]) => crate::build::build(call),
        (Method::Post, ["build", "prune"]) => crate::build::prune::prune(call),
        (Method::Get, ["plugins"]) => Ok(system::answer(200, &Json::list([]))),
        (_, ["plugins", name @ .., "json"]) => {
            Err(Fault::not_found(format!("plugin \"{}\" not found", name.join("/"))))
        }
        (_, ["swarm", "init" | "join"]) => Err(Fault::new(501, "swarm mode is not simulated here")),
        (_, ["swarm" | "nodes" | "services" | "tasks" | "secrets" | "configs", ..]) => Err(Fault::new(
            503,
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
        )),
        (Method::Get, ["distribution", name @ .., "json"]) => {
            images::inspect::distribution(call, &name.join("/"))
        }
        _ => Err(missing()),
    }
}
