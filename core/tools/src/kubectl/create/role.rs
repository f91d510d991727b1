//! `kubectl create role`: rules for resources found by discovery, even in a client dry run.

use super::rbac::{self, Resource, VERBS};
use super::{Generator, Place, generator_flags, name_and_rest};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use drydock_machinery::quote;

pub const COMMAND: Command = Command {
    name: "role",
    usage: "role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a role with single rule",
    long: "Create a role with single rule.",
    examples: "# Create a role named \"pod-reader\" that allows user to perform \"get\", \"watch\" and \"list\" on pods\nkubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods\n\n# Create a role named \"foo\" with SubResource specified\nkubectl create role foo --verb=get,list,watch --resource=pods,pods/status",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

/// Shared with `create clusterrole`.
pub const FLAGS: &[Flag] = &[
    Flag::slice("verb", '\0', "Verb that applies to the resources contained in the rule"),
    Flag::slice("resource", '\0', "Resource that the rule applies to"),
    Flag::array(
        "resource-name",
        '\0',
        "Resource in the white list that the rule applies to, repeat this flag for multiple items",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let mut generator = Generator::new(invocation)?;
    let verbs = verbs(invocation);
    let wanted = resources(invocation);
    if verbs.is_empty() {
        return Err(Error::new("at least one verb must be specified"));
    }
    if wanted.is_empty() {
        return Err(Error::new("at least one resource must be specified"));
    }
    warn(invocation, &verbs);
    let found = resolve(invocation, &mut generator, &wanted)?;
    let names = invocation.list("resource-name");
    let object = rbac::role("Role", &name, generator.namespace(), rbac::rules(&verbs, &found, &names, &[]));
    let place = Place {
        prefix: "/apis/rbac.authorization.k8s.io/v1",
        plural: "roles",
        namespaced: true,
        failure: "",
    };
    generator.finish(invocation, object, place)
}

/// The verbs, each once; `*` stands for all.
pub fn verbs(invocation: &Invocation<'_, '_>) -> Vec<String> {
    let mut verbs: Vec<String> = Vec::new();
    for verb in invocation.list("verb") {
        if verb == "*" {
            return vec![verb];
        }
        if !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }
    verbs
}

/// The resources as typed, each once.
pub fn resources(invocation: &Invocation<'_, '_>) -> Vec<String> {
    let mut wanted: Vec<String> = Vec::new();
    for resource in invocation.list("resource") {
        if !wanted.contains(&resource) {
            wanted.push(resource);
        }
    }
    wanted
}

/// Warns of verbs no resource has.
pub fn warn(invocation: &mut Invocation<'_, '_>, verbs: &[String]) {
    for verb in verbs.iter().filter(|v| !VERBS.contains(&v.as_str())) {
        invocation.eprint(&format!("Warning: '{verb}' is not a standard resource verb\n"));
    }
}

/// Finds the groups of `deployments.apps`, `pods/log`, `*`.
///
/// # Errors
/// `the server doesn't have a resource type "bogus"`, without the usual `error:`.
pub fn resolve(
    invocation: &mut Invocation<'_, '_>,
    generator: &mut Generator,
    wanted: &[String],
) -> Result<Vec<Resource>, Error> {
    let mut found = Vec::new();
    for word in wanted {
        let (resource, subresource) = match word.split_once('/') {
            Some((resource, sub)) => (resource, format!("/{sub}")),
            None => (word.as_str(), String::new()),
        };
        if resource == "*" {
            found.push(Resource { group: "*".into(), resource: format!("*{subresource}") });
            continue;
        }
        if resource.is_empty() {
            return Err(Error::new("resource must be specified if apiGroup/subresource specified"));
        }
        let discovery = generator.client.discover(invocation.sys)?;
        let Some(hit) = discovery.resolve(resource) else {
            let shown = quote::go(resource.split('.').next().unwrap_or(resource));
            return Err(Error::raw(format!("the server doesn't have a resource type {shown}\n")));
        };
        found.push(Resource { group: hit.group.clone(), resource: format!("{}{subresource}", hit.plural) });
    }
    Ok(found)
}
