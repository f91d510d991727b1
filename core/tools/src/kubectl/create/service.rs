//! `kubectl create service clusterip|nodeport|loadbalancer|externalname`.

use super::names::{metadata, service_port};
use super::{Generator, Place, generator_flags, name_and_rest};
use crate::cli::{Command, Error, Flag, Invocation, Kind, Outcome};
use drydock_machinery::names::is_dns1123_subdomain;
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "service",
    aliases: &["svc"],
    usage: "service [flags]",
    short: "Create a service using a specified subcommand",
    long: "Create a service using a specified subcommand.",
    subcommands: &[&CLUSTER_IP, &EXTERNAL_NAME, &LOAD_BALANCER, &NODE_PORT],
    run: crate::kubectl::group,
    ..Command::BASE
};

const TCP: Flag = Flag::slice("tcp", '\0', "Port pairs can be specified as '<port>:<targetPort>'.");

const CLUSTER_IP: Command = Command {
    name: "clusterip",
    usage: "clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    short: "Create a ClusterIP service",
    long: "Create a ClusterIP service with the specified name.",
    examples: "# Create a new ClusterIP service named my-cs\nkubectl create service clusterip my-cs --tcp=5678:8080\n\n# Create a new ClusterIP service named my-cs (in headless mode)\nkubectl create service clusterip my-cs --clusterip=\"None\"",
    flags: generator_flags!(&[
        TCP,
        Flag::string(
            "clusterip",
            '\0',
            "",
            "Assign your own ClusterIP or set to 'None' for a 'headless' service (no loadbalancing)."
        ),
    ]),
    run: |invocation| {
        let ip = invocation.str("clusterip").to_string();
        finish(invocation, Flavor::ClusterIp(&ip), "failed to create ClusterIP service: ")
    },
    ..Command::BASE
};
const NODE_PORT: Command = Command {
    name: "nodeport",
    usage: "nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a NodePort service",
    long: "Create a NodePort service with the specified name.",
    examples: "# Create a new NodePort service named my-ns\nkubectl create service nodeport my-ns --tcp=5678:8080",
    flags: generator_flags!(&[
        TCP,
        Flag::new(
            Kind::Int,
            "node-port",
            '\0',
            "0",
            "Port used to expose the service on each node in a cluster."
        ),
    ]),
    run: |invocation| {
        let port = invocation.int("node-port");
        finish(invocation, Flavor::NodePort(port), "failed to create NodePort service: ")
    },
    ..Command::BASE
};
const LOAD_BALANCER: Command = Command {
    name: "loadbalancer",
    usage: "loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a LoadBalancer service",
    long: "Create a LoadBalancer service with the specified name.",
    examples: "# Create a new LoadBalancer service named my-lbs\nkubectl create service loadbalancer my-lbs --tcp=5678:8080",
    flags: generator_flags!(&[TCP]),
    run: |invocation| finish(invocation, Flavor::LoadBalancer, "failed to create LoadBalancer service: "),
    ..Command::BASE
};
const EXTERNAL_NAME: Command = Command {
    name: "externalname",
    usage: "externalname NAME --external-name external.name [--dry-run=server|client|none]",
    short: "Create an ExternalName service",
    long: "Create an ExternalName service with the specified name.\n\n ExternalName service references to an external DNS address instead of only pods, which will allow application authors to reference services that exist off platform, on other clusters, or locally.",
    examples: "# Create a new ExternalName service named my-ns\nkubectl create service externalname my-ns --external-name bar.com",
    flags: generator_flags!(&[
        TCP,
        Flag::string("external-name", '\0', "", "External name of service").required(),
    ]),
    run: |invocation| {
        let host = invocation.str("external-name").to_string();
        finish(invocation, Flavor::ExternalName(&host), "failed to create ExternalName service: ")
    },
    ..Command::BASE
};

fn finish(invocation: &mut Invocation<'_, '_>, flavor: Flavor<'_>, failure: &'static str) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let tcp = invocation.list("tcp");
    let object = object(&name, generator.namespace(), flavor, &tcp).map_err(Error::new)?;
    let place = Place { prefix: "/api/v1", plural: "services", namespaced: true, failure };
    generator.finish(invocation, object, place)
}

/// What makes the four kinds of Service different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor<'a> {
    /// With the value of `--clusterip`, empty for any address.
    ClusterIp(&'a str),
    /// With `--node-port`, 0 for any.
    NodePort(i64),
    LoadBalancer,
    ExternalName(&'a str),
}

/// The Service; its ports are `port[:targetPort]`.
///
/// # Errors
/// kubectl's texts for ports that are missing or bad.
pub fn object(
    name: &str,
    namespace: Option<&str>,
    flavor: Flavor<'_>,
    tcp: &[String],
) -> Result<Value, String> {
    let headless = flavor == Flavor::ClusterIp("None");
    if tcp.is_empty() && !headless && !matches!(flavor, Flavor::ExternalName(_)) {
        return Err("at least one tcp port specifier must be provided".into());
    }
    let mut ports = tcp.iter().map(|t| service_port(t)).collect::<Result<Vec<_>, _>>()?;
    if headless && !tcp.is_empty() {
        return Err("can not map ports with clusterip=None".into());
    }
    if let Flavor::ExternalName(host) = flavor
        && !is_dns1123_subdomain(host).is_empty()
    {
        return Err(format!("invalid service external name {host}"));
    }
    let (service_type, mut spec) = match flavor {
        Flavor::ClusterIp("") => ("ClusterIP", Value::empty_map()),
        Flavor::ClusterIp(ip) => ("ClusterIP", value!({"clusterIP": ip})),
        Flavor::NodePort(port) => {
            if port != 0 {
                ports = ports.iter().map(|p| p.with("nodePort", port)).collect();
            }
            ("NodePort", Value::empty_map())
        }
        Flavor::LoadBalancer => ("LoadBalancer", Value::empty_map()),
        Flavor::ExternalName(host) => ("ExternalName", value!({"externalName": host})),
    };
    spec = spec.with("type", service_type).with("selector", value!({"app": name}));
    if !ports.is_empty() {
        spec = spec.with("ports", ports);
    }
    Ok(value!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(name, namespace).with("labels", value!({"app": name})),
        "spec": spec,
        "status": {"loadBalancer": {}}
    }))
}
