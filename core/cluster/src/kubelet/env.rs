//! A container's configuration from its spec: environment from values, ConfigMaps, Secrets, the pod's own
//! fields and the services of its namespace; `$(NAME)` in arguments. Follows `kubelet_pods.go` and
//! `third_party/forked/golang/expansion` of Kubernetes 1.33.

use super::{ConfigKey, Variables, Worker};
use crate::cluster::Cluster;
use crate::kinds;
use crate::object::Object;
use crate::scheduler::demand::Amounts;
use drydock_container::images::Image;
use drydock_container::spec::{Config, Overrides};
use drydock_machinery::{Quantity, Value, hash};
use drydock_network::dns::Resolver;
use std::collections::BTreeMap;
use std::sync::Arc;

type Pairs = Vec<(Arc<str>, Arc<str>)>;

/// `$(NAME)` by what `known` knows; unknown references stay, `$$` is one dollar.
#[must_use]
pub fn expand(text: &str, known: &BTreeMap<Arc<str>, Arc<str>>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (head, tail) = rest.split_at(at);
        result.push_str(head);
        let after = tail.get(1..).unwrap_or("");
        if let Some(next) = after.strip_prefix('$') {
            result.push('$');
            rest = next;
        } else if let Some((name, next)) = after.strip_prefix('(').and_then(|a| a.split_once(')')) {
            match known.get(name) {
                Some(value) => result.push_str(value),
                None => {
                    result.push_str("$(");
                    result.push_str(name);
                    result.push(')');
                }
            }
            rest = next;
        } else {
            result.push('$');
            rest = after;
        }
    }
    result.push_str(rest);
    result
}

/// The merged configuration; replicas without own values share one.
///
/// # Errors
/// What is missing, as `CreateContainerConfigError` says it.
pub fn config(
    cluster: &mut Cluster,
    pod: &Object,
    worker: &Worker,
    spec: &Value,
    image: &Arc<Image>,
) -> Result<Arc<Config>, String> {
    let plain = spec["envFrom"].is_empty() && spec["env"].items().iter().all(|e| e["valueFrom"].is_null());
    let services = cluster.control.kubelets.services;
    if plain
        && let Some((key, config)) = &cluster.control.kubelets.cache.config
        && key.spec.is_same(spec)
        && key.namespace == pod.namespace
        && key.services == services
        && Arc::ptr_eq(&key.image, image)
    {
        return Ok(config.clone());
    }
    let config = Arc::new(build(cluster, pod, worker, spec, image)?);
    if plain {
        let key = ConfigKey {
            spec: spec.clone(),
            namespace: pod.namespace.clone(),
            services,
            image: image.clone(),
        };
        cluster.control.kubelets.cache.config = Some((key, config.clone()));
    }
    Ok(config)
}

fn build(
    cluster: &mut Cluster,
    pod: &Object,
    worker: &Worker,
    spec: &Value,
    image: &Arc<Image>,
) -> Result<Config, String> {
    let user = check_user(pod, spec, image)?;
    let env = environment(cluster, pod, worker, spec)?;
    let known: BTreeMap<Arc<str>, Arc<str>> = env.iter().cloned().collect();
    let words = |field: &str| -> Option<Vec<Arc<str>>> {
        let list = spec[field].items();
        (!list.is_empty()).then(|| list.iter().map(|w| expand(w.text(), &known).into()).collect())
    };
    let limits = Amounts::of(&spec["resources"]["limits"]);
    let over = Overrides {
        entrypoint: words("command"),
        args: words("args"),
        env,
        cwd: Some(spec["workingDir"].shared()).filter(|d| !d.is_empty()),
        user,
        tty: spec["tty"].bool(),
        stdin: spec["stdin"].bool(),
        read_only_root: spec["securityContext"]["readOnlyRootFilesystem"].bool(),
        memory: limits.memory.max(0) as u64,
        cpu_milli: limits.cpu.max(0) as u64,
    };
    Ok(Config::of(image, over))
}

/// `runAsUser`/`runAsGroup`, and `runAsNonRoot`'s refusal.
fn check_user(pod: &Object, spec: &Value, image: &Image) -> Result<Option<Arc<str>>, String> {
    let own = &spec["securityContext"];
    let of_pod = &pod.spec()["securityContext"];
    let field = |name: &str| own[name].as_int().or_else(|| of_pod[name].as_int());
    let (user, group) = (field("runAsUser"), field("runAsGroup"));
    let non_root =
        own["runAsNonRoot"].as_bool().or_else(|| of_pod["runAsNonRoot"].as_bool()).unwrap_or(false);
    if non_root {
        let name = spec["name"].text();
        let full = super::full_name(pod);
        let image_user = image.user.split(':').next().unwrap_or("");
        match (user, image_user.parse::<i64>()) {
            (Some(0), _) => {
                return Err(format!(
                    "container's runAsUser breaks non-root policy (pod: \"{full}\", container: {name})"
                ));
            }
            (Some(_), _) => {}
            (None, Ok(0)) | (None, Err(_))
                if image_user.is_empty() || image_user == "root" || image_user == "0" =>
            {
                return Err(format!(
                    "container has runAsNonRoot and image will run as root (pod: \"{full}\", container: {name})"
                ));
            }
            (None, Err(_)) => {
                return Err(format!(
                    "container has runAsNonRoot and image has non-numeric user ({image_user}), cannot verify user is non-root (pod: \"{full}\", container: {name})"
                ));
            }
            (None, Ok(_)) => {}
        }
    }
    Ok(user.map(|u| match group {
        Some(g) => format!("{u}:{g}").into(),
        None => u.to_string().into(),
    }))
}

/// All variables in order; later ones win.
fn environment(cluster: &mut Cluster, pod: &Object, worker: &Worker, spec: &Value) -> Result<Pairs, String> {
    let links = pod.spec()["enableServiceLinks"].as_bool().unwrap_or(true);
    let mut pairs: Pairs = service_variables(cluster, &pod.namespace, links).to_vec();
    for source in spec["envFrom"].items() {
        let prefix = source["prefix"].text();
        for (field, kind) in [("configMapRef", kinds::CONFIG_MAP), ("secretRef", kinds::SECRET)] {
            let reference = &source[field];
            if reference.is_null() {
                continue;
            }
            let name = reference["name"].text();
            let Some(object) = cluster.find(kind, &pod.namespace, name) else {
                if reference["optional"].bool() {
                    continue;
                }
                return Err(not_found(kind, name));
            };
            for (key, value) in object.field("data").entries() {
                pairs.push((format!("{prefix}{key}").into(), decode(kind, value)));
            }
        }
    }
    let mut known: BTreeMap<Arc<str>, Arc<str>> = pairs.iter().cloned().collect();
    for variable in spec["env"].items() {
        let name = variable["name"].shared();
        let from = &variable["valueFrom"];
        let value: Option<Arc<str>> = if from.is_null() {
            Some(expand(variable["value"].text(), &known).into())
        } else if !from["fieldRef"].is_null() {
            Some(field(cluster, pod, worker, from["fieldRef"]["fieldPath"].text()).into())
        } else if !from["resourceFieldRef"].is_null() {
            Some(resource(cluster, pod, worker, spec, &from["resourceFieldRef"]).into())
        } else if !from["configMapKeyRef"].is_null() {
            key(cluster, pod, kinds::CONFIG_MAP, &from["configMapKeyRef"])?
        } else {
            key(cluster, pod, kinds::SECRET, &from["secretKeyRef"])?
        };
        if let Some(value) = value {
            known.insert(name.clone(), value.clone());
            pairs.push((name, value));
        }
    }
    Ok(pairs)
}

fn not_found(kind: kinds::KindId, name: &str) -> String {
    let word = if kind == kinds::SECRET { "secret" } else { "configmap" };
    format!("{word} \"{name}\" not found")
}

/// A value of a ConfigMap as it is, of a Secret decoded.
#[must_use]
pub fn decode(kind: kinds::KindId, value: &Value) -> Arc<str> {
    if kind == kinds::SECRET {
        let bytes = hash::base64_decode(value.text()).unwrap_or_default();
        return String::from_utf8_lossy(&bytes).as_ref().into();
    }
    value.shared()
}

fn key(
    cluster: &Cluster,
    pod: &Object,
    kind: kinds::KindId,
    reference: &Value,
) -> Result<Option<Arc<str>>, String> {
    let (name, key) = (reference["name"].text(), reference["key"].text());
    let optional = reference["optional"].bool();
    let Some(object) = cluster.find(kind, &pod.namespace, name) else {
        return if optional { Ok(None) } else { Err(not_found(kind, name)) };
    };
    match object.field("data").find(key) {
        Some(value) => Ok(Some(decode(kind, value))),
        None if optional => Ok(None),
        None => {
            let word = if kind == kinds::SECRET { "Secret" } else { "ConfigMap" };
            Err(format!("couldn't find key {key} in {word} {}/{name}", pod.namespace))
        }
    }
}

/// A field of the downward API.
#[must_use]
pub fn field(cluster: &Cluster, pod: &Object, worker: &Worker, path: &str) -> String {
    let entry = |map: &Value, from: &str| {
        let key = path.strip_prefix(from).and_then(|p| p.strip_suffix("']")).unwrap_or("");
        map.get(key).text().to_string()
    };
    let all = |map: &Value| {
        let lines =
            map.entries().iter().map(|(k, v)| format!("{k}={}", drydock_machinery::quote::go(v.text())));
        lines.collect::<Vec<_>>().join("\n")
    };
    match path {
        "metadata.name" => pod.name.to_string(),
        "metadata.namespace" => pod.namespace.to_string(),
        "metadata.uid" => pod.uid.to_string(),
        "metadata.labels" => all(pod.labels()),
        "metadata.annotations" => all(pod.annotations()),
        "spec.nodeName" => pod.spec()["nodeName"].text().to_string(),
        "spec.serviceAccountName" => pod.spec()["serviceAccountName"].text().to_string(),
        "status.hostIP" | "status.hostIPs" => {
            cluster.control.kubelets.nodes.get(&worker.node).map(|n| n.ip.to_string()).unwrap_or_default()
        }
        "status.podIP" | "status.podIPs" => worker.ip.to_string(),
        _ if path.starts_with("metadata.labels['") => entry(pod.labels(), "metadata.labels['"),
        _ if path.starts_with("metadata.annotations['") => entry(pod.annotations(), "metadata.annotations['"),
        _ => String::new(),
    }
}

/// A container's own requests and limits; without a limit, what the node has.
#[must_use]
pub fn resource(cluster: &Cluster, pod: &Object, worker: &Worker, own: &Value, reference: &Value) -> String {
    let name = reference["containerName"].text();
    let named = super::specs(pod).find(|c| c["name"] == name);
    let spec = if name.is_empty() { own } else { named.unwrap_or(own) };
    let path = reference["resource"].text();
    let (list, what) = path.split_once('.').unwrap_or(("limits", path));
    let mut quantity = Quantity::from_value(&spec["resources"][list][what]);
    if quantity.is_none() && list == "limits" {
        let node = cluster.store.get(worker.node);
        quantity = node.and_then(|n| Quantity::from_value(&n.status()["allocatable"][what]));
    }
    let divisor = Quantity::from_value(&reference["divisor"]).filter(|d| !d.is_zero());
    let amount = quantity.map_or(0, |q| q.milli());
    let unit = divisor.map_or(1000, |d| d.milli()).max(1);
    // Rounded up, as the real one does.
    ((amount + unit - 1) / unit).to_string()
}

/// Variables of the namespace's services in Docker's link style, and of the API server's.
fn service_variables(cluster: &mut Cluster, namespace: &Arc<str>, links: bool) -> Variables {
    let at = cluster.control.kubelets.services;
    let cache_key: Arc<str> = if links { namespace.clone() } else { "".into() };
    if let Some((known, pairs)) = cluster.control.kubelets.cache.service_env.get(&cache_key)
        && *known == at
    {
        return pairs.clone();
    }
    let mut services: Vec<Arc<Object>> = Vec::new();
    services.extend(cluster.find(kinds::SERVICE, "default", "kubernetes").cloned());
    if links {
        let others = cluster.store.list_in(kinds::SERVICE, namespace);
        services
            .extend(others.filter(|s| !(&*s.name == "kubernetes" && &*s.namespace == "default")).cloned());
    }
    let mut pairs: Pairs = Vec::new();
    for service in services {
        let ip = service.spec()["clusterIP"].text();
        if ip.is_empty() || ip == "None" {
            continue;
        }
        let name = service.name.to_uppercase().replace('-', "_");
        let mut put = |key: String, value: String| pairs.push((key.into(), value.into()));
        put(format!("{name}_SERVICE_HOST"), ip.into());
        for (n, port) in service.spec()["ports"].items().iter().enumerate() {
            let number = port["port"].int();
            let protocol = port["protocol"].text();
            let lower = protocol.to_lowercase();
            if n == 0 {
                put(format!("{name}_SERVICE_PORT"), number.to_string());
                put(format!("{name}_PORT"), format!("{lower}://{ip}:{number}"));
            }
            if !port["name"].is_empty() {
                let port_name = port["name"].text().to_uppercase().replace('-', "_");
                put(format!("{name}_SERVICE_PORT_{port_name}"), number.to_string());
            }
            let prefix = format!("{name}_PORT_{number}_{protocol}");
            put(prefix.clone(), format!("{lower}://{ip}:{number}"));
            put(format!("{prefix}_PROTO"), lower.clone());
            put(format!("{prefix}_PORT"), number.to_string());
            put(format!("{prefix}_ADDR"), ip.into());
        }
    }
    let pairs: Variables = pairs.into();
    cluster.control.kubelets.cache.service_env.insert(cache_key, (at, pairs.clone()));
    pairs
}

/// The host name inside a pod's containers.
#[must_use]
pub fn hostname(pod: &Object) -> Arc<str> {
    let asked = &pod.spec()["hostname"];
    if !asked.is_empty() {
        return asked.shared();
    }
    match pod.name.get(..63) {
        Some(cut) => cut.trim_end_matches(['-', '.']).into(),
        None => pod.name.clone(),
    }
}

/// `/etc/resolv.conf`; pods of a namespace share it.
pub fn resolver(cluster: &mut Cluster, pod: &Object) -> Arc<Resolver> {
    let spec = pod.spec();
    let config = spec["dnsConfig"].content_hash();
    let key: Arc<str> =
        format!("{}/{}/{}/{config:x}", pod.namespace, spec["dnsPolicy"].text(), spec["hostNetwork"].bool())
            .into();
    if let Some(known) = cluster.control.kubelets.cache.resolvers.get(&key) {
        return known.clone();
    }
    let resolver = Arc::new(crate::dns::resolver(&pod.namespace, spec));
    cluster.control.kubelets.cache.resolvers.insert(key, resolver.clone());
    resolver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_expand_once_and_dollars_escape() {
        let known: BTreeMap<Arc<str>, Arc<str>> =
            [("A".into(), "1".into()), ("B".into(), "$(A)".into())].into();
        assert_eq!(expand("x$(A)y", &known), "x1y");
        assert_eq!(expand("$$(A) $(NOPE) $B $", &known), "$(A) $(NOPE) $B $");
        assert_eq!(expand("$(B)", &known), "$(A)");
    }
}
