//! From arguments to objects: `pods`, `pods web`, `pod/web svc/web`, `pods,svc -l app=web`, `-f`, `-A`.
//! Follows `k8s.io/cli-runtime/pkg/resource` Builder, its order of decisions and its error texts.

use super::discovery::Resource;
use super::manifests::{self, Files};
use super::{Client, Failure, client};
use crate::cli::Invocation;
use drydock_cluster::rest::LEAN;
use drydock_machinery::Value;
use drydock_network::http::Request;
use std::sync::Arc;

const MISSING: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/// One object: what it is, where it is, and as much of it as is known.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Info {
    pub resource: Arc<Resource>,
    /// Empty for cluster-scoped ones.
    pub namespace: String,
    pub name: String,
    /// As read from the server or from a file; null when not fetched.
    pub object: Value,
    /// The file it came from; empty for the server.
    pub source: String,
}

impl Info {
    /// Its path on the server.
    #[must_use]
    pub fn path(&self) -> String {
        self.resource.object_path(&self.namespace, &self.name)
    }
    /// `deployment.apps/web`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}/{}", self.resource.kind_group(), self.name)
    }
}

/// One thing to ask the server for.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Named(Info),
    /// All of a kind, in a namespace or (empty) everywhere.
    List {
        resource: Arc<Resource>,
        namespace: String,
    },
}

/// What the command line selects.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    pub files: Files,
    pub selector: String,
    pub field_selector: String,
    pub all_namespaces: bool,
    /// `--all`, or a verb that lists when no name is given.
    pub select_all: bool,
    /// Page size of lists; 0 for none.
    pub limit: i64,
    pub subresource: String,
    /// Only one resource type may be named.
    pub single_type: bool,
    /// Nobody will look at managed fields.
    pub lean: bool,
    args: Vec<String>,
}

/// What a [`Builder`] came to.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub items: Vec<Item>,
    /// Files that could not be read or mapped; the rest goes on.
    pub failures: Vec<Failure>,
    /// One object was asked for by name: print it bare, not as a list.
    pub single: bool,
    /// The objects were named, in whatever number.
    pub named: bool,
}

impl Builder {
    /// From the invocation's arguments and whichever of the usual flags its command has.
    #[must_use]
    pub fn new(invocation: &Invocation<'_, '_>) -> Builder {
        Builder {
            files: Files::from_flags(invocation),
            selector: invocation.str("selector").into(),
            field_selector: invocation.str("field-selector").into(),
            all_namespaces: invocation.bool("all-namespaces"),
            select_all: invocation.bool("all"),
            limit: 500,
            lean: false,
            subresource: invocation.str("subresource").into(),
            single_type: false,
            args: invocation.args.clone(),
        }
    }
    /// Other arguments than the invocation's.
    #[must_use]
    pub fn args(mut self, args: &[String]) -> Builder {
        self.args = args.to_vec();
        self
    }
    /// Decides what to ask for.
    ///
    /// # Errors
    /// Unknown resources and impossible combinations.
    pub fn plan(&self, invocation: &mut Invocation<'_, '_>, client: &mut Client) -> Result<Plan, Failure> {
        if !self.files.is_empty() {
            if !self.args.is_empty() {
                return Err("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well".into());
            }
            return Ok(self.files_plan(invocation, client));
        }
        let selects = self.select_all || !self.selector.is_empty() || !self.field_selector.is_empty();
        if self.args.iter().any(|a| a.contains('/')) {
            return self.tuples(invocation, client, selects);
        }
        let (Some(types), names) = (self.args.first(), self.args.get(1..).unwrap_or(&[])) else {
            return Err(MISSING.into());
        };
        if selects && !names.is_empty() {
            return Err("name cannot be provided when a selector is specified".into());
        }
        let resources = self.resources(invocation, client, types)?;
        if selects {
            if !self.subresource.is_empty() {
                return Err("subresource cannot be used when bulk resources are specified".into());
            }
            return Ok(Plan { items: self.lists(client, resources), ..Plan::default() });
        }
        if names.is_empty() {
            return Err("resource(s) were provided, but no name was specified".into());
        }
        let mut items = Vec::new();
        for resource in &resources {
            self.check_by_name(resource)?;
            items.extend(names.iter().map(|name| Item::Named(info(client, resource, name))));
        }
        Ok(Plan { single: items.len() == 1, items, failures: Vec::new(), named: true })
    }
    /// As [`Builder::plan`], where naming only a type means all of it.
    ///
    /// # Errors
    /// As [`Builder::plan`].
    pub fn plan_or_all(
        mut self,
        invocation: &mut Invocation<'_, '_>,
        client: &mut Client,
    ) -> Result<Plan, Failure> {
        if self.args.len() == 1 && self.args.iter().all(|a| !a.contains('/')) {
            self.select_all = true;
        }
        self.plan(invocation, client)
    }
    fn check_by_name(&self, resource: &Resource) -> Result<(), Failure> {
        if self.all_namespaces && resource.namespaced {
            return Err("a resource cannot be retrieved by name across all namespaces".into());
        }
        Ok(())
    }
    fn lists(&self, client: &Client, resources: Vec<Arc<Resource>>) -> Vec<Item> {
        let namespace = |r: &Resource| match r.namespaced && !self.all_namespaces {
            true => client.namespace().to_string(),
            false => String::new(),
        };
        resources.into_iter().map(|r| Item::List { namespace: namespace(&r), resource: r }).collect()
    }
    /// The resources of `pods,svc` or of a category.
    fn resources(
        &self,
        invocation: &mut Invocation<'_, '_>,
        client: &mut Client,
        types: &str,
    ) -> Result<Vec<Arc<Resource>>, Failure> {
        let discovery = client.discover(invocation.sys)?;
        let mut found: Vec<Arc<Resource>> = Vec::new();
        for word in types.split(',').filter(|w| !w.is_empty()) {
            let category = discovery.category(word);
            let batch =
                if category.is_empty() { vec![client.resource(invocation.sys, word)?] } else { category };
            for resource in batch {
                if !found.contains(&resource) {
                    found.push(resource);
                }
            }
        }
        if self.single_type && found.len() > 1 {
            return Err("you may only specify a single resource type".into());
        }
        Ok(found)
    }
    fn tuples(
        &self,
        invocation: &mut Invocation<'_, '_>,
        client: &mut Client,
        selects: bool,
    ) -> Result<Plan, Failure> {
        if !self.args.iter().all(|a| a.contains('/')) {
            let program = invocation.style.root.name;
            return Err(format!("there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. '{program} get resource/<resource_name>' instead of '{program} get resource resource/<resource_name>'").into());
        }
        let mut pairs = Vec::new();
        for arg in &self.args {
            let mut parts = arg.split('/');
            let (Some(kind), Some(name), None) = (parts.next(), parts.next(), parts.next()) else {
                return Err("arguments in resource/name form may not have more than one slash".into());
            };
            if kind.is_empty() || name.is_empty() || kind.contains(',') {
                return Err("arguments in resource/name form must have a single resource and name".into());
            }
            pairs.push((kind, name));
        }
        if selects {
            return Err(
                "selectors and the all flag cannot be used when passing resource/name arguments".into()
            );
        }
        let mut items = Vec::new();
        for (kind, name) in &pairs {
            let resource = client.resource(invocation.sys, kind)?;
            self.check_by_name(&resource)?;
            items.push(Item::Named(info(client, &resource, name)));
        }
        Ok(Plan { single: items.len() == 1, items, failures: Vec::new(), named: true })
    }
    fn files_plan(&self, invocation: &mut Invocation<'_, '_>, client: &mut Client) -> Plan {
        let (documents, mut failures) = manifests::read(invocation, &self.files);
        let (infos, more) = manifests::map(invocation, client, documents);
        failures.extend(more);
        let selector = drydock_machinery::selector::LabelSelector::parse(&self.selector).unwrap_or_default();
        let chosen = |i: &Info| self.selector.is_empty() || selector.matches(&i.object["metadata"]["labels"]);
        let items: Vec<Item> = infos.into_iter().filter(chosen).map(Item::Named).collect();
        Plan { single: items.len() == 1 && self.files.names.len() == 1, items, failures, named: true }
    }
    /// The request for an item. Lists carry selectors and the page size.
    #[must_use]
    pub fn request(&self, item: &Item, accept: &str) -> Request {
        let path = match item {
            Item::Named(info) if self.subresource.is_empty() => info.path(),
            Item::Named(info) => format!("{}/{}", info.path(), self.subresource),
            Item::List { resource, namespace } => resource.path(namespace),
        };
        let mut request = Request::get(path).header("Accept", accept);
        if self.lean {
            request = request.header(LEAN, "true");
        }
        if let Item::List { .. } = item {
            if !self.selector.is_empty() {
                request = request.query("labelSelector", self.selector.as_str());
            }
            if !self.field_selector.is_empty() {
                request = request.query("fieldSelector", self.field_selector.as_str());
            }
            if self.limit > 0 {
                request = request.query("limit", self.limit.to_string());
            }
        }
        request
    }
    /// What is said of a list that cannot be had: which one was asked for.
    #[must_use]
    pub fn about(&self, item: &Item, failure: Failure) -> Failure {
        let (Item::List { resource, .. }, Failure::Status(status)) = (item, &failure) else { return failure };
        if !matches!(failure.reason(), "BadRequest" | "NotFound") {
            return failure;
        }
        let message = status["message"].text();
        let asked = format!("{}/{}, Resource={}", resource.group, resource.version, resource.plural);
        let message = match self.selector.is_empty() && self.field_selector.is_empty() {
            true => format!("Unable to list \"{asked}\": {message}"),
            false => format!(
                "Unable to find \"{asked}\" that match label selector \"{}\", field selector \"{}\": {message}",
                self.selector, self.field_selector
            ),
        };
        Failure::Status(status.with("message", message))
    }
    /// Fetches all objects as JSON, lists flattened; what could be had comes with what failed.
    ///
    /// # Errors
    /// Only when the plan itself cannot be made.
    pub fn fetch(
        &self,
        invocation: &mut Invocation<'_, '_>,
        client: &mut Client,
    ) -> Result<(Vec<Info>, Vec<Failure>), Failure> {
        let plan = self.plan(invocation, client)?;
        Ok(self.fetch_plan(invocation, client, plan))
    }
    /// Fetches what a plan names.
    pub fn fetch_plan(
        &self,
        invocation: &mut Invocation<'_, '_>,
        client: &mut Client,
        plan: Plan,
    ) -> (Vec<Info>, Vec<Failure>) {
        let (mut infos, mut failures) = (Vec::new(), plan.failures);
        for item in plan.items {
            match pages(invocation, client, self.request(&item, client::JSON)) {
                Err(failure) => failures.push(self.about(&item, failure)),
                Ok(value) => match item {
                    Item::Named(info) => infos.push(Info { object: value, ..info }),
                    Item::List { resource, .. } => {
                        infos.extend(items_of(&value).into_iter().map(|object| Info {
                            resource: resource.clone(),
                            namespace: object["metadata"]["namespace"].text().into(),
                            name: object["metadata"]["name"].text().into(),
                            object,
                            source: String::new(),
                        }));
                    }
                },
            }
        }
        (infos, failures)
    }
}

fn info(client: &Client, resource: &Arc<Resource>, name: &str) -> Info {
    let namespace = if resource.namespaced { client.namespace().to_string() } else { String::new() };
    Info {
        resource: resource.clone(),
        namespace,
        name: name.into(),
        object: Value::Null,
        source: String::new(),
    }
}

/// GETs a list page by page and joins what comes.
///
/// # Errors
/// As [`Client::call`].
pub fn pages(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    request: Request,
) -> Result<Value, Failure> {
    let first = client.call(invocation.sys, request.clone())?;
    let mut next = first["metadata"]["continue"].text().to_string();
    if next.is_empty() || (!first["items"].is_list() && !first["rows"].is_list()) {
        return Ok(first);
    }
    let field = if first["rows"].is_list() { "rows" } else { "items" };
    let mut all = first[field].items().to_vec();
    while !next.is_empty() {
        let page = client.call(invocation.sys, request.clone().query("continue", next.as_str()))?;
        all.extend(page[field].items().iter().cloned());
        next = page["metadata"]["continue"].text().into();
    }
    Ok(first.without_at(&["metadata", "continue"]).with(field, all))
}

/// The items of a list, each with the kind and version the list implies.
#[must_use]
pub fn items_of(list: &Value) -> Vec<Value> {
    let kind = list["kind"].text().trim_end_matches("List").to_string();
    let version = list["apiVersion"].shared();
    let typed = |item: &Value| match item["kind"].is_empty() {
        true => item.with("kind", kind.as_str()).with("apiVersion", version.clone()),
        false => item.clone(),
    };
    list["items"].items().iter().map(typed).collect()
}
