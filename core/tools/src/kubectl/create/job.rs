//! `kubectl create job`: one container that runs to its end, or the Job a CronJob would start now.

use super::deployment::container;
use super::names::metadata;
use super::{Generator, Place, generator_flags, name_and_rest, wrap};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::kubectl::Failure;
use crate::kubectl::client::JSON;
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "job",
    usage: "job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    short: "Create a job with the specified name",
    long: "Create a job with the specified name.",
    examples: "# Create a job\nkubectl create job my-job --image=busybox\n\n# Create a job with a command\nkubectl create job my-job --image=busybox -- date\n\n# Create a job from a cron job named \"a-cronjob\"\nkubectl create job test-job --from=cronjob/a-cronjob",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("image", '\0', "", "Image name to run."),
    Flag::string(
        "from",
        '\0',
        "",
        "The name of the resource to create a Job from (only cronjob is supported).",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, command) = name_and_rest(invocation)?;
    let mut generator = Generator::new(invocation)?;
    let (image, from) = (invocation.str("image").to_string(), invocation.str("from").to_string());
    if image.is_empty() == from.is_empty() {
        return Err(Error::new("either --image or --from must be specified"));
    }
    let object = if from.is_empty() {
        job(&name, generator.namespace(), &image, &command)
    } else {
        if !command.is_empty() {
            return Err(Error::new("cannot specify --from and command"));
        }
        let cron_job = cron_job(invocation, &mut generator, &from)?;
        job_from(&name, generator.namespace(), &cron_job)
    };
    let place = Place {
        prefix: "/apis/batch/v1",
        plural: "jobs",
        namespaced: true,
        failure: "failed to create job: ",
    };
    generator.finish(invocation, object, place)
}

/// The CronJob `--from` names.
fn cron_job(
    invocation: &mut Invocation<'_, '_>,
    generator: &mut Generator,
    from: &str,
) -> Result<Value, Error> {
    let Some((kind, name)) = from.split_once('/') else {
        return Err(Error::new("arguments in resource/name form must have a single resource and name"));
    };
    let resource = generator.client.resource(invocation.sys, kind)?;
    let path = resource.object_path(generator.client.namespace(), name);
    let found =
        generator.client.get(invocation.sys, &path, JSON).map_err(|failure: Failure| wrap(failure, ""))?;
    if found["kind"] != "CronJob" {
        let kind = found["kind"].text();
        return Err(Error::new(format_args!("unknown object type *{}.{kind}", resource.version)));
    }
    Ok(found)
}

/// A Job that runs `command` in `image`.
#[must_use]
pub fn job(name: &str, namespace: Option<&str>, image: &str, command: &[String]) -> Value {
    value!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(name, namespace),
        "spec": {"template": pod_template(name, image, command, "Never")},
        "status": {}
    })
}

/// The Job a CronJob would start now, owned by it.
#[must_use]
pub fn job_from(name: &str, namespace: Option<&str>, cron_job: &Value) -> Value {
    let template = cron_job.at(&["spec", "jobTemplate"]);
    let annotations = template
        .at(&["metadata", "annotations"])
        .entries()
        .iter()
        .fold(value!({"cronjob.kubernetes.io/instantiate": "manual"}), |all, (key, text)| {
            all.with(*key, text)
        });
    let mut meta = metadata(name, namespace).with("annotations", annotations).with(
        "ownerReferences",
        value!([{
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": cron_job.at(&["metadata", "name"]),
            "uid": cron_job.at(&["metadata", "uid"]),
            "controller": true
        }]),
    );
    let labels = template.at(&["metadata", "labels"]);
    if !labels.is_empty() {
        meta = meta.with("labels", labels);
    }
    let job = value!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": meta,
        "spec": template.get("spec"),
        "status": {}
    });
    crate::kubectl::typed::round_trip(&job)
}

/// The template of a Job's pods.
#[must_use]
pub fn pod_template(name: &str, image: &str, command: &[String], restart: &str) -> Value {
    value!({
        "metadata": {"creationTimestamp": null},
        "spec": {"containers": [container(name, image, command)], "restartPolicy": restart}
    })
}
