//! `kubectl create cronjob`: a Job template with a schedule.

use super::job::pod_template;
use super::names::metadata;
use super::{Generator, Place, generator_flags, name_and_rest};
use crate::cli::{Command, Flag, Invocation, Outcome};
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "cronjob",
    aliases: &["cj"],
    usage: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
    short: "Create a cron job with the specified name",
    long: "Create a cron job with the specified name.",
    examples: "# Create a cron job\nkubectl create cronjob my-job --image=busybox --schedule=\"*/1 * * * *\"\n\n# Create a cron job with a command\nkubectl create cronjob my-job --image=busybox --schedule=\"*/1 * * * *\" -- date",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("image", '\0', "", "Image name to run.").required(),
    Flag::string("schedule", '\0', "", "A schedule in the Cron format the job should be run with.")
        .required(),
    Flag::string("restart", '\0', "", "Job's restart policy. supported values: OnFailure, Never"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, command) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let object = cron_job(
        &name,
        generator.namespace(),
        invocation.str("image"),
        invocation.str("schedule"),
        invocation.str("restart"),
        &command,
    );
    let place = Place {
        prefix: "/apis/batch/v1",
        plural: "cronjobs",
        namespaced: true,
        failure: "failed to create cronjob: ",
    };
    generator.finish(invocation, object, place)
}

/// A CronJob; `restart` is the pods' restart policy.
#[must_use]
pub fn cron_job(
    name: &str,
    namespace: Option<&str>,
    image: &str,
    schedule: &str,
    restart: &str,
    command: &[String],
) -> Value {
    let restart = if restart.is_empty() { "OnFailure" } else { restart };
    value!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata(name, namespace),
        "spec": {
            "jobTemplate": {
                "metadata": {"creationTimestamp": null, "name": name},
                "spec": {"template": pod_template(name, image, command, restart)}
            },
            "schedule": schedule
        },
        "status": {}
    })
}
