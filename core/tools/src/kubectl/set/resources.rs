//! `kubectl set resources`: requests and limits of containers.

use super::{Words, map_containers, require_resources, set_flags, update};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::kubectl::Failure;
use crate::kubectl::common::SELECTOR;
use crate::kubectl::failure::aggregate;
use crate::kubectl::local;
use crate::kubectl::output::Output;
use drydock_machinery::{Quantity, Value};

pub const COMMAND: Command = Command {
    name: "resources",
    usage: "resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
    short: "Update resource requests/limits on objects with pod templates",
    long: "Specify compute resource requirements (CPU, memory) for any resource that defines a pod template.  If a pod is successfully scheduled, it is guaranteed the amount of resource requested, but may burst up to its specified limits.\n\n For each compute resource, if a limit is specified and a request is omitted, the request will default to the limit.",
    examples: "# Set a deployments nginx container cpu limits to \"200m\" and memory to \"512Mi\"\nkubectl set resources deployment nginx -c=nginx --limits=cpu=200m,memory=512Mi",
    flags: set_flags!(SELECTOR, FLAGS, crate::kubectl::record::RECORD),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string(
        "containers",
        'c',
        "*",
        "The names of containers in the selected pod templates to change, all containers are selected by default - may use wildcards",
    ),
    Flag::string(
        "limits",
        '\0',
        "",
        "The resource requirement limits for this container.  For example, 'cpu=100m,memory=256Mi'.  Note that server side components may assign limits depending on the server configuration, such as limit ranges.",
    ),
    Flag::string(
        "requests",
        '\0',
        "",
        "The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'.  Note that server side components may assign requests depending on the server configuration, such as limit ranges.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = Output::from_flags(invocation)?;
    let resources = invocation.args.clone();
    local::refuse_arguments(invocation, &resources)?;
    let targets = local::targets(invocation, &resources)?;
    if !targets.failures.is_empty() {
        return Err(aggregate(&targets.failures));
    }
    let (limits, requests) = (invocation.str("limits").to_string(), invocation.str("requests").to_string());
    if invocation.bool("all") && !invocation.str("selector").is_empty() {
        return Err(Error::new("cannot set --all and --selector at the same time"));
    }
    if limits.is_empty() && requests.is_empty() {
        return Err(Error::new(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let (limits, requests) = (parse(&limits)?, parse(&requests)?);
    require_resources(invocation, &resources)?;
    let pattern = invocation.str("containers").to_string();
    update(
        invocation,
        targets,
        output,
        "resource requirements updated",
        Words::Plain("failed to patch resources update to pod template "),
        &mut |_, info| {
            let set = &mut |container: &Value| {
                let mut container = container.clone();
                for (field, amounts) in [("limits", &limits), ("requests", &requests)] {
                    for (name, amount) in amounts {
                        container = container.with_at(&["resources", field, name], amount.as_str());
                    }
                }
                container
            };
            let (object, found) =
                map_containers(&info.object, &["initContainers", "containers"], &pattern, set)?;
            if found == 0 {
                return Err(Failure::Message(format!("unable to find container named {pattern}")));
            }
            Ok(object)
        },
    )
}

/// `cpu=100m,memory=256Mi`.
fn parse(text: &str) -> Result<Vec<(String, String)>, Error> {
    let mut amounts = Vec::new();
    for pair in text.split(',').filter(|_| !text.is_empty()) {
        match pair.split('=').collect::<Vec<_>>().as_slice() {
            [name, amount] => {
                let quantity = Quantity::parse(amount).map_err(Error::new)?;
                amounts.push(((*name).to_string(), quantity.canonical()));
            }
            _ => {
                return Err(Error::new(format_args!(
                    "Invalid argument syntax {pair}, expected <resource>=<value>"
                )));
            }
        }
    }
    Ok(amounts)
}
