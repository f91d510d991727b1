//! Discovery and the REST mapper: which resources the server has, and which one a word or a kind
//! means. Follows client-go's aggregated discovery and `restmapper` (short names, categories, groups
//! by prefix).

use super::Failure;
use super::client::{Client, klog_line};
use drydock_container::Sys;
use drydock_machinery::{Value, value};
use drydock_network::http::Request;
use std::sync::Arc;

/// `Accept` of discovery.
pub const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// One resource of one group and version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Resource {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub singular: String,
    pub short: Vec<String>,
    pub categories: Vec<String>,
    pub namespaced: bool,
    pub verbs: Vec<String>,
    pub subresources: Vec<String>,
}

impl Resource {
    /// `apps/v1`, `v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
    /// `deployments.apps`, `pods`: how server errors and `get` name it.
    #[must_use]
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }
    /// `deployment.apps`, `pod`: how `-o name` names it.
    #[must_use]
    pub fn kind_group(&self) -> String {
        let kind = self.kind.to_lowercase();
        if self.group.is_empty() { kind } else { format!("{kind}.{}", self.group) }
    }
    /// The collection's path, in a namespace unless that is empty.
    #[must_use]
    pub fn path(&self, namespace: &str) -> String {
        let base = match (self.group.as_str(), self.version.as_str()) {
            ("", "") => "/api".into(),
            ("", version) => format!("/api/{version}"),
            _ => format!("/apis/{}", self.api_version()),
        };
        if self.namespaced && !namespace.is_empty() {
            format!("{base}/namespaces/{namespace}/{}", self.plural)
        } else {
            format!("{base}/{}", self.plural)
        }
    }
    /// One object's path.
    #[must_use]
    pub fn object_path(&self, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.path(namespace))
    }
}

/// All resources in the server's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Discovery {
    pub resources: Vec<Arc<Resource>>,
    /// Group-versions in the server's order, `v1` first.
    pub versions: Vec<String>,
    /// `group/version: why` of those the server could not tell about.
    pub failed: Vec<String>,
}

impl Discovery {
    /// Asks the server: `/api`, then `/apis`.
    pub(super) fn fetch(client: &Client, sys: &mut Sys<'_>) -> Result<Discovery, Failure> {
        let mut found = Discovery::default();
        for path in ["/api", "/apis"] {
            let request = Request::get(path).query("timeout", "32s").header("Accept", ACCEPT);
            let answer = client.call(sys, request).inspect_err(|failure| complain(client, sys, failure))?;
            if answer["kind"] == "APIGroupDiscoveryList" {
                found.read_aggregated(&answer);
            } else {
                found.read_legacy(client, sys, &answer);
            }
        }
        Ok(found)
    }
    fn read_aggregated(&mut self, list: &Value) {
        for group in list["items"].items() {
            let name = group["metadata"]["name"].text();
            for version in group["versions"].items() {
                let version_name = version["version"].text();
                // What a server that is down may serve is not missed.
                if version["freshness"] == "Stale" {
                    continue;
                }
                self.add_version(name, version_name);
                for item in version["resources"].items() {
                    let kind = &item["responseKind"];
                    self.resources.push(Arc::new(Resource {
                        group: name.into(),
                        version: version_name.into(),
                        kind: kind["kind"].text().into(),
                        plural: item["resource"].text().into(),
                        singular: item["singularResource"].text().into(),
                        short: texts(&item["shortNames"]),
                        categories: texts(&item["categories"]),
                        namespaced: item["scope"] == "Namespaced",
                        verbs: texts(&item["verbs"]),
                        subresources: item["subresources"]
                            .items()
                            .iter()
                            .map(|s| s["subresource"].text().to_string())
                            .collect(),
                    }));
                }
            }
        }
    }
    fn read_legacy(&mut self, client: &Client, sys: &mut Sys<'_>, answer: &Value) {
        let mut versions: Vec<(String, String)> =
            answer["versions"].items().iter().map(|v| (String::new(), v.text().to_string())).collect();
        for group in answer["groups"].items() {
            for version in group["versions"].items() {
                versions.push((group["name"].text().into(), version["version"].text().into()));
            }
        }
        for (group, version) in versions {
            self.add_version(&group, &version);
            let path =
                if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
            let request = Request::get(path).query("timeout", "32s").header("Accept", super::client::ANY);
            let list = match client.call(sys, request) {
                Ok(list) => list,
                Err(failure) => {
                    self.failed.push(format!("{group}/{version}: {}", failure.text()));
                    continue;
                }
            };
            for item in list["resources"].items() {
                let name = item["name"].text();
                if let Some((parent, sub)) = name.split_once('/') {
                    let owner =
                        self.resources.iter_mut().rev().find(|r| r.group == group && r.plural == parent);
                    if let Some(owner) = owner {
                        Arc::make_mut(owner).subresources.push(sub.into());
                    }
                    continue;
                }
                self.resources.push(Arc::new(Resource {
                    group: group.clone(),
                    version: version.clone(),
                    kind: item["kind"].text().into(),
                    plural: name.into(),
                    singular: item["singularName"].text().into(),
                    short: texts(&item["shortNames"]),
                    categories: texts(&item["categories"]),
                    namespaced: item["namespaced"].bool(),
                    verbs: texts(&item["verbs"]),
                    subresources: Vec::new(),
                }));
            }
        }
    }
    fn add_version(&mut self, group: &str, version: &str) {
        let name = if group.is_empty() { version.to_string() } else { format!("{group}/{version}") };
        self.versions.push(name);
    }
    /// Whether this version is its group's preferred one (the first the server names).
    #[must_use]
    pub fn is_preferred(&self, resource: &Resource) -> bool {
        let prefix = if resource.group.is_empty() { String::new() } else { format!("{}/", resource.group) };
        let of_group = |v: &&String| match v.split_once('/') {
            Some((group, _)) => group == resource.group,
            None => resource.group.is_empty(),
        };
        self.versions.iter().find(of_group).is_some_and(|v| *v == format!("{prefix}{}", resource.version))
    }
    /// The resource a word stands for.
    #[must_use]
    pub fn resolve(&self, word: &str) -> Option<Arc<Resource>> {
        let lower = word.to_lowercase();
        let parts: Vec<&str> = lower.splitn(3, '.').collect();
        if let [name, version, group] = parts.as_slice()
            && let Some(found) = self.search(name, Some(group), Some(version))
        {
            return Some(found);
        }
        match lower.split_once('.') {
            Some((name, group)) => self.search(name, Some(group), None),
            None => self.search(&lower, None, None),
        }
    }
    fn search(&self, name: &str, group: Option<&str>, version: Option<&str>) -> Option<Arc<Resource>> {
        let in_group = |r: &&Arc<Resource>, exact: bool| {
            group.is_none_or(|g| if exact { r.group == g } else { r.group.starts_with(g) })
                && version.is_none_or(|v| r.version == v)
        };
        for exact in [true, false] {
            let named = |r: &&Arc<Resource>| in_group(r, exact) && (r.plural == name || r.singular == name);
            // A short name stands for the preferred version, whatever version was asked for.
            let short = |r: &&Arc<Resource>| {
                group.is_none_or(|g| if exact { r.group == g } else { r.group.starts_with(g) })
                    && r.short.iter().any(|s| s == name)
            };
            let kind = |r: &&Arc<Resource>| {
                in_group(r, exact) && r.singular.is_empty() && r.kind.to_lowercase() == name
            };
            let found = self.resources.iter().find(named);
            let found = found.or_else(|| self.resources.iter().find(short));
            let found = found.or_else(|| self.resources.iter().find(kind));
            if let Some(found) = found {
                return Some(found.clone());
            }
        }
        None
    }
    /// The resources of a category (`all`), each in its preferred version.
    #[must_use]
    pub fn category(&self, name: &str) -> Vec<Arc<Resource>> {
        let mut found: Vec<Arc<Resource>> = Vec::new();
        for resource in self.resources.iter().filter(|r| r.categories.iter().any(|c| c == name)) {
            if !found.iter().any(|f| f.group == resource.group && f.plural == resource.plural) {
                found.push(resource.clone());
            }
        }
        found
    }
    /// The resource of a kind in a group-version.
    #[must_use]
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<Arc<Resource>> {
        self.resources.iter().find(|r| r.kind == kind && r.api_version() == api_version).cloned()
    }
    /// The preferred resource of a kind in a group.
    #[must_use]
    pub fn group_kind(&self, group: &str, kind: &str) -> Option<Arc<Resource>> {
        self.resources.iter().find(|r| r.kind == kind && r.group == group).cloned()
    }
}

/// What the cached discovery client prints when the server cannot be reached: once per retry.
fn complain(client: &Client, sys: &mut Sys<'_>, failure: &Failure) {
    let Failure::Refused(host) = failure else { return };
    let address = host.replace("localhost", "[::1]");
    for _ in 0..5 {
        let head = klog_line(sys, 'E', "memcache.go:265");
        sys.eprint(&format!(
            "{head}\"Unhandled Error\" err=\"couldn't get current server API group list: Get \\\"{}/api?timeout=32s\\\": dial tcp {address}: connect: connection refused\"\n",
            client.target.server
        ));
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.items().iter().map(|v| v.text().to_string()).collect()
}

/// A `v1` List of these items, as kubectl prints several objects.
#[must_use]
pub fn list_of(items: Vec<Value>) -> Value {
    value!({"apiVersion": "v1", "items": (Value::from_items(items)), "kind": "List", "metadata": {"resourceVersion": ""}})
}
