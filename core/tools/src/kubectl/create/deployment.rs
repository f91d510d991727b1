//! `kubectl create deployment`: a Deployment labelled and selected by `app=NAME`.

use super::names::{container_name, metadata};
use super::{Generator, Place, generator_flags, name_and_rest};
use crate::cli::{Command, Error, Flag, Invocation, Kind, Outcome};
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "deployment",
    aliases: &["deploy"],
    usage: "deployment NAME --image=image -- [COMMAND] [args...]",
    short: "Create a deployment with the specified name",
    long: "Create a deployment with the specified name.",
    examples: "# Create a deployment named my-dep that runs the busybox image\nkubectl create deployment my-dep --image=busybox\n\n# Create a deployment with a command\nkubectl create deployment my-dep --image=busybox -- date\n\n# Create a deployment with three replicas\nkubectl create deployment my-dep --image=nginx --replicas=3",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::slice(
        "image",
        '\0',
        "Image names to run. A deployment can have multiple images set for multiple containers.",
    )
    .required(),
    Flag::new(Kind::Int32, "port", '\0', "-1", "The containerPort that this deployment exposes."),
    Flag::new(Kind::Int32, "replicas", 'r', "1", "Number of replicas to create. Default is 1."),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, command) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let images = invocation.list("image");
    let numbers = (invocation.int("replicas"), invocation.int("port"));
    let random = &mut invocation.sys.machines.clock.random;
    let object = object(&name, generator.namespace(), &images, &command, numbers, || random.suffix(5))
        .map_err(Error::new)?;
    let place = Place {
        prefix: "/apis/apps/v1",
        plural: "deployments",
        namespaced: true,
        failure: "failed to create deployment: ",
    };
    generator.finish(invocation, object, place)
}

/// The Deployment of these flags. `port` below zero means none.
///
/// # Errors
/// Several images cannot share one command.
pub fn object(
    name: &str,
    namespace: Option<&str>,
    images: &[String],
    command: &[String],
    (replicas, port): (i64, i64),
    mut random: impl FnMut() -> String,
) -> Result<Value, String> {
    if images.len() > 1 && !command.is_empty() {
        return Err("cannot specify multiple --image options and command".into());
    }
    let mut containers: Vec<Value> =
        images.iter().map(|image| container(&container_name(image, &mut random), image, command)).collect();
    if port >= 0
        && let Some(first) = containers.first_mut()
    {
        *first = first.with("ports", value!([{"containerPort": port}]));
    }
    let labels = value!({"app": name});
    Ok(value!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, namespace).with("labels", &labels),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": &labels},
            "strategy": {},
            "template": {
                "metadata": {"creationTimestamp": null, "labels": &labels},
                "spec": {"containers": containers}
            }
        },
        "status": {}
    }))
}

/// A container with nothing but name, image and command.
#[must_use]
pub fn container(name: &str, image: &str, command: &[String]) -> Value {
    let base = value!({"name": name, "image": image, "resources": {}});
    if command.is_empty() {
        return base;
    }
    base.with("command", command.iter().map(Value::from).collect::<Value>())
}
