//! `kubectl autoscale`: a HorizontalPodAutoscaler for a workload; autoscaling/v2 first, v1 if the server
//! will not have it.

use super::builder::Builder;
use super::client::{Client, content};
use super::common::{self, DryRun, field_manager};
use super::create::with_last_applied_typed;
use super::failure::aggregate;
use super::output::{Output, SAVE_CONFIG};
use super::writing::with_dry_run;
use super::{Failure, Info};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use crate::printers;
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "autoscale",
    usage: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu-percent=CPU]",
    short: "Auto-scale a deployment, replica set, stateful set, or replication controller",
    long: "Creates an autoscaler that automatically chooses and sets the number of pods that run in a Kubernetes cluster.\n\n Looks up a deployment, replica set, stateful set, or replication controller by name and creates an autoscaler that uses the given resource as a reference. An autoscaler can automatically increase or decrease number of pods deployed within the system as needed.",
    examples: "# Auto scale a deployment \"foo\", with the number of pods between 2 and 10, no target CPU utilization specified\nkubectl autoscale deployment foo --min=2 --max=10\n\n# Auto scale a replication controller \"foo\", with the number of pods between 1 and 5, target CPU utilization at 80%\nkubectl autoscale rc foo --max=5 --cpu-percent=80",
    flags: &[
        common::FILES,
        common::DRY_RUN,
        printers::FLAGS,
        SAVE_CONFIG,
        FLAGS,
        &[field_manager("kubectl-autoscale")],
        super::record::RECORD,
    ],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::new(
        Kind::Int32,
        "min",
        '\0',
        "-1",
        "The lower limit for the number of pods that can be set by the autoscaler. If it's not specified or negative, the server will apply a default value.",
    ),
    Flag::new(
        Kind::Int32,
        "max",
        '\0',
        "-1",
        "The upper limit for the number of pods that can be set by the autoscaler. Required.",
    )
    .required(),
    Flag::new(
        Kind::Int32,
        "cpu-percent",
        '\0',
        "-1",
        "The target average CPU utilization (represented as a percent of requested CPU) over all the pods. If it's not specified or negative, a default autoscaling policy will be used.",
    ),
    Flag::string(
        "name",
        '\0',
        "",
        "The name for the newly created object. If not specified, the name of the input resource will be used.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let (min, max) = (invocation.int("min"), invocation.int("max"));
    if max < 1 {
        return Err(Error::new(format_args!("--max=MAXPODS is required and must be at least 1, max: {max}")));
    }
    if max < min {
        return Err(Error::new(format_args!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}"
        )));
    }
    let mut client = Client::new(invocation)?;
    let mut builder = Builder::new(invocation);
    builder.limit = 0;
    let plan = builder.plan(invocation, &mut client)?;
    let (infos, mut failures) = builder.fetch_plan(invocation, &mut client, plan);
    if infos.is_empty() && failures.is_empty() {
        return Err(Error::new("no objects passed to autoscale"));
    }
    for info in infos {
        match autoscale(invocation, &client, &info, output.dry_run) {
            Ok(object) => output.print_typed(invocation.sys, &object, "autoscaled")?,
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

fn autoscale(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    info: &Info,
    dry_run: DryRun,
) -> Result<Value, Failure> {
    let resource = &info.resource;
    if !resource.subresources.iter().any(|s| s == "scale") {
        return Err(format!(
            "cannot autoscale a {}: could not find scale subresource for {}/{}, Resource={} in discovery information",
            resource.kind, resource.group, resource.version, resource.plural
        )
        .into());
    }
    let saved = |object: Value| {
        if invocation.bool("save-config") { with_last_applied_typed(&object) } else { object }
    };
    let (v2, v1) =
        (saved(object(invocation, client, info, "v2")), saved(object(invocation, client, info, "v1")));
    if dry_run == DryRun::Client {
        return Ok(v2);
    }
    let manager = invocation.str("field-manager").to_string();
    let mut post = |version: &str, object: Value| {
        let path =
            format!("/apis/autoscaling/{version}/namespaces/{}/horizontalpodautoscalers", info.namespace);
        let request = Client::write(Method::Post, &path, content::PROTO, object)
            .query("fieldManager", manager.as_str());
        client.call(invocation.sys, with_dry_run(request, dry_run))
    };
    post("v2", v2).or_else(|_| post("v1", v1))
}

fn object(invocation: &Invocation<'_, '_>, client: &Client, info: &Info, version: &str) -> Value {
    let name = match invocation.str("name") {
        "" => info.name.as_str(),
        name => name,
    };
    let mut metadata = value!({"creationTimestamp": null, "name": name});
    if client.target.namespace_given {
        metadata = metadata.with("namespace", client.namespace());
    }
    let mut spec = value!({
        "maxReplicas": (invocation.int("max")),
        "scaleTargetRef": {
            "apiVersion": (info.resource.api_version()),
            "kind": (info.resource.kind.as_str()),
            "name": (info.name.as_str())
        }
    });
    let (min, cpu) = (invocation.int("min"), invocation.int("cpu-percent"));
    if min > 0 {
        spec = spec.with("minReplicas", min);
    }
    let status = if version == "v2" {
        if cpu >= 0 {
            spec = spec.with(
                "metrics",
                value!([{
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": cpu}}
                }]),
            );
        }
        value!({"currentMetrics": null, "desiredReplicas": 0})
    } else {
        if cpu >= 0 {
            spec = spec.with("targetCPUUtilizationPercentage", cpu);
        }
        value!({"currentReplicas": 0, "desiredReplicas": 0})
    };
    value!({
        "apiVersion": (format!("autoscaling/{version}")),
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata,
        "spec": spec,
        "status": status
    })
}
