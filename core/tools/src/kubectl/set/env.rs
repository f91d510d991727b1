//! `kubectl set env`: environment variables of pod templates, set, removed, listed, or taken from a
//! ConfigMap or Secret.

use super::env_source::{self, Variable};
use super::{
    Words, map_containers, name_matches, pod_spec_path, require_resources, set_flags, split, update,
};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::kubectl::common::SELECTOR;
use crate::kubectl::local::{self, Targets};
use crate::kubectl::output::Output;
use crate::kubectl::{Failure, Info};
use drydock_machinery::{Value, quote, value};

pub const COMMAND: Command = Command {
    name: "env",
    usage: "env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    short: "Update environment variables on a pod template",
    long: "Update environment variables on a pod template.\n\n List environment variable definitions in one or more pods, pod templates. Add, update, or remove container environment variable definitions in one or more pod templates (within replication controllers or deployment configurations). View or modify the environment variable definitions on all containers in the specified pods or pod templates, or just those that match a wildcard.\n\n If \"--env -\" is passed, environment variables can be read from STDIN using the standard env syntax.",
    examples: "# Update deployment 'registry' with a new environment variable\nkubectl set env deployment/registry STORAGE_DIR=/local\n\n# List the environment variables defined on a deployments 'sample-build'\nkubectl set env deployment/sample-build --list\n\n# Import environment from a config map with a prefix\nkubectl set env --from=configmap/myconfigmap --prefix=MYSQL_ deployment/myapp\n\n# Remove the environment variable ENV from container 'c1' in all deployment configs\nkubectl set env deployments --all --containers=\"c1\" ENV-",
    flags: set_flags!(SELECTOR, FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string(
        "containers",
        'c',
        "*",
        "The names of containers in the selected pod templates to change - may use wildcards",
    ),
    Flag::string("from", '\0', "", "The name of a resource from which to inject environment variables"),
    Flag::string("prefix", '\0', "", "Prefix to append to variable names"),
    Flag::array(
        "env",
        'e',
        "Specify a key-value pair for an environment variable to set into each container.",
    ),
    Flag::slice("keys", '\0', "Comma-separated list of keys to import from specified resource"),
    Flag::bool(
        "list",
        '\0',
        false,
        "If true, display the environment and any changes in the standard format. this flag will removed when we have kubectl view env.",
    ),
    Flag::bool("resolve", '\0', false, "If true, show secret or configmap references when listing variables"),
    Flag::bool(
        "overwrite",
        '\0',
        true,
        "If true, allow environment to be overwritten, otherwise reject updates that overwrite existing environment.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = Output::from_flags(invocation)?;
    if invocation.bool("all") && !invocation.str("selector").is_empty() {
        return Err(Error::new("cannot set --all and --selector at the same time"));
    }
    let (resources, pairs) = split(&invocation.args, "environment variable")?;
    require_resources(invocation, &resources)?;
    let list = invocation.bool("list");
    if list && invocation.changed("output") {
        return Err(Error::new("--list and --output may not be specified together"));
    }
    let (mut set, removed) = env_source::parse(invocation, &pairs)?;
    let from = invocation.str("from").to_string();
    if !invocation.list("keys").is_empty() && from.is_empty() {
        return Err(Error::new("when specifying --keys, a configmap or secret must be provided with --from"));
    }
    let (mut warnings, mut client) = (Vec::new(), None);
    if !from.is_empty() {
        let (imported, asked) = env_source::import(invocation, &from, &mut warnings)?;
        set.splice(0..0, imported);
        client = Some(asked);
    }
    for warning in warnings {
        invocation.eprint(&warning);
    }
    let targets = local::targets_with(invocation, &resources, client)?;
    if set.is_empty() && removed.is_empty() && from.is_empty() && !list {
        return Err(Error::new("at least one environment variable must be provided"));
    }
    let pattern = invocation.str("containers").to_string();
    if list {
        return list_all(invocation, targets, &pattern, &set, &removed);
    }
    update(
        invocation,
        targets,
        output,
        "env updated",
        Words::Named("failed to patch env update to pod template: "),
        &mut |invocation, info| change(invocation, info, &pattern, &set, &removed),
    )
}

fn change(
    invocation: &mut Invocation<'_, '_>,
    info: &Info,
    pattern: &str,
    set: &[Variable],
    removed: &[String],
) -> Result<Value, Failure> {
    let overwrite = invocation.bool("overwrite");
    let mut taken = None;
    let mut edit = |container: &Value| {
        let mut env: Vec<Value> = container["env"].items().to_vec();
        for variable in set {
            match env.iter_mut().find(|e| e["name"] == variable.name.as_str()) {
                Some(old) if !overwrite => {
                    taken = Some(format!(
                        "'{}' already has a value ({}), and --overwrite is false",
                        variable.name,
                        old["value"].text()
                    ));
                }
                Some(old) => *old = variable.to_value(),
                None => env.push(variable.to_value()),
            }
        }
        env.retain(|e| !removed.iter().any(|name| e["name"] == name.as_str()));
        if env.is_empty() { container.without("env") } else { container.with("env", env) }
    };
    let (object, found) =
        map_containers(&info.object, &["initContainers", "containers"], pattern, &mut edit)?;
    if let Some(why) = taken {
        return Err(Failure::Message(why));
    }
    if found == 0 {
        let (kind, name) = (&info.resource.kind, &info.name);
        invocation.eprint(&format!(
            "Warning: {kind}/{name} does not have any containers matching {}\n",
            quote::go(pattern)
        ));
        return Ok(info.object.clone());
    }
    Ok(object)
}

/// `--list`: what every container has, changes included.
fn list_all(
    invocation: &mut Invocation<'_, '_>,
    targets: Targets,
    pattern: &str,
    set: &[Variable],
    removed: &[String],
) -> Outcome {
    let Targets { client, infos, mut failures, .. } = targets;
    let resolve = invocation.bool("resolve");
    for info in infos {
        let changed = match change(invocation, &info, pattern, set, removed) {
            Ok(changed) => changed,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let spec = changed.at(pod_spec_path(&changed)?);
        let containers = spec["initContainers"].items().iter().chain(spec["containers"].items());
        for container in containers.filter(|c| name_matches(c["name"].text(), pattern)) {
            let name = container["name"].text();
            let mut lines = format!("# {} {}, container {name}\n", info.resource.kind, info.name);
            for variable in container["env"].items() {
                lines += &env_source::describe(invocation, &client, variable, resolve);
            }
            invocation.print(&lines);
        }
    }
    if failures.is_empty() {
        Ok(crate::cli::Flow::Done(0))
    } else {
        Err(crate::kubectl::failure::aggregate(&failures))
    }
}

impl Variable {
    fn to_value(&self) -> Value {
        match &self.source {
            None => value!({"name": (&self.name), "value": (&self.value)}),
            Some(source) => value!({"name": (&self.name), "valueFrom": source}),
        }
    }
}
