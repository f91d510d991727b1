//! `kubectl create ingress`: rules written `host/path=service:port[,tls[=secret]]`.

use super::names::metadata;
use super::{Generator, Place, generator_flags, name_and_rest};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "ingress",
    aliases: &["ing"],
    usage: "ingress NAME --rule=host/path=service:port[,tls[=secret]]",
    short: "Create an ingress with the specified name",
    long: "Create an ingress with the specified name.",
    examples: "# Create a single ingress called 'simple' that directs requests to foo.com/bar to svc1:8080 with a TLS secret \"my-cert\"\nkubectl create ingress simple --rule=\"foo.com/bar=svc1:8080,tls=my-cert\"\n\n# Create a catch all ingress of \"/path\" pointing to service svc:port and Ingress Class as \"otheringress\"\nkubectl create ingress catch-all --class=otheringress --rule=\"/path=svc:port\"\n\n# Create an ingress with a default backend\nkubectl create ingress ingdefault --class=default --default-backend=defaultsvc:http --rule=\"foo.com/*=svc:8080,tls=secret1\"",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("class", '\0', "", "Ingress Class to be used"),
    Flag::array(
        "rule",
        '\0',
        "Rule in format host/path=service:port[,tls=secretname]. Paths containing the leading character '*' are considered pathType=Prefix. tls argument is optional.",
    ),
    Flag::string("default-backend", '\0', "", "Default service for backend, in format of svcname:port"),
    Flag::array(
        "annotation",
        '\0',
        "Annotation to insert in the ingress object, in the format annotation=value",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let object = object(
        &name,
        generator.namespace(),
        invocation.str("class"),
        invocation.str("default-backend"),
        &invocation.list("rule"),
        &invocation.list("annotation"),
    )
    .map_err(Error::new)?;
    let place = Place {
        prefix: "/apis/networking.k8s.io/v1",
        plural: "ingresses",
        namespaced: true,
        failure: "failed to create ingress: ",
    };
    generator.finish(invocation, object, place)
}

/// One `--rule`, taken apart.
struct Rule<'a> {
    host: &'a str,
    path: &'a str,
    service: &'a str,
    port: &'a str,
    /// Nothing without `,tls`; the secret may be empty.
    tls: Option<&'a str>,
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn parse_rule(text: &str) -> Option<Rule<'_>> {
    let (head, tls) = match text.split_once(',') {
        None => (text, None),
        Some((head, "tls")) => (head, Some("")),
        Some((head, tls)) => (head, Some(tls.strip_prefix("tls=")?)),
    };
    let slash = head.find('/')?;
    let (host, rest) = head.split_at_checked(slash)?;
    let (path, backend) = rest.rsplit_once('=')?;
    let (service, port) = backend.split_once(':')?;
    let host_is_fine = host.chars().all(|c| c.is_ascii_alphanumeric() || "_*-.".contains(c));
    let secret_is_fine = tls.is_none_or(|t| t.is_empty() || is_word(t));
    (host_is_fine && is_word(service) && is_word(port) && secret_is_fine).then_some(Rule {
        host,
        path,
        service,
        port,
        tls,
    })
}

fn backend(service: &str, port: &str) -> Value {
    let port = match port.parse::<i64>() {
        Ok(number) => value!({"number": number}),
        Err(_) => value!({"name": port}),
    };
    value!({"service": {"name": service, "port": port}})
}

/// The Ingress of these flags. Annotations are written `key=value`.
///
/// # Errors
/// kubectl's texts for a bad rule, annotation or default backend, or for neither rule nor backend.
pub fn object(
    name: &str,
    namespace: Option<&str>,
    class: &str,
    default_backend: &str,
    rules: &[String],
    annotations: &[String],
) -> Result<Value, String> {
    if default_backend.is_empty() && rules.is_empty() {
        return Err(
            "not enough information provided: every ingress has to either specify a default-backend \
                    (which catches all traffic) or a list of rules (which catch specific paths)"
                .into(),
        );
    }
    let mut parsed = Vec::new();
    for rule in rules {
        parsed.push(parse_rule(rule).ok_or_else(|| {
            format!("rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")
        })?);
    }
    let mut meta = metadata(name, namespace);
    for annotation in annotations {
        let (key, text) = annotation.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
            format!("annotation {annotation} is invalid and should be in format key=[value]")
        })?;
        meta = meta.with_at(&["annotations", key], text);
    }
    let mut spec = Value::empty_map();
    if !class.is_empty() {
        spec = spec.with("ingressClassName", class);
    }
    if !default_backend.is_empty() {
        let (service, port) = default_backend
            .split_once(':')
            .filter(|(service, port)| is_word(service) && is_word(port))
            .ok_or("default-backend should be in format servicename:serviceport")?;
        spec = spec.with("defaultBackend", backend(service, port));
    }
    let host_rules = host_rules(&parsed);
    if !host_rules.is_empty() {
        spec = spec.with("rules", host_rules);
    }
    let tls = tls(&parsed);
    if !tls.is_empty() {
        spec = spec.with("tls", tls);
    }
    Ok(value!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": meta,
        "spec": spec,
        "status": {"loadBalancer": {}}
    }))
}

/// Paths under their hosts, in the order the hosts came first.
fn host_rules(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut hosts: Vec<(&str, Vec<Value>)> = Vec::new();
    for rule in rules {
        let (path, path_type) = match rule.path.strip_suffix('*') {
            Some(prefix) => (prefix, "Prefix"),
            None => (rule.path, "Exact"),
        };
        let path = value!({
            "path": path,
            "pathType": path_type,
            "backend": backend(rule.service, rule.port)
        });
        match hosts.iter_mut().find(|(host, _)| *host == rule.host) {
            Some((_, paths)) => paths.push(path),
            None => hosts.push((rule.host, vec![path])),
        }
    }
    hosts
        .into_iter()
        .map(|(host, paths)| {
            let rule = value!({"http": {"paths": paths}});
            if host.is_empty() { rule } else { rule.with("host", host) }
        })
        .collect()
}

/// Hosts by their secrets; a host counts once.
fn tls(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut entries: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for rule in rules {
        let Some(secret) = rule.tls else { continue };
        if seen.contains(&rule.host) {
            continue;
        }
        seen.push(rule.host);
        let hosts: Vec<&str> = Some(rule.host).filter(|h| !h.is_empty()).into_iter().collect();
        match entries.iter_mut().find(|(name, _)| *name == secret) {
            Some((_, list)) => list.push(rule.host),
            None if hosts.is_empty() && secret.is_empty() => {}
            None => entries.push((secret, hosts)),
        }
    }
    entries
        .into_iter()
        .map(|(secret, hosts)| {
            let mut entry = Value::empty_map();
            if !hosts.is_empty() {
                entry = entry.with("hosts", hosts.into_iter().map(Value::from).collect::<Value>());
            }
            if secret.is_empty() { entry } else { entry.with("secretName", secret) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_apart() {
        let rule =
            parse_rule("a.com/x*=web:http,tls=cert").map(|r| (r.host, r.path, r.service, r.port, r.tls));
        assert_eq!(rule, Some(("a.com", "/x*", "web", "http", Some("cert"))));
        assert!(parse_rule("/=web:80").is_some_and(|r| r.host.is_empty() && r.tls.is_none()));
        for bad in ["a.com=web:80", "a.com/web", "a.com/=web", "a.com/=web:80,ssl"] {
            assert!(parse_rule(bad).is_none(), "{bad}");
        }
    }
}
