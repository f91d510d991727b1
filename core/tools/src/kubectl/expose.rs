//! `kubectl expose`: a Service for the pods of a workload, a pod or another Service.

use super::Failure;
use super::client::{Client, content};
use super::common::{self, DryRun, field_manager};
use super::create::names::parse_labels;
use super::failure::aggregate;
use super::local::Targets;
use super::output::{Output, SAVE_CONFIG};
use super::writing::{with_dry_run, with_last_applied};
use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::printers;
use drydock_machinery::{Value, patch, quote, value, yaml};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "expose",
    usage: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    short: "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    long: "Expose a resource as a new Kubernetes service.\n\n Looks up a deployment, service, replica set, replication controller or pod by name and uses the selector for that resource as the selector for a new service on the specified port.",
    examples: "# Create a service for an nginx deployment, which serves on port 80 and connects to the containers on port 8000\nkubectl expose deployment nginx --port=80 --target-port=8000\n\n# Create a service for a pod valid-pod, which serves on port 444 with the name \"frontend\"\nkubectl expose pod valid-pod --port=444 --name=frontend",
    flags: &[
        common::FILES,
        common::DRY_RUN,
        printers::FLAGS,
        SAVE_CONFIG,
        FLAGS,
        &[field_manager("kubectl-expose")],
        super::record::RECORD,
    ],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string(
        "protocol",
        '\0',
        "",
        "The network protocol for the service to be created. Default is 'TCP'.",
    ),
    Flag::string(
        "port",
        '\0',
        "",
        "The port that the service should serve on. Copied from the resource being exposed, if unspecified",
    ),
    Flag::string(
        "type",
        '\0',
        "",
        "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'.",
    ),
    Flag::string(
        "load-balancer-ip",
        '\0',
        "",
        "IP to assign to the LoadBalancer. If empty, an ephemeral IP will be created and used (cloud-provider specific).",
    ),
    Flag::string(
        "selector",
        '\0',
        "",
        "A label selector to use for this service. Only equality-based selector requirements are supported. If empty (the default) infer the selector from the replication controller or replica set.",
    ),
    Flag::string("labels", 'l', "", "Labels to apply to the service created by this call."),
    Flag::string(
        "target-port",
        '\0',
        "",
        "Name or number for the port on the container that the service should direct traffic to. Optional.",
    ),
    Flag::string(
        "external-ip",
        '\0',
        "",
        "Additional external IP address (not managed by Kubernetes) to accept for the service.",
    ),
    Flag::string("name", '\0', "", "The name for the newly created object."),
    Flag::string(
        "session-affinity",
        '\0',
        "",
        "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'",
    ),
    Flag::string(
        "cluster-ip",
        '\0',
        "",
        "ClusterIP to be assigned to the service. Leave empty to auto-allocate, or set to 'None' to create a headless service.",
    ),
    Flag::string("overrides", '\0', "", "An inline JSON override for the generated object."),
    Flag::string(
        "override-type",
        '\0',
        "merge",
        "The method used to override the generated object: json, merge, or strategic.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let resources = invocation.args.clone();
    let Targets { client, infos, mut failures, .. } = {
        // `--selector` is the Service's here, not a query.
        let mut builder = super::Builder::new(invocation).args(&resources);
        builder.selector.clear();
        builder.limit = 0;
        let mut client = Client::new(invocation)?;
        let plan = builder.plan(invocation, &mut client)?;
        let (infos, failures) = builder.fetch_plan(invocation, &mut client, plan);
        Targets { client, infos, failures, local: false }
    };
    for info in infos {
        let made = service(invocation, &info.object).and_then(|service| overridden(invocation, service));
        let result = made.map(|service| with_namespace(&client, service)).and_then(|service| {
            let service = if invocation.bool("save-config") { with_last_applied(&service) } else { service };
            if output.dry_run == DryRun::Client {
                return Ok(service);
            }
            let path = format!("/api/v1/namespaces/{}/services", info.namespace);
            let request = Client::write(Method::Post, &path, content::JSON, service)
                .query("fieldManager", invocation.str("field-manager"));
            client.call(invocation.sys, with_dry_run(request, output.dry_run))
        });
        match result {
            Ok(object) => output.print(invocation.sys, &object, "exposed")?,
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

fn with_namespace(client: &Client, service: Value) -> Value {
    if client.target.namespace_given {
        return service.with_at(&["metadata", "namespace"], client.namespace());
    }
    service
}

fn overridden(invocation: &Invocation<'_, '_>, service: Value) -> Result<Value, Failure> {
    let overrides = invocation.str("overrides");
    if overrides.is_empty() {
        return Ok(service);
    }
    let documents = yaml::load(overrides).map_err(|e| Failure::Message(e.to_string()))?;
    let overrides = documents.into_iter().next().map(|d| d.value).unwrap_or_default();
    match invocation.str("override-type") {
        "json" => Ok(patch::json_patch(&service, &overrides)?),
        _ => Ok(patch::merge(&service, &overrides)),
    }
}

/// The Service for an object.
fn service(invocation: &Invocation<'_, '_>, object: &Value) -> Result<Value, Failure> {
    let kind = object["kind"].text();
    if !["ReplicationController", "Service", "Pod", "Deployment", "ReplicaSet"].contains(&kind) {
        let group = object["apiVersion"].text().split_once('/').map_or("", |v| v.0);
        let dot = if group.is_empty() { "" } else { "." };
        return Err(format!("cannot expose a {kind}{dot}{group}").into());
    }
    let selector = match invocation.str("selector") {
        "" => selector_of(object).map_err(|why| {
            format!("couldn't retrieve selectors via --selector flag or introspection: {why}")
        })?,
        text => parse_labels(text)?,
    };
    let labels = match invocation.str("labels") {
        "" => object["metadata"]["labels"].clone(),
        text => parse_labels(text)?,
    };
    let name = match invocation.str("name") {
        "" => object["metadata"]["name"].text(),
        name => name,
    };
    let name: String = name.chars().take(63).collect();
    let mut spec = value!({"selector": selector, "ports": ports(invocation, object)?});
    for (flag, field) in
        [("type", "type"), ("cluster-ip", "clusterIP"), ("load-balancer-ip", "loadBalancerIP")]
    {
        if !invocation.str(flag).is_empty() {
            spec = spec.with(field, invocation.str(flag));
        }
    }
    match invocation.str("external-ip") {
        "" => {}
        ip => spec = spec.with("externalIPs", value!([ip])),
    }
    match invocation.str("session-affinity") {
        "" => {}
        affinity @ ("None" | "ClientIP") => spec = spec.with("sessionAffinity", affinity),
        other => return Err(format!("unknown session affinity: {other}").into()),
    }
    let mut metadata = value!({"creationTimestamp": null, "name": name});
    if !labels.is_empty() {
        metadata = metadata.with("labels", labels);
    }
    Ok(value!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": spec,
        "status": {"loadBalancer": {}}
    }))
}

fn selector_of(object: &Value) -> Result<Value, String> {
    let spec = &object["spec"];
    match object["kind"].text() {
        "Pod" if object["metadata"]["labels"].is_empty() => {
            Err("the pod has no labels and cannot be exposed".into())
        }
        "Pod" => Ok(object["metadata"]["labels"].clone()),
        "Service" if spec["selector"].is_empty() => Err("the service has no pod selector set".into()),
        "Service" | "ReplicationController" => Ok(spec["selector"].clone()),
        _ if !spec["selector"]["matchExpressions"].is_empty() => Err(format!(
            "couldn't convert expressions - \"{}\" to map-based selector format",
            drydock_machinery::json::to_string(&spec["selector"]["matchExpressions"])
        )),
        _ => Ok(spec["selector"]["matchLabels"].clone()),
    }
}

/// Port, protocol pairs an object declares.
fn declared(object: &Value) -> Vec<(i64, String)> {
    let protocol = |port: &Value| match port["protocol"].text() {
        "" => "TCP".to_string(),
        given => given.to_string(),
    };
    let spec = &object["spec"];
    if object["kind"] == "Service" {
        return spec["ports"].items().iter().map(|p| (p["port"].int(), protocol(p))).collect();
    }
    let pod = if object["kind"] == "Pod" { spec } else { &spec["template"]["spec"] };
    let containers = pod["containers"].items().iter();
    containers.flat_map(|c| c["ports"].items()).map(|p| (p["containerPort"].int(), protocol(p))).collect()
}

fn ports(invocation: &Invocation<'_, '_>, object: &Value) -> Result<Value, Failure> {
    let known = declared(object);
    let wanted: Vec<String> = match invocation.str("port") {
        "" => known.iter().map(|p| p.0.to_string()).collect(),
        text => text.split(',').map(Into::into).collect(),
    };
    if wanted.is_empty() && invocation.str("cluster-ip") != "None" {
        return Err("couldn't find port via --port flag or introspection".into());
    }
    let target: Option<Value> = match invocation.str("target-port") {
        "" => None,
        text => Some(text.parse::<i64>().map_or_else(|_| text.into(), Value::from)),
    };
    let several = wanted.len() > 1;
    let mut ports = Vec::new();
    for (at, text) in wanted.iter().enumerate() {
        let number: i64 = text.parse().map_err(|_| {
            Failure::Message(format!("strconv.Atoi: parsing {}: invalid syntax", quote::go(text)))
        })?;
        let protocol = match invocation.str("protocol") {
            "" => known.iter().find(|p| p.0 == number).map_or("TCP", |p| p.1.as_str()),
            given => given,
        };
        let mut port = value!({
            "port": number,
            "protocol": protocol,
            "targetPort": (target.clone().unwrap_or_else(|| number.into()))
        });
        if several {
            port = port.with("name", format!("port-{}", at + 1));
        }
        ports.push(port);
    }
    Ok(Value::from_items(ports))
}
