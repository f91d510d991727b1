//! REST: from an HTTP request to the door and back (`k8s.io/apiserver/pkg/endpoints`, v1.33).

mod apply;
mod body;
mod discovery;
mod get;
mod moment;
mod openapi;
mod options;
mod patch;
mod path;
mod pretty;
pub(crate) mod put;
mod review;
mod root;
mod scale;
mod subresource;
mod swagger;
mod token;
mod write;

use crate::aggregation::{self, Ask, Behind};
use crate::auth::Door;
use crate::cluster::{Actor, Cluster};
use crate::kinds::{Kind, KindId};
use crate::status::Status;
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_network::http::{Method, Request, Response};
pub use get::LEAN;
pub(crate) use get::{Shape, is_lean, partial};
pub(crate) use options::Selection;
use path::Route;
use std::borrow::Cow;
use std::sync::Arc;

/// A request to an object or collection, once its path is understood.
pub(crate) struct Call<'a> {
    pub request: &'a Request,
    pub id: KindId,
    pub kind: Kind,
    /// The version asked for; may differ from the kind's storage version.
    pub group: &'a str,
    pub version: &'a str,
    /// "" for cluster-scoped kinds and for lists of all namespaces.
    pub namespace: &'a str,
    /// "" for a collection.
    pub name: &'a str,
    /// "" for the object itself.
    pub subresource: &'a str,
    pub actor: Actor,
    /// What a definition says of its objects in the version asked for.
    pub schema: Option<Value>,
    /// See [`Cluster::replay`].
    pub replay: bool,
}

impl Cluster {
    /// Answers one request to the API server. Without credentials it is the administrator's: whoever
    /// can call this holds the whole cluster in their hands.
    pub fn handle(&mut self, machines: &mut Machines, request: &Request) -> Response {
        self.handle_at(machines, request, Door::Loopback)
    }

    /// As [`Cluster::handle`], for a request that came through this door.
    pub fn handle_at(&mut self, machines: &mut Machines, request: &Request, door: Door) -> Response {
        self.access.warnings.clear();
        let response = match self.answer(machines, request, door) {
            Ok(response) => response,
            Err(status) => Response::json(status.code, status.value()),
        };
        let response = write::with_warnings(response, &std::mem::take(&mut self.access.warnings));
        pretty::printed(request, response)
    }

    fn answer(&mut self, machines: &mut Machines, request: &Request, door: Door) -> Result<Response, Status> {
        let identity = match self.replay {
            true => None,
            false => {
                let who = self.authenticate(machines, request, door)?;
                let who = self.impersonate(who, request)?;
                self.admit_request(&who, request)?;
                Some(who)
            }
        };
        let route = path::parse(&request.path);
        if let Route::Version(group, version) | Route::Resource(path::Resource { group, version, .. }) = route
            && !self.replay
        {
            match aggregation::behind(self, group, version) {
                Behind::Local => {}
                Behind::Down => return Ok(aggregation::unavailable()),
                Behind::Server(server) => {
                    let Route::Resource(route) = route else {
                        return discovery::resources(self, group, version);
                    };
                    let kind = server.kinds.iter().find(|k| k.plural == route.plural);
                    let kind = kind.filter(|k| k.serves(group, version) && route.subresource.is_empty());
                    let kind = kind.filter(|k| k.namespaced || route.namespace.is_empty());
                    let kind = kind.ok_or_else(Status::no_such_resource)?;
                    let ask = Ask { request, kind, namespace: route.namespace, name: route.name };
                    return (server.answer)(self, machines, &ask);
                }
            }
        }
        let route = match route {
            Route::Other => return root::answer(self, request),
            Route::Groups => return discovery::groups(self, request),
            Route::Core => return discovery::core(self, request),
            Route::Group(group) => return discovery::group(self, group),
            Route::Version(group, version) => return discovery::resources(self, group, version),
            Route::Resource(route) => route,
        };
        if !self.kinds().any(|(_, k)| k.serves(route.group, route.version)) {
            return Ok(no_page());
        }
        let Some((id, kind)) = self.kind_at(route.group, route.version, route.plural) else {
            return Err(Status::no_such_resource());
        };
        let kind = if self.replay { crate::replay::shown(kind) } else { *kind };
        // A namespaced kind is listed without a namespace, but has no single objects there.
        let placed = kind.namespaced != route.namespace.is_empty();
        let across = kind.namespaced && route.name.is_empty() && request.method == Method::Get;
        if !(placed || across || kind.namespaced && route.name.is_empty()) {
            return Err(Status::no_such_resource());
        }
        if crate::kinds::builtin(id).is_none()
            && !self.replay
            && let Some(text) = crate::custom::deprecation(self, &kind, route.version)
        {
            self.warn_client(std::iter::once(text.as_str()));
        }
        let user = match &identity {
            Some(user) => Cow::Owned(user.name.to_string()),
            None => Cow::Borrowed(crate::auth::ADMIN),
        };
        let manager = request.param("fieldManager").map(str::to_string);
        let call = Call {
            request,
            replay: self.replay,
            schema: match crate::kinds::builtin(id) {
                None if !self.replay => crate::custom::schema_of(self, &kind, route.version),
                _ => None,
            },
            id,
            kind,
            group: route.group,
            version: route.version,
            namespace: route.namespace,
            name: route.name,
            subresource: route.subresource,
            actor: Actor {
                user,
                manager: Cow::Owned(manager.unwrap_or_else(|| user_agent(request))),
                identity,
            },
        };
        self.dispatch(machines, &call)
    }

    fn dispatch(&mut self, machines: &mut Machines, call: &Call<'_>) -> Result<Response, Status> {
        if !call.subresource.is_empty() {
            return subresource::answer(self, machines, call);
        }
        let (verb, collection) = (call.request.method, call.name.is_empty());
        let name = match (verb, collection) {
            (Method::Get | Method::Head, true) if call.is_watch() => "watch",
            (Method::Get | Method::Head, true) => "list",
            (Method::Get | Method::Head, false) => "get",
            (Method::Post, true) => "create",
            (Method::Put, false) => "update",
            (Method::Patch, false) => "patch",
            (Method::Delete, true) => "deletecollection",
            (Method::Delete, false) => "delete",
            _ => return Err(Status::method_not_allowed()),
        };
        if !call.kind.has_verb(name) {
            return Err(Status::method_not_allowed());
        }
        let answer = match name {
            "watch" | "list" => get::list(self, machines, call),
            "get" => get::get(self, machines, call),
            "create" => {
                crate::custom::ending::refuse(self, call.id, name)?;
                write::create(self, machines, call)
            }
            "update" => put::update(self, machines, call),
            "patch" => patch::patch(self, machines, call),
            "deletecollection" => write::delete_collection(self, machines, call),
            _ => write::delete(self, machines, call),
        };
        match crate::warnings::deprecated(&call.kind).filter(|_| !self.replay) {
            Some(text) => answer.map(|response| write::with_warnings(response, &[text.to_string()])),
            None => answer,
        }
    }
}

impl Call<'_> {
    fn is_watch(&self) -> bool {
        matches!(self.request.param("watch"), Some("true" | "1" | ""))
    }
    fn is_dry_run(&self) -> Result<bool, Status> {
        match self.request.param("dryRun") {
            None | Some("") => Ok(false),
            Some("All") => Ok(true),
            Some(other) => {
                let mut errors = crate::field::Errors::default();
                let given = drydock_machinery::value!([other]);
                errors.unsupported(&crate::field::Path::new("dryRun"), given, &["All"]);
                Err(options_invalid(self.request.method, errors))
            }
        }
    }
    /// How a write by this call comes about.
    fn writing(&self) -> crate::Writing {
        let version = crate::kinds::api_version(self.group, self.version);
        let subresource = self.kind.subresource(self.subresource).map(|s| s.name);
        crate::Writing { api_version: Some(version.into()), subresource, ..crate::Writing::default() }
    }
    /// The tree of a stored object in the version that was asked for.
    fn shown(&self, value: Value) -> Value {
        match self.kind.alternative(self.group, self.version) {
            None if crate::kinds::builtin(self.id).is_none() && !self.replay => {
                value.with("apiVersion", crate::kinds::api_version(self.group, self.version))
            }
            None => value,
            Some(served) => {
                let api_version = crate::kinds::api_version(self.group, self.version);
                (served.show)(&value).with("apiVersion", api_version)
            }
        }
    }
}

fn options_invalid(method: Method, errors: crate::field::Errors) -> Status {
    let kind = match method {
        Method::Post => "CreateOptions",
        Method::Patch => "PatchOptions",
        Method::Delete => "DeleteOptions",
        _ => "UpdateOptions",
    };
    Status::invalid(&Kind { group: "meta.k8s.io", kind, ..Kind::BASE }, "", errors)
}

/// The field manager of a client that names none: the first word of its user agent.
fn user_agent(request: &Request) -> String {
    let agent = request.headers.get("user-agent").unwrap_or("unknown");
    agent.split('/').next().unwrap_or(agent).to_string()
}

/// A JSON answer about one object, in the shape the client accepts.
fn one(
    cluster: &Cluster,
    machines: &Machines,
    call: &Call<'_>,
    code: u16,
    object: &Arc<crate::Object>,
) -> Response {
    get::shape(cluster, machines, call, code, object)
}

/// What a path outside the API answers: the web server's own 404, not a Status.
fn no_page() -> Response {
    Response::text(404, "404 page not found\n").header("Content-Type", "text/plain; charset=utf-8")
}
