//! `kubectl set image`: new images for containers and init containers by name.

use super::{Words, map_containers, no_container, require_resources, set_flags, split, update};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::kubectl::common::SELECTOR;
use crate::kubectl::failure::aggregate;
use crate::kubectl::local;
use crate::kubectl::output::Output;

pub const COMMAND: Command = Command {
    name: "image",
    usage: "image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    short: "Update the image of a pod template",
    long: "Update existing container image(s) of resources.\n\n Possible resources include (case insensitive):\n\n  pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)",
    examples: "# Set a deployment's nginx container image to 'nginx:1.9.1', and its busybox container image to 'busybox'\nkubectl set image deployment/nginx busybox=busybox nginx=nginx:1.9.1\n\n# Update image of all containers of daemonset abc to 'nginx:1.9.1'\nkubectl set image daemonset abc *=nginx:1.9.1",
    flags: set_flags!(SELECTOR, NONE, crate::kubectl::record::RECORD),
    run,
    ..Command::BASE
};
const NONE: &[Flag] = &[];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = Output::from_flags(invocation)?;
    let (resources, pairs) = split(&invocation.args, "image")?;
    local::refuse_arguments(invocation, &resources)?;
    let targets = local::targets(invocation, &resources)?;
    if !targets.failures.is_empty() {
        return Err(aggregate(&targets.failures));
    }
    require_resources(invocation, &resources)?;
    let images: Vec<(String, String)> = pairs
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, image)| (name.to_string(), image.to_string()))
        .collect();
    if images.is_empty() {
        return Err(Error::new("at least one image update is required"));
    }
    if images.len() > 1 && images.iter().any(|i| i.0 == "*") {
        return Err(Error::new(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs",
        ));
    }
    update(
        invocation,
        targets,
        output,
        "image updated",
        Words::Named("failed to patch image update to pod template: "),
        &mut |_, info| {
            let mut object = info.object.clone();
            for (name, image) in &images {
                let set = &mut |container: &drydock_machinery::Value| container.with("image", image);
                let pattern = if name == "*" { "*" } else { name.as_str() };
                let (changed, found) =
                    map_containers(&object, &["initContainers", "containers"], pattern, set)?;
                if found == 0 {
                    return Err(no_container(name));
                }
                object = changed;
            }
            Ok(object)
        },
    )
}
