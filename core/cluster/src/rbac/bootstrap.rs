//! The roles and bindings of a new cluster: what the API server writes at its first start
//! (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`, v1.33) and what kubeadm adds, from a table.

use super::GROUP;
use crate::cluster::Cluster;
use crate::kinds;
use drydock_container::Machines;
use drydock_machinery::{Value, value};

const TABLE: &str = include_str!("bootstrap.txt");
const CONTROLLER: &str = "system:controller:";

/// What the lines of the table say, one object after the other.
#[derive(Default)]
struct Reader<'a> {
    namespace: &'a str,
    own: bool,
    /// The role whose rules are being read, and they.
    role: Option<(&'a str, &'a str)>,
    rules: Vec<Value>,
}

/// Writes them all, each role with the rules it aggregates.
pub(crate) fn install(cluster: &mut Cluster, machines: &mut Machines) {
    let mut reader = Reader::default();
    let mut aggregates = Vec::new();
    for line in TABLE.lines().filter(|l| !l.starts_with('#')).chain(["end"]) {
        let words: Vec<&str> = line.split(' ').collect();
        if !line.contains(" | ") {
            reader.finish(cluster, machines);
        }
        match words.as_slice() {
            ["role", name, label @ ..] => reader.role = Some((name, label.first().copied().unwrap_or(""))),
            ["sum", name, label, to @ ..] => {
                let key = format!("rbac.authorization.k8s.io/{label}");
                let selector = value!([{"matchLabels": (Value::empty_map().with(key.as_str(), "true"))}]);
                let role = value!({
                    "metadata": (reader.metadata(name, to.first().copied().unwrap_or(""))),
                    "aggregationRule": {"clusterRoleSelectors": selector}, "rules": [],
                });
                aggregates.extend(cluster.plant(machines, kinds::CLUSTER_ROLE, "", role));
            }
            ["bind", name, role, subjects @ ..] => reader.bind(cluster, machines, name, role, subjects),
            ["in", namespace] => reader.namespace = namespace,
            ["in"] => reader.namespace = "",
            ["own"] => reader.own = true,
            _ => reader.rules.extend(rule(line)),
        }
    }
    // Those that are part of others stand below them in the table.
    for id in aggregates.into_iter().rev() {
        crate::controllers::role_aggregation::aggregate(cluster, machines, id);
    }
}

impl Reader<'_> {
    fn metadata(&self, name: &str, to: &str) -> Value {
        let metadata = value!({"name": name});
        if self.own {
            return metadata;
        }
        let mut labels = value!({"kubernetes.io/bootstrapping": "rbac-defaults"});
        if !to.is_empty() {
            labels = labels.with(format!("rbac.authorization.k8s.io/aggregate-{to}").as_str(), "true");
        }
        metadata
            .with("labels", labels)
            .with("annotations", value!({"rbac.authorization.kubernetes.io/autoupdate": "true"}))
    }

    /// Writes the role whose rules have been read. Roles of controllers bring their binding along.
    fn finish(&mut self, cluster: &mut Cluster, machines: &mut Machines) {
        let Some((name, to)) = self.role.take() else { return };
        let rules = Value::from_items(std::mem::take(&mut self.rules));
        let role = value!({"metadata": (self.metadata(name, to)), "rules": rules});
        let kind = if self.namespace.is_empty() { kinds::CLUSTER_ROLE } else { kinds::ROLE };
        cluster.plant(machines, kind, self.namespace, role);
        if self.namespace.is_empty()
            && let Some(controller) = name.strip_prefix(CONTROLLER)
        {
            let subject = format!("s:kube-system/{controller}");
            self.bind(cluster, machines, name, name, &[&subject]);
        }
    }

    fn bind(
        &self,
        cluster: &mut Cluster,
        machines: &mut Machines,
        name: &str,
        role: &str,
        subjects: &[&str],
    ) {
        let (kind, of) = match self.namespace {
            "" => (kinds::CLUSTER_ROLE_BINDING, "ClusterRole"),
            _ => (kinds::ROLE_BINDING, "Role"),
        };
        let subjects = subjects.iter().filter_map(|subject| {
            let (kind, name) = subject.split_once(':')?;
            Some(match kind {
                "u" => value!({"apiGroup": GROUP, "kind": "User", "name": name}),
                "g" => value!({"apiGroup": GROUP, "kind": "Group", "name": name}),
                _ => {
                    let (namespace, name) = name.split_once('/')?;
                    value!({"kind": "ServiceAccount", "name": name, "namespace": namespace})
                }
            })
        });
        let subjects: Value = subjects.collect();
        let mut binding = value!({
            "metadata": (self.metadata(name, "")),
            "roleRef": {"apiGroup": GROUP, "kind": of, "name": role},
        });
        if !subjects.is_empty() {
            binding = binding.with("subjects", subjects);
        }
        cluster.plant(machines, kind, self.namespace, binding);
    }
}

/// A rule of the table.
fn rule(line: &str) -> Option<Value> {
    let mut parts = line.split(" | ");
    let (first, second) = (parts.next()?, parts.next()?);
    let list = |texts: &str| -> Value {
        texts.split(' ').map(|t| Value::from(if t == "-" { "" } else { t })).collect()
    };
    if let Some(paths) = first.strip_prefix("! ") {
        return Some(value!({"nonResourceURLs": (list(paths)), "verbs": (verbs(second))}));
    }
    let rule =
        value!({"apiGroups": (list(first)), "resources": (list(second)), "verbs": (verbs(parts.next()?))});
    Some(match parts.next() {
        Some(names) => rule.with("resourceNames", list(names)),
        None => rule,
    })
}

fn verbs(texts: &str) -> Value {
    let full = match texts {
        "R" => "get list watch",
        "W" => "create delete deletecollection patch update",
        "A" => "create delete deletecollection get list patch update watch",
        "E" => "create patch update",
        texts => texts,
    };
    full.split(' ').map(Value::from).collect()
}
