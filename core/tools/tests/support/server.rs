//! A plain REST server over a list of objects: discovery, GET, lists with selectors. Enough for the
//! commands that only read, without any of the cluster's own behaviour.

use drydock_container::machines::{Frame, Outside};
use drydock_container::{Machines, SpaceId};
use drydock_machinery::selector::{FieldSelector, LabelSelector};
use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Method, Request, Response, Stream};

pub struct Server {
    objects: Vec<Value>,
}

/// group, version, plural, singular, kind, short names, namespaced, in category all
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, bool, bool);
const KINDS: &[Row] = &[
    ("", "v1", "componentstatuses", "ComponentStatus", "cs", false, false),
    ("", "v1", "configmaps", "ConfigMap", "cm", true, false),
    ("", "v1", "endpoints", "Endpoints", "ep", true, false),
    ("", "v1", "events", "Event", "ev", true, false),
    ("", "v1", "limitranges", "LimitRange", "limits", true, false),
    ("", "v1", "namespaces", "Namespace", "ns", false, false),
    ("", "v1", "nodes", "Node", "no", false, false),
    ("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc", true, false),
    ("", "v1", "persistentvolumes", "PersistentVolume", "pv", false, false),
    ("", "v1", "pods", "Pod", "po", true, true),
    ("", "v1", "replicationcontrollers", "ReplicationController", "rc", true, true),
    ("", "v1", "resourcequotas", "ResourceQuota", "quota", true, false),
    ("", "v1", "secrets", "Secret", "", true, false),
    ("", "v1", "serviceaccounts", "ServiceAccount", "sa", true, false),
    ("", "v1", "services", "Service", "svc", true, true),
    (
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        "crd",
        false,
        false,
    ),
    ("apps", "v1", "controllerrevisions", "ControllerRevision", "", true, false),
    ("apps", "v1", "daemonsets", "DaemonSet", "ds", true, true),
    ("apps", "v1", "deployments", "Deployment", "deploy", true, true),
    ("apps", "v1", "replicasets", "ReplicaSet", "rs", true, true),
    ("apps", "v1", "statefulsets", "StatefulSet", "sts", true, true),
    ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", true, true),
    ("batch", "v1", "cronjobs", "CronJob", "cj", true, true),
    ("batch", "v1", "jobs", "Job", "", true, true),
    ("coordination.k8s.io", "v1", "leases", "Lease", "", true, false),
    ("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", "", true, false),
    ("networking.k8s.io", "v1", "ingresses", "Ingress", "ing", true, false),
    ("networking.k8s.io", "v1", "ingressclasses", "IngressClass", "", false, false),
    ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol", true, false),
    ("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb", true, false),
    ("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", "", false, false),
    ("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", "", false, false),
    ("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", "", true, false),
    ("rbac.authorization.k8s.io", "v1", "roles", "Role", "", true, false),
    ("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc", false, false),
    ("storage.k8s.io", "v1", "storageclasses", "StorageClass", "sc", false, false),
    ("networking.istio.io", "v1", "virtualservices", "VirtualService", "vs", true, false),
    ("networking.istio.io", "v1", "destinationrules", "DestinationRule", "dr", true, false),
    ("networking.istio.io", "v1", "gateways", "Gateway", "gw", true, false),
];

impl Server {
    pub fn new(_machines: &mut Machines, objects: Vec<Value>) -> Server {
        Server { objects }
    }
    fn discovery(core: bool) -> Value {
        let mut groups: Vec<Value> = Vec::new();
        for (group, version, ..) in KINDS.iter().filter(|k| k.0.is_empty() == core) {
            if groups.iter().any(|g| g["metadata"]["name"] == *group) {
                continue;
            }
            let resources: Vec<Value> = KINDS
                .iter()
                .filter(|k| k.0 == *group)
                .map(|(_, _, plural, kind, short, namespaced, all)| {
                    let scope = if *namespaced { "Namespaced" } else { "Cluster" };
                    let short: Vec<Value> = [*short].into_iter().filter(|s| !s.is_empty()).map(Value::from).collect();
                    let mut categories: Vec<Value> = Vec::new();
                    if *all {
                        categories.push("all".into());
                    }
                    if group.contains("istio") {
                        categories.push("istio-io".into());
                    }
                    value!({"resource": (*plural), "singularResource": (kind.to_lowercase()), "responseKind": {"kind": (*kind)}, "scope": scope, "shortNames": short, "categories": categories, "verbs": ["get", "list"]})
                })
                .collect();
            groups.push(value!({"metadata": {"name": (*group)}, "versions": [{"version": (*version), "resources": resources}]}));
        }
        value!({"kind": "APIGroupDiscoveryList", "items": groups})
    }
    fn get(&self, request: &Request) -> Response {
        let parts: Vec<&str> = request.path.split('/').filter(|p| !p.is_empty()).collect();
        let (group, rest) = match parts.as_slice() {
            ["api"] => return Response::json(200, Server::discovery(true)),
            ["apis"] => return Response::json(200, Server::discovery(false)),
            ["api", "v1", rest @ ..] => ("", rest),
            ["apis", group, _, rest @ ..] => (*group, rest),
            _ => return Response::text(404, "404 page not found"),
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
            rest => ("", rest),
        };
        let Some(plural) = rest.first() else { return Response::text(404, "404 page not found") };
        let Some((_, version, _, kind, ..)) = KINDS.iter().find(|k| k.0 == group && k.2 == *plural) else {
            return Response::text(404, "404 page not found");
        };
        let api_version = if group.is_empty() { version.to_string() } else { format!("{group}/{version}") };
        let of_kind = |o: &&Value| {
            o["kind"] == *kind
                && o["apiVersion"].text().split('/').next() == api_version.split('/').next()
                && (namespace.is_empty() || o["metadata"]["namespace"] == namespace)
        };
        if let Some(name) = rest.get(1) {
            return match self.objects.iter().filter(of_kind).find(|o| o["metadata"]["name"] == *name) {
                Some(object) => Response::json(200, object.clone()),
                None => {
                    let full =
                        if group.is_empty() { plural.to_string() } else { format!("{plural}.{group}") };
                    Response::json(
                        404,
                        value!({"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404, "message": (format!("{full} \"{name}\" not found")), "details": {"name": (*name), "kind": (*plural)}}),
                    )
                }
            };
        }
        let labels = LabelSelector::parse(request.param("labelSelector").unwrap_or("")).unwrap();
        let fields = FieldSelector::parse(request.param("fieldSelector").unwrap_or("")).unwrap();
        let mut items: Vec<Value> = self
            .objects
            .iter()
            .filter(of_kind)
            .filter(|o| labels.matches(&o["metadata"]["labels"]))
            .filter(|o| fields.matches(|path| path.split('.').fold(*o, |v, key| v.get(key)).text()))
            .cloned()
            .collect();
        items.sort_by_key(|o| {
            let m = &o["metadata"];
            (m["namespace"].text().to_string(), m["name"].text().to_string())
        });
        Response::json(
            200,
            value!({"kind": (format!("{kind}List")), "apiVersion": api_version, "metadata": {"resourceVersion": "1095"}, "items": items}),
        )
    }
}

impl Outside for Server {
    fn request(&mut self, _: &mut Machines, _: SpaceId, _: &str, request: &Request) -> Option<Response> {
        Some(match request.method {
            Method::Get => self.get(request),
            _ => Response::new(405, Body::Empty),
        })
    }
    fn read(&mut self, _: &mut Machines, _: Stream) -> Frame {
        Frame::End
    }
    fn write(&mut self, _: &mut Machines, _: Stream, _: u8, _: &[u8]) {}
    fn close(&mut self, _: &mut Machines, _: Stream) {}
}
