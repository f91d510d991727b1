//! What one can point at in the cluster: on the map, in a lesson's text, in the inspector.

use crate::world::PodView;

/// Something of the cluster or of the laptop that one can look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// `Pod`, `Service`, `Node`, `Deployment`…
    pub kind: String,
    /// Empty for what has no namespace.
    pub namespace: String,
    pub name: String,
}

impl Subject {
    /// A tile of the map.
    pub fn of(tile: &PodView) -> Subject {
        Subject::new(if tile.container { "Container" } else { "Pod" }, &tile.namespace, &tile.name)
    }

    pub fn new(kind: &str, namespace: &str, name: &str) -> Subject {
        Subject { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// From `Kind/namespace/name` or `Kind/name` (namespace `default` where the kind has one).
    pub fn parse(text: &str) -> Option<Subject> {
        let mut parts = text.split('/');
        match (parts.next()?, parts.next()?, parts.next()) {
            (kind, namespace, Some(name)) => Some(Subject::new(kind, namespace, name)),
            (kind @ ("Node" | "Namespace" | "PersistentVolume" | "Container"), name, None) => {
                Some(Subject::new(kind, "", name))
            }
            (kind, name, None) => Some(Subject::new(kind, "default", name)),
        }
    }

    /// `Kind/namespace/name`, as lessons and the log write it.
    pub fn path(&self) -> String {
        if self.namespace.is_empty() {
            format!("{}/{}", self.kind, self.name)
        } else {
            format!("{}/{}/{}", self.kind, self.namespace, self.name)
        }
    }

    /// Whether the laptop's engine has it, and not the cluster.
    pub fn is_container(&self) -> bool {
        self.kind == "Container"
    }

    /// Where the API serves it; a container, where the Engine API does.
    pub fn rest(&self) -> String {
        if self.is_container() {
            return format!("/containers/{}/json", self.name);
        }
        let (group, plural) = match self.kind.as_str() {
            "Pod" => ("api/v1", "pods"),
            "Service" => ("api/v1", "services"),
            "Node" => ("api/v1", "nodes"),
            "ConfigMap" => ("api/v1", "configmaps"),
            "Secret" => ("api/v1", "secrets"),
            "PersistentVolumeClaim" => ("api/v1", "persistentvolumeclaims"),
            "Deployment" => ("apis/apps/v1", "deployments"),
            "ReplicaSet" => ("apis/apps/v1", "replicasets"),
            "StatefulSet" => ("apis/apps/v1", "statefulsets"),
            "DaemonSet" => ("apis/apps/v1", "daemonsets"),
            "Job" => ("apis/batch/v1", "jobs"),
            "CronJob" => ("apis/batch/v1", "cronjobs"),
            "Ingress" => ("apis/networking.k8s.io/v1", "ingresses"),
            other => return format!("/api/v1/{}s/{}", other.to_ascii_lowercase(), self.name),
        };
        if self.namespace.is_empty() {
            format!("/{group}/{plural}/{}", self.name)
        } else {
            format!("/{group}/namespaces/{}/{plural}/{}", self.namespace, self.name)
        }
    }
}
